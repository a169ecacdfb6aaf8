"""The CAM tab: one image, several networks side by side, where each of them looks."""

from __future__ import annotations

from dataclasses import dataclass, replace
from html import escape
from typing import Any

import gradio as gr

from ...cam.methods import CAM_METHODS, LAYERS
from ...classes import IMAGENETTE
from ...errors import InputError
from ...figures.colour import COLOUR_MAPS, OPACITY, SCALES
from ...titles import data_title, recipe_title
from ...words import several
from ...zoo import Checkpoint
from .. import link
from ..cam import crops, hiding, many, own, takeaway, truth
from ..cam.linked import link_parts
from ..cam.looking import OWN, Looks, Question, look, picture_of, question_of, style_of
from ..events import LIVE, MODELS
from ..picker import browse, picker
from ..pictures import CANVAS
from ..services import Services
from ..static_files import static

SLOW = ("scorecam",)
FEW = 20  # classes that are named
TARGET = """
<div class="rx-target">${typeof src === "string" && src ? '<img alt="" src="' + src + '">' : ''}
  <div><h2>Image</h2><p>${typeof name === "string" ? name : ""}</p></div></div>
"""
CHOSEN = 'document.dispatchEvent(new CustomEvent("rx-chosen", { detail: "rx-cam-gallery" }));'  # overtakes an upload
TO_LOOKS = """const looks = document.querySelector("#rx-looks");
  if (looks?.getBoundingClientRect().top < 0) looks.scrollIntoView();"""  # there is none before the tab is first opened
PATCH_SHOWN = f"""state => {{
  {CHOSEN}
  {TO_LOOKS}
  const {{slots, beta, seed, moved}} = document.rxPatch?.state || state;
  return {{patch: {{slots, beta, seed, moved}}}};
}}"""  # the image to look at is what the Patch tab shows
PICKED = f"""gallery => {{
  {TO_LOOKS}
  return {{picture: gallery.picked}};
}}"""


def render(looks: Looks, *drawn: Any) -> str:
    """The looks as HTML; drawn: as in `style_of`."""
    from ...figures.focus import focus_section
    from ...figures.looks import model_cards

    style = style_of(*drawn)
    seen, known = looks.picture, looks.checkpoints[0].card["classes"]
    page = model_cards(looks.photo, looks.views, [describe(checkpoint) for checkpoint in looks.checkpoints], style)
    parts = [part for part in seen.parts if part.name in known]
    if parts:
        page += focus_section(looks.photo, (CANVAS, CANVAS), parts, looks.views, style)
    unknown = ", ".join(escape(part.name) for part in seen.parts if part.name not in known)
    if unknown:
        page += f'<p class="rx-hint">No map of {unknown}: the networks know no class of that name.</p>'
    count = several(len(looks.views), "network")
    return f'{page}{_known(known)}<p class="rx-hint rx-time">{count} in {1000 * looks.seconds:.0f} ms</p>'


def _known(classes: list[str]) -> str:
    """What the networks can answer at all."""
    named = f": {escape(', '.join(classes))}" if len(classes) <= FEW else ""
    told = f"They know {len(classes)} classes{named}. Of anything else they name the likeliest of these."
    return f'<p class="rx-hint rx-origin">{told}</p>'


def describe(checkpoint: Checkpoint) -> str:
    """A line about a network: its test error, how and on what it was trained, and the size of image that it sees."""
    card = checkpoint.card
    hardware = "a CPU" if card["hardware"].startswith("CPU") else card["hardware"]
    return (
        f"{card['test_error']:.2f} % test error on {data_title(card)}; {recipe_title(card)}, on {hardware}; "
        f"sees {card['image_size']} × {card['image_size']} px"
    )


def show(services: Services, asked: Question, *drawn: Any) -> tuple:
    """What the page shows of a target: (its preview, looks, maps alone, note). A bad input leaves the last good looks.

    drawn: as in `style_of`.
    """
    from ...figures.looks import map_rows

    preview = gr.skip()
    try:
        seen = picture_of(services, asked.target)
        preview = gr.update(src=seen.uri, name=escape(seen.name))
        looks = look(services, asked, seen)
        return preview, render(looks, *drawn), map_rows(looks.photo, looks.views, style_of(*drawn)), ""
    except InputError as error:
        return preview, gr.skip(), gr.skip(), escape(str(error))


def class_menu(services: Services, names: list[str], class_name: str) -> tuple[Any, str]:
    """The menu of the classes that the chosen networks know, and the chosen one; where they do not know that, none."""
    try:
        classes = services.models.choose(names)[0].card["classes"]
    except InputError:  # told by `show`
        return gr.skip(), class_name
    chosen = class_name if class_name in classes else OWN
    return gr.update(choices=[OWN, *classes], value=chosen), chosen


@dataclass(frozen=True)
class CamTab:
    """The components that other parts of the page refer to."""

    target: gr.HTML
    patched: gr.Button
    show: dict[str, Any]  # an event's arguments: look at the target
    parts: list[link.Part]  # what the tab contributes to the page's link


def build(services: Services) -> CamTab:
    """Lay out the tab and wire it."""
    with gr.Row(elem_classes="rx-columns"):
        with gr.Column(scale=0, min_width=272, elem_classes="rx-side") as side:
            target = _target(services.opening)
            patched = gr.Button("Look at the patched image", size="sm", elem_id="rx-use-patch")
            models, method, class_name = _asked(services)
            style = _style()
            opacity = gr.Slider(
                0, 1, OPACITY, step=0.05, label="Heatmap opacity", interactive=True, elem_id="rx-opacity"
            )
            with gr.Accordion("Layer, cells, contour", open=False, elem_id="rx-finer"):
                layer, *finer = _finer()
            for problem in services.models.problems:
                gr.HTML(f'<p class="rx-hint">Not loaded: {escape(problem)}</p>', apply_default_css=False)
        with gr.Column(min_width=300, elem_classes="rx-main"):
            note = gr.HTML("", html_template='<p class="rx-alert" role="alert">${value}</p>', elem_id="rx-cam-note")
            looks = gr.HTML(
                '<div class="rx-empty rx-hint" role="status">The networks are looking …</div>',
                js_on_load=static("phone.js", "looks.js"),
                elem_id="rx-looks",
                apply_default_css=False,
            )
            kind = services.opening.partition(":")[0]
            gallery = picker(services.pictures, "Choose an image to look at", "rx-cam-gallery", kind)
    with side:
        mine, added = own.build(services, models)
    maps = gr.HTML("", js_on_load=static("wipe.js"), elem_id="rx-maps", apply_default_css=False)
    asked, style = [mine, target, models, method, class_name, layer], [*style, *finer]
    inputs = [*asked, *style]
    hiding.build(services, asked, looks)
    truth.build(services, asked, looks)
    crops.build(services, asked, style, looks)
    differing = many.build(services, mine, models, method, layer)
    takeaway.build(services, asked, opacity, style, looks)

    def shown(known: dict[str, Checkpoint], *values: Any) -> tuple:
        plus, menu, (question, drawn) = services.plus(known), gr.skip(), question_of(values)
        if len({tuple(one.card["classes"]) for one in plus.models.checkpoints.values()}) > 1:
            menu, chosen = class_menu(plus, question.models, question.class_name)
            question = replace(question, class_name=chosen)
        return *show(plus, question, *drawn), menu

    show_target = {
        "fn": shown,
        "inputs": inputs,
        "outputs": [target, looks, maps, note, class_name],
        "show_progress": "hidden",
        **MODELS,
    }
    gr.on(
        [opacity.input, opacity.change], None, opacity, None,
        js="v => document.documentElement.style.setProperty('--heat', v)",
    )  # fmt: skip
    gr.on(
        [setting.input for setting in inputs[2:]],
        lambda *v: shown(*v)[1:],
        inputs,
        [looks, maps, note, class_name],
        show_progress="minimal",
        **MODELS,
    )
    added.success(**show_target)
    target.submit(**show_target)
    # The target changes in the browser, at once: a setting that changes meanwhile is for the new one.
    gallery.pick(None, gallery, target, js=PICKED).then(**show_target)
    differing.pick(None, differing, target, js=f"gallery => {{ {CHOSEN} return {{picture: gallery.picked}}; }}").then(
        **show_target
    )
    gallery.browse(browse(services.pictures), gallery, gallery, **LIVE)
    return CamTab(target, patched, show_target, link_parts(services, target, inputs[2:], opacity))


def _target(opening: str) -> gr.HTML:
    """The image being looked at, small; its value is what `picture_of` takes."""
    return gr.HTML(
        {"picture": opening},
        src="",
        name="",
        html_template=TARGET,
        js_on_load=static("target.js"),
        apply_default_css=False,
        elem_id="rx-target",
    )


def _asked(services: Services) -> list[gr.components.Component]:
    """Models, method, class to explain."""
    models = services.models
    choices = [(checkpoint.title, name) for name, checkpoint in models.checkpoints.items()]
    shown = models.default()
    classes = models.checkpoints[shown[0]].card["classes"] if shown else IMAGENETTE.values()
    methods = [(title + (" (slow)" if key in SLOW else ""), key) for key, title in CAM_METHODS.items()]
    return [
        gr.CheckboxGroup(choices, value=models.default(), label="Networks", elem_id="rx-models"),
        gr.Dropdown(methods, value="cam", label="CAM method", elem_id="rx-method"),
        gr.Dropdown([OWN, *classes], value=OWN, label="Class to explain", elem_id="rx-class"),
    ]


def _style() -> list[gr.components.Component]:
    """Scale, colours: what `style_of` takes first."""
    return [
        gr.Radio(
            [(title, key) for key, title in SCALES.items()], value="mass", label="Colour scale", elem_id="rx-scale"
        ),
        gr.Dropdown(list(COLOUR_MAPS), value="viridis", label="Colours", elem_id="rx-colours"),
    ]


def _finer() -> list[gr.components.Component]:
    """Layer, then what `style_of` takes last: cells, contour."""
    return [
        gr.Dropdown([(title, key) for key, title in LAYERS.items()], value="last", label="Layer"),
        gr.Checkbox(False, label="The map’s own cells", elem_id="rx-squares"),
        gr.Slider(0, 0.95, 0, step=0.05, label="Contour, share of the scale", interactive=True),
    ]
