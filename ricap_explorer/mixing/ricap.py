"""RICAP: random image cropping and patching (Takahashi et al. 2018, arXiv:1811.09030)."""

import json
import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Self

from numpy.random import Generator

from ..errors import InputError
from .plan import Box, Patch, PatchPlan, SamplewisePlan, Size, parse_object

REGIONS = ("upper left", "upper right", "lower left", "lower right")


@dataclass(frozen=True)
class RicapPlan(PatchPlan):
    """One draw of RICAP: four regions that meet in one boundary point.

    size: canvas (height, width), the paper's (I_y, I_x). boundary: the paper's (w, h) in pixels, 0 to I_x and 0 to I_y.
    corners: per region the upper left (top, left) of its crop, the paper's (y_k, x_k).
    sources: per region, the source image of each mixed image.
    """

    size: Size
    boundary: tuple[int, int]
    corners: tuple[tuple[int, int], ...]
    sources: tuple[tuple[int, ...], ...]

    def __post_init__(self) -> None:
        (height, width), (w, h) = self.size, self.boundary
        if min(height, width) < 1:
            raise InputError(f"size must be at least 1 x 1 pixels; got {width} x {height}")
        if not (0 <= w <= width and 0 <= h <= height):
            raise InputError(f"boundary must lie between (0, 0) and ({width}, {height}); got {self.boundary}")
        if len(self.corners) != 4 or len(self.sources) != 4:
            raise InputError(f"a RICAP plan must have four regions; got {len(self.corners)}")
        if len({len(source) for source in self.sources}) != 1:
            raise InputError("every region must name one source image for each mixed image; the counts differ")
        if min(min(source, default=-1) for source in self.sources) < 0:
            raise InputError("every region must name its source images, counted from 0; got none or a negative one")
        for (top, left), paste in zip(self.corners, self._pastes, strict=True):
            if not (0 <= top <= height - paste.height and 0 <= left <= width - paste.width):
                raise InputError(
                    f"a crop of {paste.width} x {paste.height} must lie inside the {width} x {height} image; "
                    f"got the corner ({left}, {top})"
                )

    @property
    def _pastes(self) -> tuple[Box, ...]:
        (height, width), (w, h) = self.size, self.boundary
        return Box(0, 0, h, w), Box(0, w, h, width - w), Box(h, 0, height - h, w), Box(h, w, height - h, width - w)

    @cached_property
    def patches(self) -> tuple[Patch, ...]:
        """The regions 1 to 4: upper left, upper right, lower left, lower right. Empty regions have weight 0."""
        height, width = self.size
        return tuple(
            Patch(Box(top, left, paste.height, paste.width), paste, source, paste.area / (height * width))
            for paste, (top, left), source in zip(self._pastes, self.corners, self.sources, strict=True)
        )

    def to_json(self) -> str:
        """The plan as one line of JSON. Boxes are [top, left, height, width] in pixels."""
        patches = [
            {"crop": _box(p.crop), "paste": _box(p.paste), "source": list(p.source), "weight": p.weight}
            for p in self.patches
        ]
        return json.dumps(
            {"method": "ricap", "size": list(self.size), "boundary": list(self.boundary), "patches": patches}
        )

    @classmethod
    def from_json(cls, text: str) -> Self:
        """The plan that `to_json` wrote; InputError where it is none or its regions do not tile the canvas."""
        value = parse_object(text)
        try:
            patches = value["patches"]
            plan = cls(
                size=_ints(value["size"], 2),
                boundary=_ints(value["boundary"], 2),
                corners=tuple(_ints(patch["crop"], 4)[:2] for patch in patches),
                sources=tuple(_ints(patch["source"]) for patch in patches),
            )
            boxes = [(_ints(patch["crop"], 4), _ints(patch["paste"], 4)) for patch in patches]
        except (KeyError, TypeError) as error:
            raise InputError(
                f"a RICAP plan needs size, boundary and patches with crop, paste and source; got a bad {error}"
            ) from None
        for k, ((crop, paste), patch) in enumerate(zip(boxes, plan.patches, strict=True)):
            if (list(crop), list(paste)) != (_box(patch.crop), _box(patch.paste)):
                raise InputError(
                    f"the regions must tile the canvas at the boundary {plan.boundary}; the {REGIONS[k]} one does not"
                )
        return plan


def _box(box: Box) -> list[int]:
    return [box.top, box.left, box.height, box.width]


def _ints(values: Sequence, count: int | None = None) -> tuple[int, ...]:
    if any(isinstance(v, bool) or not isinstance(v, int) for v in values) or count not in (None, len(values)):
        raise TypeError(f"list {values!r}")
    return tuple(values)


def check_beta(beta: float) -> float:
    """A beta above 0 and at most a million, where every boundary is the centre anyway; else InputError."""
    try:
        value = float(beta)
    except (TypeError, ValueError):
        value = math.nan
    if not (math.isfinite(value) and value > 0):
        raise InputError(f"beta must be a positive number; got {beta!r}")
    if value > 1e6:
        raise InputError(f"beta must be at most 1000000; got {beta!r}")
    return value


@dataclass(frozen=True)
class Ricap:
    """RICAP's settings.

    beta: the boundary is drawn from Beta(beta, beta); 0.3 is the paper's choice.
    per_sample: every image of the batch gets its own boundary and crops. Off, as in the paper, the batch shares them.
    """

    beta: float = 0.3
    per_sample: bool = False

    def __post_init__(self) -> None:
        object.__setattr__(self, "beta", check_beta(self.beta))

    def plan(
        self, batch_size: int, size: Size, rng: Generator, sources: Sequence[Sequence[int]] | None = None
    ) -> RicapPlan | SamplewisePlan:
        """Draw a plan for `batch_size` mixed images of (height, width) `size`.

        sources: per region, the source image of each mixed image; by default four random permutations of the batch.
        """
        if batch_size < 1 or min(size) < 1:
            raise InputError(f"batch size and image sides must be at least 1; got {batch_size} and {size}")
        if sources is None:
            sources = [rng.permutation(batch_size).tolist() for _ in range(4)]
        if any(len(source) != batch_size for source in sources):
            raise InputError(f"sources must name {batch_size} images, the batch size, in each region; got others")
        if not self.per_sample:
            return self._draw(size, rng, sources)
        samples = zip(*sources, strict=True)
        return SamplewisePlan(tuple(self._draw(size, rng, [(s,) for s in sample]) for sample in samples))

    def _draw(self, size: Size, rng: Generator, sources: Sequence[Sequence[int]]) -> RicapPlan:
        # The crops' uniforms come before the boundary: at one seed they stay put while beta changes.
        places = rng.random((4, 2)).tolist()
        height, width = size
        w, h = round(width * rng.beta(self.beta, self.beta)), round(height * rng.beta(self.beta, self.beta))
        sides = ((h, w), (h, width - w), (height - h, w), (height - h, width - w))
        corners = tuple(
            (int(v * (height - rows + 1)), int(u * (width - columns + 1)))  # uniform, both ends included
            for (v, u), (rows, columns) in zip(places, sides, strict=True)
        )
        return RicapPlan(tuple(size), (w, h), corners, tuple(tuple(source) for source in sources))
