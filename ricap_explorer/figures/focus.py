"""What several networks see of each class of a patched image: maps with the class's regions outlined, and a table."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from html import escape

from ..cam import View, scale_limits
from ..cam.compare import largest
from ..cam.focus import ClassPart, focus
from ..words import chance, percent
from .heat import Style
from .looks import Photo, as_drawn, colour_bar, picture_with_map
from .scrolled import scrolled

ABOUT = (
    "For each class: the share of the map’s positive mass that lies inside the class’s own region (Focus, Arias-Duart "
    "et al. 2022), with a mark at the region’s share W of the area, which an even map would reach; and the probability "
    "that the network gives the class. The mixed label is W."
)


def focus_section(
    photo: Photo, canvas: tuple[int, int], parts: Sequence[ClassPart], views: Sequence[View], style: Style
) -> str:
    """The table of every network's focus on every class, and a column of maps for each class.

    The last len(parts) maps of each view are the parts', in order. canvas: (height, width) that the boxes are in.
    """
    count = len(parts)
    parted = [replace(view, classes=view.classes[-count:], maps=view.maps[-count:]) for view in views]
    views = as_drawn(parted, style)
    limit = max(scale_limits(views, shared=True))
    shares = [[focus(view.maps[i], part, canvas) for i, part in enumerate(parts)] for view in views]
    columns = []
    for i, part in enumerate(parts):
        cells = "".join(_cell(photo, canvas, part, view, i, limit if style.shared else None, style) for view in views)
        columns.append(f'<div class="rx-part"><h3>{named(part)}</h3>{cells}</div>')
    unit = " of the network’s maps here" if style.scale == "mass" else ""
    scale = colour_bar(limit, style, unit) if style.shared else '<p class="rx-hint">Each map has its own scale.</p>'
    return (
        f'<section class="rx-card rx-parts"><h2>Focus: every class of the patch</h2><p class="rx-hint">{ABOUT}</p>'
        f'{_table(parts, views, shares)}<div class="rx-part-grid" style="--n:{count}">{"".join(columns)}</div>'
        f"{scale}</section>"
    )


def named(part: ClassPart) -> str:
    """A class's name behind the numbers of its regions."""
    keys = (f'<i class="rx-key" data-region="{k}" style="background:var(--r{k + 1})">{k + 1}</i>' for k in part.regions)
    return f'{"".join(keys)}<span class="rx-name">{escape(part.name)}</span>'


def _table(parts: Sequence[ClassPart], views: Sequence[View], shares: Sequence[Sequence[float | None]]) -> str:
    """A row for each network, two numbers for each class: focus, with a mark at W, and probability."""
    heads = "".join(
        f'<th scope="colgroup" colspan="2">{named(part)} <small>W = {percent(part.weight)}</small></th>'
        for part in parts
    )
    names = '<th scope="col">focus</th><th scope="col">probability</th>' * len(parts)
    rows = "".join(
        f'<tr><th scope="row">{escape(view.title)}</th>'
        + "".join(
            f"<td>{_share(share, part.weight)}</td><td>{chance(view.probabilities[k])}</td>"
            for share, part, k in zip(row, parts, view.classes, strict=True)
        )
        + "</tr>"
        for view, row in zip(views, shares, strict=True)
    )
    table = (
        f'<table class="rx-table"><thead><tr><td></td>{heads}</tr><tr><td></td>{names}</tr></thead>'
        f"<tbody>{rows}</tbody></table>"
    )
    return scrolled(table, "Focus of every network on every class", "rx-scroll")


def _share(share: float | None, weight: float) -> str:
    """A focus as a number and a bar with a tick at W."""
    if share is None:
        return "–"
    return f'<b>{percent(share)}</b><i class="rx-gauge" style="--p:{share:.3f};--w:{weight:.3f}"></i>'


def _cell(
    photo: Photo, canvas: tuple[int, int], part: ClassPart, view: View, i: int, limit: float | None, style: Style
) -> str:
    values = view.maps[i]
    limit = largest(values) if limit is None else limit
    alt = f"where {view.title} sees {part.name}"
    picture = picture_with_map(photo, values, limit, style, alt, _outline(part, canvas))
    return f'<p class="rx-whose">{escape(view.title)}</p>{picture}'


def _outline(part: ClassPart, canvas: tuple[int, int]) -> str:
    rects = "".join(
        f'<rect x="{b.left}" y="{b.top}" width="{b.width}" height="{b.height}" style="stroke:var(--r{k + 1})"/>'
        for k, b in zip(part.regions, part.boxes, strict=True)
    )
    return f'<svg viewBox="0 0 {canvas[1]} {canvas[0]}" preserveAspectRatio="none" aria-hidden="true">{rects}</svg>'
