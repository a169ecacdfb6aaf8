"""Folders of what runs made: files published there, or each still in its run folder."""

import re
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TypeVar

from .errors import InputError

Made = TypeVar("Made")
RUN = re.compile(r".+_s\d+")  # how the names of runs end


def run_files(folder: Path, ending: str) -> list[Path]:
    """Every file of that ending in a folder, and those of the run folders in it that bear a run's name."""
    inside = [path for path in folder.glob(f"*/*{ending}") if RUN.fullmatch(path.stem)]
    return [*sorted(folder.glob(f"*{ending}")), *sorted(inside)]


def read_all(paths: Iterable[Path], read: Callable[[Path], Made]) -> tuple[list[Made], list[str]]:
    """What `read` makes of each file, and a sentence for each that is none, or whose name another has already."""
    good: dict[str, Made] = {}
    problems = []
    for path in paths:
        try:
            made = read(path)
        except InputError as error:
            problems.append(str(error))
            continue
        if good.setdefault(path.stem, made) is not made:
            problems.append(f"{path} must have a name of its own; another file here is called so")
    return list(good.values()), problems
