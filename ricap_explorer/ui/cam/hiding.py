"""Hide the hot spot: what every network answers when the hottest part of its own map, or of all maps, is hidden."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

import gradio as gr

from ...errors import InputError, choose
from ...zoo import Checkpoint
from ..events import MODELS
from ..pictures import Picture
from ..services import Services
from .looking import Question, look, ready
from .section import section, told

if TYPE_CHECKING:
    import numpy as np

    from ...cam import View
    from ...figures.hidden import Hidden

SHARE = 20  # % at first
HIDDEN_BY = {"own": "its own map", "all": "all maps together"}
ABOUT = (
    '<p class="rx-hint">Each network loses the hottest part of its own map. One that leans on a single part of the '
    "object falls far; one that uses several parts falls less, but so does one that bears any part’s loss, or whose "
    "map points elsewhere. All maps together hide the same from every network: what is hottest in the mean of their "
    "maps, each in multiples of its own mean.</p>"
)


def hide_hot_spot(services: Services, asked: Question, percent: Any, fill: str, by: str = "own") -> str:
    """The section's content for hiding the hottest `percent` of the picture; InputError for bad input.

    by: see HIDDEN_BY.
    """
    from ...figures.hidden import hidden_columns

    if not (isinstance(percent, int | float) and 0 <= percent <= 95):
        raise InputError(f"the hidden part must be from 0 to 95 %; got {percent}")
    choose("hidden by", by, HIDDEN_BY)
    start = time.perf_counter()
    looks = look(services, asked)
    orders = [view.maps[:1] for view in looks.views]
    if by == "all":
        orders = [_together(orders)] * len(orders)
    cells = [
        hidden(services, looks.picture, checkpoint, view, order, percent / 100, fill)
        for checkpoint, view, order in zip(looks.checkpoints, looks.views, orders, strict=True)
    ]
    return hidden_columns(cells, time.perf_counter() - start)


def _together(maps: list[np.ndarray]) -> np.ndarray:
    """What maps (1, h, w) of any grid call hot together, (1, H, W)."""
    import torch

    from ...cam.hide import together

    size = tuple(max(sides) for sides in zip(*(each.shape[1:] for each in maps), strict=True))
    return together([torch.from_numpy(each) for each in maps], size).numpy()


def hidden(
    services: Services, seen: Picture, checkpoint: Checkpoint, view: View, order: np.ndarray, share: float, fill: str
) -> Hidden:
    """One network's answer to the picture with the hottest share of a map (1, h, w) filled in; none where that has no
    order, or the network gives no numbers."""
    import numpy as np
    import torch

    from ...cam import problem
    from ...cam.hide import hide, probabilities
    from ...data.normalise import denormalise
    from ...figures.hidden import Hidden

    if problem(order[0]) or not np.isfinite(view.maps[0]).all():
        return Hidden(view, None, None)
    with services.models.lock:
        model, batch = ready(services, seen, checkpoint)
        filled = hide(batch, torch.from_numpy(order), share, fill)
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
            by = gr.Radio([(title, key) for key, title in HIDDEN_BY.items()], value="own", label="Hidden by")
            fill = gr.Radio(
                [(title, key) for key, title in FILLS.items()],
                value="mean",
                label="Filled with",
            )
        shown = gr.HTML("", elem_id="rx-hidden", apply_default_css=False)
    inputs = [*asked, share, fill, by]

    def compute(*values: Any) -> str:
        return told(hide_hot_spot, services, *values)

    gr.on([share.input, fill.input, by.input, fold.expand], compute, inputs, shown, show_progress="hidden", **MODELS)
    fold.follow(looks, compute, inputs, shown)
