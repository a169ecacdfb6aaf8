"""Some images of those that networks were tested on, decoded batch by batch, so that any number of them fits."""

import sys
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Self

import numpy as np
import torch
from numpy.random import Generator
from torch import Tensor

from ..cards import holdout, kept_size
from ..data import Resident, read_image, square_image, to_tensor
from ..data.datasets import Files
from ..data.loaders import find_part
from ..errors import InputError
from ..titles import check_same_data


@dataclass(frozen=True, eq=False)
class Sample:
    """N images of a split: they alone, so that none of the others is kept; their numbers in it (N,), labels (N,) and
    names, and the class names in label order.

    size: side in pixels at which files are decoded, see `at`; a split that is in memory already keeps its own. holdout:
    the share of the training set that the split is; 0: it is the validation set.
    """

    part: Files | Resident
    numbers: np.ndarray
    size: int
    holdout: float = 0.0

    def __len__(self) -> int:
        return len(self.numbers)

    @property
    def classes(self) -> tuple[str, ...]:
        """Class names in label order."""
        return tuple(self.part.classes)

    @property
    def labels(self) -> np.ndarray:
        """(N,) int64."""
        return np.asarray(self.part.labels)

    @property
    def names(self) -> list[str]:
        """Files as they lie in the data set, class/file.png, or numbers where there are no files."""
        return [str(number) for number in self.numbers] if isinstance(self.part, Resident) else self.part.names

    def take(self, which: np.ndarray) -> Self:
        """Those of its images, by their places (M,) in the sample."""
        return replace(self, part=self.part.take(which), numbers=self.numbers[which])

    def at(self, size: int) -> Self:
        """The same images, decoded at another size."""
        return replace(self, size=size)

    def path(self, i: int) -> Path | None:
        """The file of image number i of the sample; None where there are no files."""
        return None if isinstance(self.part, Resident) else Path(self.part.samples[i][0])

    def image(self, i: int) -> Tensor:
        """Image number i of the sample as (3, S, S) uint8."""
        if isinstance(self.part, Resident):
            return self.part.images[i]
        path = self.part.samples[i][0]
        return to_tensor(square_image(read_image(path, path), self.size))

    def batches(self, batch_size: int, workers: int = 2) -> Iterator[tuple[Tensor, Tensor]]:
        """All images in order, (B, 3, S, S) uint8, and their labels; the next batch is decoded meanwhile."""
        if not len(self):
            return
        labels = torch.from_numpy(self.labels.astype(np.int64))
        parts = torch.arange(len(self)).split(batch_size)
        with ThreadPoolExecutor(workers) as pool:
            following = pool.map(self.image, parts[0].tolist())
            for k, part in enumerate(parts):
                images = following
                if k + 1 < len(parts):
                    following = pool.map(self.image, parts[k + 1].tolist())
                yield torch.stack(list(images)), labels[part]


def batches_for(
    cards: Sequence[dict[str, Any]], sample: Sample, batch_size: int
) -> Iterator[tuple[list[Tensor], Tensor]]:
    """All images in order, as the test of each network of these cards had them, and their labels: a batch
    (B, 3, S, S) uint8 for each card, S being the size at which its data were kept."""
    sizes = [kept_size(card) for card in cards]
    streams = {size: sample.at(size).batches(batch_size) for size in sizes}
    for found in zip(*streams.values(), strict=True):
        images = dict(zip(streams, (images for images, _ in found), strict=True))
        yield [images[size] for size in sizes], found[0][1]


def draw_sample(
    dataset: str,
    data_dir: Path,
    count: int | None,
    size: int,
    rng: Generator,
    holdout: float = 0.0,
    or_fewer: bool = False,
) -> Sample:
    """`count` different images of the validation set, in the data set's order; None takes all. Nothing is downloaded.

    holdout: draw from that share of the training set instead. InputError where the data set is absent, or holds fewer,
    unless `or_fewer`.
    """
    found = find_part(dataset, data_dir, "val", holdout, download=False)
    total = len(found.labels)
    if or_fewer and count and count > total:
        count = None
    if count is not None and not (type(count) is int and 1 <= count <= total):
        what = "all that were held out" if holdout else "the whole validation set"
        raise InputError(f"the number of images must be from 1 to {total}, {what}; got {count}")
    whole = Sample(found, np.arange(total), size, holdout)
    return whole if count is None else whole.take(np.sort(rng.permutation(total)[:count]))


def _readable(sample: Sample) -> Sample:
    """The sample without the images that cannot be read, each told in a line."""

    def can(i: int) -> bool:
        try:
            sample.image(i)
        except InputError as error:
            print(f"left out: {error}", file=sys.stderr)
            return False
        return True

    with ThreadPoolExecutor(2) as pool:
        good = np.array(list(pool.map(can, range(len(sample)))), bool)
    if not good.any():
        raise InputError(f"at least one of the {len(sample)} images must be readable; none is")
    return sample.take(np.flatnonzero(good))


def sample_of(
    cards: Sequence[dict[str, Any]], data_dir: Path, count: int | None, seed: int, or_fewer: bool = False
) -> Sample:
    """Images of those that networks of these cards were tested on, drawn with that seed: of the validation set, or of
    the part of the training set that was held out from all of them. What cannot be read is left out where the cards say
    that it was.

    Its size is the largest at which their data were kept. InputError for networks of several data sets, for an
    absent data set, one with other classes, or, unless `or_fewer`, with fewer images.
    """
    first = cards[0]
    check_same_data(cards)
    size = max(kept_size(card) for card in cards)
    shares = {holdout(card) for card in cards}
    share = shares.pop() if len(shares) == 1 else 0.0  # nobody trained on the validation set
    sample = draw_sample(first["dataset"], data_dir, count, size, np.random.default_rng(seed), share, or_fewer)
    if list(sample.classes) != first["classes"]:
        raise InputError(
            f"the images of {first['dataset']} must be of the classes that the networks know; they are not"
        )
    return _readable(sample) if any(card.get("skip_corrupt") for card in cards) else sample
