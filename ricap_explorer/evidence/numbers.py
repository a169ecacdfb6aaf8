"""Every network's numbers of every image and of every patch, several networks at once."""

from collections.abc import Callable, Sequence
from concurrent.futures import CancelledError, ThreadPoolExecutor
from dataclasses import dataclass
from threading import Event

import numpy as np
import torch
from tqdm import tqdm

from ..cam.sample import Sample
from ..cards import kept_size
from ..zoo import Checkpoint
from .focus import mean_focus, patched
from .kept import Kept
from .probes import Numbers, Subject, probe

BATCH = 64


@dataclass(frozen=True, eq=False)
class Work:
    """What every network is asked: images, and patches of four of them each, (patches, 4), with their families."""

    sample: Sample
    sources: np.ndarray
    families: np.ndarray
    seed: int

    def __len__(self) -> int:
        return len(self.sample) + len(self.sources)

    def ask(self, subject: Subject, told: Callable[[int], None]) -> Numbers:
        """measure -> (N,), "focus" -> (families,); the same squares and random maps for all networks.

        told: called after each batch with how many images or patches it was of.
        """
        rows: list[Numbers] = []
        sample = self.sample.at(kept_size(subject.card))
        for number, (images, labels) in enumerate(sample.batches(BATCH)):
            rows.append(probe(subject, images, labels, np.random.default_rng((self.seed, number))))
            told(len(labels))
        found = []
        for images, classes in patched(sample, self.sources):
            found.append(mean_focus(subject, images, classes))
            told(len(classes))
        of_patches = np.concatenate(found) if found else np.empty(0, np.float32)
        numbers = {name: np.concatenate([row[name] for row in rows]) for name in rows[0]}
        return numbers | {"focus": _of_families(of_patches, self.families)}


def measured(
    checkpoints: Sequence[Checkpoint], work: Work, kept: Kept, device: torch.device, map_size: int
) -> list[Numbers]:
    """The numbers of every network, those of a folder or new ones, which then are kept one by one."""
    rows = {checkpoint.name: kept.read(checkpoint) for checkpoint in checkpoints}
    new = [checkpoint for checkpoint in checkpoints if rows[checkpoint.name] is None]
    stop = Event()
    with tqdm(total=len(new) * len(work), desc="evidence", unit="image", mininterval=5) as bar:

        def told(count: int) -> None:
            if stop.is_set():
                raise CancelledError
            bar.update(count)

        def measure(checkpoint: Checkpoint) -> Numbers:
            numbers = work.ask(Subject.create(checkpoint, device, map_size), told)
            kept.write(checkpoint, numbers)
            return numbers

        with _workers(device, len(new)) as pool:
            try:
                rows |= zip([one.name for one in new], pool.map(measure, new), strict=True)
            finally:
                stop.set()  # after Ctrl-C no network goes on
    return [rows[checkpoint.name] for checkpoint in checkpoints]


def _workers(device: torch.device, networks: int) -> ThreadPoolExecutor:
    """A CPU asks several networks at once, each in few threads, which wait for each other less than those of one do."""
    if device.type != "cpu":
        return ThreadPoolExecutor(1)
    at_once = max(1, min(networks, torch.get_num_threads()))
    threads = torch.get_num_threads() // at_once
    return ThreadPoolExecutor(at_once, initializer=torch.set_num_threads, initargs=(threads,))


def _of_families(focus: np.ndarray, families: np.ndarray) -> np.ndarray:
    """The mean of each family's patches: (patches,), (patches,) -> (families,); of no patches one NaN."""
    if not len(families):
        return np.full(1, np.nan, np.float32)
    return np.bincount(families, focus) / np.bincount(families)
