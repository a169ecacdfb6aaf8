"""Numbers and sentences as people read them."""

from html import escape
from math import isfinite
from re import sub

KEPT = (" %", " points", " px", " = ")  # spaces at which no line breaks
MINUS = str.maketrans("-", "−")


def several(count: int, noun: str) -> str:
    """A number of things: 1 run, 3 runs."""
    return f"{count} {noun}{'' if count == 1 else 's'}"


def decimals(value: float, places: int, sign: str = "") -> str:
    """A number with so many decimals, zero without a minus. sign: "+" shows a plus, too."""
    return f"{value:{sign}z.{places}f}".translate(MINUS)


def number(value: float, share: bool, signed: bool = False) -> str:
    """A number of a measure: a share in % with one decimal, others with three; – for none."""
    if not isfinite(value):
        return "–"
    sign = "+" if signed else ""
    return decimals(100 * value, 1, sign) if share else decimals(value, 3, sign)


def percent(share: float) -> str:
    """A share: 0 %, 0.4 %, 23 %."""
    value = 100 * share
    return f"{value:.0f} %" if value == 0 or value >= 0.95 else f"{value:.1f} %"


def chance(probability: float | None) -> str:
    """A probability or a share with a decimal: 12.3 %; – for none."""
    known = probability is not None and isfinite(probability)
    return f"{100 * probability:.1f} %" if known else "–"


def upper(text: str) -> str:
    """A sentence with a capital at its beginning."""
    return text[:1].upper() + text[1:]


def unbroken(sentence: str) -> str:
    """A sentence as HTML, each number on one line with its unit and its exponent, each setting with its value."""
    text = sub(r"(\de)-(\d)", r"\1−\2", escape(sentence))
    for words in KEPT:
        text = text.replace(words, words.replace(" ", "&nbsp;"))
    return text
