"""A run: its folder, its state, its exact continuation, and the checkpoint that comes out.

The folder holds config.json, environment.json, metrics.json, state.safetensors (to resume), and at the end
<name>.safetensors (to publish) and <name>.json (the result).
"""

import copy
import json
import platform
import subprocess
import sys
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
import safetensors
import torch
import torchvision
from safetensors import SafetensorError, safe_open
from torch import Tensor, nn
from tqdm import tqdm

from .. import __version__
from ..data import MEAN, STD, Split, load_split
from ..errors import InputError
from ..models import create_model
from ..zoo import write_atomically, write_checkpoint
from .config import TrainConfig
from .engine import Stopwatch, create_optimizer, evaluate, learning_rate, train_epoch

STATE = "state.safetensors"


def train(config: TrainConfig, resume: bool = False) -> Path:
    """Train, or continue a run exactly; returns the checkpoint that came out.

    InputError where the folder holds another run. Ctrl-C leaves the state of the last whole epoch.
    """
    folder = config.folder
    state_path = folder / STATE
    _check_folder(config, resume)
    if config.threads:
        torch.set_num_threads(config.threads)
    device = choose_device(config.device)
    if device.type == "cuda":
        torch.set_float32_matmul_precision("high")
        torch.backends.cudnn.benchmark = True
    training = load_split(config.dataset, config.data_dir, "train", config.store_size).to(device)
    test = load_split(config.dataset, config.data_dir, "val", config.store_size).to(device)
    if training.classes != test.classes:
        raise InputError(f"training and test images must be of the same classes; {config.dataset}'s are not")
    if len(training.labels) < config.batch_size:
        raise InputError(f"batch_size must be at most the {len(training.labels)} images; got {config.batch_size}")
    torch.manual_seed(config.seed)
    rng = np.random.default_rng(config.seed)
    model = create_model(config.model, len(training.classes), **config.model_arguments)
    model = model.to(device, memory_format=torch.channels_last)
    optimizer = create_optimizer(model, config)
    history = load_state(state_path, model, optimizer, rng) if resume else []
    folder.mkdir(parents=True, exist_ok=True)
    _write_json(folder / "config.json", config.recipe())
    _write_json(folder / "environment.json", environment(device))
    _fit(config, model, optimizer, rng, training, test, history)
    return publish(config, model, test, history)


def _fit(
    config: TrainConfig,
    model: nn.Module,
    optimizer: torch.optim.Optimizer,
    rng: np.random.Generator,
    training: Split,
    test: Split,
    history: list[dict[str, Any]],
) -> None:
    """Train the epochs that `history` lacks, adding a row and saving the state after each."""
    method = config.create_method()
    steps = len(training.labels) // config.batch_size
    bar = tqdm(total=config.epochs * steps, initial=len(history) * steps, unit="step", mininterval=1)
    with bar:
        for epoch in range(len(history), config.epochs):
            bar.set_description(f"epoch {epoch + 1}/{config.epochs}")
            watch = Stopwatch()
            train_score = train_epoch(model, optimizer, method, training, config, epoch, rng, bar.update)
            seconds = watch.seconds
            row = {
                "epoch": epoch + 1,
                "lr": learning_rate(config, epoch + 1),
                "train_loss": train_score.loss,
                "train_error": train_score.error,
                "test_loss": None,
                "test_error": None,
                "seconds": round(seconds, 2),
            }
            if (epoch + 1) % config.eval_every == 0 or epoch + 1 == config.epochs:
                score = evaluate(model, test, config.image_size, amp=config.amp)
                row |= {"test_loss": score.loss, "test_error": score.error}
                bar.write(
                    f"epoch {epoch + 1}: train loss {train_score.loss:.3f}, test error {score.error:.2f} %",
                    file=sys.stderr,
                )
            history.append(row)
            _write_json(config.folder / "metrics.json", history)
            save_state(config.folder / STATE, model, optimizer, rng, history)


def publish(config: TrainConfig, model: nn.Module, test: Split, history: list[dict[str, Any]]) -> Path:
    """Write the run's checkpoint, and its result with the error that the half-precision weights themselves score."""
    path = config.folder / f"{config.name}.safetensors"
    published = copy.deepcopy(model).half().float()  # rounded as the file will hold it
    card = {
        **config.recipe(),
        "classes": list(test.classes),
        "model_arguments": config.model_arguments,
        "mean": list(MEAN),
        "std": list(STD),
        "method_settings": asdict(config.create_method()),
        "optimizer": "SGD, Nesterov",
        "parameters": sum(p.numel() for p in model.parameters()),
        "test_error": round(evaluate(published, test, config.image_size).error, 4),
        "test_images": len(test.labels),
        "wall_time_s": round(sum(row["seconds"] for row in history)),
        **environment(test.images.device),
    }
    write_checkpoint(path, published, card)
    _write_json(config.folder / f"{config.name}.json", {"card": card, "epochs": history})
    return path


def choose_device(name: str) -> torch.device:
    """The device of that name, auto being a GPU where there is one; InputError for a GPU that is not there."""
    if name == "cuda" and not torch.cuda.is_available():
        raise InputError("device must be auto or cpu where torch finds no GPU; got cuda")
    return torch.device("cuda" if name != "cpu" and torch.cuda.is_available() else "cpu")


def _check_folder(config: TrainConfig, resume: bool) -> None:
    folder = config.folder
    exists = (folder / STATE).exists()
    if exists and not resume:
        raise InputError(f"the run folder must be new, or be continued with --resume; {folder} holds a run")
    if resume and not exists:
        raise InputError(f"--resume needs the folder of an unfinished run; {folder} holds none")
    if resume:
        try:
            saved = json.loads((folder / "config.json").read_text())
        except (OSError, ValueError):
            raise InputError(
                f"{folder / 'config.json'} must hold the run's settings; it is missing or damaged"
            ) from None
        differing = [key for key, value in config.recipe().items() if saved.get(key) != value]
        if differing:
            raise InputError(f"--resume must keep the run's settings; {', '.join(differing)} differ from {folder}")


def save_state(
    path: Path,
    model: nn.Module,
    optimizer: torch.optim.Optimizer,
    rng: np.random.Generator,
    history: list[dict[str, Any]],
) -> None:
    """All that a run needs to go on as if it had never stopped: weights, optimiser, every random state, history."""
    tensors = {f"model.{key}": value for key, value in model.state_dict().items()}
    state = optimizer.state_dict()
    for index, values in state["state"].items():
        tensors |= {f"optimizer.{index}.{key}": value for key, value in values.items() if isinstance(value, Tensor)}
    tensors["random.torch"] = torch.get_rng_state()
    if torch.cuda.is_available():
        tensors["random.cuda"] = torch.cuda.get_rng_state()
    metadata = {"numpy": json.dumps(rng.bit_generator.state), "history": json.dumps(history)}
    write_atomically(path, {key: value.cpu().contiguous() for key, value in tensors.items()}, metadata)


def load_state(
    path: Path, model: nn.Module, optimizer: torch.optim.Optimizer, rng: np.random.Generator
) -> list[dict[str, Any]]:
    """Put a saved state back in place; returns the history. InputError where it is another network's."""
    try:
        with safe_open(path, "pt") as file:
            tensors = {key: file.get_tensor(key) for key in file.keys()}
            metadata = file.metadata()
    except SafetensorError:
        raise InputError(f"{path} must be a whole state to resume from; it is damaged") from None
    weights = {key.removeprefix("model."): value for key, value in tensors.items() if key.startswith("model.")}
    try:
        model.load_state_dict(weights)
    except RuntimeError:
        raise InputError(f"{path} must hold this run's network; it holds another") from None
    slots: dict[int, dict[str, Tensor]] = {}
    for key, value in tensors.items():
        if key.startswith("optimizer."):
            _, index, name = key.split(".")
            slots.setdefault(int(index), {})[name] = value
    optimizer.load_state_dict({"state": slots, "param_groups": optimizer.state_dict()["param_groups"]})
    torch.set_rng_state(tensors["random.torch"])
    if torch.cuda.is_available() and "random.cuda" in tensors:
        torch.cuda.set_rng_state(tensors["random.cuda"])
    rng.bit_generator.state = json.loads(metadata["numpy"])
    return json.loads(metadata["history"])


def environment(device: torch.device) -> dict[str, Any]:
    """What computed a run: hardware, package versions, commit, command."""
    return {
        "hardware": torch.cuda.get_device_name(device) if device.type == "cuda" else f"CPU: {_cpu_name()}",
        "versions": {
            "ricap_explorer": __version__,
            "python": platform.python_version(),
            "torch": torch.__version__,
            "torchvision": torchvision.__version__,
            "numpy": np.__version__,
            "safetensors": safetensors.__version__,
        },
        "commit": _commit(),
        "command": "python -m ricap_explorer " + " ".join(sys.argv[1:]),
    }


def _cpu_name() -> str:
    lines = Path("/proc/cpuinfo").read_text().splitlines() if Path("/proc/cpuinfo").exists() else []
    names = [line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")]
    threads = torch.get_num_threads()
    return f"{names[0] if names else platform.processor() or 'unknown'}, {threads} thread{'s' * (threads > 1)}"


def _commit() -> str | None:
    try:
        answer = subprocess.run(
            ["git", "describe", "--always", "--dirty"],
            cwd=Path(__file__).parent, capture_output=True, text=True, check=True, timeout=10,
        )  # fmt: skip
    except (OSError, subprocess.SubprocessError):
        return None
    return answer.stdout.strip()


def _write_json(path: Path, value: Any) -> None:
    aside = path.with_name(path.name + ".part")
    aside.write_text(json.dumps(value, indent=1, default=str) + "\n")
    aside.replace(path)
