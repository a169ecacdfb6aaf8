"""A class activation map taken apart: what every feature of the last layer adds to it (Zhou et al. 2016)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor, nn

from ..cam.maps import observe, resolve_classes, weigh

SHOWN = 6


@dataclass(frozen=True, eq=False)
class Term:
    """A feature's part of the map: w_k f_k (h, w), and the mean over the map, which is its part of the logit.

    number: k, which channel of the last layer it is.
    """

    number: int
    weight: float
    mean: float
    values: np.ndarray

    @property
    def share(self) -> float:
        """w_k times the mean of f_k."""
        return self.weight * self.mean


@dataclass(frozen=True, eq=False)
class Apart:
    """Class k's map M (h, w) = sum of the terms + the rest; its mean + bias = the logit.

    terms: the features that add most to the logit, the largest first; others: how many the rest is made of.
    """

    k: int
    probability: float
    terms: tuple[Term, ...]
    rest: np.ndarray
    others: int
    values: np.ndarray
    bias: float


def take_apart(model: nn.Module, image: Tensor, k: int | None, shown: int = SHOWN) -> Apart:
    """One normalised image (1, 3, H, W), as a network gets it. k: the class, None for the network's first choice."""
    logits, features = observe(model, image)
    (k,) = resolve_classes(logits[0], (k,))
    weights = model.classifier.weight.detach()[k].cpu().numpy()
    found = features[0].cpu().numpy()  # (C, h, w)
    parts, means = weights[:, None, None] * found, found.mean((1, 2))
    first = np.argsort(-weights * means, kind="stable")[:shown]
    values = weigh(model, features, torch.tensor([k], device="cpu"))[0, 0].cpu().numpy()
    return Apart(
        k,
        float(logits[0].softmax(0)[k]),
        tuple(Term(int(i), float(weights[i]), float(means[i]), parts[i]) for i in first),
        values - parts[first].sum(0),
        len(parts) - len(first),
        values,
        float(model.classifier.bias.detach()[k]),
    )
