"""What one raw map (h, w) says, in numbers. Negative and non-finite values carry no mass."""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np

from ..errors import InputError

if TYPE_CHECKING:
    from ..mixing import Box

NOWHERE = "This map is positive nowhere: nothing in the image speaks for this class."


def upscale(values: np.ndarray, size: tuple[int, int]) -> np.ndarray:
    """Bilinear, pixel centres aligned with the image's: (h, w) -> float32 (height, width) `size`.

    As torch's interpolate with align_corners=False. A value that is not finite spoils its neighbourhood only.
    """
    values = np.asarray(values, dtype=np.float32)
    (above, below, v), (left, right, u) = (_lerp(a, b) for a, b in zip(values.shape, size, strict=True))
    with np.errstate(invalid="ignore"):  # infinity times 0
        rows = values[above] * (1 - v)[:, None] + values[below] * v[:, None]  # (height, w)
        return np.take(rows, left, axis=1) * (1 - u) + np.take(rows, right, axis=1) * u


@lru_cache(64)
def _lerp(source: int, target: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """For each of `target` pixels: its two neighbours among `source` cells and the second one's weight."""
    place = np.maximum((np.arange(target) + 0.5) * source / target - 0.5, 0)
    low = place.astype(int)
    return low, np.minimum(low + 1, source - 1), (place - low).astype(np.float32)


def positive(values: np.ndarray) -> np.ndarray:
    """The map with 0 where it is negative or not finite."""
    return np.where(np.isfinite(values) & (values > 0), values, 0)


def mass_share(values: np.ndarray, box: Box, canvas: tuple[int, int]) -> float | None:
    """Share of the positive mass inside a box, in [0, 1]; None where the map has no positive mass.

    Mass is counted on the map upscaled to the (height, width) canvas that the box is in pixels of. On a RICAP patch
    this is what the Focus metric of Arias-Duart et al. 2022 (arXiv:2109.15035) asks of a class's region.
    """
    return mass_shares(values, [box], canvas)[0]


def mass_shares(values: np.ndarray, boxes: Sequence[Box], canvas: tuple[int, int]) -> list[float | None]:
    """`mass_share` of several boxes; those of boxes that tile the canvas sum to 1."""
    for box in boxes:
        if not box.inside(canvas):
            raise InputError(f"a box must lie inside the {canvas[1]} x {canvas[0]} canvas; got {box}")
    mass = positive(upscale(values, canvas))
    total = mass.sum(dtype=np.float64)
    return [float(mass[box.index].sum(dtype=np.float64) / total) if total > 0 else None for box in boxes]


def area_above_half(values: np.ndarray) -> float | None:
    """Share of the map's own grid cells above half of its maximum, in (0, 1]; None without a positive value."""
    return _number(areas_above_half(values[None])[0])


def areas_above_half(maps: np.ndarray) -> np.ndarray:
    """`area_above_half` of every map: (B, h, w) -> (B,) float32, NaN without a positive value."""
    mass = positive(maps)
    share = (mass > mass.max((1, 2), keepdims=True) / 2).mean((1, 2))
    return np.where(mass.any((1, 2)), share, np.nan).astype(np.float32)


def entropy(values: np.ndarray) -> float | None:
    """How evenly the positive mass lies on the grid: 0 all in one cell, 1 the same everywhere; None without any."""
    return _number(entropies(values[None])[0])


def entropies(maps: np.ndarray) -> np.ndarray:
    """`entropy` of every map: (B, h, w) -> (B,) float32, NaN without a positive value.

    Shannon's entropy of the cells' shares of the mass, divided by its largest possible value, log(h w).
    """
    mass = positive(maps).astype(np.float64).reshape(len(maps), -1)
    with np.errstate(invalid="ignore", divide="ignore"):
        shares = mass / mass.sum(1, keepdims=True)
        bits = np.where(shares > 0, -shares * np.log(shares), 0).sum(1) + 0.0  # not -0
    return np.where(mass.any(1), bits / max(math.log(mass.shape[1]), 1e-9), np.nan).astype(np.float32)


def usable(maps: np.ndarray) -> np.ndarray:
    """Which maps are finite and positive somewhere: (B, h, w) -> (B,) bools."""
    return np.isfinite(maps).all((1, 2)) & (maps > 0).any((1, 2))


def _number(value: np.floating) -> float | None:
    return float(value) if np.isfinite(value) else None


def problem(values: np.ndarray, nowhere: str = NOWHERE) -> str | None:
    """One sentence where a map cannot be shown as it should be, else None. nowhere: that of one positive nowhere."""
    if not np.isfinite(values).all():
        return "This map holds values that are not numbers: the network's weights or the image are broken."
    if not (values > 0).any():
        return nowhere
    return None
