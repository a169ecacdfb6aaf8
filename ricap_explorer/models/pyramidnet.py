"""Additive PyramidNet (Han et al. 2017, arXiv:1610.02915), which the RICAP paper calls Pyramidal ResNet.

Channels grow by the same amount in every one of the N blocks: block k has 16 + alpha * k / N. A block starts and ends
with a norm, without a ReLU at either end. Its shortcut has no weights: where the map is halved it averages, and
channels that it lacks are zeros. Depth 272 with alpha 200 and bottlenecks has 26.0 M parameters.

The sum is taken exactly and then rounded down: that gives the 26.0 M of the PyramidNet paper. Its authors' code rounds
to the nearest whole number, which gives 26.2 M.
"""

from collections import OrderedDict

import torch.nn.functional as F
from torch import Tensor, nn

from .checks import flag, repeats, whole
from .parts import PooledNetwork, conv, norm_relu

STEM = 16


class PyramidBlock(nn.Module):
    """Zero-padded shortcut + residual: (B, in_channels, H, W) -> (B, channels, H/stride, W/stride), rounded up."""

    def __init__(self, in_channels: int, channels: int, stride: int, layers: nn.Sequential) -> None:
        super().__init__()
        self.residual = nn.Sequential(nn.BatchNorm2d(in_channels), *layers, nn.BatchNorm2d(channels))
        self.shortcut = nn.Identity() if stride == 1 else nn.AvgPool2d(stride, ceil_mode=True)
        self.missing = channels - in_channels

    def forward(self, x: Tensor) -> Tensor:
        return F.pad(self.shortcut(x), (0, 0, 0, 0, 0, self.missing)) + self.residual(x)


def basic(in_channels: int, channels: int, stride: int) -> PyramidBlock:
    """Two 3 x 3 convolutions."""
    layers = (conv(in_channels, channels, 3, stride), norm_relu(channels), conv(channels, channels, 3))
    return PyramidBlock(in_channels, channels, stride, nn.Sequential(*layers))


def bottleneck_block(in_channels: int, channels: int, stride: int) -> PyramidBlock:
    """A 3 x 3 convolution of a quarter of the channels between two 1 x 1 convolutions."""
    inner = channels // 4
    layers = (
        conv(in_channels, inner, 1),
        norm_relu(inner),
        conv(inner, inner, 3, stride),
        norm_relu(inner),
        conv(inner, channels, 1),
    )
    return PyramidBlock(in_channels, channels, stride, nn.Sequential(*layers))


class PyramidNet(PooledNetwork):
    """(B, 3, H, W) normalised images -> (B, K) logits; the map is a quarter of the image's size.

    depth: 9n + 2, without bottleneck 6n + 2, for n blocks in each of three stages. alpha: how many channels are added
    from the stem's 16 to the last block; with bottleneck a block has four times its number of channels.
    """

    def __init__(self, num_classes: int = 10, depth: int = 272, alpha: int = 200, bottleneck: bool = True) -> None:
        block, layers, expansion = (bottleneck_block, 9, 4) if flag("bottleneck", bottleneck) else (basic, 6, 1)
        count = repeats(depth, layers, 2)
        whole("alpha", alpha, 1, 2000)
        widths = [expansion * (STEM + alpha * k // (3 * count)) for k in range(1, 3 * count + 1)]
        blocks = [
            block(before, channels, 2 if k in (count, 2 * count) else 1)
            for k, (before, channels) in enumerate(zip([STEM, *widths], widths, strict=False))
        ]
        features = OrderedDict(
            stem=nn.Sequential(conv(3, STEM, 3), nn.BatchNorm2d(STEM)),
            blocks=nn.Sequential(*blocks),
            last=norm_relu(widths[-1]),
        )
        super().__init__(nn.Sequential(features), widths[-1], num_classes)
