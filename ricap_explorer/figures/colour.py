"""Colours: one per RICAP region and one per method everywhere, and numbers to colours through a table."""

from functools import cache

import numpy as np

from ..errors import choose
from ..titles import METHOD_TITLES

COLOUR_MAPS = ("viridis", "magma", "turbo", "jet")
OPACITY = 0.55  # of a map on its picture
SCALES = {"mass": "equal mass", "shared": "raw values", "own": "own maximum"}
DIVERGING = "RdBu_r"  # blue below 0, white at 0, red above
REGION_COLOURS = ("#E69F00", "#0072B2", "#009E73", "#CC79A7")  # regions 1 to 4: orange, blue, green, pink (Okabe, Ito)
REGION_INKS = ("#000", "#fff", "#000", "#000")  # what is written on them; white can be read on the blue alone


def method_colour(method: str) -> str:
    """The CSS colour of a method, the variable --m-<method>; grey for one that has none."""
    grey = "var(--body-text-color-subdued)"
    return f"var(--m-{method}, {grey})" if method in METHOD_TITLES else grey


@cache
def colour_table(name: str) -> np.ndarray:
    """The 256 colours of a colour map: (256, 3) uint8, read-only."""
    if name != DIVERGING:
        choose("colours", name, COLOUR_MAPS)
    from matplotlib import colormaps

    table = (colormaps[name](np.arange(256))[:, :3] * 255).round().astype(np.uint8)
    table.setflags(write=False)
    return table


def colour_map(values: np.ndarray, name: str = "viridis") -> np.ndarray:
    """Numbers in [0, 1] to colours: (H, W) -> (H, W, 3) uint8. Values outside are clipped; NaN is coloured as 0."""
    clipped = np.fmin(np.fmax(values, 0), 1)  # fmax and fmin let NaN lose
    return np.take(colour_table(name), (clipped * 255 + 0.5).astype(np.uint8), axis=0)
