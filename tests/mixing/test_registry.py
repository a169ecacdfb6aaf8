import dataclasses

import pytest
import torch

from ricap_explorer.errors import InputError
from ricap_explorer.mixing import METHODS, Ricap, Standard, create_method


def test_standard_changes_nothing(rng):
    images, labels = torch.rand(3, 3, 8, 6), torch.tensor([2, 0, 1])
    before = rng.bit_generator.state
    plan = Standard().plan(3, (8, 6), rng)
    assert plan.apply(images) is images
    assert plan.targets(labels, 4).tolist() == [[0, 0, 1, 0], [1, 0, 0, 0], [0, 1, 0, 0]]
    assert plan.batch_size == 3 and rng.bit_generator.state == before


@pytest.mark.parametrize("labels", [[0, 3], [-1, 0], [0]])
def test_standard_refuses_labels_out_of_range(labels, rng):
    with pytest.raises(InputError):
        Standard().plan(2, (8, 8), rng).targets(torch.tensor(labels), 3)


@pytest.mark.parametrize("name", METHODS)
def test_settings_are_frozen_values_with_defaults(name):
    method = create_method(name)
    assert method == METHODS[name]() and dataclasses.is_dataclass(method)
    with pytest.raises(dataclasses.FrozenInstanceError):
        method.beta = 1.0


@pytest.mark.parametrize("name", METHODS)
def test_targets_keep_labels_of_any_int_type(name, rng):
    plan = create_method(name).plan(4, (8, 6), rng)
    expected = plan.targets(torch.tensor([0, 1, 2, 3]), 4)
    for dtype in (torch.uint8, torch.int32):
        assert torch.equal(plan.targets(torch.tensor([0, 1, 2, 3], dtype=dtype), 4), expected)


def test_settings_reach_the_method():
    assert create_method("ricap", beta=1.5, per_sample=True) == Ricap(1.5, True)


@pytest.mark.parametrize("name", ["", "RICAP", "cutout?", None, ["ricap"]])
def test_unknown_method_lists_the_known(name):
    with pytest.raises(InputError, match="^method must be one of standard, cutout, .*; got"):
        create_method(name)


def test_setting_of_another_method():
    with pytest.raises(InputError, match="^standard takes no settings; got beta$"):
        create_method("standard", beta=0.3)
    with pytest.raises(InputError, match="^ricap takes the settings beta, per_sample; got alpha$"):
        create_method("ricap", alpha=1.0)
