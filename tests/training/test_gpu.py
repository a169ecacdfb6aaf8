"""What only a GPU shows; skipped where there is none."""

import pytest
import torch

from ricap_explorer.data import load_split
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
    split = load_split("pets", data_dir, "train", 40).to(cuda)
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


def test_a_compiled_network_learns_from_crops_that_grow(tiny, data_dir, cuda):
    config = tiny(epochs=2, start_size=32, train_size=64, store_size=72, compile=True, device="cuda")
    split = load_split("pets", data_dir, "train", 72).to(cuda)
    trainer = Trainer(config, create_model("looknet", 2, width=8, depth=1).to(cuda), split, World(device=cuda))
    for _ in range(2):
        assert trainer.train_epoch(lambda: None, lambda: False)
    assert all(row["train_loss"] == row["train_loss"] for row in trainer.history)
