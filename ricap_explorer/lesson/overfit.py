"""Over-fitting: polynomials fitted to noisy points of a known curve, and how they err on points they never saw."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.polynomial.legendre import legval, legvander

from ..errors import InputError

DEGREES = (0, 15)  # least and largest
POINTS = (5, 200)
TEST_POINTS = 200
NOISE = 0.25  # standard deviation
GOLDEN = (5**0.5 - 1) / 2  # steps of which fill a circle evenly, however many have been made


@dataclass(frozen=True)
class Fit:
    """A polynomial of least squares. x, y: (points,) it was fitted to; grid, curve: (G,) its values in between.

    train, test: its root-mean-square error at every degree, from 0 to the largest, on the same points.
    """

    degree: int
    x: np.ndarray
    y: np.ndarray
    grid: np.ndarray
    curve: np.ndarray
    train: list[float]
    test: list[float]


def truth(x: np.ndarray) -> np.ndarray:
    """The curve that the points scatter about, on [-1, 1]."""
    return np.sin(np.pi * x)


def sample(count: int, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Places spread over [-1, 1] from a random start, and noisy values of the curve: two arrays of (count,)."""
    x = 2 * ((rng.random() + GOLDEN * np.arange(count)) % 1) - 1
    return x, truth(x) + rng.normal(0, NOISE, count)


def coefficients(x: np.ndarray, y: np.ndarray, degree: int) -> np.ndarray:
    """Least squares in Legendre's polynomials, which keep high degrees stable: (n,), (n,) -> (degree + 1,).

    Where the points leave several, the smallest coefficients.
    """
    return np.linalg.lstsq(legvander(x, degree), y, rcond=None)[0]


def fit(degree: int, points: int, rng: np.random.Generator) -> Fit:
    """Fit `points` noisy points. More points from an equal generator hold the fewer; the test points stay."""
    _check("degree", degree, DEGREES)
    _check("points", points, POINTS)
    test_x, test_y = sample(TEST_POINTS, rng)
    x, y = (values[:points] for values in sample(POINTS[1], rng))
    grid = np.linspace(-1, 1, 201)
    fits = [coefficients(x, y, d) for d in range(DEGREES[1] + 1)]
    return Fit(
        degree,
        x,
        y,
        grid,
        legval(grid, fits[degree]),
        [_error(legval(x, fitted), y) for fitted in fits],
        [_error(legval(test_x, fitted), test_y) for fitted in fits],
    )


def _error(guess: np.ndarray, y: np.ndarray) -> float:
    return float(np.sqrt(np.mean((guess - y) ** 2)))


def _check(name: str, value: int, allowed: tuple[int, int]) -> None:
    low, high = allowed
    if not isinstance(value, int) or isinstance(value, bool) or not low <= value <= high:
        raise InputError(f"{name} must be a whole number from {low} to {high}; got {value!r}")
