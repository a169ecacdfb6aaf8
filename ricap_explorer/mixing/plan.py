"""What every mixing method shares: boxes, patches, and the Plan and Method protocols.

A method draws a plan from a random generator; from then on nothing is random. The same plan mixes images,
mixes labels, is shown on screen and is printed as JSON.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar, Protocol, Self

from numpy.random import Generator
from torch import Tensor

Size = tuple[int, int]  # (height, width)


@dataclass(frozen=True)
class Box:
    """A rectangle of whole pixels; may be empty."""

    top: int
    left: int
    height: int
    width: int

    @property
    def area(self) -> int:
        """Number of pixels."""
        return self.height * self.width

    def inside(self, size: Size) -> bool:
        """Whether it lies on a canvas (height, width)."""
        corner = min(self.top, self.left, self.height, self.width) >= 0
        return corner and self.top + self.height <= size[0] and self.left + self.width <= size[1]

    @property
    def index(self) -> tuple[slice, slice]:
        """The (rows, columns) that cut this box out of an image."""
        return slice(self.top, self.top + self.height), slice(self.left, self.left + self.width)


@dataclass(frozen=True)
class Patch:
    """One region of a patched image.

    crop: taken from here in the source image; paste: put to here; both of one size.
    source: for each mixed image of the batch, the index of its source image.
    weight: share of the canvas, W_k = w_k h_k / (I_x I_y), in [0, 1].
    """

    crop: Box
    paste: Box
    source: tuple[int, ...]
    weight: float


class Plan(Protocol):
    """One draw of a method: a frozen value.

    Its numbers are plain ones, anew in every step: torch.compile is for the network, around `apply` and `targets` it
    would compile for each draw.
    """

    @property
    def batch_size(self) -> int:
        """Number of mixed images, B."""

    def apply(self, images: Tensor) -> Tensor:
        """Mix images: (N, C, H, W) of any dtype and device -> (B, C, H, W), same dtype and device; inputs unchanged."""

    def targets(self, labels: Tensor, num_classes: int) -> Tensor:
        """Mix labels: (N,) ints -> (B, K) float32 class shares on the labels' device; rows sum to 1."""

    def part(self, start: int, stop: int) -> Self:
        """The plan of mixed images `start` to `stop` alone, still of the same source images."""

    def to_json(self) -> str:
        """The plan as one line of JSON, its method and all else; see `Written`."""

    @classmethod
    def from_json(cls, text: str) -> Self:
        """The plan that `to_json` wrote; InputError where the text is none."""


class Method(Protocol):
    """The settings of a mixing method: a frozen dataclass registered under its name.

    mixes: how many images make one of the batch.
    """

    mixes: ClassVar[int]

    def plan(self, batch_size: int, size: Size, rng: Generator, sources: Sequence[Sequence[int]] | None = None) -> Plan:
        """Draw a plan for a batch of `batch_size` images of (height, width) `size`.

        sources: which images are mixed, a row of `batch_size` image indices for each image that goes into a mixed one.
        """
