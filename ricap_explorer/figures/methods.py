"""The same four pictures under every mixing method, in one row of cards as HTML."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from typing import TYPE_CHECKING, Any

from PIL import Image

from ..titles import METHOD_TITLES
from ..words import percent
from .encode import jpeg_uri

if TYPE_CHECKING:
    from ..mixing import Plan

SMALL = 96  # pixels a side


@dataclass(frozen=True)
class Column:
    """A method's batch: the mixed images, (class, share) of the first one's label, and the plan."""

    method: str
    images: Sequence[Image.Image]
    label: Sequence[tuple[str, float]]
    plan: Plan


def row(columns: Sequence[Column], names: Sequence[str]) -> str:
    """A card for each method: its first mixed image and that one's label, the other three small. names: of regions."""
    return f'<div class="rx-methods">{"".join(_card(column, names) for column in columns)}</div>'


def _card(column: Column, names: Sequence[str]) -> str:
    first, *others = column.images
    spoken = ", ".join(f"{percent(share)} {name}" for name, share in column.label)
    small = "".join(
        f'<img src="{jpeg_uri(image.resize((SMALL, SMALL), Image.Resampling.BILINEAR), 80)}" alt="" width="{SMALL}" '
        f'height="{SMALL}">'
        for image in others
    )
    return (
        f'<section class="rx-card rx-method"><h3>{METHOD_TITLES[column.method]}</h3>'
        f'<img class="rx-mixed" src="{jpeg_uri(first, 85)}" alt="{METHOD_TITLES[column.method]}: {escape(spoken)}" '
        f'width="{first.width}" height="{first.height}"><div class="rx-others" aria-hidden="true">{small}</div>'
        f'<div class="rx-bar" aria-hidden="true">{_bar(column.label, names)}</div>{_label(column.label, names)}'
        f'<p class="rx-hint">{SENTENCES[column.method](column.plan)}</p></section>'
    )


def _label(label: Sequence[tuple[str, float]], names: Sequence[str]) -> str:
    terms = "".join(
        f'<li><i class="rx-key" style="background:{_colour(name, names)}"></i><b>{share:.3f}</b> {escape(name)}</li>'
        for name, share in label
    )
    return f'<ul class="rx-terms">{terms}</ul>'


def _bar(label: Sequence[tuple[str, float]], names: Sequence[str]) -> str:
    return "".join(
        f'<i style="width:{100 * share:.3f}%;background:{_colour(name, names)}"></i>' for name, share in label
    )


def _colour(name: str, names: Sequence[str]) -> str:
    """The colour of the first region of that class."""
    return f"var(--r{names.index(name) + 1})"


def _masked(plan: Any) -> str:
    area = plan.boxes[0].area / (plan.size[0] * plan.size[1])
    return (
        f"A square is masked with the mean colour: {percent(area)} of these pixels teach the network nothing. "
        "One image, one class."
    )


def _blended(plan: Any) -> str:
    return (
        f"Two whole images are blended, λ = {plan.lams[0]:.2f}: ghostly features that no real image has. No pixel "
        "is lost."
    )


def _boxed(plan: Any) -> str:
    return f"A box of one other image, {percent(1 - plan.lam)} of the area: two images, real pixels only."


def _patched(plan: Any) -> str:
    count = sum(patch.weight > 0 for patch in plan.patches)
    visible = "One region" if count == 1 else f"{('', '', 'Two', 'Three', 'Four')[count]} regions"
    return f"{visible} in this draw; real pixels only, none masked, none blended."


SENTENCES = {  # the methods that have a card, in order
    "standard": lambda plan: "The image as it is; flips and crops are made when it is loaded. One image, one class.",
    "cutout": _masked,
    "mixup": _blended,
    "cutmix": _boxed,
    "ricap": _patched,
}
