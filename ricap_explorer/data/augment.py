"""Standard augmentation, drawn first and applied later.

A `Draw` is all that is random in it, in numbers that do not depend on how large a picture is: the same draw does the
same to a picture in memory and to its file, on any device and in any process.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass, fields

import numpy as np
import torch
import torch.nn.functional as F
from numpy.random import Generator
from torch import Tensor

from ..errors import InputError, choose
from ..transfer import onto
from .colour import colour
from .normalise import MEAN, STD, normalise
from .resample import mirror, padded_crop, resample, rotate, whole_boxes

CROPS = ("resized", "padded", "none")
RATIO = (3 / 4, 4 / 3)  # width / height of a random-resized crop (Szegedy et al. 2015)
PAD = 1 / 8  # of the side: 4 pixels of CIFAR's 32


@dataclass(frozen=True, eq=False)
class Draw:
    """What happens to each of B images: arrays with a leading axis of B."""

    area: np.ndarray  # (B,) the crop's share of the picture's area, above 0, at most 1
    ratio: np.ndarray  # (B,) the crop's width / height
    place: np.ndarray  # (B, 2) where the crop lies: from 0, top or left, to 1 (excluded), bottom or right
    flip: np.ndarray  # (B,) bools: mirrored left to right
    colour: np.ndarray  # (B, 3) factors of brightness, contrast, saturation
    angle: np.ndarray  # (B,) degrees counter-clockwise

    def __len__(self) -> int:
        return len(self.area)

    def part(self, start: int, stop: int) -> "Draw":
        """The draw of images `start` to `stop` (excluded) alone."""
        return Draw(*(getattr(self, field.name)[start:stop] for field in fields(self)))

    def boxes(self, size: tuple[int, int]) -> np.ndarray:
        """Random-resized crops of a picture of (height, width): (B, 4) floats, top, left, height, width in pixels.

        A box that would not fit is cut to the picture's sides, and then to a ratio of at most 4 / 3 either way.
        """
        height, width = size
        area = self.area * height * width
        h, w = np.minimum(np.sqrt(area / self.ratio), height), np.minimum(np.sqrt(area * self.ratio), width)
        h, w = np.minimum(h, w * RATIO[1]), np.minimum(w, h * RATIO[1])
        top, left = self.place[:, 0] * (height - h), self.place[:, 1] * (width - w)
        return np.stack([top, left, h, w], axis=1)

    def least(self, size: int) -> int:
        """Side in pixels that a picture must have for every crop in it to have sides of at least `size`."""
        return math.ceil(size / np.sqrt(self.area * np.minimum(self.ratio, 1 / self.ratio)).min())

    def corners(self, pad: int) -> np.ndarray:
        """Padded crops: (B, 2) ints, top and left from 0 to 2 * pad, all equally likely."""
        return (self.place * (2 * pad + 1)).astype(np.int64)


@dataclass(frozen=True)
class Augment:
    """Settings of standard augmentation; InputError at once for a value that makes no sense.

    size: side of the network's input in pixels. crop: resized, a random-resized crop; padded, an eighth of the side
    (4 of 32 pixels) of black on every side, then a random crop of the old size; none, the whole picture. scale: resized
    crops' smallest share of the area. colour: largest change of brightness, contrast and saturation, each a factor
    from 1 - colour to 1 + colour; 0 is off. rotate: largest turn in degrees either way; 0 is off.
    """

    size: int = 128
    crop: str = "resized"
    scale: float = 0.25
    flip: bool = True
    colour: float = 0.0
    rotate: float = 0.0

    def __post_init__(self) -> None:
        choose("crop", self.crop, CROPS)
        self._check("size", self.size >= 1, "at least 1 pixel")
        self._check("scale", 0 < self.scale <= 1, "above 0 and at most 1")
        self._check("colour", 0 <= self.colour <= 1, "between 0 and 1")
        self._check("rotate", 0 <= self.rotate <= 180, "between 0 and 180 degrees")

    def _check(self, name: str, good: bool, allowed: str) -> None:
        if not good:
            raise InputError(f"{name} must be {allowed}; got {getattr(self, name)}")

    def draw(self, count: int, rng: Generator) -> Draw:
        """Draw for `count` images. The numbers taken from `rng` are as many whatever the settings."""
        return Draw(
            area=rng.uniform(self.scale, 1, count),
            ratio=np.exp(rng.uniform(math.log(RATIO[0]), math.log(RATIO[1]), count)),
            place=rng.random((count, 2)),
            flip=(rng.random(count) < 0.5) & self.flip,
            colour=rng.uniform(1 - self.colour, 1 + self.colour, (count, 3)),
            angle=rng.uniform(-self.rotate, self.rotate, count),
        )

    def apply(self, images: Tensor, draw: Draw) -> Tensor:
        """(B, 3, H, W) uint8 -> (B, 3, size, size) float32, normalised, channels last, on the images' device."""
        return self.finish(self.cut(images, draw), draw)

    def cut(self, images: Tensor, draw: Draw) -> Tensor:
        """Crop and flip alone: (B, 3, H, W) uint8 -> (B, 3, size, size), uint8 or float32, pixel values kept."""
        height, width = images.shape[2:]
        flip = onto(draw.flip, images.device)
        boxes = whole_boxes(images)
        if self.crop == "padded":
            pad = round(height * PAD)
            images = padded_crop(images, onto(draw.corners(pad), images.device), pad)
        elif self.crop == "resized":
            boxes = onto(draw.boxes((height, width)), images.device, torch.float32)
        if self.crop != "resized" and height == width == self.size:
            return mirror(images, flip)
        return resample(images, boxes, (self.size, self.size), flip)

    def finish(self, images: Tensor, draw: Draw) -> Tensor:
        """Rotation, colour and normalisation: (B, 3, size, size), pixels of 0 to 255 -> float32, channels last."""
        if self.rotate:
            images = rotate(images.float(), onto(draw.angle, images.device, torch.float32))
        if self.colour:
            images = colour(images.float(), onto(draw.colour, images.device, torch.float32))
        return normalise(images).contiguous(memory_format=torch.channels_last)


def eval_batch(images: Tensor, size: int, mean: Sequence[float] = MEAN, std: Sequence[float] = STD) -> Tensor:
    """The whole image resized and normalised: (B, 3, H, W) uint8 -> (B, 3, size, size) float32, channels last."""
    if images.shape[2:] != (size, size):
        images = F.interpolate(images.float(), (size, size), mode="bilinear", antialias=True)
    return normalise(images, mean, std).contiguous(memory_format=torch.channels_last)
