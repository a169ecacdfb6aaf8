"""The whole figure of a draw on one sheet: four sources with their crops, the patched image, the mixed label."""

from __future__ import annotations

from collections.abc import Sequence
from io import BytesIO
from threading import Lock
from typing import TYPE_CHECKING

import numpy as np
from PIL import Image

from ..words import percent
from .colour import REGION_COLOURS, REGION_INKS
from .density import PLACES, densities, tallest

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from ..mixing import RicapPlan


ALONE = Lock()  # matplotlib's settings are the whole process's


def sheet(
    plan: RicapPlan,
    pictures: Sequence[Image.Image],
    names: Sequence[str],
    patched: Image.Image,
    shares: Sequence[tuple[str, float]],
    beta: float,
    kind: str,
) -> bytes:
    """An SVG or PDF file. pictures, names: of regions 1 to 4; shares: (class, share of the label)."""
    from matplotlib import rc_context
    from matplotlib.figure import Figure

    figure = Figure(figsize=(11, 4.2), layout="constrained")
    grid = figure.add_gridspec(2, 4, width_ratios=(1, 1, 2.1, 2))
    for k, picture in enumerate(pictures):
        _source(figure.add_subplot(grid[k // 2, k % 2]), k, plan, picture, names[k])
    _patched(figure.add_subplot(grid[:, 2]), plan, patched)
    _label(figure.add_subplot(grid[0, 3]), plan, names, shares)
    _density(figure.add_subplot(grid[1, 3]), plan, beta)
    buffer = BytesIO()
    with ALONE, rc_context({"svg.hashsalt": "ricap"}):  # the same file twice
        figure.savefig(buffer, format=kind, metadata={"Date": None} if kind == "svg" else {"CreationDate": None})
    return buffer.getvalue()


def _source(axes: Axes, k: int, plan: RicapPlan, picture: Image.Image, name: str) -> None:
    from matplotlib.patches import Rectangle

    region, colour = plan.patches[k], REGION_COLOURS[k]
    pixels = np.asarray(picture) * 0.4
    pixels[region.crop.index] = np.asarray(picture)[region.crop.index]
    axes.imshow(pixels.astype(np.uint8), interpolation="none", extent=(0, plan.size[1], plan.size[0], 0))
    if region.weight:
        box = region.crop
        axes.add_patch(Rectangle((box.left, box.top), box.width, box.height, fill=False, edgecolor=colour, linewidth=2))
    axes.set_title(f"{k + 1} {name}: {percent(region.weight)}", fontsize=9, parse_math=False)
    axes.set_axis_off()


def _patched(axes: Axes, plan: RicapPlan, patched: Image.Image) -> None:
    (height, width), (w, h) = plan.size, plan.boundary
    axes.imshow(patched, interpolation="none", extent=(0, width, height, 0))
    for number, (region, colour, ink) in enumerate(zip(plan.patches, REGION_COLOURS, REGION_INKS, strict=True), 1):
        if min(region.paste.width / width, region.paste.height / height) > 0.1:
            axes.text(
                region.paste.left + 0.03 * width, region.paste.top + 0.03 * height, number, va="top", weight="bold",
                color=ink, bbox={"facecolor": colour, "edgecolor": "none", "pad": 3},
            )  # fmt: skip
    axes.axvline(w, color="white", linewidth=1)
    axes.axhline(h, color="white", linewidth=1)
    axes.set_title(f"boundary w = {w}, h = {h} of {width} × {height} pixels", fontsize=10)
    axes.set_axis_off()


def _label(axes: Axes, plan: RicapPlan, names: Sequence[str], shares: Sequence[tuple[str, float]]) -> None:
    left = 0.0
    for region, colour in zip(plan.patches, REGION_COLOURS, strict=True):
        axes.barh(1, region.weight, left=left, color=colour, height=0.5)
        left += region.weight
    lines = [f"W{k} = {p.weight:.3f}  {name}" for k, (name, p) in enumerate(zip(names, plan.patches, strict=True), 1)]
    terms = [f"{share:.3f} {name}" for name, share in shares if share > 0]
    text = "\n".join([*lines, "", "c = " + "\n   + ".join(terms)])
    axes.text(0, 0.6, text, va="top", fontsize=9, parse_math=False)
    axes.set(xlim=(0, 1), ylim=(-2.2, 1.4), title="mixed label")
    axes.set_axis_off()


def _density(axes: Axes, plan: RicapPlan, beta: float) -> None:
    (height, width), (w, h) = plan.size, plan.boundary
    axes.fill_between(PLACES, np.minimum(densities(beta), tallest(beta)), color="#6366f1", alpha=0.25)
    axes.axvline(w / width, color="#b45309", linestyle="--", label=f"w′ = {w / width:.2f}")
    axes.axvline(h / height, color="#0369a1", linestyle="--", label=f"h′ = {h / height:.2f}")
    axes.set(xlim=(0, 1), ylim=(0, None), yticks=[])
    axes.set_title(f"density of Beta({beta:.3g}, {beta:.3g})", fontsize=10)
    axes.legend(fontsize=8, framealpha=1, edgecolor="none")  # over the lines that may run beneath
