"""A run: its folder, its exact continuation, and the checkpoint that comes out.

The folder holds config.json, environment.json, metrics.json and .csv, state.safetensors (to resume), and at the end
<name>.safetensors (to publish) and <name>.json (the result).
"""

import copy
import json
import math
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Any

import torch
from tqdm import tqdm

from ..data import MEAN, STD, Dataset, open_data
from ..errors import InputError
from ..models import create_model
from ..zoo import write_checkpoint
from .config import TrainConfig
from .distributed import World, in_company, world
from .engine import evaluate
from .logs import Logs, write_json
from .provenance import provenance
from .state import load_state, save_state
from .trainer import Trainer

STATE = "state.safetensors"
MAY_CHANGE = ("skip_corrupt", "image_size")  # what --resume need not keep: training itself does not depend on it


def train(config: TrainConfig, resume: bool = False, deadline: float | None = None) -> Path | None:
    """Train, or continue a run exactly; returns the checkpoint that came out.

    deadline: moment of time.monotonic() at which to stop. There, and on SIGTERM, the state is saved to the step, and
    None returned. Ctrl-C leaves the state of the last whole epoch. A run that goes on with another image_size forgets
    its tests at the old one; one that is at its end is only tested anew. InputError where the folder holds another run,
    and, the state saved to the step, where an image cannot be read or a process was killed.
    Under torchrun every process calls this; the first writes.
    """
    saved = _check_folder(config, resume)
    if config.threads:
        torch.set_num_threads(config.threads)
    with world(config.device) as here, in_company(), _terminated() as terminated:
        with here.main_first():
            training, test = _open_data(config, here)
        trainer = _create_trainer(config, training, here)
        if resume:
            load_state(config.folder / STATE, trainer)
            if saved.get("image_size") != config.image_size:
                trainer.forget_tests()
        if here.main:
            write_json(config.folder / "config.json", config.recipe())
            write_json(config.folder / "environment.json", environment(trainer))
        end = math.inf if deadline is None else deadline
        done = _fit(trainer, test, stop=lambda: terminated() or time.monotonic() >= end)
        return publish(trainer, test) if done else None


def _open_data(config: TrainConfig, here: World) -> tuple[Dataset, Dataset]:
    """The training set and what is tested: the test set, or the held-out part of the training set."""
    training, test = (
        open_data(
            config.dataset, config.data_dir, split, config.store_size, here.device,
            config.loader, config.workers, config.skip_corrupt, config.holdout,
        )
        for split in ("train", "val")
    )  # fmt: skip
    if training.classes != test.classes:
        raise InputError(f"training and test images must be of the same classes; {config.dataset}'s are not")
    if len(training) < config.batch_size:
        raise InputError(f"batch_size must be at most the {len(training)} images; got {config.batch_size}")
    return training, test


def _create_trainer(config: TrainConfig, training: Dataset, here: World) -> Trainer:
    if here.device.type == "cuda":
        torch.set_float32_matmul_precision("high")
        torch.backends.cudnn.benchmark = True
    torch.manual_seed(config.seed)
    model = create_model(config.model, len(training.classes), **config.model_arguments)
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
    with bar:
        while (epoch := len(trainer.history) + 1) <= config.epochs:
            bar.set_description(f"epoch {epoch}/{config.epochs}")
            whole = _train_epoch(trainer, bar.update, stop)
            if whole and (epoch % config.eval_every == 0 or epoch == config.epochs):
                trainer.test(test)
            if main:
                save_state(config.folder / STATE, trainer)
            if not whole:
                return False
            if main:
                logs.write(trainer.history)
                bar.write(_line(trainer.history[-1]), file=sys.stderr)
            if epoch < config.epochs and trainer.world.any(stop()):
                return False
    if trainer.history[-1]["test_error"] is None:
        trainer.test(test)
        if main:
            save_state(config.folder / STATE, trainer)
            logs.write(trainer.history)
    return True


def _train_epoch(trainer: Trainer, tick: Callable[[], None], stop: Callable[[], bool]) -> bool:
    """The trainer's, with the state saved to the step where an image or a process fails."""
    try:
        with in_company():
            return trainer.train_epoch(tick, stop)
    except InputError:
        if trainer.world.main and trainer.can_go_on:
            save_state(trainer.config.folder / STATE, trainer)
        raise


def _line(row: dict[str, Any]) -> str:
    tested = "" if row["test_error"] is None else f", test error {row['test_error']:.2f} %"
    return f"epoch {row['epoch']}: train loss {row['train_loss']:.3f}{tested}"


def publish(trainer: Trainer, test: Dataset) -> Path:
    """Write the run's checkpoint, and its result with the error that the half-precision weights themselves score."""
    config, history = trainer.config, trainer.history
    path = config.folder / f"{config.name}.safetensors"
    published = copy.deepcopy(trainer.tested).half().float()  # rounded as the file will hold it
    score = evaluate(published, test, config.image_size, world=trainer.world)
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
        "test_images": len(test),
        "wall_time_s": round(sum(row["seconds"] for row in history)),
        **environment(trainer),
    }
    if trainer.world.main:
        write_checkpoint(path, published, card)
        write_json(config.folder / f"{config.name}.json", {"card": card, "epochs": history})
    return path


@contextmanager
def _terminated() -> Iterator[Callable[[], bool]]:
    """Whether SIGTERM has come meanwhile; the signal is only noted here."""
    told = threading.Event()
    if threading.current_thread() is not threading.main_thread():
        yield told.is_set
        return
    before = signal.signal(signal.SIGTERM, lambda *_: told.set())
    try:
        yield told.is_set
    finally:
        signal.signal(signal.SIGTERM, before)


def _check_folder(config: TrainConfig, resume: bool) -> dict[str, Any]:
    """The settings of the run that goes on, {} for a new one; InputError where the folder does not allow it."""
    folder = config.folder
    exists = (folder / STATE).exists()
    if exists and not resume:
        raise InputError(f"the run folder must be new, or be continued with --resume; {folder} holds a run")
    if resume and not exists:
        raise InputError(f"--resume needs the folder of an unfinished run; {folder} holds none")
    if not resume:
        return {}
    try:
        saved = dict(json.loads((folder / "config.json").read_text()))
    except (OSError, ValueError, TypeError):
        raise InputError(f"{folder / 'config.json'} must hold the run's settings; it is missing or damaged") from None
    differing = [key for key, value in config.recipe().items() if saved.get(key) != value and key not in MAY_CHANGE]
    if differing:
        raise InputError(f"--resume must keep the run's settings; {', '.join(differing)} differ from {folder}")
    return saved


def environment(trainer: Trainer) -> dict[str, Any]:
    """What computed a run: hardware, processes, precision, package versions, commit, command."""
    world = trainer.world
    return {**provenance(world.device), "processes": world.size, "computed_in": trainer.precision}
