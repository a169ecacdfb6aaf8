"""What plans and methods are told, checked: a sentence for everything that makes no sense."""

import json
import math
import operator
import reprlib
from collections.abc import Sequence

import numpy as np
from numpy.random import Generator
from torch import Tensor

from ..errors import InputError
from .plan import Size

LEAST = 1e-300  # of a concentration
MOST = 2**31  # what counts images and pixels stays below, so that products of two fit 64 bits


def check_whole(name: str, value: int, least: int) -> int:
    """Any kind of integer as a plain int; InputError for anything else, and below `least`."""
    try:
        number = least - 1 if isinstance(value, bool) else operator.index(value)
    except TypeError:
        number = least - 1
    if not least <= number < MOST:
        raise InputError(f"{name} must be a whole number of at least {least} and below {MOST}; got {value!r}")
    return number


def check_switch(name: str, value: bool) -> bool:
    """True or False; InputError for anything else: text is always true."""
    if not isinstance(value, bool | np.bool_):
        raise InputError(f"{name} must be True or False; got {value!r}")
    return bool(value)


def check_size(size: Size) -> None:
    """InputError for a canvas (height, width) without a pixel."""
    if min(size) < 1:
        raise InputError(f"size must be at least 1 x 1 pixels; got {size[1]} x {size[0]}")


def check_images(images: Tensor) -> None:
    """InputError unless images are a batch."""
    if images.ndim != 4:
        raise InputError(f"images must be (N, C, H, W); got {tuple(images.shape)}")


def check_canvas(images: Tensor, size: Size) -> None:
    """InputError unless images are (N, C, H, W) of exactly `size`."""
    if images.ndim != 4 or tuple(images.shape[-2:]) != tuple(size):
        raise InputError(f"images must be (N, C, {size[0]}, {size[1]}) as planned; got {tuple(images.shape)}")


def check_count(sources: Sequence[Sequence[int]], count: int, what: str) -> None:
    """InputError unless there are as many images, or labels, as the plan's image indices need."""
    needed = 1 + int(np.max(sources))
    if needed > count:
        raise InputError(f"this plan needs at least {needed} {what}; got {count}")


def check_batch(batch_size: int, size: Size) -> tuple[int, Size]:
    """Batch size and (height, width) as plain ints, from any kind of integer; InputError unless they make sense."""
    try:
        (height, width), count = (operator.index(side) for side in size), operator.index(batch_size)
    except (TypeError, ValueError):
        height = width = count = 0
    if min(count, height, width) < 1 or max(count, height, width) >= MOST:
        told = (
            f"batch size must be a whole number and size the image's height and width, all at least 1 and below {MOST}"
        )
        raise InputError(f"{told}; got {batch_size} and {size}")
    return count, (height, width)


def check_rng(rng: Generator) -> None:
    """InputError unless plans can be drawn from it."""
    if not isinstance(rng, Generator):
        raise InputError(f"rng must be a numpy Generator, as numpy.random.default_rng(0); got {type(rng).__name__}")


def check_rows(sources: Sequence[Sequence[int]], rows: int, batch_size: int) -> tuple[tuple[int, ...], ...]:
    """The image indices as plain ints; InputError unless they are `rows` rows of `batch_size`."""
    try:
        plain = tuple(tuple(map(operator.index, source)) for source in sources)
    except TypeError:
        plain = ()
    if len(plain) != rows or any(len(row) != batch_size or not 0 <= min(row) <= max(row) < MOST for row in plain):
        wanted = f"{rows} rows of {batch_size} image indices from 0 on, as many as the batch size says"
        raise InputError(f"sources must be {wanted}; got {reprlib.repr(sources)}")
    return plain


def check_sources(sources: Sequence[Sequence[int]]) -> None:
    """InputError unless every row names one source image for each mixed image, at least one, counted from 0."""
    if len({len(source) for source in sources}) != 1:
        raise InputError("every region must name one source image for each mixed image; the counts differ")
    if min(min(source, default=-1) for source in sources) < 0:
        raise InputError("every region must name its source images, counted from 0; got none or a negative one")


def check_concentration(name: str, value: float) -> float:
    """The parameter of a symmetric Beta distribution: from 1e-300 to a million; else InputError.

    Below, its quantiles are not computed rightly; at a million a draw is 1/2 ± 0.00035.
    """
    try:
        number = float(value)
    except (TypeError, ValueError):
        number = math.nan
    plain = not isinstance(value, str) or (value.isascii() and "_" not in value)  # as a browser reads it, too
    if not (plain and math.isfinite(number) and number > 0):
        raise InputError(f"{name} must be a positive number; got {value!r}")
    if number < LEAST:
        raise InputError(f"{name} must be at least {LEAST}; got {value!r}")
    if number > 1e6:
        raise InputError(f"{name} must be at most 1000000; got {value!r}")
    return number


def whole_numbers(values: Sequence, count: int | None = None) -> tuple[int, ...]:
    """A list of ints from JSON, of `count` where given; TypeError for anything else."""
    whole = all(isinstance(v, int) and not isinstance(v, bool) and abs(v) < MOST for v in values)
    if not whole or count not in (None, len(values)):
        raise TypeError(f"list {values!r}")
    return tuple(values)


def parse_object(text: str) -> dict:
    """A JSON object from text, else InputError."""
    try:
        value = json.loads(text)
    except (TypeError, ValueError) as error:
        raise InputError(f"a plan must be a JSON object; got text that is no JSON ({error})") from None
    except RecursionError:
        raise InputError("a plan must be a JSON object; got one nested far too deeply") from None
    if not isinstance(value, dict):
        raise InputError(f"a plan must be a JSON object; got {type(value).__name__}")
    return value
