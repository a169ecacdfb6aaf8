"""Does the map tell the truth? Drop, increase, deletion, insertion and ROAD of every network's map of the picture."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

import gradio as gr

from ...zoo import Checkpoint
from ..events import MODELS
from ..pictures import Picture
from ..services import Services
from .looking import Question, look, ready
from .section import section, told

if TYPE_CHECKING:
    from ...cam import View
    from ...figures.truth import Truth

ABOUT = (
    '<p class="rx-hint">Hide or show what a map points at, and see how the probability of its class changes. '
    "Each network is tested with its own map; compare a network’s numbers across methods and layers too.</p>"
)


def try_maps(services: Services, asked: Question, road: bool = False) -> str:
    """The section's content, as HTML; what was just measured is not measured again. InputError for bad input."""
    from ...figures.truth import truth_section

    start = time.perf_counter()
    looks = look(services, asked)
    found = [
        services.models.recent.get(
            ("truth", looks.picture.id, checkpoint.path, asked.method, asked.layer, view.classes[0], road),
            lambda checkpoint=checkpoint, view=view: measure(services, looks.picture, checkpoint, view, road),
        )
        for checkpoint, view in zip(looks.checkpoints, looks.views, strict=True)
    ]
    return truth_section(looks.views, found, time.perf_counter() - start)


def measure(services: Services, seen: Picture, checkpoint: Checkpoint, view: View, with_road: bool) -> Truth | None:
    """One network's numbers; None for a map that is not finite or positive nowhere."""
    import torch

    from ...cam import problem
    from ...cam.faith import curves, drop_and_increase, road
    from ...figures.truth import Truth

    if problem(view.maps[0]):
        return None
    with services.models.lock:
        model, batch = ready(services, seen, checkpoint)
        given = (model, batch, torch.from_numpy(view.maps[:1]), torch.tensor(view.classes[:1]))
        drop, increase = drop_and_increase(*given)
        score = float(road(*given)[0]) if with_road else None
        return Truth(float(drop[0]), bool(increase[0]), curves(*given), score)


def build(services: Services, asked: list[gr.components.Component], looks: gr.HTML) -> None:
    """Lay out the section. asked: own networks, target, models, method, class, layer, which `looks` shows."""
    with section("Does the map tell the truth?", "rx-truth") as fold:
        gr.HTML(ABOUT, apply_default_css=False)
        with_road = gr.Checkbox(False, label="ROAD too (seconds for each network)")
        shown = gr.HTML("", elem_id="rx-truths", apply_default_css=False)
    inputs = [*asked, with_road]

    def compute(*values: Any) -> Any:
        return told(try_maps, services, *values)

    gr.on([with_road.input, fold.expand], compute, inputs, shown, show_progress="minimal", **MODELS)
    fold.follow(looks, compute, inputs, shown)
