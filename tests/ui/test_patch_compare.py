"""The same pictures under every method, and beta over many draws."""

import re

import numpy as np
import pytest
import torch

from ricap_explorer.data.normalise import MEAN, denormalise, normalise
from ricap_explorer.mixing.ricap import draw_one
from ricap_explorer.ui import patching
from ricap_explorer.ui.pictures import CANVAS
from ricap_explorer.ui.tabs import patch
from ricap_explorer.ui.tabs.patch_compare import betas, method_plans, methods, mosaic, spread

HOSTILE = "<img src=x onerror=alert(1)>"


@pytest.fixture
def plans():
    return method_plans(patch.OPENING)


def test_what_is_seen_is_the_picture_again(rng):
    pixels = torch.from_numpy(rng.integers(0, 256, (4, 3, 8, 8), dtype=np.uint8))
    assert np.array_equal(denormalise(normalise(pixels)), pixels.permute(0, 2, 3, 1).numpy())


def test_a_weight_has_the_digits_that_it_has_elsewhere(services, read):
    state = patch.OPENING | {"seed": "1"}
    weights = [region.weight for region in method_plans(state)["ricap"].patches]
    assert weights[3] == 0.3875 > float(np.float32(0.3875)), "half way, and in single precision below"
    assert f"{weights[3]:.3f} parachute" == "0.388 parachute" in read(methods(services, state))


def test_cutout_s_mask_has_the_mean_colour(plans):
    seen = denormalise(plans["cutout"].apply(normalise(torch.zeros(4, 3, CANVAS, CANVAS))))
    for image, box in zip(seen, plans["cutout"].boxes, strict=True):
        masked = image[box.index]
        assert masked.size and (masked == np.rint(np.array(MEAN) * 255)).all()
        assert (np.delete(image, range(box.top, box.top + box.height), axis=0) == 0).all()


def test_ricap_s_first_image_is_the_page_s_and_every_image_is_in_every_region_once(plans, services):
    patched = patching.patch(services, patching.SLOTS, patching.BETA, patching.SEED)
    assert [region.source[0] for region in plans["ricap"].patches] == [0, 1, 2, 3]
    assert [r.crop for r in plans["ricap"].patches] == [r.crop for r in patched.plan.patches]
    for region in plans["ricap"].patches:
        assert sorted(region.source) == [0, 1, 2, 3]


def test_the_row_names_every_method_and_labels_sum_to_one(services):
    markup = methods(services, patch.OPENING)
    assert re.findall(r"<h3>(\w+)</h3>", markup) == ["Standard", "cutout", "mixup", "CutMix", "RICAP"]
    for label in re.findall(r'<ul class="rx-terms">(.*?)</ul>', markup):
        assert sum(map(float, re.findall(r"<b>([\d.]+)</b>", label))) == pytest.approx(1, abs=0.002)
    assert markup.count("data:image/jpeg") == 5 * 4


def test_one_picture_in_every_slot_is_not_told_as_several(services, read):
    text = read(methods(services, patch.OPENING | {"slots": patching.SLOTS[:1] * 4}))
    assert "Four regions in this draw" in text and "Four images" not in text


def test_names_are_escaped(services, picture, tmp_path):
    picture().save(tmp_path / "a.png")
    added = services.pictures.add((tmp_path / "a.png").read_bytes(), HOSTILE)
    markup = methods(services, patch.OPENING | {"slots": [added.id, *patching.SLOTS[1:]]})
    assert "<img src=x" not in markup and "&lt;img src=x" in markup


@pytest.mark.parametrize("beta", [0.01, 0.3, 1, 100])
def test_spread_is_that_of_single_draws(beta):
    """Means over 10,000 draws at once agree with those of 400 plans, within five standard errors."""
    largest, visible = spread(beta, 0)
    weights = np.array([[p.weight for p in draw_one(beta, k, CANVAS).patches] for k in range(400)])
    for many, single in ((largest, weights.max(axis=1)), (visible, (weights >= 0.01).sum(axis=1))):
        assert abs(many.mean() - single.mean()) <= 5 * single.std() / 20 + 1e-3
    assert largest.min() >= 0.25 and largest.max() <= 1 and set(visible) <= {1, 2, 3, 4}


def test_a_mosaic_s_tiles_are_single_draws(rng):
    tiles = rng.integers(0, 256, (4, 24, 24, 3), dtype=np.uint8)
    grid = np.asarray(mosaic(tiles, 0.5, 3))
    plan = draw_one(0.5, 3 + 6, 24)  # second row, third column
    for region, tile in zip(plan.patches, tiles, strict=True):
        part = grid[28 : 28 + 24, 56 : 56 + 24][region.paste.index]
        assert np.array_equal(part, tile[region.crop.index])


def test_three_betas_side_by_side_the_page_s_first(services):
    for beta, others in (("0.3", ["0.1", "1"]), ("0.1", ["1", "10"]), ("7", ["0.1", "1"]), ("1e6", ["0.1", "1"])):
        markup = betas(services, patch.OPENING | {"beta": beta})
        assert re.findall(r"<h3>β = ([\de.+]+)", markup) == [f"{float(beta):.3g}", *others]
        assert markup.count("data-seed=") == 16
        assert "nan" not in re.sub(r'src="[^"]*"', "", markup)
