"""What beta does over many draws, as HTML and SVG: density, sixteen draws, largest weight, images in sight."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from PIL import Image

from ..words import percent
from .density import CUT, PLACES, SPIKE, beta_density, densities
from .encode import jpeg_uri

WIDTH, HEIGHT, BASE = 400, 96, 76
BINS = 30
LEAST = 3.0  # a density's height that is always in sight


@dataclass(frozen=True)
class Column:
    """One beta: sixteen draws from `seed` on as a picture; of many draws the largest weight and the images in sight."""

    beta: float
    seed: int
    mosaic: Image.Image
    largest: np.ndarray
    visible: np.ndarray


def columns(shown: Sequence[Column]) -> str:
    """The betas side by side; the first one is the page's own, and its sixteen draws can be chosen."""
    peaks = [beta_density(0.5, min(column.beta, SPIKE)) for column in shown if column.beta > 1]
    cards = (_card(column, k == 0, max([LEAST, *peaks])) for k, column in enumerate(shown))
    return f'<div class="rx-betas">{"".join(cards)}</div>'


def _card(column: Column, own: bool, top: float) -> str:
    beta = f"{column.beta:.3g}"
    return (
        f'<section class="rx-card"><h3>β = {beta}{" <small>as above</small>" if own else ""}</h3>'
        f"{_density(column.beta, top)}<h4>Sixteen draws{', click one to look at it' if own else ''}</h4>"
        f'<div class="rx-mosaic"><img src="{jpeg_uri(column.mosaic, 85)}" alt="Sixteen draws at β = {beta}" '
        f'width="{column.mosaic.width}" height="{column.mosaic.height}">{_choices(column) if own else ""}</div>'
        f"<h4>Largest W<sub>k</sub> <small>mean {column.largest.mean():.2f}</small></h4>{histogram(column.largest)}"
        f"<h4>Images in sight <small>at least 1 % of the area</small></h4>{_counts(column.visible)}</section>"
    )


def _choices(column: Column) -> str:
    return "".join(
        f'<button type="button" data-seed="{column.seed + k}" aria-label="Draw of seed {column.seed + k}"></button>'
        for k in range(16)
    )


def _density(beta: float, top: float) -> str:
    """The density up to `top`, so that several can be compared; what is higher leaves the drawing."""
    heights = [min(y / top * (BASE - 10), BASE + CUT) for y in densities(beta)]
    curve = " ".join(f"{WIDTH * a:.1f},{BASE - b:.1f}" for a, b in zip(PLACES, heights, strict=True))
    return _drawing(
        f"Density of Beta({beta:.3g}, {beta:.3g})",
        f'<polygon class="rx-area" points="0,{BASE} {curve} {WIDTH},{BASE}"/>'
        f'<polyline class="rx-curve" points="{curve}"/>',
        (0, 0.5, 1),
        0.0,
    )


def histogram(largest: np.ndarray) -> str:
    """How often the largest weight, from 1/4 to 1, falls where; the highest bar fills the height."""
    counts, _ = np.histogram(largest, BINS, (0.25, 1))
    wide, tall = WIDTH / BINS, (BASE - 10) / max(counts.max(), 1)
    bars = "".join(
        f'<rect class="rx-column" x="{k * wide + 1:.1f}" y="{BASE - count * tall:.1f}" width="{wide - 2:.1f}" '
        f'height="{count * tall:.1f}"/>'
        for k, count in enumerate(counts.tolist())
    )
    spoken = f"Largest weight over {len(largest)} draws, mean {largest.mean():.2f}"
    return _drawing(spoken, bars, (0.25, 0.5, 0.75, 1), 0.25)


def _drawing(spoken: str, content: str, ticks: Sequence[float], start: float) -> str:
    """An axis from `start` to 1 with its ticks."""
    marks = "".join(
        f'<text x="{WIDTH * (tick - start) / (1 - start):.0f}" y="{BASE + 16}" '
        f'text-anchor="{"start" if tick == start else "end" if tick == 1 else "middle"}">{tick:g}</text>'
        for tick in ticks
    )
    return (
        f'<svg class="rx-density" viewBox="0 0 {WIDTH} {HEIGHT}" role="img" aria-label="{spoken}">{content}'
        f'<line class="rx-axis" x1="0" x2="{WIDTH}" y1="{BASE}" y2="{BASE}"/>{marks}</svg>'
    )


def _counts(visible: np.ndarray) -> str:
    """A bar for one, two, three and four images in sight."""
    shares = np.bincount(visible, minlength=5)[1:] / len(visible)
    rows = "".join(
        f'<li><span>{number}</span><i style="--p:{share:.4f}"></i><b>{percent(share)}</b></li>'
        for number, share in enumerate(shares.tolist(), 1)
    )
    return f'<ul class="rx-counts">{rows}</ul>'
