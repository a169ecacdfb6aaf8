"""A run: trained to its end or until it is stopped, its exact continuation, and the checkpoint that comes out."""

import copy
import math
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from functools import partial
from pathlib import Path
from typing import Any

import torch
from tqdm import tqdm

from ..data import MEAN, STD, Dataset
from ..errors import InputError
from ..folders import CONFIG, ENVIRONMENT, result_file, weights_name
from ..models import create_model
from ..words import several
from ..zoo import round_as_kept, write_checkpoint
from .config import TrainConfig
from .distributed import World, in_company, world
from .engine import evaluate
from .folder import changed_since, check_folder, checkpoint_file, environment, loader, state_file
from .images import open_images
from .lock import alone
from .logs import Logs, write_json, write_result
from .precision import hurry
from .signals import at_sigterm
from .state import load_finished, load_state, save_state
from .trainer import Trainer
from .trouble import in_words
from .weights import begin_with

CHEAP, MOST = 0.05, 20  # a state that takes more seconds to save is saved after that many times as long at the soonest


def train(
    config: TrainConfig,
    resume: bool = False,
    deadline: float | None = None,
    all_or_nothing: bool = False,
    command: Sequence[str] | None = None,
) -> Path | None:
    """Train, or continue a run exactly; returns the checkpoint that came out.

    deadline: moment of time.monotonic() at which to stop; all_or_nothing: stop as soon as the speed says that the end
    will not be reached by then. There, and on SIGTERM, the state is saved to the step, and None returned. Ctrl-C leaves
    the state of the last whole epoch, or of one before it where saving takes long. A run that goes on with another
    image_size forgets its tests at the old one; one that is at its end is only tested anew. command: the words after
    `python -m ricap_explorer` that do the same, for the card; what this process was started with if not given.
    InputError where the folder holds another run or somebody trains in it, and, the state saved to the step, where an
    image cannot be read or a process was killed. Under torchrun every process calls this; the first writes.
    """
    saved = check_folder(config, resume)
    if config.threads:
        torch.set_num_threads(config.threads)
    terminated = threading.Event()
    with world(config.device) as here, in_company(), alone(config.folder, here), at_sigterm(terminated.set):
        training, test = open_images(config, here, loader(config, resume))
        trainer = _create_trainer(config, training, here, resume)
        if here.main:
            _tell_unused(trainer)
        if resume:
            if here.main and changed_since(config):
                print("the training images are not all those that the run began with", file=sys.stderr)
            if state_file(config).exists():
                load_state(state_file(config), trainer)
            else:
                load_finished(checkpoint_file(config), trainer)
            if saved.get("image_size") != config.image_size:
                trainer.forget_tests()
                _save(trainer)
        made_by = environment(trainer, command)
        if here.main:
            write_json(config.folder / CONFIG, config.recipe())
            write_json(config.folder / ENVIRONMENT, made_by)
        end, known = math.inf if deadline is None else deadline, len(trainer.history)
        late = partial(_too_slow, trainer, known, end) if all_or_nothing else lambda: time.monotonic() >= end
        done = _fit(trainer, test, stop=lambda: terminated.is_set() or late())
        return publish(trainer, test, made_by) if done else None


def _too_slow(trainer: Trainer, known: int, end: float) -> bool:
    """Whether time is up, or the run ends later even at the speed of the fastest epoch after those that were known when
    it began; the first one, which warms up, counts for nothing, and what is done of the epoch under way is done."""
    least = min((row["seconds"] for row in trainer.history[known + 1 :]), default=0.0)
    done = trainer.progress.seconds if trainer.progress else 0.0
    left = least * (trainer.config.epochs - len(trainer.history)) - done
    return time.monotonic() + max(0.0, left) >= end


def _tell_unused(trainer: Trainer) -> None:
    """A line where many images are left over of the whole batches of an epoch."""
    count, unused = len(trainer.data), len(trainer.data) % trainer.config.batch_size
    if 10 * unused > count:
        told = f"an epoch has {several(trainer.steps, 'step')}, which leave out {unused} of the {count} images, by lot"
        tqdm.write(f"{told}; a smaller --batch-size leaves out fewer", file=sys.stderr)


def _tell_weights(config: TrainConfig, here: World, whole: bool) -> None:
    if here.main:
        kept = "its classifier too" if whole else "but its classifier, which knows other classes"
        tqdm.write(f"begins with the weights of {weights_name(config.weights)}, {kept}", file=sys.stderr)


def _create_trainer(config: TrainConfig, training: Dataset, here: World, resume: bool) -> Trainer:
    hurry(here.device)
    torch.manual_seed(config.seed)
    model = create_model(config.model, len(training.classes), **config.model_arguments)
    if config.weights is not None and not resume:
        _tell_weights(config, here, begin_with(config.weights, model, training.classes))
    trainer = Trainer(config, model.to(here.device, memory_format=torch.channels_last), training, here)
    torch.manual_seed(config.seed + here.rank)  # equal weights, but dropout of its own in every process
    return trainer


def _fit(trainer: Trainer, test: Dataset, stop: Callable[[], bool]) -> bool:
    """Train the epochs that the history lacks, writing logs and state after each; False where stopped early."""
    config, main = trainer.config, trainer.world.main
    logs = Logs(config.folder, config.tensorboard) if main else None
    done = len(trainer.history) * trainer.steps + (trainer.progress.step if trainer.progress else 0)
    bar = tqdm(
        total=config.epochs * trainer.steps, initial=done, unit="step", mininterval=1, disable=None if main else True
    )
    saved, cost = -math.inf, 0.0
    with bar:
        while (epoch := len(trainer.history) + 1) <= config.epochs:
            bar.set_description(f"epoch {epoch}/{config.epochs}")
            with _kept(trainer):
                whole = trainer.train_epoch(bar.update, stop)
                if whole and (epoch % config.eval_every == 0 or epoch == config.epochs):
                    trainer.test(test)
            over = not whole or epoch == config.epochs or trainer.world.any(stop())
            if main and (over or cost < CHEAP or time.monotonic() - saved >= MOST * cost):
                cost, saved = _save(trainer), time.monotonic()
            if not whole:
                return False
            if main:
                logs.write(trainer.history)
                bar.write(_line(trainer.history[-1]), file=sys.stderr)
            if over and epoch < config.epochs:
                return False
    if trainer.history[-1]["test_error"] is None:
        with _kept(trainer):
            trainer.test(test)
        _save(trainer)
        if main:
            logs.write(trainer.history)
    return True


def _save(trainer: Trainer) -> float:
    """Save the state, in the main process; the seconds that it took."""
    start = time.monotonic()
    if trainer.world.main:
        save_state(state_file(trainer.config), trainer)
    return time.monotonic() - start


@contextmanager
def _kept(trainer: Trainer) -> Iterator[None]:
    """The state is saved, to the step, where an image, a process or the memory fails, and that is told."""
    try:
        with in_company():
            yield
    except (InputError, RuntimeError, ValueError) as error:
        between = trainer.progress is None  # in a test; in a step only an InputError leaves everything as it was
        if trainer.can_go_on and (between or isinstance(error, InputError)):
            trainer.back_to_step()
            _save(trainer)
        told = in_words(error, trainer)
        if told is None:
            raise
        raise told from None


def _line(row: dict[str, Any]) -> str:
    tested = "" if row["test_error"] is None else f", test error {row['test_error']:.2f} %"
    return f"epoch {row['epoch']}: train loss {row['train_loss']:.3f}{tested}"


def publish(trainer: Trainer, test: Dataset, made_by: dict[str, Any]) -> Path:
    """Write the run's checkpoint, and its result with the error that the half-precision weights themselves score."""
    config, history = trainer.config, trainer.history
    path = checkpoint_file(config)
    published = copy.deepcopy(trainer.tested).float()
    round_as_kept(published)
    with _kept(trainer):
        score = evaluate(published, test, config.image_size, trainer.test_batch, world=trainer.world)
    card = {
        **config.recipe(),
        "classes": list(test.classes),
        "model_arguments": config.model_arguments,
        "mean": list(MEAN),
        "std": list(STD),
        "method_settings": asdict(trainer.method),
        "optimizer": "SGD, Nesterov",
        "parameters": sum(p.numel() for p in published.parameters()),
        "test_error": round(score.error, 4),
        "test_top5_error": round(score.top5_error, 4),
        "test_images": score.images,
        "train_images": len(trainer.data),
        "wall_time_s": round(sum(row["seconds"] for row in history)),
        **made_by,
    }
    if trainer.world.main:
        write_checkpoint(path, published, card)
        write_result(result_file(config.folder, config.name), card, history)
    return path
