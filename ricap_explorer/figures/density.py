"""The density of the boundary, as numbers and as SVG. The page draws the plan itself (ui/static/bench.js)."""

from __future__ import annotations

import math

CUT = 4  # how far above a drawing a curve goes on that leaves it
PLACES = tuple((i + 0.5) / 161 for i in range(161))
SPIKE = 1e4  # a sharper peak would fall between the places, and soon overflow


def beta_density(x: float, beta: float) -> float:
    """Density of Beta(beta, beta) at x in (0, 1)."""
    log_norm = math.lgamma(2 * beta) - 2 * math.lgamma(beta)
    return math.exp(log_norm + (beta - 1) * (math.log(x) + math.log1p(-x)))


def densities(beta: float) -> list[float]:
    """The density of Beta(beta, beta) at all PLACES; from SPIKE on that of SPIKE."""
    return [beta_density(x, min(beta, SPIKE)) for x in PLACES]


def tallest(beta: float) -> float:
    """The height up to which a drawing of one density shows it: below beta 1 it rises without end at both ends."""
    highest = max(densities(beta))
    return highest if beta >= 1 else min(highest, 4.5 * beta_density(0.5, beta))


def density(beta: float) -> str:
    """The density of Beta(beta, beta) as SVG, with marks that the page moves to a draw's w' and h'.

    Below beta 1 the curve leaves the drawing at both ends.
    """
    width, height, base = 400, 132, 108
    top = tallest(beta)
    heights = [min(v / top * (base - 34), base + CUT) for v in densities(beta)]
    curve = " ".join(f"{x * width:.1f},{base - y:.1f}" for x, y in zip(PLACES, heights, strict=True))
    ticks = "".join(f'<text x="{x * width:.0f}" y="124" text-anchor="{_anchor(x)}">{x:g}</text>' for x in (0, 0.5, 1))
    return (
        "<h3>Where the boundary falls "
        f"<small>density of Beta({beta:.3g}, {beta:.3g})</small></h3>"
        f'<svg class="rx-density" viewBox="0 0 {width} {height}" role="img" '
        f"aria-label=\"Density of Beta({beta:.3g}, {beta:.3g}), with this draw's w' and h'\">"
        f'<polygon class="rx-area" points="0,{base} {curve} {width},{base}"/>'
        f'<polyline class="rx-curve" points="{curve}"/>'
        f'<line class="rx-axis" x1="0" x2="{width}" y1="{base}" y2="{base}"/>{ticks}'
        f"{_mark('w', 12, base)}{_mark('h', 27, base)}</svg>"
        f'<p class="rx-hint">{_regime(beta)}</p>'
    )


def _mark(axis: str, y: int, base: int) -> str:
    """A dashed line and its label at height y; each mark has a height of its own. The page places them."""
    return (
        f'<g class="rx-mark rx-mark-{axis}"><line y1="{y + 4}" y2="{base}" style="stroke:var(--mark-{axis})"/>'
        f'<text y="{y}" style="fill:var(--mark-{axis})"></text></g>'
    )


def _anchor(x: float) -> str:
    """Text at x in [0, 1] stays inside the drawing."""
    return "start" if x < 0.1 else "end" if x > 0.9 else "middle"


def _regime(beta: float) -> str:
    if beta < 0.05:
        return "β near 0: the boundary runs to the corners and one image fills all."
    if beta == 1:
        return "β = 1: every boundary position is equally likely."
    if 0.9 <= beta <= 1.1:
        return "β near 1: every boundary position is about equally likely."
    if beta < 1:
        return "β below 1: the boundary seeks the edges; often one or two images prevail."
    if beta < 50:
        return "β above 1: the boundary keeps to the middle; all four images show."
    return "β large: the boundary stays at the centre; four nearly equal parts."
