"""A trainer's state as one safetensors file: all that it needs to go on as if it had never stopped."""

import json
import zlib
from pathlib import Path

import torch
from safetensors import SafetensorError, safe_open
from torch import Tensor

from ..errors import InputError
from ..zoo import read_checkpoint, write_atomically
from .randomness import get_random, set_random
from .trainer import Progress, Trainer


def save_state(path: Path, trainer: Trainer) -> None:
    """Weights, their average, the optimiser's, the scaler's and every random state, history, progress in the epoch."""
    tensors = {f"model.{key}": value for key, value in trainer.model.state_dict().items()}
    for index, values in trainer.optimizer.state_dict()["state"].items():
        tensors |= {f"optimizer.{index}.{key}": value for key, value in values.items() if isinstance(value, Tensor)}
    metadata = {
        "numpy": trainer.rng.bit_generator.state,
        "history": trainer.history,
        "scaler": trainer.scaler.state_dict(),
        "precision": trainer.precision,
        "images": _images(trainer),
    }
    if trainer.average:
        tensors |= {f"average.{key}": value for key, value in trainer.average.model.state_dict().items()}
        metadata["average"] = trainer.average.steps
    if progress := trainer.progress:
        tensors["progress.sums"] = progress.sums
        metadata["progress"] = {"random": progress.random, "step": progress.step, "seconds": progress.seconds}
    tensors |= {f"random.{key}": value for key, value in get_random(trainer.world.device).items()}
    plain = {key: value.detach().cpu().contiguous() for key, value in tensors.items()}
    write_atomically(path, plain, {key: json.dumps(value) for key, value in metadata.items()})


def load_state(path: Path, trainer: Trainer) -> None:
    """Put a saved state back in place, and go on in the precision that it was computed in.

    InputError where the file is damaged, another network's, or of other images, unless corrupt ones may be skipped.
    """
    try:
        with safe_open(path, "pt") as file:
            tensors = {key: file.get_tensor(key) for key in file.keys()}
            metadata = {key: json.loads(value) for key, value in file.metadata().items()}
        scaler, numpy_state, history = (metadata[key] for key in ("scaler", "numpy", "history"))
    except (SafetensorError, OSError, AttributeError, KeyError, ValueError):
        raise InputError(f"{path} must be a whole state to resume from; it is damaged") from None
    known = metadata.get("images", _images(trainer))
    if known != _images(trainer) and not trainer.config.skip_corrupt:
        raise InputError(
            f"--resume must find the {known[0]} training images that the run began with; got {len(trainer.data)}"
            f"{', but others' * (known[0] == len(trainer.data))}: put them back, or go on with --skip-corrupt"
        )
    try:
        trainer.model.load_state_dict(_under(tensors, "model"))
        if trainer.average:
            trainer.average.model.load_state_dict(_under(tensors, "average"))
            trainer.average.steps = metadata["average"]
    except RuntimeError:
        raise InputError(f"{path} must hold this run's network; it holds another") from None
    slots: dict[int, dict[str, Tensor]] = {}
    for key, value in _under(tensors, "optimizer").items():
        index, name = key.split(".")
        slots.setdefault(int(index), {})[name] = value
    groups = trainer.optimizer.state_dict()["param_groups"]
    trainer.optimizer.load_state_dict({"state": slots, "param_groups": groups})
    for parameter, slot in trainer.optimizer.state.items():  # laid out in memory as the weights are, channels last
        slot["momentum_buffer"] = torch.empty_like(parameter).copy_(slot["momentum_buffer"])
    trainer.compute_in(metadata.get("precision", trainer.precision))
    if scaler:
        trainer.scaler.load_state_dict(scaler)
    trainer.history, trainer.rng.bit_generator.state = history, numpy_state
    if progress := metadata.get("progress"):
        sums = tensors["progress.sums"].to(trainer.world.device)
        trainer.progress = Progress(progress["random"], progress["step"], sums, progress["seconds"])
    set_random(_under(tensors, "random"), trainer.world.device)
    if rank := trainer.world.rank:  # the state is the main process's; dropout shall be of its own in every process
        done = len(history) * trainer.steps + (trainer.progress.step if trainer.progress else 0)
        torch.manual_seed(trainer.config.seed + rank + trainer.world.size * done)


def load_finished(path: Path, trainer: Trainer) -> None:
    """Put the published weights of a finished run in place, and its history from the result beside them.

    It can be tested anew without its state; there is nothing left to train.
    """
    found, result = read_checkpoint(path), path.with_suffix(".json")
    try:
        trainer.history = list(json.loads(result.read_text())["epochs"])
    except (OSError, ValueError, TypeError, KeyError):
        raise InputError(f"{result} must hold the run's epochs; it is missing or damaged") from None
    weights = found.load().state_dict()
    for model in filter(None, (trainer.model, trainer.average and trainer.average.model)):
        model.load_state_dict(weights)
    trainer.compute_in(found.card.get("computed_in", trainer.precision))


def _images(trainer: Trainer) -> list[int]:
    """How many training images there are, and what tells their labels, in order, from others."""
    labels = trainer.data.labels.cpu().numpy()
    return [len(labels), zlib.crc32(labels.tobytes())]


def _under(tensors: dict[str, Tensor], name: str) -> dict[str, Tensor]:
    """The tensors whose key begins with `name` and a dot, without that."""
    return {key.removeprefix(f"{name}."): value for key, value in tensors.items() if key.startswith(f"{name}.")}
