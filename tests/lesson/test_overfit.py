"""The polynomial that over-fits: against numpy's plain least squares, and what must hold for any points."""

import numpy as np
import pytest

from ricap_explorer.errors import InputError
from ricap_explorer.lesson.overfit import DEGREES, NOISE, POINTS, coefficients, fit, sample, truth


def fits(degree: int, points: int, seeds: int = 12) -> list:
    return [fit(degree, points, np.random.default_rng(seed)) for seed in range(seeds)]


def test_fit_is_least_squares(rng):
    x, y = sample(40, rng)
    for degree in range(8):
        expected = np.polyval(np.polyfit(x, y, degree), x)
        assert np.allclose(np.polynomial.legendre.legval(x, coefficients(x, y, degree)), expected, atol=1e-9)


def test_errors_are_those_of_the_curve_shown():
    for seed, degree in enumerate((0, 3, 9, 15)):
        shown = fit(degree, 30, np.random.default_rng(seed))
        at = np.polynomial.legendre.legval(shown.x, coefficients(shown.x, shown.y, degree))
        assert shown.train[degree] == pytest.approx(np.sqrt(np.mean((at - shown.y) ** 2)))
        assert np.allclose(np.interp(shown.x, shown.grid, shown.curve), at, atol=0.3 * np.ptp(shown.curve))


def test_training_error_never_grows_with_the_degree():
    for shown in fits(0, 25):
        assert all(after <= before + 1e-9 for before, after in zip(shown.train, shown.train[1:], strict=False))


def test_a_polynomial_of_enough_terms_meets_every_point():
    for shown in fits(11, 12):
        assert shown.train[11] < 1e-6


def test_over_fitting_errs_on_new_points_and_more_points_mend_it():
    few, fair, many = fits(11, 12), fits(3, 12), fits(11, 200)
    for bad, good, mended in zip(few, fair, many, strict=True):
        assert bad.test[11] > max(good.test[3], mended.test[11]) > bad.train[11]
        assert mended.test[11] < 1.5 * NOISE


def test_more_points_hold_the_fewer():
    few, many = (fit(3, count, np.random.default_rng(4)) for count in (10, 150))
    assert np.array_equal(many.x[:10], few.x) and np.array_equal(many.y[:10], few.y)


def test_points_scatter_about_the_curve(rng):
    x, y = sample(20_000, rng)
    assert abs(x).max() <= 1 and abs(x.mean()) < 0.02
    assert (y - truth(x)).std() == pytest.approx(NOISE, rel=0.03)


@pytest.mark.parametrize(
    ("degree", "points", "name"),
    [
        (DEGREES[0] - 1, 12, "degree"), (DEGREES[1] + 1, 12, "degree"), ("3", 12, "degree"), (None, 12, "degree"),
        (True, 12, "degree"), (3, POINTS[0] - 1, "points"), (3, POINTS[1] + 1, "points"), (3, 12.0, "points"),
    ],
)  # fmt: skip
def test_bad_input_is_told(degree, points, name):
    with pytest.raises(InputError, match=f"^{name} must be a whole number from "):
        fit(degree, points, np.random.default_rng(0))
