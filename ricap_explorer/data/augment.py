"""Batched random-resized crops and flips on whatever device the images live on.

A crop and resize is linear and separable, so a batch of them is two batched matrix products, each row of a matrix
holding one output pixel's antialiased triangle filter. No loop over images, no per-image transform.
"""

import math

import numpy as np
import torch
from numpy.random import Generator
from torch import Tensor

from .normalise import normalise


def random_boxes(
    count: int, size: tuple[int, int], rng: Generator, scale: tuple[float, float], ratio: tuple[float, float]
) -> np.ndarray:
    """Boxes of random-resized crop (Szegedy et al. 2015): (count, 4) floats, top, left, height, width in pixels.

    scale: range of the box's share of the image area; ratio: range of width / height, log-uniform.
    A box that would not fit is cut to the image's sides.
    """
    height, width = size
    area = rng.uniform(*scale, count) * height * width
    aspect = np.exp(rng.uniform(math.log(ratio[0]), math.log(ratio[1]), count))
    h, w = np.minimum(np.sqrt(area / aspect), height), np.minimum(np.sqrt(area * aspect), width)
    top, left = rng.random(count) * (height - h), rng.random(count) * (width - w)
    return np.stack([top, left, h, w], axis=1)


def resize_matrix(start: Tensor, length: Tensor, source: int, target: int) -> Tensor:
    """Antialiased linear resampling of [start, start + length): (N,), (N,) -> (N, target, source) weights.

    Rows sum to 1. A triangle as wide as the reduction, as Pillow and torchvision use.
    """
    step = length / target  # source pixels per target pixel
    centre = start[:, None] + (torch.arange(target, device=start.device) + 0.5) * step[:, None]
    distance = torch.arange(source, device=start.device) + 0.5 - centre[:, :, None]
    weight = (1 - distance.abs() / step.clamp(min=1)[:, None, None]).clamp(min=0)
    return weight / weight.sum(2, keepdim=True)


def resample(images: Tensor, boxes: Tensor, size: tuple[int, int], flip: Tensor | None = None) -> Tensor:
    """Cut a box out of each image and resize it: (N, C, H, W), (N, 4) -> (N, C, *size) float32, pixel values kept.

    flip: (N,) bools, mirror left to right.
    """
    rows = resize_matrix(boxes[:, 0], boxes[:, 2], images.shape[2], size[0])
    columns = resize_matrix(boxes[:, 1], boxes[:, 3], images.shape[3], size[1])
    if flip is not None:
        columns = torch.where(flip[:, None, None], columns.flip(1), columns)
    return rows[:, None] @ images.float() @ columns.transpose(1, 2)[:, None]


def train_batch(
    images: Tensor,
    size: int,
    rng: Generator,
    scale: tuple[float, float] = (0.35, 1.0),
    ratio: tuple[float, float] = (3 / 4, 4 / 3),
) -> Tensor:
    """Random-resized crop, flip, normalisation: (B, 3, H, W) uint8 -> (B, 3, size, size) float32, channels last."""
    boxes = torch.tensor(random_boxes(len(images), images.shape[2:], rng, scale, ratio), dtype=torch.float32)
    flip = torch.tensor(rng.random(len(images)) < 0.5)
    batch = resample(images, boxes.to(images.device), (size, size), flip.to(images.device))
    return normalise(batch).contiguous(memory_format=torch.channels_last)


def eval_batch(images: Tensor, size: int) -> Tensor:
    """The whole image resized and normalised: (B, 3, H, W) uint8 -> (B, 3, size, size) float32, channels last."""
    boxes = torch.tensor([[0.0, 0.0, *images.shape[2:]]], device=images.device).expand(len(images), 4)
    return normalise(resample(images, boxes, (size, size))).contiguous(memory_format=torch.channels_last)
