"""The same part hidden from every network, on networks whose maps are known beforehand."""

import numpy as np
import pytest
import torch
from torch import nn

from ricap_explorer.evidence import together
from ricap_explorer.evidence.probes import Subject
from ricap_explorer.evidence.together import hidden_together

CPU = torch.device("cpu")
CARD = {"image_size": 32, "mean": [0.5] * 3, "std": [0.5] * 3}


class Corner(nn.Module):
    """Class 0 is bright red somewhere in the given quarter of an image, class 1 its absence."""

    def __init__(self, row: int, column: int, gain: float) -> None:
        super().__init__()
        mask = torch.zeros(1, 1, 4, 4)
        mask[..., 2 * row : 2 * row + 2, 2 * column : 2 * column + 2] = 1.0
        self.mask, self.gain, self.cells = mask, gain, nn.AvgPool2d(8)
        self.cam_layer = nn.Identity()
        self.classifier = nn.Linear(1, 2)
        self.classifier.weight.data, self.classifier.bias.data = torch.tensor([[1.0], [-1.0]]), torch.tensor([0.0, 0.2])

    def forward(self, x):
        seen = self.cam_layer(self.gain * self.mask * self.cells(x[:, :1]))
        return self.classifier(seen.mean((2, 3)))


class Samples:
    """Two images: red all over, and grey."""

    def __len__(self):
        return 2

    def at(self, size):
        assert size == CARD["image_size"]
        return self

    def batches(self, _):
        images = torch.full((2, 3, 32, 32), 128, dtype=torch.uint8)
        images[0, 0] = 255
        yield images, torch.tensor([0, 1])


@pytest.fixture
def asked(monkeypatch):
    def ask(*networks: Corner, groups=None, size=32):
        subjects = iter([Subject(network.eval(), CARD, size) for network in networks])
        monkeypatch.setattr(together.Subject, "create", lambda *_: next(subjects))
        return hidden_together(networks, groups or [[k] for k in range(len(networks))], Samples(), CPU, size)

    return ask


def test_one_network_loses_the_hottest_part_of_its_own_map(asked):
    found = asked(Corner(0, 0, 1.0))
    assert list(found) == ["hidden.all.10", "hidden.all.20", "hidden.all.30"]
    assert [values[0, 0] for values in found.values()] == [0.0, 1.0, 1.0]  # a quarter of the image is what it needs


def test_what_is_hidden_is_the_same_for_all_and_each_method_has_an_equal_say(asked):
    """Two runs of a method look at one corner, another method at the opposite: half of what is hidden lies in each."""
    left, right = Corner(0, 0, 1.0), Corner(1, 1, 50.0)
    few = asked(left, left, right, groups=[[0, 1], [2]])["hidden.all.20"][:, 0]
    assert few.tolist() == [0.0, 0.0, 0.0]
    weighed = asked(left, left, right, groups=[[0], [1], [2]])["hidden.all.20"][:, 0]
    assert weighed.tolist() == [1.0, 1.0, 0.0]  # three methods, two of which look there


def test_where_no_map_is_positive_there_is_no_number(asked):
    found = asked(Corner(0, 0, 1.0), Corner(1, 0, 1.0))
    for values in found.values():
        assert values.shape == (2, 2) and np.isnan(values[:, 1]).all() and np.isfinite(values[:, 0]).all()
