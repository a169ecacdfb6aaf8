"""Hide the hot spot: what every network answers when the hottest part of its own map is hidden."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

import gradio as gr

from ...errors import InputError
from ...zoo import Checkpoint
from ..pictures import Picture
from ..services import Services
from .looking import Question, look, ready
from .section import MODELS, section, told

if TYPE_CHECKING:
    from ...cam import View
    from ...figures.hidden import Hidden

SHARE = 20  # % at first
ABOUT = (
    '<p class="rx-hint">Each network loses the hottest part of its own map. One that leans on a single part of the '
    "object falls far; one that uses several parts falls less, but so does one that bears any part’s loss: the Results "
    "tab sets it beside a random part.</p>"
)


def hide_hot_spot(services: Services, asked: Question, percent: Any, fill: str) -> str:
    """The section's content for hiding the hottest `percent` of the picture; InputError for bad input."""
    from ...figures.hidden import hidden_columns

    if not (isinstance(percent, int | float) and 0 <= percent <= 95):
        raise InputError(f"the hidden part must be from 0 to 95 %; got {percent}")
    start = time.perf_counter()
    looks = look(services, asked)
    cells = [
        hidden(services, looks.picture, checkpoint, view, percent / 100, fill)
        for checkpoint, view in zip(looks.checkpoints, looks.views, strict=True)
    ]
    return hidden_columns(cells, time.perf_counter() - start)


def hidden(services: Services, seen: Picture, checkpoint: Checkpoint, view: View, share: float, fill: str) -> Hidden:
    """One network's answer to the picture with the hottest share of its map filled in; none for a map without order."""
    import torch

    from ...cam import problem
    from ...cam.hide import hide, probabilities
    from ...data.normalise import denormalise
    from ...figures.hidden import Hidden

    if problem(view.maps[0]):
        return Hidden(view, None, None)
    with services.models.lock:
        model, batch = ready(services, seen, checkpoint)
        filled = hide(batch, torch.from_numpy(view.maps[:1]), share, fill)
        after = probabilities(model, filled)[0].numpy()
    return Hidden(view, after, denormalise(filled, checkpoint.card["mean"], checkpoint.card["std"])[0])


def build(services: Services, asked: list[gr.components.Component], looks: gr.HTML) -> None:
    """Lay out the section. asked: own networks, target, models, method, class, layer, which `looks` shows."""
    from ...cam.methods import FILLS

    with section("Hide the hot spot", "rx-hide") as fold:
        gr.HTML(ABOUT, apply_default_css=False)
        with gr.Row(elem_classes="rx-asked"):
            share = gr.Slider(
                0,
                95,
                SHARE,
                step=1,
                label="Hidden, hottest % of the picture",
                interactive=True,
                elem_id="rx-hide-share",
            )
            fill = gr.Radio(
                [(title, key) for key, title in FILLS.items()],
                value="mean",
                label="Filled with",
                elem_id="rx-hide-fill",
            )
        shown = gr.HTML("", elem_id="rx-hidden", apply_default_css=False)
    inputs = [*asked, share, fill]

    def compute(*values: Any) -> str:
        return told(hide_hot_spot, services, *values)

    gr.on([share.input, fill.input, fold.expand], compute, inputs, shown, show_progress="hidden", **MODELS)
    fold.follow(looks, compute, inputs, shown)
