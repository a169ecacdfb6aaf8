"""The symmetric Beta distribution, drawn so that a draw moves steadily with the distribution's parameter."""

import numpy as np
from numpy.random import Generator


def draw_beta(rng: Generator, concentration: float, shape: int | tuple[int, ...] = 1) -> np.ndarray:
    """Numbers in [0, 1] from Beta(concentration, concentration): float64 of that shape.

    Each is the quantile of one uniform number. So at one seed a number moves from an end to 1/2, and never jumps, as
    the concentration grows, and what is drawn next stays as it is; numpy's own draws reject some numbers, and do jump.
    """
    from scipy.special import betaincinv  # a tenth of a second to import

    return betaincinv(concentration, concentration, rng.random(shape))


def draw_pixels(rng: Generator, concentration: float, side: int, shape: int | tuple[int, ...]) -> np.ndarray:
    """side * draw_beta(…), rounded to whole pixels: ints in [0, side] of that shape; faster where there are many."""
    from scipy.special import betainc

    edges = (np.arange(side) + 0.5) / side
    return np.searchsorted(betainc(concentration, concentration, edges), rng.random(shape))
