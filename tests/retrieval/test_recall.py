"""Ranks beside a count by hand."""

import numpy as np
import pytest
import torch

from ricap_explorer.errors import InputError
from ricap_explorer.retrieval.recall import joined, ranks

OWNER = torch.tensor([0, 0, 1, 1, 1, 2])


def test_ranks_are_as_counted_by_hand():
    scores = torch.randn(3, 6, generator=torch.Generator().manual_seed(0))
    found = ranks(scores, OWNER)
    for image in range(3):
        order = sorted(range(6), key=lambda caption: -scores[image, caption])
        assert found.caption[image] == 1 + min(order.index(c) for c in range(6) if OWNER[c] == image)
    for caption in range(6):
        order = sorted(range(3), key=lambda image: -scores[image, caption])
        assert found.image[caption] == 1 + order.index(int(OWNER[caption]))


def test_a_network_that_tells_nothing_apart_finds_nothing():
    found = ranks(torch.ones(3, 6), OWNER)
    assert found.image.tolist() == [3] * 6 and found.caption.tolist() == [5, 4, 6], "after all that are not its own"
    for bad in (torch.nan, torch.inf):
        with pytest.raises(InputError, match="must be finite; it is not: try a lower --lr"):
            ranks(torch.full((3, 6), bad), OWNER)


def test_recall_is_a_share_of_an_images_captions():
    scores = torch.tensor([[9.0, 3, 1, 1, 1, 1], [0, 4, 9, 0, 0, 2], [0, 5, 0, 2, 8, 9]])
    found = ranks(scores, OWNER)
    assert found.caption.tolist() == [1, 1, 1] and found.image.tolist() == [1, 3, 1, 3, 3, 1]
    measures = found.measures()
    np.testing.assert_allclose(measures["i1"], [1 / 2, 1 / 3, 1])
    np.testing.assert_allclose(measures["i5"], [1, 1, 1])
    assert measures["c1"].tolist() == [1, 1, 1] and found.medians() == {"cm": 1.0, "im": 2.0}


def test_parts_are_joined_image_by_image():
    one, other = (ranks(torch.randn(3, 6), OWNER) for _ in range(2))
    both = joined([one, other])
    assert both.owner.tolist() == [0, 0, 1, 1, 1, 2, 3, 3, 4, 4, 4, 5]
    for name, values in both.measures().items():
        np.testing.assert_array_equal(values, np.concatenate([one.measures()[name], other.measures()[name]]))
