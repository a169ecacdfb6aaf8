"""What files of measured numbers are made of: values of a kind, rows of numbers, tables of means with intervals."""

from __future__ import annotations

import json
import math
from collections.abc import Iterable
from dataclasses import astuple
from typing import Any

from ..bootstrap import Mean

NOT_TAKEN = [None, None, None, 0]


def typed(values: dict[str, Any], kinds: dict[str, Any]) -> dict[str, Any]:
    """The values; ValueError unless each of `kinds` is among them and of its kind."""
    for name, kind in kinds.items():
        if not isinstance(values[name], kind):
            raise ValueError(f"{name} is {values[name]!r}")
    return values


def numbers(row: list, count: int) -> tuple:
    """`count` numbers, NaN for null; the last counts images."""
    if len(row) != count or any(v is not None and not isinstance(v, int | float) for v in row):
        raise ValueError(f"{row} instead of {count} numbers")
    *values, images = (math.nan if v is None else v for v in row)
    return (*values, int(images))


def means_table(
    rows: dict[str, list], measures: Iterable[str], count: int, taken: bool = True
) -> dict[str, tuple[Mean, ...]]:
    """measure -> a mean for each of `count`. taken: whether a file must have every measure; one that is missing has
    else means of no images."""
    found = {}
    for name in measures:
        given = rows[name] if taken else rows.get(name, [NOT_TAKEN] * count)
        if len(given) != count:
            raise ValueError(f"{name} of {len(given)} instead of {count}")
        found[name] = tuple(Mean(*numbers(row, 4)) for row in given)
    return found


def rounded(row: Mean | tuple) -> list[float | int | None]:
    """A row of numbers as a file has it: five decimals, null for NaN."""
    values = astuple(row) if isinstance(row, Mean) else row
    return [None if not math.isfinite(v) else v if isinstance(v, int) else round(v, 5) for v in values]


def as_object(values: dict[str, Any]) -> str:
    """JSON, a key on a line."""
    lines = [f"  {json.dumps(key)}: {json.dumps(value, ensure_ascii=False)}" for key, value in values.items()]
    return "{\n" + ",\n".join(lines) + "\n }"


def as_lines(texts: Iterable[str]) -> str:
    """JSON, an element on a line."""
    return "[\n" + ",\n".join(f"  {text}" for text in texts) + "\n ]"


def as_table(means: dict[str, tuple[Mean, ...]]) -> str:
    """JSON, a measure's means on a line."""
    return as_object({name: [rounded(mean) for mean in row] for name, row in means.items()})


def as_file(**parts: str) -> str:
    """The text of a file of these parts, each JSON."""
    body = ",\n".join(f' "{name}": {text}' for name, text in parts.items())
    return f"{{\n{body}\n}}\n"
