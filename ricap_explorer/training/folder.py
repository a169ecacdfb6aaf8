"""A run's folder: what lies there, whether a run may begin or go on there, and what computed it.

The folder holds config.json, environment.json, metrics.json and .csv, state.safetensors (to resume), and at the end
<name>.safetensors (to publish) and <name>.json (the result).
"""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from ..errors import InputError
from ..folders import CONFIG, ENVIRONMENT, STATE, weights_file
from .config import RESUMED, TrainConfig, marked
from .images import check_images
from .provenance import provenance
from .trainer import Trainer
from .weights import find_weights


def state_file(config: TrainConfig) -> Path:
    """Where all lies that a run needs to go on."""
    return config.folder / STATE


def checkpoint_file(config: TrainConfig) -> Path:
    """Where the network lies that came out."""
    return weights_file(config.folder, config.name)


def begun(config: TrainConfig) -> bool:
    """Whether the run folder holds a run of that name, at its end or not."""
    return state_file(config).exists() or checkpoint_file(config).exists()


def check_folder(config: TrainConfig, resume: bool) -> dict[str, Any]:
    """The settings of the run that goes on, {} for a new one; InputError where the folder does not allow it."""
    folder = config.folder
    if begun(config) and not resume:
        raise InputError(
            f"the run folder must be new, or be continued with --resume (--tag names another); {folder} holds a run"
        )
    if resume and not begun(config):
        raise InputError(f"--resume needs the folder of a run; {folder} holds none")
    if not resume:
        return {}
    saved = _read(folder / CONFIG)
    if not saved:
        raise InputError(f"{folder / CONFIG} must hold the run's settings; it is missing or damaged")
    differing = [name for name in config.differing(saved) if name not in marked(RESUMED)]
    if differing:
        raise InputError(f"the run in {folder} must keep its settings; it was begun with other {', '.join(differing)}")
    return saved


def loader(config: TrainConfig, resume: bool) -> str:
    """How the training set is read; a run that goes on reads it as it did before, however much memory is free now.
    InputError where another way is asked for: its crops are others."""
    known = _read(config.folder / ENVIRONMENT).get("loaded", config.loader) if resume else config.loader
    if config.loader not in ("auto", known):
        raise InputError(f"--resume must keep the run's loader {known}; got {config.loader}")
    return known


def changed_since(config: TrainConfig) -> bool:
    """Whether files' names, sizes or classes in the training set are others than when the run began."""
    known = _read(config.folder / ENVIRONMENT).get("train_digest", "")
    return bool(known) and not known.endswith(check_images(config)["train_digest"])


def environment(trainer: Trainer, command: Sequence[str] | None = None) -> dict[str, Any]:
    """What computed a run, and of which images: hardware, processes, precision, loader, versions, commit, command.

    Of a run that is at its end already and only tested anew, what trained it; `tested_by` is then what tests it.
    command: as `provenance` has it.
    """
    made_by = {"processes": trainer.world.size, "computed_in": trainer.precision, "loaded": trainer.data.loader}
    now = provenance(trainer.world.device, command)
    known = _read(trainer.config.folder / ENVIRONMENT)
    if len(trainer.history) < trainer.config.epochs or not known:
        digest, learnt = check_images(trainer.config)["train_digest"], trainer.history or trainer.progress
        known = known if learnt else {}
        before = known.get("train_digest", "")
        learnt_from = before if before.endswith(digest) else ", then ".join(filter(None, (before, digest)))
        return now | made_by | {"train_digest": learnt_from} | _begun_with(trainer.config, known)
    return known | {"tested_by": {name: now[name] for name in ("hardware", "commit", "command")}}


def _begun_with(config: TrainConfig, known: dict[str, Any]) -> dict[str, str]:
    """What tells the file of the weights that a run begins with, or began with."""
    if config.weights is None:
        return {}
    return {"weights_digest": known.get("weights_digest") or find_weights(config.weights).digest}


def _read(path: Path) -> dict[str, Any]:
    """What a file of the run's folder holds; nothing where it is missing or damaged."""
    try:
        return dict(json.loads(path.read_text()))
    except (OSError, ValueError, TypeError):
        return {}
