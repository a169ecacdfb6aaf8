"""Training runs that differ in their seed alone, summed up as one: means over runs, intervals over images and runs."""

import math
import re
from collections.abc import Sequence

import numpy as np
from numpy.random import Generator

from ..cam.summary import Mean, interval
from ..errors import InputError
from ..zoo import Checkpoint

NORMAL = 1.959964  # 97.5 % point of the normal distribution
SAME = ("method", "method_settings", "epochs", "model", "model_arguments", "train_size", "image_size", "crop_scale")


def grouped(checkpoints: Sequence[Checkpoint]) -> list[list[int]]:
    """The places of the runs of each kind, in the order in which the kinds come.

    Runs are of a kind where their names differ in the seed alone; InputError where their settings then do not agree,
    and for one named twice.
    """
    groups: dict[str, list[int]] = {}
    names = [checkpoint.name for checkpoint in checkpoints]
    for place, name in enumerate(names):
        if name in names[:place]:
            raise InputError(f"--checkpoint must name every network once; got {name} twice")
        group = groups.setdefault(re.sub(r"_s\d+$", "", name), [])
        for setting in SAME if group else ():
            one, other = (checkpoints[k].card.get(setting) for k in (group[0], place))
            if one != other:
                raise InputError(f"{names[group[0]]} and {name} must have one {setting}; got {one} and {other}")
        group.append(place)
    return list(groups.values())


def run_draws(groups: Sequence[Sequence[int]], draws: int, rng: Generator) -> np.ndarray:
    """The share of each of M runs in its group's mean, runs of a group drawn with replacement: (draws, G, M).

    Of n runs the plain bootstrap makes the spread of their mean too small, by sqrt((n - 1) / n) and for want of
    Student's t; what is drawn is spread out by as much, so that intervals of three runs cover 95 % too. That is for
    differences of two groups; `summed_up` spreads them out further for a group's mean alone.
    """
    shares = np.zeros((draws, len(groups), sum(len(group) for group in groups)))
    for g, group in enumerate(groups):
        n = len(group)
        even, drawn = 1 / n, rng.multinomial(n, np.full(n, 1 / n), draws) / n
        shares[:, g, group] = even + (drawn - even) * _spread(n)
    return shares


def _spread(n: int) -> float:
    """By how much to widen what is drawn of n runs; t of the 2 (n - 1) degrees of freedom of two groups' difference."""
    return math.sqrt(n / (n - 1)) * student(2 * (n - 1)) / NORMAL if n > 1 else 0.0


def _of_one(shares: np.ndarray, groups: Sequence[Sequence[int]]) -> np.ndarray:
    """The shares spread out as t of the n - 1 degrees of freedom of one group's mean wants it."""
    wider = shares.copy()
    for g, group in enumerate(groups):
        if (n := len(group)) > 1:
            wider[:, g, group] = 1 / n + (shares[:, g, group] - 1 / n) * student(n - 1) / student(2 * (n - 1))
    return wider


def student(freedom: int) -> float:
    """The 97.5 % point of Student's t, within 0.01 (Abramowitz and Stegun 1972, 26.7.5, from 4 degrees of freedom)."""
    if freedom < 4:
        return (12.706, 4.303, 3.182)[freedom - 1]
    z, n = NORMAL, freedom
    terms = (
        (z**3 + z) / (4 * n),
        (5 * z**5 + 16 * z**3 + 3 * z) / (96 * n**2),
        (3 * z**7 + 19 * z**5 + 17 * z**3 - 15 * z) / (384 * n**3),
    )
    return z + sum(terms)


def summed_up(
    values: np.ndarray,
    drawn: np.ndarray,
    counts: np.ndarray,
    groups: Sequence[Sequence[int]],
    shares: np.ndarray,
    basic: bool = False,
) -> tuple[tuple[Mean, ...], tuple[Mean, ...]]:
    """Every group's mean over its runs, and that mean minus the first group's, with intervals.

    values (M,), counts (M,): each run's number, and of how many images it is. drawn (draws, M): what the bootstrap over
    images makes of it, the same images for all runs. shares (draws, G, M): what it makes of the runs.
    """
    means = [values[group].mean() for group in groups]
    ends = (shares * drawn[:, None]).sum(2)  # (draws, G)
    own = (_of_one(shares, groups) * drawn[:, None]).sum(2)
    fewest = [int(counts[group].min()) for group in groups]
    places = range(len(groups))
    return (
        tuple(interval(means[g], own[:, g], fewest[g], basic) for g in places),
        tuple(interval(means[g] - means[0], ends[:, g] - ends[:, 0], min(fewest[g], fewest[0]), basic) for g in places),
    )
