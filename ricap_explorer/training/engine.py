"""The loop: one epoch of training, one pass of evaluation. No method has a branch here."""

import math
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import torch
import torch.nn.functional as F
from numpy.random import Generator
from torch import Tensor, nn

from ..data import Split, eval_batch, train_batch
from ..errors import InputError
from ..mixing import Method
from .config import TrainConfig


@dataclass(frozen=True)
class Score:
    """Mean cross-entropy and top-1 error in per cent. Under mixing, a prediction counts by its class's share."""

    loss: float
    error: float


def learning_rate(config: TrainConfig, epoch: float) -> float:
    """The learning rate at a moment of training, epoch in [0, epochs]: linear warm-up, then cosine to 0 or steps."""
    if epoch < config.warmup:
        return config.lr * epoch / config.warmup
    if config.schedule == "steps":
        return config.lr * 0.2 ** sum(epoch >= share * config.epochs for share in (0.3, 0.6, 0.8))
    return config.lr * 0.5 * (1 + math.cos(math.pi * (epoch - config.warmup) / (config.epochs - config.warmup)))


def crop_size(config: TrainConfig, epoch: int) -> int:
    """Side of the training crops in an epoch, in steps of 16: start_size, growing to train_size at two thirds."""
    if config.start_size is None:
        return config.train_size
    done = min(1.0, epoch / max(1, round(config.epochs * 2 / 3)))
    size = config.start_size + done * (config.train_size - config.start_size)
    return min(config.train_size, int(size) // 16 * 16 if done < 1 else config.train_size)


def create_optimizer(model: nn.Module, config: TrainConfig) -> torch.optim.SGD:
    """SGD with Nesterov momentum; weight decay on matrices and kernels only, not on norms and biases."""
    decayed = [p for p in model.parameters() if p.ndim > 1]
    plain = [p for p in model.parameters() if p.ndim <= 1]
    groups = [{"params": decayed, "weight_decay": config.weight_decay}, {"params": plain, "weight_decay": 0.0}]
    return torch.optim.SGD(groups, lr=config.lr, momentum=config.momentum, nesterov=True)


def batches(split: Split, config: TrainConfig, epoch: int, rng: Generator) -> Iterator[tuple[Tensor, Tensor]]:
    """Shuffled, augmented training batches of an epoch: (B, 3, S, S) float32 and (B,) labels; the rest is dropped."""
    order = torch.from_numpy(rng.permutation(len(split.labels))).to(split.labels.device)
    size, scale = crop_size(config, epoch), (config.crop_scale, 1.0)
    for chosen in order[: len(order) // config.batch_size * config.batch_size].split(config.batch_size):
        yield train_batch(split.images[chosen], size, rng, scale), split.labels[chosen]


def train_epoch(
    model: nn.Module,
    optimizer: torch.optim.Optimizer,
    method: Method,
    split: Split,
    config: TrainConfig,
    epoch: int,
    rng: Generator,
    tick: Callable[[], None],
) -> Score:
    """Train one epoch in place; `tick` is called after every step. InputError when the loss is no longer finite."""
    model.train()
    num_classes = len(split.classes)
    steps = len(split.labels) // config.batch_size
    loss_sum = torch.zeros((), device=split.images.device)
    hit_sum = torch.zeros((), device=split.images.device)
    for step, (images, labels) in enumerate(batches(split, config, epoch, rng)):
        for group in optimizer.param_groups:
            group["lr"] = learning_rate(config, epoch + (step + 1) / steps)
        plan = method.plan(len(images), tuple(images.shape[-2:]), rng)
        targets = plan.targets(labels, num_classes)
        with autocast(images.device, config.amp):
            logits = model(plan.apply(images)).float()
        loss = F.cross_entropy(logits, targets)
        optimizer.zero_grad(set_to_none=True)
        loss.backward()
        optimizer.step()
        loss_sum += loss.detach()
        hit_sum += targets.gather(1, logits.detach().argmax(1, keepdim=True)).mean()
        tick()
    if not math.isfinite(loss_sum.item()):
        raise InputError(
            f"the loss must stay finite; it was {loss_sum.item()} in epoch {epoch + 1}: try a lower --lr or --no-amp"
        )
    return Score(loss_sum.item() / steps, 100 * (1 - hit_sum.item() / steps))


@torch.inference_mode()
def evaluate(model: nn.Module, split: Split, image_size: int, batch_size: int = 128, amp: bool = False) -> Score:
    """Mean cross-entropy and top-1 error of a model over a split, whole images at image_size; its mode is kept."""
    was_training = model.training
    model.eval()
    loss, wrong = 0.0, 0
    for images, labels in zip(split.images.split(batch_size), split.labels.split(batch_size), strict=True):
        with autocast(images.device, amp):
            logits = model(eval_batch(images, image_size)).float()
        loss += F.cross_entropy(logits, labels, reduction="sum").item()
        wrong += (logits.argmax(1) != labels).sum().item()
    model.train(was_training)
    return Score(loss / len(split.labels), 100 * wrong / len(split.labels))


def autocast(device: torch.device, enabled: bool) -> torch.autocast:
    """bfloat16 autocast for a device."""
    return torch.autocast(device.type, torch.bfloat16, enabled=enabled)


class Stopwatch:
    """Seconds since it was made."""

    def __init__(self) -> None:
        self._start = time.perf_counter()

    @property
    def seconds(self) -> float:
        return time.perf_counter() - self._start
