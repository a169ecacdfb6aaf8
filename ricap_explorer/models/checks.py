"""What the networks' arguments may be, told in one sentence each."""

from math import isfinite

from ..errors import InputError

MOST_LAYERS = 2000


def whole(name: str, value: int, least: int, most: int | None = None) -> int:
    """`value` if it is an int (no bool) of at least `least` and at most `most`, else InputError."""
    if type(value) is not int or value < least or (most is not None and value > most):
        allowed = f"of at least {least}" if most is None else f"from {least} to {most}"
        raise InputError(f"{name} must be a whole number {allowed}; got {value!r}")
    return value


def share(name: str, value: float, least: float, most: float) -> float:
    """`value` as a float if it lies from `least` to `most`, else InputError."""
    number = type(value) in (int, float) and isfinite(value)
    if not number or not least <= value <= most:
        raise InputError(f"{name} must be a number at least {least:g} and at most {most:g}; got {value!r}")
    return float(value)


def flag(name: str, value: bool) -> bool:
    """`value` if it is True or False, else InputError."""
    if type(value) is not bool:
        raise InputError(f"{name} must be true or false; got {value!r}")
    return value


def repeats(depth: int, layers: int, others: int) -> int:
    """The n of depth = layers * n + others, at least 1; InputError for a depth that is no such number."""
    fits = type(depth) is int and layers + others <= depth <= MOST_LAYERS and (depth - others) % layers == 0
    if not fits:
        some = ", ".join(str(layers * n + others) for n in (1, 2, 3))
        raise InputError(f"depth must be {layers}n + {others} ({some}, … up to {MOST_LAYERS}); got {depth!r}")
    return (depth - others) // layers
