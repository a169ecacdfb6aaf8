"""DenseNet-BC: what goes in comes out again beside the new channels; transitions compress."""

import pytest
import torch

from ricap_explorer.models import create_model


def test_a_layer_keeps_its_input_and_adds_its_growth():
    model = create_model("densenet_bc", depth=10, growth_rate=3).eval()
    layer = model.features.block1[0]
    x = torch.randn(2, 6, 8, 8)
    with torch.inference_mode():
        y = layer(x)
    assert y.shape == (2, 9, 8, 8) and torch.equal(y[:, :6], x)


@pytest.mark.parametrize(("compression", "kept"), [(0.5, (6, 6)), (1.0, (12, 18)), (0.25, (3, 2))])
def test_transitions_keep_their_share_of_the_channels(compression, kept):
    model = create_model("densenet_bc", depth=16, growth_rate=3, compression=compression)
    assert [model.features.get_submodule(f"transition{i}")[1].out_channels for i in (1, 2)] == list(kept)
    assert model.classifier.in_features == kept[1] + 6


def test_each_transition_halves_the_map():
    model = create_model("densenet_bc", depth=10, growth_rate=4).eval()
    with torch.inference_mode():
        assert model.features(torch.randn(1, 3, 32, 48)).shape[2:] == (8, 12)
