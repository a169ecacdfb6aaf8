"""What a survey says as a whole: means with bootstrap intervals, paired comparisons, and where two networks differ.

Needs no torch.
"""

from __future__ import annotations

import csv
from collections.abc import Sequence
from io import StringIO
from typing import TYPE_CHECKING

import numpy as np
from numpy.random import Generator

from ..bootstrap import Mean, means
from ..words import number, several
from .methods import MEASURE_TITLES, SHARES

if TYPE_CHECKING:
    from .many import Survey


def compare(values: np.ndarray, rng: Generator) -> list[Mean]:
    """Every network's numbers (M, N) minus the first's, image by image where both have one."""
    return means(values - values[0], rng)


def most_different(values: np.ndarray, one: int, other: int, count: int) -> list[int]:
    """Numbers of the images on which two networks differ most, most first: (M, N) -> up to `count` of them."""
    gap = np.abs(values[one] - values[other])
    order = np.argsort(-np.where(np.isfinite(gap), gap, -1), kind="stable")
    return [int(i) for i in order[:count] if gap[i] > 0]


def as_csv(survey: Survey, names: Sequence[str], classes: Sequence[str]) -> str:
    """A line for every image and network: image, truth, network, its answer, every number. An empty field is none."""
    text = StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(["image", "truth", "network", "answer", *(MEASURE_TITLES[name].lower() for name in survey.numbers)])
    for i, name in enumerate(names):
        for m, title in enumerate(survey.titles):
            numbers = [row[m, i] for row in survey.numbers.values()]
            cells = [f"{number:.6g}" if np.isfinite(number) else "" for number in numbers]
            writer.writerow([name, classes[survey.labels[i]], title, classes[survey.answers[m, i]], *cells])
    return text.getvalue()


def as_text(survey: Survey, seed: int = 0) -> str:
    """A table for a terminal: every network's means with intervals, and the paired differences to the first network."""
    rng = np.random.default_rng(seed)
    of = f"{several(len(survey), 'image')}, {survey.plan.title}"
    lines = [f"{of}; mean (95 % bootstrap interval); below, the difference to {survey.titles[0]}"]
    for name, values in survey.numbers.items():
        alike = survey.comparable(name)
        unit = " in %" if name in SHARES else ""
        lines.append(MEASURE_TITLES[name] + unit + ("" if alike else " (not comparable: maps of different grids)"))
        rows = zip(survey.titles, means(values, rng), compare(values, rng), strict=True)
        for place, (title, mean, gap) in enumerate(rows):
            lines.append(f"  {title:24} {_interval(mean, name)}{_of(mean, survey)}")
            if place and alike:
                lines.append(f"  {'':24} {_interval(gap, name, signed=True)}{_of(gap, survey)}")
    return "\n".join(lines)


def _interval(mean: Mean, measure: str, signed: bool = False) -> str:
    value, low, high = (number(one, measure in SHARES, signed) for one in (mean.value, mean.low, mean.high))
    return f"{value:>7}" + (f" ({low} to {high})" if mean.has_interval else "")


def _of(mean: Mean, survey: Survey) -> str:
    """How many images a mean is of, where some have no such number."""
    return f" of {several(mean.count, 'image')}" if mean.count < len(survey) else ""
