"""The loop: schedules, batches, one epoch, one evaluation."""

from itertools import pairwise

import numpy as np
import pytest
import torch
import torch.nn.functional as F

from ricap_explorer.data import Split, eval_batch, load_split
from ricap_explorer.errors import InputError
from ricap_explorer.models import create_model
from ricap_explorer.training import TrainConfig, evaluate
from ricap_explorer.training.engine import batches, create_optimizer, crop_size, learning_rate, train_epoch


@pytest.fixture
def split(data_dir):
    return load_split("pets", data_dir, "train", 40)


def small_model(seed=0):
    torch.manual_seed(seed)
    return create_model("looknet", 2, width=8, depth=1)


@pytest.mark.parametrize("schedule", ["cosine", "steps"])
@pytest.mark.parametrize("warmup", [0, 1, 2.5, 9])
def test_learning_rate_rises_then_only_falls(schedule, warmup):
    config = TrainConfig(epochs=10, lr=0.4, schedule=schedule, warmup=warmup)
    moments = np.linspace(0, 10, 1001)
    rates = np.array([learning_rate(config, moment) for moment in moments])
    assert (rates >= 0).all() and rates.max() <= 0.4 + 1e-12
    assert (np.diff(rates[moments < warmup]) > 0).all()
    assert (np.diff(rates[moments >= warmup]) <= 1e-12).all()
    if warmup:
        assert rates[0] == 0 and learning_rate(config, warmup / 2) == pytest.approx(0.2)


def test_cosine_ends_at_zero_and_is_half_way_at_the_middle():
    config = TrainConfig(epochs=12, warmup=2, lr=0.4)
    assert learning_rate(config, 2) == pytest.approx(0.4) and learning_rate(config, 12) == pytest.approx(0, abs=1e-12)
    assert learning_rate(config, 7) == pytest.approx(0.2)


def test_steps_are_the_papers():
    """0.1, times 0.2 at epochs 60, 120 and 160 of 200."""
    config = TrainConfig(epochs=200, lr=0.1, schedule="steps", warmup=0)
    for epoch, rate in ((0, 0.1), (59.9, 0.1), (60, 0.02), (119.9, 0.02), (120, 0.004), (160, 0.0008), (200, 0.0008)):
        assert learning_rate(config, epoch) == pytest.approx(rate)


def test_crops_grow_in_steps_to_the_full_size_at_two_thirds():
    config = TrainConfig(epochs=30, start_size=64, train_size=120)
    sizes = [crop_size(config, epoch) for epoch in range(30)]
    assert sizes[0] == 64 and set(sizes[20:]) == {120}
    assert all(a <= b for a, b in pairwise(sizes)) and all(size % 16 == 0 for size in sizes[:20])
    assert {crop_size(TrainConfig(epochs=30), epoch) for epoch in range(30)} == {128}


def test_weight_decay_spares_norms_and_biases():
    model = small_model()
    decayed, plain = create_optimizer(model, TrainConfig(weight_decay=0.01)).param_groups
    assert decayed["weight_decay"] == 0.01 and plain["weight_decay"] == 0
    assert all(p.ndim > 1 for p in decayed["params"]) and all(p.ndim == 1 for p in plain["params"])
    assert len(decayed["params"]) + len(plain["params"]) == len(list(model.parameters()))


def test_an_epoch_shows_each_image_at_most_once_in_random_order(tiny):
    images = torch.arange(12, dtype=torch.uint8).mul(20)[:, None, None, None].expand(12, 3, 40, 40)
    numbered = Split(images, torch.arange(12), tuple("abcdefghijkl"))
    orders = []
    for seed in (0, 0, 1):
        found = list(batches(numbered, tiny(), 0, np.random.default_rng(seed)))
        assert [len(labels) for _, labels in found] == [5, 5]  # of 12: the rest is dropped
        assert all(batch.shape[2:] == (32, 32) for batch, _ in found)
        for batch, labels in found:
            assert torch.allclose(batch[:, 0, 0, 0], labels * 20 / 255 / 0.229 - 0.485 / 0.229, atol=1e-4)
        orders.append(torch.cat([labels for _, labels in found]).tolist())
    assert len(set(orders[0])) == 10 and orders[0] == orders[1] != orders[2]


@pytest.mark.parametrize("method", ["standard", "ricap"])
def test_an_epoch_changes_every_weight_and_ticks_every_step(tiny, split, method):
    config = tiny(method=method)
    model, rates = small_model(), []
    before = {name: value.clone() for name, value in model.named_parameters()}
    optimizer = create_optimizer(model, config)
    rng = np.random.default_rng(0)

    def tick():
        rates.append(optimizer.param_groups[0]["lr"])

    score = train_epoch(model, optimizer, config.create_method(), split, config, 1, rng, tick)
    assert rates == [learning_rate(config, 1.5), learning_rate(config, 2)]
    assert score.loss > 0 and 0 <= score.error <= 100
    moved = [name for name, value in model.named_parameters() if not torch.equal(value, before[name])]
    assert "classifier.weight" in moved and "stem.0.weight" in moved and "blocks.0.norm2.weight" in moved


def test_training_learns_what_is_easy(tiny, picture):
    """Dark and light pictures are told apart after a few epochs, with and without RICAP."""
    generator = torch.Generator().manual_seed(0)
    labels = torch.arange(24) % 2
    images = torch.randint(0, 60, (24, 3, 40, 40), generator=generator) + 180 * labels[:, None, None, None]
    split = Split(images.to(torch.uint8), labels, ("dark", "light"))
    for method in ("standard", "ricap"):
        config = tiny(method=method, batch_size=8, epochs=8, lr=0.05)
        model, rng = small_model(), np.random.default_rng(0)
        optimizer = create_optimizer(model, config)
        for epoch in range(8):
            train_epoch(model, optimizer, config.create_method(), split, config, epoch, rng, lambda: None)
        assert evaluate(model, split, 32).error == 0


@pytest.mark.parametrize("training", [True, False])
def test_evaluate_is_the_plain_average_and_keeps_the_mode(split, training):
    model = small_model().train(training)
    scores = [evaluate(model, split, 32, batch_size) for batch_size in (5, 12, 100)]
    assert model.training == training
    model.eval()
    with torch.inference_mode():
        logits = model(eval_batch(split.images, 32))
    for score in scores:
        assert score.loss == pytest.approx(F.cross_entropy(logits, split.labels).item(), rel=1e-4)
        assert score.error == pytest.approx(100 * (logits.argmax(1) != split.labels).float().mean().item())


def test_a_loss_that_is_no_number_is_told(tiny, split):
    config = tiny()
    model = small_model()
    torch.nn.init.constant_(model.classifier.weight, float("nan"))
    with pytest.raises(InputError, match=r"^the loss must stay finite; it was nan in epoch 3: try a lower --lr"):
        rng, optimizer = np.random.default_rng(0), create_optimizer(model, config)
        train_epoch(model, optimizer, config.create_method(), split, config, 2, rng, lambda: None)
