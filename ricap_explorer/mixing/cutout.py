"""Cutout: a square of every image is masked (DeVries and Taylor 2017, arXiv:1708.04552)."""

from collections.abc import Sequence
from dataclasses import astuple, dataclass
from numbers import Real
from typing import Any, ClassVar, Self

import numpy as np
import torch
from numpy.random import Generator
from torch import Tensor

from ..errors import InputError
from ..transfer import onto
from .batches import mix_labels, take
from .checks import (
    check_batch,
    check_canvas,
    check_count,
    check_rng,
    check_rows,
    check_size,
    check_sources,
    check_switch,
    check_whole,
    whole_numbers,
)
from .plan import Box, Size
from .written import Written, needing


@dataclass(frozen=True)
class CutoutPlan(Written):
    """One draw of cutout.

    size: canvas (height, width). source: the image of each masked one.
    boxes: what is masked in each, inside the canvas.
    """

    method: ClassVar[str] = "cutout"
    size: Size
    source: tuple[int, ...]
    boxes: tuple[Box, ...]

    def __post_init__(self) -> None:
        height, width = self.size
        check_size(self.size)
        if len(self.boxes) != len(self.source):
            raise InputError(
                f"a cutout plan needs a box for each of the {len(self.source)} images; got {len(self.boxes)}"
            )
        check_sources([self.source])
        for box in self.boxes:
            if not box.inside(self.size):
                raise InputError(f"a masked box must lie inside the {width} x {height} image; got {astuple(box)}")

    @property
    def batch_size(self) -> int:
        """Number of masked images, B."""
        return len(self.source)

    def apply(self, images: Tensor) -> Tensor:
        """Mask: (N, C, H, W) -> (B, C, H, W) with zeros in the boxes, the mean colour of normalised images."""
        check_canvas(images, self.size)
        check_count([self.source], len(images), "images")
        out = take(images, self.source)
        if len(set(self.boxes)) == 1:
            out[(..., *self.boxes[0].index)] = 0
        elif images.device.type == "cpu":
            for i, box in enumerate(self.boxes):
                for channel in range(out.shape[1]):  # small enough for one thread: all would meet for every image
                    out[(i, channel, *box.index)] = 0
        else:
            out.masked_fill_(self.mask(images.device), 0)
        return out

    def mask(self, device: torch.device) -> Tensor:
        """What is masked, all images at once: (B, 1, H, W) bools."""
        top, left, height, width = onto([astuple(box) for box in self.boxes], device).T[..., None]
        rows, columns = (torch.arange(side, device=device) for side in self.size)
        inside_rows, inside_columns = (
            (rows >= top) & (rows < top + height),
            (columns >= left) & (columns < left + width),
        )
        return (inside_rows[:, :, None] & inside_columns[:, None])[:, None]

    def targets(self, labels: Tensor, num_classes: int) -> Tensor:
        """One-hot labels, whatever is masked: (N,) ints -> (B, K) float32."""
        return mix_labels(labels, [[i] for i in self.source], [1.0], num_classes)

    def part(self, start: int, stop: int) -> Self:
        """The plan of masked images `start` to `stop` alone."""
        return type(self)(self.size, self.source[start:stop], self.boxes[start:stop])

    def to_dict(self) -> dict[str, Any]:
        """What `to_json` writes."""
        boxes = [astuple(box) for box in self.boxes]
        return {"method": self.method, "size": self.size, "source": self.source, "boxes": boxes}

    @classmethod
    def from_dict(cls, value: dict[str, Any]) -> Self:
        """The plan that `to_dict` tells; InputError where the values make none."""
        with needing("a cutout plan needs size, source and boxes"):
            boxes = tuple(Box(*whole_numbers(box, 4)) for box in value["boxes"])
            return cls(whole_numbers(value["size"], 2), whole_numbers(value["source"]), boxes)


@dataclass(frozen=True)
class Cutout:
    """Cutout's settings.

    length: side of the masked square in pixels; the paper's 16 on CIFAR-10, 8 on CIFAR-100.
    share: the side as a share of the shorter side of the image, where no length is given.
    per_sample: every image has a square of its own, as in the paper; else the batch shares one.
    The square's centre is uniform over the image; what reaches beyond the image is cut off, as in the paper.
    """

    mixes: ClassVar[int] = 1
    length: int | None = None
    share: float = 0.5
    per_sample: bool = True

    def __post_init__(self) -> None:
        if self.length is not None:
            object.__setattr__(self, "length", check_whole("length", self.length, 1))
        if isinstance(self.share, bool) or not isinstance(self.share, Real) or not 0 < self.share <= 1:
            raise InputError(f"share must be a number above 0 and at most 1; got {self.share!r}")
        object.__setattr__(self, "share", float(self.share))
        object.__setattr__(self, "per_sample", check_switch("per_sample", self.per_sample))

    def plan(
        self, batch_size: int, size: Size, rng: Generator, sources: Sequence[Sequence[int]] | None = None
    ) -> CutoutPlan:
        """Draw a plan for `batch_size` images of (height, width) `size`; sources: one row of image indices."""
        batch_size, size = check_batch(batch_size, size)
        check_rng(rng)
        (source,) = check_rows((range(batch_size),) if sources is None else sources, 1, batch_size)
        side = min(self.length or max(1, round(self.share * min(size))), 2 * max(size))  # more covers no more
        drawn = cut_boxes(rng, size, np.full((batch_size if self.per_sample else 1, 2), side)).tolist()
        boxes = [Box(*box) for box in drawn]
        return CutoutPlan(size, source, tuple(boxes if self.per_sample else boxes * batch_size))


def cut_boxes(rng: Generator, size: Size, sides: np.ndarray) -> np.ndarray:
    """Boxes of these sides (B, 2), height and width, around uniform pixels of the canvas and cut to it.

    Returns (B, 4) ints, each (top, left, height, width).
    """
    first = rng.integers(size, size=sides.shape) - sides // 2
    corners = np.maximum(first, 0)
    return np.concatenate([corners, np.minimum(first + sides, size) - corners], 1)
