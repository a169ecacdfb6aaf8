"""Focus (Arias-Duart et al. 2022, arXiv:2109.15035) of one map: what lies in the class's own regions."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from .measures import mass_shares

if TYPE_CHECKING:
    import numpy as np

    from ..mixing import Box


@dataclass(frozen=True)
class ClassPart:
    """What one class has of a patched image: its regions (their numbers from 0, and boxes in pixels of the canvas) and
    their share of the canvas, `weight`."""

    name: str
    regions: tuple[int, ...]
    boxes: tuple[Box, ...]
    weight: float


def focus(values: np.ndarray, part: ClassPart, canvas: tuple[int, int]) -> float | None:
    """Share of a map's positive mass inside a class's own regions, (h, w) -> [0, 1]; None without any mass, which the
    evidence counts as 0.

    canvas: (height, width) that the boxes are in. InputError for a box that is not inside it.
    """
    inside = [share for share in mass_shares(values, part.boxes, canvas) if share is not None]
    return sum(inside) if inside else None
