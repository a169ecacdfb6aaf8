"""Measure several networks on the same images and patches, and sum up."""

from collections.abc import Sequence
from concurrent.futures import Executor, ThreadPoolExecutor
from itertools import repeat
from typing import Any

import numpy as np
import torch
from tqdm import tqdm

from ..cam.sample import Sample
from ..cam.summary import Mean, drawn_means
from ..titles import titles_apart
from ..zoo import Checkpoint
from .calibration import calibration_error, reliability
from .focus import draw_sources, focus, patched
from .measures import MEASURES, parts_of
from .probes import Numbers, Subject, probe
from .record import Evidence, Network
from .runs import grouped, summed_up

BATCH = 64


def collect(
    checkpoints: Sequence[Checkpoint],
    sample: Sample,
    patches: int,
    seed: int,
    device: torch.device,
    card: dict[str, Any],
) -> Evidence:
    """Everything in `measures` of every network over the sample and over `patches` RICAP patches made of it.

    Images of fewer than four classes make no patches, and there is no Focus. Networks that differ in their seed alone
    are summed up as one, with intervals over images and runs.

    seed: of squares, random maps, patches and bootstrap. card: what the file shall say of how it was made.
    """
    groups = grouped(checkpoints)
    sources, families = draw_sources(sample.labels, patches, np.random.default_rng(seed))
    map_size = min(checkpoint.card["image_size"] for checkpoint in checkpoints)
    subjects = [Subject.create(checkpoint, device, map_size) for checkpoint in checkpoints]
    with _workers(device) as pool:
        values = _probed(pool, subjects, sample, seed)
        values["focus"] = _of_families(_focused(pool, subjects, sample, sources), families)
    values |= {name: values[parts[0]] - values[parts[1]] for name in MEASURES if (parts := parts_of(name))}
    numbers, gaps = _summed_up(values, groups, seed)
    kinds = [[checkpoints[place] for place in group] for group in groups]
    titles = titles_apart([runs[0].card | {"seed": 0} for runs in kinds])
    networks = tuple(_network(runs, title) for runs, title in zip(kinds, titles, strict=True))
    sure, hits = values["confidence"], 1 - values["hidden.none"]
    bins = tuple(tuple(reliability(sure[group].ravel(), hits[group].ravel())) for group in groups)
    made = {"images": len(sample), "patches": len(sources), "seed": seed, "map_size": map_size}
    return Evidence("", card | made, networks, numbers, gaps, bins)


def _network(runs: Sequence[Checkpoint], title: str) -> Network:
    """What is told of the runs of a kind."""
    card = runs[0].card
    error = float(np.mean([run.card["test_error"] for run in runs]))
    names = tuple(run.name for run in runs)
    crop = card.get("crop_scale", 1.0) if card.get("crop", "resized") == "resized" else 1.0
    return Network(names, title, card["method"], card["epochs"], round(error, 4), card["image_size"], crop)


def _workers(device: torch.device) -> ThreadPoolExecutor:
    """A CPU asks several networks at once, each in one thread, which wait for each other less than those of one do."""
    if device.type != "cpu":
        return ThreadPoolExecutor(1)
    return ThreadPoolExecutor(torch.get_num_threads(), initializer=torch.set_num_threads, initargs=(1,))


def _probed(pool: Executor, subjects: Sequence[Subject], sample: Sample, seed: int) -> Numbers:
    """measure -> (M, N); the same squares and random maps for all networks."""
    rows: list[list[Numbers]] = [[] for _ in subjects]
    with tqdm(total=len(sample), desc="images", unit="image", mininterval=5) as bar:
        for number, (images, labels) in enumerate(sample.batches(BATCH)):
            rngs = [np.random.default_rng((seed, number)) for _ in subjects]
            for row, found in zip(rows, pool.map(probe, subjects, repeat(images), repeat(labels), rngs), strict=True):
                row.append(found)
            bar.update(len(labels))
    return {name: np.stack([np.concatenate([batch[name] for batch in row]) for row in rows]) for name in rows[0][0]}


def _focused(pool: Executor, subjects: Sequence[Subject], sample: Sample, sources: np.ndarray) -> np.ndarray:
    """Focus of every network on the patches of these images (patches, 4): (M, patches)."""
    if not len(sources):
        return np.empty((len(subjects), 0), np.float32)
    rows: list[list[np.ndarray]] = [[] for _ in subjects]
    for images, classes in tqdm(patched(sample, sources), desc="patches", unit="batch", mininterval=5):
        for row, found in zip(rows, pool.map(focus, subjects, repeat(images), repeat(classes)), strict=True):
            row.append(found)
    return np.stack([np.concatenate(row) for row in rows])


def _of_families(focus: np.ndarray, families: np.ndarray) -> np.ndarray:
    """The mean of each family's patches: (M, patches), (patches,) -> (M, families); of no patches one NaN."""
    if not len(families):
        return np.full((len(focus), 1), np.nan, np.float32)
    sizes = np.bincount(families)
    return np.stack([np.bincount(families, row) / sizes for row in focus])


def _summed_up(
    values: Numbers, groups: Sequence[Sequence[int]], seed: int
) -> tuple[dict[str, tuple[Mean, ...]], dict[str, tuple[Mean, ...]]]:
    """Of every measure: each group's mean, and its difference to the first group's; the same draws for all measures.

    An image counts where every network has a number of it, so that differences are of the same images.
    """
    numbers, gaps = {}, {}
    for name in MEASURES:
        if name == "ece":
            numbers[name], gaps[name] = _calibration(values["confidence"], 1 - values["hidden.none"], groups)
            continue
        known = np.isfinite(values[name]).all(0)
        row, count = np.where(known, values[name], np.nan), int(known.sum())
        found = row[:, known].mean(1, dtype=np.float64) if count else np.full(len(row), np.nan)
        drawn = drawn_means(row, np.random.default_rng(seed))
        numbers[name], gaps[name] = summed_up(found, drawn, np.full(len(found), count), groups)
    return numbers, gaps


def _calibration(sure: np.ndarray, hits: np.ndarray, groups: Sequence[Sequence[int]]) -> tuple[tuple[Mean, ...], ...]:
    """Each group's calibration error, the mean over its runs, and its difference to the first's; without intervals,
    for what chance adds to it is not the same for all."""
    found = np.array([calibration_error(*run) for run in zip(sure, hits, strict=True)])
    means = [float(found[group].mean()) for group in groups]
    gaps = [mean - means[0] for mean in means]
    return tuple(tuple(Mean(value, np.nan, np.nan, len(sure[0])) for value in row) for row in (means, gaps))
