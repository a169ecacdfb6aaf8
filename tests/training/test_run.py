"""A run: what lies in its folder, and that stopping and resuming changes nothing."""

import csv
import dataclasses
import errno
import json
import math
import multiprocessing
import shutil
import sys
import time
from types import SimpleNamespace

import numpy as np
import pytest
import torch
from safetensors.torch import load_file

import ricap_explorer.training.run as run_module
from ricap_explorer import zoo
from ricap_explorer.data import open_data
from ricap_explorer.errors import InputError
from ricap_explorer.training import evaluate, train
from ricap_explorer.training.distributed import World
from ricap_explorer.training.engine import epoch_jobs
from ricap_explorer.training.images import check_images
from ricap_explorer.training.lock import alone
from ricap_explorer.training.logs import write_json
from ricap_explorer.training.state import load_state
from ricap_explorer.training.trainer import Trainer
from ricap_explorer.zoo import read_checkpoint


def read_json(path):
    return json.loads(path.read_text())


def without_seconds(rows):
    return [{key: value for key, value in row.items() if key != "seconds"} for row in rows]


def stop_in_epoch(number, monkeypatch):
    """Ctrl-C in the middle of the given epoch: its work is done in memory and lost."""
    whole, calls = Trainer.train_epoch, []

    def interrupted(*args):
        calls.append(1)
        done = whole(*args)
        if len(calls) == number:
            raise KeyboardInterrupt
        return done

    monkeypatch.setattr(Trainer, "train_epoch", interrupted)


def test_folder_tells_all_about_the_run(tiny, data_dir):
    config = tiny(epochs=3, eval_every=2)
    path = train(config)
    folder = config.folder
    names = {"config.json", "environment.json", "metrics.json", "metrics.csv", "state.safetensors"}
    names.add(f"{config.name}.json")
    assert {file.name for file in folder.iterdir()} == names | {path.name}
    assert path == folder / "pets_looknet_ricap_s0.safetensors"
    assert read_json(folder / "config.json") == config.recipe()
    assert read_json(folder / "environment.json")["versions"]["torch"] == torch.__version__

    rows = read_json(folder / "metrics.json")
    assert [row["epoch"] for row in rows] == [1, 2, 3]
    assert [row["test_error"] is None for row in rows] == [True, False, False]  # every second, and the last
    assert rows[1]["lr"] > rows[2]["lr"] > 0
    with (folder / "metrics.csv").open() as file:
        table = list(csv.DictReader(file))
    assert [list(row) for row in table] == [list(row) for row in rows]
    assert [row["train_loss"] for row in table] == [str(row["train_loss"]) for row in rows]

    found = read_checkpoint(path)
    result = read_json(folder / f"{config.name}.json")
    assert result["card"] == found.card
    assert ["test_error" in row for row in result["epochs"]] == [False, True, True]  # what was measured alone
    for told, row in zip(result["epochs"], rows, strict=True):
        assert told == pytest.approx({name: row[name] for name in told}, rel=1e-6)
    assert found.card["classes"] == ["cat", "dog"] and found.card["method_settings"] == {
        "beta": 0.3,
        "per_sample": False,
    }
    score = evaluate(found.load(), open_data("pets", data_dir, "val", 40, loader="resident"), 32)
    assert found.card["test_error"] == pytest.approx(score.error, abs=1e-3) and found.card["test_images"] == 6


@pytest.mark.parametrize("stopped_in", [1, 3])
def test_resumed_run_equals_the_uninterrupted_one(tiny, tmp_path, monkeypatch, stopped_in):
    whole, halved = tiny(out=tmp_path / "whole"), tiny(out=tmp_path / "halved")
    train(whole)
    with monkeypatch.context() as patch:
        stop_in_epoch(stopped_in, patch)
        with pytest.raises(KeyboardInterrupt):
            train(halved)
    if stopped_in == 1:  # nothing to resume yet: simply start again
        with pytest.raises(InputError, match="--resume needs"):
            train(halved, resume=True)
        train(halved)
    else:
        assert len(read_json(halved.folder / "metrics.json")) == stopped_in - 1
        torch.manual_seed(99)  # whatever the new process drew before does not matter
        train(halved, resume=True)

    for name in ("state.safetensors", f"{whole.name}.safetensors"):
        first, second = load_file(whole.folder / name), load_file(halved.folder / name)
        assert first.keys() == second.keys()
        for key in first:
            assert torch.equal(first[key], second[key]), key
    rows = [without_seconds(read_json(config.folder / "metrics.json")) for config in (whole, halved)]
    assert rows[0] == rows[1] and len(rows[0]) == 4


def test_same_seed_same_weights_another_seed_others(tiny, tmp_path):
    runs = [tiny(out=tmp_path / str(i), seed=seed, epochs=2) for i, seed in enumerate((0, 0, 1))]
    weights = [load_file(train(config))["classifier.weight"] for config in runs]
    assert torch.equal(weights[0], weights[1]) and not torch.equal(weights[0], weights[2])


def test_finished_run_resumes_to_the_same_checkpoint(tiny):
    config = tiny(epochs=2)
    before = load_file(train(config))
    after = load_file(train(config, resume=True))
    assert all(torch.equal(before[key], after[key]) for key in before)


def test_a_finished_run_is_tested_at_another_size_as_if_it_had_been_from_the_start(tiny, tmp_path):
    sizes = {"image_size": 48, "eval_every": 2}
    fresh = train(tiny(epochs=3, out=tmp_path / "fresh", **sizes))
    config = tiny(epochs=3, eval_every=2)
    old = load_file(train(config))
    again = train(tiny(epochs=3, **sizes), resume=True)
    weights = load_file(again)
    assert all(torch.equal(values, old[key]) for key, values in weights.items())
    assert all(torch.equal(values, load_file(fresh)[key]) for key, values in weights.items())
    cards = [read_checkpoint(path).card for path in (fresh, again)]
    assert cards[1]["image_size"] == 48 and cards[0]["test_error"] == cards[1]["test_error"]
    rows = [read_json(path.with_suffix(".json"))["epochs"] for path in (fresh, again)]
    assert rows[1][-1]["test_loss"] == rows[0][-1]["test_loss"]
    assert not any("test_error" in row for row in rows[1][:-1])  # those were at the old size
    assert read_json(config.folder / "config.json")["image_size"] == 48
    known = read_json(config.folder / "metrics.json")
    assert [row["test_error"] for row in known] == [None, None, pytest.approx(rows[1][-1]["test_error"])]


def test_a_test_at_another_size_that_is_interrupted_leaves_no_test_at_the_old_one(tiny, monkeypatch):
    train(tiny(epochs=2))
    again = tiny(epochs=2, image_size=48)
    monkeypatch.setattr(Trainer, "test", lambda *_: (_ for _ in ()).throw(KeyboardInterrupt()))
    with pytest.raises(KeyboardInterrupt):
        train(again, resume=True)
    monkeypatch.undo()
    rows = read_json(train(again, resume=True).with_suffix(".json"))["epochs"]
    assert ["test_error" in row for row in rows] == [False, True]


@pytest.mark.parametrize("ema", [0.0, 0.9])
def test_what_a_finished_run_published_is_enough_to_test_it_anew(tiny, monkeypatch, ema):
    """The weights stay, and who trained them; the card tells who tested them, too."""
    config = tiny(epochs=2, ema=ema)
    path = train(config)
    weights, card = load_file(path), read_checkpoint(path).card
    for name in ("state.safetensors", "metrics.json", "metrics.csv"):
        (config.folder / name).unlink()
    monkeypatch.setattr("sys.argv", ["ricap_explorer", "a", "later command"])
    again = train(tiny(epochs=2, ema=ema, image_size=48), resume=True)
    found = read_checkpoint(again).card
    assert again == path and all(torch.equal(values, weights[key]) for key, values in load_file(path).items())
    assert found["command"] == card["command"] and found["tested_by"]["command"].endswith("a 'later command'")
    assert found["image_size"] == 48 and "tested_by" not in card
    path.with_suffix(".json").write_text("damaged")
    (config.folder / "state.safetensors").unlink()
    with pytest.raises(InputError, match="must hold the run's epochs"):
        train(tiny(epochs=2, ema=ema), resume=True)


def test_one_process_at_a_time_trains_in_a_folder(tiny, monkeypatch):
    config = tiny(epochs=1)
    monkeypatch.setattr(run_module, "_fit", lambda *_, **__: train(config))
    with pytest.raises(InputError, match="one process at a time may train in a folder"):
        train(config)
    monkeypatch.undo()
    assert train(config)


def test_existing_run_is_never_overwritten(tiny):
    config = tiny(epochs=2)
    path = train(config)
    before = path.read_bytes()
    with pytest.raises(
        InputError, match="^the run folder must be new, or be continued with --resume .*; .* holds a run$"
    ):
        train(config)
    (config.folder / "state.safetensors").unlink()  # as in a folder that came out of a pack
    with pytest.raises(InputError, match="must be new"):
        train(config)
    assert path.read_bytes() == before


def test_a_run_goes_on_with_the_images_that_it_began_with(tiny, make_folder, picture, tmp_path):
    make_folder(tmp_path / "pets")
    config = tiny(data_dir=tmp_path, epochs=2)
    assert train(config, deadline=time.monotonic()) is None
    added = tmp_path / "pets" / "train" / "dog" / "one more.png"
    picture().save(added)
    with pytest.raises(
        InputError,
        match="--resume must find the 12 training images .*; got 13: put them back, or go on with --skip-corrupt",
    ):
        train(config, resume=True)
    assert train(tiny(data_dir=tmp_path, epochs=2, skip_corrupt=True), resume=True)


@pytest.mark.parametrize("change", [{"lr": 0.01}, {"beta": 1.0}, {"seed": 2}, {"epochs": 5}, {"arch": "width=16"}])
def test_resume_keeps_the_settings(tiny, change):
    (tiny().folder).mkdir()
    (tiny().folder / "state.safetensors").write_bytes(b"")
    (tiny().folder / "config.json").write_text(json.dumps(tiny().recipe()))
    with pytest.raises(InputError, match=f"must keep its settings; it was begun with other {next(iter(change))}"):
        train(tiny(**change), resume=True)


@pytest.mark.parametrize("missing", ["state", "config"])
def test_damaged_run_folder_is_told(tiny, missing):
    folder = tiny().folder
    folder.mkdir()
    (folder / "state.safetensors").write_bytes(b"not a state")
    if missing == "state":
        (folder / "config.json").write_text(json.dumps(tiny().recipe()))
    with pytest.raises(InputError, match="^[^\n]*damaged$"):
        train(tiny(), resume=True)


@pytest.mark.parametrize("change", [{"batch_size": 13}, {"dataset": "birds"}, {"lr": 1e30}])
def test_what_cannot_be_trained_is_told_and_publishes_nothing(tiny, change):
    config = tiny(**change)
    with pytest.raises(InputError) as caught:
        train(config)
    assert "\n" not in str(caught.value)
    assert not list(config.folder.glob("*looknet*"))


@pytest.mark.skipif(torch.cuda.is_available(), reason="there is a GPU")
def test_missing_gpu_is_told(tiny):
    with pytest.raises(InputError, match="device must be auto or cpu"):
        train(tiny(device="cuda"))


def test_test_images_of_other_classes_are_told(tiny, make_folder, tmp_path):
    make_folder(tmp_path / "pets")
    (tmp_path / "pets" / "val" / "dog").rename(tmp_path / "pets" / "val" / "emu")
    with pytest.raises(InputError, match="must have the same classes as"):
        train(tiny(data_dir=tmp_path))


def test_score_of_a_run_is_finite(tiny):
    config = tiny(epochs=2, method="standard")
    train(config)
    for row in read_json(config.folder / "metrics.json"):
        assert all(math.isfinite(row[key]) for key in ("train_loss", "train_error", "test_loss", "test_error", "lr"))


def same_weights(first, second):
    one, two = load_file(first), load_file(second)
    return one.keys() == two.keys() and all(torch.equal(one[key], two[key]) for key in one)


@pytest.mark.parametrize("options", [{}, {"ema": 0.5, "method": "mixup"}, {"loader": "stream", "workers": 0}])
def test_a_run_in_pieces_of_a_step_equals_the_whole(tiny, tmp_path, options):
    """A deadline in the past stops every piece after one step, in the middle of epochs."""
    whole, pieces = (
        tiny(epochs=2, out=tmp_path / "whole", **options),
        tiny(epochs=2, out=tmp_path / "pieces", **options),
    )
    path, resume, calls = train(whole), False, 0
    while (found := train(pieces, resume, deadline=time.monotonic())) is None:
        resume, calls = True, calls + 1
        torch.manual_seed(calls)  # whatever another process drew does not matter
    assert calls == 3  # two epochs of two steps
    assert same_weights(path, found)
    rows = [without_seconds(read_json(config.folder / "metrics.json")) for config in (whole, pieces)]
    assert rows[0] == rows[1]


def test_streamed_runs_do_not_depend_on_their_workers(tiny, tmp_path):
    runs = [tiny(epochs=1, loader="stream", workers=n, out=tmp_path / str(n)) for n in (0, 2)]
    assert same_weights(*map(train, runs))


def test_every_data_set_network_and_method_meets_in_a_run(tiny):
    config = tiny(
        model="wide_resnet", arch="depth=10,width=1", method="cutmix", crop="padded", epochs=1, start_size=None,
        train_size=32, colour=0.2, rotate=10.0,
    )  # fmt: skip
    found = read_checkpoint(train(config))
    assert found.card["model_arguments"] == {"depth": 10, "width": 1, "dropout": 0.3}
    assert found.load().classifier.out_features == 2


def test_holdout_tests_on_a_part_of_the_training_set(tiny):
    config = tiny(holdout=0.34, batch_size=4, epochs=1)
    card = read_checkpoint(train(config)).card
    assert card["test_images"] == 4 and card["holdout"] == 0.34  # two of six of each class


def test_a_fraction_trains_on_fewer_images_and_tests_on_all(tiny, tmp_path):
    whole, some = (
        read_checkpoint(train(tiny(fraction=share, batch_size=4, epochs=1, out=tmp_path / str(share)))).card
        for share in (1.0, 0.5)
    )
    assert some["train_images"] == whole["train_images"] / 2 and some["test_images"] == whole["test_images"]
    assert some["fraction"] == 0.5


def test_a_run_older_than_a_setting_goes_on(tiny):
    config = tiny(epochs=2)
    train(config, deadline=time.monotonic())
    path = config.folder / "config.json"
    saved = json.loads(path.read_text())
    del saved["fraction"]
    path.write_text(json.dumps(saved))
    assert train(config, resume=True)
    with pytest.raises(InputError, match="must keep its settings; it was begun with other fraction"):
        train(dataclasses.replace(config, fraction=0.5), resume=True)


def test_a_compiler_that_is_missing_is_one_sentence(tiny, monkeypatch):
    def fail(*args):
        raise type("InductorError", (RuntimeError,), {"__module__": "torch._inductor.exc"})("No C++ compiler\nA trace")

    monkeypatch.setattr(Trainer, "train_epoch", fail)
    with pytest.raises(InputError, match=r"--compile must find .* leave it out \(No C.. compiler"):
        train(tiny(epochs=1))


def test_another_networks_state_is_told(tiny, tmp_path):
    config, other = tiny(epochs=2), tiny(epochs=2, arch="width=16,depth=1", out=tmp_path / "other")
    train(config, deadline=time.monotonic()), train(other, deadline=time.monotonic())
    shutil.copy(other.folder / "state.safetensors", config.folder)
    with pytest.raises(InputError, match="must hold this run's network; it holds another"):
        train(config, resume=True)


def test_a_full_disk_leaves_the_state_whole(tiny, monkeypatch):
    config = tiny(epochs=3)
    train(config, deadline=time.monotonic())
    before = (config.folder / "state.safetensors").read_bytes()

    def full(tensors, path, metadata=None):
        path.write_bytes(b"half")
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr("safetensors.torch.save_file", full)
        with pytest.raises(InputError, match=r"^state\.safetensors must be written; No space left on device"):
            train(config, resume=True)
    assert (config.folder / "state.safetensors").read_bytes() == before
    assert not list(config.folder.glob("*.part"))
    assert train(config, resume=True)


def test_missing_test_images_are_told_before_the_training_images_are_read(tiny, make_folder, tmp_path, capsys):
    make_folder(tmp_path / "pets")
    shutil.rmtree(tmp_path / "pets" / "val")
    with pytest.raises(InputError, match="val/ is missing"):
        train(tiny(data_dir=tmp_path))
    assert "decoding" not in capsys.readouterr().err


def test_a_corrupt_image_is_named_and_skipped_only_when_asked(tiny, make_folder, tmp_path):
    make_folder(tmp_path / "pets")
    bad = tmp_path / "pets" / "train" / "dog" / "3.png"
    bad.write_bytes(b"no picture")
    config = tiny(data_dir=tmp_path, epochs=1)
    with pytest.raises(InputError, match="3.png"):
        train(config)
    assert train(tiny(data_dir=tmp_path, epochs=1, skip_corrupt=True))


@pytest.mark.parametrize("accumulate", [1, 2])
def test_an_image_that_fails_in_mid_epoch_loses_no_step(tiny, make_folder, tmp_path, accumulate, capsys):
    """The state is kept to the step before, also if half of the step was done; put right or left out, the image ends
    nothing."""
    make_folder(tmp_path / "pets")
    options = {"data_dir": tmp_path, "batch_size": 4, "epochs": 2, "loader": "stream", "workers": 0}
    options |= {"accumulate": accumulate}
    whole = tiny(**options, out=tmp_path / "whole")
    path, last = train(whole), epoch_jobs(whole, 12, 0, np.random.default_rng(0), World())[-1][0][0]
    bad = sorted((tmp_path / "pets" / "train").rglob("*.png"))[last]
    good = bad.read_bytes()
    for name in ("mended", "skipped"):
        bad.write_bytes(good[:99])
        for resume in (False, True):
            with pytest.raises(InputError, match=f"{bad.name} must be a whole image.*; --skip-corrupt leaves such"):
                train(tiny(**options, out=tmp_path / name), resume=resume)
    assert load_file(tmp_path / "skipped" / "state.safetensors")["progress.sums"].any()
    assert train(tiny(**options, skip_corrupt=True, out=tmp_path / "skipped"), resume=True)
    bad.write_bytes(good)
    assert same_weights(path, train(tiny(**options, out=tmp_path / "mended"), resume=True))
    assert "training images are not all those that the run began with" in capsys.readouterr().err
    rows = [without_seconds(read_json(tmp_path / name / "metrics.json")) for name in ("whole", "mended")]
    assert rows[0] == rows[1]


def test_an_unreadable_test_image_loses_no_epoch(tiny, make_folder, tmp_path):
    make_folder(tmp_path / "pets")
    options = {"data_dir": tmp_path, "epochs": 2, "loader": "stream", "workers": 0}
    path = train(tiny(**options, out=tmp_path / "whole"))
    bad = sorted((tmp_path / "pets" / "val").rglob("*.png"))[0]
    good = bad.read_bytes()
    bad.write_bytes(good[:99])
    config = tiny(**options, out=tmp_path / "mended")
    with pytest.raises(InputError, match=f"{bad.name} must be a whole image.*; --skip-corrupt leaves such"):
        train(config)
    bad.write_bytes(good)
    assert same_weights(path, train(config, resume=True))
    rows = [read_json(tmp_path / name / "metrics.json") for name in ("whole", "mended")]
    assert rows[1][0]["test_error"] is None and without_seconds(rows[0])[1] == without_seconds(rows[1])[1]


def test_a_map_of_one_value_cannot_be_normalised(tiny):
    with pytest.raises(InputError, match="more than one value; batch_size 4 in 4 parts does not at 32 px"):
        options = {"arch": "", "method": "standard", "batch_size": 4, "accumulate": 4}
        train(tiny(model="wide_resnet50_2", start_size=None, train_size=32, **options))


def test_a_step_too_large_for_the_memory_is_one_sentence(tiny, monkeypatch):
    def full(*_, **__):
        raise torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 20.00 GiB")

    monkeypatch.setattr(Trainer, "_learn", full)
    with pytest.raises(InputError, match="memory of the CPU; batch_size 5 in 1 part does not: try a larger --accumul"):
        train(tiny())


def test_a_test_too_large_for_the_memory_is_one_sentence_and_loses_no_epoch(tiny, monkeypatch):
    def full(*_, **__):
        raise torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 20.00 GiB")

    config = tiny(epochs=1, accumulate=2, batch_size=8)
    for place in ("trainer", "run"):  # after an epoch, and of the published weights
        monkeypatch.setattr(f"ricap_explorer.training.{place}.evaluate", full)
        with pytest.raises(InputError, match="^a test must fit .* of the CPU; 4 images of 32 px do not: try a smaller"):
            train(config, resume=place == "run")
        monkeypatch.undo()
    assert len(read_json(config.folder / "metrics.json")) == 1 and train(config, resume=True)


def test_a_state_that_is_slow_to_save_is_not_saved_every_epoch(tiny, monkeypatch):
    """The first and the last are; what is left of the run is whole."""
    saves, whole = [], run_module._save
    monkeypatch.setattr(run_module, "_save", lambda trainer: saves.append(len(trainer.history)) or whole(trainer) + 60)
    config = tiny(epochs=4)
    assert train(config) and saves == [1, 4]
    assert len(read_json(config.folder / "metrics.json")) == 4 and train(config, resume=True)


def test_a_run_goes_on_in_its_precision_and_with_its_loader_whatever_auto_is_now(tiny, tmp_path, monkeypatch):
    whole, pieces = tiny(epochs=2, out=tmp_path / "whole"), tiny(epochs=2, out=tmp_path / "pieces")
    monkeypatch.setattr("ricap_explorer.training.trainer.choose_precision", lambda *_: "fp32")
    path = train(whole)
    assert train(pieces, deadline=time.monotonic()) is None
    monkeypatch.setattr("ricap_explorer.training.trainer.choose_precision", lambda *_: "bf16")
    monkeypatch.setattr("ricap_explorer.data.loaders.free_memory", lambda *_: 60_000)
    assert same_weights(path, train(pieces, resume=True))
    told = read_json(pieces.folder / "environment.json")
    assert (told["computed_in"], told["loaded"]) == ("fp32", "resident")
    with pytest.raises(InputError, match="--resume must keep the run's loader resident; got stream"):
        train(tiny(epochs=2, loader="stream", out=pieces.folder), resume=True)


def test_what_is_loaded_lies_in_memory_as_the_weights_do(tiny, data_dir):
    """Else an optimiser step takes its slow way."""
    config, here = tiny(epochs=2), World()
    assert train(config, deadline=time.monotonic()) is None
    split = open_data("pets", data_dir, "train", 40, loader="resident")
    trainer = run_module._create_trainer(config, split, here, resume=True)
    load_state(config.folder / "state.safetensors", trainer)
    slots = trainer.optimizer.state
    assert len(slots) == len(list(trainer.model.parameters()))
    assert all(slot["momentum_buffer"].stride() == parameter.stride() for parameter, slot in slots.items())


def test_every_process_goes_on_with_dropout_of_its_own(tiny, data_dir):
    config = tiny(epochs=2)
    assert train(config, deadline=time.monotonic()) is None
    training = open_data("pets", data_dir, "train", 40, loader="resident")
    trainer = run_module._create_trainer(config, training, World(), resume=True)
    drawn = []
    for rank in range(3):
        trainer.world = World(rank, 3)
        load_state(config.folder / "state.safetensors", trainer)
        drawn.append(torch.rand(()).item())
    assert len(set(drawn)) == 3


def test_a_loss_that_is_no_number_is_not_saved(tiny):
    config = tiny(lr=1e30, epochs=2)
    with pytest.raises(InputError, match="the loss must stay finite"):
        train(config)
    assert not (config.folder / "state.safetensors").exists()


def test_a_log_that_cannot_be_written_is_told_and_the_old_one_stays(tmp_path, monkeypatch):
    path = tmp_path / "logs" / "metrics.json"
    write_json(path, [1])

    def full(*_):
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as patch, pytest.raises(InputError, match=r"metrics.json must be written; No space"):
        patch.setattr("os.replace", full)
        write_json(path, [1, 2])
    assert read_json(path) == [1] and [file.name for file in path.parent.iterdir()] == ["metrics.json"]
    with pytest.raises(InputError, match="must be written; "):
        write_json(path / "below" / "a.json", 1)


def test_tensorboard_events_or_one_sentence(tiny, monkeypatch):
    config = tiny(epochs=1, tensorboard=True)
    monkeypatch.setitem(sys.modules, "torch.utils.tensorboard", None)
    with pytest.raises(InputError, match="--tensorboard needs the package tensorboard"):
        train(config)
    seen = []

    class Writer:
        def __init__(self, folder):
            assert folder == config.folder / "tensorboard"

        def add_scalar(self, name, value, step):
            seen.append((name, step))

        def flush(self):
            seen.append("flush")

    monkeypatch.setitem(sys.modules, "torch.utils.tensorboard", type(sys)("tensorboard"))
    sys.modules["torch.utils.tensorboard"].SummaryWriter = Writer
    train(tiny(epochs=1, tensorboard=True))
    assert ("train_loss", 1) in seen and ("test_error", 1) in seen and seen[-1] == "flush"


def test_zoo_writes_aside(tmp_path):
    path = tmp_path / "new" / "a.safetensors"
    zoo.write_atomically(path, {"a": torch.zeros(2)}, {})
    assert [file.name for file in path.parent.iterdir()] == ["a.safetensors"]


def test_images_that_change_under_a_stopped_run_leave_their_mark_on_its_card(tiny, make_folder, picture, tmp_path):
    root = make_folder(tmp_path / "pets") / "train"
    config = tiny(data_dir=tmp_path, epochs=2)
    assert train(config, deadline=time.monotonic()) is None
    before = check_images(config)["train_digest"]
    picture(90, 90, seed=77).save(root / "dog" / "1.png")
    for _ in range(2):  # stopped once more in between
        train(config, resume=True, deadline=time.monotonic())
    path = train(config, resume=True)
    assert read_checkpoint(path).card["train_digest"] == f"{before}, then {check_images(config)['train_digest']}"


@pytest.mark.skipif(sys.platform == "win32", reason="nothing is forked there")
def test_a_process_that_was_forked_meanwhile_does_not_keep_the_folder(tiny):
    folder = tiny().folder
    with alone(folder, World()):
        child = multiprocessing.get_context("fork").Process(target=time.sleep, args=(60,))
        child.start()
    with alone(folder, World()):
        pass
    child.kill()


@pytest.mark.parametrize(("batch_size", "told"), [(8, "an epoch has 1 step, which leave out 4 of the 12"), (6, "")])
def test_images_left_over_of_an_epoch_s_batches_are_told(batch_size, told, tiny, capsys):
    train(tiny(epochs=1, batch_size=batch_size))
    err = capsys.readouterr().err
    assert told in err and ("a smaller --batch-size" in err) == bool(told)


def test_images_that_change_before_anything_was_learnt_leave_no_mark(tiny, make_folder, picture, tmp_path, monkeypatch):
    root = make_folder(tmp_path / "pets") / "train"
    config = tiny(data_dir=tmp_path, epochs=1)
    monkeypatch.setattr(run_module, "_fit", lambda *_, **__: (_ for _ in ()).throw(KeyboardInterrupt))
    with pytest.raises(KeyboardInterrupt):
        train(config)
    monkeypatch.undo()
    picture(90, 90, seed=77).save(root / "dog" / "1.png")
    assert read_checkpoint(train(config)).card["train_digest"] == check_images(config)["train_digest"]


@pytest.mark.parametrize(("seconds", "late"), [(9.5, False), (5.0, True), (0.0, True), (12.0, False)])
def test_of_the_epoch_under_way_only_what_is_left_counts(seconds, late):
    """Nine of ten epochs are done, of 10 s each, and five seconds are left."""
    history = [{"seconds": 10.0}] * 9
    progress = SimpleNamespace(seconds=seconds) if seconds else None
    trainer = SimpleNamespace(history=history, progress=progress, config=SimpleNamespace(epochs=10))
    assert run_module._too_slow(trainer, 0, time.monotonic() + 5) is late
