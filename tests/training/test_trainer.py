"""The loop: what an epoch changes, and what each of its options does."""

import pytest
import torch

from ricap_explorer.data import Resident, open_data
from ricap_explorer.errors import InputError
from ricap_explorer.mixing import METHODS
from ricap_explorer.models import create_model
from ricap_explorer.training import evaluate
from ricap_explorer.training.averaging import Average
from ricap_explorer.training.distributed import World
from ricap_explorer.training.engine import learning_rate
from ricap_explorer.training.trainer import Trainer


@pytest.fixture
def split(data_dir):
    return open_data("pets", data_dir, "train", 40, loader="resident")


def make_trainer(config, split):
    torch.manual_seed(config.seed)
    return Trainer(config, create_model("looknet", len(split.classes), width=8, depth=1), split, World())


def train(trainer, epochs=1):
    for _ in range(epochs):
        assert trainer.train_epoch(lambda: None, lambda: False)
    return trainer


def weights(trainer):
    return torch.cat([p.detach().flatten() for p in trainer.model.parameters()])


@pytest.mark.parametrize("method", METHODS)
def test_an_epoch_changes_every_weight_and_ticks_every_step(tiny, split, method):
    config, rates = tiny(method=method, warmup=0), []
    trainer = make_trainer(config, split)
    before = {name: value.clone() for name, value in trainer.model.named_parameters()}
    trainer.train_epoch(lambda: rates.append(trainer.optimizer.param_groups[0]["lr"]), lambda: False)
    assert rates == [learning_rate(config, 0.25), learning_rate(config, 0.75)]  # in the middle of each step
    row = trainer.history[0]
    assert row["lr"] == rates[-1]
    assert row["train_loss"] > 0 and 0 <= row["train_error"] <= 100 and row["epoch"] == 1 and row["seconds"] > 0
    moved = [name for name, value in trainer.model.named_parameters() if not torch.equal(value, before[name])]
    assert "classifier.weight" in moved and "stem.0.weight" in moved and "blocks.0.norm2.weight" in moved


def test_a_step_of_the_schedule_falls_between_two_epochs(tiny, split):
    config = tiny(schedule="steps", warmup=0, epochs=4, milestones="0.5", gamma=0.1, lr=0.02, batch_size=3)
    trainer, rates = make_trainer(config, split), []
    for _ in range(4):
        trainer.train_epoch(lambda: rates.append(trainer.optimizer.param_groups[0]["lr"]), lambda: False)
    half = 2 * trainer.steps
    assert rates == pytest.approx([0.02] * half + [0.002] * half)
    assert [row["lr"] for row in trainer.history] == pytest.approx([0.02, 0.02, 0.002, 0.002])


@pytest.mark.parametrize("options", [{}, {"accumulate": 2, "clip": 5.0}, {"ema": 0.9}, {"precision": "bf16"}])
def test_training_learns_what_is_easy(tiny, options):
    """Dark and light pictures are told apart after a few epochs, with and without RICAP."""
    generator = torch.Generator().manual_seed(0)
    labels = torch.arange(24) % 2
    images = torch.randint(0, 60, (24, 3, 40, 40), generator=generator) + 180 * labels[:, None, None, None]
    split = Resident(images.to(torch.uint8), labels, ("dark", "light"))
    for method in ("standard", "ricap"):
        trainer = train(make_trainer(tiny(method=method, batch_size=8, epochs=8, lr=0.05, **options), split), 8)
        assert evaluate(trainer.tested, split, 32).error == 0


def test_stopping_at_any_step_and_going_on_changes_nothing(tiny, split):
    config = tiny(batch_size=3, ema=0.5)  # four steps an epoch
    whole = train(make_trainer(config, split), 2)
    halting = make_trainer(config, split)
    calls = 0
    while len(halting.history) < 2:
        calls += 1
        halting.train_epoch(lambda: None, lambda: True)  # every call is stopped after one step
    assert calls == 8
    assert torch.equal(weights(whole), weights(halting))
    assert whole.rng.bit_generator.state == halting.rng.bit_generator.state
    for first, second in zip(whole.history, halting.history, strict=True):
        assert {**first, "seconds": 0} == {**second, "seconds": 0}


def without_norms(model):
    """Batch normalisation would see other batches where they are divided."""
    for name, child in model.named_children():
        setattr(model, name, torch.nn.Identity() if isinstance(child, torch.nn.BatchNorm2d) else without_norms(child))
    return model


def test_accumulated_parts_give_the_gradient_of_the_whole(tiny, split):
    gradients = []
    for accumulate in (1, 3):
        torch.manual_seed(0)
        model = without_norms(create_model("looknet", 2, width=8, depth=1))
        config = tiny(
            method="standard", batch_size=12, accumulate=accumulate, crop="none", flip=False, precision="fp32"
        )  # fmt: skip
        trainer = Trainer(config, model, split, World())
        trainer._update = lambda epoch, trainer=trainer: setattr(trainer.progress, "step", trainer.progress.step + 1)
        train(trainer)
        gradients.append(torch.cat([p.grad.flatten() for p in model.parameters()]))
    assert gradients[0].norm() > 0 and torch.allclose(*gradients, rtol=1e-3, atol=1e-6)


def test_clipping_bounds_the_step(tiny, split):
    config = tiny(clip=1e-3, weight_decay=0.0, warmup=0, momentum=1e-9)
    trainer = make_trainer(config, split)
    before = weights(trainer)
    train(trainer)
    assert 0 < (weights(trainer) - before).norm() <= 2 * config.lr * 1e-3 * 1.01  # two steps


def test_label_smoothing_keeps_the_network_unsure(tiny, split):
    losses = []
    for smoothing in (0.0, 0.4):
        trainer = make_trainer(tiny(method="standard", label_smoothing=smoothing, lr=1e-9), split)
        torch.nn.init.constant_(trainer.model.classifier.bias, 0)
        trainer.model.classifier.bias.data[0] = 9.0  # sure of the first class: smoothing makes right answers dearer
        trainer.data = Resident(split.images, torch.zeros_like(split.labels), split.classes)
        losses.append(train(trainer).history[0]["train_loss"])
    assert losses[1] - losses[0] == pytest.approx(0.4 * 9 / 2, rel=0.05)


def test_average_is_the_running_mean_of_weights():
    torch.manual_seed(0)
    model = torch.nn.BatchNorm1d(3)
    average, decay = Average(model, 0.9), 0.9
    expected, mean = model.weight.detach().clone(), model.running_mean.clone()
    for step in range(1, 30):
        model.weight.data.add_(torch.randn(3))
        model(torch.randn(8, 3))
        average.update(model)
        d = min(decay, (1 + step) / (10 + step))
        expected = d * expected + (1 - d) * model.weight.detach()
        mean = d * mean + (1 - d) * model.running_mean
    assert torch.allclose(average.model.weight, expected, atol=1e-6)
    assert torch.allclose(average.model.running_mean, mean, atol=1e-6)
    assert average.model.num_batches_tracked == model.num_batches_tracked == 29


def test_the_average_moves_with_every_step(tiny, split, monkeypatch):
    seen = []
    monkeypatch.setattr(Average, "update", lambda self, model: seen.append(model))
    trainer = train(make_trainer(tiny(ema=0.9, batch_size=3), split), epochs=2)
    assert len(seen) == 2 * trainer.steps > 2


class Noted:
    """A method whose targets are noted."""

    def __init__(self, method):
        self.method, self.targeted = method, []

    def plan(self, *args):
        self.drawn = self.method.plan(*args)
        return self

    def part(self, start, stop):
        return self

    def apply(self, images):
        return self.drawn.apply(images)

    def targets(self, labels, num_classes):
        self.targeted.append(self.drawn.targets(labels, num_classes))
        return self.targeted[-1]


def test_training_error_is_what_the_answer_misses_of_the_mixed_label(tiny, split):
    """A network that always answers the first class hits its share of every label."""
    trainer = make_trainer(tiny(method="ricap", warmup=0, lr=1e-12), split)
    trainer.model.classifier.weight.data.zero_()
    trainer.model.classifier.bias.data = torch.tensor([5.0, 0.0])
    trainer.method = Noted(trainer.method)
    train(trainer)
    hit = torch.cat(trainer.method.targeted)[:, 0]
    assert len(set(hit.tolist())) > 2
    assert trainer.history[0]["train_error"] == pytest.approx(100 * (1 - hit.mean().item()), abs=1e-3)


def test_a_last_step_that_ruins_the_weights_is_told(tiny, split):
    trainer = train(make_trainer(tiny(warmup=0), split))
    trainer.model.classifier.weight.data.fill_(torch.nan)
    with pytest.raises(InputError, match="^the test's loss must be finite; it was nan in epoch 1"):
        trainer.test(split)
    assert trainer.history[-1]["test_loss"] is None


def test_average_is_what_is_tested(tiny, split):
    trainer = train(make_trainer(tiny(ema=0.99), split))
    assert trainer.tested is trainer.average.model is not trainer.model
    trainer.test(split)
    assert (
        trainer.history[-1]["test_error"]
        == evaluate(trainer.average.model, split, 32, precision=trainer.precision).error
    )
    plain = make_trainer(tiny(), split)
    assert plain.tested is plain.model


def test_fp16_scales_the_loss_and_its_steps_are_those_of_fp32(tiny, split):
    moved = []
    for precision in ("fp32", "fp16"):
        trainer = make_trainer(tiny(precision=precision, clip=1.0, warmup=0), split)
        assert trainer.scaler.is_enabled() == (precision == "fp16")
        trainer.scaler = torch.amp.GradScaler("cpu", init_scale=64.0, enabled=precision == "fp16")
        before = weights(trainer)
        moved.append(weights(train(trainer)) - before)
    assert moved[0].norm() > 0 and (moved[0] - moved[1]).norm() < 0.1 * moved[0].norm()


def test_a_loss_that_is_no_number_is_told(tiny, split):
    trainer = train(make_trainer(tiny(), split), 2)
    torch.nn.init.constant_(trainer.model.classifier.weight, float("nan"))
    with pytest.raises(InputError, match=r"^the loss must stay finite; it was nan in epoch 3: try a lower --lr"):
        train(trainer)
    assert len(trainer.history) == 2


def test_compiled_forward_is_used(tiny, split, monkeypatch):
    seen = []
    monkeypatch.setattr(torch, "compile", lambda model, **_: lambda images: seen.append(len(images)) or model(images))
    train(make_trainer(tiny(compile=True), split))
    assert seen == [5, 5]


def test_same_seed_same_run_another_seed_another(tiny, split):
    runs = [weights(train(make_trainer(tiny(seed=seed), split))) for seed in (0, 0, 1)]
    assert torch.equal(runs[0], runs[1]) and not torch.equal(runs[0], runs[2])
    assert torch.isfinite(runs[0]).all()
