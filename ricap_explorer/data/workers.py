"""Worker processes that answer tasks ahead of time, in order, and live from pass to pass."""

import signal
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import torch
from torch.utils.data import DataLoader

from ..errors import InputError
from .reading import Answer, Reader, Task


class Workers:
    """`count` processes that read; with 0 the reading happens here. One pass at a time."""

    def __init__(self, reader: Reader, count: int, pin_memory: bool) -> None:
        self._reader, self._count, self._pin_memory = reader, count, pin_memory
        self._tasks: list[Task] = []
        self._passes = 0
        self._loader = self._new_loader()

    def _new_loader(self) -> DataLoader:
        return DataLoader(
            self._reader,
            batch_size=None,
            sampler=self._tasks,
            num_workers=self._count,
            persistent_workers=self._count > 0,
            pin_memory=self._pin_memory,
            generator=torch.Generator(),  # else a pass would take a number from torch's global one
        )

    def answers(self, tasks: Sequence[Task]) -> Iterator[Answer]:
        """The answer to every task, in order; InputError where a worker dies."""
        self._passes += 1
        this = self._passes
        self._tasks[:] = tasks
        try:
            with _own_child_handler():
                answers = iter(self._loader)
            for answer in answers:
                yield answer
                if this != self._passes:
                    raise ValueError("a pass ends when the next one begins; this one went on")
        except RuntimeError as error:
            if not str(error).startswith("DataLoader worker (pid"):
                raise
            self._loader = self._new_loader()
            raise InputError(
                "every worker that reads images must live on; one was killed, often for want of memory or of room in "
                f"/dev/shm: {self._count} were at work, try fewer"
            ) from None


@contextmanager
def _own_child_handler() -> Iterator[None]:
    """Keep the process's handler of ended children: torch's own raises anywhere in the main thread when a worker dies.

    Without it the death is told, some seconds later, where the next batch is asked for.
    """
    if not hasattr(signal, "SIGCHLD") or threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.getsignal(signal.SIGCHLD)
    try:
        yield
    finally:
        signal.signal(signal.SIGCHLD, before)
