"""The Lesson's pictures as HTML and SVG: over-fitting, augmented pictures, four draws of RICAP, numbers in tables."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from typing import TYPE_CHECKING

from PIL import Image

from ..experiments.report import Number, paper_number
from ..experiments.tables import Table
from ..lesson.overfit import NOISE, Fit, truth
from .axes import BOTTOM, HEIGHT, LEFT, LINE, TOP, WIDTH, Scale, along, chart, frame, spread
from .encode import jpeg_uri
from .scrolled import scrolled

if TYPE_CHECKING:
    from ..lesson.augmentations import Shown

END = WIDTH - 142  # of the charts: names stand at the right
ACROSS = Scale(-1, 1, LEFT, END)
UPRIGHT = Scale(-2, 2, HEIGHT - BOTTOM, TOP)
ERRORS = Scale(0.03, 30, HEIGHT - BOTTOM, TOP, log=True)  # what lies beyond is at its end, its dot an arrow


def fit_chart(fit: Fit) -> str:
    """The points, the curve they scatter about, and the polynomial; what leaves the frame is cut off."""
    clip = (
        f'<clipPath id="rx-fit-frame"><rect x="{LEFT}" y="{TOP}" width="{END - LEFT}" '
        f'height="{HEIGHT - BOTTOM - TOP}"/></clipPath>'
    )
    dots = "".join(
        f'<circle cx="{ACROSS(x):.1f}" cy="{UPRIGHT(y):.1f}" r="{5 if len(fit.x) < 60 else 3}"/>'
        for x, y in zip(fit.x, fit.y, strict=True)
    )
    true = along(zip(fit.grid, truth(fit.grid), strict=True), ACROSS, UPRIGHT)
    drawn = along(((x, _within(y, -9, 9)) for x, y in zip(fit.grid, fit.curve, strict=True)), ACROSS, UPRIGHT)
    ends = [UPRIGHT(truth(fit.grid)[-1]), UPRIGHT(_within(fit.curve[-1], -2, 2))]
    body = (
        f"{clip}{frame(ACROSS, UPRIGHT, (-1, 0, 1), 'x')}"
        f'<g clip-path="url(#rx-fit-frame)"><polyline class="rx-truth" points="{true}"/>'
        f'<g class="rx-dots">{dots}</g><polyline class="rx-fitted" points="{drawn}"/></g>'
        + _names(["true curve", f"degree {fit.degree}"], ["", "rx-fitted-name"], ends)
    )
    return chart(body, f"{len(fit.x)} noisy points and the polynomial of degree {fit.degree} fitted to them")


def error_chart(fit: Fit) -> str:
    """Training and test error at every degree, and which degree is shown."""
    degrees = range(len(fit.train))
    x = Scale(0, len(fit.train) - 1, LEFT + 8, END)
    at = f"{x(fit.degree):.1f}"
    lines, ends = "", []
    for part, errors in (("train", fit.train), ("test", fit.test)):
        kept = [_within(error, ERRORS.low, ERRORS.high) for error in errors]
        lines += f'<polyline class="rx-{part}-error" points="{along(zip(degrees, kept, strict=True), x, ERRORS)}"/>'
        lines += _dot(f"rx-{part}-dot", at, errors[fit.degree])
        ends.append(ERRORS(kept[-1]))
    noise = f'<line class="rx-noise" x1="{LEFT}" x2="{END}" y1="{ERRORS(NOISE):.1f}" y2="{ERRORS(NOISE):.1f}"/>'
    marker = f'<line class="rx-degree" x1="{at}" x2="{at}" y1="{TOP}" y2="{HEIGHT - BOTTOM}"/>'
    names = _names(
        ["training", "test", "noise"],
        ["rx-train-name", "rx-test-name", ""],
        [*ends, ERRORS(NOISE)],
    )
    body = frame(x, ERRORS, range(0, len(fit.train), 3), "degree") + noise + marker + lines + names
    return chart(body, f"Error against degree; at {fit.degree}: {_errors(fit)}")


def _dot(own: str, x: str, error: float) -> str:
    """An error on the chart; one beyond its ends as a triangle that points there."""
    y = ERRORS(_within(error, ERRORS.low, ERRORS.high))
    if ERRORS.low <= error <= ERRORS.high:
        return f'<circle class="{own}" cx="{x}" cy="{y:.1f}" r="5.5"/>'
    tip, base = (y, y + 11) if error > ERRORS.high else (y, y - 11)
    return f'<path class="{own}" d="M{x} {tip:.1f}L{float(x) - 6.5:.1f} {base:.1f}H{float(x) + 6.5:.1f}Z"/>'


def overfit(fit: Fit) -> str:
    """Both charts and the errors in words."""
    return (
        f'<p class="rx-errors">{_errors(fit)}</p><div class="rx-charts"><figure><figcaption>'
        f"{len(fit.x)} points, a polynomial of degree {fit.degree}</figcaption>{fit_chart(fit)}</figure>"
        "<figure><figcaption>Root-mean-square error at each degree</figcaption>"
        f"{error_chart(fit)}</figure></div>"
    )


def _errors(fit: Fit) -> str:
    train, test = (_short(errors[fit.degree]) for errors in (fit.train, fit.test))
    return f"training error {train}, test error {test}"


def _short(error: float) -> str:
    return f"{error:.2f}" if error < 100 else "over 100"


def _within(value: float, low: float, high: float) -> float:
    return min(max(value, low), high)


def _names(names: Sequence[str], classes: Sequence[str], places: Sequence[float]) -> str:
    """Words at the right ends of lines, apart from each other."""
    moved = spread(places, LINE, TOP + 6, HEIGHT - BOTTOM - 6)
    return "".join(
        f'<text class="rx-run-name {own}" x="{END + 10}" y="{y:.1f}" dy=".35em">{name}</text>'
        for name, own, y in zip(names, classes, moved, strict=True)
    )


def augmentations(original: Image.Image, shown: Sequence[Shown], name: str) -> str:
    """The picture, and a row of draws for each augmentation."""
    head = (
        f'<figure class="rx-original"><img src="{jpeg_uri(original)}" alt="{escape(name)}" width="112" height="112">'
        f"<figcaption>{escape(name)}, as it is</figcaption></figure>"
    )
    return head + "".join(_row(kind) for kind in shown)


def _row(kind: Shown) -> str:
    figures = "".join(
        f'<figure><img src="{jpeg_uri(picture)}" alt="" width="112" height="112">'
        f"<figcaption>{note}</figcaption></figure>"
        for picture, note in zip(kind.pictures, kind.notes, strict=True)
    )
    return f'<section class="rx-kind"><h3>{kind.title}</h3><div class="rx-draws">{figures}</div></section>'


@dataclass(frozen=True)
class Example:
    """One draw of RICAP: where it opens, what is to be seen, the patched image, the shares of its label."""

    query: str
    title: str
    words: str
    image: Image.Image
    shares: list[tuple[str, float]]


def examples(drawn: Sequence[Example]) -> str:
    """Draws side by side, each a link to itself in the Patch tab."""
    return "".join(
        f'<a class="rx-example" href="{escape(example.query)}"><img src="{jpeg_uri(example.image)}" alt="" '
        f'width="160" height="160"><b>{example.title}</b> <span>{example.words}</span> <small>'
        f"{', '.join(f'{100 * share:.0f} % {escape(name)}' for name, share in example.shares if share >= 0.005)}"
        "</small></a>"
        for example in drawn
    )


def paper_table(table: Table) -> str:
    """The paper's numbers alone, and only the rows in which it has any."""
    heads = "".join(f'<th scope="col">{escape(column.title)}</th>' for column in table.columns)
    rows = "".join(
        f'<tr><th scope="row">{escape(row.title)}</th>'
        + "".join(f"<td>{_told(paper_number(row, column), table.decimals)}</td>" for column in table.columns)
        + "</tr>"
        for row in table.rows
        if row.paper
    )
    return _table(f"{table.title}, {table.what}, as the paper reports it", f"<td></td>{heads}", rows)


def _told(value: Number | None, decimals: int) -> str:
    return value.text(decimals) if value else ""


def _table(title: str, heads: str, rows: str) -> str:
    caption = f"<caption>{escape(title)}</caption>"
    return scrolled(f"<table>{caption}<thead><tr>{heads}</tr></thead><tbody>{rows}</tbody></table>", title)
