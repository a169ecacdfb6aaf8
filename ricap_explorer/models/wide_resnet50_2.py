"""WRN-50-2 for ImageNet (Zagoruyko and Komodakis 2016): torchvision's network, without its trained weights.

A ResNet-50 with bottlenecks of twice the inner width: 68.9 M parameters at 1000 classes.
"""

from collections import OrderedDict

from torch import nn

from .parts import PooledNetwork


class WideResNet50(PooledNetwork):
    """(B, 3, H, W) normalised images -> (B, K) logits; the map is 1/32 of the image's size, 7 x 7 at 224 px."""

    def __init__(self, num_classes: int = 1000) -> None:
        from torchvision.models import wide_resnet50_2  # here: its import takes longer than all others together

        children = OrderedDict(wide_resnet50_2(weights=None, num_classes=1).named_children())
        del children["avgpool"]
        channels = children.pop("fc").in_features
        super().__init__(nn.Sequential(children), channels, num_classes)
