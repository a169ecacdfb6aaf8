"""From uint8 pixels to what a network eats."""

from collections.abc import Sequence

import numpy as np
from torch import Tensor

from ..transfer import onto

MEAN = (0.485, 0.456, 0.406)  # ImageNet's channel means and standard deviations, of pixels in [0, 1]
STD = (0.229, 0.224, 0.225)


def normalise(images: Tensor, mean: Sequence[float] = MEAN, std: Sequence[float] = STD) -> Tensor:
    """(N, 3, H, W) pixels of 0 to 255, uint8 or float -> float32 with zero mean and unit deviation per channel."""
    shift = onto(mean, images.device)[:, None, None] * 255
    scale = onto(std, images.device)[:, None, None] * 255
    return (images.float() - shift).div_(scale)


def denormalise(images: Tensor, mean: Sequence[float] = MEAN, std: Sequence[float] = STD) -> np.ndarray:
    """What a network is given, as people see it: normalised (N, 3, H, W) -> (N, H, W, 3) uint8; 0 is the mean."""
    shift, scale = (onto(numbers, images.device)[:, None, None] for numbers in (mean, std))
    return (255 * (images * scale + shift)).round().clamp(0, 255).byte().permute(0, 2, 3, 1).cpu().numpy()
