"""LookNet: a small residual network made for looking at.

Its last feature map is fine (stride 16: 12 x 12 at 192 px) and goes straight through global average pooling into one
linear layer, so that Zhou's class activation map is exact: one forward pass, no gradients.
Basic blocks after He et al. 2016, average-pooled shortcuts after He et al. 2019 (arXiv:1812.01187),
squeeze and excitation after Hu et al. 2018.
"""

import torch
from torch import Tensor, nn

from .checks import whole


class SqueezeExcite(nn.Module):
    """Scale channels by what the whole map shows: (B, C, H, W) -> (B, C, H, W)."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.squeeze = nn.Linear(channels, channels // 8)
        self.excite = nn.Linear(channels // 8, channels)

    def forward(self, x: Tensor) -> Tensor:
        scale = self.excite(torch.relu(self.squeeze(x.mean((2, 3)))))
        return x * torch.sigmoid(scale)[:, :, None, None]


class Block(nn.Module):
    """Two 3 x 3 convolutions and a shortcut; the first may halve the map."""

    def __init__(self, in_channels: int, channels: int, stride: int) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(in_channels, channels, 3, stride, padding=1, bias=False)
        self.norm1 = nn.BatchNorm2d(channels)
        self.conv2 = nn.Conv2d(channels, channels, 3, padding=1, bias=False)
        self.norm2 = nn.BatchNorm2d(channels)
        self.attend = SqueezeExcite(channels)
        self.shortcut = nn.Identity()
        if stride > 1 or in_channels != channels:
            self.shortcut = nn.Sequential(
                nn.AvgPool2d(stride, ceil_mode=True),
                nn.Conv2d(in_channels, channels, 1, bias=False),
                nn.BatchNorm2d(channels),
            )

    def forward(self, x: Tensor) -> Tensor:
        y = torch.relu(self.norm1(self.conv1(x)))
        y = self.attend(self.norm2(self.conv2(y)))
        return torch.relu(self.shortcut(x) + y)


class LookNet(nn.Module):
    """(B, 3, H, W) normalised images -> (B, K) logits; any H, W of at least 32.

    width: channels of the first stage; the second has twice, the third four times as many.
    depth: residual blocks of the third stage (stride 16); the first stage has one, the second two.
    """

    def __init__(self, num_classes: int = 10, width: int = 64, depth: int = 3) -> None:
        super().__init__()
        whole("num_classes", num_classes, 1, 100_000)
        whole("width", width, 8, 1024)
        whole("depth", depth, 1, 100)
        self.stem = nn.Sequential(
            nn.Conv2d(3, width // 2, 3, 2, padding=1, bias=False),
            nn.BatchNorm2d(width // 2),
            nn.ReLU(),
            nn.Conv2d(width // 2, width, 3, 2, padding=1, bias=False),
            nn.BatchNorm2d(width),
            nn.ReLU(),
        )
        blocks, channels = [], width
        for stage, count in enumerate((1, 2, depth)):
            for i in range(count):
                blocks.append(Block(channels, width * 2**stage, 2 if stage and not i else 1))
                channels = width * 2**stage
        self.blocks = nn.Sequential(*blocks)
        self.pool = nn.AdaptiveAvgPool2d(1)
        self.classifier = nn.Linear(channels, num_classes)
        self._initialise()

    def _initialise(self) -> None:
        for module in self.modules():
            if isinstance(module, nn.Conv2d):
                nn.init.kaiming_normal_(module.weight, mode="fan_out", nonlinearity="relu")
            elif isinstance(module, Block):
                nn.init.zeros_(module.norm2.weight)  # every block starts as its shortcut

    @property
    def cam_layer(self) -> nn.Module:
        """The layer whose (B, C, H/16, W/16) output the classifier averages."""
        return self.blocks[-1]

    def forward(self, x: Tensor) -> Tensor:
        return self.classifier(self.pool(self.blocks(self.stem(x))).flatten(1))
