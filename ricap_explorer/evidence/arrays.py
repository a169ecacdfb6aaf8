"""Arrays in the folder of --keep: what stands there is not computed again."""

import zipfile
from collections.abc import Mapping
from pathlib import Path

import numpy as np

from ..errors import InputError
from ..folders import aside


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
