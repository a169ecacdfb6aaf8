"""Labels mixed and images copied, a batch at a time, the fastest way of each device."""

from collections.abc import Sequence

import numpy as np
import torch
from torch import Tensor
from torch.autograd.forward_ad import unpack_dual

from ..errors import InputError
from ..transfer import onto
from .checks import check_count

TORCH_GRAIN = 32768  # at::internal::GRAIN_SIZE: torch divides the copying of more elements among its threads


def mix_labels(
    labels: Tensor, sources: Sequence | np.ndarray, weights: Sequence | np.ndarray, num_classes: int
) -> Tensor:
    """Weighted sum of one-hot labels: c = sum_k W_k c_k.

    labels: (N,) ints; sources: B rows of P image indices; weights: B rows, or one for all, of P shares.
    Returns (B, K) float32.
    Their values are checked on the CPU only; on a GPU the check would make every step wait.
    """
    if labels.ndim != 1 or labels.is_floating_point():
        raise InputError(f"labels must be (N,) class numbers, ints; got {tuple(labels.shape)} {labels.dtype}")
    if labels.device.type == "cpu" and len(labels) and not 0 <= int(labels.min()) <= int(labels.max()) < num_classes:
        raise InputError(
            f"labels must lie between 0 and {num_classes - 1}; got {int(labels.min())} to {int(labels.max())}"
        )
    check_count(sources, len(labels), "labels")
    chosen = labels.long()[onto(np.asarray(sources), labels.device)]  # (B, P)
    shares = onto(np.asarray(weights, np.float32), labels.device).expand_as(chosen)
    return torch.zeros(len(chosen), num_classes, dtype=torch.float32, device=labels.device).scatter_add_(
        1, chosen, shares
    )


def empty_batch(images: Tensor, batch_size: int) -> Tensor:
    """An unwritten (B, C, H, W) batch of the images' dtype, device and memory format."""
    channels_last = images.is_contiguous(memory_format=torch.channels_last) and not images.is_contiguous()
    return torch.empty(
        (batch_size, *images.shape[1:]),
        dtype=images.dtype,
        device=images.device,
        memory_format=torch.channels_last if channels_last else torch.contiguous_format,
    )


def take(images: Tensor, source: Sequence[int]) -> Tensor:
    """A new batch of the images of these indices: (N, C, H, W), (B,) -> (B, C, H, W)."""
    if differentiated(images):
        return images[onto(source, images.device)]
    out = empty_batch(images, len(source))
    copy_chosen(images, onto(source, images.device), out)
    return out


def differentiated(images: Tensor) -> bool:
    """Whether a derivative by these pixels is asked for, backwards or forwards: only torch's own copies carry it."""
    return images.requires_grad or unpack_dual(images).tangent is not None


def copy_chosen(crops: Tensor, source: Tensor, target: Tensor) -> None:
    """target = crops[source], the fastest way of each device."""
    if crops.device.type == "cpu" and not differentiated(crops):
        gather_bands(crops, source, target)
    else:
        target.copy_(crops[source])


def gather_bands(crops: Tensor, source: Tensor, target: Tensor) -> None:
    """target = crops[source] with no copy in between: (N, C, h, w), (B,) -> (B, C, h, w).

    In bands of rows so low that torch divides images, not pixels, among its threads: they meet once a band. Copying
    image by image they meet for each, which takes 15 times as long where other processes keep the cores busy.
    """
    _, channels, height, width = crops.shape
    rows = max(1, (TORCH_GRAIN - 1) // max(1, channels * width))
    for top in range(0, height, rows):
        torch.index_select(crops[:, :, top : top + rows], 0, source, out=target[:, :, top : top + rows])


def bits(images: Tensor) -> np.ndarray:
    """The pixels of images on the CPU as ints of their size, in the same memory: numpy knows no bfloat16, and copies
    small pieces ten times as fast as torch."""
    return images.view({1: torch.uint8, 2: torch.int16, 4: torch.int32, 8: torch.int64}[images.element_size()]).numpy()
