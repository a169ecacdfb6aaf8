"""Heat pictures, overlays, and pictures as bytes."""

from base64 import b64decode
from io import BytesIO

import numpy as np
import pytest
from PIL import Image

from ricap_explorer.figures.colour import colour_map, colour_table
from ricap_explorer.figures.encode import jpeg_uri, png_bytes, png_uri
from ricap_explorer.figures.heat import contour, heat, overlay


def opened(uri: str, kind: str) -> np.ndarray:
    head, _, body = uri.partition(",")
    assert head == f"data:image/{kind};base64"
    return np.asarray(Image.open(BytesIO(b64decode(body))))


def test_one_top_makes_maps_comparable():
    weak, strong = np.full((3, 3), 1.0), np.full((3, 3), 2.0)
    np.testing.assert_array_equal(heat(weak, 12, 2.0), colour_map(np.full((12, 12), 0.5)))
    np.testing.assert_array_equal(heat(strong, 12, 2.0), colour_map(np.ones((12, 12))))


def test_negative_nan_and_blank_maps_show_the_lowest_colour():
    low = colour_table("magma")[0]
    for values, top in ((np.full((4, 4), -3.0), 2.0), (np.full((4, 4), np.nan), 1.0), (np.zeros((4, 4)), 0.0)):
        picture = heat(values, 16, top, "magma")
        assert picture.shape == (16, 16, 3) and picture.dtype == np.uint8 and (picture == low).all()


def test_cells_show_the_map_s_own_grid():
    values = np.array([[0.0, 1.0], [0.25, 0.5]])
    picture = heat(values, 10, 1.0, smooth=False)
    np.testing.assert_array_equal(picture, colour_map(values.repeat(5, 0).repeat(5, 1)))


def test_a_contour_runs_along_what_is_shown():
    values = np.array([[0.0, 1.0], [0.0, 1.0]])
    (cells,) = contour(values, 0.25, smooth=False)
    (between,) = contour(values, 0.25)
    assert cells[:, 0].min() == pytest.approx(50, abs=1), "the edge of the right cells"
    assert between[:, 0].min() == pytest.approx(37.5, abs=1), "a quarter of the way between their centres"


def test_overlay_goes_from_picture_to_map(rng):
    picture, colours = rng.integers(0, 256, (2, 5, 5, 3), dtype=np.uint8)
    np.testing.assert_array_equal(overlay(picture, colours, 0), picture)
    np.testing.assert_array_equal(overlay(picture, colours, 1), colours)
    half = overlay(picture, colours, 0.5)
    assert np.abs(half - (picture / 2 + colours / 2)).max() <= 0.5


def test_png_keeps_every_pixel(rng):
    pixels = rng.integers(0, 256, (7, 9, 3), dtype=np.uint8)
    np.testing.assert_array_equal(np.asarray(Image.open(BytesIO(png_bytes(pixels)))), pixels)
    np.testing.assert_array_equal(opened(png_uri(Image.fromarray(pixels)), "png"), pixels)
    np.testing.assert_array_equal(opened(png_uri(pixels[:, ::-1]), "png"), pixels[:, ::-1])


def test_jpeg_is_close(picture):
    image = picture(64, 48)
    for source in (image, np.asarray(image)):
        assert np.abs(opened(jpeg_uri(source), "jpeg").astype(int) - np.asarray(image)).mean() < 4
    assert len(jpeg_uri(image, quality=30)) < len(jpeg_uri(image))
