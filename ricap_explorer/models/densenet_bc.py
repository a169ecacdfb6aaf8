"""DenseNet-BC for small images (Huang et al. 2017, arXiv:1608.06993): every layer sees all maps before it.

B: a 1 x 1 convolution to four times the growth rate before each 3 x 3 convolution. C: a transition keeps only a share
of the channels. Depth 190 with growth rate 40 has 25.6 M parameters, 100 with 12 has 0.8 M, 250 with 24 15.3 M.
"""

from collections import OrderedDict

import torch
from torch import Tensor, nn

from .checks import repeats, share, whole
from .parts import PooledNetwork, conv, norm_relu


class DenseLayer(nn.Module):
    """Adds `growth_rate` channels to those that come in: (B, C, H, W) -> (B, C + growth_rate, H, W)."""

    def __init__(self, channels: int, growth_rate: int) -> None:
        super().__init__()
        self.grow = nn.Sequential(
            norm_relu(channels),
            conv(channels, 4 * growth_rate, 1),
            norm_relu(4 * growth_rate),
            conv(4 * growth_rate, growth_rate, 3),
        )

    def forward(self, x: Tensor) -> Tensor:
        return torch.cat((x, self.grow(x)), 1)


def transition(in_channels: int, channels: int) -> nn.Sequential:
    """Fewer channels on a map of half the size: (B, in_channels, H, W) -> (B, channels, H/2, W/2), rounded down."""
    return nn.Sequential(norm_relu(in_channels), conv(in_channels, channels, 1), nn.AvgPool2d(2))


class DenseNetBC(PooledNetwork):
    """(B, 3, H, W) normalised images -> (B, K) logits; the map is a quarter of the image's size.

    depth: 6n + 4 for n layers in each of three dense blocks. growth_rate: channels that a layer adds.
    compression: share of the channels that a transition keeps.
    """

    def __init__(
        self, num_classes: int = 10, depth: int = 190, growth_rate: int = 40, compression: float = 0.5
    ) -> None:
        count = repeats(depth, 6, 4)
        channels = 2 * whole("growth_rate", growth_rate, 1, 256)
        compression = share("compression", compression, 0.1, 1)
        features = OrderedDict(stem=conv(3, channels, 3))
        for block in range(3):
            if block:
                kept = max(1, int(channels * compression))
                features[f"transition{block}"] = transition(channels, kept)
                channels = kept
            layers = [DenseLayer(channels + i * growth_rate, growth_rate) for i in range(count)]
            features[f"block{block + 1}"] = nn.Sequential(*layers)
            channels += count * growth_rate
        features["last"] = norm_relu(channels)
        super().__init__(nn.Sequential(features), channels, num_classes)
