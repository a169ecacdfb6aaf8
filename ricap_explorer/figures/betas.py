"""Error against β as SVG."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

from ..experiments.report import BetaLine
from ..titles import METHOD_TITLES
from .axes import LEFT, Scale, along, bars, chart, frame, mark, names_beside, right_end, value_scale
from .colour import method_colour

FAR = 4.0  # times the smallest error: a line wholly above is left out


def beta_chart(lines: Sequence[BetaLine], title: str) -> str:
    """Error against β on a logarithmic axis, deviations as bars; the paper's hollow and dashed, ours full."""
    least = min(mean for line in lines for _, mean, _ in line.points)
    near = [line for line in lines if any(mean <= FAR * least for _, mean, _ in line.points)]
    points = [point for line in near for point in line.points]
    y = value_scale([mean + side * (sd or 0) for _, mean, sd in points for side in (-1, 1)], log=False)
    betas = sorted({beta for beta, *_ in points})
    both = any(line.ours for line in near) and not all(line.ours for line in near)
    ours = ", ours" if both else ""
    names = [METHOD_TITLES[line.method].removesuffix(" only") + ours * bool(line.ours) for line in near]
    x = Scale(betas[0] / 1.5, betas[-1] * 1.5, LEFT, right_end(names), log=True)
    body = frame(x, y, betas, "β") + "".join(_beta_line(line, x, y) for line in near)
    ends = [(name, method_colour(line.method), y(line.points[-1][1])) for name, line in zip(names, near, strict=True)]
    body += names_beside(ends, x.end)
    said = "; ".join(f"{name}: {_numbers(line)}" for line, name in zip(near, names, strict=True))
    hint = "".join(f" {_beyond(line)}" for line in lines if line not in near)
    return (
        f"<figure><figcaption>{escape(title)}</figcaption>{chart(body, escape(f'Error against β. {said}'))}"
        + (f'<p class="rx-hint">{escape(hint.strip())}</p>' if hint else "")
        + "</figure>"
    )


def _beta_line(line: BetaLine, x: Scale, y: Scale) -> str:
    own, kind = method_colour(line.method), "rx-ours" if line.ours else "rx-papers"
    path = along(((beta, mean) for beta, mean, _ in line.points), x, y)
    deviations = bars(((beta, mean - sd, mean + sd) for beta, mean, sd in line.points if sd), x, y)
    marks = "".join(f"{mark(0, x(beta), y(mean), 5)}" for beta, mean, _ in line.points)
    return f'<g class="{kind}" style="--c:{own}"><polyline points="{path}"/>{deviations}{marks}</g>'


def _numbers(line: BetaLine) -> str:
    return ", ".join(f"{mean:.2f} % at β = {beta:g}" for beta, mean, _ in line.points)


def _beyond(line: BetaLine) -> str:
    """A line that would flatten all others, in words."""
    whose = "ours" if line.ours else "the paper’s"
    return f"{METHOD_TITLES[line.method]}, {whose}, lies far above: {_numbers(line)}."
