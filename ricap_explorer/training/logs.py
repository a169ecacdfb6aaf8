"""What a run writes down as it goes: JSON, CSV, and TensorBoard events if asked for."""

import csv
import json
from pathlib import Path
from typing import Any

from ..errors import InputError


class Logs:
    """The logs of a run folder."""

    def __init__(self, folder: Path, tensorboard: bool = False) -> None:
        self.folder = folder
        self._board = _board(folder / "tensorboard") if tensorboard else None

    def write(self, history: list[dict[str, Any]]) -> None:
        """All rows as metrics.json and metrics.csv; the latest as TensorBoard scalars."""
        write_json(self.folder / "metrics.json", history)
        aside = self.folder / "metrics.csv.part"
        with aside.open("w", newline="") as file:
            table = csv.DictWriter(file, fieldnames=list(history[0]))
            table.writeheader()
            table.writerows(history)
        aside.replace(self.folder / "metrics.csv")
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
    """Write aside, then rename."""
    aside = path.with_name(path.name + ".part")
    aside.write_text(json.dumps(value, indent=1, default=str) + "\n")
    aside.replace(path)
