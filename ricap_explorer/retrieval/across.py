"""Every photograph is tested once: learn from the other folds, in several ways with several seeds, and sum up."""

import dataclasses
import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch

from ..bootstrap import Mean, drawn_means
from ..errors import InputError
from ..evidence.arrays import make_folder, read_arrays, write_arrays
from ..evidence.runs import bare, summed_up
from ..mixing import Method
from ..titles import method_title
from ..zoo import Checkpoint
from .captions import Captioned
from .learning import fine_tune, precision_on, test
from .recall import Ranks, joined
from .recipe import Recipe
from .record import MEASURES, MEDIANS, Retrieval, Way

VERSION = 2  # one more wherever ranks come out otherwise


@dataclass(frozen=True)
class Study:
    """What is trained: a network, by a recipe, on all folds but one, which is tested; with `tuning` on all but two, of
    which the other is tested. No network has seen what it is tested on, but over all folds the same images are."""

    start: Checkpoint
    data: Captioned
    recipe: Recipe
    folds: int = 5
    tuning: bool = False

    def __post_init__(self) -> None:
        least = 2 + self.tuning
        if not least <= self.folds <= len(self.data):
            raise InputError(f"--folds must be from {least} to {len(self.data)}, one an image; got {self.folds}")

    def split(self, fold: int) -> tuple[np.ndarray, np.ndarray]:
        """The numbers of the images to learn from, and of those to test."""
        order = np.random.default_rng(0).permutation(len(self.data))
        parts = [np.sort(part) for part in np.array_split(order, self.folds)]
        tested = (fold + 1) % self.folds if self.tuning else fold
        left = {fold, tested}
        return np.concatenate([part for i, part in enumerate(parts) if i not in left]), parts[tested]

    def run(self, method: Method, seed: int, fold: int, device: torch.device) -> Ranks:
        """Train one network and rank the images that it has not seen."""
        learnt, tested = self.split(fold)
        network = self.start.load()
        retriever, vocabulary = fine_tune(network, self.data, learnt, method, self.recipe, seed, device)
        return test(retriever, vocabulary, self.data, tested, self.recipe.image_size)

    def digest(self, precision: str) -> str:
        """Of all that a run's ranks hang on besides its method, seed and fold."""
        known = hashlib.sha256(self.start.path.read_bytes())
        known.update(self.data.images.numpy().tobytes())
        settings = [VERSION, self.data.captions, dataclasses.asdict(self.recipe), self.folds, self.tuning, precision]
        known.update(json.dumps(settings).encode())
        return known.hexdigest()[:12]


def compare(
    study: Study,
    methods: Mapping[str, Method],
    seeds: int,
    device: torch.device,
    card: dict[str, Any],
    keep: Path | None = None,
    tell: Callable[[str], None] = lambda sentence: None,
) -> Retrieval:
    """Recall of every method over `seeds` runs of all folds, each beside the first method's, with intervals.

    methods: their settings by their names among METHODS. card: what the file shall say of how it was made. keep: a
    folder for the ranks of every fold; what it holds is not trained again. tell: called with a sentence after every
    fold.
    """
    make_folder(keep)
    runs = [
        _run(study, name, method, seed, device, keep, tell) for name, method in methods.items() for seed in range(seeds)
    ]
    groups = [list(range(way * seeds, (way + 1) * seeds)) for way in range(len(methods))]
    numbers, gaps = {}, {}
    for name in MEASURES:
        numbers[name], gaps[name] = (_medians if name in MEDIANS else _shares)(runs, name, groups)
    ways = tuple(Way(name, _title(name, method), seeds) for name, method in methods.items())
    return Retrieval("", card, ways, numbers, gaps)


def _run(
    study: Study, name: str, method: Method, seed: int, device: torch.device, keep: Path | None, tell: Callable
) -> Ranks:
    """The ranks of all folds of one run."""
    parts, title = [], _title(name, method)
    digest = hashlib.sha256(f"{study.digest(precision_on(device))} {method!r}".encode()).hexdigest()[:12]
    for fold in range(study.folds):
        path = keep / f"{name}-{digest}_s{seed}_f{fold}.npz" if keep else None
        if path and (kept := read_arrays(path)):
            part = Ranks(**kept)
        else:
            part = study.run(method, seed, fold, device)
            if path:
                write_arrays(path, vars(part))
        parts.append(part)
        found = f"caption R@10 {100 * np.mean(part.caption <= 10):.1f} %, image {100 * np.mean(part.image <= 10):.1f} %"
        tell(f"{title}, seed {seed}, fold {fold + 1} of {study.folds}: {found}")
    return joined(parts)


def _title(name: str, method: Method) -> str:
    return method_title({"method": name, "method_settings": dataclasses.asdict(method)})


def _shares(runs: Sequence[Ranks], name: str, groups: Sequence[list[int]]) -> tuple[tuple[Mean, ...], ...]:
    """Each way's share over images and runs, and its difference to the first way's, with intervals over both."""
    values = np.stack([ranks.measures()[name] for ranks in runs])  # (runs, images)
    drawn = drawn_means(values, np.random.default_rng(0))
    counts = np.full(len(runs), values.shape[1])
    numbers, gaps = summed_up(values.mean(1), drawn, counts, groups, [0] * len(groups))
    return numbers, gaps


def _medians(runs: Sequence[Ranks], name: str, groups: Sequence[list[int]]) -> tuple[tuple[Mean, ...], ...]:
    found = np.array([ranks.medians()[name] for ranks in runs])
    return bare(found, len(runs[0].caption), groups, [0] * len(groups))
