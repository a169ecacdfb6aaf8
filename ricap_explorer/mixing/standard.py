"""No mixing: the plan that leaves images and labels as they are, so that the training loop has no branches."""

import json
from dataclasses import dataclass
from typing import Self

from numpy.random import Generator
from torch import Tensor

from ..errors import InputError
from .plan import Size, mix_labels, parse_object


@dataclass(frozen=True)
class StandardPlan:
    """Every image on its own."""

    batch_size: int

    def __post_init__(self) -> None:
        if type(self.batch_size) is not int or self.batch_size < 1:
            raise InputError(f"a standard plan needs a batch_size of at least 1; got {self.batch_size!r}")

    def apply(self, images: Tensor) -> Tensor:
        """The very same (B, C, H, W) images, not a copy."""
        return images

    def targets(self, labels: Tensor, num_classes: int) -> Tensor:
        """One-hot labels: (B,) ints -> (B, K) float32."""
        return mix_labels(labels, [[i] for i in range(self.batch_size)], [1.0], num_classes)

    def to_json(self) -> str:
        """The plan as one line of JSON."""
        return json.dumps({"method": "standard", "batch_size": self.batch_size})

    @classmethod
    def from_json(cls, text: str) -> Self:
        """The plan that `to_json` wrote; InputError where the text is none."""
        return cls(parse_object(text).get("batch_size"))


@dataclass(frozen=True)
class Standard:
    """Standard augmentation only (crop and flip happen in the loader); no settings."""

    def plan(self, batch_size: int, size: Size, rng: Generator) -> StandardPlan:
        """A plan for `batch_size` images; nothing is drawn."""
        return StandardPlan(batch_size)
