"""A split that stays on disk: worker processes read it, a whole batch each, in the order it is asked for."""

import sys
from collections.abc import Iterator, Sequence

import numpy as np
import torch
from torch import Tensor
from tqdm import tqdm

from ..errors import UnreadableImage
from ..transfer import onto
from .augment import Augment, eval_batch
from .reading import Reader, Task
from .resident import Job
from .workers import Workers

CPU = torch.device("cpu")


class Stream:
    """Files with labels (N,) int64, class names in label order. One pass at a time.

    skip_corrupt: in training the next readable image of its batch stands in for an unreadable one, in tests it is
    left out; each is told once. Otherwise it is an InputError. store_size: side in pixels that tests take an image to
    before they take it to their own, as a split in memory keeps it; straight to their own if not given.
    """

    def __init__(
        self,
        paths: Sequence[str],
        labels: np.ndarray,
        classes: tuple[str, ...],
        device: torch.device = CPU,
        workers: int = 4,
        skip_corrupt: bool = False,
        store_size: int | None = None,
    ) -> None:
        self.labels = torch.from_numpy(labels)
        self.classes = classes
        self.device = device
        self.store_size = store_size
        self._told: set[str] = set()
        self._workers = Workers(Reader(paths, skip_corrupt), workers, pin_memory=device.type == "cuda")

    @property
    def loader(self) -> str:
        """Its name among the loaders."""
        return "stream"

    def __len__(self) -> int:
        return len(self.labels)

    def train_batches(self, jobs: Sequence[Job], augment: Augment) -> Iterator[tuple[Tensor, Tensor]]:
        """Each job's images as `augment` makes them, float32, channels last, and their int64 labels, on the device.

        A resized crop is cut from the whole picture, any other from its centred square.
        """
        batches = self._batches([(numbers, augment, draw) for numbers, draw in jobs])
        for (images, labels), (_, draw) in zip(batches, jobs, strict=True):
            yield augment.finish(images, draw), labels

    def test_batches(self, size: int, batch_size: int, chosen: slice = slice(None)) -> Iterator[tuple[Tensor, Tensor]]:
        """The chosen images in order, their centred squares at `size` x `size`, and labels; the last may be smaller."""
        whole = Augment(self.store_size or size, crop="none", flip=False)
        numbers = np.arange(len(self))[chosen]
        parts = np.split(numbers, range(batch_size, len(numbers), batch_size))
        for images, labels in self._batches([(numbers, whole, None) for numbers in parts]):
            if len(images):
                yield eval_batch(images, size), labels

    def _batches(self, tasks: list[Task]) -> Iterator[tuple[Tensor, Tensor]]:
        """Each task's uint8 images and their labels, on the device."""
        for images, numbers, complaints, failed in self._workers.answers(tasks):
            if failed:
                raise UnreadableImage(complaints[0])
            self._tell(complaints)
            labels = self.labels[numbers]
            yield images.to(self.device, non_blocking=True), onto(labels, self.device)

    def _tell(self, complaints: list[str]) -> None:
        for text in complaints:
            if text not in self._told:
                self._told.add(text)
                tqdm.write(f"left out: {text}", file=sys.stderr)
