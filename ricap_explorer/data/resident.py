"""A split that lives in memory: decoded once, augmented in batches on its device."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from ..transfer import onto
from .augment import Augment, Draw, eval_batch

Job = tuple[np.ndarray, Draw]  # (B,) image numbers, and what happens to each of these images


@dataclass(frozen=True)
class Resident:
    """Images (N, 3, S, S) uint8, labels (N,) int64, class names in label order."""

    images: Tensor
    labels: Tensor
    classes: tuple[str, ...]

    @property
    def loader(self) -> str:
        """Its name among the loaders."""
        return "resident"

    def __len__(self) -> int:
        return len(self.labels)

    def take(self, numbers: np.ndarray) -> "Resident":
        """The images of these numbers (M,), in their order, as a copy."""
        chosen = onto(numbers, self.labels.device)
        return Resident(self.images[chosen], self.labels[chosen], self.classes)

    def to(self, device: torch.device) -> "Resident":
        """The same split on another device."""
        return Resident(self.images.to(device), self.labels.to(device), self.classes)

    def train_batches(self, jobs: Sequence[Job], augment: Augment) -> Iterator[tuple[Tensor, Tensor]]:
        """Each job's images as `augment` makes them, float32, channels last, and their int64 labels, on the device."""
        for numbers, draw in jobs:
            chosen = onto(numbers, self.labels.device)
            yield augment.apply(self.images.index_select(0, chosen), draw), self.labels[chosen]

    def test_batches(self, size: int, batch_size: int, chosen: slice = slice(None)) -> Iterator[tuple[Tensor, Tensor]]:
        """The chosen images in order, whole, at `size` x `size`, and their labels; the last batch may be smaller."""
        images, labels = self.images[chosen], self.labels[chosen]
        for start in range(0, len(labels), batch_size):
            yield eval_batch(images[start : start + batch_size], size), labels[start : start + batch_size]
