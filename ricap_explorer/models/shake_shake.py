"""Shake-Shake (Gastaldi 2017, arXiv:1705.07485): two branches, mixed at random for every image.

Forward the branches are mixed by alpha, backward the gradient is shared by beta, both uniform from 0 to 1, drawn for
every image, block and step and independent of each other ("Shake-Shake-Image"). In evaluation both count half, which
is the expectation. Depth 26 with base width 96 has 26.2 M parameters.

The coefficients come from torch's own generator on the images' device, like dropout's masks.
"""

from collections import OrderedDict

import torch
import torch.nn.functional as F
from torch import Tensor, nn
from torch.autograd import Function

from .checks import repeats, whole
from .parts import PooledNetwork, conv, norm_relu, stages


class Shake(Function):
    """alpha * a + (1 - alpha) * b, whose gradients are beta and 1 - beta: (B, C, H, W) twice, (B, 1, 1, 1) twice."""

    @staticmethod
    def forward(ctx, a: Tensor, b: Tensor, alpha: Tensor, beta: Tensor) -> Tensor:
        ctx.save_for_backward(beta)
        return torch.lerp(b, a, alpha)

    @staticmethod
    def backward(ctx, gradient: Tensor) -> tuple[Tensor, Tensor, None, None]:
        (beta,) = ctx.saved_tensors
        return gradient * beta, gradient * (1 - beta), None, None


def branch(in_channels: int, channels: int, stride: int) -> nn.Sequential:
    """Two 3 x 3 convolutions, each with its norm."""
    return nn.Sequential(
        conv(in_channels, channels, 3, stride),
        norm_relu(channels),
        conv(channels, channels, 3),
        nn.BatchNorm2d(channels),
    )


class TwoPathShortcut(nn.Module):
    """Every stride-th pixel, and every stride-th one of the map moved a pixel right and down: they see different ones.

    Either goes through its own 1 x 1 convolution to half the channels: (B, in_channels, H, W) ->
    (B, channels, H/stride, W/stride), rounded up. What the move leaves free is zero.
    """

    def __init__(self, in_channels: int, channels: int, stride: int) -> None:
        super().__init__()
        self.straight = conv(in_channels, channels // 2, 1, stride)
        self.moved = conv(in_channels, channels - channels // 2, 1, stride)
        self.norm = nn.BatchNorm2d(channels)

    def forward(self, x: Tensor) -> Tensor:
        return self.norm(torch.cat((self.straight(x), self.moved(F.pad(x, (1, -1, 1, -1)))), 1))


class ShakeBlock(nn.Module):
    """Shortcut + shaken branches: (B, in_channels, H, W) -> (B, channels, H/stride, W/stride), rounded up."""

    def __init__(self, in_channels: int, channels: int, stride: int) -> None:
        super().__init__()
        self.left = branch(in_channels, channels, stride)
        self.right = branch(in_channels, channels, stride)
        same = in_channels == channels and stride == 1
        self.shortcut = None if same else TwoPathShortcut(in_channels, channels, stride)

    def forward(self, x: Tensor) -> Tensor:
        y = torch.relu(x)
        return (x if self.shortcut is None else self.shortcut(y)) + self._mixed(self.left(y), self.right(y))

    def _mixed(self, a: Tensor, b: Tensor) -> Tensor:
        """Both branches as one: in training shaken, otherwise their mean."""
        if not self.training:
            return (a + b) / 2
        alpha, beta = torch.rand(2, len(a), 1, 1, 1, device=a.device).to(a.dtype)
        return Shake.apply(a, b, alpha, beta)


class ShakeShake(PooledNetwork):
    """(B, 3, H, W) normalised images -> (B, K) logits; the map is a quarter of the image's size.

    depth: 6n + 2 for n blocks a stage. base_width: channels of a branch in the first stage; then twice and four times
    as many.
    """

    def __init__(self, num_classes: int = 10, depth: int = 26, base_width: int = 96) -> None:
        count = repeats(depth, 6, 2)
        widths = [whole("base_width", base_width, 2, 1024) * 2**stage for stage in range(3)]
        features = OrderedDict(
            stem=nn.Sequential(conv(3, 16, 3), nn.BatchNorm2d(16)),
            blocks=stages(ShakeBlock, 16, widths, count),
            last=nn.ReLU(),
        )
        super().__init__(nn.Sequential(features), widths[-1], num_classes)
