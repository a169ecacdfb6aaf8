"""The command line: exit codes, and one line instead of a traceback."""

import dataclasses
import io
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from ricap_explorer import cli
from ricap_explorer.models import create_model
from ricap_explorer.training import TrainConfig
from ricap_explorer.training.trainer import Trainer
from ricap_explorer.zoo import read_checkpoint, write_checkpoint

TRAIN = (
    "train --dataset pets --method ricap --arch width=8,depth=1 --epochs 2 --warmup 0.5 --batch-size 4 "
    "--train-size 32 --image-size 32 --store-size 40 --device cpu"
).split()


@pytest.fixture
def one_line(call):
    """one_line(*arguments) -> what a call with bad input says: exit status 2 and a single line, nothing else."""

    def run(*arguments):
        status, out, err = call(*arguments)
        assert status == 2 and out == "" and "Traceback" not in err
        assert err.endswith("\n") and len(err.strip().splitlines()) == 1, err
        return err

    return run


@pytest.fixture
def trained(call, data_dir, tmp_path) -> Path:
    status, out, err = call(*TRAIN, "--data-dir", data_dir, "--out", tmp_path / "run")
    assert status == 0, err
    return Path(out.splitlines()[-1])


def test_train_prints_the_checkpoint_and_evaluate_its_error(call, trained, data_dir):
    assert read_checkpoint(trained).card["method_settings"] == {"beta": 0.3, "per_sample": False}
    status, out, _ = call("evaluate", trained, "--data-dir", data_dir)
    assert status == 0 and re.fullmatch(r"top-1 error: \d+\.\d\d %\n", out)
    assert float(out.split()[2]) == pytest.approx(read_checkpoint(trained).card["test_error"], abs=0.01)


def test_the_top_5_error_is_told_of_more_classes_than_that(call, trained, picture, tmp_path):
    for name in "abcdef":
        (tmp_path / "data" / "toys" / "val" / name).mkdir(parents=True)
        picture().save(tmp_path / "data" / "toys" / "val" / name / "0.png")
    other = tmp_path / "other.safetensors"
    card = read_checkpoint(trained).card | {"dataset": "toys", "classes": list("abcdef")}
    write_checkpoint(other, create_model("looknet", 6, width=8, depth=1), card)
    status, out, err = call("evaluate", other, "--data-dir", tmp_path / "data")
    assert status == 0 and re.fullmatch(r"top-1 error: \d+\.\d\d %, top-5 error: \d+\.\d\d %\n", out), err


def test_evaluate_at_other_sizes(call, one_line, trained, data_dir):
    status, out, _ = call("evaluate", trained, "--data-dir", data_dir, "--image-size", "48", "--image-size", "32")
    assert status == 0 and [line.split(":")[0] for line in out.splitlines()] == ["48 px", "32 px"]
    assert "between 32 and 4096 pixels; got 8" in one_line("evaluate", trained, "--image-size", "8")


def test_what_was_trained_without_unreadable_images_is_tested_without_them(call, make_folder, tmp_path):
    folder = make_folder(tmp_path / "data" / "pets")
    (folder / "val" / "dog" / "broken.png").write_bytes(b"no picture")
    status, path, err = call(*TRAIN, "--skip-corrupt", "--data-dir", tmp_path / "data", "--out", tmp_path / "run")
    assert status == 0, err
    status, out, err = call("evaluate", path.split()[-1], "--data-dir", tmp_path / "data")
    assert status == 0 and out.startswith("top-1 error"), err


@pytest.mark.skipif(sys.platform != "linux", reason="other systems have no such names")
def test_a_file_whose_name_is_no_text_is_named_all_the_same(call, one_line, make_folder, tmp_path):
    odd = Path(os.fsdecode(os.fsencode(make_folder(tmp_path / "data" / "pets") / "val" / "dog") + b"/k\xe4fer.png"))
    odd.write_bytes(b"no picture")
    assert r"k\udce4fer.png must be" in one_line("patch", odd, odd, odd, odd)
    status, path, err = call(*TRAIN, "--skip-corrupt", "--data-dir", tmp_path / "data", "--out", tmp_path / "run")
    assert status == 0 and r"k\udce4fer.png" in err, err


def test_a_run_folder_that_cannot_be_one_is_told(one_line, data_dir, tmp_path):
    (tmp_path / "file").write_text("")
    for place in (tmp_path / "file", tmp_path / "file" / "run"):
        assert "the run folder must be a folder that can be written" in one_line(
            *TRAIN, "--data-dir", data_dir, "--out", place
        )


def test_a_start_that_fails_leaves_no_folder_behind(one_line, data_dir, tmp_path):
    (tmp_path / "mine").mkdir()
    for place in (tmp_path / "new", tmp_path / "mine"):
        one_line(*TRAIN, "--dataset", "nope", "--data-dir", data_dir, "--out", place)
    assert [path.name for path in tmp_path.iterdir()] == ["mine"]


def test_a_tuned_network_is_tested_on_what_was_held_out(call, make_folder, tmp_path):
    folder = make_folder(tmp_path / "data" / "pets")
    _, path, _ = call(*TRAIN, "--holdout", "0.34", "--data-dir", tmp_path / "data", "--out", tmp_path / "run")
    shutil.rmtree(folder / "val")
    status, out, err = call("evaluate", path.split()[-1], "--data-dir", tmp_path / "data")
    assert status == 0, err
    error = read_checkpoint(Path(path.split()[-1])).card["test_error"]
    assert float(out.split()[2]) == pytest.approx(error, abs=0.01)


def test_training_twice_into_one_folder_is_refused(one_line, trained, data_dir):
    assert "--resume" in one_line(*TRAIN, "--data-dir", data_dir, "--out", trained.parent)


@pytest.mark.parametrize(("epochs", "said"), [(0, "nothing is saved yet"), (1, "--resume")])
def test_ctrl_c_says_how_to_go_on(epochs, said, call, data_dir, tmp_path, monkeypatch):
    whole, calls = Trainer.train_epoch, []

    def stop(*args):
        calls.append(args)
        if len(calls) > epochs:
            raise KeyboardInterrupt
        return whole(*args)

    monkeypatch.setattr(Trainer, "train_epoch", stop)
    status, _, err = call(*TRAIN, "--epochs", "2", "--data-dir", data_dir, "--out", tmp_path / "run")
    assert status == 130 and said in err and "Traceback" not in err
    assert (str(tmp_path / "run") in err) == bool(epochs)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["train", "--beta", "0.3"], "standard takes no settings; got beta"),
        (["train", "--method", "ricap", "--beta", "-1"], "--beta must be a positive number; got -1.0"),
        (["train", "--method", "ricap", "--beta", "x"], "beta"),
        (["train", "--method", "cutout?"], "--method must be one of"),
        (["train", "--epochs", "0"], "--epochs must be at least 1; got 0"),
        (["train", "--batch-size", "0"], "--batch-size must be at least 1; got 0"),
        (["compare", "--batch-size", "0"], "--batch-size must be at least 1; got 0"),
        (["bench", "--throughput", "--only", "x"], "--only and --json, of the other one, must be left out"),
        (["train", "--epochs", "ten"], "epochs"),
        (["train", "--nonsense"], "--nonsense"),
        (["train", "--dataset", "birds", "--data-dir", "none"], "data set must be one of"),
        (["nonsense"], "nonsense"),
        (["evaluate"], "CHECKPOINT"),
        (["evaluate", "none.safetensors"], "must be an existing .safetensors file"),
    ],
)
def test_bad_input_is_one_line(one_line, arguments, said):
    assert said.lower() in one_line(*arguments).lower()


def test_a_network_of_pixels_normalised_otherwise_is_refused(one_line, trained, data_dir, tmp_path):
    found = read_checkpoint(trained)
    other = tmp_path / "other.safetensors"
    write_checkpoint(other, found.load(), found.card | {"mean": [0, 0, 0], "std": [1, 1, 1]})
    assert "other.safetensors's card has [0, 0, 0, 1, 1, 1]" in one_line("evaluate", other, "--data-dir", data_dir)


def test_options_of_a_list_are_not_lost_on_a_command(one_line):
    said = one_line("experiments", "--scale", "gpu", "--only", "cifar", "run", "--budget", "60")
    assert said == "options must follow the command run; got scale, only before it\n"


def test_folders_of_results_that_are_none_or_of_no_table(call, one_line, trained):
    for command in ("results", "experiments"):
        assert one_line(command, "--results", "none") == "--results must be an existing folder; none is none\n"
    status, out, err = call("results", "--results", trained.parent.parent)
    assert status == 0 and out
    (trained.parent.parent / f"{trained.stem}.json").write_bytes(trained.with_suffix(".json").read_bytes())
    status, out, err = call("results", "--results", trained.parent.parent)
    assert status == 0 and err.splitlines()[-1] == "1 result belongs to no table"


def test_letters_that_a_pipe_of_windows_lacks(monkeypatch):
    out = io.TextIOWrapper(io.BytesIO(), encoding="cp1252")
    monkeypatch.setattr("sys.stdout", out)
    monkeypatch.setattr("sys.argv", ["ricap_explorer", "results", "--table", "beta"])
    assert cli.main() == 0
    out.flush()
    assert "β = 0.3" in out.buffer.getvalue().decode()


@pytest.mark.parametrize(
    ("words", "said"), [([], "a folder for the pack"), (["--only", "x"], "'x'"), (["5", "--only", "looknet"], "got 5")]
)
def test_the_script_for_a_gpu_takes_its_seconds_or_not(words, said, tmp_path):
    words = [str(tmp_path), *words] if words else []
    environment = os.environ | {"PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}"}
    script = Path(__file__).parents[2] / "experiments" / "gpu.sh"
    done = subprocess.run(["bash", str(script), *words], env=environment, capture_output=True, text=True)
    assert done.returncode and said in done.stderr and "parse" not in done.stderr


def test_evaluating_on_other_classes_is_refused(call, trained, make_folder, tmp_path):
    folder = make_folder(tmp_path / "other" / "pets")
    for split in ("train", "val"):
        (folder / split / "dog").rename(folder / split / "emu")
    status, out, err = call("evaluate", trained, "--data-dir", tmp_path / "other")
    assert status == 2 and out == "" and "Traceback" not in err
    assert "must be of the classes that" in err.splitlines()[-1]


def test_a_bug_is_not_hidden(call, monkeypatch):
    def broken(*args):
        raise RuntimeError("a bug")

    monkeypatch.setattr("ricap_explorer.zoo.read_checkpoint", broken)
    with pytest.raises(RuntimeError, match="a bug"):
        call("evaluate", "none.safetensors")


def test_no_command_shows_the_help(call):
    status, out, err = call()
    assert status == 2 and "train" in out + err and "Traceback" not in err


def test_help_shows_every_setting_and_its_default(call, monkeypatch):
    monkeypatch.setenv("COLUMNS", "200")
    status, out, _ = call("train", "--help")
    assert status == 0
    for field in dataclasses.fields(TrainConfig):
        assert f"--{field.name.replace('_', '-')}" in out
        assert field.metadata["help"][:30] in out
    assert "0.0005" in out and "imagenette" in out


WITHOUT_PAGE = """
import sys
for name in ("gradio", "matplotlib", "pytorch_grad_cam"):
    sys.modules[name] = None  # importing it now raises
from ricap_explorer.cli import main
sys.exit(main())
"""


def test_training_needs_no_page_no_pictures_and_no_grad_cam(data_dir, tmp_path):
    """The whole command, as a process, on a machine that lacks all three."""
    command = [sys.executable, "-c", WITHOUT_PAGE, *TRAIN, "--threads", "1"]
    answer = subprocess.run(
        [*command, "--data-dir", data_dir, "--out", tmp_path / "run"],
        capture_output=True, text=True, cwd=Path(cli.__file__).parents[2], timeout=120,
    )  # fmt: skip
    assert answer.returncode == 0, answer.stderr
    assert Path(answer.stdout.splitlines()[-1]).is_file()


def test_a_place_that_is_not_open_to_the_user_is_one_sentence(one_line, tmp_path, monkeypatch):
    shut = tmp_path / "shut" / "a.safetensors"
    real = Path.is_file

    def is_file(path):
        if path == shut:  # root may look where others may not
            raise PermissionError(13, "Permission denied", str(path))
        return real(path)

    monkeypatch.setattr(Path, "is_file", is_file)
    assert one_line("evaluate", shut) == f"{shut} must be open to you; it is not (Permission denied)\n"
