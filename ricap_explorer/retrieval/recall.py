"""How well images find their captions, and captions their images."""

from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from ..errors import InputError

AT = (1, 5, 10)  # K of recall at K


@dataclass(frozen=True)
class Ranks:
    """Places from 1 on. caption (N,): of each image's best own caption among all captions; image (C,): of each
    caption's own image among all images; owner (C,): whose caption each is."""

    caption: np.ndarray
    image: np.ndarray
    owner: np.ndarray

    def measures(self) -> dict[str, np.ndarray]:
        """Of every image (N,): c1, c5, c10, whether one of its captions is among the first K; i1, i5, i10, the share of
        its captions that have it among the first K."""
        each = np.bincount(self.owner)
        hits = {f"c{k}": (self.caption <= k).astype(float) for k in AT}
        return hits | {f"i{k}": np.bincount(self.owner, self.image <= k) / each for k in AT}

    def medians(self) -> dict[str, float]:
        """cm, im: the median of either's ranks, Med r."""
        return {"cm": float(np.median(self.caption)), "im": float(np.median(self.image))}


def ranks(scores: Tensor, owner: Tensor) -> Ranks:
    """scores (N, C) of images and captions, owner (C,) the image that each caption is of. Of equal scores the own one
    comes last, so that a network that tells nothing apart finds nothing. InputError for a score that is not finite."""
    if not scores.isfinite().all():
        raise InputError("what a network tells of images and captions must be finite; it is not: try a lower --lr")
    own = torch.arange(len(scores))[:, None] == owner
    best = scores.masked_fill(~own, -torch.inf).amax(1, keepdim=True)
    mine = scores[owner, torch.arange(len(owner))]
    return Ranks(1 + (~own & (scores >= best)).sum(1).numpy(), (scores >= mine).sum(0).numpy(), owner.numpy())


def joined(parts: list[Ranks]) -> Ranks:
    """The ranks of several parts of the images, each found among its own."""
    starts = np.cumsum([0, *(len(part.caption) for part in parts[:-1])])
    owner = np.concatenate([part.owner + start for part, start in zip(parts, starts, strict=True)])
    return Ranks(
        np.concatenate([part.caption for part in parts]), np.concatenate([part.image for part in parts]), owner
    )
