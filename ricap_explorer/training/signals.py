"""SIGTERM, heard rather than died of."""

import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any


@contextmanager
def at_sigterm(call: Callable[[], None]) -> Iterator[None]:
    """Call that when SIGTERM comes, instead of ending, and then what another around it calls; only the main thread
    hears it."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return

    def heard(*given: Any) -> None:
        call()
        if callable(before):
            before(*given)

    before = signal.signal(signal.SIGTERM, heard)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)
