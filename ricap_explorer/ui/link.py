"""The link: query parameters that carry the patch, the picture, networks and runs that are chosen, and how they are
drawn, so that they open elsewhere in the same state. What a section below them asks stays behind.

A tab joins by handing `build` a `Part` for each component whose value belongs into the link. `choice`, `choices`,
`number` and `switch` make those of ordinary menus, sliders and checkboxes:

    link.choice("method", method_dropdown, list(CAM_METHODS))
    link.choices("models", checkbox_group, list(services.models.checkpoints))

and `Part` itself takes any other: `write` is JavaScript, `value => ({parameter: text})`; `read` is Python,
{parameter: text} -> (the component's update, sentences about what could not be read). A parameter that a link does not
have is not in read's argument; the component then keeps its default: `gr.skip()`. Choose parameter names that no other
tab has and short ids as values: the link is there to be read.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from html import escape
from math import nan
from typing import Any
from urllib.parse import parse_qsl

import gradio as gr

from ..errors import InputError, choose
from .events import LIVE, QUIET
from .static_files import static

NONE = "none"  # in a link: nothing of a menu of several is chosen
LINK = """
<button type="button" class="rx-chip rx-copy-link">Copy link</button>
<span class="rx-hint rx-link-said" role="status"></span>
"""


Read = Callable[[dict[str, str]], tuple[Any, list[str]]]  # see above


@dataclass(frozen=True)
class Part:
    """What one component contributes: parameters `names`, how they are written (in the browser) and read (here)."""

    names: tuple[str, ...]
    component: gr.components.Component
    write: str
    read: Read


@dataclass(frozen=True)
class Link:
    """What the link does, to go on from with `.then`. opened: the event of the page's opening.

    followed: the event of a link that is followed within the page: a document event rx-follow, its detail "?…".
    """

    opened: Any
    followed: Any


def choice(name: str, component: gr.components.Component, allowed: Sequence[str]) -> Part:
    """A menu of which one of `allowed` is chosen; its default is left out of the link."""
    default = json.dumps(component.value)
    write = f"value => value === {default} ? {{}} : {{{name}: value}}"
    return _part(name, component, write, lambda text: choose(name, text, allowed))


def choices(
    name: str,
    component: gr.components.Component,
    allowed: Sequence[str],
    default: Sequence[str] | None = None,
) -> Part:
    """A menu of which any number of `allowed` are chosen, as a,b,c; none is none. default: is left out of the link."""
    usual = json.dumps(default and ",".join(default))
    write = f'value => value.join(",") === {usual} ? {{}} : {{{name}: value.join(",") || "{NONE}"}}'

    def parse(text: str) -> list[str]:
        chosen = listed(text)
        if unknown := [one for one in chosen if one not in allowed]:
            raise InputError(f"{name} must be of those that the page lists; got {unknown[0]!r}")
        return chosen

    return _part(name, component, write, parse)


def listed(text: str) -> list[str]:
    """What `choices` writes, read: a,b,c, or none; each once."""
    return list(dict.fromkeys(one for one in text.split(",") if one)) if text != NONE else []


def number(name: str, component: gr.Slider) -> Part:
    """A slider's value; its default is left out of the link."""
    low, high, default = component.minimum, component.maximum, float(component.value)

    def parse(text: str) -> float:
        try:
            value = float(text)
        except ValueError:
            value = nan
        if not low <= value <= high:
            raise InputError(f"{name} must be a number from {low:g} to {high:g}; got {text!r}")
        return value

    return _part(name, component, f"value => value === {default:g} ? {{}} : {{{name}: String(value)}}", parse)


def switch(name: str, component: gr.Checkbox) -> Part:
    """A checkbox that is off unless the link says otherwise."""
    write = f'value => value ? {{{name}: "on"}} : {{}}'
    return _part(name, component, write, lambda text: choose(name, text, ("on", "off")) == "on")


def _part(name: str, component: gr.components.Component, write: str, parse: Callable[[str], Any]) -> Part:
    """The part of one parameter, whose text `parse` makes the component's value, or raises InputError."""

    def read(got: dict[str, str]) -> tuple[Any, list[str]]:
        try:
            return parse(got[name]) if name in got else gr.skip(), []
        except InputError as error:
            return gr.skip(), [str(error)]

    return Part((name,), component, write, read)


def read_parts(parts: Sequence[Part], params: dict[str, str]) -> tuple[list[Any], list[str]]:
    """The components' updates, and the sentences about what could not be read and keeps its default."""
    updates, sentences = [], []
    for part in parts:
        update, told = part.read({name: params[name] for name in part.names if name in params})
        updates.append(update)
        sentences += told
    return updates, sentences


def note_place() -> gr.HTML:
    """The place of the sentence about a bad link, where it is seen."""
    return gr.HTML("", html_template='<p class="rx-alert" role="alert">${value}</p>', elem_id="rx-link-note")


def copy_button() -> gr.HTML:
    """The button that copies the link."""
    return gr.HTML(
        "",
        html_template=LINK,
        js_on_load=static("plain.js", "link.js", "names.js"),
        apply_default_css=False,
        elem_id="rx-link",
    )


def build(
    page: gr.Blocks, tabs: gr.Tabs, tab_ids: Sequence[str], parts: Sequence[Part], note: gr.HTML, button: gr.HTML
) -> Link:
    """Wires both ways: the address bar follows what is shown. note: of `note_place`; button: of `copy_button`."""

    def open_link(request: gr.Request) -> list[Any]:
        return read(dict(request.query_params))

    def follow(query: str) -> list[Any]:
        """What a link names; all else stays as the visitor has it."""
        params = dict(parse_qsl(query.removeprefix("?")))
        *updates, tab, told = read(params)
        named = [any(name in params for name in part.names) for part in parts]
        kept = [update if one else gr.skip() for update, one in zip(updates, named, strict=True)]
        return [*kept, tab, told]

    def read(params: dict[str, str]) -> list[Any]:
        updates, sentences = read_parts(parts, params)
        tab = gr.skip()
        if "tab" in params:
            try:
                tab = gr.update(selected=choose("tab", params["tab"], tab_ids))
            except InputError as error:
                sentences.append(str(error))
        return [*updates, tab, escape("This link: " + "; ".join(sentences)) if sentences else ""]

    components = [part.component for part in parts]
    opened = page.load(open_link, None, [*components, tabs, note], **QUIET)
    followed = button.submit(follow, button, [*components, tabs, note], **LIVE)
    names = [name for part in parts for name in part.names]
    written = (
        f"(...values) => document.rxLink({json.dumps(names)}, [{', '.join(part.write for part in parts)}], values)"
    )
    changes = [*(component.change for component in components), tabs.change]
    gr.on(changes, None, components, None, js=written, **QUIET)
    return Link(opened, followed)
