"""Several networks on one image."""

import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from PIL import Image
from torch import Tensor, nn

from ..cards import kept_size
from ..data import eval_batch, square_image, to_tensor
from .maps import class_maps, resolve_classes
from .measures import positive


@dataclass(frozen=True, eq=False)
class View:
    """What one network says of one image, and where it looked.

    title: how a person calls the network. class_names: all K, in label order. probabilities: (K,) float32.
    classes: the n explained classes. maps: (n, h, w) raw float32. seconds: wall time, preparation included.
    """

    title: str
    class_names: tuple[str, ...]
    probabilities: np.ndarray
    classes: tuple[int, ...]
    maps: np.ndarray
    seconds: float


def inspect(
    model: nn.Module,
    image: Image.Image,
    card: dict[str, Any],
    classes: Sequence[int | None] | None = None,
    method: str = "cam",
    title: str | None = None,
    layer: str = "last",
) -> View:
    """Show an image to a network as its test did.

    image: an RGB picture; see `prepare`.
    classes: which to explain; None, or a None among them, means the network's own first choice.
    title: the card's method if not given.
    """
    start = time.perf_counter()
    classes = (None,) if classes is None else tuple(classes)
    logits, maps = class_maps(model, prepare(image, card), classes, method, layer)
    return View(
        title=title or card["method"],
        class_names=tuple(card["classes"]),
        probabilities=logits.softmax(0).numpy(),
        classes=resolve_classes(logits, classes),
        maps=maps.numpy(),
        seconds=time.perf_counter() - start,
    )


def prepare(image: Image.Image, card: dict[str, Any]) -> Tensor:
    """The centred square of an RGB picture as a network's test showed it: (1, 3, S, S) float32, normalised.

    First at the size at which its data were kept, then at S, the card's image size: straight to S a picture is sharper,
    and a network used to the other errs more.
    """
    stored = to_tensor(square_image(image, kept_size(card)))
    return eval_batch(stored[None], card["image_size"], card["mean"], card["std"])


def top(probabilities: np.ndarray, k: int, class_names: Sequence[str]) -> list[tuple[str, float]]:
    """The k likeliest classes, likeliest first: (name, probability)."""
    order = np.argsort(-np.asarray(probabilities), kind="stable")[:k]
    return [(class_names[i], float(probabilities[i])) for i in order]


def equal_mass(views: Sequence[View]) -> list[View]:
    """The views with maps in multiples of a mean, that of the positive part of all of the view's maps.

    So it is seen where networks look and how narrowly, whatever the size of their logits, and still which of a
    network's maps is the stronger. Where no map is positive anywhere, all stay as they are.
    """
    means = [float(positive(view.maps).sum()) / max(view.maps.size, 1) for view in views]
    return [replace(view, maps=view.maps / mean) if mean > 0 else view for view, mean in zip(views, means, strict=True)]


def scale_limits(views: Sequence[View], shared: bool) -> list[float]:
    """Per view the upper end of its colour scale from 0: its maximum, or everybody's where shared; 0 where nothing is
    positive."""
    tops = [max(map(largest, view.maps), default=0.0) for view in views]
    return [max(tops)] * len(tops) if shared and tops else tops


def largest(values: np.ndarray) -> float:
    """The largest value of a map (h, w); 0 where nothing is positive, or not all is finite: it cannot be shown."""
    return float(np.max(values, initial=0.0)) if np.isfinite(values).all() else 0.0
