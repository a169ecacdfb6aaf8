"""A small network whose every part matters: nothing left at the zeros and ones that initialisation gives."""

import pytest
import torch
from torch import Tensor, nn

from ricap_explorer.models import create_model


def make_network(seed: int = 0, width: int = 8) -> nn.Module:
    torch.manual_seed(seed)
    network = create_model("looknet", num_classes=5, width=width, depth=1)
    for module in network.modules():
        if isinstance(module, nn.BatchNorm2d):
            nn.init.uniform_(module.weight, 0.5, 1.5)
            nn.init.normal_(module.bias, 0, 0.2)
    nn.init.normal_(network.classifier.weight, 0, 0.5)
    nn.init.normal_(network.classifier.bias, 1, 0.5)
    return network.eval().to(memory_format=torch.channels_last)


@pytest.fixture
def network() -> nn.Module:
    return make_network()


@pytest.fixture
def image() -> Tensor:
    """Normalised, not square: (3, 64, 96)."""
    return torch.randn(3, 64, 96, generator=torch.Generator().manual_seed(1))
