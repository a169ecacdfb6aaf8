"""Numbers come to a device as they are, and what training does every step has no other way to send them."""

import ast
from pathlib import Path

import numpy as np
import pytest
import torch

from ricap_explorer import data, mixing
from ricap_explorer.transfer import onto

EVERY_STEP = [path for package in (mixing, data) for path in sorted(Path(package.__file__).parent.glob("*.py"))]
DEVICES = ["cpu", *(["cuda"] if torch.cuda.is_available() else [])]


@pytest.mark.parametrize("device", DEVICES)
@pytest.mark.parametrize(
    "values", [[[1, 2], [3, 4]], (0.25, 0.5), np.array([True, False]), np.arange(6.0).reshape(2, 3)]
)
def test_values_and_kind_are_kept(values, device):
    sent = onto(values, torch.device(device))
    assert sent.device.type == device and torch.equal(sent.cpu(), torch.as_tensor(values))
    assert onto(values, torch.device(device), torch.float32).dtype == torch.float32


def waits(source: str) -> list[str]:
    """Calls that make a tensor of host numbers on a device, or ask a device for a number: each waits for a GPU."""
    calls = [node for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Call)]
    made = [call for call in calls if ast.unparse(call.func) in ("torch.tensor", "torch.as_tensor")]
    placed = [call for call in made if any(keyword.arg == "device" for keyword in call.keywords)]
    moved = [
        call for call in calls if ast.unparse(call).startswith("torch.from_numpy") and ").to(" in ast.unparse(call)
    ]
    return [ast.unparse(call) for call in placed + moved]


@pytest.mark.parametrize("path", EVERY_STEP, ids=lambda path: f"{path.parent.name}-{path.stem}")
def test_no_step_waits_for_numbers_to_be_sent(path):
    assert waits(path.read_text()) == []


def test_a_wait_is_seen():
    assert len(waits("torch.tensor([1], device=images.device)\ntorch.from_numpy(a).to(device)")) == 2
    assert not waits("torch.tensor([1])\nonto([1], device)\ntorch.from_numpy(a)")
