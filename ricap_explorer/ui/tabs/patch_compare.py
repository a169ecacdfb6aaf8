"""Two sections below the draw: the same four pictures under every method, and what beta does over many draws."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import gradio as gr
import numpy as np
from PIL import Image

from ...figures import methods as method_figures
from ...figures import spread as spread_figures
from ..answers import answered
from ..patching import batch_of, parse_seed, pictures_of, plan_of, shares_of
from ..pictures import CANVAS
from ..services import Services
from ..static_files import static

if TYPE_CHECKING:
    from ...mixing import Plan, RicapPlan

BATCH = 4
DRAWS, TILE = 10_000, 96
ACROSS = 4  # draws beside each other in a mosaic
OTHER_BETAS = (0.1, 1.0, 10.0, 0.3)


def methods(services: Services, state: dict) -> str:
    """The four pictures as a batch under every method, at the state's seed, as HTML. RICAP's is the page's draw."""
    from ...data.normalise import denormalise, normalise

    pictures = pictures_of(services, state["slots"])
    pixels, labels, names = batch_of(pictures)
    images = normalise(pixels)
    columns = []
    for title, plan in method_plans(state).items():
        seen = [Image.fromarray(picture) for picture in denormalise(plan.apply(images))]
        label = [(name, share) for name, share in shares_of(plan, labels, names) if share > 0]
        columns.append(method_figures.Column(title, seen, label, plan))
    return method_figures.row(columns, [picture.name for picture in pictures])


def method_plans(state: dict) -> dict[str, Plan]:
    """A plan of every method for a batch of the four pictures; each draws from the state's seed anew."""
    from ...mixing import METHODS, RicapPlan

    drawn, seed = plan_of(state["beta"], state["seed"], state.get("moved")), parse_seed(state["seed"])
    turned = tuple(tuple((k + i) % BATCH for i in range(BATCH)) for k in range(BATCH))  # a partner is the next image
    plans = {"ricap": RicapPlan(drawn.size, drawn.boundary, drawn.corners, turned)}
    for name in method_figures.SENTENCES.keys() - plans:
        method, rng = METHODS[name](), np.random.default_rng(seed)
        plans[name] = method.plan(BATCH, (CANVAS, CANVAS), rng, sources=turned[: method.mixes])
    return {name: plans[name] for name in method_figures.SENTENCES}


def betas(services: Services, state: dict) -> str:
    """Three betas side by side, the state's first, as HTML: density, sixteen draws, and counts over 10,000 draws."""
    from ...mixing.checks import check_concentration

    beta, seed = check_concentration("beta", state["beta"]), parse_seed(state["seed"])
    pictures = pictures_of(services, state["slots"])
    tiles = np.stack([np.asarray(p.image.resize((TILE, TILE), Image.Resampling.BILINEAR)) for p in pictures])
    others = [other for other in OTHER_BETAS if abs(other - beta) > 0.05 * other][:2]
    columns = []
    for shown in (beta, *others):
        largest, visible = spread(shown, seed)
        columns.append(spread_figures.Column(shown, seed, mosaic(tiles, shown, seed), largest, visible))
    return spread_figures.columns(columns)


def spread(beta: float, seed: int, count: int = DRAWS) -> tuple[np.ndarray, np.ndarray]:
    """Over many draws: the largest weight of each, and how many regions hold at least 1 % of the area."""
    from ...mixing.ricap import draw_weights

    weights = draw_weights(beta, seed, CANVAS, count)
    return weights.max(axis=0), (weights >= 0.01).sum(axis=0)


def mosaic(tiles: np.ndarray, beta: float, seed: int) -> Image.Image:
    """Sixteen draws from this seed on as one picture: (4, S, S, 3) uint8 tiles -> a 4 x 4 grid of patched tiles."""
    from ...mixing.ricap import draw_one

    side = tiles.shape[1]
    grid = np.full((ACROSS * (side + 4) - 4, ACROSS * (side + 4) - 4, 3), 255, np.uint8)
    for k in range(ACROSS * ACROSS):
        top, left = (side + 4) * (k // ACROSS), (side + 4) * (k % ACROSS)
        write(draw_one(beta, seed + k, side), tiles, grid[top : top + side, left : left + side])
    return Image.fromarray(grid)


def write(plan: RicapPlan, tiles: np.ndarray, out: np.ndarray) -> None:
    """Patch (4, H, W, 3) tiles into (H, W, 3) `out`, without a detour over tensors."""
    for tile, region in zip(tiles, plan.patches, strict=True):
        out[region.paste.index] = tile[region.crop.index]


def build(services: Services) -> gr.HTML:
    """Lay out both sections. They compute only while they are on the screen."""

    def compare(state: dict) -> dict[str, Any]:
        return answered(lambda: {"html": methods(services, state)})

    def many(state: dict) -> dict[str, Any]:
        return answered(lambda: {"html": betas(services, state)})

    return gr.HTML(
        None,
        html_template=static("compare.html"),
        js_on_load=static("compare.js"),
        server_functions=[compare, many],
        apply_default_css=False,
        elem_id="rx-compare",
    )
