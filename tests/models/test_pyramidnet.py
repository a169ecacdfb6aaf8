"""PyramidNet: channels grow evenly, shortcuts have no weights."""

import pytest
import torch
import torch.nn.functional as F

from ricap_explorer.models import create_model


def widths(**arguments):
    with torch.device("meta"):
        blocks = create_model("pyramidnet", **arguments).features.blocks
    return [block.residual[-1].num_features for block in blocks]


@pytest.mark.parametrize(("depth", "alpha"), [(20, 48), (38, 7), (110, 84), (110, 270)])
def test_channels_grow_evenly_from_16_to_16_and_alpha(depth, alpha):
    found, exact = widths(depth=depth, alpha=alpha, bottleneck=False), alpha / ((depth - 2) // 2)
    assert len(found) == (depth - 2) // 2 and found[-1] == 16 + alpha
    assert all(0 <= 16 + exact * k - width < 1 + 1e-9 for k, width in enumerate(found, 1))


def test_a_bottleneck_has_four_times_the_channels():
    plain = widths(depth=20, alpha=30, bottleneck=False)
    with_bottleneck = widths(depth=29, alpha=30, bottleneck=True)
    assert with_bottleneck == [4 * width for width in plain]


@pytest.mark.parametrize("bottleneck", [False, True])
@pytest.mark.parametrize("side", [8, 9])
def test_a_shortcut_averages_and_fills_up_with_zeros(bottleneck, side):
    model = create_model("pyramidnet", depth=29 if bottleneck else 20, alpha=30, bottleneck=bottleneck).eval()
    for stride, block in ((1, model.features.blocks[1]), (2, model.features.blocks[3])):
        last = block.residual[-1]
        x = torch.randn(2, block.residual[0].num_features, side, side)
        with torch.no_grad():
            last.weight.zero_()
            y = block(x)
        kept = x if stride == 1 else F.avg_pool2d(x, 2, ceil_mode=True)
        assert torch.equal(y[:, : x.shape[1]], kept) and not y[:, x.shape[1] :].any()
        assert y.shape[1] == last.num_features > x.shape[1]
