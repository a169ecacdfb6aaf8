"""A table that scrolls within its own width, by touch, wheel and arrow keys."""

from html import escape


def scrolled(table: str, title: str, kind: str = "rx-result-table") -> str:
    """A <table> in a region of its own. title: what a screen reader calls it."""
    return f'<div class="{kind}" role="region" tabindex="0" aria-label="{escape(title)}">{table}</div>'
