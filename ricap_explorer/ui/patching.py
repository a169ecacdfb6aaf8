"""Four pictures, beta and a seed become a patched image and its mixed label: what every tab means by a patch."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from itertools import count
from typing import TYPE_CHECKING, Any

from ..classes import IMAGENETTE
from ..errors import InputError
from .pictures import CANVAS, Picture
from .services import Services

if TYPE_CHECKING:
    from PIL import Image
    from torch import Tensor

    from ..mixing import Plan, RicapPlan

SLOTS = ["sample:english-springer-2", "sample:church-1", "sample:gas-pump-1", "sample:parachute-2"]  # when it opens
BETA, SEED = "0.3", "9414"  # at this seed every method shows what it does


@dataclass(frozen=True)
class Patched:
    """One draw on four pictures: the plan, the pictures, the patched image and the class shares of its label."""

    plan: RicapPlan
    pictures: list[Picture]
    image: Image.Image
    shares: list[tuple[str, float]]

    @property
    def names(self) -> list[str]:
        """Class of each region."""
        return [picture.name for picture in self.pictures]


def patch(services: Services, slots: list[str], beta: Any, seed: Any, moved: dict | None = None) -> Patched:
    """Draw and apply RICAP with this beta and seed to the pictures of these four ids; InputError for bad input.

    moved: {"boundary": [w, h], "corners": four [top, left]}, where a hand has moved the draw.
    """
    return patch_pictures(pictures_of(services, slots), beta, seed, moved)


def patch_pictures(pictures: list[Picture], beta: Any, seed: Any, moved: dict | None = None) -> Patched:
    """The same of the pictures themselves, of which equal names are one class."""
    from PIL import Image

    plan = plan_of(beta, seed, moved)
    images, labels, names = batch_of(pictures)
    image = plan.apply(images)[0]
    return Patched(plan, pictures, Image.fromarray(image.permute(1, 2, 0).numpy()), shares_of(plan, labels, names))


def shares_of(plan: Plan, labels: Tensor, names: list[str]) -> list[tuple[str, float]]:
    """The first image's mixed label, (class, share): as many digits as single precision knows, so that half a digit is
    rounded as everywhere."""
    targets = plan.targets(labels, len(names))[0].tolist()
    return [(name, round(share, 6)) for name, share in zip(names, targets, strict=True)]


def batch_of(pictures: list[Picture]) -> tuple[Tensor, Tensor, list[str]]:
    """Images (N, 3, H, W) uint8, labels (N,), and the classes that these count."""
    import numpy as np
    import torch

    images = torch.from_numpy(np.stack([np.asarray(picture.image).transpose(2, 0, 1) for picture in pictures]))
    names = list(dict.fromkeys(picture.name for picture in pictures))
    return images, torch.tensor([names.index(picture.name) for picture in pictures]), names


def pictures_of(services: Services, slots: list[str]) -> list[Picture]:
    """The four pictures of these ids, each named by its class, see `named`."""
    if len(slots) != 4:
        raise InputError(f"RICAP needs four images; got {len(slots)}")
    return named(map(services.pictures.get, slots))


def named(given: Iterable[Picture]) -> list[Picture]:
    """Pictures named by their classes.

    An upload's class is its file's name; of different uploads of one name, as pasted pictures have, the second is
    "image (2)", unless it is that of a class which networks know.
    """
    pictures, whose = [], {}
    for picture in given:
        name = picture.name
        if picture.id.startswith("upload:") and name not in IMAGENETTE.values():
            name = next(one for one in _numbered(name) if whose.get(one, picture.id) == picture.id)
        whose.setdefault(name, picture.id)
        pictures.append(picture if name == picture.name else replace(picture, name=name))
    return pictures


def _numbered(name: str) -> Iterator[str]:
    """A name, then itself (2), itself (3) and so on."""
    yield name
    for number in count(2):
        yield f"{name} ({number})"


def plan_of(beta: Any, seed: Any, moved: dict | None = None) -> RicapPlan:
    """The draw of beta and seed, or what a hand has made of it; beta and seed must be good in any case."""
    from ..mixing import RicapPlan
    from ..mixing.checks import whole_numbers
    from ..mixing.ricap import draw_one

    drawn = draw_one(beta, parse_seed(seed), CANVAS)
    if moved is None:
        return drawn
    try:
        corners = tuple(whole_numbers(corner, 2) for corner in moved["corners"])
        return RicapPlan((CANVAS, CANVAS), whole_numbers(moved["boundary"], 2), corners, drawn.sources)
    except (KeyError, TypeError):
        raise InputError("a moved plan needs a boundary and four corners in whole pixels; got another") from None


def parse_seed(seed: Any) -> int:
    """A whole number from 0, else InputError."""
    text = str(int(seed)) if isinstance(seed, float) and seed.is_integer() else str(seed).strip()
    if not (text.isascii() and text.isdigit()):
        raise InputError(f"seed must be a whole number from 0; got {seed!r}")
    if len(text) > 40:
        raise InputError(f"seed must have at most 40 digits; got {len(text)}")
    return int(text)
