"""Maps that know nothing of the image: what a real map has to beat."""

import torch
from numpy.random import Generator
from torch import Tensor

GRID = 16  # cells a side


def centre_blob(count: int, device: torch.device) -> Tensor:
    """A Gaussian in the centre, its deviation a quarter of the side, `count` times: (B, GRID, GRID) float32."""
    place = (torch.arange(GRID, device=device) + 0.5) / GRID - 0.5
    bell = torch.exp(-(place**2) / (2 * 0.25**2))
    return (bell[:, None] * bell).expand(count, GRID, GRID)


def random_maps(count: int, grid: tuple[int, int], rng: Generator, device: torch.device) -> Tensor:
    """Uniform numbers on a network's own grid, so as coarse as its maps: (B, h, w) float32."""
    return torch.from_numpy(rng.random((count, *grid)).astype("float32")).to(device)
