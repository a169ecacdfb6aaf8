"""Training runs that differ in their seed alone, summed up as one: means over runs, intervals over images and runs."""

import re
from collections.abc import Sequence

import numpy as np
from numpy.random import Generator

from ..cam.summary import Mean, interval
from ..errors import InputError
from ..zoo import Checkpoint


def grouped(checkpoints: Sequence[Checkpoint]) -> list[list[int]]:
    """The places of the runs of each kind, in the order in which the kinds come; InputError for one named twice."""
    groups: dict[str, list[int]] = {}
    names = [checkpoint.name for checkpoint in checkpoints]
    for place, name in enumerate(names):
        if name in names[:place]:
            raise InputError(f"--checkpoint must name every network once; got {name} twice")
        groups.setdefault(re.sub(r"_s\d+$", "", name), []).append(place)
    return list(groups.values())


def run_draws(groups: Sequence[Sequence[int]], draws: int, rng: Generator) -> np.ndarray:
    """The share of each of M runs in its group's mean, runs of a group drawn with replacement: (draws, G, M)."""
    shares = np.zeros((draws, len(groups), sum(len(group) for group in groups)))
    for g, group in enumerate(groups):
        shares[:, g, group] = rng.multinomial(len(group), np.full(len(group), 1 / len(group)), draws) / len(group)
    return shares


def summed_up(
    values: np.ndarray, drawn: np.ndarray, counts: np.ndarray, groups: Sequence[Sequence[int]], shares: np.ndarray
) -> tuple[tuple[Mean, ...], tuple[Mean, ...]]:
    """Every group's mean over its runs, and that mean minus the first group's, with intervals.

    values (M,), counts (M,): each run's number, and of how many images it is. drawn (draws, M): what the bootstrap over
    images makes of it, the same images for all runs. shares (draws, G, M): what it makes of the runs.
    """
    means = [values[group].mean() for group in groups]
    ends = (shares * drawn[:, None]).sum(2)  # (draws, G)
    fewest = [int(counts[group].min()) for group in groups]
    places = range(len(groups))
    return (
        tuple(interval(means[g], ends[:, g], fewest[g]) for g in places),
        tuple(interval(means[g] - means[0], ends[:, g] - ends[:, 0], min(fewest[g], fewest[0])) for g in places),
    )
