"""Probes against slow ways to do the same, on networks whose maps are known beforehand."""

from dataclasses import replace

import numpy as np
import pytest
import torch

from ricap_explorer.cam.sample import Sample
from ricap_explorer.data import Resident
from ricap_explorer.evidence import MEASURES
from ricap_explorer.evidence.focus import BETA, _of_patch, centred, draw_sources, mean_focus, patched, quarters
from ricap_explorer.evidence.measures import TOGETHER
from ricap_explorer.evidence.numbers import _of_families
from ricap_explorer.evidence.orders import centre_blob, random_maps
from ricap_explorer.evidence.probes import Subject, _answers, _central, _occluded, probe
from ricap_explorer.mixing.ricap import draw_one
from ricap_explorer.models import create_model

CARD = {"image_size": 48, "mean": [0.4, 0.5, 0.6], "std": [0.2, 0.3, 0.25]}
CPU = torch.device("cpu")


@pytest.fixture(scope="module")
def subject() -> Subject:
    torch.manual_seed(0)
    model = create_model("looknet", num_classes=4, width=8, depth=1)
    torch.nn.init.normal_(model.classifier.weight)
    return Subject(model.eval(), CARD, CARD["image_size"])


class Red(torch.nn.Module):
    """Two classes, red and blue: the mean over cells of 8 x 8 pixels of how much of them is plainly of the colour."""

    def __init__(self):
        super().__init__()
        self.cells = self.cam_layer = torch.nn.Sequential(torch.nn.AvgPool2d(8), torch.nn.Softshrink(0.5))
        self.classifier = torch.nn.Linear(3, 2, bias=False)
        self.classifier.weight.data = torch.tensor([[20.0, 0.0, -20.0], [-20.0, 0.0, 20.0]])

    def forward(self, x):
        return self.classifier(self.cells(x).mean((2, 3)))


@pytest.fixture(scope="module")
def red() -> Subject:
    return Subject(Red().eval(), {"image_size": 32, "mean": [0.5] * 3, "std": [0.5] * 3}, 32)


def coloured(place, colour, size=32, patch=8):
    """A grey picture with one square of a colour; (3, size, size) uint8."""
    image = torch.full((3, size, size), 127, dtype=torch.uint8)
    top, left = place
    image[:, top : top + patch, left : left + patch] = torch.tensor(colour, dtype=torch.uint8)[:, None, None]
    return image


RED, BLUE = (255, 127, 0), (0, 127, 255)
CORNERS = [(0, 0), (0, 24), (24, 0), (24, 24)]


def test_what_a_map_points_at_is_what_is_hidden_and_shown(red):
    """All evidence lies in one corner, where the map points, and neither chance nor a blob in the centre does."""
    images = torch.stack([coloured(place, RED) for place in CORNERS])
    found = probe(red, images, torch.zeros(4, dtype=torch.int64), np.random.default_rng(0))
    for other in ("random", "centre"):
        assert found["deletion.own"].mean() < found[f"deletion.{other}"].mean()
        assert found["insertion.own"].mean() > found[f"insertion.{other}"].mean()
    mixed = coloured((0, 0), RED)
    mixed[:, 24:, 24:] = coloured((24, 24), (20, 127, 235))[:, 24:, 24:]  # a little blue is left where the red is gone
    found = probe(red, mixed.expand(4, -1, -1, -1), torch.zeros(4, dtype=torch.int64), np.random.default_rng(0))
    assert (found["hidden.own.10"] == 1).all() and found["hidden.none"].sum() == 0
    assert (found["hidden.centre.10"] == 0).all()


def test_each_class_is_looked_for_in_its_own_quarter(red):
    patch = torch.full((3, 32, 32), 127, dtype=torch.uint8)
    for box, colour in zip(quarters(32), (RED, BLUE, RED, BLUE), strict=True):
        patch[(slice(None), *box.index)] = torch.tensor(colour, dtype=torch.uint8)[:, None, None]
    right, wrong = (mean_focus(red, patch[None], np.array([classes]))[0] for classes in ((0, 1, 0, 1), (1, 0, 1, 0)))
    assert right == pytest.approx(0.5, abs=0.05) and wrong < 0.1  # two quarters are of each class


def test_maps_are_compared_at_one_size(red):
    images = torch.stack([coloured((0, 0), RED), coloured((8, 8), RED)])
    small, large = (
        probe(replace(red, map_size=size), images, torch.zeros(2, dtype=torch.int64), np.random.default_rng(0))
        for size in (32, 64)
    )
    assert small["area"].tolist() == [1 / 16] * 2 and large["area"].tolist() == [4 / 64] * 2
    assert (small["entropy"] < large["entropy"]).all()
    for name in ("hidden.own.10", "drop.own", "confidence"):
        np.testing.assert_array_equal(small[name], large[name])


def test_a_difference_is_its_own_map_s_number_minus_the_other_s_or_an_error_minus_that_of_whole_images():
    parts = {name: measure.parts for name, measure in MEASURES.items() if measure.parts}
    assert parts["hidden.net.20"] == ("hidden.own.20", "hidden.random.20")
    assert parts["drop.lead"] == ("drop.own", "drop.centre")
    assert parts["grey.extra.60"] == ("grey.60", "hidden.none") and len(parts) == 14 + 5 + 6
    assert parts["hidden.apart.10"] == ("hidden.own.10", "hidden.all.10")
    assert parts["hidden.all.extra.30"] == ("hidden.all.30", "hidden.none")
    assert all(pair <= set(MEASURES) for pair in map(set, parts.values()))


@pytest.fixture(scope="module")
def batch():
    generator = torch.Generator().manual_seed(1)
    return torch.randint(0, 256, (6, 3, 64, 64), dtype=torch.uint8, generator=generator), torch.arange(6) % 4


def test_a_probe_measures_everything_but_what_needs_all_images_or_networks(subject, batch, rng):
    found = probe(subject, *batch, rng)
    assert set(found) == {name for name, measure in MEASURES.items() if not measure.parts} - {"focus", "ece", *TOGETHER}
    assert all(values.shape == (6,) for values in found.values())
    errors = [name for name in found if MEASURES[name].title.startswith("error")]
    assert all(set(found[name].tolist()) <= {0.0, 1.0} for name in errors)


def test_one_seed_one_measurement_whatever_the_network(subject, batch):
    one, two = (probe(subject, *batch, np.random.default_rng(3)) for _ in range(2))
    other = probe(subject, *batch, np.random.default_rng(4))
    for name in one:
        np.testing.assert_array_equal(one[name], two[name])
    assert any((one[name] != other[name]).any() for name in ("deletion.random", "insertion.random"))
    np.testing.assert_array_equal(one["area"], other["area"])  # chance touches squares and random maps only


def test_errors_are_counted_against_the_truth(subject, batch, rng):
    images, _ = batch
    right = probe(subject, images, torch.zeros(6, dtype=torch.int64), rng)
    pixels = subject.seen(images)
    with torch.inference_mode():
        answers = subject.model(pixels).argmax(1)
    np.testing.assert_array_equal(right["hidden.none"], (answers != 0).float().numpy())


@pytest.mark.parametrize("share", [0.2, 0.6, 1.0])
def test_a_square_of_its_size_lies_inside(share):
    corners = np.array([[0.0, 0.0], [0.999999, 0.999999], [0.5, 0.1]])
    covered = _occluded(torch.ones(3, 3, 40, 40), corners, share) == 0
    side = round(40 * share)
    assert covered[:, 0].sum((1, 2)).tolist() == [side**2] * 3
    assert covered[0, 0, :side, :side].all() and covered[1, 0, 40 - side :, 40 - side :].all()
    for one in covered[:, 0]:
        rows, columns = one.any(1).nonzero(), one.any(0).nonzero()
        assert len(rows) == len(columns) == side
        assert one[rows[0] : rows[0] + side, columns[0] : columns[0] + side].all()
    assert torch.equal(covered[:, 0], covered[:, 2])


def test_the_cross_entropy_is_that_of_the_logits():
    logits, labels = torch.randn(9, 4, generator=torch.Generator().manual_seed(2)), torch.arange(9) % 4
    expected = torch.nn.functional.cross_entropy(logits, labels, reduction="none")
    assert _answers(logits.softmax(1), labels)["loss"] == pytest.approx(expected.numpy(), rel=1e-4)


def test_a_centre_crop_keeps_its_share():
    top, left, height, width = _central(torch.zeros(2, 3, 80, 60), 0.5)[1].tolist()
    assert (top, left, height, width) == (20, 15, 40, 30)


def test_maps_that_know_nothing(rng):
    blob = centre_blob(2, CPU)
    assert torch.equal(blob[0], blob[1]) and torch.allclose(blob[0], blob[0].flip(0)) and blob[0].argmax() in (119, 120)
    chance = random_maps(3, (4, 5), rng, CPU)
    assert chance.shape == (3, 4, 5) and 0 <= chance.min() and chance.max() < 1


def test_patches_are_as_large_as_the_images_are():
    """Those of CIFAR lie in memory at 32 px, whatever size a network's card says."""
    images = torch.randint(0, 256, (4, 3, 32, 32), dtype=torch.uint8)
    sample = Sample(Resident(images, torch.arange(4), tuple("abcd")), np.arange(4), 64)
    patches, classes = next(patched(sample, np.array([[3, 1, 0, 2]])))
    assert patches.shape == (1, 3, 32, 32) and classes.tolist() == [[3, 1, 0, 2]]


def test_focus_is_one_for_maps_in_their_own_quarters_and_a_quarter_for_even_ones():
    maps = np.zeros((4, 8, 8), np.float32)
    for k, box in enumerate(quarters(8)):
        maps[k][box.index] = 1
    assert _of_patch(maps, 8) == pytest.approx(1)
    assert _of_patch(np.ones((4, 6, 6)), 48) == pytest.approx(0.25)
    assert _of_patch(np.roll(maps, 1, axis=0), 8) == pytest.approx(0)
    assert _of_patch(-np.ones((4, 6, 6)), 48) == 0
    assert _of_patch(np.concatenate([maps[:2], -maps[2:]]), 8) == pytest.approx(0.5), "no mass is none in its quarter"


@pytest.mark.parametrize("side", [32, 33, 144, 225, 2048])
def test_every_patch_has_its_boundary_at_the_centre(side):
    for seed in range(20):
        plan = centred(seed, side)
        assert plan.boundary == (side // 2, side // 2)
        assert tuple(patch.paste for patch in plan.patches) == quarters(side)
        assert side % 2 or side > 225 or plan == draw_one(BETA, seed, side), "as drawn, where that is the centre"


def test_patches_are_of_four_classes_and_fixed_by_their_seed():
    labels = np.repeat(np.arange(5), 7)
    (one, families), (two, _) = (draw_sources(labels, 20, np.random.default_rng(0)) for _ in range(2))
    assert one.shape == (20, 4) and np.array_equal(one, two)
    assert all(len(set(labels[four])) == 4 for four in one)
    none, _ = draw_sources(labels[:21], 20, np.random.default_rng(0))
    assert none.shape == (0, 4), "three classes make none"
    used = [set(one[families == j].ravel()) for j in range(7)]
    assert set(families) == set(range(7)) and sum(map(len, used)) == len(set.union(*used)), "families share no image"


def test_patches_are_of_any_four_classes():
    labels = np.repeat(np.arange(7), 20)
    sources, _ = draw_sources(labels, 60, np.random.default_rng(1))
    assert set(labels[sources].ravel()) == set(range(7))


def test_there_are_no_more_families_than_the_smallest_class_has_images():
    labels = np.repeat(np.arange(5), [9, 30, 4, 12, 6])
    sources, families = draw_sources(labels, 40, np.random.default_rng(0))
    used = [set(sources[families == j].ravel()) for j in range(4)]
    assert set(families) == set(range(4)) and sum(map(len, used)) == len(set.union(*used))


def test_families_count_as_one():
    means = _of_families(np.array([1.0, 2.0, 3.0, 5.0]), np.array([0, 1, 0, 1]))
    assert means.tolist() == [2.0, 3.5]
    assert np.isnan(_of_families(np.empty(0), np.empty(0, int))).tolist() == [True]
