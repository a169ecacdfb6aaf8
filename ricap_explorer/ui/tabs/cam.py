"""The CAM tab: one image, several networks side by side, where each of them looks."""

from __future__ import annotations

import time
from dataclasses import dataclass
from html import escape
from typing import TYPE_CHECKING, Any

import gradio as gr

from ...cam.methods import CAM_METHODS
from ...classes import IMAGENETTE
from ...errors import InputError, choose
from ...figures.colour import COLOUR_MAPS
from ...figures.encode import jpeg_uri
from ...zoo import Checkpoint
from ..picker import browse, picker
from ..pictures import CANVAS
from ..services import Services
from .patch import LIVE, patch

if TYPE_CHECKING:
    from PIL import Image

    from ...cam import View
    from ...figures.looks import Part

OPENING = {"picture": "sample:tench-3"}
OWN = "each model's own answer"
SCALES = ("own", "shared")
SLOW = ("scorecam",)
MODELS = {"queue": True, "concurrency_id": "models", "concurrency_limit": 1, "trigger_mode": "always_last"}


@dataclass(frozen=True)
class Subject:
    """The image to look at: the picture itself, its data URI, a name, and the parts of a patched image."""

    image: Image.Image
    uri: str
    name: str
    parts: tuple[Part, ...] = ()


@dataclass(frozen=True)
class Looks:
    """What the chosen networks see in a subject. Views explain one class, then the parts' classes if there are any."""

    subject: Subject
    checkpoints: list[Checkpoint]
    views: list[View]
    seconds: float


def subject(services: Services, target: dict) -> Subject:
    """The image that a target names: {"picture": id}, or {"patch": {"slots", "beta", "seed"}}."""
    if "patch" not in target:
        picture = services.pictures.get(target.get("picture"))
        return Subject(picture.image, picture.uri, picture.name)
    from ...figures.looks import Part

    patched = patch(services, **target["patch"])
    parts = []
    for name, share in patched.shares:
        found = [(k, p.paste) for k, p in enumerate(patched.plan.patches) if patched.names[k] == name and p.weight]
        if found:
            parts.append(Part(name, tuple(k for k, _ in found), tuple(box for _, box in found), share))
    return Subject(patched.image, jpeg_uri(patched.image), "the patched image", tuple(parts))


def look(services: Services, seen: Subject, names: list[str], method: str = "cam", class_name: str = OWN) -> Looks:
    """Show a subject to the chosen networks; InputError for an unknown model, method or class."""
    from ...cam import inspect
    from ...cam.compare import prepare

    choose("CAM method", method, CAM_METHODS)
    checkpoints = services.models.choose(names)
    classes = checkpoints[0].card["classes"]
    first = None if class_name == OWN else classes.index(choose("class", class_name, classes))
    wanted = [first, *(classes.index(part.name) for part in seen.parts if part.name in classes)]
    start = time.perf_counter()
    pixels = {size: prepare(seen.image, size) for size in {c.card["image_size"] for c in checkpoints}}
    views = []
    for checkpoint in checkpoints:
        with services.models.lock:
            model = services.models.load(checkpoint)
            image = pixels[checkpoint.card["image_size"]]
            views.append(inspect(model, image, checkpoint.card, wanted, method, checkpoint.title))
    return Looks(seen, checkpoints, views, time.perf_counter() - start)


def render(looks: Looks, scale: str, colours: str) -> str:
    """The looks as HTML."""
    from ...figures.looks import model_cards, part_cards

    shared = choose("scale", scale, SCALES) == "shared"
    seen, known = looks.subject, looks.checkpoints[0].card["classes"]
    notes = [describe(checkpoint) for checkpoint in looks.checkpoints]
    page = model_cards(seen.uri, seen.name, looks.views, notes, shared, colours)
    parts = [part for part in seen.parts if part.name in known]
    if parts:
        page += part_cards(seen.uri, (CANVAS, CANVAS), parts, looks.views, shared, colours)
    unknown = ", ".join(escape(part.name) for part in seen.parts if part.name not in known)
    if unknown:
        page += f'<p class="rx-hint">No map of {unknown}: the networks know no class of that name.</p>'
    count = f"{len(looks.views)} network{'s' if len(looks.views) > 1 else ''}"
    return page + f'<p class="rx-hint rx-time">{count} in {1000 * looks.seconds:.0f} ms</p>'


def describe(checkpoint: Checkpoint) -> str:
    """A line about a network: its test error, and how long and on what it was trained."""
    card = checkpoint.card
    hardware = "a CPU" if card["hardware"].startswith("CPU") else card["hardware"]
    return f"{card['test_error']:.2f} % test error on {card['dataset']}, trained {card['epochs']} epochs on {hardware}"


def show(
    services: Services, target: dict, names: list[str], method: str, class_name: str, scale: str, colours: str
) -> tuple:
    """What the page shows of a target: (its preview, looks, note). A bad input leaves the last good looks."""
    preview = gr.skip()
    try:
        seen = subject(services, target)
        preview = gr.update(src=seen.uri, name=escape(seen.name))
        looks = look(services, seen, names, method, class_name)
        return preview, render(looks, scale, choose("colours", colours, COLOUR_MAPS)), ""
    except InputError as error:
        return preview, gr.skip(), escape(str(error))


@dataclass(frozen=True)
class CamTab:
    """The components that other parts of the page refer to."""

    target: gr.HTML
    patched: gr.Button
    show: dict[str, Any]  # an event's arguments: look at the target


def build(services: Services) -> CamTab:
    """Lay out the tab and wire it."""
    with gr.Row(elem_classes="rx-columns"):
        with gr.Column(scale=0, min_width=272, elem_classes="rx-side"):
            target = _target()
            patched = gr.Button("Look at the patched image", size="sm", elem_id="rx-use-patch")
            settings = _settings(services)
            opacity = gr.Slider(0, 1, 0.55, step=0.05, label="Heatmap opacity", interactive=True, elem_id="rx-opacity")
            for problem in services.models.problems:
                gr.HTML(f'<p class="rx-hint">Not loaded: {escape(problem)}</p>', apply_default_css=False)
        with gr.Column(min_width=300, elem_classes="rx-main"):
            note = gr.HTML("", html_template='<p class="rx-alert" role="alert">${value}</p>', elem_id="rx-cam-note")
            looks = gr.HTML('<div class="rx-empty"></div>', elem_id="rx-looks", apply_default_css=False)
    gallery = picker(services.pictures, "Choose an image to look at", "rx-cam-gallery")
    inputs = [target, *settings]
    show_target = {
        "fn": lambda *v: show(services, *v),
        "inputs": inputs,
        "outputs": [target, looks, note],
        "show_progress": "hidden",
        "api_visibility": "private",
        **MODELS,
    }
    opacity.input(None, opacity, None, js="v => document.documentElement.style.setProperty('--heat', v)")
    gr.on(
        [setting.input for setting in settings],
        lambda *v: show(services, *v)[1:],
        inputs,
        [looks, note],
        show_progress="minimal",
        api_visibility="private",
        **MODELS,
    )
    # The target changes in the browser, at once: a setting that changes meanwhile is for the new one.
    gallery.pick(None, gallery, target, js="gallery => ({picture: gallery.picked})").then(**show_target)
    gallery.browse(browse(services.pictures), gallery, gallery, api_visibility="private", **LIVE)
    return CamTab(target, patched, show_target)


def _target() -> gr.HTML:
    """The image being looked at, small; its value is what `subject` takes."""
    return gr.HTML(
        OPENING,
        src="",
        name="",
        html_template="""
<div class="rx-target">${src ? '<img alt="" src="' + src + '">' : ''}<div><h2>Image</h2><p>${name}</p></div></div>""",
        apply_default_css=False,
        elem_id="rx-target",
    )


def _settings(services: Services) -> list[gr.components.Component]:
    """Models, method, class, scale, colours, in the order that `show` takes them."""
    models = services.models
    choices = [(checkpoint.title, name) for name, checkpoint in models.checkpoints.items()]
    classes = next(iter(models.checkpoints.values())).card["classes"] if models.checkpoints else IMAGENETTE.values()
    methods = [(title + (" (slow)" if key in SLOW else ""), key) for key, title in CAM_METHODS.items()]
    return [
        gr.CheckboxGroup(choices, value=models.default(), label="Models", elem_id="rx-models"),
        gr.Dropdown(methods, value="cam", label="CAM method", elem_id="rx-method"),
        gr.Dropdown([OWN, *classes], value=OWN, label="Class to explain", elem_id="rx-class"),
        gr.Radio([("own", "own"), ("shared", "shared")], value="shared", label="Colour scale", elem_id="rx-scale"),
        gr.Dropdown(list(COLOUR_MAPS), value="viridis", label="Colours", elem_id="rx-colours"),
    ]
