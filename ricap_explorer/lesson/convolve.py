"""What a convolution is shown on: a picture as a small grid of greys, and kernels with a name.

The page itself moves the window (ui/static/lesson_convolve.js) and sums (convolve.js).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from PIL import Image

SIDE = 32  # pixels


@dataclass(frozen=True)
class Kernel:
    """A 3 x 3 kernel: nine whole numbers, row by row, and what their sum is divided by."""

    title: str
    numbers: tuple[int, ...]
    divisor: int = 1


KERNELS = {
    "vertical": Kernel("vertical edges", (-1, 0, 1, -2, 0, 2, -1, 0, 1)),
    "horizontal": Kernel("horizontal edges", (-1, -2, -1, 0, 0, 0, 1, 2, 1)),
    "edges": Kernel("all edges", (-1, -1, -1, -1, 8, -1, -1, -1, -1)),
    "blur": Kernel("blur", (1, 2, 1, 2, 4, 2, 1, 2, 1), 16),
    "sharpen": Kernel("sharpen", (0, -1, 0, -1, 5, -1, 0, -1, 0)),
}


def greys(image: Image.Image) -> np.ndarray:
    """A picture, small and without colour: (SIDE, SIDE) uint8."""
    return np.asarray(image.resize((SIDE, SIDE), Image.Resampling.BOX).convert("L"))
