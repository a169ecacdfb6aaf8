"""RICAP: random image cropping and patching (Takahashi et al. 2018, arXiv:1811.09030)."""

import math
import reprlib
from collections.abc import Sequence
from dataclasses import astuple, dataclass
from functools import cached_property, partial
from typing import Any, ClassVar, Self

import numpy as np
from numpy.random import Generator, default_rng

from ..errors import InputError
from .beta import draw_beta, draw_pixels
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
from .patchwork import Draws, PatchPlan, SamplewisePlan, Tiles, patches_of
from .plan import Patch, Size
from .written import needing

REGIONS = ("upper left", "upper right", "lower left", "lower right")


@dataclass(frozen=True)
class RicapPlan(PatchPlan):
    """One draw of RICAP: four regions that meet in one boundary point.

    size: canvas (height, width), the paper's (I_y, I_x). boundary: the paper's (w, h) in pixels, 0 to I_x and 0 to I_y.
    corners: per region the upper left (top, left) of its crop, the paper's (y_k, x_k).
    sources: per region, the source image of each mixed image.
    """

    method: ClassVar[str] = "ricap"
    size: Size
    boundary: tuple[int, int]
    corners: tuple[tuple[int, int], ...]
    sources: tuple[tuple[int, ...], ...]

    def __post_init__(self) -> None:
        (height, width), (w, h) = self.size, self.boundary
        check_size(self.size)
        if not (0 <= w <= width and 0 <= h <= height):
            raise InputError(f"boundary must lie between (0, 0) and ({width}, {height}); got {self.boundary}")
        if len(self.corners) != 4 or len(self.sources) != 4:
            raise InputError(f"a RICAP plan must have four regions; got {len(self.corners)}")
        check_sources(self.sources)
        for (top, left), (_, _, rows, columns) in zip(self.corners, _regions(self.size, w, h), strict=True):
            if not (0 <= top <= height - rows and 0 <= left <= width - columns):
                raise InputError(
                    f"a crop of {columns} x {rows} must lie inside the {width} x {height} image; "
                    f"got the corner ({left}, {top})"
                )

    @cached_property
    def patches(self) -> tuple[Patch, ...]:
        """The regions 1 to 4: upper left, upper right, lower left, lower right. Empty regions have weight 0."""
        tiles = RicapPlan._tiles(*self._drawn)
        return patches_of(tiles, self.sources, tiles.shares[0].tolist())

    @property
    def _drawn(self) -> tuple[Size, np.ndarray, np.ndarray, np.ndarray]:
        """What `_tiles` takes, of this draw alone; for images the numbers of the regions."""
        return self.size, np.array([self.boundary]), np.array([self.corners]), np.arange(4)[None]

    @classmethod
    def many(cls, size: Size, boundaries: np.ndarray, corners: np.ndarray, sources: np.ndarray) -> SamplewisePlan:
        """A plan of its own for each of B images: boundaries (B, 2), corners (B, 4, 2), sources (B, 4), ints.

        As `Ricap.plan` draws them; nothing is checked until somebody asks for one of the plans.
        """
        single = partial(cls._single, size, boundaries, corners, sources)
        return SamplewisePlan(Draws(range(len(sources)), single, cls._tiles(size, boundaries, corners, sources)))

    @classmethod
    def _single(cls, size: Size, boundaries: np.ndarray, corners: np.ndarray, sources: np.ndarray, i: int) -> Self:
        ints = (boundaries[i].tolist(), corners[i].tolist(), sources[i].tolist())
        return cls(size, tuple(ints[0]), tuple(map(tuple, ints[1])), tuple((source,) for source in ints[2]))

    @classmethod
    def _tiles(cls, size: Size, boundaries: np.ndarray, corners: np.ndarray, sources: np.ndarray) -> Tiles:
        pastes = _regions_of(size, boundaries)
        return Tiles(sources, corners, pastes, sources, _weights(size, pastes))

    def to_dict(self) -> dict[str, Any]:
        """What `to_json` writes."""
        patches = [
            {"crop": astuple(p.crop), "paste": astuple(p.paste), "source": p.source, "weight": p.weight}
            for p in self.patches
        ]
        return {"method": self.method, "size": self.size, "boundary": self.boundary, "patches": patches}

    @classmethod
    def from_dict(cls, value: dict[str, Any]) -> Self:
        """The plan that `to_dict` tells; InputError where it is none or its regions do not tile the canvas."""
        with needing("a RICAP plan needs size, boundary and patches with crop, paste and source"):
            patches = value["patches"]
            plan = cls(
                size=whole_numbers(value["size"], 2),
                boundary=whole_numbers(value["boundary"], 2),
                corners=tuple(whole_numbers(patch["crop"], 4)[:2] for patch in patches),
                sources=tuple(whole_numbers(patch["source"]) for patch in patches),
            )
            boxes = [(whole_numbers(patch["crop"], 4), whole_numbers(patch["paste"], 4)) for patch in patches]
            weights = [patch.get("weight", own.weight) for patch, own in zip(patches, plan.patches, strict=True)]
        for k, ((crop, paste), patch) in enumerate(zip(boxes, plan.patches, strict=True)):
            if (crop, paste) != (astuple(patch.crop), astuple(patch.paste)):
                raise InputError(
                    f"the regions must tile the canvas at the boundary {plan.boundary}; the {REGIONS[k]} one does not"
                )
            weight, own = weights[k], patch.weight
            number = isinstance(weight, int | float) and 0 <= weight <= 1
            if not (number and math.isclose(weight, own, abs_tol=1e-9)):
                raise InputError(f"the weight of the {REGIONS[k]} region must be {own}; got {reprlib.repr(weight)}")
        return plan


@dataclass(frozen=True)
class Ricap:
    """RICAP's settings.

    beta: the boundary is drawn from Beta(beta, beta); 0.3 is the paper's choice. At a million, the
        most that is allowed, it deviates from the centre by 0.00035 of the side.
    per_sample: every image of the batch gets its own boundary and crops. Off, as in the paper, the batch shares them.
    """

    mixes: ClassVar[int] = 4
    beta: float = 0.3
    per_sample: bool = False
    drawn: ClassVar[type[RicapPlan]] = RicapPlan

    def __post_init__(self) -> None:
        object.__setattr__(self, "beta", check_concentration("beta", self.beta))
        object.__setattr__(self, "per_sample", check_switch("per_sample", self.per_sample))

    def plan(
        self, batch_size: int, size: Size, rng: Generator, sources: Sequence[Sequence[int]] | None = None
    ) -> RicapPlan | SamplewisePlan:
        """Draw a plan for `batch_size` mixed images of (height, width) `size`.

        sources: per region, the source image of each mixed image; by default four random permutations of the batch.
        """
        batch_size, size = check_batch(batch_size, size)
        check_rng(rng)
        if sources is None:
            sources = [rng.permutation(batch_size).tolist() for _ in range(4)]
        sources = check_rows(sources, 4, batch_size)
        count = batch_size if self.per_sample else 1
        places = rng.random((count, 4, 2))
        boundaries = np.rint(draw_beta(rng, self.beta, (count, 2)) * size[::-1]).astype(int)
        # A crop lies at its place (v, u): how far down and to the right, from 0 to 1 of the way that it can go.
        room = np.array(size) - _regions_of(size, boundaries)[..., 2:] + 1  # uniform, both ends included
        corners = (places * room).astype(int)
        if self.per_sample:
            return self.drawn.many(size, boundaries, corners, np.array(sources).T)
        return self.drawn(size, tuple(boundaries[0].tolist()), tuple(map(tuple, corners[0].tolist())), sources)


def _regions(size: Size, w: Any, h: Any) -> tuple[tuple[Any, Any, Any, Any], ...]:
    """(top, left, height, width) of the four regions of a boundary, or of many: w and h are ints or arrays of them."""
    height, width = size
    return (0, 0, h, w), (0, w, h, width - w), (h, 0, height - h, w), (h, w, height - h, width - w)


def _regions_of(size: Size, boundaries: np.ndarray) -> np.ndarray:
    """The regions of boundaries (B, 2), as above: (B, 4, 4)."""
    regions = sum(_regions(size, *boundaries.T), ())
    return np.stack(np.broadcast_arrays(*regions), 1).reshape(-1, 4, 4)


def _weights(size: Size, regions: np.ndarray) -> np.ndarray:
    """W_k = w_k h_k / (I_x I_y) of regions (B, 4, 4): (B, 4)."""
    return regions[..., 2:].prod(-1, dtype=float) / math.prod(size)


def draw_one(beta: float | str, seed: int, side: int) -> RicapPlan:
    """The draw of a seed for one square patched image whose region k shows image k, as the page and `patch` show it."""
    if seed < 0:
        raise InputError(f"seed must be 0 or more; got {seed}")
    return Ricap(beta).plan(1, (side, side), default_rng(seed), sources=((0,), (1,), (2,), (3,)))


def read_one(text: str) -> RicapPlan:
    """The plan, as JSON, of a draw such as `draw_one`'s; InputError for any other."""
    plan = RicapPlan.from_json(text)
    if plan.batch_size != 1 or plan.size[0] != plan.size[1]:
        height, width = plan.size
        raise InputError(f"the plan must be of one square image; got {plan.batch_size} of {width} x {height} pixels")
    if plan.sources != ((0,), (1,), (2,), (3,)):
        raise InputError(f"region k of the plan must show image k; got {[source[0] for source in plan.sources]}")
    return plan


def draw_weights(beta: float | str, seed: int, side: int, count: int) -> np.ndarray:
    """The weights of many draws on square images, and nothing else of them, all at once: (4, count)."""
    boundaries = draw_pixels(default_rng(seed), check_concentration("beta", beta), side, (count, 2))
    return _weights((side, side), _regions_of((side, side), boundaries)).T
