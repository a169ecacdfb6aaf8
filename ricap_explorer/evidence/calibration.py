"""How far a network's confidence is from how often it is right (Guo et al. 2017, arXiv:1706.04599)."""

import numpy as np

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


def calibration_error(confidence: np.ndarray, hits: np.ndarray) -> float:
    """Expected calibration error over N images, (N,) each: the sum over the bins of |hits - confidence|, over N.

    Chance alone pushes it up, and the more the less sure a network is: two of them are not told apart by it.
    """
    rows = reliability(confidence, hits)
    return sum(count * abs(right - sure) for sure, right, count in rows if count) / len(hits)
