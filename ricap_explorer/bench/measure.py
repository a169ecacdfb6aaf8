"""A measurement: two things timed in turns, so that whatever else the machine does hits both."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from statistics import median
from typing import Any


@dataclass(frozen=True)
class Row:
    """A measurement: median seconds of a thing and of its reference, and the highest ratio that is fine, if any."""

    what: str
    against: str
    seconds: float
    reference: float
    bar: float | None = None

    @property
    def ratio(self) -> float:
        """How many times the reference it takes."""
        return self.seconds / self.reference

    @property
    def ok(self) -> bool | None:
        """Whether the ratio is within its bar; None where there is none."""
        return None if self.bar is None else self.ratio <= self.bar


def seconds(call: Callable[[], Any]) -> float:
    """Wall time of one call."""
    start = time.perf_counter()
    call()
    return time.perf_counter() - start


def in_turns(first: Callable[[], Any], second: Callable[[], Any], rounds: int) -> tuple[float, float]:
    """Median seconds of two calls, taken in turns after one round that does not count."""
    first(), second()
    pairs = [(seconds(first), seconds(second)) for _ in range(rounds)]
    return median(a for a, _ in pairs), median(b for _, b in pairs)
