"""Hiding in a map's order against a slow loop; what the measures must say of networks made by hand."""

import numpy as np
import pytest
import torch
from torch import nn

from ricap_explorer.cam import faith
from ricap_explorer.cam.faith import curves, drop_and_increase, road
from ricap_explorer.cam.hide import filling, hide, hottest, probabilities, ranks, together
from ricap_explorer.cam.measures import upscale
from ricap_explorer.cam.methods import FILLS
from ricap_explorer.errors import InputError


class Corner(nn.Module):
    """Class 0's logit is the sum of red in the upper left quarter of a 16 x 16 image, class 1's is 0."""

    def __init__(self) -> None:
        super().__init__()
        self.classifier = nn.Linear(1, 2)

    def forward(self, x):
        evidence = x[:, 0, :8, :8].mean((1, 2)) * 4
        return torch.stack([evidence, torch.zeros_like(evidence)], 1)


IMAGES = torch.ones(2, 3, 16, 16)
RIGHT = torch.zeros(2, 4, 4)
RIGHT[:, :2, :2] = 1.0
WRONG = RIGHT.flip(1, 2)
CLASSES = torch.tensor([0, 0])


def test_curves_of_more_images_than_a_part_holds():
    many = IMAGES.repeat(40, 1, 1, 1)
    count = len(many)
    found = curves(Corner(), many, RIGHT.repeat(40, 1, 1), CLASSES.repeat(40), steps=2)
    few = curves(Corner(), IMAGES, RIGHT, CLASSES, steps=2)
    assert count > 64 and found.deletion.shape == (count, 3)
    np.testing.assert_allclose(found.insertion[: len(IMAGES)], few.insertion, atol=1e-6)


def test_large_pictures_go_through_the_network_one_by_one(monkeypatch):
    seen, ask = [], faith.probabilities
    monkeypatch.setattr(faith, "probabilities", lambda model, batch: seen.append(len(batch)) or ask(model, batch))
    whole = curves(Corner(), IMAGES[:1], RIGHT[:1], CLASSES[:1])
    assert set(seen) == {17}
    monkeypatch.setattr(faith, "AT_ONCE", 16 * 16)
    again = curves(Corner(), IMAGES[:1], RIGHT[:1], CLASSES[:1])
    assert set(seen[2:]) == {1}
    np.testing.assert_array_equal(whole.insertion, again.insertion)


def test_ranks_are_the_order_of_the_upscaled_map():
    maps = torch.randn(3, 4, 5, generator=torch.Generator().manual_seed(0))
    for values, found in zip(maps, ranks(maps, (16, 20)), strict=True):
        large = upscale(values.numpy(), (16, 20)).ravel()
        slow = sorted(range(320), key=lambda i: (-large[i], i))
        hot = np.isclose(large[slow], large[found.flatten().argsort().numpy()], atol=1e-5)
        assert hot.all() and sorted(found.flatten().tolist()) == list(range(320))


def test_maps_of_any_scale_and_grid_have_an_equal_say_together():
    large = torch.zeros(1, 8, 8)
    large[:, 4:, 4:] = 700.0
    found = together([RIGHT[:1], large], (16, 16))[0]
    assert found.shape == (16, 16) and found[:6, :6].mean() == pytest.approx(2.0) == found[10:, 10:].mean()
    assert found.mean() == pytest.approx(1.0)
    torch.testing.assert_close(together([RIGHT[:1] - 0.5 * (RIGHT[:1] == 0)], (4, 4)), 4 * RIGHT[:1])
    nowhere = -RIGHT[:1]
    assert torch.equal(together([nowhere, RIGHT[:1]], (4, 4)), 2 * RIGHT[:1]) and not together([nowhere], (4, 4)).any()


@pytest.mark.parametrize("fill", FILLS)
@pytest.mark.parametrize("share", [0, 0.25, 1])
def test_hides_exactly_the_share(fill, share):
    images = torch.randn(2, 3, 16, 16, generator=torch.Generator().manual_seed(1))
    hidden, filled = hide(images, RIGHT + torch.rand(2, 4, 4), share, fill), filling(images, fill)
    gone = (hidden != images).all(1)
    assert gone.sum((1, 2)).tolist() == [round(share * 256)] * 2
    assert torch.equal(hidden[:, 0][gone], filled[:, 0][gone]) and torch.equal(hidden[:, 0][~gone], images[:, 0][~gone])


def test_fills():
    images = torch.randn(1, 3, 24, 32, generator=torch.Generator().manual_seed(2))
    assert not filling(images).any()
    blurred = filling(images, "blur")
    assert blurred.shape == images.shape and blurred.std() < images.std() / 3
    torch.testing.assert_close(filling(torch.full((1, 3, 9, 9), 2.5), "blur"), torch.full((1, 3, 9, 9), 2.5))
    with pytest.raises(InputError, match="fill must be one of mean, blur"):
        filling(images, "grey")
    with pytest.raises(InputError, match="between 0 and 1; got 1.5"):
        hottest(ranks(RIGHT, (8, 8)), 1.5)


def test_a_true_map_is_told_from_a_wrong_one():
    good, bad = (curves(Corner(), IMAGES, maps, CLASSES, steps=8) for maps in (RIGHT, WRONG))
    for found in (good, bad):
        assert found.deletion.shape == found.insertion.shape == (2, 9)
        np.testing.assert_allclose(found.deletion[:, 0], found.insertion[:, -1], rtol=1e-6)
        np.testing.assert_allclose(found.deletion[:, -1], 0.5)
    assert (good.areas()[0] < bad.areas()[0]).all()
    drops = [drop_and_increase(Corner(), IMAGES, maps, CLASSES)[0] for maps in (RIGHT, WRONG)]
    assert (drops[0] < drops[1]).all()
    cornered = torch.nn.functional.pad(IMAGES[:, :, :8, :8], (0, 8, 0, 8))
    right, wrong = (road(Corner(), cornered, maps, CLASSES) for maps in (RIGHT, WRONG))
    assert right.shape == (2,) and (right > wrong + 0.1).all()


def test_the_area_of_a_curve_is_its_mean_height():
    from ricap_explorer.cam.faith import Curves

    line = np.linspace(0, 1, 5, dtype=np.float32)[None]
    deletion, insertion = Curves(np.ones_like(line), line).areas()
    assert (deletion.tolist(), insertion.tolist()) == ([1], [0.5])


def test_drop_is_the_lost_share_and_increase_says_whether_more_is_left():
    model, whole = Corner(), torch.ones(2, 4, 4)
    drop, increase = drop_and_increase(model, IMAGES, whole, CLASSES)
    assert drop.tolist() == increase.tolist() == [0, 0]
    drop, increase = drop_and_increase(model, IMAGES, WRONG, CLASSES)
    before, after = (torch.tensor([x, 0.0]).softmax(0)[0].item() for x in (4.0, 0.0))
    assert drop == pytest.approx([(before - after) / before] * 2, abs=0.02) and increase.tolist() == [0, 0]
    drop, increase = drop_and_increase(model, -IMAGES, WRONG, CLASSES)  # hiding the counter-evidence helps
    assert drop.tolist() == [0, 0] and increase.tolist() == [1, 1]


def test_a_class_without_any_probability_has_none_to_lose():
    drop, increase = drop_and_increase(Corner(), IMAGES * 100, WRONG, torch.tensor([1, 1]))
    assert drop.tolist() == [0, 0] and increase.tolist() == [1, 1]


def test_road_of_an_image_does_not_depend_on_its_batch(network):
    images = torch.randn(3, 3, 16, 16, generator=torch.Generator().manual_seed(1))
    maps = torch.rand(3, 4, 4, generator=torch.Generator().manual_seed(2))
    classes = torch.tensor([0, 1, 2])
    alone = [road(network, images[i : i + 1], maps[i : i + 1], classes[i : i + 1])[0] for i in range(3)]
    np.testing.assert_allclose(road(network, images, maps, classes), alone, rtol=1e-4, atol=1e-6)


def test_road_leaves_the_global_random_state_and_repeats(network):
    images = torch.randn(1, 3, 32, 32, generator=torch.Generator().manual_seed(3))
    maps, classes = torch.rand(1, 2, 2, generator=torch.Generator().manual_seed(4)), torch.tensor([1])
    before = torch.get_rng_state()
    first = road(network.train(), images, maps, classes)
    assert torch.equal(torch.get_rng_state(), before) and network.training
    torch.rand(7)
    np.testing.assert_array_equal(first, road(network, images, maps, classes))


def test_probabilities_do_not_depend_on_the_batch(network):
    images = torch.randn(5, 3, 32, 32, generator=torch.Generator().manual_seed(5))
    whole, parts = probabilities(network.train(), images), probabilities(network, images, 2)
    torch.testing.assert_close(whole, parts)
    torch.testing.assert_close(whole.sum(1), torch.ones(5))
    assert network.training and not whole.is_inference()
