"""Whole batches of pictures from files, cut as a draw says: what a worker process does."""

import os
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import torch
from PIL import Image
from torch import Tensor
from torch.utils.data import Dataset

from ..errors import InputError
from .augment import Augment, Draw
from .images import read_image, square_image, to_tensor

Task = tuple[np.ndarray, Augment, Draw | None]  # (B,) image numbers and how to cut each; without a draw each whole


class Answer(NamedTuple):
    """What a task gave."""

    images: Tensor  # (B, 3, S, S) uint8
    numbers: Tensor  # (B,) of the images that they show
    complaints: list[str]  # what is wrong with files, a sentence each
    failed: bool  # whether that ends the pass


class Reader(Dataset):
    """Answers tasks. The paths are one block of memory, so that forked workers go on sharing it."""

    def __init__(self, paths: Sequence[str], skip_corrupt: bool = False) -> None:
        self._paths = np.array([os.fsencode(path) for path in paths])
        self._skip_corrupt = skip_corrupt

    def __getitem__(self, task: Task) -> Answer:
        """The task's images. Where corrupt files are skipped, a test task leaves them out; in a training task the
        next readable image stands in for each, the first one following the last.
        """
        numbers, augment, draw = task
        images, complaints = self._read(task)
        if complaints and (not self._skip_corrupt or (draw is not None and not images)):
            return Answer(torch.empty(0), torch.empty(0), complaints, True)
        if complaints and draw is not None:
            numbers = numbers[_stand_ins(len(numbers), list(images))]
            images, _ = self._read((numbers, augment, draw))
        none = torch.empty(0, 3, augment.size, augment.size, dtype=torch.uint8)
        batch = torch.cat([none, *(image[None] for image in images.values())])
        return Answer(batch, torch.from_numpy(numbers[list(images)]), complaints, False)

    def _read(self, task: Task) -> tuple[dict[int, Tensor], list[str]]:
        """The images that can be read, by their place in the task, and what is wrong with the others."""
        numbers, augment, draw = task
        images, complaints = {}, []
        for i, number in enumerate(numbers):
            try:
                images[i] = self._cut(number, augment, None if draw is None else draw.part(i, i + 1))
            except InputError as error:
                complaints.append(str(error))
        return images, complaints

    def _cut(self, number: int, augment: Augment, draw: Draw | None) -> Tensor:
        return cut_file(os.fsdecode(self._paths[number]), augment, draw)


def _stand_ins(count: int, good: list[int]) -> list[int]:
    """For each of `count` places the nearest good one, itself or after it, the first following the last."""
    return [min(good, key=lambda place, i=i: (place - i) % count) for i in range(count)]


def cut_file(path: str, augment: Augment, draw: Draw | None) -> Tensor:
    """One picture's crop and flip as its draw says: (3, S, S) uint8, S being augment.size.

    A resized crop is cut from the whole picture, any other from its centred square; without a draw that is all.
    """
    if draw is not None and augment.crop == "resized":
        return _resized_crop(path, augment.size, draw)
    square = to_tensor(square_image(read_image(path, path), augment.size))
    return square if draw is None else augment.cut(square[None], draw)[0]


def _resized_crop(path: str, size: int, draw: Draw) -> Tensor:
    image = read_image(path, path, least=draw.least(size))
    top, left, height, width = draw.boxes((image.height, image.width))[0]
    box = (left, top, min(left + width, image.width), min(top + height, image.height))
    image = image.resize((size, size), Image.Resampling.BILINEAR, box)
    return to_tensor(image.transpose(Image.Transpose.FLIP_LEFT_RIGHT) if draw.flip[0] else image)
