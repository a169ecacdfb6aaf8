"""Colours: one per RICAP region everywhere, and numbers to colours through a table."""

from functools import cache

import numpy as np

from ..errors import choose

COLOUR_MAPS = ("viridis", "magma", "turbo", "jet")
REGION_COLOURS = ("#E69F00", "#0072B2", "#009E73", "#CC79A7")  # regions 1 to 4: orange, blue, green, pink (Okabe, Ito)


@cache
def colour_table(name: str) -> np.ndarray:
    """The 256 colours of a colour map: (256, 3) uint8, read-only."""
    choose("colours", name, COLOUR_MAPS)
    from matplotlib import colormaps

    table = (colormaps[name](np.arange(256))[:, :3] * 255).round().astype(np.uint8)
    table.setflags(write=False)
    return table


def colour_map(values: np.ndarray, name: str = "viridis") -> np.ndarray:
    """Numbers in [0, 1] to colours: (H, W) -> (H, W, 3) uint8. Values outside are clipped; NaN is coloured as 0."""
    table = colour_table(name)
    with np.errstate(invalid="ignore"):
        steps = np.clip(np.where(np.isnan(values), 0, values), 0, 1) * 255
    return table[(steps + 0.5).astype(np.uint8)]
