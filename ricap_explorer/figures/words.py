"""Sentences as HTML."""

from html import escape

KEPT = (" %", " points", " px", " = ")  # spaces at which no line breaks


def unbroken(sentence: str) -> str:
    """A sentence as HTML, each number on one line with its unit, each setting with its value."""
    text = escape(sentence)
    for words in KEPT:
        text = text.replace(words, words.replace(" ", "&nbsp;"))
    return text
