"""Parts of a training set: what is kept aside, so that settings can be chosen without a look at the validation set,
and what of the rest a network learns from."""

import numpy as np

from ..errors import InputError


def check_parts(holdout: float, fraction: float) -> None:
    """InputError for a share that cannot be held out, or that nothing can be learnt from."""
    if not 0 <= holdout <= 0.5:
        raise InputError(f"holdout must be between 0 and 0.5; got {holdout}")
    if not 0 < fraction <= 1:
        raise InputError(f"fraction must be above 0 and at most 1; got {fraction}")


def part_of(labels: np.ndarray, share: float) -> np.ndarray:
    """Which images are a part: (N,) labels -> (N,) bools, the same share of every class, evenly spread, no chance.

    Of a class's n images, the whole part of n * share.
    """
    chosen = np.zeros(len(labels), dtype=bool)
    for label in np.unique(labels):
        members = np.flatnonzero(labels == label)
        due = np.floor(np.arange(len(members) + 1) * share + 1e-9)  # how many of the first j are chosen
        chosen[members] = np.diff(due) > 0
    return chosen
