"""What networks answer when the hottest part of their maps is hidden, as HTML."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

import numpy as np

from ..cam import View, problem, top
from ..words import chance, several
from .encode import jpeg_uri, png_uri
from .looks import COARSE, columns


@dataclass(frozen=True, eq=False)
class Hidden:
    """A network's view of the whole picture; its probabilities (K,) of what is left, and that as (H, W, 3) uint8.

    after, picture: None where the map has no order to hide by.
    """

    view: View
    after: np.ndarray | None
    picture: np.ndarray | None


def hidden_columns(found: Sequence[Hidden], seconds: float) -> str:
    """A column for each network: what is left of the picture, the explained class before and after, the answer now."""
    count = f"{several(len(found), 'network')} in {1000 * seconds:.0f} ms"
    return columns([_cell(one) for one in found]) + f'<p class="rx-hint rx-time">{count}</p>'


def _cell(one: Hidden) -> str:
    view = one.view
    if one.after is None:
        picture = f'<figure class="rx-look"><p class="rx-problem">{problem(view.maps[0])}</p></figure>'
        return f'<div class="rx-cell"><h3>{escape(view.title)}</h3>{picture}</div>'
    name, k = view.class_names[view.classes[0]], view.classes[0]
    before, after = view.probabilities[k], one.after[k]
    coarse = len(one.picture) <= COARSE
    uri = png_uri(one.picture) if coarse else jpeg_uri(one.picture)
    rows = "".join(
        f'<li><span class="rx-name">{escape(label)}</span><i style="--p:{p:.4f}"></i><b>{chance(p)}</b></li>'
        for label, p in top(one.after, 3, view.class_names)
    )
    picture = f'<img{" class=rx-pixels" if coarse else ""} src="{uri}" alt="what is left for {escape(view.title)}">'
    return (
        f'<div class="rx-cell rx-model"><h3>{escape(view.title)}</h3><div class="rx-beside">'
        f'<figure class="rx-look">{picture}</figure><div>'
        f'<p class="rx-fall"><span class="rx-name">{escape(name)}</span> <span>{chance(before)} → '
        f'<b>{chance(after)}</b></span></p><i class="rx-drop" style="--p:{after:.4f};--w:{before:.4f}"></i>'
        f'<ol class="rx-top">{rows}</ol></div></div></div>'
    )
