"""The Patch tab: four pictures, beta and a seed, or a drag, become a patched image and its mixed label."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from itertools import count
from typing import Any

import gradio as gr

from ...errors import InputError
from ...figures.density import density
from ..events import LIVE
from ..link import Part
from ..patching import BETA, SEED, SLOTS, parse_seed, pictures_of, plan_of
from ..picker import browse, picker
from ..services import Services
from ..static_files import static

AHEAD = 401  # places of the slider
MARKS, PAPER = (0.01, 0.1, 0.3, 1, 10, 100), 0.3
OPENING = {"slots": SLOTS, "active": 0, "beta": BETA, "seed": SEED, "moved": None}
LINKED = ("images", "beta", "seed", "boundary", "crops")  # parameters of a link
SCRIPTS = ("plan.js", "bench.js", "patch.js", "controls.js", "drag.js", "steps.js")
WRITE_LINK = """given => (({slots, beta, seed, moved}) => ({
  images: slots.map(slot => slot.startsWith("upload:") ? "" : slot.replace(/^sample:/, "")).join(","),
  beta, seed, boundary: moved?.boundary.join(","), crops: moved?.corners.map(([top, left]) => [left, top]).join(","),
}))(document.rxPatch?.state || given)"""  # what is shown, whatever is typed just now


def draw(services: Services, state: dict) -> dict:
    """What the page draws of a state {"slots", "beta", "seed", "moved", "shown"}: the plan, the boundary's density and
    the pictures, which come along unless the page shows them already; the note says what is wrong, if anything is."""
    answer = {"note": ""}
    try:
        if state.get("shown") != state["slots"]:
            pictures = pictures_of(services, state["slots"])
            answer["images"] = [{"id": p.id, "name": p.name, "src": p.exact_uri} for p in pictures]
        plan = plan_of(state["beta"], state["seed"], state.get("moved"))
    except InputError as error:  # the last good picture stays
        return answer | {"note": str(error)}
    drawn = {"size": plan.size, "boundary": plan.boundary, "corners": plan.corners}
    return answer | {"plan": drawn, "beta": str(state["beta"]), "density": density(float(state["beta"]))}


def draw_ahead(seed: Any, betas: list[str]) -> list[dict]:
    """The draws of one seed at many betas, each as in `draw`'s plan: for the page to show while its slider moves."""
    if len(betas) > AHEAD:
        raise InputError(f"at most {AHEAD} betas are drawn ahead; got {len(betas)}")
    plans = [plan_of(beta, seed) for beta in betas]
    return [{"boundary": plan.boundary, "corners": plan.corners} for plan in plans]


def read_link(services: Services, got: dict[str, str]) -> tuple[dict, list[str]]:
    """The state of a link's parameters, each of which may be missing or bad: then it keeps its default."""
    state, sentences = dict(OPENING), []
    if "crops" in got and "boundary" not in got:
        sentences.append("crops must come with the boundary that they were moved with; there is none")
    readers: list[Callable[[], dict]] = [
        lambda: {"slots": _read_images(services, got["images"])} if "images" in got else {},
        lambda: {"beta": got["beta"]} if "beta" in got and plan_of(got["beta"], SEED) else {},
        lambda: {"seed": str(parse_seed(got["seed"]))} if "seed" in got else {},
        lambda: {"moved": _read_moved(got["boundary"], got.get("crops", ""))} if "boundary" in got else {},
    ]
    for read in readers:
        try:
            state |= read()
        except InputError as error:
            sentences.append(str(error))
    return state, sentences


def _read_images(services: Services, text: str) -> list[str]:
    """Slots from tench-1,church-2,…; an empty one, which was an upload, is filled as when the page opens."""
    keys = [key if ":" in key or not key else f"sample:{key}" for key in text.split(",")]
    if len(keys) != 4:
        raise InputError(f"images must name four pictures; got {len(keys)}")
    for key in keys:
        if key and key not in services.pictures.files:
            raise InputError(f"images must be pictures of the gallery; got {key.removeprefix('sample:')!r}")
    return [key or SLOTS[k] for k, key in enumerate(keys)]


def _read_moved(boundary: str, crops: str) -> dict:
    """A moved plan from w,h and x_1,y_1,…,x_4,y_4."""
    words = f"{boundary},{crops}".split(",")
    if len(words) != 10 or not all(word.isascii() and word.isdigit() and len(word) < 6 for word in words):
        raise InputError(f"boundary must be 2 and crops 8 whole pixels; got {boundary!r} and {crops!r}")
    w, h, *places = map(int, words)
    moved = {"boundary": [w, h], "corners": [[places[k + 1], places[k]] for k in range(0, 8, 2)]}
    plan_of(BETA, SEED, moved)
    return moved


@dataclass(frozen=True)
class PatchTab:
    """The components that other parts of the page refer to. `look` is a listener: someone asks what networks see."""

    state: gr.HTML
    look: Callable
    part: Part


def build(services: Services) -> PatchTab:
    """Lay out the tab and wire it."""

    def draw_state(state: dict) -> dict:
        return draw(services, state)

    def draws(asked: dict) -> dict:
        try:
            return {"plans": draw_ahead(asked["seed"], asked["betas"])}
        except InputError:  # told by `draw`
            return {"plans": []}

    asked = count()

    def read(got: dict[str, str]) -> tuple[Any, list[str]]:
        opened, sentences = read_link(services, got)
        if "images" not in got:
            del opened["slots"]  # those that are shown stay
        return gr.update(opened=opened | {"asked": next(asked)}), sentences  # an equal link is followed anew, too

    draw_state.__name__ = "draw"
    state = gr.HTML(
        OPENING,
        opened=None,
        marks=MARKS,
        paper=PAPER,
        html_template=static("patch.html"),
        js_on_load=static(*SCRIPTS),
        server_functions=[draw_state, draws],
        apply_default_css=False,
        elem_id="rx-patch",
    )
    gallery = picker(services.pictures, "Choose a picture for the marked slot", "rx-gallery")
    gallery.browse(browse(services.pictures), gallery, gallery, **LIVE)
    return PatchTab(state, state.submit, Part(LINKED, state, WRITE_LINK, read))
