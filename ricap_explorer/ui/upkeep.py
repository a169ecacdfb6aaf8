"""What a server that runs for long does every ten minutes, and at its end."""

import atexit
import ctypes
import gc
import threading
import time
from pathlib import Path

from .temporary import sweep

OLD, EVERY = 3600, 600  # seconds: how old a file may grow, how often that is looked at


def keep_up(folder: Path | None) -> None:
    """On a thread of its own: old files of the server's folder go, and free memory goes back to the system.

    At the end what visitors left is not searched for garbage once more, which took 26 s with two thousand of them.
    """
    atexit.register(gc.freeze)
    threading.Thread(target=_for_ever, args=[folder], daemon=True).start()


def _for_ever(folder: Path | None) -> None:
    while True:
        time.sleep(EVERY)
        if folder:
            sweep(folder, time.time() - OLD)
        give_back()


def give_back() -> bool:
    """Give free memory back to the system, a quarter of what a busy server holds; False where the C library cannot."""
    try:
        ctypes.CDLL(None).malloc_trim(0)
    except (AttributeError, OSError, TypeError):  # not glibc
        return False
    return True
