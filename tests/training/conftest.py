from dataclasses import replace

import pytest

from ricap_explorer.training import TrainConfig


@pytest.fixture
def tiny(data_dir, tmp_path):
    """tiny(**changes) -> a run of seconds: four epochs of RICAP on twelve pictures."""
    config = TrainConfig(
        dataset="pets", arch="width=8,depth=1", method="ricap", epochs=4, batch_size=5, warmup=0.5, start_size=32,
        train_size=48, image_size=32, store_size=40, lr=0.02, device="cpu", data_dir=data_dir, out=tmp_path / "run",
    )  # fmt: skip
    return lambda **changes: replace(config, **changes)
