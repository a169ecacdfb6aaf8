"""A run folder is one process's, or one group's of processes, at a time."""

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from ..errors import InputError
from .distributed import World

try:
    import fcntl
except ImportError:  # Windows knows no such locks
    fcntl = None


@contextmanager
def alone(folder: Path, here: World) -> Iterator[None]:
    """Nobody else trains in the folder meanwhile; InputError where somebody does, or where there can be none.

    A folder that was not there before is not there afterwards where nothing came to lie in it.
    """
    if not (here.main and fcntl):
        yield
        return
    fresh = not folder.exists()
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise InputError(
            f"the run folder must be a folder that can be written; {folder} is none ({error.strerror})"
        ) from None
    handle = os.open(folder, os.O_RDONLY)
    try:
        with suppress(OSError):  # a file system without locks
            try:
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                raise InputError(f"one process at a time may train in a folder; {folder} is in use") from None
        yield
    finally:
        with suppress(OSError):
            fcntl.flock(handle, fcntl.LOCK_UN)  # closing alone would leave it to processes that were forked meanwhile
        os.close(handle)
        if fresh:
            with suppress(OSError):  # it is not empty
                folder.rmdir()
