"""Draws from Beta(β, β) that move steadily with β."""

import numpy as np
import pytest
from scipy.stats import kstest

from ricap_explorer.mixing import METHODS
from ricap_explorer.mixing.beta import draw_beta, draw_pixels

BETAS = np.geomspace(0.01, 100, 201)


@pytest.mark.parametrize("concentration", [0.2, 0.3, 1.0, 4.0])
def test_the_distribution_is_beta(concentration):
    drawn = draw_beta(np.random.default_rng(0), concentration, (100, 50))
    assert drawn.shape == (100, 50)
    assert kstest(drawn.ravel(), "beta", args=(concentration, concentration)).pvalue > 0.01


@pytest.mark.parametrize("seed", range(20))
def test_at_one_seed_a_draw_moves_to_the_centre_and_never_jumps(seed):
    away = np.array([draw_beta(np.random.default_rng(seed), beta, 2) for beta in BETAS]) - 0.5
    steps = np.diff(np.abs(away), axis=0)
    assert steps.max() < 1e-12 and steps.min() > -0.04, "nearer with every step, and by little"
    assert (np.sign(away) == np.sign(away[0])).all()


@pytest.mark.parametrize("concentration", [1e-300, 0.01, 0.3, 1.0, 50.0, 1e6])
def test_whole_pixels_are_the_rounded_draws(concentration):
    drawn = draw_beta(np.random.default_rng(3), concentration, (2000, 2))
    assert (draw_pixels(np.random.default_rng(3), concentration, 31, (2000, 2)) == np.rint(31 * drawn)).all()


@pytest.mark.parametrize("method", ["ricap", "cutmix", "mixup"])
def test_what_is_drawn_next_does_not_depend_on_beta(method):
    left = []
    for value in (0.1, 1.0, 30.0):
        rng = np.random.default_rng(5)
        METHODS[method](value).plan(8, (32, 32), rng)
        left.append(rng.random())
    assert len(set(left)) == 1
