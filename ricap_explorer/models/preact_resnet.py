"""Pre-activation ResNet for small images (He et al. 2016, arXiv:1603.05027): norm and ReLU come before a convolution.

Three stages of n blocks. Basic blocks have two convolutions and depth 6n + 2 (20, 56, 110: 1.7 M parameters),
bottleneck blocks three and depth 9n + 2 (164: 1.7 M, 1001: 10.2 M). Where a block changes the size of the map or the
number of channels, its shortcut is a 1 x 1 convolution of the activated input.
"""

from collections import OrderedDict

from torch import Tensor, nn

from .checks import flag, repeats, whole
from .parts import PooledNetwork, conv, norm_relu, stages


class PreactBlock(nn.Module):
    """x + residual(activate(x)); (B, in_channels, H, W) -> (B, channels, H/stride, W/stride), rounded up."""

    def __init__(self, in_channels: int, channels: int, stride: int, residual: nn.Module) -> None:
        super().__init__()
        self.activate = norm_relu(in_channels)
        self.residual = residual
        same = stride == 1 and in_channels == channels
        self.shortcut = None if same else conv(in_channels, channels, 1, stride)

    def forward(self, x: Tensor) -> Tensor:
        y = self.activate(x)
        return (x if self.shortcut is None else self.shortcut(y)) + self.residual(y)


def basic(in_channels: int, channels: int, stride: int, dropout: float = 0.0) -> PreactBlock:
    """Two 3 x 3 convolutions, dropout between them."""
    residual = nn.Sequential(
        conv(in_channels, channels, 3, stride),
        norm_relu(channels),
        nn.Dropout(dropout),
        conv(channels, channels, 3),
    )
    return PreactBlock(in_channels, channels, stride, residual)


def bottleneck_block(in_channels: int, channels: int, stride: int) -> PreactBlock:
    """A 3 x 3 convolution of a quarter of the channels between two 1 x 1 convolutions."""
    inner = channels // 4
    residual = nn.Sequential(
        conv(in_channels, inner, 1),
        norm_relu(inner),
        conv(inner, inner, 3, stride),
        norm_relu(inner),
        conv(inner, channels, 1),
    )
    return PreactBlock(in_channels, channels, stride, residual)


class PreactResNet(PooledNetwork):
    """(B, 3, H, W) normalised images -> (B, K) logits; the map is a quarter of the image's size.

    depth: 6n + 2, with bottleneck 9n + 2. base_width: channels of the stem; the stages have one, two and four times
    as many, with bottleneck again four times that.
    """

    def __init__(self, num_classes: int = 10, depth: int = 20, base_width: int = 16, bottleneck: bool = False) -> None:
        block, layers, expansion = (bottleneck_block, 9, 4) if flag("bottleneck", bottleneck) else (basic, 6, 1)
        count = repeats(depth, layers, 2)
        widths = [whole("base_width", base_width, 1, 1024) * expansion * 2**stage for stage in range(3)]
        features = OrderedDict(
            stem=conv(3, base_width, 3),
            blocks=stages(block, base_width, widths, count),
            last=norm_relu(widths[-1]),
        )
        super().__init__(nn.Sequential(features), widths[-1], num_classes)
