"""Measure several networks on the same images and patches, and sum up."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import torch
from tqdm import tqdm

from ..cam.sample import Sample
from ..cam.summary import Mean, compare, means
from ..zoo import Checkpoint
from .calibration import calibration_errors, reliability
from .focus import draw_sources, focus, patched
from .measures import MEASURES
from .probes import Numbers, Subject, probe
from .record import Evidence, Network

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

    seed: of squares, random maps, patches and bootstrap. card: what the file shall say of how it was made.
    """
    subjects = [Subject.create(checkpoint, device) for checkpoint in checkpoints]
    values = _probed(subjects, sample, seed) | {"focus": _focused(subjects, sample, patches, seed)}
    numbers, gaps = _summed_up(values, seed)
    sure, hits = values["confidence"], 1 - values["hidden.none"]
    numbers["ece"], gaps["ece"] = (
        tuple(found) for found in calibration_errors(sure, hits, 0, np.random.default_rng(seed))
    )
    networks = tuple(
        Network(c.name, c.title, c.card["method"], c.card["epochs"], c.card["test_error"]) for c in checkpoints
    )
    bins = tuple(tuple(reliability(c, h)) for c, h in zip(sure, hits, strict=True))
    ordered = [{name: table[name] for name in MEASURES} for table in (numbers, gaps)]
    return Evidence("", card | {"images": len(sample), "patches": patches, "seed": seed}, networks, *ordered, bins)


def _probed(subjects: Sequence[Subject], sample: Sample, seed: int) -> Numbers:
    """measure -> (M, N); the same squares and random maps for all networks."""
    rows: list[list[Numbers]] = [[] for _ in subjects]
    with tqdm(total=len(sample), desc="images", unit="image", mininterval=5) as bar:
        for number, (images, labels) in enumerate(sample.batches(BATCH)):
            for subject, row in zip(subjects, rows, strict=True):
                row.append(probe(subject, images, labels, np.random.default_rng((seed, number))))
            bar.update(len(labels))
    return {name: np.stack([np.concatenate([batch[name] for batch in row]) for row in rows]) for name in rows[0][0]}


def _focused(subjects: Sequence[Subject], sample: Sample, count: int, seed: int) -> np.ndarray:
    """Focus of every network on the same patches: (M, patches)."""
    sources = draw_sources(sample.labels, count, np.random.default_rng(seed))
    rows: list[list[np.ndarray]] = [[] for _ in subjects]
    for images, classes in tqdm(patched(sample, sources), desc="patches", unit="batch", mininterval=5):
        for subject, row in zip(subjects, rows, strict=True):
            row.append(focus(subject, images, classes))
    return np.stack([np.concatenate(row) for row in rows])


def _summed_up(values: Numbers, seed: int) -> tuple[dict[str, tuple[Mean, ...]], dict[str, tuple[Mean, ...]]]:
    """Means of every network, and of its difference to the first, image by image."""
    numbers, gaps = {}, {}
    for name, found in values.items():
        rng = np.random.default_rng(seed)
        numbers[name] = tuple(means(found, rng))
        gaps[name] = tuple(pair.mean for pair in compare(found, 0, rng))
    return numbers, gaps
