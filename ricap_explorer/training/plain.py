"""Settings as Python's own values, whoever gives them: a command line, a TOML file, another program."""

import math
from numbers import Integral, Real
from pathlib import Path
from types import NoneType, UnionType
from typing import Any, get_args

from ..errors import InputError

KINDS = {bool: "True or False", int: "a whole number", float: "a finite number", str: "text", Path: "a path"}


def plain(name: str, value: Any, kind: type | UnionType) -> Any:
    """A setting as Python's own value of its kind, whatever kind of number or path was given; else InputError."""
    allowed = get_args(kind) or (kind,)
    if value is None and NoneType in allowed:
        return None
    made = _converted(value, allowed[0])
    if made is None:
        raise InputError(f"{name} must be {KINDS[allowed[0]]}; got {value!r}")
    return made


def _converted(value: Any, kind: type) -> Any:
    if kind is Path:
        return Path(value) if isinstance(value, str | Path) else None
    if kind in (bool, str):
        return value if isinstance(value, kind) else None
    if isinstance(value, bool) or not isinstance(value, Integral if kind is int else Real):
        return None
    try:
        return int(value) if kind is int else float(value) if math.isfinite(value) else None
    except OverflowError:  # an int beyond all floats
        return None
