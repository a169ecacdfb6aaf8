"""The CAM tab's figures as HTML: what is where, shared and own scales, differences, focus, what cannot be shown."""

import math
import re
from dataclasses import replace

import numpy as np
import pytest

from ricap_explorer.cam import View
from ricap_explorer.cam.focus import ClassPart
from ricap_explorer.errors import InputError
from ricap_explorer.figures.colour import DIVERGING, colour_table
from ricap_explorer.figures.focus import focus_section, named
from ricap_explorer.figures.heat import Style, contour, difference, diverging, gradient, heat
from ricap_explorer.figures.hidden import Hidden, hidden_columns
from ricap_explorer.figures.looks import Photo, map_rows, model_cards
from ricap_explorer.mixing import Box

from .test_figures import HOSTILE, Elements, of_class, safe

PHOTO = Photo("data:,", "a patch")


def view(title: str = "RICAP", peak: float = 2.0, count: int = 2, names: tuple[str, ...] = ("a", "b", "c")) -> View:
    maps = np.full((count, 3, 3), -1, np.float32)
    maps[:, 0, 0] = peak
    probabilities = np.array([0.7, 0.2, 0.1], np.float32)
    return View(title, names, probabilities, tuple(range(count)), maps, 0.01)


def scale_ends(markup: str) -> list[float]:
    return [float(text) for text in re.findall(r"</i><span>([^<]+)</span><em>", markup)]


def test_model_cards_show_the_first_map_of_each():
    markup = model_cards(PHOTO, [view("A", 2), view("B", 5)], ["one", "two"], Style("shared"))
    assert len(of_class(markup, "rx-model")) == len(of_class(markup, "rx-heat")) == 2
    assert "--n:2" in markup and scale_ends(markup) == [5, 5] and markup.count("one scale for all") == 2
    own = model_cards(PHOTO, [view("A", 2), view("B", 5)], ["one", "two"], Style("own"))
    assert scale_ends(own) == [2, 5] and own.count("own scale") == 2


def test_maps_of_equal_mass_are_drawn_alike_however_large():
    """One of nine cells holds everything: nine times the mean."""
    views = [view("A", 2), replace(view("B"), maps=2.5 * view("A", 2).maps)]
    markup = model_cards(PHOTO, views, ["", ""], Style())
    assert scale_ends(markup) == [9, 9] and "multiples of its own mean" in markup
    first, second = (image["src"] for image in of_class(markup, "rx-heat"))
    assert first == second
    even = replace(view("C"), maps=np.ones((1, 3, 3), np.float32))
    assert scale_ends(model_cards(PHOTO, [views[0], even], ["", ""], Style())) == [9, 9]
    assert "multiples" not in model_cards(PHOTO, views[:1], [""], Style()), "of one network nothing is compared"


@pytest.mark.parametrize(("chance", "told"), [(0.2, False), (0.04, True)])
def test_a_map_of_a_class_that_a_network_does_not_see_is_told(chance, told):
    hardly = replace(view("A"), probabilities=np.array([chance, 1 - chance, 0], np.float32))
    assert ("A gives a 4.0 %: its map is drawn" in model_cards(PHOTO, [hardly], [""], Style())) is told
    assert "its map is drawn" not in model_cards(PHOTO, [hardly], [""], Style("shared"))


def test_model_cards_list_the_likeliest_and_mark_the_explained():
    markup = model_cards(PHOTO, [view()], ["note"], Style())
    assert re.findall(r'rx-name">(\w)</span><i style="--p:([\d.]+)"></i><b>([\d.]+) %', markup) == [
        ("a", "0.7000", "70.0"), ("b", "0.2000", "20.0"), ("c", "0.1000", "10.0"),
    ]  # fmt: skip
    assert len(of_class(markup, "rx-explained")) == 1
    assert "<dd>11.1 %</dd>" in markup and "<dd>0.00</dd>" in markup  # one of nine cells holds everything


@pytest.mark.parametrize(
    ("peak", "sentence"), [(math.nan, "not numbers"), (math.inf, "not numbers"), (-1, "positive nowhere")]
)
def test_a_map_that_cannot_be_shown_says_why(peak, sentence):
    views = [view("A", peak), view("B")]
    markup = model_cards(PHOTO, views, ["", ""], Style("shared", contour=0.5))
    assert len(of_class(markup, "rx-problem")) == len(of_class(markup, "rx-heat")) == 1
    assert sentence in markup and scale_ends(markup) == [2, 2] and len(of_class(markup, "rx-contour")) == 1
    rows = map_rows(PHOTO, views, Style())
    assert sentence in rows and "nan" not in rows and "inf" not in rows
    Elements(hidden_columns([Hidden(views[0], None, None)], 0.1))


def test_differences_are_to_the_first_on_one_scale_around_zero():
    first, second, third = view("A", 2), view("B", 5), view("C", 1)
    markup = map_rows(PHOTO, [first, second, third], Style("shared"))
    assert re.findall(r"<span>−([\d.]+)</span>", markup) == ["3", "3"]
    assert "B − A: maps of a" in markup and "C − A: maps of a" in markup
    other = replace(third, classes=(1, 0))
    apart = map_rows(PHOTO, [first, other], Style())
    assert "maps are of different classes, b and a" in apart and "C − A" not in apart
    assert "−" not in map_rows(PHOTO, [first], Style())


def test_of_two_networks_one_map_lies_over_the_other():
    first, second = view("A", 2), view("B", 5)
    markup = map_rows(PHOTO, [first, second], Style())
    assert len(of_class(markup, "rx-wipe")) == 1 and len(of_class(markup, "rx-heat")) == 2
    assert 'aria-label="Left A, right B"' in markup and "‹ A" in markup and "B ›" in markup
    assert not of_class(map_rows(PHOTO, [first, second, view("C", 1)], Style()), "rx-wipe")
    assert not of_class(map_rows(PHOTO, [first, view("D", -1)], Style()), "rx-wipe")


def test_in_multiples_of_a_mean_differences_are_of_what_is_coloured():
    """A map of a class that a network hardly sees is nearly all negative, and its mean tiny."""
    hardly = view("B", 0.01)
    hardly.maps[:, 1:, 1:] = -50
    markup = map_rows(PHOTO, [view("A", 2), hardly], Style())
    assert "<span>−0</span>" in markup, "each has all that is positive in one and the same cell"
    assert "<span>−49</span>" in map_rows(PHOTO, [view("A", 2), hardly], Style("shared"))


def test_difference_of_maps_of_different_grids(rng):
    a, b = rng.normal(size=(3, 3)), rng.normal(size=(5, 4))
    np.testing.assert_allclose(difference(a, b, 20), -difference(b, a, 20), atol=1e-6)
    assert not difference(a, a, 20).any()
    table = colour_table(DIVERGING)
    ends = diverging(np.array([[-2.0, 0.0, 2.0, 9.0]]), 2.0)[0]
    assert (ends[0] == table[0]).all() and (ends[2] == ends[3]).all() and (ends[2] == table[-1]).all()
    assert ends[1].min() > 240 and (diverging(np.zeros((1, 1)), 0.0) == ends[1]).all()


def test_own_cells_are_squares():
    values = np.arange(4.0).reshape(2, 2)
    picture = heat(values, 8, 3.0, smooth=False)
    for row, column in np.ndindex(2, 2):
        cell = picture[4 * row : 4 * row + 4, 4 * column : 4 * column + 4].reshape(-1, 3)
        assert (cell == cell[0]).all()
    smooth, squares = (map_rows(PHOTO, [view()], Style(smooth=smooth)) for smooth in (True, False))
    assert "image/jpeg" in smooth and "image/png" in squares


def test_a_contour_runs_where_the_map_passes_the_level():
    """A map that rises evenly from left to right is cut by a straight line, closed along the edge."""
    ramp = np.tile(np.arange(8.0), (8, 1))
    (line,) = contour(ramp, 3.5)
    assert line[:, 0].min() == pytest.approx(50, abs=1) and line[:, 0].max() == pytest.approx(100, abs=1)
    assert contour(ramp, 99) == [] and len(contour(np.full((4, 4), 2.0), 1.0)) == 1
    marked = model_cards(PHOTO, [view()], [""], Style(contour=0.25))
    assert "left:25%" in marked and len(of_class(marked, "rx-contour")) == 1
    assert len(re.findall(r'path d="M[\d.]+ [\d.]+L', marked)) == 2


@pytest.mark.parametrize("level", [-0.1, 1, float("nan"), None])
def test_impossible_contours(level):
    with pytest.raises(InputError, match="contour must be from 0"):
        Style(contour=level)


def test_pictures_of_tiny_images_show_their_pixels():
    markup = model_cards(Photo("data:,", "x", coarse=True), [view()], [""], Style())
    assert len(of_class(markup, "rx-pixels")) == 1


PARTS = [
    ClassPart("b", (0, 3), (Box(0, 0, 2, 2), Box(2, 2, 8, 8)), 0.68),
    ClassPart("c", (1,), (Box(0, 2, 2, 8),), 0.16),
]


def test_focus_shows_each_class_s_maps_numbers_and_regions():
    markup = focus_section(PHOTO, (10, 10), PARTS, [view("A", 2, 3), view("B", 5, 3)], Style("shared"))
    assert len(of_class(markup, "rx-part")) == 2 and len(of_class(markup, "rx-heat")) == 4
    outlines = [e for e in Elements(markup).found if e[0] == "rect"]
    assert [e[1]["style"] for e in outlines] == [f"stroke:var(--r{k})" for k in (1, 4, 1, 4, 2, 2)]
    assert "W = 68 %" in markup and "W = 16 %" in markup and scale_ends(markup) == [5]
    assert re.findall(r"</td><td>([\d.]+ %)</td>", markup) == ["20.0 %", "10.0 %"] * 2
    assert len(of_class(markup, "rx-gauge")) == 4


def test_focus_is_the_mass_in_the_class_s_own_regions():
    """All of the map's mass lies in the upper left cell, so in region 1."""
    whole = [ClassPart("b", (0,), (Box(0, 0, 60, 60),), 0.36), ClassPart("c", (3,), (Box(60, 60, 40, 40),), 0.16)]
    markup = focus_section(PHOTO, (100, 100), whole, [view(count=3)], Style())
    assert re.findall(r"<td><b>([^<]+)</b>", markup) == ["100 %", "0 %"]


def test_focus_without_a_shared_scale():
    views = [view("A", 2, 3), view("B", 5, 3)]
    markup, shared = (focus_section(PHOTO, (10, 10), PARTS, views, Style(s)) for s in ("own", "shared"))
    assert scale_ends(markup) == [] and "own scale" in markup
    own, same = ([image["src"] for image in of_class(page, "rx-heat")] for page in (markup, shared))
    assert own[0] != same[0] and own[1] == same[1]  # B has the largest value of all


@pytest.mark.parametrize("first", [1e-4, -1.0])
def test_the_focus_s_scale_does_not_hang_on_the_map_above(first):
    """A class that one network hardly sees is explained: its own patch's classes are drawn as before."""
    views = [view("A", 2, 3), view("B", 5, 3)]
    before = focus_section(PHOTO, (10, 10), PARTS, views, Style())
    views[0].maps[0] = first * np.ones((3, 3))
    assert focus_section(PHOTO, (10, 10), PARTS, views, Style()) == before and scale_ends(before) == [9]


def test_a_part_s_map_without_mass_has_no_focus():
    markup = focus_section(PHOTO, (10, 10), PARTS, [view("A", -1, 3)], Style())
    assert markup.count("<td>–</td>") == 2 and len(of_class(markup, "rx-problem")) == 2


def test_what_is_left_is_shown_with_the_fall():
    left = np.zeros((8, 8, 3), np.uint8)
    markup = hidden_columns([Hidden(view("A"), np.array([0.1, 0.6, 0.3], np.float32), left)], 0.123)
    assert "70.0 % → <b>10.0 %</b>" in markup and "1 network in 123 ms" in markup
    assert re.findall(r'rx-name">(\w)</span><i', markup) == ["b", "c", "a"] and len(of_class(markup, "rx-pixels")) == 1


def test_names_are_escaped_on_the_cam_tab():
    hostile = view(HOSTILE, names=(HOSTILE, "b", HOSTILE + "2"))
    photo = Photo("data:,", HOSTILE)
    safe(model_cards(photo, [hostile], [HOSTILE], Style()))
    safe(map_rows(photo, [hostile, hostile], Style()))
    safe(hidden_columns([Hidden(hostile, hostile.probabilities, np.zeros((9, 9, 3), np.uint8))], 0))
    safe(focus_section(photo, (10, 10), [ClassPart(HOSTILE, (0,), (Box(0, 0, 2, 2),), 0.04)], [hostile], Style()))


@pytest.mark.parametrize("colours", ["viridis", "magma", "turbo", "jet", DIVERGING])
def test_gradient_is_the_colour_map(colours):
    stops = re.findall(r"#([0-9a-f]{6})", gradient(colours))
    table = colour_table(colours)
    assert len(stops) == 16 and stops[0] == bytes(table[0]).hex() and stops[-1] == bytes(table[-1]).hex()


def test_a_class_s_numbers_are_written_in_the_ink_of_their_regions():
    keys = of_class(named(ClassPart("church", (1, 3), (), 0.4)), "rx-key")
    assert [(key["data-region"], key["style"]) for key in keys] == [
        ("1", "background:var(--r2)"),
        ("3", "background:var(--r4)"),
    ]
