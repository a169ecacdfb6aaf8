"""What is looked at, and what the chosen networks see in it."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

from ...cam.methods import CAM_METHODS, LAYERS
from ...errors import InputError, choose
from ...figures.colour import COLOUR_MAPS
from ...figures.encode import jpeg_uri, png_uri
from ...zoo import Checkpoint
from ..services import Services
from ..tabs.patch import patch

if TYPE_CHECKING:
    from PIL import Image
    from torch import Tensor, nn

    from ...cam import View
    from ...figures.focus import Part
    from ...figures.looks import Photo, Style

OWN = "each model's own answer"
SCALES = ("own", "shared")
COARSE = 64  # pixels a side up to which a network's picture is shown as the network gets it, in squares


@dataclass(frozen=True)
class Subject:
    """The image to look at: a key that no other image has, the picture, its data URI, a name, a patch's parts."""

    key: str
    image: Image.Image
    uri: str
    name: str
    parts: tuple[Part, ...] = ()


@dataclass(frozen=True)
class Looks:
    """What the chosen networks see in a subject. Views explain one class, then the parts' classes if there are any.

    seconds: what the networks took, now or when they were asked the same before.
    """

    subject: Subject
    checkpoints: list[Checkpoint]
    views: list[View]
    seconds: float

    @cached_property
    def photo(self) -> Photo:
        """The picture to show: for networks of tiny images as they get it, pixel by pixel."""
        from ...data import square_image
        from ...figures.looks import Photo

        size = max(checkpoint.card["image_size"] for checkpoint in self.checkpoints)
        if size > COARSE:
            return Photo(self.subject.uri, self.subject.name)
        return Photo(png_uri(square_image(self.subject.image, size)), self.subject.name, coarse=True)


def style_of(scale: str = "shared", colours: str = "viridis", squares: bool = False, contour: float = 0.0) -> Style:
    """How maps are drawn. squares: in their own cells; contour: where a line runs, as a share of the scale."""
    from ...figures.looks import Style

    return Style(
        choose("scale", scale, SCALES) == "shared", choose("colours", colours, COLOUR_MAPS), not squares, contour
    )


def subject(services: Services, target: dict[str, Any]) -> Subject:
    """The image that a target names: {"picture": id}, or {"patch": what draws it}."""
    if "patch" not in target:
        picture = services.pictures.get(target.get("picture"))
        return Subject(picture.id, picture.image, picture.uri, picture.name)
    from ...figures.focus import Part

    patched = patch(services, **target["patch"])
    parts = []
    for name, share in patched.shares:
        found = [(k, p.paste) for k, p in enumerate(patched.plan.patches) if patched.names[k] == name and p.weight]
        if found:
            parts.append(Part(name, tuple(k for k, _ in found), tuple(box for _, box in found), share))
    key = json.dumps(target["patch"], sort_keys=True)
    return Subject(key, patched.image, jpeg_uri(patched.image), "the patched image", tuple(parts))


def look(
    services: Services,
    seen: Subject,
    names: list[str],
    method: str = "cam",
    class_name: str = OWN,
    layer: str = "last",
) -> Looks:
    """Show a subject to the chosen networks. What was just asked is not computed again.

    class_name: OWN for each network's own first choice.
    InputError for an unknown model, method, class or layer.
    """
    choose("CAM method", method, CAM_METHODS)
    choose("layer", layer, LAYERS)
    checkpoints = services.models.choose(names)
    classes = wanted_classes(seen, checkpoints[0].card["classes"], class_name)
    views = [
        services.models.recent.get(
            (seen.key, checkpoint.path, checkpoint.title, method, layer, classes),
            lambda checkpoint=checkpoint: _look(services, seen, checkpoint, classes, method, layer),
        )
        for checkpoint in checkpoints
    ]
    return Looks(seen, checkpoints, views, sum(view.seconds for view in views))


def wanted_classes(seen: Subject, classes: list[str], class_name: str) -> tuple[int | None, ...]:
    """The classes to explain: the chosen one or None for a network's own answer, then those of a patch's parts."""
    if class_name != OWN and class_name not in classes:
        raise InputError(f"class must be one of {', '.join(classes)}; got {class_name!r}")
    first = None if class_name == OWN else classes.index(class_name)
    return (first, *(classes.index(part.name) for part in seen.parts if part.name in classes))


def _look(
    services: Services, seen: Subject, checkpoint: Checkpoint, classes: tuple[int | None, ...], method: str, layer: str
) -> View:
    from ...cam import inspect

    with services.models.lock:
        model = services.models.load(checkpoint)
        return inspect(model, seen.image, checkpoint.card, classes, method, checkpoint.title, layer)


def ready(services: Services, seen: Subject, checkpoint: Checkpoint) -> tuple[nn.Module, Tensor]:
    """A network, and the subject as it gets it: (1, 3, H, W) normalised."""
    from ...cam.compare import prepare

    return services.models.load(checkpoint), prepare(seen.image, checkpoint.card)
