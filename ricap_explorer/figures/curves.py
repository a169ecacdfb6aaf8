"""Learning curves as SVG: loss or error per epoch of several runs. Runs of one method differ by their marks."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape

from ..cards import holdout
from ..experiments.results import Result
from ..titles import fewer_images, fine_tuned, length_title, method_title
from .axes import LEFT, Scale, along, chart, frame, mark, names_beside, right_end, value_scale
from .colour import method_colour

Points = list[tuple[float, float]]
MEASURES = {"error": "Error in %", "loss": "Loss"}
PARTS = ("test", "train")


def smooth(points: Points, weight: float) -> Points:
    """An exponential moving average, unbiased from its first point on; weight in [0, 1) is the past's share."""
    smoothed, total, mass = [], 0.0, 0.0
    for place, value in points:
        total, mass = weight * total + value, weight * mass + 1
        smoothed.append((place, total / mass))
    return smoothed


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
    stroke = f'style="stroke:{method_colour(line.result.card["method"])}"'
    return f'<polyline class="rx-raw" points="{along(line.points, x, y)}" {stroke}/>'


def _curve(line: _Line, points: Points, x: Scale, y: Scale) -> str:
    """The line; on a test curve its marks, which tell their values when pointed at."""
    own = method_colour(line.result.card["method"])
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
            (name, method_colour(line.result.card["method"]), y(smooth(line.points, weight)[-1][1]))
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
        f'<li><svg viewBox="-8 -8 16 16" aria-hidden="true" style="fill:{method_colour(result.card["method"])}">'
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
        fine_tuned(result.card): fine_tuned(result.card) not in title,
        fewer_images(result.card): fewer_images(result.card) not in title,
        "on held-out images": holdout(result.card) > 0,
        "tested only after the last epoch": len(result.curve("test_error")) == 1 < result.card["epochs"],
    }
    return ", ".join(word for word, so in words.items() if so)
