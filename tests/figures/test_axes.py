"""Scales, ticks and names that keep apart: properties on many random cases."""

import math
from itertools import pairwise

import pytest

from ricap_explorer.figures.axes import MOST, Scale, spread, value_scale


@pytest.mark.parametrize("log", [False, True])
def test_a_scale_keeps_its_ends_and_the_order(log, rng):
    for _ in range(200):
        low = float(10 ** rng.uniform(-3, 3))
        high = low * float(1 + 10 ** rng.uniform(-2, 3))
        scale = Scale(low, high, 300.0, 12.0, log)
        assert scale(low) == pytest.approx(300) and scale(high) == pytest.approx(12)
        places = [scale(low + share * (high - low)) for share in (0, 0.1, 0.5, 1)]
        assert places == sorted(places, reverse=True)


@pytest.mark.parametrize("log", [False, True])
def test_ticks_are_few_round_and_inside(log, rng):
    for _ in range(500):
        low = float(10 ** rng.uniform(-3, 3))
        high = low * float(1 + 10 ** rng.uniform(-1.5, 3.5))
        ticks = Scale(low, high, 0, 1, log).ticks()
        assert 2 <= len(ticks) <= MOST + 1
        slack = 1e-6 * high
        assert all(low - slack <= tick <= high + slack for tick in ticks) and ticks == sorted(set(ticks))
        assert all(math.isclose(tick, float(f"{tick:.4g}"), rel_tol=1e-9) for tick in ticks)


def test_a_value_scale_holds_its_values_even_a_single_one(rng):
    for values in ([5.0], [0.0], [3.0, 3.0], list(rng.uniform(0, 80, 9))):
        scale = value_scale(values, log=False)
        assert scale.low < scale.high and scale.low <= min(values) and max(values) <= scale.high
    assert value_scale([1.0, 2.0], log=False).low >= 0, "an error is never negative"
    log = value_scale([0.5], log=True)
    assert 0 < log.low < 0.5 < log.high


def test_names_keep_apart_and_stay_inside(rng):
    for count in (1, 2, 7, 12):
        places = [float(place) for place in rng.uniform(-20, 320, count)]
        moved = spread(places, 16, 10, 300)
        assert all(b - a >= 16 - 1e-9 for a, b in pairwise(sorted(moved)))
        assert all(10 <= place <= 300 for place in moved)
        by_place = sorted(range(count), key=lambda i: places[i])
        assert [moved[i] for i in by_place] == sorted(moved)


def test_names_that_are_apart_stay_where_they_are():
    assert spread([100.0, 20.0, 60.0], 16, 0, 300) == [100.0, 20.0, 60.0]
