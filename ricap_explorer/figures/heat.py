"""A raw map as a picture, and a picture under it."""

import numpy as np

from ..cam.measures import upscale
from .colour import colour_map


def heat(values: np.ndarray, size: int, top: float, colours: str = "viridis", smooth: bool = True) -> np.ndarray:
    """A raw map (h, w) coloured from 0 to `top`: (size, size, 3) uint8. Smooth, or in the map's own grid cells.

    Nothing is scaled to the map's own maximum: two maps with one `top` can be compared. A `top` of 0 colours all as 0.
    """
    large = upscale(values, (size, size)) if smooth else _cells(values, size)
    return colour_map(large / top if top > 0 else np.zeros_like(large), colours)


def overlay(image: np.ndarray, colours: np.ndarray, opacity: float = 0.5) -> np.ndarray:
    """Coloured map over picture, both (H, W, 3) uint8; opacity 0 shows the picture, 1 the map."""
    mixed = image * np.float32(1 - opacity) + colours * np.float32(opacity)
    return (mixed + 0.5).astype(np.uint8)


def _cells(values: np.ndarray, size: int) -> np.ndarray:
    rows, columns = (np.arange(size) * side // size for side in values.shape)
    return np.asarray(values, dtype=np.float32)[rows[:, None], columns]
