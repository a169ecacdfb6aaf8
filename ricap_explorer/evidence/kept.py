"""The numbers of every image of a network that was measured, in a folder: what stands there is not measured again."""

import hashlib
import json
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from ..cards import kept_size
from ..errors import InputError
from ..folders import aside
from ..zoo import Checkpoint
from .measures import MEASURES, TOGETHER, parts_of
from .probes import Numbers

VERSION = 3  # one more wherever numbers come out otherwise


def make_folder(folder: Path | None) -> None:
    """The folder of --keep, if there is to be one; InputError where it cannot be."""
    if folder:
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise InputError(f"--keep must be a folder; {folder} is none ({error.strerror})") from None


def read_arrays(path: Path) -> dict[str, np.ndarray] | None:
    """What a .npz file holds; None where there is nothing, or a damaged file."""
    try:
        with np.load(path, allow_pickle=False) as arrays:
            return dict(arrays)
    except (OSError, ValueError, EOFError, zipfile.BadZipFile):
        return None


def write_arrays(path: Path, arrays: Mapping[str, np.ndarray]) -> None:
    """A .npz file, whole or not at all; InputError where the folder cannot be written."""
    try:
        with aside(path) as part, part.open("wb") as file:
            np.savez(file, **arrays)
    except OSError as error:
        raise InputError(f"--keep must be a folder that can be written; {path} is not ({error.strerror})") from None


@dataclass(frozen=True)
class Kept:
    """A folder of files `<network>-<digest>.npz`, an array for every measure. The digest is of the weights, the size of
    the network's data and `settings`: all that the numbers hang on besides, as JSON takes it. folder: None keeps
    nothing."""

    folder: Path | None
    settings: dict[str, Any]

    def __post_init__(self) -> None:
        make_folder(self.folder)

    def read(self, checkpoint: Checkpoint) -> Numbers | None:
        """What was kept of a network; None where there is nothing, or a damaged file."""
        return read_arrays(self._path(checkpoint)) if self.folder else None

    def write(self, checkpoint: Checkpoint, numbers: Numbers) -> None:
        """Keep them, whole or not at all; InputError where the folder cannot be written."""
        if self.folder:
            write_arrays(self._path(checkpoint), numbers)

    def _path(self, checkpoint: Checkpoint) -> Path:
        weights = hashlib.sha256(checkpoint.path.read_bytes()).hexdigest()
        # differences are made of what is kept, and what no network is asked by itself hangs on the others
        taken = [name for name in MEASURES if not parts_of(name) and name not in TOGETHER]
        asked = self.settings | {"size": kept_size(checkpoint.card), "version": VERSION}
        settings = json.dumps([weights, asked, taken], sort_keys=True)
        return self.folder / f"{checkpoint.name}-{hashlib.sha256(settings.encode()).hexdigest()[:12]}.npz"
