"""What the loop is made of: schedules, batches, one evaluation, precision."""

from itertools import pairwise

import numpy as np
import pytest
import torch
import torch.nn.functional as F

from ricap_explorer.data import Resident, eval_batch, open_data
from ricap_explorer.errors import InputError
from ricap_explorer.models import create_model
from ricap_explorer.training import TrainConfig, evaluate
from ricap_explorer.training.distributed import World
from ricap_explorer.training.engine import create_optimizer, crop_size, epoch_jobs, learning_rate


@pytest.fixture
def split(data_dir):
    return open_data("pets", data_dir, "train", 40, loader="resident")


def small_model(classes=2):
    torch.manual_seed(0)
    return create_model("looknet", classes, width=8, depth=1)


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
    """CIFAR: 0.1, times 0.2 at epochs 60, 120 and 160 of 200. ImageNet: times 0.1 at 30, 60 and 90 of 100."""
    cifar = TrainConfig(epochs=200, lr=0.1, schedule="steps", warmup=0)
    for epoch, rate in ((0, 0.1), (59.9, 0.1), (60, 0.02), (119.9, 0.02), (120, 0.004), (160, 0.0008), (200, 0.0008)):
        assert learning_rate(cifar, epoch) == pytest.approx(rate)
    imagenet = TrainConfig(epochs=100, lr=0.1, schedule="steps", warmup=0, milestones="0.3,0.6,0.9", gamma=0.1)
    for epoch, rate in ((29, 0.1), (30, 0.01), (60, 0.001), (89.9, 0.001), (90, 0.0001)):
        assert learning_rate(imagenet, epoch) == pytest.approx(rate)


def test_crops_grow_in_steps_to_the_full_size_at_two_thirds():
    config = TrainConfig(epochs=30, start_size=64, train_size=120)
    sizes = [crop_size(config, epoch) for epoch in range(30)]
    assert sizes[0] == 64 and set(sizes[20:]) == {120}
    assert all(a <= b for a, b in pairwise(sizes)) and all(size % 16 == 0 for size in sizes[:20])
    assert {crop_size(TrainConfig(epochs=30), epoch) for epoch in range(30)} == {128}
    odd = TrainConfig(epochs=30, start_size=100, train_size=120)
    assert {crop_size(odd, epoch) for epoch in range(30)} == {100, 112, 120}  # never below the start


def test_a_test_set_of_which_nothing_can_be_read_is_told():
    class Nothing:
        def test_batches(self, *_):
            return iter(())

    with pytest.raises(InputError, match="readable at least; none is"):
        evaluate(small_model(), Nothing(), 32)


def test_weight_decay_spares_norms_and_biases():
    model = small_model()
    decayed, plain = create_optimizer(model, TrainConfig(weight_decay=0.01)).param_groups
    assert decayed["weight_decay"] == 0.01 and plain["weight_decay"] == 0
    assert all(p.ndim > 1 for p in decayed["params"]) and all(p.ndim == 1 for p in plain["params"])
    assert len(decayed["params"]) + len(plain["params"]) == len(list(model.parameters()))


@pytest.mark.parametrize("accumulate", [1, 2])
def test_an_epoch_shows_each_image_at_most_once_in_random_order(tiny, accumulate):
    images = torch.arange(13, dtype=torch.uint8).mul(19)[:, None, None, None].expand(13, 3, 40, 40)
    numbered = Resident(images, torch.arange(13), tuple("abcdefghijklm"))
    config, orders = tiny(batch_size=6, accumulate=accumulate), []
    for seed in (0, 0, 1):
        jobs = epoch_jobs(config, 13, 0, np.random.default_rng(seed), World())
        found = list(numbered.train_batches(jobs, config.augment(32)))
        assert [len(labels) for _, labels in found] == [6 // accumulate] * 2 * accumulate  # of 13: the rest is dropped
        assert all(batch.shape[2:] == (32, 32) for batch, _ in found)
        for batch, labels in found:
            assert torch.allclose(batch[:, 0, 0, 0], labels * 19 / 255 / 0.229 - 0.485 / 0.229, atol=1e-4)
        orders.append(torch.cat([labels for _, labels in found]).tolist())
    assert len(set(orders[0])) == 12 and orders[0] == orders[1] != orders[2]


def test_processes_divide_the_very_batches_of_one(tiny):
    config = tiny(batch_size=6)
    whole = epoch_jobs(config, 13, 0, np.random.default_rng(0), World())
    parts = [epoch_jobs(config, 13, 0, np.random.default_rng(0), World(rank, 3)) for rank in range(3)]
    for step, (numbers, draw) in enumerate(whole):
        assert np.array_equal(np.concatenate([part[step][0] for part in parts]), numbers)
        assert all(len(part[step][1]) == 2 for part in parts) and len(draw) == 6
        for rank, part in enumerate(parts):
            expected = draw.part(2 * rank, 2 * rank + 2)
            assert np.array_equal(part[step][1].flip, expected.flip)


@pytest.mark.parametrize("training", [True, False])
def test_evaluate_is_the_plain_average_and_keeps_the_mode(split, training):
    model = small_model().train(training)
    norm = next(module for module in model.modules() if isinstance(module, torch.nn.BatchNorm2d)).train(not training)
    scores = [evaluate(model, split, 32, batch_size) for batch_size in (5, 12, 100)]
    assert model.training == training and norm.training != training, "of every module, also a frozen norm"
    model.eval()
    with torch.inference_mode():
        logits = model(eval_batch(split.images, 32))
    for score in scores:
        assert score.loss == pytest.approx(F.cross_entropy(logits, split.labels).item(), rel=1e-4)
        assert score.error == pytest.approx(100 * (logits.argmax(1) != split.labels).float().mean().item())
        assert score.top5_error == 0  # of two classes, both are among the first five


def test_top5_error_counts_labels_outside_the_first_five(split):
    many = Resident(split.images, torch.arange(12), tuple("abcdefghijkl"))
    model = small_model(12).eval()
    with torch.inference_mode():
        logits = model(eval_batch(many.images, 32))
    missed = [label not in row.topk(5).indices.tolist() for label, row in enumerate(logits)]
    score = evaluate(model, many, 32)
    assert (
        0 < sum(missed) < 12
        and score.top5_error == pytest.approx(100 * np.mean(missed))
        and score.top5_error < score.error
    )


def test_the_optimizer_is_nesterov_s():
    """Two steps by hand: v = m v + g, then w -= lr (g + m v)."""
    model = torch.nn.Linear(1, 1, bias=False)
    optimizer = create_optimizer(model, TrainConfig(lr=0.1, momentum=0.9, weight_decay=0.0))
    expected, velocity = model.weight.item(), 0.0
    for gradient in (1.0, -0.5):
        model.weight.grad = torch.full((1, 1), gradient)
        for group in optimizer.param_groups:
            group["lr"] = 0.1
        optimizer.step()
        velocity = 0.9 * velocity + gradient
        expected -= 0.1 * (gradient + 0.9 * velocity)
    assert model.weight.item() == pytest.approx(expected, abs=1e-6)
