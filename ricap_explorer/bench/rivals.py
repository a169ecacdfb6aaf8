"""The like of our mixing from other libraries, where they are installed: images (N, C, H, W) and labels (N,)."""

from collections.abc import Callable
from importlib.util import find_spec

import torch
from torch import Tensor

CLASSES = 10
Mix = Callable[[Tensor, Tensor], object]


def rivals(device: torch.device) -> dict[str, Mix]:
    """By name, each with a new draw at every call; images and labels lie on the device. timm's write into the images."""
    ways: dict[str, Mix] = {}
    for library, found in (("torchvision", _torchvision), ("timm", _timm), ("kornia", _kornia)):
        if find_spec(library):
            ways |= {f"{name}, {library}": mix for name, mix in found(device).items()}
    return ways


def _torchvision(device: torch.device) -> dict[str, Mix]:
    from torchvision.transforms.v2 import CutMix, MixUp

    return {"mixup": MixUp(num_classes=CLASSES), "cutmix": CutMix(num_classes=CLASSES)}


def _timm(device: torch.device) -> dict[str, Mix]:
    from timm.data.mixup import Mixup

    mixup = Mixup(mixup_alpha=1.0, num_classes=CLASSES)
    return {"mixup": mixup, "cutmix": Mixup(mixup_alpha=0.0, cutmix_alpha=1.0, num_classes=CLASSES)}


def _kornia(device: torch.device) -> dict[str, Mix]:
    from kornia.augmentation import RandomCutMixV2, RandomMixUpV2

    kinds = {"mixup": RandomMixUpV2, "cutmix": RandomCutMixV2}
    return {name: kind(p=1.0, data_keys=["input", "class"]).to(device) for name, kind in kinds.items()}
