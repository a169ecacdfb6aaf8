"""What each part of standard augmentation does to one picture, drawn and applied as in training."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.random import Generator
from torch import Tensor

from ..data.augment import PAD, Augment, Draw
from ..data.normalise import denormalise

SIDE = 112  # of the pictures that come out
DRAWS = 4


@dataclass(frozen=True)
class Augmentation:
    """One augmentation alone. note: says of a draw what happens to the image of this index."""

    title: str
    settings: Augment
    note: Callable[[Draw, int], str]


@dataclass(frozen=True)
class Shown:
    """One augmentation's draws: pictures (N, SIDE, SIDE, 3) uint8, and what happened to each."""

    title: str
    pictures: np.ndarray
    notes: list[str]


def _shift(draw: Draw, i: int) -> str:
    """Where the picture goes: the other way than the window that is cut out of it."""
    top, left = (round(100 * PAD * (1 - 2 * place)) for place in draw.place[i])
    return f"{abs(left)} % {'left' if left < 0 else 'right'}, {abs(top)} % {'up' if top < 0 else 'down'}"


def _factors(draw: Draw, i: int) -> str:
    return "light × {:.2f}, contrast × {:.2f}, colour × {:.2f}".format(*draw.colour[i])


def _turn(draw: Draw, i: int) -> str:
    return f"{abs(draw.angle[i]):.0f}° {'left' if draw.angle[i] > 0 else 'right'}"


def _area(draw: Draw, i: int) -> str:
    return f"{100 * draw.area[i]:.0f} % of the area"


def _settings(**on: object) -> Augment:
    return Augment(**{"size": SIDE, "crop": "none", "flip": False} | on)


AUGMENTATIONS = (
    Augmentation("flip", _settings(flip=True), lambda draw, i: "mirrored" if draw.flip[i] else "as it is"),
    Augmentation("scale and zoom", _settings(crop="resized"), _area),
    Augmentation("rotation", _settings(rotate=20.0), _turn),
    Augmentation("crop", _settings(crop="padded"), _shift),
    Augmentation("colour change", _settings(colour=0.5), _factors),
    Augmentation("all but the crop", _settings(crop="resized", flip=True, rotate=20.0, colour=0.5), lambda draw, i: ""),
)


def augmented(image: Tensor, seed: int, count: int = DRAWS) -> list[Shown]:
    """Every augmentation, `count` times: (3, H, W) uint8. All draw alike: the last is the others at once, but for
    the shifted crop."""
    return [_shown(one, image, np.random.default_rng(seed), count) for one in AUGMENTATIONS]


def _shown(one: Augmentation, image: Tensor, rng: Generator, count: int) -> Shown:
    draw = one.settings.draw(count, rng)
    images = one.settings.apply(image.expand(count, *image.shape), draw)
    return Shown(one.title, denormalise(images), [one.note(draw, i) for i in range(count)])
