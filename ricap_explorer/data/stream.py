"""A split that stays on disk: worker processes read its files, a whole batch each, in the order they are asked for."""

import copy
import os
import sys
from collections.abc import Iterator, Sequence

import numpy as np
import torch
from PIL import Image
from torch import Tensor
from torch.utils.data import DataLoader, Dataset
from tqdm import tqdm

from ..errors import InputError
from .augment import Augment, Draw, eval_batch
from .images import read_image, square_image, to_tensor
from .resident import Job

Task = tuple[np.ndarray, Augment, Draw | None]  # image numbers, and how to cut them; without a draw whole
CPU = torch.device("cpu")


class Stream:
    """Files and labels (N,) int64, class names in label order. One pass at a time: a new one ends the one before."""

    def __init__(
        self,
        paths: Sequence[str],
        labels: np.ndarray,
        classes: tuple[str, ...],
        device: torch.device = CPU,
        workers: int = 4,
        skip_corrupt: bool = False,
    ) -> None:
        self.classes = classes
        self.labels = self._labels = torch.from_numpy(labels)
        self.device = device
        self._numbers = np.arange(len(labels))  # among all files: a shard's are fewer
        self._told: set[str] = set()
        self._tasks: list[Task] = []
        self._reader = Reader(paths, skip_corrupt)
        self._loader = DataLoader(
            self._reader,
            batch_size=None,
            sampler=self._tasks,
            num_workers=workers,
            persistent_workers=workers > 0,
            pin_memory=device.type == "cuda",
            generator=torch.Generator(),  # else a pass would take a number from torch's global one
        )

    def __len__(self) -> int:
        return len(self.labels)

    def shard(self, index: int, count: int) -> "Stream":
        """Every `count`-th image from image `index` on, read by the same workers."""
        part = copy.copy(self)
        part.labels, part._numbers = self.labels[index::count], self._numbers[index::count]
        return part

    def train_batches(self, jobs: Sequence[Job], augment: Augment) -> Iterator[tuple[Tensor, Tensor]]:
        """Each job's images as `augment` makes them, float32, channels last, and their int64 labels, on the device.

        A resized crop is cut from the whole picture, any other from its centred square.
        """
        tasks = [(self._numbers[numbers], augment, draw) for numbers, draw in jobs]
        for (images, labels), (_, draw) in zip(self._batches(tasks), jobs, strict=True):
            yield augment.finish(images, draw), labels

    def test_batches(self, size: int, batch_size: int) -> Iterator[tuple[Tensor, Tensor]]:
        """All images in order, their centred squares at `size` x `size`, and their labels; the last may be smaller."""
        augment = Augment(size, crop="none", flip=False)
        parts = np.split(self._numbers, range(batch_size, len(self), batch_size))
        for images, labels in self._batches([(numbers, augment, None) for numbers in parts]):
            if len(images):
                yield eval_batch(images, size), labels

    def _batches(self, tasks: list[Task]) -> Iterator[tuple[Tensor, Tensor]]:
        self._tasks[:] = tasks
        for images, numbers, complaints, failed in self._answers():
            if failed:
                raise InputError(complaints[0])
            self._tell(complaints)
            yield images.to(self.device, non_blocking=True), self._labels[numbers].to(self.device, non_blocking=True)

    def _answers(self) -> Iterator:
        try:
            yield from self._loader
        except RuntimeError as error:
            if "DataLoader worker" not in str(error):
                raise
            self._loader._iterator = None  # its workers are gone; the next pass starts new ones
            raise InputError(
                "the workers that read images must stay alive; one was killed, often for want of memory: try fewer"
            ) from None

    def _tell(self, complaints: list[str]) -> None:
        for text in complaints:
            if text not in self._told:
                self._told.add(text)
                tqdm.write(f"skipped: {text}", file=sys.stderr)


class Reader(Dataset):
    """What a worker does: a task in, uint8 images out, with the numbers of the images that they show."""

    def __init__(self, paths: Sequence[str], skip_corrupt: bool) -> None:
        self._paths = np.array([os.fsencode(path) for path in paths])  # one block: forked workers share it for good
        self._skip_corrupt = skip_corrupt

    def __getitem__(self, task: Task) -> tuple[Tensor, Tensor, list[str], bool]:
        """Images (B, 3, S, S), their numbers (B,), what is wrong with files, and whether that ends the pass.

        Where corrupt files are skipped, the next readable image of a training task stands in for them, and a test
        task leaves them out.
        """
        numbers, augment, draw = task
        images, wrong = {}, {}
        for i in range(len(numbers)):
            try:
                images[i] = self._cut(numbers[i], augment, draw and draw.part(i, i + 1))
            except InputError as error:
                wrong[i] = str(error)
        if wrong and (not self._skip_corrupt or (draw is not None and not images)):
            return torch.empty(0), torch.empty(0), list(wrong.values()), True
        shown = {i: i for i in images}
        for i in wrong if draw is not None else ():
            shown[i] = min(images.keys() - wrong.keys(), key=lambda j, i=i: (j - i) % len(numbers))
            images[i] = self._cut(numbers[shown[i]], augment, draw.part(i, i + 1))
        order, told = sorted(shown), list(wrong.values())
        batch = np.stack([images[i] for i in order]) if order else np.empty((0, 3, augment.size, augment.size), "u1")
        return torch.from_numpy(batch), torch.from_numpy(numbers[[shown[i] for i in order]]), told, False

    def _cut(self, number: int, augment: Augment, draw: Draw | None) -> np.ndarray:
        return cut_file(os.fsdecode(self._paths[number]), augment, draw)


def cut_file(path: str, augment: Augment, draw: Draw | None) -> np.ndarray:
    """One picture's crop and flip, or without a draw its centred square: (3, S, S) uint8, S being augment.size."""
    size = augment.size
    if draw is None or augment.crop != "resized":
        image = to_tensor(square_image(read_image(path, path), size))
        return (image if draw is None else augment.cut(image[None], draw)[0]).numpy()
    image = read_image(path, path, least=draw.least(size))
    top, left, height, width = draw.boxes(image.size[::-1])[0]
    box = (left, top, min(left + width, image.width), min(top + height, image.height))
    image = image.resize((size, size), Image.Resampling.BILINEAR, box)
    return to_tensor(image.transpose(Image.Transpose.FLIP_LEFT_RIGHT) if draw.flip[0] else image).numpy()
