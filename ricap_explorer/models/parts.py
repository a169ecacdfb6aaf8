"""What the networks share: convolutions, a norm with its ReLU, stages of blocks, the pooled classifier at the end."""

from collections.abc import Callable, Iterable

from torch import Tensor, nn

from .checks import whole


def conv(in_channels: int, channels: int, kernel: int, stride: int = 1) -> nn.Conv2d:
    """A convolution without bias that keeps the size of the map, or with a stride divides it, rounded up."""
    return nn.Conv2d(in_channels, channels, kernel, stride, padding=kernel // 2, bias=False)


def norm_relu(channels: int) -> nn.Sequential:
    """Batch norm, then ReLU in the norm's own output: nothing but this module sees that tensor before the ReLU."""
    return nn.Sequential(nn.BatchNorm2d(channels), nn.ReLU(inplace=True))


def stages(
    block: Callable[[int, int, int], nn.Module], in_channels: int, widths: Iterable[int], count: int
) -> nn.Sequential:
    """`count` blocks of each width, block(in_channels, channels, stride); every stage but the first halves the map."""
    blocks = []
    for stage, channels in enumerate(widths):
        for i in range(count):
            blocks.append(block(in_channels, channels, 2 if stage and not i else 1))
            in_channels = channels
    return nn.Sequential(*blocks)


class PooledNetwork(nn.Module):
    """Features, their average over the map, one linear layer: (B, 3, H, W) normalised images -> (B, K) logits.

    The last module of `features` gives exactly what is averaged, so Zhou's class activation map is exact. No in-place
    operation may follow it. Convolutions start as in He et al. 2015 (normal, fan out), the classifier's bias as 0.
    """

    def __init__(self, features: nn.Sequential, channels: int, num_classes: int) -> None:
        super().__init__()
        self.features = features
        self.pool = nn.AdaptiveAvgPool2d(1)
        self.classifier = nn.Linear(channels, whole("num_classes", num_classes, 1))
        self._initialise()

    def _initialise(self) -> None:
        for module in self.features.modules():
            if isinstance(module, nn.Conv2d):
                nn.init.kaiming_normal_(module.weight, mode="fan_out", nonlinearity="relu")
        nn.init.zeros_(self.classifier.bias)

    @property
    def cam_layer(self) -> nn.Module:
        """The module whose (B, C, h, w) output the classifier averages."""
        return self.features[-1]

    def forward(self, x: Tensor) -> Tensor:
        return self.classifier(self.pool(self.features(x)).flatten(1))
