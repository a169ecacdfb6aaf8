"""compare: ways to train are read as train reads them, runs go on or count, and the numbers are the networks' own."""

import json
import os
import re
import shlex
import shutil
import signal
from pathlib import Path

import numpy as np
import pytest
import torch

from ricap_explorer.cli.compare import _parsed, _words
from ricap_explorer.errors import InputError
from ricap_explorer.evidence import list_evidence
from ricap_explorer.evidence.arms import beyond_chance, check_trained, misses, report
from ricap_explorer.figures.evidence import about
from ricap_explorer.training.trainer import Trainer
from ricap_explorer.zoo import Checkpoint, list_checkpoints, read_checkpoint, write_checkpoint

SMALL = (
    "--dataset pets --arch width=8,depth=1 --epochs 1 --warmup 0.5 --batch-size 4 --train-size 32 --store-size 40 "
    "--device cpu"
).split()


def made(method: str, seed: int = 0, beta: float | None = None) -> Checkpoint:
    """A network that need not exist, for its card."""
    settings = {} if beta is None else {"beta": beta, "per_sample": False}
    card = {"dataset": "pets", "model": "looknet", "method": method, "method_settings": settings, "seed": seed}
    card |= {"epochs": 3, "model_arguments": {"width": 8}}
    return Checkpoint(Path(f"pets_looknet_{method}{beta or ''}_s{seed}.safetensors"), card)


def test_a_fine_tuned_network_beside_one_that_begins_anew(call, data_dir, tmp_path):
    words = (*SMALL, "--data-dir", data_dir)
    status, out, err = call("train", *words, "--out", tmp_path / "first")
    assert status == 0, err
    weights = out.strip()
    ways = "--seeds", "1", "--arm", "standard", "--arm", f"ricap --weights {shlex.quote(weights)} --tag fine"
    status, out, err = call("compare", *words, "--out", tmp_path / "runs", *ways)
    assert status == 0 and "begins with the weights of pets_looknet_standard_s0, its classifier too" in err, err
    assert "\nStandard, from random weights" in out and "\nRICAP β = 0.3, fine-tuned" in out
    assert call("compare", *words, "--out", tmp_path / "runs", *ways)[1] == out


def test_two_ways_are_trained_and_told_apart(call, data_dir, tmp_path):
    words = ("compare", *SMALL, "--data-dir", data_dir, "--seeds", "2", "--out", tmp_path)
    status, out, err = call(*words, "--arm", "standard", "--arm", "ricap --beta 0.1 --tag b0.1")
    assert status == 0, err
    names = [f"pets_looknet_{way}_s{seed}" for seed in (0, 1) for way in ("standard", "ricap-b0.1")]
    assert re.findall(r"^\d/4 (.*)$", out, re.MULTILINE) == names
    found, problems = list_checkpoints(tmp_path)
    assert {one.name for one in found} == set(names) and problems == []
    for one in found:
        error = misses([one], data_dir, torch.device("cpu")).mean()
        assert 100 * error == pytest.approx(one.card["test_error"], abs=0.01)
    means = {
        method: np.mean([one.card["test_error"] for one in found if one.card["method"] == method])
        for method in ("standard", "ricap")
    }
    assert f"Standard       {means['standard']:5.2f} ± " in out and f"RICAP β = 0.1  {means['ricap']:5.2f} ± " in out
    card = next(one.card for one in found if one.card["method"] == "ricap")
    assert (card["beta"], card["crop_scale"], card["image_size"]) == (0.1, 1.0, 32)
    assert card["command"].endswith(f"--method ricap --beta 0.1 --tag b0.1 --seed {card['seed']}")
    assert "compare" not in card["command"] and "train --crop-scale 1.0" in out
    before = [path.stat().st_mtime_ns for path in sorted(tmp_path.glob("*/*"))]
    status, again, err = call(*words, "--arm", "standard", "--arm", "ricap --beta 0.1 --tag b0.1")
    assert status == 0 and "epoch" not in err and again == out
    alone = call("compare", *SMALL, "--data-dir", data_dir, "--seeds", "1", "--out", tmp_path, "--arm", "standard")[1]
    assert "another seed" not in alone and "(1 run)\n\nTheir maps" in alone
    assert [path.stat().st_mtime_ns for path in sorted(tmp_path.glob("*/*"))] == before, "nothing is trained twice"


def test_what_is_stopped_goes_on(call, data_dir, tmp_path, monkeypatch):
    whole = Trainer.train_epoch

    def stopped(*args):
        raise KeyboardInterrupt

    words = ("compare", *SMALL, "--data-dir", data_dir, "--seeds", "1", "--out", tmp_path)
    monkeypatch.setattr(Trainer, "train_epoch", stopped)
    status, _, err = call(*words)
    assert status == 130 and "Stopped. The same command goes on." in err
    monkeypatch.setattr(Trainer, "train_epoch", whole)
    status, out, err = call(*words)
    assert status == 0 and "another seed may say otherwise" in out


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["--arm", "ricap", "--arm", "ricap"], "every --arm must make runs of another name; pets_looknet_ricap_s0"),
        (
            ["--arm", "ricap --seed 3"],
            "compare chooses the seed and the folder of every run and goes on by itself; got --seed",
        ),
        (["--arm", "ricap", "--method", "cutmix"], "takes methods by --arm, as in --arm standard --arm cutmix; got"),
        (["--arm", ""], "--arm must be a method, or options of train for it alone; got ''"),
        (["--seed=3"], "got --seed=3"),
        (["--beta", "0.5"], "--beta for the ways alone that have it, as in --arm standard --arm 'ricap --beta 0.5'"),
        (["--per-sample"], "--per-sample for the ways alone that have it"),
        (["--beta=0.5"], "--beta for the ways alone that have it, as in --arm standard --arm 'ricap --beta 0.5'"),
        (["--beta", "-1", "--arm", "ricap"], "beta must be a positive number; got -1.0\n"),
        (["--arm", "sharpen"], "method must be one of"),
        (["--arm", "ricap --wave 3"], "--wave"),
        (["--arm", "ricap --beta x"], "beta"),
        (["--arm", "ricap 'x"], "--arm must be words"),
        (["extra"], "extra"),
        (["--seeds", "0"], "seeds"),
        (["--arm", "standard", "--arm", "ricap --holdout 0.34"], "all --arm must have one holdout; got 0.0 and 0.34"),
        (["--arm", "standard", "--arm", "ricap --dataset zoo"], "all --arm must have one dataset; got pets and zoo"),
    ],
)
def test_bad_ways_are_one_sentence_before_anything_is_trained(words, told, call, data_dir, tmp_path):
    status, out, err = call("compare", *SMALL, "--data-dir", data_dir, "--out", tmp_path, *words)
    assert status == 2 and out == "" and told in err and len(err.strip().splitlines()) == 1
    assert not list(tmp_path.iterdir())


def test_held_out_images_are_those_of_the_training(call, data_dir, tmp_path):
    words = ("compare", *SMALL, "--data-dir", data_dir, "--seeds", "1", "--out", tmp_path, "--holdout", "0.34")
    status, out, err = call(*words)
    assert status == 0 and "pets, LookNet: error in % of 4 held-out images" in out, err
    for one in list_checkpoints(tmp_path)[0]:
        assert 100 * misses([one], data_dir, torch.device("cpu")).mean() == pytest.approx(one.card["test_error"])


def test_what_more_images_are_worth_can_be_compared(call, data_dir, tmp_path):
    words = ("compare", *SMALL, "--data-dir", data_dir, "--seeds", "1", "--out", tmp_path)
    status, out, err = call(*words, "--arm", "standard", "--arm", "standard --fraction 0.67 --tag some")
    assert status == 0, err
    assert "Standard, 67 % of the training images" in out and "Standard, all training images" in out


@pytest.mark.parametrize(
    ("way", "told"),
    [
        ("ricap --fraction 0.4 --tag few --batch-size 8", "batch_size must be at most the 4 images that a fraction of"),
        ("ricap --fraction 0.1 --tag few", "fraction must be at least an image of every class; got 0.1"),
        ("ricap --batch-size 16 --tag large", "batch_size must be at most the 12 images; got 16"),
    ],
)
def test_too_few_images_for_one_way_are_told_before_another_is_trained(way, told, call, data_dir, tmp_path):
    status, out, err = call(
        "compare", *SMALL, "--data-dir", data_dir, "--out", tmp_path, "--arm", "standard", "--arm", way
    )
    assert status == 2 and told in err and not list(tmp_path.iterdir())


def test_a_run_older_than_a_setting_counts_as_that_setting_s_default_says(call, data_dir, tmp_path):
    words = ("compare", *SMALL, "--data-dir", data_dir, "--seeds", "1", "--out", tmp_path)
    assert call(*words)[0] == 0
    young = ("fraction", "skip_corrupt", "holdout")
    for path in [*tmp_path.glob("*/*.safetensors")]:
        if path.stem != "state":
            found = read_checkpoint(path)
            left = {
                name: value for name, value in found.card.items() if name not in ("fraction", "skip_corrupt", "holdout")
            }
            write_checkpoint(path, found.load(), left)
            for file in (path.parent / "config.json", path.with_suffix(".json")):
                value = json.loads(file.read_text())
                for name in young:
                    value.get("card", value).pop(name)
                file.write_text(json.dumps(value))
    status, out, err = call(*words)
    assert status == 0 and "epoch" not in err and "error in % of 6 test images" in out, err


def test_what_is_trained_is_compared_without_its_training_images(call, make_folder, tmp_path):
    folder = make_folder(tmp_path / "data" / "pets")
    words = ("compare", *SMALL, "--data-dir", tmp_path / "data", "--seeds", "1", "--out", tmp_path / "runs")
    before = call(*words)[1]
    shutil.rmtree(folder / "train")
    assert call(*words)[:2] == (0, before)


@pytest.mark.parametrize("loader", ["resident", "stream"])
def test_images_left_out_by_both_ways_do_not_differ(loader, call, make_folder, tmp_path):
    folder = make_folder(tmp_path / "data" / "pets")
    for split in ("train", "val"):
        (folder / split / "dog" / "1.png").write_bytes(b"no picture")
    words = ("compare", *SMALL, "--data-dir", tmp_path / "data", "--seeds", "1", "--out", tmp_path / "runs")
    words += ("--skip-corrupt", "--loader", loader)
    assert call(*words, "--arm", "standard")[0] == 0
    status, out, err = call(*words)
    assert status == 0 and "error in % of 5 test images" in out, err
    assert {one.card["test_images"] for one in list_checkpoints(tmp_path / "runs")[0]} == {5}


def test_two_loaders_are_told_before_anything_is_trained_and_auto_takes_the_one_that_there_was(
    call, data_dir, tmp_path, monkeypatch
):
    words = ("compare", *SMALL, "--data-dir", data_dir, "--seeds", "1", "--out", tmp_path)
    ways = ("--arm", "standard", "--arm", "ricap --loader stream")
    status, out, err = call(*words, "--arm", "standard")
    assert status == 0, err
    monkeypatch.setattr("ricap_explorer.data.loaders.free_memory", lambda *_: 60_000)
    status, out, err = call(*words, *ways)
    assert (status, out) == (2, "") and "s0 with resident and pets_looknet_ricap_s0 with stream: compare with" in err
    assert call(*words)[0] == 0
    assert {one.card["loaded"] for one in list_checkpoints(tmp_path)[0]} == {"resident"}


@pytest.mark.parametrize("change", ["one more", "another", "exchanged"])
def test_images_that_changed_between_two_trainings_are_told_before_the_second(
    change, call, make_folder, picture, tmp_path
):
    folder = make_folder(tmp_path / "pets") / "train"
    words = ("compare", *SMALL, "--data-dir", tmp_path, "--seeds", "1", "--out", tmp_path / "runs")
    assert call(*words, "--arm", "standard")[0] == 0
    told = "files' names, sizes or classes changed between pets_looknet_standard_s0 and pets_looknet_ricap_s0: compare"
    if change == "one more":
        picture(seed=77).save(folder / "dog" / "one more.png")
        told = "pets_looknet_standard_s0 on 12 and pets_looknet_ricap_s0 on 13: compare"
    elif change == "another":
        picture(90, 90, seed=77).save(folder / "dog" / "1.png")
    else:
        for ways in (("cat", "0", "dog", "6"), ("dog", "0", "cat", "0"), ("dog", "6", "dog", "0")):
            (folder / ways[0] / f"{ways[1]}.png").rename(folder / ways[2] / f"{ways[3]}.png")
    status, out, err = call(*words)
    assert (status, out) == (2, "") and told in err
    assert not (tmp_path / "runs" / "pets_looknet_ricap_s0").exists()


def test_cards_that_do_not_tell_of_their_images_may_be_of_any():
    card = {"train_images": 12, "train_digest": "a", "loaded": "resident"}
    half = card | {"fraction": 0.5, "train_images": 6, "train_digest": "b"}
    check_trained({"old": {}, "new": card, "between": {"train_images": 12}, "half": half})
    for other, told in (("train_images", "on 12 and b on"), ("train_digest", "a and b"), ("loaded", "resident and b")):
        with pytest.raises(InputError, match=told):
            check_trained({"a": card, "b": card | {other: "x"}})


def test_a_run_whose_checkpoint_is_gone_is_made_again(call, data_dir, tmp_path):
    words = ("compare", *SMALL, "--data-dir", data_dir, "--seeds", "1", "--out", tmp_path, "--arm", "standard")
    assert call(*words)[0] == 0
    path = tmp_path / "pets_looknet_standard_s0" / "pets_looknet_standard_s0.safetensors"
    before = read_checkpoint(path).card["test_error"]
    path.unlink()
    assert call(*words)[0] == 0 and read_checkpoint(path).card["test_error"] == before


def test_what_it_says_to_do_next_can_be_done(call, make_folder, tmp_path):
    """Also with spaces in names."""
    make_folder(tmp_path / "data" / "my pets")
    runs = tmp_path / "my runs"
    words = ("--dataset", "my pets", "--data-dir", tmp_path / "data", "--seeds", "1", "--out", runs)
    status, out, _ = call("compare", *SMALL, *words)
    told = out.splitlines()
    assert shlex.split(told[-2])[-4:-2] == ["--results", str(runs)]
    command = shlex.split(told[-1].partition(" && python -m ricap_explorer ")[2])
    (runs / "evidence").mkdir()
    measured = call(*command, "--patches", "4")
    assert (status, measured[0]) == (0, 0), measured
    ((evidence,), problems) = list_evidence(runs)
    assert problems == [] and [network.method for network in evidence.networks] == ["standard", "ricap"]


@pytest.mark.parametrize("lacking", ["a readable image", "a validation set"])
def test_what_it_says_to_do_next_can_be_done_with_what_the_training_could_do_without(
    lacking, call, make_folder, tmp_path
):
    folder, words = make_folder(tmp_path / "data" / "pets"), ["--skip-corrupt"]
    if lacking == "a readable image":
        (folder / "val" / "dog" / "1.png").write_bytes(b"no picture")
    else:
        shutil.rmtree(folder / "val")
        words = ["--holdout", "0.34"]
    words += ["--data-dir", tmp_path / "data", "--seeds", "1", "--out", tmp_path / "runs"]
    status, out, err = call("compare", *SMALL, *words)
    assert status == 0, err
    (tmp_path / "runs" / "evidence").mkdir()
    command = shlex.split(out.splitlines()[-1].partition(" && python -m ricap_explorer ")[2])
    status, _, err = call(*command, "--patches", "4")
    assert status == 0 and ("left out: " in err) == (lacking == "a readable image"), err
    ((evidence,), _) = list_evidence(tmp_path / "runs")
    assert evidence.card["images"] == (5 if lacking == "a readable image" else 4)
    assert ("held out from training" in about(evidence)) == (lacking == "a validation set")


def test_runs_of_other_settings_are_told_before_anything_is_trained(call, data_dir, tmp_path):
    words = ("compare", *SMALL, "--data-dir", data_dir, "--seeds", "1", "--out", tmp_path)
    assert call(*words, "--arm", "ricap")[0] == 0
    status, out, err = call(*words, "--lr", "0.01")
    assert status == 2 and out == "" and "it was begun with other lr: compare with a --tag, or into" in err
    assert not (tmp_path / "pets_looknet_standard_s0").exists()


def test_a_finished_run_is_not_tested_anew_unasked(call, data_dir, tmp_path):
    words = ("compare", *SMALL, "--data-dir", data_dir, "--seeds", "1", "--out", tmp_path)
    assert call(*words, "--arm", "ricap")[0] == 0
    before = {path: path.read_bytes() for path in sorted(tmp_path.glob("*/*"))}
    status, out, err = call(*words, "--image-size", "48")
    assert status == 2 and out == "" and "holds a run tested at 32 px; 48 are asked for" in err
    assert {path: path.read_bytes() for path in sorted(tmp_path.glob("*/*"))} == before


def test_classes_that_changed_since_the_training_are_told(call, make_folder, tmp_path):
    make_folder(tmp_path / "pets")
    words = ("compare", *SMALL, "--data-dir", tmp_path, "--seeds", "1", "--out", tmp_path / "runs", "--arm", "ricap")
    assert call(*words)[0] == 0
    for split in ("train", "val"):
        (tmp_path / "pets" / split / "cat").rename(tmp_path / "pets" / split / "zebra")
    status, _, err = call(*words)
    assert status == 2 and "of the classes that pets_looknet_ricap_s0 knows" in err


def test_under_torchrun_it_says_so(call, monkeypatch, tmp_path):
    monkeypatch.setenv("RANK", "0")
    status, _, err = call("compare", *SMALL, "--out", tmp_path)
    assert status == 2 and "torchrun" in err


def test_a_way_s_command_tells_what_suits_its_method_unless_told_otherwise():
    assert _words("standard", ["--train-size", "96"])[:4] == ["--crop-scale", "0.25", "--image-size", "128"]
    assert _words("ricap", ["--train-size", "96"])[:4] == ["--crop-scale", "1.0", "--image-size", "96"]
    assert _words("ricap", ["--crop", "none"])[:2] == ["--image-size", "128"]
    assert _words("ricap", ["--dataset", "cifar10"])[:2] == ["--image-size", "32"]
    words = _words("ricap --crop-scale 0.5", ["--crop-scale", "0.4", "--image-size", "64"])
    assert _parsed(words).crop_scale == 0.5 and _parsed(words).image_size == 64, "the latter holds"


@pytest.mark.parametrize(
    ("alone", "other", "apart"), [(5, 0, False), (6, 0, True), (8, 1, True), (8, 2, False), (0, 0, False)]
)
def test_single_runs_are_told_apart_by_an_exact_test(alone, other, apart):
    wrong = np.zeros((2, 200), bool)
    wrong[0, :alone] = wrong[1, 100 : 100 + other] = True  # two-sided p: 0.0625, 0.031, 0.039, 0.109, 1
    assert beyond_chance(*wrong) == beyond_chance(*wrong[::-1]) == apart
    said = report([made("standard"), made("ricap", 0, 0.3)], wrong)
    assert ("errs less than Standard" in said) == apart and ("chance alone could do that" in said) != apart


def test_what_the_ways_differ_in_is_told_on_every_line():
    def way(method, **card):
        given = made(method)
        return Checkpoint(given.path, given.card | {"lr": 0.05} | card)

    wide = {"model": "wide_resnet", "model_arguments": {"depth": 10, "width": 1}, "lr": 0.1}
    ways = [way("standard"), way("ricap", epochs=1, **wide), way("cutmix")]
    lines = report(ways, np.zeros((3, 40), bool)).splitlines()
    assert lines[0] == "pets: error in % of 40 test images"
    titles = [line.rpartition("  0.00  ")[0].strip() for line in lines if "(1 run)" in line]
    assert titles == [
        "Standard, LookNet of width 8, learning rate 0.05, 3 epochs",
        "RICAP, Wide ResNet of depth 10, width 1, learning rate 0.1, 1 epoch",
        "CutMix, LookNet of width 8, learning rate 0.05, 3 epochs",
    ]


def test_a_difference_is_one_of_images_and_of_runs():
    ways = [made("standard"), made("standard", 1), made("ricap", 0, 0.3), made("ricap", 1, 0.3)]
    wrong = np.zeros((4, 400), bool)
    wrong[:2, :200] = True
    wrong[2:, :80] = True
    lines = report(ways, wrong).splitlines()
    assert lines[0] == "pets, LookNet: error in % of 400 test images"
    assert lines[1] == "Standard       50.00 ± 0.00  (2 runs)" and lines[2] == "RICAP β = 0.3  20.00 ± 0.00  (2 runs)"
    low, high = map(float, re.search(r"interval (\S+) to (\S+)\)", lines[3].replace("−", "-")).groups())
    spread = 1.96 * 100 * np.sqrt(0.3 * 0.7 / 400)  # of 400 paired differences of 0 and -1
    assert (low, high) == (pytest.approx(-30 - spread, abs=0.5), pytest.approx(-30 + spread, abs=0.5))
    assert "−30.00" in lines[3] and lines[3].endswith(": errs less than Standard") and len(lines) == 4
    wrong[3, 80:300] = True  # a run that fails: two runs can say nothing then
    assert "chance alone could do that" in report(ways, wrong)


def test_several_runs_that_agree_on_few_images_show_nothing():
    """Whatever the bootstrap and the runs' deviation say."""
    ways = [made(method, seed, beta) for method, beta in (("standard", None), ("ricap", 0.3)) for seed in range(3)]
    for count, apart in ((5, False), (6, True)):
        wrong = np.zeros((6, 20), bool)
        wrong[:3, :count] = True
        said = report(ways, wrong)
        assert ("errs less than Standard" in said) == apart and ("chance alone could do that" in said) != apart


def test_images_that_changed_under_a_stopped_run_are_told(call, make_folder, picture, tmp_path, monkeypatch):
    folder = make_folder(tmp_path / "pets") / "train"
    words = ("compare", *SMALL, "--data-dir", tmp_path, "--seeds", "1", "--out", tmp_path / "runs")
    whole = Trainer.train_epoch
    monkeypatch.setattr(Trainer, "train_epoch", lambda *_: os.kill(os.getpid(), signal.SIGTERM) or whole(*_))
    status, _, err = call(*words)
    assert status == 143 and "Stopped. The same command goes on." in err
    monkeypatch.setattr(Trainer, "train_epoch", whole)
    picture(90, 90, seed=77).save(folder / "dog" / "1.png")
    status, out, err = call(*words)
    assert (status, out) == (2, "") and "learn from one set of images to its end" in err
