"""The loop. No method has a branch here: a plan mixes images and labels, whatever it is."""

import math
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from ..data import Dataset
from ..errors import InputError
from .averaging import Average
from .config import TrainConfig
from .distributed import World, no_sync
from .engine import create_optimizer, crop_size, epoch_jobs, evaluate, learning_rate
from .precision import autocast, choose_precision
from .randomness import get_random, set_random
from .replay import Replay

CHECK_EVERY = 16  # steps between looks at what makes a GPU, or other processes, wait


@dataclass
class Progress:
    """Where an epoch stands: the random state it began with, steps done, sums of loss and hits, seconds."""

    random: dict[str, Any]
    step: int
    sums: Tensor
    seconds: float = 0.0


class Trainer:
    """A network in training with all that changes meanwhile; one row of `history` for every whole epoch."""

    def __init__(self, config: TrainConfig, model: nn.Module, data: Dataset, world: World) -> None:
        """The model lies on the world's device already."""
        self.config, self.data, self.world = config, data, world
        self.method = config.create_method()
        self.model = world.synchronised(model)
        self.average = Average(self.model, config.ema) if config.ema else None
        self.optimizer = create_optimizer(self.model, config)
        self.compute_in(choose_precision(config.precision, world.device))
        self.rng = np.random.default_rng(config.seed)
        self.history: list[dict[str, Any]] = []
        self.progress: Progress | None = None
        self._begun: tuple | None = None
        self._wrapped = world.wrap(self.model)
        self._forward = self._prepared()

    def _prepared(self) -> Callable[[Tensor], Tensor]:
        """The network as a step calls it: compiled where that is asked for, replayed on a GPU."""
        replayed = (
            self.config.replay
            and self.world.device.type == "cuda"
            and (self.world.size, self.config.accumulate, self.data.loader) == (1, 1, "resident")
        )
        fixed = False if replayed else None  # a recording is of one size anyway
        forward = torch.compile(self._wrapped, dynamic=fixed) if self.config.compile else self._wrapped
        return Replay(self.model, forward) if replayed else forward

    def compute_in(self, precision: str) -> None:
        """Pass images through the network in that precision from now on."""
        self.precision = precision
        self.scaler = torch.amp.GradScaler(self.world.device.type, enabled=precision == "fp16")

    @property
    def steps(self) -> int:
        """Steps of an epoch."""
        return len(self.data) // self.config.batch_size

    @property
    def test_batch(self) -> int:
        """Images of a test that go through the network at once: no more than a step has room for."""
        return max(1, min(128, self.config.batch_size // self.config.accumulate // self.world.size))

    @property
    def tested(self) -> nn.Module:
        """The network that is tested and published: the average where there is one."""
        return self.average.model if self.average else self.model

    @property
    def can_go_on(self) -> bool:
        """Whether what has been trained is worth keeping: a step at least, and all of it finite."""
        sums = [self.progress.sums] if self.progress else []
        trained = bool(self.history) or (self.progress is not None and self.progress.step > 0)
        return trained and all(bool(torch.isfinite(values).all()) for values in (*sums, *self.model.parameters()))

    def train_epoch(self, tick: Callable[[], None], stop: Callable[[], bool]) -> bool:
        """Train what is left of the current epoch, then add its row to the history.

        `tick` is called after every step. False where `stop` ended it early; the next call goes on there.
        InputError when the loss is no longer finite.
        """
        epoch = len(self.history)
        begun = time.perf_counter() - (self.progress.seconds if self.progress else 0.0)
        jobs = self._jobs(epoch)[self.progress.step * self.config.accumulate :]
        batches = self.data.train_batches(jobs, self.config.augment(crop_size(self.config, epoch)))
        self.model.train()
        for number, (images, labels) in enumerate(batches, 1):
            if (number - 1) % self.config.accumulate == 0:
                self._begin_step()
            self._learn(self.world.gather(images), self.world.gather(labels), last=number % self.config.accumulate == 0)
            if number % self.config.accumulate:
                continue
            self._update(epoch)
            self.progress.seconds = time.perf_counter() - begun
            tick()
            if self._is_over(stop) and self.progress.step < self.steps:
                self.progress.sums = self.world.sum(self.progress.sums) / self.world.size  # one state for all processes
                return False
        self._check_loss()  # waits for a GPU to come to the end
        self.progress.seconds = time.perf_counter() - begun
        self._close(epoch)
        return True

    def _begin_step(self) -> None:
        """Keep what a step changes before its end, where a part of it can fail alone."""
        if self.config.accumulate > 1 or self.world.size > 1:
            kept = [self.progress.sums, *self.model.buffers()]
            self._begun = self.rng.bit_generator.state, get_random(self.world.device), [one.clone() for one in kept]

    def back_to_step(self) -> None:
        """Undo what was done of a step that did not come to its end."""
        if self._begun:
            self.rng.bit_generator.state, random, kept = self._begun
            set_random(random, self.world.device)
            for one, before in zip([self.progress.sums, *self.model.buffers()], kept, strict=True):
                one.copy_(before)

    def _jobs(self, epoch: int) -> list:
        """The epoch's jobs, drawn anew from the random state it began with where it is under way."""
        if self.progress is None:
            self.progress = Progress(self.rng.bit_generator.state, 0, torch.zeros(2, device=self.world.device))
            return epoch_jobs(self.config, len(self.data), epoch, self.rng, self.world)
        now, self.rng.bit_generator.state = self.rng.bit_generator.state, self.progress.random
        jobs = epoch_jobs(self.config, len(self.data), epoch, self.rng, self.world)
        self.rng.bit_generator.state = now
        return jobs

    def _learn(self, images: Tensor, labels: Tensor, last: bool) -> None:
        """Add the gradient of this process's part of a batch; `last` of the step's batches."""
        plan = self.method.plan(len(images), tuple(images.shape[-2:]), self.rng).part(*self.world.part(len(images)))
        targets = plan.targets(labels, len(self.data.classes))
        with no_sync(self._wrapped, not last):
            with autocast(images.device, self.precision):
                logits = self._forward(plan.apply(images)).float()
            loss = F.cross_entropy(logits, targets, label_smoothing=self.config.label_smoothing)
            self.scaler.scale(loss / self.config.accumulate).backward()
        hits = targets.gather(1, logits.detach().argmax(1, keepdim=True)).mean()
        self.progress.sums += torch.stack([loss.detach(), hits])

    def _update(self, epoch: int) -> None:
        """One step of the optimiser."""
        self._begun = None
        self.progress.step += 1
        for group in self.optimizer.param_groups:
            group["lr"] = learning_rate(self.config, epoch + (self.progress.step - 0.5) / self.steps)  # in mid-step
        if self.config.clip:
            self.scaler.unscale_(self.optimizer)
            nn.utils.clip_grad_norm_(self.model.parameters(), self.config.clip)
        self.scaler.step(self.optimizer)
        self.scaler.update()
        self.optimizer.zero_grad(set_to_none=True)
        if self.average:
            self.average.update(self.model)

    def _is_over(self, stop: Callable[[], bool]) -> bool:
        """Whether any process was told to stop; InputError where the loss has gone astray."""
        alone = self.world.size == 1 and self.world.device.type == "cpu"
        if not alone and self.progress.step % CHECK_EVERY:
            return False
        self._check_loss()
        return self.world.any(stop())

    def _check_loss(self) -> None:
        """InputError, in all processes alike, where the loss of one is no longer finite."""
        if not math.isfinite(total := self.world.sum(self.progress.sums[0].clone()).item()):
            raise InputError(
                f"the loss must stay finite; it was {total} in epoch {len(self.history) + 1}: try a lower --lr, "
                "a longer --warmup, --clip 1 or --precision fp32"
            )

    def _close(self, epoch: int) -> None:
        """Add the epoch's row to the history."""
        loss, hits = (self.world.sum(self.progress.sums) / self.world.size).tolist()
        batches = self.steps * self.config.accumulate
        row = {
            "epoch": epoch + 1,
            "lr": self.optimizer.param_groups[0]["lr"],  # its last step's
            "train_loss": loss / batches,
            "train_error": 100 * (1 - hits / batches),
            "test_loss": None,
            "test_error": None,
            "test_top5_error": None,
            "seconds": round(self.progress.seconds, 2),
        }
        self.history.append(row)
        self.progress = None

    def test(self, data: Dataset) -> None:
        """Test the network after its latest epoch; the score joins that epoch's row."""
        score = evaluate(self.tested, data, self.config.image_size, self.test_batch, self.precision, self.world)
        if not math.isfinite(score.loss):
            raise InputError(
                f"the test's loss must be finite; it was {score.loss} in epoch {len(self.history)}: the last step has "
                "ruined the weights, try a lower --lr"
            )
        self.history[-1] |= {"test_loss": score.loss, "test_error": score.error, "test_top5_error": score.top5_error}

    def forget_tests(self) -> None:
        """Leave the scores out of the history: they are of another image size."""
        for row in self.history:
            row |= {"test_loss": None, "test_error": None, "test_top5_error": None}
