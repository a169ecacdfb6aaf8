"""What mixing and training cost."""

from collections.abc import Callable

import numpy as np
import torch
import torch.nn.functional as F

from ..mixing import Method, Ricap, Standard
from ..models import create_model
from ..training import TrainConfig
from ..training.engine import autocast, create_optimizer
from .measure import Row, in_turns


def ricap_apply(per_sample: bool = False, bar: float = 2.0) -> Row:
    """Draw and apply RICAP to a batch, a new draw each time."""
    images, rng, method = torch.rand(256, 3, 224, 224), np.random.default_rng(0), Ricap(0.3, per_sample)
    times = in_turns(lambda: method.plan(256, (224, 224), rng).apply(images), images.clone, 15)
    return Row(f"RICAP{' per sample' if per_sample else ''}, 256 x 3 x 224 x 224", "clone", *times, bar)


def ricap_cutmix() -> Row:
    """Images and targets of RICAP, beside torchvision's CutMix."""
    from torchvision.transforms.v2 import CutMix

    images, labels = torch.rand(256, 3, 224, 224), torch.arange(256) % 10
    rng, method, cutmix = np.random.default_rng(0), Ricap(0.3), CutMix(num_classes=10)

    def ricap() -> None:
        plan = method.plan(256, (224, 224), rng)
        plan.apply(images), plan.targets(labels, 10)

    return Row("RICAP with targets", "torchvision CutMix", *in_turns(ricap, lambda: cutmix(images, labels), 15), 1.0)


def stepper(method: Method, fast: bool = True) -> Callable[[], None]:
    """A training step of LookNet on 32 images of 128 pixels; fast: bfloat16 autocast and channels last."""
    layout = torch.channels_last if fast else torch.contiguous_format
    model = create_model("looknet").to(memory_format=layout).train()
    optimizer, rng = create_optimizer(model, TrainConfig()), np.random.default_rng(0)
    images, labels = torch.randn(32, 3, 128, 128).contiguous(memory_format=layout), torch.arange(32) % 10

    def step() -> None:
        plan = method.plan(32, (128, 128), rng)
        with autocast(images.device, "bf16" if fast else "fp32"):
            logits = model(plan.apply(images)).float()
        optimizer.zero_grad(set_to_none=True)
        F.cross_entropy(logits, plan.targets(labels, 10)).backward()
        optimizer.step()

    return step


def step_ricap() -> Row:
    """What RICAP adds to a training step."""
    times = in_turns(stepper(Ricap(0.3)), stepper(Standard()), 9)
    return Row("training step with RICAP", "standard", *times, 1.03)


def step_fast() -> Row:
    """What bfloat16 and channels last save in a training step."""
    times = in_turns(stepper(Standard()), stepper(Standard(), fast=False), 5)
    return Row("training step, bfloat16 and channels last", "float32, contiguous", *times)
