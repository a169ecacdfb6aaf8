"""mixup: two images and their labels are blended (Zhang et al. 2018, arXiv:1710.09412)."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Self

import torch
from numpy.random import Generator
from torch import Tensor

from ..errors import InputError
from ..transfer import onto
from .batches import mix_labels, take
from .beta import draw_beta
from .checks import (
    check_batch,
    check_concentration,
    check_count,
    check_images,
    check_rng,
    check_rows,
    check_sources,
    check_switch,
    whole_numbers,
)
from .plan import Size
from .written import Written, needing


@dataclass(frozen=True)
class MixupPlan(Written):
    """One draw of mixup.

    sources: the two rows of image indices i and j; lams: the share of image i in each mixed image, in [0, 1].
    """

    method: ClassVar[str] = "mixup"
    sources: tuple[tuple[int, ...], tuple[int, ...]]
    lams: tuple[float, ...]

    def __post_init__(self) -> None:
        if len(self.sources) != 2 or len(self.lams) != len(self.sources[0]):
            raise InputError("a mixup plan needs two rows of source images and a lam for each mixed image; got others")
        check_sources(self.sources)
        for lam in self.lams:
            if isinstance(lam, bool) or not isinstance(lam, int | float) or not 0 <= lam <= 1:
                raise InputError(f"lam must lie between 0 and 1; got {lam!r}")

    @property
    def batch_size(self) -> int:
        """Number of mixed images, B."""
        return len(self.lams)

    def apply(self, images: Tensor) -> Tensor:
        """Blend lam x_i + (1 - lam) x_j: (N, C, H, W) -> (B, C, H, W), same dtype and device.

        Ints are rounded; those of 8 bytes are exact up to 2 ** 53.
        """
        check_images(images)
        check_count(self.sources, len(images), "images")
        own, partner = images, take(images, self.sources[1])
        if self.sources[0] != tuple(range(len(images))):
            own = take(images, self.sources[0])
        blended = images.is_floating_point() or images.is_complex()
        kind = images.dtype if blended else torch.float32 if images.element_size() < 4 else torch.float64
        lams = onto(self.lams, images.device, kind)[:, None, None, None]
        if blended:
            return partner.lerp_(own, lams)
        return partner.to(kind).lerp_(own.to(kind), lams).round_().to(images.dtype)

    def targets(self, labels: Tensor, num_classes: int) -> Tensor:
        """Blend labels: (N,) ints -> (B, K) float32; rows sum to 1."""
        weights = [[lam, 1 - lam] for lam in self.lams]
        return mix_labels(labels, list(zip(*self.sources, strict=True)), weights, num_classes)

    def part(self, start: int, stop: int) -> Self:
        """The plan of mixed images `start` to `stop` alone."""
        return type(self)(tuple(source[start:stop] for source in self.sources), self.lams[start:stop])

    def to_dict(self) -> dict[str, Any]:
        """What `to_json` writes."""
        return {"method": self.method, "sources": self.sources, "lams": self.lams}

    @classmethod
    def from_dict(cls, value: dict[str, Any]) -> Self:
        """The plan that `to_dict` tells; InputError where the values make none."""
        with needing("a mixup plan needs two sources and lams"):
            return cls(tuple(whole_numbers(source) for source in value["sources"]), tuple(value["lams"]))


@dataclass(frozen=True)
class Mixup:
    """mixup's settings.

    alpha: lam ~ Beta(alpha, alpha).
    per_sample: every image its own lam. Off, as in the authors' code, the batch shares it.
    """

    mixes: ClassVar[int] = 2
    alpha: float = 1.0
    per_sample: bool = False

    def __post_init__(self) -> None:
        object.__setattr__(self, "alpha", check_concentration("alpha", self.alpha))
        object.__setattr__(self, "per_sample", check_switch("per_sample", self.per_sample))

    def plan(
        self, batch_size: int, size: Size, rng: Generator, sources: Sequence[Sequence[int]] | None = None
    ) -> MixupPlan:
        """Draw a plan; sources: two rows of image indices, by default the batch and a permutation of it."""
        batch_size, _ = check_batch(batch_size, size)
        check_rng(rng)
        sources = check_rows(pairs(batch_size, rng) if sources is None else sources, 2, batch_size)
        lams = draw_beta(rng, self.alpha, batch_size if self.per_sample else 1).tolist()
        return MixupPlan(sources, tuple(lams if self.per_sample else lams * batch_size))


def pairs(batch_size: int, rng: Generator) -> tuple[Sequence[int], Sequence[int]]:
    """Every image of the batch, each with a partner: a random permutation."""
    return range(batch_size), rng.permutation(batch_size).tolist()
