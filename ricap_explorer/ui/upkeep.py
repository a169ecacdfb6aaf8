"""What a server that runs for long does every ten minutes, and at its end."""

import ctypes
import os
import shutil
import sys
import threading
import time
from contextlib import suppress
from pathlib import Path
from typing import NoReturn

from .temporary import sweep

OLD, EVERY = 3600, 600  # seconds: how old a file may grow, how often that is looked at


def keep_up(folder: Path | None) -> None:
    """On a thread of its own: old files of the server's folder go, and free memory goes back to the system."""
    threading.Thread(target=_for_ever, args=[folder], daemon=True).start()


def _for_ever(folder: Path | None) -> None:
    while True:
        time.sleep(EVERY)
        if folder:
            sweep(folder, time.time() - OLD)
        give_back()


def end(folder: Path | None) -> NoReturn:
    """End the process, and the server's folder with it, whatever its threads still compute.

    Python would end, too, but search what visitors left for garbage once more, 26 s with two thousand of them, and
    abort where a network computes meanwhile.
    """
    if folder:
        shutil.rmtree(folder, ignore_errors=True)
    with suppress(OSError, ValueError):  # nobody reads any more
        sys.stdout.flush()
        sys.stderr.flush()
    os._exit(0)


def give_back() -> bool:
    """Give free memory back to the system, a quarter of what a busy server holds; False where the C library cannot."""
    try:
        ctypes.CDLL(None).malloc_trim(0)
    except (AttributeError, OSError, TypeError):  # not glibc
        return False
    return True
