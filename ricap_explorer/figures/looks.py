"""What several networks see in one image, as HTML: overlays, colour bars, answers, and maps of a patch's classes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from html import escape

import numpy as np

from ..cam import View, mass_shares, problem, scale_limits, top
from ..mixing import Box
from .colour import colour_table
from .encode import jpeg_uri
from .heat import heat
from .patch import percent

HEAT_SIZE = 192  # side in pixels of the coloured maps; the browser scales them to the picture


@dataclass(frozen=True)
class Part:
    """One class of a patched image: its regions (their numbers from 0 and boxes) and their share of the canvas."""

    name: str
    regions: tuple[int, ...]
    boxes: tuple[Box, ...]
    weight: float


@cache
def gradient(colours: str) -> str:
    """A colour map as a CSS gradient, left to right."""
    stops = colour_table(colours)[:: 255 // 15]
    return "linear-gradient(90deg," + ",".join("#" + bytes(stop).hex() for stop in stops) + ")"


def picture_with_map(uri: str, values: np.ndarray, limit: float, colours: str, alt: str, outline: str = "") -> str:
    """A picture under a raw map coloured from 0 to `limit`; where the map cannot be shown, the sentence why."""
    sentence = problem(values)
    if sentence:
        cover = f'<p class="rx-problem">{sentence}</p>'
    else:
        cover = f'<img class="rx-heat" src="{jpeg_uri(heat(values, HEAT_SIZE, limit, colours))}" alt="">'
    return f'<figure class="rx-look"><img src="{uri}" alt="{escape(alt)}">{cover}{outline}</figure>'


def colour_bar(limit: float, colours: str, shared: bool) -> str:
    """The colours of a map and the raw values at their ends."""
    whose = "one scale for all" if shared else "own scale"
    return (
        f'<div class="rx-scale"><span>0</span><i style="background:{gradient(colours)}"></i>'
        f"<span>{limit:.3g}</span><em>{whose}</em></div>"
    )


def chance(probability: float) -> str:
    """A probability as people read it; a dash where a broken network gives none."""
    return f"{100 * probability:.1f} %" if np.isfinite(probability) else "–"


def answers(view: View, explained: int) -> str:
    """The five likeliest classes with their probabilities; the explained class is marked."""
    rows = "".join(
        f"<li{' class=rx-explained' if name == view.class_names[explained] else ''}>"
        f'<span class="rx-name">{escape(name)}</span><i style="--p:{p:.4f}"></i><b>{chance(p)}</b></li>'
        for name, p in top(view.probabilities, 5, view.class_names)
    )
    return f'<ol class="rx-top">{rows}</ol>'


def model_cards(uri: str, alt: str, views: Sequence[View], notes: Sequence[str], shared: bool, colours: str) -> str:
    """A column for each network: its name, its first map over the picture, the colour bar, its answers.

    Only the first class of each view is shown; notes: a line about each network.
    """
    firsts = [View(v.title, v.class_names, v.probabilities, v.classes[:1], v.maps[:1], v.seconds) for v in views]
    cards = []
    for view, note, (_, limit) in zip(firsts, notes, scale_limits(firsts, shared), strict=True):
        name = view.class_names[view.classes[0]]
        picture = picture_with_map(uri, view.maps[0], limit, colours, f"{alt}; where {view.title} sees {name}")
        cards.append(
            f'<section class="rx-card rx-model"><h2>{escape(view.title)}</h2><p class="rx-hint">{escape(note)}</p>'
            f"{picture}{colour_bar(limit, colours, shared)}"
            f'<p class="rx-why">Evidence for <b>{escape(name)}</b></p>{answers(view, view.classes[0])}</section>'
        )
    return f'<div class="rx-models" style="--n:{len(cards)}">{"".join(cards)}</div>'


def part_cards(
    uri: str, canvas: tuple[int, int], parts: Sequence[Part], views: Sequence[View], shared: bool, colours: str
) -> str:
    """A column for each class of a patched image: each network's map of it, its regions outlined, and numbers.

    The last len(parts) maps of each view are the parts', in order. canvas: (height, width) that the boxes are in.
    """
    count = len(parts)
    views = [View(v.title, v.class_names, v.probabilities, v.classes[-count:], v.maps[-count:], 0) for v in views]
    limit = max(limit for _, limit in scale_limits(views, shared=True))
    columns = []
    for i, part in enumerate(parts):
        keys = "".join(f'<i class="rx-key" style="background:var(--r{k + 1})">{k + 1}</i>' for k in part.regions)
        cells = [_part_cell(uri, canvas, part, view, i, limit if shared else None, colours) for view in views]
        columns.append(
            f'<div class="rx-part"><h3>{keys}<span class="rx-name">{escape(part.name)}</span>'
            f"<small>W = {percent(part.weight)}</small></h3>{''.join(cells)}</div>"
        )
    scale = colour_bar(limit, colours, True) if shared else '<p class="rx-hint">Each network has its own scale.</p>'
    return (
        '<section class="rx-card rx-parts"><h2>Every class of the patch</h2><p class="rx-hint">For each class: where '
        "each network sees it, the share of the map’s positive mass inside the class’s own region (by chance it would "
        f"be near the region’s share W of the area), and the probability it is given.</p>"
        f'<div class="rx-part-grid" style="--n:{len(columns)}">'
        f"{''.join(columns)}</div>{scale}</section>"
    )


def _part_cell(
    uri: str, canvas: tuple[int, int], part: Part, view: View, i: int, limit: float | None, colours: str
) -> str:
    values = view.maps[i]
    limit = scale_limits([view], shared=False)[0][1] if limit is None else limit
    picture = picture_with_map(
        uri, values, limit, colours, f"where {view.title} sees {part.name}", _outline(part, canvas)
    )
    inside = [share for share in mass_shares(values, part.boxes, canvas) if share is not None]
    return (
        f'<p class="rx-whose">{escape(view.title)}</p>{picture}'
        f"<dl><dt>map inside</dt><dd>{percent(sum(inside)) if inside else '–'}</dd>"
        f"<dt>probability</dt><dd>{chance(view.probabilities[view.classes[i]])}</dd></dl>"
    )


def _outline(part: Part, canvas: tuple[int, int]) -> str:
    rects = "".join(
        f'<rect x="{b.left}" y="{b.top}" width="{b.width}" height="{b.height}" style="stroke:var(--r{k + 1})"/>'
        for k, b in zip(part.regions, part.boxes, strict=True)
    )
    return f'<svg viewBox="0 0 {canvas[1]} {canvas[0]}" preserveAspectRatio="none" aria-hidden="true">{rects}</svg>'
