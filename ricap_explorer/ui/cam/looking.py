"""What is looked at, and what the chosen networks see in it."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, fields, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any

from ...cam.methods import CAM_METHODS, LAYERS, OWN
from ...cards import kept_size
from ...errors import choose
from ...figures.encode import png_uri
from ...zoo import Checkpoint
from ..patching import patch
from ..pictures import Picture
from ..services import Services

if TYPE_CHECKING:
    from PIL import Image
    from torch import Tensor, nn

    from ...cam import View
    from ...figures.heat import Style
    from ...figures.looks import Photo


@dataclass(frozen=True)
class Question:
    """What the networks are asked. target: what to look at, see `picture_of`; models: their names.

    class_name: the class to explain, OWN for each network's own first choice.
    """

    target: dict[str, Any]
    models: list[str]
    method: str = "cam"
    class_name: str = OWN
    layer: str = "last"


def question_of(values: Sequence[Any]) -> tuple[Question, Sequence[Any]]:
    """What the networks are asked, of the values of the page's fields, and the values that are left."""
    count = len(fields(Question))
    return Question(*values[:count]), values[count:]


@dataclass(frozen=True)
class Looks:
    """What the chosen networks see in a picture. Views explain one class, then the parts' classes if there are any.

    seconds: what the networks took, now or when they were asked the same before.
    """

    picture: Picture
    checkpoints: list[Checkpoint]
    views: list[View]
    seconds: float

    @cached_property
    def shown(self) -> Image.Image:
        """The picture to show: for networks of tiny images as they get it."""
        from ...figures.looks import COARSE

        size = max(checkpoint.card["image_size"] for checkpoint in self.checkpoints)
        return self.picture.image if size > COARSE else self.picture.at(size)

    @cached_property
    def photo(self) -> Photo:
        """What is shown, for the page: a tiny picture pixel by pixel."""
        from ...figures.looks import Photo

        coarse = self.shown is not self.picture.image
        return Photo(png_uri(self.shown) if coarse else self.picture.uri, self.picture.name, coarse)


def style_of(scale: str = "mass", colours: str = "viridis", squares: bool = False, contour: float = 0.0) -> Style:
    """How maps are drawn. squares: in their own cells; contour: where a line runs, as a share of the scale."""
    from ...figures.heat import Style

    return Style(scale, colours, not squares, contour)


def picture_of(services: Services, target: dict[str, Any]) -> Picture:
    """The picture that a target names: {"picture": id}, or {"patch": what draws it}."""
    if "patch" not in target:
        return services.pictures.get(target.get("picture"))
    from ...cam.focus import ClassPart

    patched = patch(services, **target["patch"])
    parts = []
    for name, share in patched.shares:
        found = [(k, p.paste) for k, p in enumerate(patched.plan.patches) if patched.names[k] == name and p.weight]
        if found:
            parts.append(ClassPart(name, tuple(k for k, _ in found), tuple(box for _, box in found), share))
    key = json.dumps(target["patch"], sort_keys=True)
    return Picture(key, "the patched image", patched.image, tuple(parts))


def look(services: Services, asked: Question, seen: Picture | None = None) -> Looks:
    """Show the target, or another picture, to the chosen networks. What was just asked is not computed again.

    InputError for an unknown model, method, class or layer.
    """
    seen = seen or picture_of(services, asked.target)
    choose("CAM method", asked.method, CAM_METHODS)
    choose("layer", asked.layer, LAYERS)
    checkpoints = services.models.choose(asked.models)
    classes = wanted_classes(seen, checkpoints[0].card["classes"], asked.class_name)
    views = [
        services.models.recent.get(
            (seen.id, checkpoint.path, asked.method, asked.layer, classes),
            lambda checkpoint=checkpoint: _look(services, seen, checkpoint, classes, asked),
        )
        for checkpoint in checkpoints
    ]
    views = [replace(view, title=checkpoint.title) for view, checkpoint in zip(views, checkpoints, strict=True)]
    return Looks(seen, checkpoints, views, sum(view.seconds for view in views))


def wanted_classes(seen: Picture, classes: list[str], class_name: str) -> tuple[int | None, ...]:
    """The classes to explain: the chosen one or None for a network's own answer, then those of a patch's parts."""
    first = None if class_name == OWN else classes.index(choose("class", class_name, classes))
    return (first, *(classes.index(part.name) for part in seen.parts if part.name in classes))


def _look(
    services: Services, seen: Picture, checkpoint: Checkpoint, classes: tuple[int | None, ...], asked: Question
) -> View:
    from ...cam.compare import inspect

    with services.models.lock:
        model = services.models.load(checkpoint)
        kept = seen.at(kept_size(checkpoint.card))
        return inspect(model, kept, checkpoint.card, classes, asked.method, checkpoint.title, asked.layer)


def ready(services: Services, seen: Picture, checkpoint: Checkpoint) -> tuple[nn.Module, Tensor]:
    """A network, and the picture as it gets it: (1, 3, H, W) normalised."""
    from ...cam.compare import prepare

    return services.models.load(checkpoint), prepare(seen.at(kept_size(checkpoint.card)), checkpoint.card)
