"""What several networks say of many images, as HTML: means with intervals, distributions, where they differ."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from textwrap import wrap
from typing import TYPE_CHECKING

import numpy as np

from ..bootstrap import Mean, means
from ..cam.methods import MEASURE_TITLES, SHARES, YES_OR_NO
from ..cam.summary import compare
from ..evidence.verdicts import FEW
from ..words import number, several
from .scrolled import scrolled

if TYPE_CHECKING:
    from ..cam.many import Survey

WIDTH, BINS = 320, 40  # px of a distribution, bars in it
BAR, LINE, AIR, LETTERS = 25, 15, 5, 44  # px: the tallest bar, a line of a network's name above it, air above that;
# letters in such a line


@dataclass(frozen=True)
class Divider:
    """An image on which networks differ: the page's id of it, a data URI, its class, and a line for each network."""

    id: str
    uri: str
    truth: str
    lines: tuple[str, ...]


def as_number(value: float, measure: str, signed: bool = False) -> str:
    """A number of a measure as people read it."""
    return number(value, measure in SHARES, signed)


def survey_page(survey: Survey, rng: np.random.Generator) -> str:
    """The survey's table, and below it how every number is distributed over the images."""
    found = {name: means(values, rng) for name, values in survey.numbers.items()}
    return _table(survey, found, rng) + _distributions(survey, found)


def _table(survey: Survey, found: dict[str, list[Mean]], rng: np.random.Generator) -> str:
    """A row for each measure, a cell for each network: its mean with interval, and the difference to the first."""
    heads = "".join(f'<th scope="col">{escape(title)}</th>' for title in survey.titles)
    rows = ""
    for name, values in survey.numbers.items():
        alike = survey.comparable(name)
        cells = zip(found[name], compare(values, rng), strict=True)
        unit = " <small>%</small>" if name in SHARES else ""
        rows += f'<tr><th scope="row">{MEASURE_TITLES[name]}{unit}</th>'
        rows += (
            "".join(_cell(mean, gap if m and alike else None, name) for m, (mean, gap) in enumerate(cells)) + "</tr>"
        )
    table = f'<table class="rx-table rx-means"><thead><tr><td></td>{heads}</tr></thead><tbody>{rows}</tbody></table>'
    return (
        f"{scrolled(table, 'Means over the images', 'rx-scroll')}"
        f'<p class="rx-hint">Means over {several(len(survey), "image")} with 95 % bootstrap intervals; maps are '
        f"{escape(survey.plan.title)}. Below, the difference to {escape(survey.titles[0])}, image by image; bold where "
        f"its interval leaves out 0, and there are {FEW} images at least.{_grids(survey)}</p>"
    )


def _grids(survey: Survey) -> str:
    """Why some differences are not shown, where that is so."""
    if len(set(survey.grids)) == 1:
        return ""
    seen = ", ".join(f"{title} {h} × {w}" for title, (h, w) in zip(survey.titles, survey.grids, strict=True))
    return escape(f" Area and entropy are not compared: the maps have grids of different sizes ({seen}).")


def _cell(mean: Mean, gap: Mean | None, name: str) -> str:
    below = "<br>&nbsp;"
    if gap:
        text = as_number(gap.value, name, True) + _ends(gap, name, True)
        below = f"<br><strong>{text}</strong>" if gap.clear and gap.count >= FEW else f"<br>{text}"
    return f"<td><b>{as_number(mean.value, name)}</b>{_ends(mean, name)}{below}</td>"


def _ends(mean: Mean, name: str, signed: bool = False) -> str:
    """Its interval in small print, where it has one."""
    if not mean.has_interval:
        return ""
    return f" <small>({as_number(mean.low, name, signed)} to {as_number(mean.high, name, signed)})</small>"


def _distributions(survey: Survey, found: dict[str, list[Mean]]) -> str:
    """How every number that is not just 0 or 1 is distributed over the images, network below network."""
    charts = [_chart(survey, name, found[name]) for name in survey.numbers if name not in YES_OR_NO]
    return f'<div class="rx-spreads">{"".join(charts)}</div>'


def _chart(survey: Survey, name: str, found: Sequence[Mean]) -> str:
    values = survey.numbers[name]
    known = values[np.isfinite(values)]
    if not len(known):
        return ""
    low, high = (0.0, 1.0) if name != "road" else (float(known.min()), float(known.max()) + 1e-6)
    titles = [wrap(title, LETTERS) for title in survey.titles]
    row = BAR + LINE * max(map(len, titles)) + AIR
    rows = "".join(
        _ridge(values[m], mean, (low, high), row * (m + 1), title)
        for m, (mean, title) in enumerate(zip(found, titles, strict=True))
    )
    bottom = row * len(values) + 4
    ends = "".join(
        f'<text x="{x}" y="{bottom + 13}" text-anchor="{anchor}">{as_number(end, name)}</text>'
        for x, anchor, end in ((0, "start", low), (WIDTH, "end", high))
    )
    spoken = f"{MEASURE_TITLES[name]}: " + "; ".join(
        f"{title} {as_number(mean.value, name)}" for title, mean in zip(survey.titles, found, strict=True)
    )
    unit = " <small>%</small>" if name in SHARES else ""
    box = f"0 0 {WIDTH} {bottom + 18}"
    return (
        f'<figure class="rx-spread"><figcaption>{MEASURE_TITLES[name]}{unit}</figcaption>'
        f'<svg viewBox="{box}" role="img" aria-label="{escape(spoken)}">{rows}{ends}</svg></figure>'
    )


def _ridge(values: np.ndarray, mean: Mean, ends: tuple[float, float], floor: float, title: Sequence[str]) -> str:
    """A network's histogram as an area, its mean as a dot on its interval; above, its name in lines."""
    counts, _ = np.histogram(values[np.isfinite(values)], BINS, ends)
    tall = BAR / max(counts.max(), 1)
    steps = "".join(
        f"L{i * WIDTH / BINS:.1f} {floor - c * tall:.1f}L{(i + 1) * WIDTH / BINS:.1f} {floor - c * tall:.1f}"
        for i, c in enumerate(counts)
    )
    x, low, high = (WIDTH * (v - ends[0]) / (ends[1] - ends[0]) for v in (mean.value, mean.low, mean.high))
    marks = ""
    if mean.has_interval:
        marks = f'<line class="rx-interval" x1="{low:.1f}" x2="{high:.1f}" y1="{floor}" y2="{floor}"/>'
    if mean.count:
        marks += f'<circle class="rx-dot" cx="{x:.1f}" cy="{floor}" r="3.5"/>'
    return (
        f'<path class="rx-area" d="M0 {floor}{steps}L{WIDTH} {floor}Z"/>'
        f'<line class="rx-axis" x1="0" x2="{WIDTH}" y1="{floor}" y2="{floor}"/>{marks}'
        + "".join(
            f'<text x="0" y="{floor - BAR - 3 - LINE * lines}">{escape(text)}</text>'
            for lines, text in enumerate(reversed(title))
        )
    )


def dividers(found: Sequence[Divider], measure: str, titles: Sequence[str]) -> str:
    """The images on which two networks differ most, as buttons that open them."""
    if not found:
        return '<p class="rx-hint">There is no image of which it is known that the two differ.</p>'
    buttons = "".join(
        f'<button type="button" data-id="{escape(one.id)}"><img src="{one.uri}" alt=""><b>{escape(one.truth)}</b>'
        + "".join(f"<span>{escape(line)}</span>" for line in one.lines)
        + "</button>"
        for one in found
    )
    about = f"{MEASURE_TITLES[measure]}: where {titles[0]} and {titles[1]} differ most. Choose an image to open it."
    return f'<p class="rx-hint">{escape(about)}</p><div class="rx-dividers">{buttons}</div>'
