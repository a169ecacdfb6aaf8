"""CutMix: a box of every image shows its partner (Yun et al. 2019, arXiv:1905.04899)."""

import math
from collections.abc import Sequence
from dataclasses import astuple, dataclass
from functools import cached_property, partial
from typing import Any, ClassVar, Self

import numpy as np
from numpy.random import Generator

from ..errors import InputError
from .beta import draw_beta
from .checks import (
    check_batch,
    check_concentration,
    check_rng,
    check_rows,
    check_size,
    check_sources,
    check_switch,
    whole_numbers,
)
from .cutout import cut_boxes
from .mixup import pairs
from .patchwork import Draws, PatchPlan, SamplewisePlan, Tiles, patches_of
from .plan import Box, Patch, Size
from .written import needing


@dataclass(frozen=True)
class CutMixPlan(PatchPlan):
    """One draw of CutMix.

    size: canvas (height, width). box: what shows the partner, inside the canvas.
    sources: the images, and their partners.
    """

    method: ClassVar[str] = "cutmix"
    size: Size
    box: Box
    sources: tuple[tuple[int, ...], tuple[int, ...]]

    def __post_init__(self) -> None:
        height, width = self.size
        check_size(self.size)
        if len(self.sources) != 2:
            raise InputError(f"a CutMix plan must name images and partners; got {len(self.sources)} rows")
        check_sources(self.sources)
        if not self.box.inside(self.size):
            raise InputError(f"the box must lie inside the {width} x {height} image; got {astuple(self.box)}")

    @property
    def lam(self) -> float:
        """The image's own share of the canvas, from the box as it was cut to the canvas."""
        return self.patches[0].weight

    @cached_property
    def patches(self) -> tuple[Patch, ...]:
        """The whole image, then the partner's box at its own place."""
        tiles = _tiles(self.size, np.array([astuple(self.box)]), np.arange(2)[None])
        return patches_of(tiles, self.sources, tiles.shares[0].tolist())

    @classmethod
    def many(cls, size: Size, boxes: np.ndarray, sources: np.ndarray) -> SamplewisePlan:
        """A plan of its own for each of B images: boxes (B, 4), sources (B, 2), ints.

        As `CutMix.plan` draws them; nothing is checked until somebody asks for one of the plans.
        """
        single = partial(cls._single, size, boxes, sources)
        return SamplewisePlan(Draws(range(len(sources)), single, _tiles(size, boxes, sources)))

    @classmethod
    def _single(cls, size: Size, boxes: np.ndarray, sources: np.ndarray, i: int) -> Self:
        own, partner = sources[i].tolist()
        return cls(size, Box(*boxes[i].tolist()), ((own,), (partner,)))

    def to_dict(self) -> dict[str, Any]:
        """What `to_json` writes."""
        return {"method": self.method, "size": self.size, "box": astuple(self.box), "sources": self.sources}

    @classmethod
    def from_dict(cls, value: dict[str, Any]) -> Self:
        """The plan that `to_dict` tells; InputError where the values make none."""
        with needing("a CutMix plan needs size, box and sources"):
            sources = tuple(whole_numbers(source) for source in value["sources"])
            return cls(whole_numbers(value["size"], 2), Box(*whole_numbers(value["box"], 4)), sources)


def _tiles(size: Size, boxes: np.ndarray, sources: np.ndarray) -> Tiles:
    """Draws as arrays, boxes (B, 4), sources (B, 2): a whole image, and on it its partner's box."""
    pastes = np.stack([np.broadcast_to((0, 0, *size), boxes.shape), boxes], 1)
    lam = 1 - boxes[:, 2:].prod(1, dtype=float) / math.prod(size)
    return Tiles(sources, pastes[..., :2], pastes, sources, np.stack([lam, 1 - lam], 1))


@dataclass(frozen=True)
class CutMix:
    """CutMix's settings.

    alpha: lam ~ Beta(alpha, alpha). The box has sides sqrt(1 - lam) of the image's and a uniform centre; it is cut to
        the image.
    per_sample: every image its own box. Off, as in the authors' code, the batch shares it.
    """

    mixes: ClassVar[int] = 2
    alpha: float = 1.0
    per_sample: bool = False

    def __post_init__(self) -> None:
        object.__setattr__(self, "alpha", check_concentration("alpha", self.alpha))
        object.__setattr__(self, "per_sample", check_switch("per_sample", self.per_sample))

    def plan(
        self, batch_size: int, size: Size, rng: Generator, sources: Sequence[Sequence[int]] | None = None
    ) -> CutMixPlan | SamplewisePlan:
        """Draw a plan; sources: two rows of image indices, by default the batch and a permutation of it."""
        batch_size, size = check_batch(batch_size, size)
        check_rng(rng)
        sources = check_rows(pairs(batch_size, rng) if sources is None else sources, 2, batch_size)
        count = batch_size if self.per_sample else 1
        share = np.sqrt(1 - draw_beta(rng, self.alpha, (count, 1)))
        boxes = cut_boxes(rng, size, (share * size).astype(int))
        if self.per_sample:
            return CutMixPlan.many(size, boxes, np.array(sources).T)
        return CutMixPlan(size, Box(*boxes[0].tolist()), sources)
