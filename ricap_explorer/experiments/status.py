"""What has become of the wanted runs: done, running, stopped with its state saved, missing,
or at its end with other settings."""

from __future__ import annotations

import json
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from ..errors import InputError
from ..folders import CONFIG, METRICS, STATE, result_file
from .results import Result, list_results, read_result
from .tables import Run, all_runs, choose_runs, read_tables

FRESH = 1800  # seconds; a run that has written nothing for longer is not running


@dataclass(frozen=True)
class Progress:
    """How far a run is. state: done, running, stopped, missing, or differs, where a run of that name came to its end
    with other settings; epochs: how many are behind it."""

    run: Run
    state: str
    epochs: int

    @property
    def line(self) -> str:
        """The run on one line: its state, its epochs, about how long it takes in all, its name."""
        epochs = f"{self.epochs}/{self.run.settings['epochs']}"
        return f"{self.state:8} {epochs:>9} {self.run.scale:>6} {duration(self.run.seconds):>7}  {self.run.name}"


def duration(seconds: float) -> str:
    """45 s, 12 min or 3.5 h."""
    if seconds < 120:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 7200 else f"{seconds / 3600:.1f} h"


def progress(run: Run, results: Sequence[Result], folder: Path) -> Progress:
    """The state of a run, from the published results and from the run folders in `folder`."""
    here = folder / run.name
    finished = _finished(here)
    for result in [*(result for result in results if result.name == run.name), *finished]:
        if not result.differing(run):
            return Progress(run, "done", result.card["epochs"])
    if finished:
        return Progress(run, "differs", finished[0].card["epochs"])
    written = [path.stat().st_mtime for path in (here / CONFIG, here / STATE) if path.exists()]
    if not written:
        return Progress(run, "missing", 0)
    state = "running" if time.time() - max(written) < FRESH else "stopped"
    return Progress(run, state, epochs_done(here / METRICS))


def _finished(folder: Path) -> list[Result]:
    """The result in a run folder, if the run has come to its end."""
    try:
        return [read_result(result_file(folder))]
    except InputError:
        return []


def epochs_done(metrics: Path) -> int:
    """How many epochs a run's metrics tell; 0 where there are none yet."""
    try:
        return len(json.loads(metrics.read_text()))
    except (OSError, ValueError, TypeError):
        return 0


def listing(scale: str, only: str, results: Path, folder: Path) -> str:
    """A line for each wanted run of a scale, the most wanted first, and how many are done."""
    found, _ = list_results(results)
    lines = [progress(run, found, folder) for run in choose_runs(all_runs(read_tables()), scale, only)]
    done = sum(line.state == "done" for line in lines)
    head = f"{'state':8} {'epochs':>9} {'scale':>6} {'guess':>7}  run"
    return "\n".join([head, *(line.line for line in lines), f"{done} of {len(lines)} runs are done"])
