"""Crops that miss the object: the visitor cuts a piece out of the picture, and sees what every network makes of it."""

from __future__ import annotations

from itertools import count
from typing import Any

import gradio as gr

from ...errors import InputError
from ..events import MODELS
from ..pictures import CANVAS, Picture
from ..services import Services
from ..static_files import static
from .looking import Question, look, picture_of, question_of, style_of
from .section import alert, section, told

OPENING = {"left": 60, "top": 0, "side": 40}  # % of the picture; often background
LEAST = 10  # % of the picture's side
CORNERS = {"Upper left": "0,0", "Upper right": "1,0", "Lower left": "0,1", "Lower right": "1,1"}
ABOUT = (
    '<p class="rx-hint">RICAP may cut a crop that shows background only, and still names it after its object. '
    "Move the square, or take the piece with the least evidence in all maps, and see what each network makes of it.</p>"
)
TEMPLATE = """
<div class="rx-cropping">
  <div class="rx-crop-field">${typeof src === 'string' && src ? '<img alt="" src="' + src + '">' : ''}
    <div class="rx-crop-box" role="group" tabindex="0"
      aria-label="Crop, ${Math.round(value.left)} % from the left, ${Math.round(value.top)} % from the top"
      aria-description="Arrow keys move it, with shift in larger steps"
      style="left:${value.left}%;top:${value.top}%;width:${value.side}%;height:${value.side}%"></div></div>
  <label class="rx-hint">Side <input type="range" min="10" max="100" step="1" value="${value.side}"></label>
  <div class="rx-crop-presets">CORNERS<button type="button" class="rx-chip rx-emptiest">Least evidence</button></div>
</div>
""".replace(
    "CORNERS",
    "".join(
        f'<button type="button" class="rx-chip" data-corner="{at}">{name}</button>' for name, at in CORNERS.items()
    ),
)


def crop_box(value: dict[str, Any]) -> tuple[int, int, int, int]:
    """(left, top, right, bottom) in the picture's pixels for {left, top, side} in %; InputError for what is none."""
    numbers = [value.get(name) for name in ("left", "top", "side")]
    if not all(isinstance(number, int | float) and number == number for number in numbers):
        raise InputError(f"a crop must have the numbers left, top and side; got {value}")
    left, top, side = numbers
    if not (LEAST <= side <= 100 and -0.01 <= left <= 100.01 - side and -0.01 <= top <= 100.01 - side):
        raise InputError(f"a crop must lie inside the picture, its side {LEAST} to 100 %; got {value}")
    x, y, width = (round(number * CANVAS / 100) for number in (left, top, side))
    return x, y, min(x + width, CANVAS), min(y + width, CANVAS)


def cut(seen: Picture, value: dict[str, Any]) -> Picture:
    """The piece of a picture, as large as the whole."""
    box = crop_box(value)
    piece = seen.image.crop(box).resize(seen.image.size)
    return Picture(f"{seen.id} {box}", f"a piece of {seen.name}", piece)


def look_at_crop(services: Services, asked: Question, value: dict, *drawn: Any) -> str:
    """The section's content: every network's answer to the crop and its map of it, as HTML; drawn: as in `style_of`."""
    from ...figures.looks import model_cards
    from ...words import chance

    whole = look(services, asked)
    piece = look(services, asked, cut(whole.picture, value))
    notes = [
        f"whole picture: {view.class_names[view.classes[0]]} {chance(view.probabilities[view.classes[0]])}"
        for view in whole.views
    ]
    return model_cards(piece.photo, piece.views, notes, style_of(*drawn))


def find_emptiest(services: Services, asked: Question, value: dict) -> dict[str, float]:
    """The crop of the same side with the least evidence in the maps of all networks."""
    from ...cam.crops import emptiest

    looks = look(services, asked)
    crop_box(value)
    left, top = emptiest([view.maps[0] for view in looks.views], value["side"] / 100)
    return {"left": 100 * left, "top": 100 * top, "side": value["side"]}


def build(
    services: Services,
    asked: list[gr.components.Component],
    style: list[gr.components.Component],
    looks: gr.HTML,
) -> None:
    """Lay out the section. asked: own networks, target, models, method, class, layer, which `looks` shows; style: what
    `style_of` takes."""
    with section("A crop that misses the object", "rx-crops") as fold:
        gr.HTML(ABOUT, apply_default_css=False)
        with gr.Row(elem_classes="rx-columns"):
            with gr.Column(scale=0, min_width=272, elem_classes="rx-side"):
                crop = gr.HTML(
                    OPENING, src="", found=None, html_template=TEMPLATE, js_on_load=static("crop.js"),
                    elem_id="rx-crop", apply_default_css=False,
                )  # fmt: skip
            with gr.Column(min_width=300, elem_classes="rx-main"):
                shown = gr.HTML("", elem_id="rx-cropped", apply_default_css=False)
    inputs, finds = [*asked, crop, *style], count()

    def compute(*values: Any) -> Any:
        return told(look_at_crop, services, *values)

    def again(own: dict, *values: Any) -> tuple:
        """The picture to cut from, and the answers, for another target or other settings."""
        try:
            return gr.update(src=picture_of(services, values[0]).uri), compute(own, *values)
        except InputError as error:
            return gr.skip(), alert(error)

    def empty(own: dict, *values: Any) -> tuple:
        """The emptiest crop of the side that was asked for; the browser goes there, if it is where it asked."""
        question, (asked, *_) = question_of(values)
        try:
            found = find_emptiest(services.plus(own), question, asked)
        except InputError as error:
            return gr.skip(), alert(error)
        return gr.update(found=found | {"asked": asked, "count": next(finds)}), gr.skip()

    quiet = {"show_progress": "hidden", **MODELS}
    crop.input(compute, inputs, shown, **quiet)
    crop.emptiest(empty, inputs, [crop, shown], **quiet)
    fold.expand(again, inputs, [crop, shown], **quiet)
    fold.follow(looks, again, inputs, [crop, shown])
