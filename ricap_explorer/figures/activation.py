"""A class activation map taken apart, as HTML: the features that add most, all others, and their sum."""

from __future__ import annotations

from html import escape

from ..cam.compare import largest
from ..lesson.activation import Apart
from ..words import chance, decimals
from .heat import Style
from .looks import Photo, picture_with_map, scale_bar

STYLE = Style("shared", smooth=False)
AGAINST = "Together these features are positive nowhere: they speak against the class."


def activation(photo: Photo, apart: Apart, class_name: str) -> str:
    """The terms over the picture on one colour scale, the rest and the sum on another, and how the logit adds up."""
    small = max(largest(term.values) for term in apart.terms)
    large = max(largest(apart.rest), largest(apart.values))
    cells = [
        _cell(
            f"{'+ ' if place else ''}feature {term.number}",
            picture_with_map(photo, term.values, small, STYLE, f"feature {term.number}"),
            f"{decimals(term.weight, 2)} × {term.mean:.2f} ≈ <b>{decimals(term.share, 2)}</b>",
        )
        for place, term in enumerate(apart.terms)
    ]
    rest, mean = float(apart.rest.mean()), float(apart.values.mean())
    cells += [
        _cell(
            f"+ the other {apart.others}",
            picture_with_map(photo, apart.rest, large, STYLE, "all other features", nowhere=AGAINST),
            f"<b>{decimals(rest, 2)}</b>",
        ),
        _cell(
            f"= map of {escape(class_name)}",
            picture_with_map(photo, apart.values, large, STYLE, f"class activation map of {class_name}"),
            f"<b>{decimals(mean, 2)}</b>",
        ),
    ]
    bars = scale_bar(small, STYLE, "the single features") + scale_bar(large, STYLE, "all others, and the map")
    return (
        f'<div class="rx-addends">{"".join(cells)}</div><div class="rx-bars">{bars}</div>'
        f'<p class="rx-score">Score of {escape(class_name)}: {decimals(mean, 2)} {_bias(apart.bias)} ≈ '
        f"{decimals(mean + apart.bias, 2)}, a probability of {chance(apart.probability)}</p>"
    )


def _cell(title: str, picture: str, sum_: str) -> str:
    return f"<div><h3>{title}</h3>{picture}<p>{sum_}</p></div>"


def _bias(value: float) -> str:
    sign, *digits = decimals(value, 2, "+")
    return f"{sign} {''.join(digits)} (bias)"
