"""Measure several networks on the same images and patches, and sum up."""

import itertools
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import torch

from ..bootstrap import Mean, drawn_means
from ..cam.maps import map_grid
from ..cam.sample import Sample
from ..cards import least_crop, partner
from ..data.digest import digest
from ..titles import titles_apart
from ..training.precision import choose_precision
from ..zoo import Checkpoint
from .calibration import calibration_error, reliability
from .focus import draw_sources
from .kept import Kept
from .measures import MEASURES, NOTHING
from .numbers import Work, measured
from .probes import Numbers
from .record import Evidence, Network
from .runs import bare, beyond_chance, grouped, summed_up
from .together import hidden_together


def collect(
    checkpoints: Sequence[Checkpoint],
    sample: Sample,
    patches: int,
    seed: int,
    device: torch.device,
    card: dict[str, Any],
    keep: Path | None = None,
) -> Evidence:
    """Everything in `measures` of every network over the sample and over `patches` RICAP patches made of it.

    Images of fewer than four classes make no patches, and there is no Focus. Networks that differ in their seed alone
    are summed up as one, with intervals over images and runs.

    seed: of squares, random maps, patches and bootstrap. card: what the file shall say of how it was made. keep: a
    folder for every network's numbers of every image; a network measured there before, on the same files, is not again.
    """
    groups = grouped(checkpoints)
    sources, families = draw_sources(sample.labels, patches, np.random.default_rng(seed))
    map_size = min(checkpoint.card["image_size"] for checkpoint in checkpoints)
    made = {"images": len(sample), "patches": len(sources), "seed": seed, "map_size": map_size}
    asked = made | {"families": len(np.unique(families))}
    files = {"source": digest(sample.part, times=True), "numbers": sample.numbers.tolist()}
    kept = Kept(keep, {"dataset": card["dataset"], "precision": choose_precision("auto", device), **files, **asked})
    rows = measured(checkpoints, Work(sample, sources, families, seed), kept, device, map_size)
    values = {name: np.stack([row[name] for row in rows]) for name in rows[0]}
    values |= hidden_together(checkpoints, groups, sample, device, map_size)
    values |= {name: values[one.parts[0]] - values[one.parts[1]] for name, one in MEASURES.items() if one.parts}
    kinds = [[checkpoints[place] for place in group] for group in groups]
    beside = partners([runs[0].card for runs in kinds])
    numbers, gaps = _summed_up(values, groups, beside, seed)
    titles = titles_apart([runs[0].card | {"seed": 0} for runs in kinds])
    networks = tuple(map(_network, kinds, titles, beside))
    sure, hits = values["confidence"], 1 - values[NOTHING]
    bins = tuple(tuple(reliability(sure[group].ravel(), hits[group].ravel())) for group in groups)
    made["parameters"] = sorted({runs[0].card["parameters"] for runs in kinds if "parameters" in runs[0].card})
    made["grids"] = sorted({map_grid(runs[0].load(), map_size) for runs in kinds})
    return Evidence("", card | made, networks, numbers, gaps, bins)


def _network(runs: Sequence[Checkpoint], title: str, beside: int) -> Network:
    """What is told of the runs of a kind."""
    card = runs[0].card
    error = float(np.mean([run.card["test_error"] for run in runs]))
    names = tuple(run.name for run in runs)
    numbers = card["epochs"], round(error, 4), card["image_size"], least_crop(card)
    return Network(names, title, card["method"], *numbers, beside)


def partners(cards: Sequence[dict[str, Any]]) -> list[int]:
    """The place of the network that each is set beside: its partner in all but mixing; without one, and for standard
    ones themselves, the first of all."""
    return [0 if card["method"] == "standard" else partner(card, cards) or 0 for card in cards]


def _summed_up(
    values: Numbers, groups: Sequence[Sequence[int]], beside: Sequence[int], seed: int
) -> tuple[dict[str, tuple[Mean, ...]], dict[str, tuple[Mean, ...]]]:
    """Of every measure: each group's mean, and its difference to that of the group beside; of the same draws all.

    An image counts where every network has a number of it, so that differences are of the same images.
    """
    numbers, gaps, drawn = {}, {}, _drawn(values, seed)
    for name in MEASURES:
        if name == "ece":
            answers = zip(values["confidence"], 1 - values[NOTHING], strict=True)
            found = np.array([calibration_error(*run) for run in answers])
            numbers[name], gaps[name] = bare(found, values[NOTHING].shape[1], groups, beside)
            continue
        known = np.isfinite(values[name]).all(0)
        row, count = np.where(known, values[name], np.nan), int(known.sum())
        found = row[:, known].mean(1, dtype=np.float64) if count else np.full(len(row), np.nan)
        numbers[name], gaps[name] = summed_up(found, drawn[name], np.full(len(found), count), groups, beside)
        if MEASURES[name].bounded:
            numbers[name] = tuple(replace(mean, low=max(mean.low, 0), high=min(mean.high, 1)) for mean in numbers[name])
        if name == "focus" and count < 2:  # a single family of patches: what chance does is not known
            numbers[name], gaps[name] = bare(found, count, groups, beside)
        if MEASURES[name].miss:
            misses = [row[group][:, known] > 0.5 for group in groups]
            pairs = zip(gaps[name], misses, (misses[other] for other in beside), strict=True)
            gaps[name] = tuple(itertools.starmap(_doubted, pairs))
    return numbers, gaps


def _drawn(values: Numbers, seed: int) -> Numbers:
    """What the bootstrap makes of every measure: (M, N) -> (draws, M), of as many images the same draws."""
    found: Numbers = {}
    for count in {row.shape[1] for row in values.values()}:
        rows = {
            name: np.where(np.isfinite(row).all(0), row, np.nan)
            for name, row in values.items()
            if row.shape[1] == count
        }
        drawn = drawn_means(np.concatenate(list(rows.values())), np.random.default_rng(seed))
        found |= zip(rows, np.split(drawn, len(rows), axis=1), strict=True)
    return found


def _doubted(gap: Mean, one: np.ndarray, other: np.ndarray) -> Mean:
    """A difference of two ways' misses, (R, N) and (S, N) bools, of no sign that an exact test does not tell."""
    if beyond_chance(one, other):
        return gap
    return replace(gap, low=min(gap.low, 0.0), high=max(gap.high, 0.0))
