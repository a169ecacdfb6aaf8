"""RICAP's two ablations (Takahashi et al. 2018): only the images mixed, or only the labels."""

from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from .patchwork import Tiles, patches_of
from .plan import Patch, Size
from .ricap import Ricap, RicapPlan


@dataclass(frozen=True)
class ImageMixingPlan(RicapPlan):
    """A RICAP draw whose label is that of its largest region alone (the first of equals)."""

    method: ClassVar[str] = "image_mixing"

    @property
    def label_weights(self) -> list[float]:
        """1 for the largest region, 0 for the others."""
        return self._tiles(*self._drawn).shares[0].tolist()

    @classmethod
    def _tiles(cls, *drawn: Any) -> Tiles:
        tiles = super()._tiles(*drawn)
        return tiles._replace(shares=np.eye(4)[tiles.shares.argmax(1)])  # the first of equals


@dataclass(frozen=True)
class LabelMixingPlan(RicapPlan):
    """A RICAP draw that mixes labels as ever, but shows region 1's image whole."""

    method: ClassVar[str] = "label_mixing"

    @property
    def pixels(self) -> tuple[Patch, ...]:
        """The whole image of region 1."""
        return patches_of(self._tiles(*self._drawn), self.sources, [1.0])

    @classmethod
    def _tiles(cls, size: Size, *drawn: Any) -> Tiles:
        tiles = super()._tiles(size, *drawn)
        count = len(tiles.source)
        whole = np.tile((0, 0, *size), (count, 1, 1))
        return tiles._replace(source=tiles.source[:, :1], crop=np.zeros((count, 1, 2), int), paste=whole)


@dataclass(frozen=True)
class ImageMixing(Ricap):
    """Image mixing only: the patched image with one hard label; RICAP's settings."""

    drawn: ClassVar[type[RicapPlan]] = ImageMixingPlan


@dataclass(frozen=True)
class LabelMixing(Ricap):
    """Label mixing only (the slides: label smoothing only): whole images with the mixed label; RICAP's settings."""

    drawn: ClassVar[type[RicapPlan]] = LabelMixingPlan
