"""A map taken apart adds up to the map that the CAM tab draws, and to the network's answer."""

import numpy as np
import pytest
import torch

from ricap_explorer.cam.maps import class_maps
from ricap_explorer.lesson.activation import take_apart
from ricap_explorer.models import create_model


@pytest.fixture(scope="module")
def seen() -> tuple:
    torch.manual_seed(0)
    model = create_model("looknet", num_classes=5, width=8).eval()
    model.classifier.bias.data.normal_()
    return model, torch.randn(1, 3, 64, 48)


@pytest.mark.parametrize("k", [None, 3])
def test_terms_and_rest_are_the_map_and_its_mean_the_logit(seen, k):
    logits, maps = class_maps(*seen, (k,))
    apart = take_apart(*seen, k)
    assert apart.k == (int(logits.argmax()) if k is None else k)
    whole = sum(term.values for term in apart.terms) + apart.rest
    assert np.allclose(apart.values, maps[0], atol=1e-5) and np.allclose(whole, maps[0], atol=1e-5)
    assert apart.values.mean() + apart.bias == pytest.approx(float(logits[apart.k]), abs=1e-4)
    assert apart.probability == pytest.approx(float(logits.softmax(0)[apart.k]), abs=1e-5)


def test_terms_are_those_that_add_most(seen):
    apart = take_apart(*seen, 1, 4)
    every = take_apart(*seen, 1, 10**6)
    assert len(apart.terms) == 4 and apart.others == len(every.terms) - 4 and every.others == 0
    shares = [term.share for term in every.terms]
    assert shares == sorted(shares, reverse=True) and [term.share for term in apart.terms] == shares[:4]
    for term in apart.terms:
        assert term.values.mean() == pytest.approx(term.share, abs=1e-5)
    assert not np.abs(every.rest).max() > 1e-4
