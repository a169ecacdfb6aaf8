"""How networks learn to retrieve: one frozen value, of which the command line is made. Needs no torch."""

import math
from dataclasses import dataclass

from ..errors import InputError
from ..training.config import option

LEAST = {"epochs": 1, "batch_size": 2, "image_size": 32}
MOST_PIXELS = 512  # of a side


@dataclass(frozen=True)
class Recipe:
    """Settings of fine-tuning; InputError at once for a value that makes no sense."""

    epochs: int = option(30, "passes over the photographs to learn from, in whole batches")
    batch_size: int = option(100, "photographs a step, each with one of its captions")
    lr: float = option(1e-3, "highest learning rate of AdamW, after an epoch of warm-up; then cosine to 0")
    weight_decay: float = option(1e-2, "of AdamW")
    image_size: int = option(96, "side in pixels of what the network sees")
    crop_scale: float = option(1.0, "least share of a photograph's area that a crop keeps; 1.0: its centred square")

    def __post_init__(self) -> None:
        for name, least in LEAST.items():
            self._check(name, getattr(self, name) >= least, f"at least {least}")
        self._check("image_size", self.image_size <= MOST_PIXELS, f"at most {MOST_PIXELS} pixels")
        self._check("lr", 0 < self.lr < math.inf, "above 0")
        self._check("weight_decay", 0 <= self.weight_decay < math.inf, "0 or more")
        self._check("crop_scale", 0 < self.crop_scale <= 1, "above 0 and at most 1")

    def _check(self, name: str, good: bool, allowed: str) -> None:
        if not good:
            raise InputError(f"{name} must be {allowed}; got {getattr(self, name)}")

    @property
    def kept_size(self) -> int:
        """The side in pixels at which photographs are kept: half more than the network sees."""
        return self.image_size * 3 // 2

    def rate(self, epoch: float) -> float:
        """The share of the learning rate at a moment of training, epoch in [0, epochs]."""
        return min(1.0, epoch) * 0.5 * (1 + math.cos(math.pi * epoch / self.epochs))
