"""What a run writes down as it goes: JSON, CSV, and TensorBoard events if asked for."""

import csv
import json
import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TextIO

from ..errors import InputError
from ..folders import METRICS, aside


class Logs:
    """The logs of a run folder."""

    def __init__(self, folder: Path, tensorboard: bool = False) -> None:
        self.folder = folder
        self._board = _board(folder / "tensorboard") if tensorboard else None

    def write(self, history: list[dict[str, Any]]) -> None:
        """All rows as metrics.json and metrics.csv; the latest as TensorBoard scalars."""
        write_json(self.folder / METRICS, history)
        with _written(self.folder / "metrics.csv") as file:
            table = csv.DictWriter(file, fieldnames=list(dict.fromkeys(name for row in history for name in row)))
            table.writeheader()
            table.writerows(history)
        if self._board:
            for name, value in history[-1].items():
                if name != "epoch" and value is not None:
                    self._board.add_scalar(name, value, history[-1]["epoch"])
            self._board.flush()


def _board(folder: Path) -> Any:
    try:
        from torch.utils.tensorboard import SummaryWriter
    except ImportError:
        raise InputError("--tensorboard needs the package tensorboard; it is not installed") from None
    return SummaryWriter(folder)


def write_json(path: Path, value: Any) -> None:
    """Write aside, then rename; InputError where it cannot be written, as on a full disk."""
    with _written(path) as file:
        file.write(json.dumps(value, indent=1, default=os.fspath) + "\n")


def write_result(path: Path, card: Mapping[str, Any], epochs: Sequence[Mapping[str, Any]]) -> None:
    """As `write_json`: a run's card and what every epoch measured, an epoch on a line, to seven digits."""
    told = json.dumps(card, indent=1, default=os.fspath).replace("\n", "\n ")
    rows = ",\n".join(f"  {json.dumps(_measured(row))}" for row in epochs)
    with _written(path) as file:
        file.write(f'{{\n "card": {told},\n "epochs": [\n{rows}\n ]\n}}\n')


def _measured(row: Mapping[str, Any]) -> dict[str, Any]:
    """An epoch without what it did not measure, and no number longer than single precision has digits."""
    known = {name: value for name, value in row.items() if value is not None}
    return {name: float(f"{value:.7g}") if isinstance(value, float) else value for name, value in known.items()}


@contextmanager
def _written(path: Path) -> Iterator[TextIO]:
    """A file to write that takes the place of `path` when it is whole."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with aside(path) as part, part.open("w", newline="") as file:
            yield file
    except OSError as error:
        raise InputError(f"{path} must be written; {error.strerror}. What was there before is whole") from None
