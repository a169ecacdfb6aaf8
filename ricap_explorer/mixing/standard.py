"""No mixing: the plan that leaves images and labels as they are, so that the training loop has no branches."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Self

from numpy.random import Generator
from torch import Tensor

from ..errors import InputError
from .batches import mix_labels
from .checks import check_batch, check_count, check_rows, check_whole
from .plan import Size
from .written import Written


@dataclass(frozen=True)
class StandardPlan(Written):
    """Every image on its own: `batch_size` of them from image `start` on."""

    method: ClassVar[str] = "standard"
    batch_size: int
    start: int = 0

    def __post_init__(self) -> None:
        for name, least in (("batch_size", 1), ("start", 0)):
            object.__setattr__(self, name, check_whole(f"a standard plan's {name}", getattr(self, name), least))

    @property
    def _images(self) -> range:
        return range(self.start, self.start + self.batch_size)

    def apply(self, images: Tensor) -> Tensor:
        """The very same (B, C, H, W) images, not a copy."""
        check_count([[self._images[-1]]], len(images), "images")
        return images if len(images) == self.batch_size else images[self._images.start : self._images.stop]

    def targets(self, labels: Tensor, num_classes: int) -> Tensor:
        """One-hot labels: (N,) ints -> (B, K) float32."""
        check_count([[self._images[-1]]], len(labels), "labels")
        return mix_labels(labels, [[i] for i in self._images], [1.0], num_classes)

    def part(self, start: int, stop: int) -> Self:
        """The plan of images `start` to `stop` alone."""
        chosen = self._images[start:stop]
        return type(self)(len(chosen), chosen.start)

    def to_dict(self) -> dict[str, Any]:
        """What `to_json` writes."""
        return {"method": self.method, "batch_size": self.batch_size, "start": self.start}

    @classmethod
    def from_dict(cls, value: dict[str, Any]) -> Self:
        """The plan that `to_dict` tells; InputError where the values make none."""
        return cls(value.get("batch_size"), value.get("start", 0))


@dataclass(frozen=True)
class Standard:
    """Standard augmentation only (crop and flip happen in the loader); no settings."""

    mixes: ClassVar[int] = 1

    def plan(
        self, batch_size: int, size: Size, rng: Generator, sources: Sequence[Sequence[int]] | None = None
    ) -> StandardPlan:
        """A plan for `batch_size` images; nothing is drawn. sources: one row of indices that follow each other."""
        batch_size, _ = check_batch(batch_size, size)
        if sources is None:
            return StandardPlan(batch_size)
        (source,) = check_rows(sources, 1, batch_size)
        if source != tuple(range(source[0], source[0] + batch_size)):
            raise InputError(f"standard's sources must follow each other; got {list(source)}")
        return StandardPlan(batch_size, source[0])
