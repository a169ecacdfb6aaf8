"""A RICAP plan as HTML and SVG: crops on their sources, the patched image, the mixed label, the boundary's density.

Region k = 0..3 has one colour everywhere: the CSS variable --r1 to --r4. Every text that a person gave is escaped.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from html import escape
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ..mixing import RicapPlan


def percent(weight: float) -> str:
    """A share as people read it: 0 %, 0.4 %, 23 %."""
    value = 100 * weight
    return f"{value:.0f} %" if value == 0 or value >= 0.95 else f"{value:.1f} %"


def crop_overlays(plan: RicapPlan) -> list[str]:
    """For each source image an SVG that dims all but its crop and outlines the crop; empty regions dim it all."""
    height, width = plan.size
    overlays = []
    for k, patch in enumerate(plan.patches):
        box = patch.crop
        hole = f"M{box.left} {box.top}h{box.width}v{box.height}h{-box.width}z" if box.area else ""
        rect = (
            f'<rect x="{box.left}" y="{box.top}" width="{box.width}" height="{box.height}" '
            f'class="rx-crop" style="stroke:var(--r{k + 1})"/>'
            if box.area
            else ""
        )
        overlays.append(
            f'<svg viewBox="0 0 {width} {height}" aria-hidden="true"><path fill-rule="evenodd" class="rx-dim" '
            f'd="M0 0h{width}v{height}H0z{hole}"/>{rect}</svg>'
        )
    return overlays


def captions(plan: RicapPlan, names: Sequence[str]) -> list[str]:
    """Under each source: its class and its share."""
    return [
        f'<span class="rx-name">{escape(name)}</span> <b>{percent(patch.weight)}</b>'
        for name, patch in zip(names, plan.patches, strict=True)
    ]


def stage(plan: RicapPlan, names: Sequence[str], uri: str) -> str:
    """The patched image with its boundary lines and a numbered badge in every region that can hold one."""
    (height, width), (w, h) = plan.size, plan.boundary
    shares = ", ".join(f"{percent(p.weight)} {escape(n)}" for n, p in zip(names, plan.patches, strict=True) if p.weight)
    badges = "".join(
        f'<span class="rx-badge" style="background:var(--r{k + 1});left:{100 * patch.paste.left / width:.2f}%;'
        f'top:{100 * patch.paste.top / height:.2f}%">{k + 1}</span>'
        for k, patch in enumerate(plan.patches)
        if min(patch.paste.width / width, patch.paste.height / height) > 0.1
    )
    lines = (f"M{w} 0V{height}" if 0 < w < width else "") + (f"M0 {h}H{width}" if 0 < h < height else "")
    return (
        f'<figure class="rx-stage"><img src="{uri}" width="{width}" height="{height}" alt="Patched image: {shares}">'
        f'<svg viewBox="0 0 {width} {height}" preserveAspectRatio="none" aria-hidden="true">'
        f'<path class="rx-line-back" d="{lines}"/><path class="rx-line" d="{lines}"/></svg>{badges}</figure>'
    )


def mixed_label(plan: RicapPlan, names: Sequence[str], shares: Sequence[tuple[str, float]]) -> str:
    """The label as a stacked bar, a row per region with the live numbers of W_k, and the formula of c.

    names: class of each region; shares: (class, share) as the plan's targets give them, equal classes summed.
    """
    height, width = plan.size
    segments = "".join(
        f'<i style="width:{100 * patch.weight:.3f}%;background:var(--r{k + 1})"></i>'
        for k, patch in enumerate(plan.patches)
    )
    rows = "".join(
        f'<tr><th scope="row"><i class="rx-key" style="background:var(--r{k + 1})">{k + 1}</i>'
        f'<span class="rx-name">{escape(name)}</span></th>'
        f"<td>{patch.paste.width} × {patch.paste.height}</td>"
        f'<td class="rx-number">{patch.weight:.3f}</td></tr>'
        for k, (name, patch) in enumerate(zip(names, plan.patches, strict=True))
    )
    terms = " + ".join(f"<b>{share:.3f}</b> {escape(name)}" for name, share in shares if share > 0)
    return (
        '<section class="rx-card"><h2>Mixed label <small>'
        f"W<sub>k</sub> = w<sub>k</sub> h<sub>k</sub> ∕ ({width} · {height}), the share of the area</small></h2>"
        f'<div class="rx-bar" role="img" aria-label="{escape(_spoken(shares))}">{segments}</div>'
        '<table class="rx-weights"><thead><tr><th scope="col">region k</th>'
        '<th scope="col">w<sub>k</sub> × h<sub>k</sub> px</th>'
        f'<th scope="col">W<sub>k</sub></th></tr></thead><tbody>{rows}</tbody></table>'
        f'<p class="rx-formula">c = Σ W<sub>k</sub> c<sub>k</sub> = {terms}</p></section>'
    )


def _spoken(shares: Sequence[tuple[str, float]]) -> str:
    return "Mixed label: " + ", ".join(f"{percent(share)} {name}" for name, share in shares if share > 0)


def beta_density(x: float, beta: float) -> float:
    """Density of Beta(beta, beta) at x in (0, 1)."""
    log_norm = math.lgamma(2 * beta) - 2 * math.lgamma(beta)
    return math.exp(log_norm + (beta - 1) * (math.log(x) + math.log1p(-x)))


def density(beta: float, plan: RicapPlan) -> str:
    """The density of Beta(beta, beta) as SVG, with this draw's w' and h' marked. Below beta 1 the ends are cut off."""
    width, height, base = 400, 132, 108
    xs = [(i + 0.5) / 161 for i in range(161)]
    shape = min(beta, 1e4)  # a sharper peak would fall between the points, and soon overflow
    values = [beta_density(x, shape) for x in xs]
    top = max(values) if beta >= 1 else min(max(values), 4.5 * beta_density(0.5, beta))
    heights = [min(v / top, 1.0) * (base - 34) for v in values]
    curve = " ".join(f"{x * width:.1f},{base - y:.1f}" for x, y in zip(xs, heights, strict=True))
    ticks = "".join(f'<text x="{x * width:.0f}" y="124" text-anchor="{_anchor(x)}">{x:g}</text>' for x in (0, 0.5, 1))
    (rows, columns), (w, h) = plan.size, plan.boundary
    marks = _mark("w′", w / columns, 12, "--mark-w", base) + _mark("h′", h / rows, 27, "--mark-h", base)
    spoken = f"Density of Beta({beta:.3g}, {beta:.3g}); this draw: w′ {w / columns:.2f}, h′ {h / rows:.2f}"
    return (
        '<section class="rx-card"><h2>Where the boundary falls '
        f"<small>density of Beta({beta:.3g}, {beta:.3g})</small></h2>"
        f'<svg class="rx-density" viewBox="0 0 {width} {height}" role="img" aria-label="{spoken}">'
        f'<polygon class="rx-area" points="0,{base} {curve} {width},{base}"/>'
        f'<polyline class="rx-curve" points="{curve}"/>'
        f'<line class="rx-axis" x1="0" x2="{width}" y1="{base}" y2="{base}"/>{ticks}{marks}</svg>'
        f'<p class="rx-hint">{_regime(beta)}</p></section>'
    )


def _mark(name: str, x: float, y: int, colour: str, base: int) -> str:
    """A dashed line at x in [0, 1] with its label at height y; each mark has a height of its own."""
    return (
        f'<line x1="{x * 400:.1f}" x2="{x * 400:.1f}" y1="{y + 4}" y2="{base}" class="rx-mark" '
        f'style="stroke:var({colour})"/><text x="{x * 400:.1f}" y="{y}" text-anchor="{_anchor(x)}" '
        f'class="rx-mark-name" style="fill:var({colour})">{name} = {x:.2f}</text>'
    )


def _anchor(x: float) -> str:
    """Text at x in [0, 1] stays inside the drawing."""
    return "start" if x < 0.1 else "end" if x > 0.9 else "middle"


def _regime(beta: float) -> str:
    if beta < 0.05:
        return "β near 0: the boundary runs to the corners and one image fills all."
    if beta < 0.9:
        return "β below 1: the boundary seeks the edges; often one or two images prevail."
    if beta <= 1.1:
        return "β = 1: every boundary position is equally likely."
    if beta < 10:
        return "β above 1: the boundary keeps to the middle; all four images show."
    return "β large: the boundary stays at the centre; four nearly equal parts."
