"""What one network says of a batch of images: every number of `measures` but Focus, which is asked of patches."""

from dataclasses import dataclass
from typing import Any, Self

import numpy as np
import torch
import torch.nn.functional as F
from numpy.random import Generator
from torch import Tensor, nn

from ..cam.faith import faithfulness
from ..cam.hide import hottest, probabilities, ranks
from ..cam.maps import observe, own_maps, weigh
from ..cam.measures import areas_above_half, entropies
from ..data import eval_batch, normalise
from ..data.resample import resample
from ..training.precision import autocast, choose_precision
from ..zoo import Checkpoint
from .measures import CROPS, HIDDEN, NOTHING, SQUARES
from .orders import centre_blob, random_maps

Numbers = dict[str, np.ndarray]  # measure -> (B,) float32, NaN where there is none


@dataclass(frozen=True, eq=False)
class Subject:
    """A network, the card that says how it wants its images, and the side at which its maps are compared."""

    model: nn.Module
    card: dict[str, Any]
    map_size: int

    @property
    def device(self) -> torch.device:
        """Where the network lies."""
        return self.model.classifier.weight.device

    def seen(self, images: Tensor, side: int | None = None) -> Tensor:
        """(B, 3, S, S) uint8 images as the network is tested on them: (B, 3, size, size) float32, normalised.

        side: the size, if not the card's.
        """
        images = images.to(self.device)
        return eval_batch(images, side or self.card["image_size"], self.card["mean"], self.card["std"])

    def cut(self, images: Tensor, boxes: Tensor) -> Tensor:
        """Boxes of such images as the network gets them, as `seen` has it."""
        pixels = resample(images, boxes, (self.card["image_size"], self.card["image_size"]))
        return normalise(pixels, self.card["mean"], self.card["std"]).contiguous(memory_format=torch.channels_last)

    @classmethod
    def create(cls, checkpoint: Checkpoint, device: torch.device, map_size: int) -> Self:
        """A checkpoint's network on a device, its passes in the precision that the hardware is fast in."""
        model = checkpoint.load().to(device)
        model.forward = autocast(device, choose_precision("auto", device))(model.forward)
        return cls(model, checkpoint.card, map_size)


def probe(subject: Subject, images: Tensor, labels: Tensor, rng: Generator) -> Numbers:
    """Images (B, 3, S, S) uint8, labels (B,) -> every number. `rng` places squares and draws random maps."""
    images, labels = images.to(subject.device), labels.to(subject.device)
    corners = rng.random((len(images), 2))
    batch = subject.seen(images)
    logits, features = observe(subject.model, batch)
    answer = logits.argmax(1)
    own = weigh(subject.model, features, answer[:, None])[:, 0]  # Zhou's maps
    maps = {
        "own": own,
        "centre": centre_blob(len(own), own.device),
        "random": random_maps(len(own), tuple(own.shape[1:]), rng, own.device),
    }
    return {
        **_answers(logits.softmax(1), labels),
        **_looks(subject, images, own),
        **_hidden(subject.model, batch, maps, labels),
        **{
            f"{name}.{source}": numbers
            for source, values in maps.items()
            for name, numbers in faithfulness(subject.model, batch, values, answer, ("drop", "curves")).items()
        },
        **_robust(subject, images, batch, corners, labels),
    }


def _looks(subject: Subject, images: Tensor, own: Tensor) -> Numbers:
    """How much of the image the maps cover, at the size that all networks' maps are compared at."""
    if subject.map_size != subject.card["image_size"]:
        own = own_maps(subject.model, subject.seen(images, subject.map_size))
    maps = own.cpu().numpy()
    return {"area": areas_above_half(maps), "entropy": entropies(maps)}


def _answers(shares: Tensor, labels: Tensor) -> Numbers:
    """What the probabilities (B, K) say by themselves."""
    sure, answer = shares.max(1)
    return {
        NOTHING: _numbers(answer != labels),
        "confidence": _numbers(sure),
        "surplus": _numbers(sure - (answer == labels).float()),
        "loss": _numbers(F.nll_loss(shares.clamp(min=1e-30).log(), labels, reduction="none")),
    }


def _errors(model: nn.Module, batch: Tensor, labels: Tensor) -> np.ndarray:
    return _numbers(probabilities(model, batch).argmax(1) != labels)


def _hidden(model: nn.Module, batch: Tensor, maps: dict[str, Tensor], labels: Tensor) -> Numbers:
    """Errors after the hottest parts got the data's mean colour."""
    found: Numbers = {}
    for source, values in maps.items():
        order = ranks(values, tuple(batch.shape[2:]))
        for share in HIDDEN:
            hidden = batch.masked_fill(hottest(order, share / 100), 0.0)
            found[f"hidden.{source}.{share}"] = _errors(model, hidden, labels)
    return found


def _robust(subject: Subject, images: Tensor, batch: Tensor, corners: np.ndarray, labels: Tensor) -> Numbers:
    """Errors on centre crops, and with a square of the mean colour at a random place, the same for every network."""
    crops = {
        f"crop.{side}": _errors(subject.model, subject.cut(images, _central(images, side / 100)), labels)
        for side in CROPS
    }
    squares = {
        f"grey.{side}": _errors(subject.model, _occluded(batch, corners, side / 100), labels) for side in SQUARES
    }
    return crops | squares


def _central(images: Tensor, share: float) -> Tensor:
    """Boxes (B, 4) that keep this share of each side, centred."""
    height, width = images.shape[2:]
    box = [height * (1 - share) / 2, width * (1 - share) / 2, height * share, width * share]
    return torch.tensor([box], device=images.device).expand(len(images), 4)


def _occluded(batch: Tensor, corners: np.ndarray, share: float) -> Tensor:
    """The batch with a square of 0, the mean colour; corners (B, 2) in [0, 1) place it wholly inside."""
    side = round(share * batch.shape[3])
    starts = torch.from_numpy((corners * (batch.shape[3] - side + 1)).astype(np.int64)).to(batch.device)
    place = torch.arange(batch.shape[3], device=batch.device)
    inside = (place >= starts[:, :, None]) & (place < starts[:, :, None] + side)  # (B, 2, S)
    return batch.masked_fill((inside[:, 0, :, None] & inside[:, 1, None, :])[:, None], 0.0)


def _numbers(values: Tensor) -> np.ndarray:
    return values.float().cpu().numpy()
