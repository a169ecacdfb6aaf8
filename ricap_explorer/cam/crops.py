"""Crops that miss the object: where the evidence is least."""

from collections.abc import Sequence

import numpy as np

from ..errors import InputError
from .measures import positive, upscale

GRID = 64  # places a side that a crop can start at, and cells that mass is counted in


def emptiest(maps: Sequence[np.ndarray], side: float) -> tuple[float, float]:
    """(left, top), in shares of the image, of the square crop of that side (share of the image's) with least evidence.

    maps: raw maps (h, w) of one image by several networks; each counts alike, by its share of positive mass. Maps
    without any mass do not count; the first of several equal crops in reading order is given.
    """
    if not 0 < side <= 1:
        raise InputError(f"the side of a crop must be above 0 and at most 1; got {side:g}")
    evidence = np.zeros((GRID, GRID))
    for values in maps:
        mass = positive(upscale(values, (GRID, GRID)))
        evidence += mass / mass.sum() if mass.any() else 0
    cells = max(1, round(side * GRID))
    sums = np.pad(evidence.cumsum(0).cumsum(1), ((1, 0), (1, 0)))
    inside = sums[cells:, cells:] - sums[:-cells, cells:] - sums[cells:, :-cells] + sums[:-cells, :-cells]
    top, left = np.unravel_index(inside.round(12).argmin(), inside.shape)
    return float(min(left / GRID, 1 - side)), float(min(top / GRID, 1 - side))
