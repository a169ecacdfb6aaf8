"""What a survey says as a whole: means with bootstrap intervals, paired comparisons, and where two networks differ.

Needs no torch.
"""

from __future__ import annotations

import csv
from collections.abc import Sequence
from dataclasses import dataclass
from io import StringIO
from typing import TYPE_CHECKING

import numpy as np
from numpy.random import Generator

from .methods import MEASURE_TITLES

if TYPE_CHECKING:
    from .many import Survey

DRAWS = 2000
LEVEL = 0.95


@dataclass(frozen=True)
class Mean:
    """A mean over images and the ends of its 95 % percentile bootstrap interval; NaN where there is no number."""

    value: float
    low: float
    high: float
    count: int


@dataclass(frozen=True)
class Pair:
    """One network's number minus another's on the same images: their mean, and the share of images where it is more
    (ties count half)."""

    mean: Mean
    more: float


def means(values: np.ndarray, rng: Generator, draws: int = DRAWS) -> list[Mean]:
    """The mean of every row (R, N) over its finite numbers; the same images are drawn for all rows.

    An interval: images drawn with replacement, N at a time, `draws` times (Efron 1979, percentile interval).
    """
    known = np.isfinite(values)
    filled = np.where(known, values, 0).astype(np.float64)
    count = values.shape[1]
    sums, counts = np.empty((draws, len(values))), np.empty((draws, len(values)))
    for start in range(0, draws, 250):  # 250 draws of 4000 images are 8 MB
        times = rng.multinomial(count, np.full(count, 1 / max(count, 1)), min(250, draws - start)).astype(np.float64)
        part = slice(start, start + len(times))
        sums[part], counts[part] = times @ filled.T, times @ known.T
    with np.errstate(invalid="ignore", divide="ignore"):
        return [
            interval(filled[i].sum() / known[i].sum(), sums[:, i] / counts[:, i], int(known[i].sum()))
            for i in range(len(values))
        ]


def interval(value: float, drawn: np.ndarray, count: int) -> Mean:
    """A number with the percentile interval of what the bootstrap drew, and how many images it is of."""
    drawn = drawn[np.isfinite(drawn)]
    low, high = np.quantile(drawn, [(1 - LEVEL) / 2, (1 + LEVEL) / 2]) if len(drawn) else (np.nan, np.nan)
    return Mean(float(value), float(low), float(high), count)


def compare(values: np.ndarray, first: int, rng: Generator) -> list[Pair]:
    """Every network's numbers (M, N) minus those of network `first`, image by image where both have one."""
    gaps = values - values[first]
    pairs = []
    for mean, gap in zip(means(gaps, rng), gaps, strict=True):
        known = gap[np.isfinite(gap)]
        more = float(((known > 0) + (known == 0) / 2).mean()) if len(known) else float("nan")
        pairs.append(Pair(mean, more))
    return pairs


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
    lines = [f"{len(survey)} images; mean (95 % bootstrap interval); below, the difference to {survey.titles[0]}"]
    for name, values in survey.numbers.items():
        lines.append(MEASURE_TITLES[name])
        for title, mean, pair in zip(survey.titles, means(values, rng), compare(values, 0, rng), strict=True):
            lines.append(f"  {title:24} {mean.value:7.4f} ({mean.low:.4f} to {mean.high:.4f})")
            if title != survey.titles[0]:
                gap = pair.mean
                lines.append(f"  {'':24} {gap.value:+7.4f} ({gap.low:+.4f} to {gap.high:+.4f})")
    return "\n".join(lines)
