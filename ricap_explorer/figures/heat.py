"""A raw map as a picture, a picture under it, the difference of two maps, a map's contour."""

from dataclasses import dataclass
from functools import cache

import numpy as np

from ..cam.measures import upscale
from ..errors import InputError, choose
from .colour import COLOUR_MAPS, DIVERGING, SCALES, colour_map, colour_table

FINE = 64  # cells of the grid on which a contour is followed


@dataclass(frozen=True)
class Style:
    """How maps are drawn. scale: as in SCALES. smooth: no, in the maps' own grid cells.

    contour: where a line is drawn, as a share of the colour scale's upper end; 0 draws none.
    InputError for an unknown scale or unknown colours, or a contour that is no share below 1.
    """

    scale: str = "mass"
    colours: str = "viridis"
    smooth: bool = True
    contour: float = 0.0

    def __post_init__(self) -> None:
        choose("scale", self.scale, SCALES)
        choose("colours", self.colours, COLOUR_MAPS)
        if not (isinstance(self.contour, int | float) and 0 <= self.contour < 1):
            raise InputError(f"contour must be from 0, no line, to below 1 of the scale; got {self.contour}")

    @property
    def shared(self) -> bool:
        """Whether one colour scale is all networks'."""
        return self.scale != "own"


PLAIN = Style()


def heat(values: np.ndarray, size: int, top: float, colours: str = "viridis", smooth: bool = True) -> np.ndarray:
    """A raw map (h, w) coloured from 0 to `top`: (size, size, 3) uint8. Smooth, or in the map's own grid cells.

    Nothing is scaled to the map's own maximum: two maps with one `top` can be compared. A `top` of 0 colours all as 0.
    """
    large = enlarge(values, size, smooth)
    return colour_map(large / top if top > 0 else np.zeros_like(large), colours)


def difference(values: np.ndarray, first: np.ndarray, size: int, smooth: bool = True) -> np.ndarray:
    """A raw map minus another: (h, w), (h', w') -> (size, size) float32, positive where it has more."""
    return enlarge(values, size, smooth) - enlarge(first, size, smooth)


def diverging(values: np.ndarray, top: float) -> np.ndarray:
    """Numbers from -top to top as blue, white at 0, red: (H, W) -> (H, W, 3) uint8. A `top` of 0 colours all as 0."""
    return colour_map(values / (2 * top) + 0.5 if top > 0 else np.full_like(values, 0.5), DIVERGING)


def overlay(image: np.ndarray, colours: np.ndarray, opacity: float) -> np.ndarray:
    """Coloured map over picture, both (H, W, 3) uint8; opacity 0 shows the picture, 1 the map."""
    mixed = image * np.float32(1 - opacity) + colours * np.float32(opacity)
    return (mixed + 0.5).astype(np.uint8)


def contour(values: np.ndarray, level: float, smooth: bool = True) -> list[np.ndarray]:
    """The lines along which a finite map (h, w) passes `level`: (n, 2) points x, y each, on a canvas of 100 x 100.

    smooth: of the map between its cells' centres, else along its cells.
    """
    from contourpy import contour_generator

    large = enlarge(values, FINE, smooth)
    framed = np.pad(large, 1, constant_values=min(large.min(), level) - 1)  # closes the lines at the picture's edge
    lines = contour_generator(z=framed).lines(level)
    return [np.clip((line - 0.5) * (100 / FINE), 0, 100) for line in lines]


@cache
def gradient(colours: str) -> str:
    """A colour map as a CSS gradient, left to right."""
    stops = colour_table(colours)[:: 255 // 15]
    return "linear-gradient(90deg," + ",".join("#" + bytes(stop).hex() for stop in stops) + ")"


def enlarge(values: np.ndarray, size: int, smooth: bool = True) -> np.ndarray:
    """A map (h, w) at (size, size), float32: between the cells' centres, or cell by cell."""
    return upscale(values, (size, size)) if smooth else _cells(values, size)


def _cells(values: np.ndarray, size: int) -> np.ndarray:
    rows, columns = (np.arange(size) * side // size for side in values.shape)
    return np.asarray(values, dtype=np.float32)[rows[:, None], columns]
