"""What the loop is made of: schedules, the optimiser, an epoch's batches, one pass of evaluation."""

import math
from collections.abc import Iterator
from dataclasses import dataclass

import torch
import torch.nn.functional as F
from numpy.random import Generator
from torch import Tensor, nn

from ..data import Dataset, Job
from ..errors import InputError
from ..models import evaluating
from .config import TrainConfig
from .distributed import World
from .precision import autocast


@dataclass(frozen=True)
class Score:
    """Mean cross-entropy, top-1 and top-5 error in per cent, of how many images."""

    loss: float
    error: float
    top5_error: float
    images: int


def learning_rate(config: TrainConfig, epoch: float) -> float:
    """The learning rate at a moment of training, epoch in [0, epochs]: linear warm-up, then cosine to 0 or steps."""
    if epoch < config.warmup:
        return config.lr * epoch / config.warmup
    if config.schedule == "steps":
        return config.lr * config.gamma ** sum(epoch >= share * config.epochs for share in config.learning_rate_steps())
    return config.lr * 0.5 * (1 + math.cos(math.pi * (epoch - config.warmup) / (config.epochs - config.warmup)))


def crop_size(config: TrainConfig, epoch: int) -> int:
    """Side of the training crops in an epoch, in steps of 16: start_size, growing to train_size at two thirds."""
    if config.start_size is None:
        return config.train_size
    done = min(1.0, epoch / max(1, round(config.epochs * 2 / 3)))
    size = config.start_size + done * (config.train_size - config.start_size)
    return min(config.train_size, max(config.start_size, int(size) // 16 * 16) if done < 1 else config.train_size)


def create_optimizer(model: nn.Module, config: TrainConfig) -> torch.optim.SGD:
    """SGD with Nesterov momentum; weight decay on matrices and kernels only, not on norms and biases."""
    decayed = [p for p in model.parameters() if p.ndim > 1]
    plain = [p for p in model.parameters() if p.ndim <= 1]
    groups = [{"params": decayed, "weight_decay": config.weight_decay}, {"params": plain, "weight_decay": 0.0}]
    return torch.optim.SGD(groups, lr=config.lr, momentum=config.momentum, nesterov=True)


def epoch_jobs(config: TrainConfig, count: int, epoch: int, rng: Generator, world: World) -> list[Job]:
    """This process's part of every batch of an epoch over `count` images, shuffled; what fills no batch is dropped.

    A batch is what goes through the network at once: batch_size / accumulate images over all processes.
    """
    batch = config.batch_size // config.accumulate
    start, stop = world.part(batch)
    augment = config.augment(crop_size(config, epoch))
    order = rng.permutation(count)[: count // config.batch_size * config.batch_size]
    return [(numbers[start:stop], augment.draw(batch, rng).part(start, stop)) for numbers in order.reshape(-1, batch)]


@torch.inference_mode()
def answers(
    model: nn.Module,
    data: Dataset,
    image_size: int,
    batch_size: int = 128,
    precision: str = "fp32",
    chosen: slice = slice(None),
) -> Iterator[tuple[Tensor, Tensor]]:
    """A model's logits (B, K) float32 of the chosen images, whole, at image_size, and their labels (B,), in order.

    The modes of the model's modules are kept.
    """
    with evaluating(model):
        for images, labels in data.test_batches(image_size, batch_size, chosen):
            with autocast(images.device, precision):
                logits = model(images)
            yield logits.float(), labels


@torch.inference_mode()
def evaluate(
    model: nn.Module,
    data: Dataset,
    image_size: int,
    batch_size: int = 128,
    precision: str = "fp32",
    world: World | None = None,
) -> Score:
    """Mean cross-entropy and errors of a model over whole images at image_size; its mode is kept.

    world: processes that share the images, each counting its own part.
    """
    world = world or World(device=next(model.parameters()).device)
    sums = torch.zeros(4, device=world.device, dtype=torch.float64)  # loss, misses of the first, of the first five, all
    own = slice(world.rank, None, world.size)
    for logits, labels in answers(model, data, image_size, batch_size, precision, own):
        ranks = logits.argsort(1, descending=True) == labels[:, None]
        hits = [ranks[:, :count].any(1).sum() for count in (1, 5)]
        loss = F.cross_entropy(logits, labels, reduction="sum")
        sums += torch.stack([loss, len(labels) - hits[0], len(labels) - hits[1], torch.full_like(loss, len(labels))])
    loss, first, fifth, count = world.sum(sums).tolist()
    if not count:
        raise InputError("one of the images to test on must be readable at least; none is")
    return Score(loss / count, 100 * first / count, 100 * fifth / count, int(count))
