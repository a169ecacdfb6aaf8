"""Batched crops, resizes, flips and turns on whatever device the images live on: no loop over images.

A crop and resize is linear and separable, an antialiased triangle filter along each side. On a GPU a batch of them is
two batched matrix products, each row of a matrix holding one output pixel's filter. On the CPU, which has no matrix
units for float32, only the few pixels under a filter are summed: the same within rounding, several times as fast. A
crop at whole pixels is one look-up in a view of all windows.
"""

import torch
import torch.nn.functional as F
from torch import Tensor

from ..transfer import onto

PART = 32  # images summed at a time on the CPU: what they need is taken from memory in use before, not from fresh pages


def resize_matrix(start: Tensor, length: Tensor, source: int, target: int) -> Tensor:
    """Antialiased linear resampling of [start, start + length): (N,), (N,) -> (N, target, source) weights.

    Rows sum to 1. A triangle as wide as the reduction, as Pillow and torchvision use.
    """
    centre, reach = _triangles(start, length, target)
    return _weights(torch.arange(source, device=start.device), centre, reach)


def taps(start: Tensor, length: Tensor, source: int, target: int) -> tuple[Tensor, Tensor]:
    """The entries of `resize_matrix` that may be above 0: their columns and weights, both (N, target, K)."""
    centre, reach = _triangles(start, length, target)
    count = min(int(2 * reach.max()) + 2, source)
    first = (centre - reach[:, None]).floor().long().clamp(0, source - count)
    columns = first[:, :, None] + torch.arange(count, device=start.device)
    return columns, _weights(columns, centre, reach)


def _triangles(start: Tensor, length: Tensor, target: int) -> tuple[Tensor, Tensor]:
    """The filters' centres (N, target) and how far they reach to either side (N,), in source pixels."""
    step = length / target  # source pixels per target pixel
    centre = start[:, None] + (torch.arange(target, device=start.device) + 0.5) * step[:, None]
    return centre, step.clamp(min=1)


def _weights(columns: Tensor, centre: Tensor, reach: Tensor) -> Tensor:
    distance = columns + 0.5 - centre[:, :, None]
    weight = (1 - distance.abs() / reach[:, None, None]).clamp(min=0)
    return weight / weight.sum(2, keepdim=True)


def resample(images: Tensor, boxes: Tensor, size: tuple[int, int], flip: Tensor | None = None) -> Tensor:
    """Cut a box out of each image and resize it: (N, C, H, W), (N, 4) -> (N, C, *size) float32, pixel values kept.

    boxes: top, left, height, width in pixels; flip: (N,) bools, mirror left to right.
    """
    if flip is None:
        flip = torch.zeros(len(images), dtype=torch.bool, device=images.device)
    way = sum_taps if images.device.type == "cpu" else multiply
    return way(images, boxes, size, flip)


def multiply(images: Tensor, boxes: Tensor, size: tuple[int, int], flip: Tensor) -> Tensor:
    """`resample` as two products with whole matrices."""
    rows = resize_matrix(boxes[:, 0], boxes[:, 2], images.shape[2], size[0])
    columns = _turned(resize_matrix(boxes[:, 1], boxes[:, 3], images.shape[3], size[1]), flip)
    wide = images.float().flatten(1, 2) @ columns.transpose(1, 2)  # (N, C * H, size[1]): one product for all channels
    return rows[:, None] @ wide.unflatten(1, images.shape[1:3])


def sum_taps(images: Tensor, boxes: Tensor, size: tuple[int, int], flip: Tensor) -> Tensor:
    """`resample` as weighted sums of the rows, then of the columns, under each filter."""
    parts = zip(images.split(PART), boxes.split(PART), flip.split(PART), strict=True)
    sums = torch.cat([_sum_part(*part, size) for part in parts])  # (N, size[1], C * size[0])
    return sums.unflatten(2, (images.shape[1], size[0])).permute(0, 2, 3, 1)


def _sum_part(images: Tensor, boxes: Tensor, flip: Tensor, size: tuple[int, int]) -> Tensor:
    count, channels, height, width = images.shape
    rows, weights = taps(boxes[:, 0], boxes[:, 2], height, size[0])
    each = (count, channels, *rows.shape[1:])  # every channel has its image's filters
    low = _sum_rows(images.float(), rows[:, None].expand(each), weights[:, None].expand(each))  # (N, C, size[0], W)
    columns, weights = (_turned(part, flip) for part in taps(boxes[:, 1], boxes[:, 3], width, size[1]))
    return _sum_rows(low.permute(0, 3, 1, 2).flatten(2), columns, weights)


def _sum_rows(tables: Tensor, rows: Tensor, weights: Tensor) -> Tensor:
    """Weighted sums of K rows of each table: (..., R, V), (..., S, K), (..., S, K) -> (..., S, V)."""
    *lead, height, length = tables.shape
    flat = tables.reshape(-1, length)
    first = torch.arange(0, len(flat), height).view(*lead, 1, 1)  # of each table among all rows
    taken, shares = ((first + rows).flatten(0, -2), weights.flatten(0, -2))
    sums = F.embedding_bag(taken, flat, mode="sum", per_sample_weights=shares)
    return sums.view(*rows.shape[:-1], length)


def _turned(values: Tensor, flip: Tensor) -> Tensor:
    """The tables (N, S, K) that `flip` (N,) says, upside down."""
    return torch.where(flip[:, None, None], values.flip(1), values)


def whole_boxes(images: Tensor) -> Tensor:
    """The boxes of `resample` that keep everything: (N, C, H, W) -> (N, 4)."""
    return onto([[0.0, 0.0, *images.shape[2:]]], images.device).expand(len(images), 4)


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
