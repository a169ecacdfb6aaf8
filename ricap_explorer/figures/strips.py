"""A difference as a dot on its interval beside a line at zero, for a cell of a table that it fills."""

from __future__ import annotations

from collections.abc import Iterable
from html import escape

REACH = 44  # % of the cell, from its middle to the furthest end


def reach(ends: Iterable[float]) -> float:
    """How far from zero a column of strips has to reach, so that all are on one scale; no number counts as none."""
    return max((abs(end) for end in ends if end == end), default=0.0) or 1.0


def strip(value: float, low: float, high: float, most: float, tone: str = "", said: str = "") -> str:
    """The difference `value`, its interval (NaN where it has none: a hollow dot), on a scale from -most to most.

    tone: better, worse or ''. said: what it says, for who does not see it.
    """
    place, start, end = (50 + REACH * number / most for number in (value, low, high))
    known = low == low
    bar = f'<s style="left:{start:.1f}%;width:{end - start:.1f}%"></s>' if known else ""
    single = "" if known else ' class="rx-single"'
    dot = f'<i{single} style="left:{place:.1f}%"></i>'
    words = f'<span class="rx-spoken">{escape(said)}</span>' if said else ""
    hidden = "" if said else ' aria-hidden="true"'
    return f'<td class="rx-strip{f" rx-{tone}" if tone else ""}"{hidden}>{bar}{dot}{words}</td>'
