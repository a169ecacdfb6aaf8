"""Recording a network's passes; what only a GPU shows of it is in test_gpu.py."""

import copy
from types import SimpleNamespace

import pytest
import torch

from ricap_explorer.models import create_model
from ricap_explorer.training.distributed import World
from ricap_explorer.training.replay import Replay
from ricap_explorer.training.trainer import Trainer


@pytest.fixture
def recordings(monkeypatch):
    """What was recorded; as on a GPU, a few passes come first, which change statistics and random numbers."""
    made = []

    def record(module, samples):
        made.append((samples[0].shape, torch.is_autocast_cache_enabled()))
        for _ in range(3):
            module(*samples).sum()
            torch.rand(1)
        return module

    monkeypatch.setattr(torch.cuda, "make_graphed_callables", record)
    monkeypatch.setattr(torch.cuda, "get_rng_state", lambda device: torch.get_rng_state())
    monkeypatch.setattr(torch.cuda, "set_rng_state", lambda state, device: torch.set_rng_state(state))
    return made


def test_a_recording_changes_nothing_and_another_kind_of_batch_needs_another(recordings):
    plain = create_model("looknet", 2, width=8, depth=1)
    model = copy.deepcopy(plain)
    replay, small, large = Replay(model, model), torch.randn(4, 3, 32, 32), torch.randn(4, 3, 48, 48)
    random = torch.get_rng_state()
    for images in (small, small, large):
        assert torch.equal(replay(images), plain(images))
    assert [tuple(shape[2:]) for shape, _ in recordings] == [(32, 32), (48, 48)]
    assert all(torch.equal(a, b) for a, b in zip(model.buffers(), plain.buffers(), strict=True))
    assert torch.equal(torch.get_rng_state(), random)
    with torch.autocast("cpu", torch.bfloat16):
        replay(large)
        assert torch.is_autocast_cache_enabled()
    assert len(recordings) == 3 and not recordings[-1][1]


@pytest.mark.parametrize(
    ("change", "device", "loader", "replayed"),
    [
        ({}, "cuda", "resident", True),
        ({}, "cuda", "stream", False),
        ({}, "cpu", "resident", False),
        # its second part would overwrite the gradients of the first
        ({"batch_size": 10, "accumulate": 5}, "cuda", "resident", False),
        ({"replay": False}, "cuda", "resident", False),
    ],
)
def test_only_what_can_be_replayed_is(change, device, loader, replayed, tiny):
    config, data = tiny(precision="fp32", **change), SimpleNamespace(loader=loader)
    model = create_model("looknet", 2, width=8, depth=1)
    trainer = Trainer(config, model, data, World(device=torch.device(device)))
    assert isinstance(trainer._forward, Replay) == replayed
    assert replayed or trainer._forward is model
