"""Batched crops, resizes, flips and turns on whatever device the images live on: no loop over images.

A crop and resize is linear and separable, so a batch of them is two batched matrix products, each row of a matrix
holding one output pixel's antialiased triangle filter. A crop at whole pixels is one look-up in a view of all windows.
"""

import torch
import torch.nn.functional as F
from torch import Tensor


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

    boxes: top, left, height, width in pixels; flip: (N,) bools, mirror left to right.
    """
    rows = resize_matrix(boxes[:, 0], boxes[:, 2], images.shape[2], size[0])
    columns = resize_matrix(boxes[:, 1], boxes[:, 3], images.shape[3], size[1])
    if flip is not None:
        columns = torch.where(flip[:, None, None], columns.flip(1), columns)
    wide = images.float().flatten(1, 2) @ columns.transpose(1, 2)  # (N, C * H, size[1]): one product for all channels
    return rows[:, None] @ wide.unflatten(1, images.shape[1:3])


def whole_boxes(images: Tensor) -> Tensor:
    """The boxes of `resample` that keep everything: (N, C, H, W) -> (N, 4)."""
    return torch.tensor([[0.0, 0.0, *images.shape[2:]]], device=images.device).expand(len(images), 4)


def mirror(images: Tensor, flip: Tensor) -> Tensor:
    """The images that `flip` (N,) says, left to right."""
    return torch.where(flip[:, None, None, None], images.flip(3), images)


def padded_crop(images: Tensor, corners: Tensor, pad: int) -> Tensor:
    """Pad with black by `pad` pixels on every side and cut the old size out again: (N, C, H, W) -> the same.

    corners: (N, 2) ints, top and left in the padded image, each from 0 to 2 * pad.
    """
    height, width = images.shape[2:]
    windows = F.pad(images, (pad,) * 4).unfold(2, height, 1).unfold(3, width, 1)  # (N, C, 2 pad + 1, 2 pad + 1, H, W)
    return windows[torch.arange(len(images), device=images.device), :, corners[:, 0], corners[:, 1]]


def rotate(images: Tensor, degrees: Tensor) -> Tensor:
    """Each image turned counter-clockwise about its centre, bilinear, black where nothing is: (N, C, H, W), (N,)."""
    height, width = images.shape[2:]
    angle = torch.deg2rad(degrees)
    cos, sin, zero = angle.cos(), angle.sin(), torch.zeros_like(angle)
    turn = torch.stack([cos, -sin * height / width, zero, sin * width / height, cos, zero], 1).view(-1, 2, 3)
    grid = F.affine_grid(turn, list(images.shape), align_corners=False)
    return F.grid_sample(images, grid, mode="bilinear", padding_mode="zeros", align_corners=False)
