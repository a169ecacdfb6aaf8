"""How far a network's confidence is from how often it is right (Guo et al. 2017, arXiv:1706.04599)."""

import numpy as np
from numpy.random import Generator

from ..cam.summary import image_draws

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


def calibration_errors(confidence: np.ndarray, hits: np.ndarray) -> np.ndarray:
    """Expected calibration error of M networks over N images: (M, N) each -> (M,).

    The sum over the bins of |hits - confidence| / N.
    """
    return np.abs(_parts(confidence, hits).sum(2)).sum(1) / confidence.shape[1]


def drawn_calibration_errors(confidence: np.ndarray, hits: np.ndarray, rng: Generator) -> np.ndarray:
    """What the bootstrap makes of it, the same images drawn for all networks: (DRAWS, M)."""
    parts, count = _parts(confidence, hits), confidence.shape[1]
    sums = (np.einsum("dn,mbn->dmb", times, parts, optimize=True) for times in image_draws(count, rng))
    return np.concatenate([np.abs(part).sum(2) / count for part in sums])


def _parts(confidence: np.ndarray, hits: np.ndarray) -> np.ndarray:
    return np.stack([gaps(c, h) for c, h in zip(confidence, hits, strict=True)])  # (M, BINS, N)
