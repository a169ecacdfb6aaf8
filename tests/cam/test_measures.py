"""Measures on maps made by hand."""

import numpy as np
import pytest
import torch

from ricap_explorer.cam import area_above_half, entropy, mass_share, mass_shares, positive, problem, upscale
from ricap_explorer.errors import InputError
from ricap_explorer.mixing import Box, Ricap

NO_MASS = [np.zeros((3, 4)), -np.ones((3, 4)), np.full((3, 4), np.nan), np.full((3, 4), -np.inf)]


@pytest.mark.parametrize(("source", "target"), [((12, 12), (192, 192)), ((5, 7), (33, 64)), ((1, 1), (9, 4)),
                                                ((6, 6), (6, 6)), ((12, 9), (5, 4))])  # fmt: skip
def test_upscale_equals_torch(rng, source, target):
    values = rng.normal(size=source).astype(np.float32)
    reference = torch.nn.functional.interpolate(
        torch.from_numpy(values)[None, None], target, mode="bilinear", align_corners=False
    )
    large = upscale(values, target)
    assert large.dtype == np.float32
    np.testing.assert_allclose(large, reference[0, 0].numpy(), atol=1e-5)


def test_nan_spoils_its_neighbourhood_only(rng):
    values = rng.random((12, 12))
    values[0, 0] = np.nan
    large = upscale(values, (192, 192))
    assert np.isnan(large[:8, :8]).all() and np.isfinite(large[32:, 32:]).all()


def test_positive_drops_the_rest():
    values = np.array([[1.0, -1.0], [np.nan, np.inf]])
    assert positive(values).tolist() == [[1, 0], [0, 0]]


def test_even_mass_is_shared_by_area():
    box = Box(top=3, left=5, height=10, width=7)
    assert mass_share(np.full((4, 4), 2.5), box, (32, 24)) == pytest.approx(70 / (32 * 24), rel=1e-6)


def test_mass_lies_where_the_map_is_positive():
    values = np.array([[4.0, -4.0], [-4.0, -4.0]])
    assert mass_share(values, Box(0, 0, 16, 16), (32, 32)) == 1
    assert mass_share(values, Box(16, 16, 16, 16), (32, 32)) == 0
    assert mass_share(values, Box(5, 5, 0, 9), (32, 32)) == 0


def test_two_even_peaks_share_evenly():
    values = np.zeros((8, 8))
    values[1, 1] = values[6, 6] = 3
    assert mass_share(values, Box(0, 0, 24, 24), (48, 48)) == pytest.approx(0.5)
    assert mass_share(values, Box(0, 0, 24, 48), (48, 48)) == pytest.approx(0.5)


@pytest.mark.parametrize("seed", range(6))
def test_the_four_regions_share_everything(seed):
    rng = np.random.default_rng(seed)
    plan = Ricap(0.3).plan(1, (32, 24), rng)
    values = rng.normal(size=(4, 3))
    values[0, 0] = np.nan if seed % 2 else 1
    shares = mass_shares(values, [patch.paste for patch in plan.patches], (32, 24))
    assert sum(shares) == pytest.approx(1)
    assert all(share == 0 for share, patch in zip(shares, plan.patches, strict=True) if patch.weight == 0)


@pytest.mark.parametrize("values", NO_MASS)
def test_no_mass_is_none_and_told(values):
    assert mass_share(values, Box(0, 0, 4, 4), (8, 8)) is None
    assert area_above_half(values) is None
    assert entropy(values) is None
    assert problem(values).endswith(".")


@pytest.mark.parametrize("box", [Box(0, 0, 9, 4), Box(0, 5, 4, 4), Box(-1, 0, 4, 4)])
def test_a_box_outside_the_canvas_is_told(box):
    with pytest.raises(InputError, match="inside the 8 x 8 canvas"):
        mass_share(np.ones((2, 2)), box, (8, 8))


def test_area_above_half():
    assert area_above_half(np.array([[4.0, 2.0, 2.1, -9.0]])) == 0.5
    assert area_above_half(np.ones((3, 3))) == 1


def test_entropy_runs_from_one_cell_to_all():
    one = np.zeros((4, 4))
    one[2, 1] = 5
    assert entropy(one) == 0
    assert entropy(np.full((4, 4), 0.3)) == pytest.approx(1)
    half = np.repeat([1.0, -1.0], 8).reshape(4, 4)
    assert entropy(half) == pytest.approx(0.75)  # log 8 / log 16
    assert entropy(np.ones((1, 1))) == 0


def test_a_good_map_has_no_problem():
    assert problem(np.array([[-1.0, 1.0]])) is None
    assert "not numbers" in problem(np.array([[np.nan, 1.0]]))
