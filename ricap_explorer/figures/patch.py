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
        f'<span class="rx-name">{escape(name)}</span><b>{percent(patch.weight)}</b>'
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
        f'<table class="rx-weights"><thead><tr><th scope="col">region k</th><th scope="col">w<sub>k</sub> × h<sub>k</sub> px</th>'
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
    width, height, base = 400, 128, 104
    points = [(i + 0.5) / 160 for i in range(160)]
    values = [beta_density(x, beta) for x in points]
    top = max(values) if beta >= 1 else min(max(values), 3 * beta_density(0.5, beta))  # below 1 the ends run off to infinity
    curve = " ".join(f"{x * width:.1f},{base - min(v / top, 1.0) * (base - 26):.1f}" for x, v in zip(points, values))
    (rows, columns), (w, h) = plan.size, plan.boundary
    marks = _marks([("w′", w / columns, "--mark-w"), ("h′", h / rows, "--mark-h")], width, base)
    ticks = "".join(
        f'<text x="{x * width:.0f}" y="120" text-anchor="{anchor}">{x:g}</text>'
        for x, anchor in ((0, "start"), (0.5, "middle"), (1, "end"))
    )
    return (
        f'<section class="rx-card"><h2>Where the boundary falls <small>density of Beta({beta:.3g}, {beta:.3g})</small></h2>'
        f'<svg class="rx-density" viewBox="0 0 {width} {height}" role="img" aria-label="Density of Beta({beta:.3g}, '
        f'{beta:.3g}); this draw: w prime {w / columns:.2f}, h prime {h / rows:.2f}">'
        f'<polygon class="rx-area" points="0,{base} {curve} {width},{base}"/><polyline class="rx-curve" points="{curve}"/>'
        f'<line class="rx-axis" x1="0" x2="{width}" y1="{base}" y2="{base}"/>{ticks}{marks}</svg>'
        f'<p class="rx-hint">{_regime(beta)}</p></section>'
    )


def _marks(marks: list[tuple[str, float, str]], width: int, base: int) -> str:
    """Dashed lines with labels; two labels that would touch step aside to the left and right of their lines."""
    close = abs(marks[0][1] - marks[1][1]) * width < 90
    parts = []
    for name, x, colour in marks:
        other = next(m[1] for m in marks if m[0] != name)
        side = x < other or (x == other and name == "w′")
        anchor, shift = ("end", -4) if close and side else ("start", 4) if close else ("middle", 0)
        if x * width < 45:
            anchor, shift = "start", 4 if not (close and not side) else 84
        elif x * width > width - 45:
            anchor, shift = "end", -4 if not (close and side) else -84
        parts.append(
            f'<line x1="{x * width:.1f}" x2="{x * width:.1f}" y1="20" y2="{base}" class="rx-mark" style="stroke:var({colour})"/>'
            f'<text x="{x * width + shift:.1f}" y="14" text-anchor="{anchor}" class="rx-mark-name" '
            f'style="fill:var({colour})">{name} = {x:.2f}</text>'
        )
    return "".join(parts)


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
