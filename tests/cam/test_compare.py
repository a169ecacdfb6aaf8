"""Several networks on one image."""

import numpy as np
import pytest
import torch

from ricap_explorer.cam import View, class_maps, equal_mass, inspect, scale_limits, top
from ricap_explorer.data import normalise, square_image, to_tensor
from ricap_explorer.errors import InputError

CARD = {"method": "ricap", "image_size": 64, "mean": [0.4, 0.5, 0.6], "std": [0.2, 0.3, 0.25], "classes": list("abcde")}


def view(*peaks: float) -> View:
    maps = np.stack([np.full((2, 2), peak, np.float32) for peak in peaks])
    return View("m", ("a", "b"), np.array([0.5, 0.5], np.float32), tuple(range(len(peaks))), maps, 0.0)


def test_inspect_shows_the_card_s_image(network, picture):
    image = picture(90, 70)
    found = inspect(network, image, CARD, [4, None], title="mine")
    pixels = to_tensor(square_image(image, 64))
    logits, maps = class_maps(network, normalise(pixels[None], CARD["mean"], CARD["std"]), [4, None])
    np.testing.assert_array_equal(found.maps, maps.numpy())
    np.testing.assert_allclose(found.probabilities, logits.softmax(0).numpy(), rtol=1e-6)
    assert found.classes == (4, found.probabilities.argmax())
    assert (found.title, found.class_names) == ("mine", tuple("abcde"))
    assert 0 < found.seconds < 60 and found.probabilities.sum() == pytest.approx(1)


def test_a_picture_and_its_pixels_are_seen_alike(network, picture):
    for side in (64, 80):
        square = square_image(picture(90, 70), side)
        a, b = inspect(network, square, CARD), inspect(network, to_tensor(square), CARD)
        np.testing.assert_array_equal(a.maps, b.maps)
    assert a.title == "ricap" and a.classes == (a.probabilities.argmax(),)


def test_any_mode_of_picture(network, picture):
    assert inspect(network, picture().convert("LA"), CARD).maps.shape == (1, 4, 4)


@pytest.mark.parametrize("image", [torch.zeros(3, 64, 64), torch.zeros(1, 3, 64, 64, dtype=torch.uint8)])
def test_other_tensors_are_refused(network, image):
    with pytest.raises(InputError, match="uint8"):
        inspect(network, image, CARD)


def test_top_is_sorted_and_survives_nan():
    assert top(np.array([0.2, 0.5, 0.3]), 2, "abc") == [("b", 0.5), ("c", 0.3)]
    assert top(np.array([0.5, 0.5]), 5, "ab") == [("a", 0.5), ("b", 0.5)]
    assert [name for name, _ in top(np.full(2, np.nan), 5, "ab")] == ["a", "b"]


def test_scale_limits():
    views = [view(1, 3), view(2, -5)]
    assert scale_limits(views, shared=False) == [3, 2]
    assert scale_limits(views, shared=True) == [3, 3]
    assert scale_limits([], shared=True) == []
    assert scale_limits([view(-1), view(np.nan)], shared=True) == [0, 0]
    assert scale_limits([view(np.nan), view(2)], shared=True) == [2, 2]


def test_a_map_that_cannot_be_shown_sets_no_scale():
    broken = view(1e6)
    broken.maps[0, 0, 0] = np.nan
    assert scale_limits([broken, view(2)], shared=True) == [2, 2]


def test_maps_of_equal_mass_are_in_multiples_of_their_mean():
    views = [view(1, 3), view(2, -5), view(-1), view(np.nan, 4)]
    scaled = equal_mass(views)
    for one, own in zip(scaled, views, strict=True):
        mean = np.maximum(np.nan_to_num(own.maps), 0).mean()
        np.testing.assert_allclose(one.maps, own.maps / mean if mean > 0 else own.maps, rtol=1e-6)
    assert [float(np.maximum(one.maps, 0).mean()) for one in scaled[:2]] == pytest.approx([1, 1])
    assert scaled[2].maps is views[2].maps
    assert equal_mass([]) == []
