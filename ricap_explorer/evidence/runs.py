"""Training runs that differ in their seed alone, summed up as one: means over runs, intervals over images and runs."""

import dataclasses
import math
import re
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from scipy.special import stdtrit

from ..bootstrap import Mean, interval
from ..cards import Card, fraction, least_crop
from ..errors import InputError
from ..training.config import SEEDS, TrainConfig, marked
from ..zoo import Checkpoint

SAME = [field.name for field in dataclasses.fields(TrainConfig) if field.name not in marked(SEEDS)]
SAME += ["method_settings", "model_arguments"]
UNKNOWN = object()


def grouped(checkpoints: Sequence[Checkpoint]) -> list[list[int]]:
    """The places of the runs of each kind, in the order in which the kinds come.

    Runs are of a kind where their names differ in the seed alone; InputError where settings that their cards tell then
    do not agree, and for one named twice.
    """
    groups: dict[str, list[int]] = {}
    names = [checkpoint.name for checkpoint in checkpoints]
    for place, name in enumerate(names):
        if name in names[:place]:
            raise InputError(f"--checkpoint must name every network once; got {name} twice")
        group = groups.setdefault(re.sub(r"_s\d+$", "", name), [])
        for setting in SAME if group else ():
            one, other = (_known(checkpoints[k].card, setting) for k in (group[0], place))
            if UNKNOWN not in (one, other) and one != other:
                raise InputError(f"{names[group[0]]} and {name} must have one {setting}; got {one} and {other}")
        group.append(place)
    return list(groups.values())


def _known(card: Card, setting: str) -> Any:
    """What a card tells of a setting, and what held where it is older; of crops without a share none counts."""
    if setting == "fraction":
        return fraction(card)
    if setting == "crop_scale" and setting in card:
        return least_crop(card)
    return card.get(setting, UNKNOWN)


def summed_up(
    values: np.ndarray,
    drawn: np.ndarray,
    counts: np.ndarray,
    groups: Sequence[Sequence[int]],
    beside: Sequence[int],
) -> tuple[tuple[Mean, ...], tuple[Mean, ...]]:
    """Every group's mean over its runs, and that mean minus the mean of the group beside, with 95 % intervals.

    values (M,), counts (M,): each run's number, and of how many images it is. drawn (draws, M): what the bootstrap over
    images makes of it, the same images for all runs. beside: for each group the place of another, or its own.
    The interval is the bootstrap's where no group has several runs, else one over images and runs. How much chance lets
    runs differ is asked, for a group's own mean, of all groups, for a difference of the two alone.
    """
    means = [values[group].mean() for group in groups]
    ends = [drawn[:, group].mean(1) for group in groups]
    fewest = [int(counts[group].min()) for group in groups]

    def over(parts: Sequence[int], asked: Sequence[int], value: float, ends: np.ndarray) -> Mean:
        images = interval(value, ends, min(fewest[g] for g in parts))
        several = [(values[groups[g]], drawn[:, groups[g]]) for g in asked if len(groups[g]) > 1]
        return _over_runs(images, ends, sum(1 / len(groups[g]) for g in parts), several)

    def gap(one: int, other: int) -> Mean:
        apart = ends[one] - ends[other]
        if one == other:
            return interval(0.0, apart, fewest[one])
        return over((one, other), (one, other), means[one] - means[other], apart)

    everybody = range(len(groups))
    own = (over((g,), everybody, means[g], ends[g]) for g in everybody)
    return tuple(own), tuple(gap(one, other) for one, other in enumerate(beside))


def bare(
    values: np.ndarray, count: int, groups: Sequence[Sequence[int]], beside: Sequence[int]
) -> tuple[tuple[Mean, ...], tuple[Mean, ...]]:
    """As `summed_up` has it of `count` images, without intervals: for numbers to which chance adds more here than
    there."""
    means = [float(values[group].mean()) for group in groups]
    gaps = [mean - means[other] for mean, other in zip(means, beside, strict=True)]
    return tuple(Mean.bare(mean, count) for mean in means), tuple(Mean.bare(gap, count) for gap in gaps)


def beyond_chance(one: np.ndarray, other: np.ndarray) -> bool:
    """Whether two ways' misses of the same images differ by more than chance over images, at the 5 % level: one (R, N)
    and other (S, N) bools, a row for each run, or (N,) of a single one.

    An exact test that turns the sign of each image's mean difference at random (Fisher 1935); of single runs it is
    McNemar's (1947). Where few images differ the bootstrap is too sure.
    """
    one, other = np.atleast_2d(one), np.atleast_2d(other)
    gaps = len(other) * one.sum(0, dtype=int) - len(one) * other.sum(0, dtype=int)
    if not gaps.any():
        return False
    gaps //= np.gcd.reduce(gaps)
    total = int(np.abs(gaps).sum())
    odds = np.zeros(total + 1)  # of the sum of those whose sign is turned
    odds[0] = 1
    for gap in np.abs(gaps[gaps != 0]):
        odds = (odds + np.concatenate([np.zeros(gap), odds[:-gap]])) / 2
    as_far = (total - abs(int(gaps.sum()))) // 2  # turning this much or less leaves a sum as large as the one found
    return 2 * odds[: as_far + 1].sum() <= 0.05


def _over_runs(images: Mean, ends: np.ndarray, share: float, several: Sequence[tuple[np.ndarray, np.ndarray]]) -> Mean:
    """A mean, or a difference of two, with its interval over images and over runs.

    images: with its interval over images alone. ends: what the bootstrap makes of it. share: how much of the variance
    of one run is in it. several: what tells that variance, groups of runs (R,) that are all taken to vary alike, and
    what the bootstrap makes of them (draws, R).
    The variance of chance images and that of chance runs add up, and t has as many degrees of freedom as Satterthwaite
    (1946) gives it. That single runs do this image well and that image badly is in both, and is taken out of the first.
    Runs that happen to agree say too little of chance, those that all come to the same number nothing: the interval is
    never within that over images alone.
    """
    if not np.isfinite(images.value) or all(np.ptp(runs) == 0 for runs, _ in several):
        return images
    freedom = sum(len(runs) - 1 for runs, _ in several)
    chance = share / freedom * sum(float(_squares(runs)) for runs, _ in several)
    both = share / freedom * sum(float(np.nanmean(_squares(drawn - np.nanmean(drawn, 0)))) for _, drawn in several)
    variance = max(float(np.nanvar(ends)) - both, 0.0) + chance
    reach = student(freedom * (variance / chance) ** 2) * math.sqrt(variance)
    low, high = min(images.low, images.value - reach), max(images.high, images.value + reach)
    return replace(images, low=float(low), high=float(high))


def _squares(runs: np.ndarray) -> np.ndarray:
    """(…, R) -> (…): the sum of the squared distances to the mean over the runs."""
    return ((runs - runs.mean(-1, keepdims=True)) ** 2).sum(-1)


def student(freedom: float) -> float:
    """The 97.5 % point of Student's t; below 4 degrees of freedom that of the next lower whole number."""
    return float(stdtrit(freedom if freedom >= 4 else max(int(freedom), 1), 0.975))
