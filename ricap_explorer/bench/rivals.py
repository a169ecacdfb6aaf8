"""The like of our mixing from other libraries, where they are installed: images (N, C, H, W) and labels (N,)."""

from collections.abc import Callable
from importlib.util import find_spec

import torch
from torch import Tensor

CLASSES = 10
Mix = Callable[[Tensor, Tensor], object]


def rivals(device: torch.device) -> dict[str, Mix]:
    """By name, each with a new draw at every call; images and labels lie on the device."""
    ways: dict[str, Mix] = {}
    for library, found in (("torchvision", _torchvision), ("timm", _timm), ("kornia", _kornia)):
        if find_spec(library):
            ways |= {f"{name}, {library}": mix for name, mix in found(device).items()}
    return ways


def _torchvision(device: torch.device) -> dict[str, Mix]:
    from torchvision.transforms.v2 import CutMix, MixUp

    return {"mixup": MixUp(num_classes=CLASSES), "cutmix": CutMix(num_classes=CLASSES)}


def _timm(device: torch.device) -> dict[str, Mix]:
    """They write into the images, of which there must be an even number."""
    from timm.data.mixup import Mixup

    alphas = {"mixup": (1.0, 0.0), "cutmix": (0.0, 1.0)}
    return {name: Mixup(*each, label_smoothing=0.0, num_classes=CLASSES) for name, each in alphas.items()}


def _kornia(device: torch.device) -> dict[str, Mix]:
    """They draw for every image, and give its two labels and a share in place of a target.

    What they draw lies where their bounds do, on the CPU unless told, wherever the module itself is.
    """
    from kornia.augmentation import RandomCutMixV2, RandomMixUpV2

    bounds, beta, keys = torch.tensor([0.0, 1.0], device=device), torch.tensor(1.0, device=device), ["input", "class"]
    mixup = RandomMixUpV2(lambda_val=bounds, data_keys=keys)
    cutmix = RandomCutMixV2(cut_size=bounds, beta=beta, data_keys=keys, use_correct_lambda=True)
    return {"mixup": mixup.to(device), "cutmix": cutmix.to(device)}
