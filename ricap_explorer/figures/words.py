"""Numbers and sentences as people read them."""

from html import escape

KEPT = (" %", " points", " px", " = ")  # spaces at which no line breaks


def percent(share: float) -> str:
    """A share: 0 %, 0.4 %, 23 %."""
    value = 100 * share
    return f"{value:.0f} %" if value == 0 or value >= 0.95 else f"{value:.1f} %"


def unbroken(sentence: str) -> str:
    """A sentence as HTML, each number on one line with its unit, each setting with its value."""
    text = escape(sentence)
    for words in KEPT:
        text = text.replace(words, words.replace(" ", "&nbsp;"))
    return text
