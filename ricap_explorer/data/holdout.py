"""A part of the training set kept aside, so that settings can be chosen without a look at the validation set."""

import numpy as np

from ..errors import InputError


def check_holdout(share: float) -> None:
    """InputError for a share that cannot be held out."""
    if not 0 <= share <= 0.5:
        raise InputError(f"holdout must be between 0 and 0.5; got {share}")


def held_out(labels: np.ndarray, share: float) -> np.ndarray:
    """Which images are kept aside: (N,) labels -> (N,) bools, the same share of every class, evenly spread, no chance.

    Of a class's n images, the whole part of n * share.
    """
    held = np.zeros(len(labels), dtype=bool)
    for label in np.unique(labels):
        members = np.flatnonzero(labels == label)
        due = np.floor(np.arange(len(members) + 1) * share + 1e-9)  # how many of the first j are held
        held[members] = np.diff(due) > 0
    return held
