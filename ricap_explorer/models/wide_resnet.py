"""Wide ResNet (Zagoruyko and Komodakis 2016, arXiv:1605.07146): a pre-activation ResNet with few, wide blocks.

WRN-28-10 has 36.5 M parameters. Its depth counts the shortcuts' convolutions, hence 6n + 4.
"""

from collections import OrderedDict
from functools import partial

from torch import nn

from .checks import repeats, share, whole
from .parts import PooledNetwork, conv, norm_relu, stages
from .preact_resnet import basic


class WideResNet(PooledNetwork):
    """(B, 3, H, W) normalised images -> (B, K) logits; the map is a quarter of the image's size.

    depth: 6n + 4 for n blocks a stage. width: how many times the 16, 32 and 64 channels of a ResNet.
    dropout: share of values dropped between the two convolutions of a block, in training.
    """

    def __init__(self, num_classes: int = 10, depth: int = 28, width: int = 10, dropout: float = 0.3) -> None:
        count = repeats(depth, 6, 4)
        widths = [whole("width", width, 1, 64) * channels for channels in (16, 32, 64)]
        block = partial(basic, dropout=share("dropout", dropout, 0, 0.9))
        features = OrderedDict(
            stem=conv(3, 16, 3),
            blocks=stages(block, 16, widths, count),
            last=norm_relu(widths[-1]),
        )
        super().__init__(nn.Sequential(features), widths[-1], num_classes)
