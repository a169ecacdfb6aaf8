"""Wide and plain pre-activation ResNets: dropout, shortcuts, and what they have in common."""

import pytest
import torch
from torch import nn

from ricap_explorer.models import create_model


def drops(model):
    return [module.p for module in model.modules() if isinstance(module, nn.Dropout)]


def test_every_block_drops_the_share_that_is_asked_for():
    model = create_model("wide_resnet", depth=16, width=1, dropout=0.25)
    assert drops(model) == [0.25] * 6
    assert not any(drops(create_model("preact_resnet", depth=8)))


@pytest.mark.parametrize("dropout", [0.0, 0.5])
def test_dropout_is_random_in_training_and_absent_otherwise(dropout):
    torch.manual_seed(0)
    model = create_model("wide_resnet", depth=10, width=1, dropout=dropout)
    images = torch.randn(4, 3, 32, 32)
    with torch.no_grad():
        assert torch.equal(model(images), model(images)) is (dropout == 0)
        model.eval()
        assert torch.equal(model(images), model(images))


def test_without_width_and_dropout_it_is_the_plain_network():
    wide = create_model("wide_resnet", depth=16, width=1, dropout=0.0).eval()
    plain = create_model("preact_resnet", depth=14, base_width=16).eval()
    plain.load_state_dict(wide.state_dict())
    images = torch.randn(2, 3, 32, 32)
    with torch.inference_mode():
        assert torch.equal(wide(images), plain(images))


def test_convolutions_start_with_the_variance_of_their_fan_out():
    torch.manual_seed(0)
    model = create_model("wide_resnet", depth=10, width=4)
    convolutions = [module for module in model.modules() if isinstance(module, nn.Conv2d)]
    for convolution in convolutions[1:]:
        fan_out = convolution.out_channels * convolution.kernel_size[0] ** 2
        assert convolution.weight.std().item() == pytest.approx((2 / fan_out) ** 0.5, rel=0.1)
    assert len(convolutions) == 10 and not model.classifier.bias.any()


def test_a_shortcut_without_convolution_passes_the_input_itself():
    model = create_model("preact_resnet", depth=14, base_width=4).eval()
    same, changing = model.features.blocks[1], model.features.blocks[2]
    x = torch.randn(2, 4, 9, 9)
    with torch.no_grad():
        for block in (same, changing):
            block.residual[-1].weight.zero_()
        assert torch.equal(same(x), x)
        assert torch.equal(changing(x), changing.shortcut(torch.relu(changing.activate[0](x))))
    assert same.shortcut is None and changing(x).shape == (2, 8, 5, 5)
