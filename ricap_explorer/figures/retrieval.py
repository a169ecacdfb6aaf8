"""Retrieval as HTML: recall of every way to train, as the paper's table has it, and what the differences say."""

from __future__ import annotations

from html import escape

from ..bootstrap import Mean
from ..retrieval.record import CLEAR, DIRECTIONS, Retrieval, judged, told, verdicts
from ..words import unbroken
from .scrolled import scrolled

TONES = dict(zip(CLEAR, ("better", "worse"), strict=True))  # of recall


def retrieval_card(found: Retrieval) -> str:
    """Numbers of ours: a row for each way to train, with the interval of its difference to the first."""
    heads = "".join(f'<th scope="colgroup" colspan="{len(keys)}">{title}</th>' for title, keys in DIRECTIONS.items())
    below = "".join(f'<th scope="col">{title}</th>' for keys in DIRECTIONS.values() for title in keys.values())
    rows = "".join(
        f'<tr><th scope="row">{unbroken(way.title)}</th>{_cells(found, place)}</tr>'
        for place, way in enumerate(found.ways)
    )
    table = f"<table><thead><tr><td></td>{heads}</tr><tr><td></td>{below}</tr></thead><tbody>{rows}</tbody></table>"
    said = "".join(f"<p>{unbroken(sentence)}</p>" for sentence in verdicts(found))
    return (
        '<section class="rx-card rx-results"><h3>Image–caption retrieval, ours '
        f"<small>{unbroken(f'{found.subject}; {found.how}')}; recall in %, with the 95 % interval of the difference "
        f"over images and runs; median rank</small></h3>"
        f'{scrolled(table, "Image–caption retrieval, ours")}<div class="rx-how">{said}</div>'
        f'<details class="rx-how"><summary>How it was measured</summary><p>{escape(found.made)}</p>'
        f"<code>{escape(found.card['command'])}</code></details></section>"
    )


def _cells(found: Retrieval, place: int) -> str:
    keys = [key for direction in DIRECTIONS.values() for key in direction]
    return "".join(_cell(key, found.numbers[key][place], found.gaps[key][place], bool(place)) for key in keys)


def _cell(key: str, mean: Mean, gap: Mean, beside: bool) -> str:
    """A number, and of its difference which side of 0 it is surely on, and the interval."""
    if not beside or not gap.has_interval:
        return f"<td><b>{told(key, mean.value)}</b></td>"
    word = judged(gap)
    clear = f'<b class="rx-{TONES[word]}">{word}</b> ' if word in TONES else ""
    ends = f"{told(key, gap.low, True)}&nbsp;to {told(key, gap.high, True)}"
    return f"<td><b>{told(key, mean.value)}</b><small>{clear}{ends}</small></td>"
