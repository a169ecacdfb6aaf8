"""Measure several networks on the same images and patches, and sum up."""

from collections.abc import Sequence
from concurrent.futures import Executor, ThreadPoolExecutor
from itertools import repeat
from typing import Any

import numpy as np
import torch
from tqdm import tqdm

from ..cam.sample import Sample
from ..cam.summary import DRAWS, Mean, drawn_means
from ..titles import run_title
from ..zoo import Checkpoint
from .calibration import calibration_errors, drawn_calibration_errors, reliability
from .focus import draw_sources, focus, patched
from .measures import MEASURES, NET, net_of
from .probes import Numbers, Subject, probe
from .record import Evidence, Network
from .runs import grouped, run_draws, summed_up

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
    sources = draw_sources(sample.labels, patches, np.random.default_rng(seed))
    subjects = [Subject.create(checkpoint, device) for checkpoint in checkpoints]
    with _workers(device) as pool:
        values = _probed(pool, subjects, sample, seed) | {"focus": _focused(pool, subjects, sample, sources)}
    values |= {name: np.subtract(*(values[part] for part in net_of(name))) for name in MEASURES if f".{NET}" in name}
    numbers, gaps = _summed_up(values, groups, seed)
    networks = tuple(_network([checkpoints[place] for place in group]) for group in groups)
    sure, hits = values["confidence"], 1 - values["hidden.none"]
    bins = tuple(tuple(reliability(sure[group].ravel(), hits[group].ravel())) for group in groups)
    return Evidence(
        "", card | {"images": len(sample), "patches": len(sources), "seed": seed}, networks, numbers, gaps, bins
    )


def _network(runs: Sequence[Checkpoint]) -> Network:
    """What is told of the runs of a kind."""
    card = runs[0].card
    error = float(np.mean([run.card["test_error"] for run in runs]))
    names = tuple(run.name for run in runs)
    title = run_title(card | {"seed": 0})
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
    """Focus of every network on the patches of these images (patches, 4): (M, patches); of no patches one NaN."""
    if not len(sources):
        return np.full((len(subjects), 1), np.nan, np.float32)
    rows: list[list[np.ndarray]] = [[] for _ in subjects]
    for images, classes in tqdm(patched(sample, sources), desc="patches", unit="batch", mininterval=5):
        for row, found in zip(rows, pool.map(focus, subjects, repeat(images), repeat(classes)), strict=True):
            row.append(found)
    return np.stack([np.concatenate(row) for row in rows])


def _summed_up(
    values: Numbers, groups: Sequence[Sequence[int]], seed: int
) -> tuple[dict[str, tuple[Mean, ...]], dict[str, tuple[Mean, ...]]]:
    """Of every measure: each group's mean, and its difference to the first group's; the same draws for all measures.

    An image counts where every network has a number of it, so that differences are of the same images.
    """
    shares = run_draws(groups, DRAWS, np.random.default_rng((seed, 1)))
    sure, hits = values["confidence"], 1 - values["hidden.none"]
    numbers, gaps = {}, {}
    for name in MEASURES:
        rng = np.random.default_rng(seed)
        if name == "ece":
            found, drawn = calibration_errors(sure, hits), drawn_calibration_errors(sure, hits, rng)
            count = sure.shape[1]
        else:
            known = np.isfinite(values[name]).all(0)
            row, count = np.where(known, values[name], np.nan), int(known.sum())
            found = row[:, known].mean(1, dtype=np.float64) if count else np.full(len(row), np.nan)
            drawn = drawn_means(row, rng)
        counts = np.full(len(found), count)
        numbers[name], gaps[name] = summed_up(found, drawn, counts, groups, shares, basic=name == "ece")
    return numbers, gaps
