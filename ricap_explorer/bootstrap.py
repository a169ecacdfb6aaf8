"""Means with intervals: images drawn anew with replacement (Efron 1979), the same ones for all that is compared."""

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.random import Generator

DRAWS = 2000
LEVEL = 0.95


@dataclass(frozen=True)
class Mean:
    """A mean over images and the ends of its 95 % interval; NaN where there is no number."""

    value: float
    low: float
    high: float
    count: int

    @classmethod
    def bare(cls, value: float, count: int) -> Self:
        """A mean whose interval is not known."""
        return cls(value, math.nan, math.nan, count)

    @property
    def has_interval(self) -> bool:
        """Whether it has an interval."""
        return math.isfinite(self.low)

    @property
    def clear(self) -> bool:
        """Whether 0 lies outside its interval; False where it has none."""
        return self.low > 0 or self.high < 0


def means(values: np.ndarray, rng: Generator) -> list[Mean]:
    """The mean of every row (R, N) over its finite numbers, with intervals; the same images are drawn for all rows.

    A single number has no interval: what chance does is not known.
    """
    drawn = drawn_means(values, rng)
    found = []
    for row, ends in zip(values.astype(np.float64), drawn.T, strict=True):
        own = row[np.isfinite(row)]
        found.append(interval(own.mean() if len(own) else np.nan, ends if len(own) > 1 else ends[:0], len(own)))
    return found


def drawn_means(values: np.ndarray, rng: Generator) -> np.ndarray:
    """What the bootstrap makes of the mean of every row (R, N): (DRAWS, R), the same images drawn for all rows.

    Images are drawn with replacement, N at a time, DRAWS times (Efron 1979); NaN where a draw has no finite number.
    """
    known = np.isfinite(values)
    filled = np.where(known, values, 0).astype(np.float64)
    parts = []
    for times in image_draws(values.shape[1], rng):
        with np.errstate(invalid="ignore", divide="ignore"):
            parts.append((times @ filled.T) / (times @ known.T.astype(np.float64)))
    return np.concatenate(parts)


def image_draws(count: int, rng: Generator) -> Iterator[np.ndarray]:
    """How often each of N images is drawn: (up to 250, N) float64 at a time; 250 draws of 4,000 images are 8 MB."""
    even = np.full(count, 1 / max(count, 1))
    for start in range(0, DRAWS, 250):
        yield rng.multinomial(count, even, min(250, DRAWS - start)).astype(np.float64)


def interval(value: float, drawn: np.ndarray, count: int) -> Mean:
    """A number with the percentile interval of what the bootstrap drew, and how many images it is of."""
    drawn = drawn[np.isfinite(drawn)]
    low, high = np.quantile(drawn, [(1 - LEVEL) / 2, (1 + LEVEL) / 2]) if len(drawn) else (np.nan, np.nan)
    return Mean(float(value), float(low), float(high), count)
