"""Folders: of data sets, and of what runs made, published there or each still in its run folder."""

import os
import re
import shutil
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TypeVar

from .errors import InputError

Made = TypeVar("Made")
REPOSITORY = Path(__file__).parents[1]
# in a run folder: all that the run needs to go on, its settings, what computes it, its epochs so far
STATE, CONFIG, ENVIRONMENT, METRICS = "state.safetensors", "config.json", "environment.json", "metrics.json"
RUN = re.compile(r".+_s\d+")  # how the names of runs end


def below(folder: Path, name: str) -> Path | None:
    """The folder of that name in a folder; None where there is none, or the name leads out of it."""
    inside = name and not Path(name).is_absolute() and ".." not in Path(name).parts
    return folder / name if inside and (folder / name).is_dir() else None


def seen_from_here(path: Path) -> str:
    """A path as a command takes it: from the working folder, else from the repository, else whole."""
    path = path.absolute()
    roots = [root for root in (Path.cwd(), REPOSITORY) if path.is_relative_to(root)]
    return str(path.relative_to(roots[0]) if roots else path)


@contextmanager
def aside(path: Path) -> Iterator[Path]:
    """A file to write beside `path` that takes its place when it is whole: a full disk or a kill leaves the old one."""
    part = path.with_name(path.name + ".part")
    try:
        yield part
        os.replace(part, path)
    finally:
        with suppress(OSError):
            part.unlink(missing_ok=True)


def write_file(out: Path, content: bytes, option: str = "--out") -> None:
    """Write what an option names; InputError, which names it, where that cannot be written."""
    try:
        target = out.resolve()  # of a link what it leads to
        with aside(target) as part:
            part.write_bytes(content)
            if target.exists():
                shutil.copymode(target, part)
    except OSError as error:
        raise InputError(f"{option} must be a file that can be written; {out} is not ({error.strerror})") from None


def result_file(folder: Path, name: str = "") -> Path:
    """Where a run's result lies: in a folder of that name, or in any folder under its name."""
    return folder / f"{name or folder.name}.json"


def weights_file(folder: Path, name: str = "") -> Path:
    """Where a run's checkpoint lies, as `result_file`."""
    return folder / f"{name or folder.name}.safetensors"


def weights_name(given: str) -> str:
    """The name of a checkpoint that is given by its file, or by that name."""
    return Path(given).name.removesuffix(".safetensors")


def run_folders(folder: Path) -> list[Path]:
    """Every visible folder in a folder."""
    return sorted(path for path in folder.iterdir() if path.is_dir() and not path.name.startswith("."))


def check_folders(**folders: Path | None) -> None:
    """InputError for a path, by its option's name, that something else than a folder bears."""
    for name, path in folders.items():
        if path and path.exists() and not path.is_dir():
            raise InputError(f"--{name} must be a folder; {path} is a file")


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
