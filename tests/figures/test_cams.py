"""The figure of several networks' maps."""

import subprocess
import sys
from io import BytesIO
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from ricap_explorer.cam import View
from ricap_explorer.errors import InputError
from ricap_explorer.figures.cams import cams_figure, figure_bytes
from ricap_explorer.figures.heat import Style

ROOT = Path(__file__).parents[2]
IMAGE = np.full((40, 40, 3), 200, np.uint8)


def view(title: str, top: float, count: int = 1) -> View:
    maps = np.linspace(-1, top, 16 * count, dtype=np.float32).reshape(count, 4, 4)
    return View(title, ("cat", "dog", "x" * 60), np.array([0.2, 0.7, 0.1]), tuple(range(count)), maps, 0.1)


def limits(figure) -> list[float]:
    return [ax.get_xlim()[1] for ax in figure.axes[4::3] if ax.axison]


def texts(figure) -> str:
    return "\n".join(text.get_text() for ax in figure.axes for text in (*ax.texts, ax.title))


def test_one_column_for_every_view_and_class():
    figure = cams_figure(IMAGE, [view("A", 2), view("B", 3, count=2)])
    assert len(figure.axes) == 3 * 4
    for words in ("A", "B", "cat: 20.0 %", "dog: 70.0 %", "CAM (Zhou 2016)", "one scale for all"):
        assert words in texts(figure)


def test_colour_bars_carry_raw_values():
    views = [view("A", 2), view("B", 3)]
    assert limits(cams_figure(IMAGE, views, style=Style("shared"))) == [3, 3]
    assert limits(cams_figure(IMAGE, views, style=Style("own"))) == [2, 3]


def test_a_patch_s_classes_have_a_scale_of_their_own_as_on_the_page():
    views = [view("A", 2, count=3), view("B", 30, count=3)]
    views[0].maps[:, 0, 0], views[1].maps[:, 0, 0] = (5, 7, 9), (6, 40, 8)
    assert limits(cams_figure(IMAGE, views, Style("shared"))) == [views[1].maps[0].max(), 40, 40] * 2
    assert limits(cams_figure(IMAGE, views, Style("own"))) == [values.max() for one in views for values in one.maps]
    before = limits(cams_figure(IMAGE, views))
    views[0].maps[0] = 1e-4
    after = limits(cams_figure(IMAGE, views))
    assert before[1:3] == before[4:] == after[1:3] == after[4:] and before[0] == before[3] >= after[0]
    assert "another scale" in texts(cams_figure(IMAGE, views)) and "another" not in texts(
        cams_figure(IMAGE, views[:1], Style("own"))
    )


def test_names_are_no_formulas():
    odd = View("a$_$b", ("$_$", "$x^$"), np.array([0.6, 0.4]), (0,), np.ones((1, 4, 4), np.float32), 0.1)
    figure = cams_figure(IMAGE, [odd])
    assert "a$_$b" in texts(figure) and "$x^$" in texts(figure)
    figure_bytes(figure, dpi=30)


def test_layer_and_opacity():
    plain, other = (
        cams_figure(IMAGE, [view("A", 2)], layer=layer, opacity=o) for layer, o in (("last", 0), ("second", 1))
    )
    assert "stage" not in texts(plain) and "layer: one stage earlier" in texts(other)
    assert np.array_equal(plain.axes[3].images[0].get_array(), plain.axes[0].images[0].get_array())
    dark = cams_figure(IMAGE // 2, [view("A", 2)], opacity=1)
    assert np.array_equal(other.axes[3].images[0].get_array(), dark.axes[3].images[0].get_array())


def test_tiny_pictures_are_enlarged_in_squares(rng):
    tiny = rng.integers(0, 256, (32, 32, 3), dtype=np.uint8)
    shown = np.asarray(cams_figure(tiny, [view("A", 2)]).axes[0].images[0].get_array())
    assert np.array_equal(shown[::12, ::12], tiny) and np.array_equal(shown[11::12, 11::12], tiny)


def test_maps_that_cannot_be_shown_are_told():
    blank, broken = view("blank", -0.5), view("broken", np.nan)
    figure = cams_figure(IMAGE, [blank, broken], Style("own"))
    assert limits(figure) == []
    assert "positive nowhere" in texts(figure) and "not numbers" in texts(figure)
    figure_bytes(figure, dpi=30)


def test_png_is_as_large_as_the_figure():
    figure = cams_figure(
        IMAGE, [view("a very long name of a network, β = 0.3", 2)], Style(colours="turbo"), method="gradcam"
    )
    width, height = Image.open(BytesIO(figure_bytes(figure, dpi=50))).size
    assert (width, height) == pytest.approx(figure.get_size_inches() * 50, abs=1)


def test_titles_that_differ_at_their_ends_stay_apart():
    names = [
        f"RICAP β = 0.3, 200 epochs, {crop}, learning rate 0.1" for crop in ("whole images", "crops of at least 50 %")
    ]
    shown = texts(cams_figure(IMAGE, [view(name, 2) for name in names])).replace("\n", " ")
    assert all(name in shown for name in names)


def test_cells_and_contour_are_drawn_as_on_the_page():
    plain, styled = (
        cams_figure(IMAGE, [view("A", 2)], style) for style in (Style(), Style("own", smooth=False, contour=0.5))
    )
    picture, bar = styled.axes[3], styled.axes[4]
    assert [len(ax.lines) for ax in plain.axes] == [0] * 6
    assert len(picture.lines) >= 2 and list(bar.lines[0].get_xdata()) == [1, 1]
    shown = np.asarray(picture.images[0].get_array())
    assert len(np.unique(shown.reshape(-1, 3), axis=0)) <= 16 < len(np.unique(plain.axes[3].images[0].get_array()))


def test_unknown_colours_are_told():
    with pytest.raises(InputError, match="colours"):
        Style(colours="rainbow")


def test_imports_stay_light():
    """Listing, measuring and colouring need no torch; the figure never touches pyplot."""
    code = """
import sys
import ricap_explorer.cam, ricap_explorer.figures.heat, ricap_explorer.figures.encode
assert not {"torch", "matplotlib", "pytorch_grad_cam"} & set(sys.modules)
import ricap_explorer.figures.cams, tests.figures.test_cams as test
test.figure_bytes(test.cams_figure(test.IMAGE, [test.view("A", 1)]), dpi=20)
assert "matplotlib.pyplot" not in sys.modules and "pytorch_grad_cam" not in sys.modules
"""
    subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=True, timeout=180)
