"""A run: what lies in its folder, and that stopping and resuming changes nothing."""

import json
import math

import pytest
import torch
from safetensors.torch import load_file

from ricap_explorer.data import load_split
from ricap_explorer.errors import InputError
from ricap_explorer.training import evaluate, run, train
from ricap_explorer.zoo import read_checkpoint


def read_json(path):
    return json.loads(path.read_text())


def without_seconds(rows):
    return [{key: value for key, value in row.items() if key != "seconds"} for row in rows]


def stop_in_epoch(number, monkeypatch):
    """Ctrl-C in the middle of the given epoch: its work is done in memory and lost."""
    whole, calls = run.train_epoch, []

    def interrupted(*args):
        calls.append(1)
        score = whole(*args)
        if len(calls) == number:
            raise KeyboardInterrupt
        return score

    monkeypatch.setattr(run, "train_epoch", interrupted)


def test_folder_tells_all_about_the_run(tiny, data_dir):
    config = tiny(epochs=3, eval_every=2)
    path = train(config)
    folder = config.folder
    names = {"config.json", "environment.json", "metrics.json", "state.safetensors", f"{config.name}.json"}
    assert {file.name for file in folder.iterdir()} == names | {path.name}
    assert path == folder / "pets_looknet_ricap_s0.safetensors"
    assert read_json(folder / "config.json") == config.recipe()
    assert read_json(folder / "environment.json")["versions"]["torch"] == torch.__version__

    rows = read_json(folder / "metrics.json")
    assert [row["epoch"] for row in rows] == [1, 2, 3]
    assert [row["test_error"] is None for row in rows] == [True, False, False]  # every second, and the last
    assert rows[-1]["lr"] == pytest.approx(0, abs=1e-12)

    found = read_checkpoint(path)
    result = read_json(folder / f"{config.name}.json")
    assert result == {"card": found.card, "epochs": rows}
    assert found.card["classes"] == ["cat", "dog"] and found.card["method_settings"] == {
        "beta": 0.3,
        "per_sample": False,
    }
    score = evaluate(found.load(), load_split("pets", data_dir, "val", 40), 32)
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


def test_existing_run_is_never_overwritten(tiny):
    config = tiny(epochs=2)
    path = train(config)
    before = path.read_bytes()
    with pytest.raises(InputError, match="^the run folder must be new, or be continued with --resume; .* holds a run$"):
        train(config)
    assert path.read_bytes() == before


@pytest.mark.parametrize("change", [{"lr": 0.01}, {"beta": 1.0}, {"seed": 2}, {"epochs": 5}, {"width": 16}])
def test_resume_keeps_the_settings(tiny, change):
    (tiny().folder).mkdir()
    (tiny().folder / "state.safetensors").write_bytes(b"")
    (tiny().folder / "config.json").write_text(json.dumps(tiny().recipe()))
    with pytest.raises(InputError, match=f"must keep the run's settings; {next(iter(change))} differ"):
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
    with pytest.raises(InputError, match="of the same classes"):
        train(tiny(data_dir=tmp_path))


def test_score_of_a_run_is_finite(tiny):
    config = tiny(epochs=2, method="standard")
    train(config)
    for row in read_json(config.folder / "metrics.json"):
        assert all(math.isfinite(row[key]) for key in ("train_loss", "train_error", "test_loss", "test_error", "lr"))
