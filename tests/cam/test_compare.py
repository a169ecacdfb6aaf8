"""Several networks on one image."""

import numpy as np
import pytest

from ricap_explorer.cam import View, class_maps, equal_mass, inspect, scale_limits, top
from ricap_explorer.data import normalise, square_image, to_tensor

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


def test_without_more_it_is_the_method_s_name_and_the_networks_own_answer(network, picture):
    found = inspect(network, picture(90, 70), CARD)
    assert found.title == "ricap" and found.classes == (found.probabilities.argmax(),)


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
