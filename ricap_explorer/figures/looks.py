"""What several networks see in one image, as HTML: overlays, colour bars, answers, maps alone and their differences."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from html import escape

import numpy as np

from ..cam import NOWHERE, View, area_above_half, entropy, equal_mass, positive, problem, scale_limits, top
from ..words import chance
from .colour import DIVERGING
from .encode import jpeg_uri, png_uri
from .heat import Style, contour, difference, diverging, gradient, heat

COARSE = 64  # pixels a side up to which a network's picture is shown as the network gets it, in squares
HEAT_SIZE = 192  # side in pixels of the coloured maps; the browser scales them to the picture
ORIGIN = '<p class="rx-hint rx-origin">The others are compared with this one.</p>'
NUMBERS = (
    "Above half: the share of a map’s cells above half of its maximum. Entropy: how evenly its positive mass lies on "
    "the cells, 0 all on one, 1 the same on each."
)
EQUAL = (
    "Each map in multiples of its own mean: compare where the networks look, and how narrowly. Choose “raw values” to "
    "see how much evidence each finds. One picture is an example: “On many images” and the Results tab tell more."
)
BROKEN = "One of the two maps holds values that are not numbers."
OF_TWO = "The networks’ maps are of different classes, {} and {}: choose a class to explain, and see the difference."
SCALE_SAID = {
    "mass": "one scale for all, × mean",
    "shared": "one scale for all, raw values",
    "own": "own scale, raw values",
}
UNSEEN = 0.05  # a class of a lower probability is one that a network hardly sees
FAINT = 0.5  # a map whose maximum is below this share of the scale is called faint


@dataclass(frozen=True)
class Photo:
    """The picture under the maps: its data URI, what it shows, and whether its pixels are to be seen as squares."""

    uri: str
    name: str
    coarse: bool = False

    def tag(self, alt: str) -> str:
        """The picture as HTML."""
        return f'<img{" class=rx-pixels" if self.coarse else ""} src="{self.uri}" alt="{escape(alt)}">'


def first_maps(views: Sequence[View]) -> list[View]:
    """The views with their first class only."""
    return [replace(view, classes=view.classes[:1], maps=view.maps[:1]) for view in views]


def as_drawn(views: Sequence[View], style: Style) -> Sequence[View]:
    """The views with the values that are coloured."""
    return equal_mass(views) if style.scale == "mass" else views


def picture_with_map(
    photo: Photo,
    values: np.ndarray,
    limit: float,
    style: Style,
    alt: str,
    outline: str = "",
    alone: bool = False,
    nowhere: str = NOWHERE,
) -> str:
    """A picture under a map coloured from 0 to `limit`; where the map cannot be shown, the sentence why.

    alone: the map without the picture. nowhere: what is said of one that is positive nowhere.
    """
    sentence = problem(values, nowhere)
    if sentence:
        return f'<figure class="rx-look">{photo.tag(alt)}<p class="rx-problem">{sentence}</p>{outline}</figure>'
    uri = _coloured(values, limit, style)
    covered = (
        f'<img src="{uri}" alt="{escape(alt)}">'
        if alone
        else photo.tag(alt) + f'<img class="rx-heat" src="{uri}" alt="">'
    )
    return f'<figure class="rx-look">{covered}{_contour(values, limit, style)}{outline}</figure>'


def _coloured(values: np.ndarray, limit: float, style: Style) -> str:
    colours = heat(values, HEAT_SIZE, limit, style.colours, style.smooth)
    return jpeg_uri(colours) if style.smooth else png_uri(colours)


def _contour(values: np.ndarray, limit: float, style: Style) -> str:
    if not (style.contour > 0 and limit > 0):
        return ""
    lines = contour(values, style.contour * limit, style.smooth)
    path = "".join("M" + "L".join(f"{x:.1f} {y:.1f}" for x, y in line) for line in lines)
    return (
        f'<svg class="rx-contour" viewBox="0 0 100 100" aria-hidden="true"><path d="{path}"/><path d="{path}"/></svg>'
    )


def colour_bar(limit: float, style: Style, more: str = "") -> str:
    """The colours of a map and the values at their ends; more: words to be added."""
    mark = f'<u style="left:{100 * style.contour:.0f}%"></u>' if style.contour > 0 else ""
    return scale_bar(limit, style, SCALE_SAID[style.scale] + more, mark)


def scale_bar(limit: float, style: Style, about: str, mark: str = "") -> str:
    """Colours from 0 to `limit`, and what they are of."""
    return (
        f'<div class="rx-scale"><span>0</span><i style="background:{gradient(style.colours)}">{mark}</i>'
        f"<span>{limit:.3g}</span><em>{about}</em></div>"
    )


def answers(view: View, explained: int) -> str:
    """The five likeliest classes with their probabilities; the explained class is marked."""
    rows = "".join(
        f"<li{' class=rx-explained' if name == view.class_names[explained] else ''}>"
        f'<span class="rx-name">{escape(name)}</span><i style="--p:{p:.4f}"></i><b>{chance(p)}</b></li>'
        for name, p in top(view.probabilities, 5, view.class_names)
    )
    return f'<ol class="rx-top">{rows}</ol>'


def numbers(values: np.ndarray) -> str:
    """What a map says in two numbers that cost nothing."""
    evenness = entropy(values)
    return (
        '<dl class="rx-numbers"><dt>Above half</dt>'
        f"<dd>{chance(area_above_half(values))}</dd>"
        "<dt>Entropy</dt>"
        f"<dd>{'–' if evenness is None else f'{evenness:.2f}'}</dd></dl>"
    )


def model_cards(photo: Photo, views: Sequence[View], notes: Sequence[str], style: Style) -> str:
    """A column for each network: its name, its first map over the picture, the colour bar, its answers, two numbers.

    Only the first class of each view is shown; notes: a line about each network.
    """
    firsts, cards = as_drawn(first_maps(views), style), []
    for view, note, limit in zip(firsts, notes, scale_limits(firsts, style.shared), strict=True):
        name = _class_of(view)
        picture = picture_with_map(photo, view.maps[0], limit, style, f"{photo.name}; where {view.title} sees {name}")
        cards.append(
            f'<section class="rx-card rx-model"><h2>{escape(view.title)}</h2><p class="rx-hint">{escape(note)}</p>'
            f"{picture}{colour_bar(limit, style)}"
            f'<p class="rx-why">The map is of <b>{escape(name)}</b>; its answers:</p>{answers(view, view.classes[0])}'
            f"{numbers(view.maps[0])}</section>"
        )
    told = [NUMBERS, *_cautions(firsts, style)]
    return columns(cards) + "".join(f'<p class="rx-hint rx-origin">{sentence}</p>' for sentence in told)


def _cautions(views: Sequence[View], style: Style) -> list[str]:
    """What could mislead in the maps and numbers beside each other, as HTML sentences."""
    told = []
    tops = scale_limits(views, shared=False)
    faint = [(view.title, top) for view, top in zip(views, tops, strict=True) if 0 < top < FAINT * max(tops)]
    if style.scale == "mass":
        told += [EQUAL] * (len(views) > 1)
        told += [_unseen(view) for view in views if view.probabilities[view.classes[0]] < UNSEEN]
    if style.scale == "shared" and faint:
        names = " and ".join(f"{escape(title)} (up to {top:.3g})" for title, top in faint)
        told.append(f"Faint on a scale up to {max(tops):.3g}: {names}. “Equal mass” shows where each looks.")
    grids = sorted({view.maps.shape[1:] for view in views})
    if len(grids) > 1:
        cells = " and ".join(f"{h} × {w}" for h, w in grids)
        told.append(f"Above half and Entropy are of maps of {cells} cells, and so not comparable.")
    return told


def _unseen(view: View) -> str:
    k = view.classes[0]
    said = f"{escape(view.title)} gives {escape(view.class_names[k])} {chance(view.probabilities[k])}"
    return f"{said}: its map is drawn as strongly as that of a class it sees."


def columns(cells: Sequence[str], more: str = "") -> str:
    """One cell beside the other, as wide as there is room for; narrow ones are set more tightly."""
    room = " rx-tight" if len(cells) > 3 else " rx-roomy" if len(cells) < 3 else ""
    return f'<div class="rx-models{room}{more}" style="--n:{len(cells)}">{"".join(cells)}</div>'


def map_rows(photo: Photo, views: Sequence[View], style: Style) -> str:
    """The first maps without the picture, and each one's difference to the first network's, on one scale.

    Two networks, their difference, and one over the other stand side by side; of more, each difference is below its
    map.
    """
    firsts = as_drawn(first_maps(views), style)
    limits = scale_limits(firsts, style.shared)
    apart = [_apart(view, firsts[0], style) for view in firsts[1:]]
    most = max((float(np.abs(gap).max()) for gap in apart if gap is not None), default=0.0)
    alone = [_alone(photo, view, limit, style) for view, limit in zip(firsts, limits, strict=True)]
    gaps = [_difference(view, firsts[0], gap, most) for view, gap in zip(firsts[1:], apart, strict=True)]
    titles = [escape(view.title) for view in firsts]
    if len(gaps) == 1:
        titles += ["Difference", "One over the other <small>drag the line</small>"]
        contents = [*alone, *gaps, _wipe(photo, firsts, limits, style)]
    else:
        contents = [one + gap for one, gap in zip(alone, [ORIGIN, *gaps] if gaps else [""], strict=True)]
    cells = [
        f'<div class="rx-cell"><h3>{title}</h3><div>{content}</div></div>'
        for title, content in zip(titles, contents, strict=True)
    ]
    about = "Each map in multiples of its own mean" if style.scale == "mass" else "The maps’ raw values"
    about += f"; and what each has more (red) or less (blue) than {escape(views[0].title)}." if apart else "."
    return (
        f'<section class="rx-card rx-alone"><h2>Maps alone, and their differences</h2><p class="rx-hint">{about}</p>'
        f"{columns(cells)}</section>"
    )


def _alone(photo: Photo, view: View, limit: float, style: Style) -> str:
    picture = picture_with_map(photo, view.maps[0], limit, style, f"the map of {view.title} alone", alone=True)
    grid = "{} × {}".format(*view.maps.shape[1:])
    return f'{picture}{colour_bar(limit, style)}<p class="rx-hint">{grid} cells</p>'


def _wipe(photo: Photo, views: Sequence[View], limits: Sequence[float], style: Style) -> str:
    """Two networks' maps on one picture, left and right of a line that is dragged across it (wipe.js)."""
    for view in views:
        if sentence := problem(view.maps[0]):
            told = f'<p class="rx-problem"><b>{escape(view.title)}</b> {sentence}</p>'
            return f'<figure class="rx-look">{photo.tag(photo.name)}{told}</figure>'
    maps = "".join(
        f'<img class="rx-heat" src="{_coloured(view.maps[0], limit, style)}" alt="">'
        for view, limit in zip(views, limits, strict=True)
    )
    left, right = (escape(view.title) for view in views)
    return (
        f'<figure class="rx-look rx-wipe">{photo.tag(photo.name)}{maps}'
        f'<input type="range" min="0" max="100" value="50" step="any" aria-label="Left {left}, right {right}"></figure>'
        f'<p class="rx-hint rx-sides"><span>‹ {left}</span><span>{right} ›</span></p>'
    )


def _minus(view: View, first: View) -> str:
    return f"{view.title} − {first.title}"


def _class_of(view: View) -> str:
    """The class that a view's first map is of."""
    return view.class_names[view.classes[0]]


def _apart(view: View, first: View, style: Style) -> np.ndarray | None:
    """The difference of two views' first maps, as they are coloured: in multiples of a mean, which is of what is
    positive, that alone counts. None where they are of two classes, or one of them is not finite."""
    sound = np.isfinite(view.maps[0]).all() and np.isfinite(first.maps[0]).all()
    if not sound or _class_of(view) != _class_of(first):
        return None
    maps = [positive(one.maps[0]) if style.scale == "mass" else one.maps[0] for one in (view, first)]
    return difference(*maps, HEAT_SIZE, style.smooth)


def _difference(view: View, first: View, gap: np.ndarray | None, most: float) -> str:
    minus, names = _minus(view, first), (_class_of(view), _class_of(first))
    if gap is None:
        why = BROKEN if names[0] == names[1] else escape(OF_TWO.format(*names))
        return f'<figure class="rx-look"><p class="rx-problem">{why}</p></figure>'
    return (
        f'<figure class="rx-look"><img src="{jpeg_uri(diverging(gap, most))}" alt="{escape(minus)}"></figure>'
        f'<div class="rx-scale"><span>−{most:.3g}</span><i style="background:{gradient(DIVERGING)}"></i>'
        f'<span>{most:.3g}</span></div><p class="rx-hint">{escape(minus)}: maps of {escape(names[0])}</p>'
    )
