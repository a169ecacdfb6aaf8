"""Hiding parts of images in the order of a map, and what a network then answers: the base of every faithfulness test.

Everything is batched and stays on the images' device. Maps that are not finite have no order: callers leave them out.
"""

from collections.abc import Sequence

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from ..errors import InputError, choose
from ..models import evaluating
from .methods import FILLS

BLUR = 1 / 20  # standard deviation of the blur, as a share of the image's width


def upscaled(maps: Tensor, size: tuple[int, int]) -> Tensor:
    """Maps at the size of the image, bilinear with aligned pixel centres: (B, h, w) -> (B, H, W) float32."""
    return F.interpolate(maps[:, None].float(), size, mode="bilinear", align_corners=False)[:, 0]


def together(maps: Sequence[Tensor], size: tuple[int, int]) -> Tensor:
    """What several networks' maps call hot together: each (B, h, w), of any grid -> (B, *size) float32.

    The mean of the maps' positive parts, each in multiples of its own mean; a map that is positive nowhere counts for
    nothing, and where all are so the outcome is 0.
    """
    return torch.stack([_in_means(each, size) for each in maps]).mean(0)


def _in_means(maps: Tensor, size: tuple[int, int]) -> Tensor:
    mass = upscaled(maps, size).nan_to_num(0, 0, 0).clamp(min=0)
    mean = mass.mean((1, 2), keepdim=True)
    return mass / torch.where(mean > 0, mean, 1)


def ranks(maps: Tensor, size: tuple[int, int]) -> Tensor:
    """Each pixel's place in its map's order: (B, h, w) -> (B, H, W) int64, 0 for the hottest; ties in reading order."""
    large = upscaled(maps, size).flatten(1)  # (B, H*W)
    order = large.sort(dim=1, descending=True, stable=True).indices
    places = torch.arange(order.shape[1], device=order.device).expand_as(order)
    return torch.empty_like(order).scatter_(1, order, places).view(-1, *size)


def hottest(order: Tensor, share: float) -> Tensor:
    """Which pixels are the hottest `share` of each map, given their ranks: (B, H, W) -> (B, 1, H, W) bools."""
    if not 0 <= share <= 1:
        raise InputError(f"the share to hide must lie between 0 and 1; got {share:g}")
    return (order < round(share * order[0].numel()))[:, None]


def filling(images: Tensor, fill: str = "mean") -> Tensor:
    """What stands in for hidden pixels of normalised images (B, 3, H, W): 0, the data's mean colour, or a strong blur.

    The blur is Gaussian, its deviation a twentieth of the image's width, edges repeated.
    """
    if choose("fill", fill, FILLS) == "mean":
        return torch.zeros_like(images)
    spread = BLUR * images.shape[3]
    reach = min(max(1, round(2.5 * spread)), min(images.shape[2:]) - 1)
    taps = torch.exp(-(torch.arange(-reach, reach + 1, device=images.device) ** 2) / (2 * spread**2))
    taps = (taps / taps.sum()).to(images.dtype).expand(3, 1, 1, -1)
    rows = F.conv2d(F.pad(images, (reach, reach, 0, 0), "replicate"), taps, groups=3)
    return F.conv2d(F.pad(rows, (0, 0, reach, reach), "replicate"), taps.transpose(2, 3), groups=3)


def hide(images: Tensor, maps: Tensor, share: float, fill: str = "mean") -> Tensor:
    """Normalised images (B, 3, H, W) with the hottest `share` of each one's map (B, h, w) filled in."""
    return torch.where(hottest(ranks(maps, tuple(images.shape[2:])), share), filling(images, fill), images)


def probabilities(model: nn.Module, images: Tensor, batch_size: int = 64) -> Tensor:
    """What a network answers in evaluation mode: (B, 3, H, W) normalised -> (B, K) float32."""
    with evaluating(model), torch.inference_mode():
        parts = [
            model(part.contiguous(memory_format=torch.channels_last)).float().softmax(1)
            for part in images.split(batch_size)
        ]
    return torch.cat(parts).clone()
