"""What only a GPU shows; skipped where there is none."""

import pytest
import torch

from ricap_explorer.data import open_data
from ricap_explorer.mixing import METHODS
from ricap_explorer.models import create_model
from ricap_explorer.training.distributed import World
from ricap_explorer.training.trainer import CHECK_EVERY, Trainer

pytestmark = pytest.mark.skipif(not torch.cuda.is_available(), reason="there is no GPU")
CASES = [(name, each) for name in METHODS for each in ((False, True) if name != "standard" else (None,))]


@pytest.fixture(scope="module")
def cuda():
    return torch.device("cuda", 0)


@pytest.mark.parametrize(("method", "per_sample"), CASES)
def test_the_gpu_mixes_as_the_cpu_does(method, per_sample, cuda, rng):
    settings = {} if per_sample is None else {"per_sample": per_sample}
    images, labels = torch.rand(7, 3, 32, 24), torch.arange(7) % 5
    plan = METHODS[method](**settings).plan(7, (32, 24), rng)
    for layout in (torch.contiguous_format, torch.channels_last):
        mixed = plan.apply(images.to(cuda, memory_format=layout)).cpu()
        assert torch.allclose(mixed, plan.apply(images), atol=1e-6)
    assert torch.allclose(plan.targets(labels.to(cuda), 5).cpu(), plan.targets(labels, 5))


@pytest.mark.parametrize(("method", "per_sample"), CASES)
def test_no_step_waits_for_the_gpu(method, per_sample, tiny, data_dir, cuda):
    """Between the first step and the epoch's end nothing asks the GPU for an answer."""
    config = tiny(
        method=method, per_sample=per_sample, batch_size=3, clip=1.0, ema=0.5, colour=0.2, rotate=5.0, device="cuda",
        precision="fp32",
    )  # fmt: skip
    split = open_data("pets", data_dir, "train", 40, loader="resident").to(cuda)
    trainer = Trainer(config, create_model("looknet", 2, width=8, depth=1).to(cuda), split, World(device=cuda))
    ticks = []

    def tick():
        ticks.append(1)
        torch.cuda.set_sync_debug_mode("error" if len(ticks) < trainer.steps else "default")

    assert 1 < trainer.steps < CHECK_EVERY
    try:
        assert trainer.train_epoch(tick, lambda: False)
    finally:
        torch.cuda.set_sync_debug_mode("default")
    assert len(ticks) == trainer.steps


def trained(config, data_dir, cuda, network="looknet", **arguments):
    """A run of one epoch for each size of its crops."""
    split = open_data("pets", data_dir, "train", 72, loader="resident").to(cuda)
    torch.manual_seed(0)
    model = create_model(network, 2, **arguments).to(cuda, memory_format=torch.channels_last)
    trainer = Trainer(config, model, split, World(device=cuda))
    torch.manual_seed(0)
    for _ in range(config.epochs):
        assert trainer.train_epoch(lambda: None, lambda: False)
    return trainer


@pytest.mark.parametrize("replay", [True, False])
def test_a_compiled_network_learns_from_crops_that_grow(replay, tiny, data_dir, cuda):
    config = tiny(epochs=2, start_size=32, train_size=64, store_size=72, compile=True, replay=replay, device="cuda")
    trainer = trained(config, data_dir, cuda, width=8, depth=1)
    assert all(row["train_loss"] == row["train_loss"] for row in trainer.history)


@pytest.mark.parametrize(
    ("network", "arguments", "change"),
    [
        ("looknet", {"width": 8, "depth": 1}, {}),
        ("looknet", {"width": 8, "depth": 1}, {"clip": 1.0, "ema": 0.5, "precision": "fp16"}),
        ("wide_resnet", {"depth": 10, "width": 1, "dropout": 0.3}, {"model": "wide_resnet", "arch": ""}),
        ("shake_shake", {"depth": 8, "base_width": 8}, {"model": "shake_shake", "arch": ""}),
    ],
)
def test_what_is_replayed_learns_as_what_is_not(network, arguments, change, tiny, data_dir, cuda):
    """The same weights, statistics and random numbers within rounding, also where crops grow."""
    rows, states = [], []
    for replay in (True, False):
        settings = {"precision": "fp32", "start_size": 32, "train_size": 64, "store_size": 72} | change
        config = tiny(epochs=3, batch_size=4, replay=replay, device="cuda", **settings)
        trainer = trained(config, data_dir, cuda, network, **arguments)
        rows.append([row["train_loss"] for row in trainer.history])
        states.append({name: value.float().cpu() for name, value in trainer.tested.state_dict().items()})
    assert rows[0] == pytest.approx(rows[1], rel=1e-2)
    for name, value in states[0].items():
        assert torch.allclose(value, states[1][name], rtol=0.05, atol=5e-3), name
