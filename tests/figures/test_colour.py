"""Numbers to colours."""

import numpy as np
import pytest
from matplotlib import colormaps

from ricap_explorer.errors import InputError
from ricap_explorer.figures.colour import COLOUR_MAPS, REGION_COLOURS, colour_map, colour_table


@pytest.mark.parametrize("name", COLOUR_MAPS)
def test_equals_matplotlib(name, rng):
    values = rng.random((9, 7))
    reference = colormaps[name](np.rint(values * 255).astype(int), bytes=True)[..., :3]
    assert np.abs(colour_map(values, name).astype(int) - reference).max() <= 1
    assert colour_map(values, name).dtype == np.uint8


@pytest.mark.parametrize("name", COLOUR_MAPS)
def test_ends_are_the_table_s_and_all_else_is_clipped(name):
    row = colour_map(np.array([[0, 1, -7, 9, np.nan, np.inf, -np.inf]]), name)[0]
    low, high = colour_table(name)[[0, 255]]
    for colour, expected in zip(row, (low, high, low, high, low, high, low), strict=True):
        np.testing.assert_array_equal(colour, expected)


@pytest.mark.parametrize("name", ["viridis", "magma"])
def test_perceptual_maps_grow_lighter_all_the_way(name):
    light = colour_map(np.linspace(0, 1, 64)[None], name)[0] @ (0.2126, 0.7152, 0.0722)
    assert (np.diff(light) > 0).all()


def test_unknown_colours_are_told():
    with pytest.raises(InputError, match="one of viridis, magma, turbo, jet; got 'rainbow'"):
        colour_map(np.zeros((2, 2)), "rainbow")


def test_the_table_cannot_be_spoilt():
    with pytest.raises(ValueError):
        colour_table("viridis")[0] = 0


def test_four_region_colours_are_distinct():
    assert REGION_COLOURS == ("#E69F00", "#0072B2", "#009E73", "#CC79A7")
