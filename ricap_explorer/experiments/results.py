"""What was measured: results/<run>.json = {"card": how and how well, "epochs": [one row each]}."""

from __future__ import annotations

import dataclasses
import json
import math
import shutil
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from reprlib import repr as short
from typing import Any

from ..cards import check_kinds, hardware
from ..errors import InputError
from ..folders import aside, read_all, result_file, run_files, run_folders
from ..training.config import WANTED, TrainConfig, marked
from .tables import Run

NEEDED = ("dataset", "model", "method", "seed", "epochs", "test_error")  # of a card
CURVES = ("train_loss", "test_loss", "train_error", "test_error")
MAX_BYTES = 8 << 20
SETTINGS = {one.name for one in dataclasses.fields(TrainConfig)}
USUAL = {one.name: one.default for one in dataclasses.fields(TrainConfig) if one.default is not None}
FREE = set(marked(WANTED))  # what a run may differ in and still count


@dataclass(frozen=True)
class Result:
    """A run's card and its epochs; a measure is absent (None) in epochs without a test."""

    name: str
    card: dict[str, Any]
    epochs: list[dict[str, Any]]

    def curve(self, measure: str) -> list[tuple[int, float]]:
        """(epoch, value) of every epoch that has a finite value of this measure."""
        points = [(row["epoch"], row.get(measure)) for row in self.epochs]
        return [(epoch, value) for epoch, value in points if value is not None and math.isfinite(value)]

    @property
    def settings(self) -> dict[str, Any]:
        """The card with the mixing method's settings, defaults filled in."""
        return self.card | self.card.get("method_settings", {})

    @property
    def hardware(self) -> str:
        """What computed it, short."""
        return hardware(self.card)

    def differing(self, run: Run) -> list[str]:
        """The settings in which this result is not that run, `train`'s defaults where the run has none; what the card
        does not know may be any, and so may what neither the run nor a default tells, as sizes and crops, which `train`
        chooses for each data set and method."""
        known, wanted = self.settings, USUAL | run.settings
        return [name for name in sorted(wanted.keys() & known.keys() - FREE) if known[name] != wanted[name]]


def counted(runs: Sequence[Run], results: Mapping[str, Result]) -> list[Result]:
    """The results of these runs, by name, but those that were made with other settings."""
    found = [(run, results[run.name]) for run in runs if run.name in results]
    return [result for run, result in found if not result.differing(run)]


def read_result(path: Path) -> Result:
    """A result file; InputError for a missing, damaged or foreign one."""
    try:
        if path.stat().st_size > MAX_BYTES:
            raise ValueError(f"it has {path.stat().st_size} bytes")
        value = json.loads(path.read_text(encoding="utf-8"))
        if not isinstance(value, dict):
            raise ValueError("it is no object of JSON")
        card, epochs = value.get("card"), value.get("epochs")
        check_kinds(card, NEEDED)
        _check(epochs)
    except (OSError, RecursionError, UnicodeDecodeError, json.JSONDecodeError) as error:
        raise InputError(f"{path.name} must be the result of a run; it cannot be read ({_short(error)})") from None
    except ValueError as error:
        raise InputError(f"{path.name} must be the result of a run; {error}") from None
    return Result(path.stem, card, epochs)


def _check(epochs: Any) -> None:
    """ValueError, naming what is wrong."""
    if not isinstance(epochs, list) or not all(isinstance(row, dict) for row in epochs):
        raise ValueError("it has no list of epochs")
    for row in epochs:
        epoch, values = row.get("epoch"), [row.get(name) for name in CURVES]
        if type(epoch) is not int or epoch < 1 or not all(isinstance(value, int | float | None) for value in values):
            raise ValueError(f"one of its epochs is {short(row)}")


def _short(error: Exception) -> str:
    return " ".join(str(error).split())[:100]


def list_results(folder: Path) -> tuple[list[Result], list[str]]:
    """Every result of a folder and of the run folders in it, and one sentence for each file that is none."""
    return read_all(run_files(folder, ".json"), read_result)


def publish(folder: Path, results: Path, names: Collection[str] | None = None) -> list[str]:
    """Copy the results of finished runs (of these names alone, if given) from their folders into `results`.

    Returns the names of the new ones; what lies in `results` already stays, unless it is cut off. InputError where
    they cannot be written.
    """
    found = [result_file(run) for run in run_folders(folder) if names is None or run.name in names]
    new = [path for path in found if path.exists() and not _is_whole(results / path.name)]
    try:
        results.mkdir(parents=True, exist_ok=True)
        for path in new:
            with aside(results / path.name) as part:
                shutil.copyfile(path, part)
    except OSError as error:
        raise InputError(
            f"the results must be a folder that can be written; {results} is not ({error.strerror})"
        ) from None
    return [path.stem for path in new]


def _is_whole(path: Path) -> bool:
    """Whether there is such a file, and it is JSON to its end."""
    try:
        json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return False
    return True
