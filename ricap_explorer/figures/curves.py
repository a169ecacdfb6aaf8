"""Learning curves as SVG: loss or error per epoch of several runs; and error against β.

A method has one colour everywhere, the CSS variable --m-<method>; runs of one method differ by their marks.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape

from ..experiments.report import BetaLine
from ..experiments.results import Result
from ..titles import METHOD_TITLES, fewer_images, length_title, method_title
from .axes import LEFT, Scale, along, chart, frame, mark, names_beside, right_end, value_scale

Points = list[tuple[float, float]]
MEASURES = {"error": "Error in %", "loss": "Loss"}
PARTS = ("test", "train")
FAR = 4.0  # times the smallest error: a line wholly above is left out of a chart of error against β


def smooth(points: Points, weight: float) -> Points:
    """An exponential moving average, unbiased from its first point on; weight in [0, 1) is the past's share."""
    smoothed, total, mass = [], 0.0, 0.0
    for place, value in points:
        total, mass = weight * total + value, weight * mass + 1
        smoothed.append((place, total / mass))
    return smoothed


def colour(method: str) -> str:
    """The CSS colour of a method; grey for one that has none."""
    grey = "var(--body-text-color-subdued)"
    return f"var(--m-{method}, {grey})" if method in METHOD_TITLES else grey


def shapes(results: Sequence[Result]) -> list[int]:
    """A mark for each run: runs of one method get different ones."""
    methods = [result.card["method"] for result in results]
    return [methods[:i].count(method) for i, method in enumerate(methods)]


@dataclass(frozen=True)
class _Line:
    """One curve: a run's measure on the test or the training images."""

    result: Result
    title: str
    shape: int
    part: str
    points: Points


def curves(
    results: Sequence[Result], titles: Mapping[str, str], measure: str, parts: Sequence[str], log: bool, weight: float
) -> str:
    """Loss or error per epoch of several runs, test solid and training dashed; raw values faint where smoothed.

    titles: what the runs are called, by name.
    """
    lines = [
        _Line(result, titles[result.name], shape, part, _points(result, f"{part}_{measure}", log))
        for result, shape in zip(results, shapes(results), strict=True)
        for part in PARTS
        if part in parts
    ]
    lines = [line for line in lines if line.points]
    if not lines:
        return '<p class="rx-hint">Nothing to draw: choose a run, and test or training.</p>'
    y = value_scale([value for line in lines for _, value in line.points], log)
    x = Scale(0, max(line.points[-1][0] for line in lines), LEFT, right_end([_short(line.result) for line in lines]))
    body = frame(x, y, [v for v in x.ticks() if v == int(v)], "epoch")
    body += "".join(_raw(line, x, y) for line in lines) if weight else ""
    body += "".join(_curve(line, smooth(line.points, weight), x, y) for line in lines)
    return chart(body + _names(lines, weight, x.end, y), escape(_spoken(lines, measure)))


def _points(result: Result, measure: str, log: bool) -> Points:
    return [point for point in result.curve(measure) if point[1] > 0 or not log]


def _raw(line: _Line, x: Scale, y: Scale) -> str:
    stroke = f'style="stroke:{colour(line.result.card["method"])}"'
    return f'<polyline class="rx-raw" points="{along(line.points, x, y)}" {stroke}/>'


def _curve(line: _Line, points: Points, x: Scale, y: Scale) -> str:
    """The line; on a test curve its marks, which tell their values when pointed at."""
    own = colour(line.result.card["method"])
    drawn = f'<polyline class="rx-run rx-{line.part}" points="{along(points, x, y)}" style="stroke:{own}"/>'
    if line.part == "train":
        return drawn
    title = escape(line.title)
    every = max(1, len(points) // 12)
    marks = "".join(
        f"<g>{mark(line.shape, x(place), y(value))}<title>{title}, epoch {place}: {value:.4g}</title></g>"
        for place, value in points[::-every]
    )
    return drawn + f'<g style="fill:{own}">{marks}</g>'


def _names(lines: Sequence[_Line], weight: float, end: float, y: Scale) -> str:
    """Each test curve's method at its end; where there is no test curve, the training curve's."""
    part = min(line.part for line in lines)
    ends: dict[str, _Line] = {}
    for line in lines:
        if line.part == part:
            ends.setdefault(_short(line.result), line)
    return names_beside(
        [
            (name, colour(line.result.card["method"]), y(smooth(line.points, weight)[-1][1]))
            for name, line in ends.items()
        ],
        end,
    )


def _short(result: Result) -> str:
    """What fits beside a curve: RICAP 0.3."""
    title = method_title(result.card)
    return title.replace(" only", "").replace(" β =", "").replace(", a draw for every image", ", each")


def _spoken(lines: Sequence[_Line], measure: str) -> str:
    ends = [f"{line.title} {line.part} {line.points[-1][1]:.3g}" for line in lines]
    return f"{MEASURES[measure]} per epoch; in the end " + ", ".join(ends)


def legend(results: Sequence[Result], titles: Mapping[str, str]) -> str:
    """The runs with their marks and colours, their test error and their length, the best first. titles: by name."""
    rows = sorted(zip(results, shapes(results), strict=True), key=lambda row: row[0].card["test_error"])
    items = "".join(
        f'<li><svg viewBox="-8 -8 16 16" aria-hidden="true" style="fill:{colour(result.card["method"])}">'
        f"{mark(shape, 0, 0, 5)}</svg><span>{escape(titles[result.name])} <small>"
        f"{_told(result, titles[result.name])}</small></span> <b>{result.card['test_error']:.2f} %</b></li>"
        for result, shape in rows
    )
    return f'<ul class="rx-legend">{items}</ul>'


def _told(result: Result, title: str) -> str:
    """What a title leaves out: a run's length, whether its error is no test set's, that there is no test curve."""
    length = length_title(result.card)
    words = {
        length: length not in title,
        fewer_images(result.card): fewer_images(result.card) not in title,
        "on held-out images": bool(result.card.get("holdout")),
        "tested only after the last epoch": len(result.curve("test_error")) == 1 < result.card["epochs"],
    }
    return ", ".join(word for word, so in words.items() if so)


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
    ends = [(name, colour(line.method), y(line.points[-1][1])) for name, line in zip(names, near, strict=True)]
    body += names_beside(ends, x.end)
    said = "; ".join(f"{name}: {_numbers(line)}" for line, name in zip(near, names, strict=True))
    hint = "".join(f" {_beyond(line)}" for line in lines if line not in near)
    return (
        f"<figure><figcaption>{escape(title)}</figcaption>{chart(body, escape(f'Error against β. {said}'))}"
        + (f'<p class="rx-hint">{escape(hint.strip())}</p>' if hint else "")
        + "</figure>"
    )


def _beta_line(line: BetaLine, x: Scale, y: Scale) -> str:
    own, kind = colour(line.method), "rx-ours" if line.ours else "rx-papers"
    path = " ".join(f"{x(beta):.1f},{y(mean):.1f}" for beta, mean, _ in line.points)
    bars = "".join(
        f'<line x1="{x(beta):.1f}" x2="{x(beta):.1f}" y1="{y(mean - sd):.1f}" y2="{y(mean + sd):.1f}"/>'
        for beta, mean, sd in line.points
        if sd
    )
    marks = "".join(f"{mark(0, x(beta), y(mean), 5)}" for beta, mean, _ in line.points)
    return f'<g class="{kind}" style="--c:{own}"><polyline points="{path}"/>{bars}{marks}</g>'


def _numbers(line: BetaLine) -> str:
    return ", ".join(f"{mean:.2f} % at β = {beta:g}" for beta, mean, _ in line.points)


def _beyond(line: BetaLine) -> str:
    """A line that would flatten all others, in words."""
    whose = "ours" if line.ours else "the paper’s"
    return f"{METHOD_TITLES[line.method]}, {whose}, lies far above: {_numbers(line)}."
