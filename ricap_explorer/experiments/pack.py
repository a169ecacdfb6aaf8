"""Run folders to and from a machine that gives back only a few files of limited size.

A pack is a plain tar cut into parts: pack-1.tar, pack-2.tar, … (`cat pack-*.tar | tar x` opens it too). Results come
first, then new checkpoints, the states of unfinished runs, and older checkpoints, which an earlier pack had room for:
what is small and dear survives the loss of a part.
"""

from __future__ import annotations

import io
import re
import shutil
import tarfile
import tempfile
from collections.abc import Iterable, Iterator
from itertools import count
from pathlib import Path

from ..errors import InputError
from ..folders import CONFIG, ENVIRONMENT, METRICS, STATE, aside, result_file, run_folders, weights_file
from .status import epochs_done

PART = 15 << 20  # bytes
LIMIT = 60 << 20  # bytes of all parts together
NAME = re.compile(r"pack-(\d+)\.tar")


class _Parts(io.RawIOBase):
    """A file to write that goes on in the next part when one is full."""

    def __init__(self, folder: Path, size: int) -> None:
        self.folder, self.size, self.written, self.part = folder, size, 0, None

    def writable(self) -> bool:
        return True

    def write(self, data: bytes) -> int:
        rest = memoryview(data)
        while rest:
            if self.written % self.size == 0:
                self.close_part()
                self.part = open(self.folder / f"pack-{self.written // self.size + 1}.tar", "wb")
            room = self.size - self.written % self.size
            self.written += self.part.write(rest[:room])
            rest = rest[room:]
        return len(data)

    def close_part(self) -> None:
        if self.part:
            self.part.close()


def pack(folder: Path, out: Path, part: int = PART, limit: int = LIMIT, since: float = 0) -> list[str]:
    """Pack the runs of `folder` into parts in `out`; returns the names of the runs that found no room.

    since: a moment of time.time(); checkpoints written before it are old.
    """
    out.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder, prefix=".pack-") as whole:  # the last good pack stays till this is one
        left_out = _write(_bundles(folder, since), folder, Path(whole), part, limit)
        for old in out.glob("pack-*.tar"):
            old.unlink()
        for new in Path(whole).iterdir():
            shutil.move(new, out / new.name)
    return left_out


def _write(bundles: Iterable[list[Path]], folder: Path, out: Path, part: int, limit: int) -> list[str]:
    parts, room, left_out = _Parts(out, part), limit - 2 * tarfile.RECORDSIZE, []
    with tarfile.open(fileobj=parts, mode="w|", format=tarfile.GNU_FORMAT) as tar:
        for paths in bundles:
            size = sum(path.stat().st_size + 3 * tarfile.BLOCKSIZE for path in paths)
            if size > room:
                left_out.append(paths[0].parent.name)
                continue
            room -= size
            for path in paths:
                tar.add(path, path.relative_to(folder))
    parts.close_part()
    return sorted(set(left_out))


def _bundles(folder: Path, since: float) -> Iterator[list[Path]]:
    """Files that belong together, the most precious first."""
    runs = run_folders(folder)
    finished = [run for run in runs if result_file(run).exists()]
    for run in finished:  # with what testing it anew needs
        files = (result_file(run), run / CONFIG, run / ENVIRONMENT)
        yield [path for path in files if path.exists()]
    checkpoints = [path for run in finished if (path := weights_file(run)).exists()]
    yield from ([path] for path in checkpoints if path.stat().st_mtime >= since)
    unfinished = [run for run in runs if run not in finished and (run / STATE).exists()]
    for run in sorted(unfinished, key=_how_far, reverse=True):
        yield sorted(path for path in run.iterdir() if path.suffix in (".json", ".safetensors"))
    yield from ([path] for path in checkpoints if path.stat().st_mtime < since)


def _how_far(run: Path) -> tuple[bool, int, int]:
    """Grows with what has become of a run: finished or not, its epochs, the moment of its state."""
    state = run / STATE
    return result_file(run).exists(), epochs_done(run / METRICS), int(state.stat().st_mtime) if state.exists() else 0


def unpack(source: Path, folder: Path) -> list[str]:
    """Put the runs of a pack, or of a folder of run folders, into `folder`; InputError where none or a part lacks,
    after taking over what is whole.

    Returns the names of the unfinished runs that stay as they are, for they are further there.
    """
    named = {path: NAME.fullmatch(path.name) for path in source.glob("pack-*.tar")}
    parts = {int(match[1]): path for path, match in named.items() if match}
    if not parts:
        return _copy(source, folder)
    folder.mkdir(parents=True, exist_ok=True)
    usable = next(number for number in count(1) if number not in parts) - 1  # up to the first that lacks
    whole = b"".join(parts[number].read_bytes() for number in range(1, usable + 1))
    with tempfile.TemporaryDirectory(dir=folder, prefix=".pack-") as opened:
        trouble = _extract(whole, Path(opened))
        behind = _copy(Path(opened), folder) if any(Path(opened).iterdir()) else []
    if usable < len(parts):
        trouble = f"pack-{usable + 1}.tar is missing"
    if trouble:
        raise InputError(f"{source} must hold every part of a pack, from pack-1.tar on; it does not ({trouble})")
    return behind


def _extract(content: bytes, folder: Path) -> str:
    """Put what is whole of a tar's files into a folder; what is wrong with the rest, '' where nothing is."""
    member = None
    try:
        with tarfile.open(fileobj=io.BytesIO(content)) as tar:
            for member in tar:
                tar.extract(member, folder, filter="data")
    except (tarfile.TarError, OSError) as error:
        if member and (half := (folder / member.name).resolve()).is_relative_to(folder.resolve()) and half.is_file():
            half.unlink()
        return str(error)
    return "" if content.endswith(bytes(2 * tarfile.BLOCKSIZE)) else "its end is missing"


def _copy(source: Path, folder: Path) -> list[str]:
    runs = [path for path in source.iterdir() if _is_run(path)] if source.is_dir() else []
    if not runs:
        raise InputError(f"a source of runs must be a folder with pack-1.tar or with run folders; {source} is none")
    others = [run for run in runs if run.resolve() != (folder / run.name).resolve()]
    behind = [run for run in others if _how_far(run) < _how_far(folder / run.name)]
    for run in others:
        if run not in behind:
            shutil.copytree(run, folder / run.name, dirs_exist_ok=True, copy_function=_copy_whole)
    return [run.name for run in behind if not result_file(folder / run.name).exists()]


def _copy_whole(source: str, target: str) -> None:
    """A file and its times; what a kill leaves is not taken for a run that is further."""
    with aside(Path(target)) as part:
        shutil.copy2(source, part)


def _is_run(folder: Path) -> bool:
    return (folder / CONFIG).is_file() or result_file(folder).is_file()
