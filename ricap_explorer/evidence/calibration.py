"""How far a network's confidence is from how often it is right (Guo et al. 2017, arXiv:1706.04599)."""

import numpy as np
from numpy.random import Generator

from ..cam.summary import DRAWS, Mean, interval

BINS = 15  # of equal width


def bins_of(confidence: np.ndarray) -> np.ndarray:
    """The bin of each confidence in [0, 1]: (N,) ints, 0 to BINS - 1; a bin holds its upper end."""
    return np.clip(np.ceil(confidence * BINS).astype(int) - 1, 0, BINS - 1)


def reliability(confidence: np.ndarray, hits: np.ndarray) -> list[tuple[float, float, int]]:
    """(mean confidence, share of right answers, images) of every bin; NaN twice in an empty one."""
    place = bins_of(confidence)
    rows = []
    for k in range(BINS):
        inside = place == k
        count = int(inside.sum())
        means = (float(confidence[inside].mean()), float(hits[inside].mean())) if count else (float("nan"),) * 2
        rows.append((*means, count))
    return rows


def gaps(confidence: np.ndarray, hits: np.ndarray) -> np.ndarray:
    """Each image's part of its bin's gap: (BINS, N), of which a row's sum is the bin's hits minus its confidence."""
    return np.where(bins_of(confidence) == np.arange(BINS)[:, None], hits - confidence, 0.0)


def calibration_errors(
    confidence: np.ndarray, hits: np.ndarray, first: int, rng: Generator
) -> tuple[list[Mean], list[Mean]]:
    """Expected calibration error of M networks, (M, N) each, and each one's minus network `first`'s, with intervals.

    The sum over the bins of |hits - confidence| / N; the bootstrap draws images, the same for all networks.
    """
    count = confidence.shape[1]
    parts = np.stack([gaps(c, h) for c, h in zip(confidence, hits, strict=True)])  # (M, BINS, N)
    values = np.abs(parts.sum(2)).sum(1) / count
    drawn = np.empty((DRAWS, len(values)))
    for start in range(0, DRAWS, 250):
        times = rng.multinomial(count, np.full(count, 1 / count), min(250, DRAWS - start))
        sums = np.einsum("dn,mbn->dmb", times, parts, optimize=True)
        drawn[start : start + len(times)] = np.abs(sums).sum(2) / count
    errors = [interval(values[m], drawn[:, m], count) for m in range(len(values))]
    differences = [
        interval(values[m] - values[first], drawn[:, m] - drawn[:, first], count) for m in range(len(values))
    ]
    return errors, differences
