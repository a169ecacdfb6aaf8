"""Numbers that a static file repeats are those of Python."""

import re

from ricap_explorer.evidence.calibration import BINS
from ricap_explorer.evidence.measures import MEASURES
from ricap_explorer.figures.colour import OPACITY
from ricap_explorer.lesson.convolve import SIDE
from ricap_explorer.lesson.overfit import DEGREES, POINTS
from ricap_explorer.ui.cam import crops
from ricap_explorer.ui.static_files import static
from ricap_explorer.ui.tabs import patch, patch_compare


def field(markup: str, name: str) -> dict[str, float]:
    """The numbers of the <input> of that class."""
    (tag,) = (tag for tag in re.findall("<input [^>]*>", markup) if f'"{name}"' in tag)
    return {key: float(value) for key, value in re.findall(r'(min|max|step|value)="([-.\d]+)"', tag)}


def test_the_slider_asks_for_as_many_draws_as_the_server_gives():
    beta = field(static("patch.html"), "rx-beta")
    places = round((beta["max"] - beta["min"]) / beta["step"]) + 1
    assert places == patch.AHEAD and f"length: {places} " in static("controls.js")


def test_the_lesson_s_sliders_end_where_its_computations_do():
    page = static("lesson.html")
    for name, ends in (("rx-fit-degree", DEGREES), ("rx-fit-points", POINTS)):
        assert (field(page, name)["min"], field(page, name)["max"]) == ends
    across = SIDE - 2  # a window of 3 x 3
    assert field(page, "rx-conv-at")["max"] == across**2 - 1
    assert f"{SIDE} × {SIDE}" in page and f"{across} × {across} sums" in page
    assert f"{across} × {across}" in static("lesson_convolve.js")


def test_words_that_name_a_number():
    assert f"{patch_compare.DRAWS:,} draws" in static("compare.html")
    assert f"{BINS} bins" in MEASURES["ece"].title
    assert f"var(--heat, {OPACITY:g})".replace("0.", ".") in static("cam.css")
    assert f'min="{crops.LEAST}"' in crops.TEMPLATE
