"""Focus (Arias-Duart et al. 2022, arXiv:2109.15035) on fixed RICAP patches: four equal quarters, four classes."""

from collections.abc import Iterator, Sequence
from dataclasses import replace

import numpy as np
import torch
from numpy.random import Generator
from torch import Tensor

from ..cam.maps import observe, weigh
from ..cam.measures import mass_share
from ..cam.sample import Sample
from ..mixing import Box
from ..mixing.ricap import RicapPlan, draw_one
from .probes import Subject

BETA = 1e6  # the boundary is nearly the centre
BATCH = 32


def draw_sources(labels: np.ndarray, count: int, rng: Generator) -> tuple[np.ndarray, np.ndarray]:
    """Four images of four different classes for each of `count` patches, (count, 4), and its family, (count,).

    A family has one image of every class; its patches are made of these. There are no more families than images of the
    smallest class: no two share an image, and chance draws families, not patches. Of fewer than four classes there are
    none.
    """
    members = [rng.permutation(np.flatnonzero(labels == k)) for k in np.unique(labels)]
    count = count if len(members) >= 4 else 0
    families = np.arange(count) % min(count or 1, min(map(len, members)))
    chosen = [rng.choice(len(members), 4, replace=False) for _ in range(count)]
    rows = [[members[k][j] for k in four] for j, four in zip(families, chosen, strict=True)]
    return np.array(rows, np.int64).reshape(count, 4), families


def patched(sample: Sample, sources: np.ndarray) -> Iterator[tuple[Tensor, np.ndarray]]:
    """Patches in batches, (B, 3, S, S) uint8, and the classes of their quarters, (B, 4)."""
    for start in range(0, len(sources), BATCH):
        patches = []
        for number, four in enumerate(sources[start : start + BATCH], start):
            images = torch.stack([sample.image(int(i)) for i in four])
            patches.append(centred(number, images.shape[-1]).apply(images))
        yield torch.cat(patches), sample.labels[sources[start : start + BATCH]]


def mean_focus(subject: Subject, patches: Tensor, classes: np.ndarray) -> np.ndarray:
    """Mean over a patch's four classes of the share of the map's positive mass inside the class's own quarter: (B,).

    A map that is the same everywhere scores 0.25, one that is positive nowhere 0.
    """
    _, features = observe(subject.model, subject.seen(patches))
    maps = weigh(subject.model, features, torch.from_numpy(classes)).cpu().numpy()  # (B, 4, h, w)
    return np.array([_of_patch(values, patches.shape[3]) for values in maps], np.float32)


def _of_patch(maps: np.ndarray, side: int) -> float:
    shares = [mass_share(values, box, (side, side)) for values, box in zip(maps, quarters(side), strict=True)]
    return float(np.mean([share or 0.0 for share in shares]))


def quarters(side: int) -> Sequence[Box]:
    """The regions of a square patch whose boundary is its centre."""
    return tuple(patch.paste for patch in centred(0, side).patches)


def centred(seed: int, side: int) -> RicapPlan:
    """The draw of a seed, its boundary the very centre, which beta leaves by a pixel where the side is odd or large."""
    drawn, half = draw_one(BETA, seed, side), side // 2
    corners = tuple((min(top, half), min(left, half)) for top, left in drawn.corners)  # where every crop fits
    return replace(drawn, boundary=(half, half), corners=corners)
