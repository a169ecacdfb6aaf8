"""retrieve, and what `results` and the page show of its file."""

import json

import pytest

from ricap_explorer.experiments.measured import Measured
from ricap_explorer.ui.tabs.results import table_section
from ricap_explorer.zoo import write_checkpoint

SMALL = "--folds 3 --seeds 1 --epochs 1 --batch-size 4 --image-size 32 --device cpu".split()


@pytest.fixture
def retrieve(call, start, data_dir):
    """retrieve(*options) of the made-up folder -> (exit status, standard output, standard error)"""
    return lambda *options: call(
        "retrieve", "--dataset", "things", "--data-dir", data_dir, "--checkpoint", start.path, *SMALL, *options
    )


def test_a_file_that_results_and_the_page_show(call, retrieve, tmp_path):
    (tmp_path / "results" / "retrieval").mkdir(parents=True)
    out = tmp_path / "results" / "retrieval" / "things.json"
    status, told, progress = retrieve("--out", out)
    assert status == 0, progress
    assert len(progress.splitlines()) == 6 and "RICAP β = 0.3, seed 0, fold 3 of 3: caption R@10" in progress
    card = json.loads(out.read_text())["card"]
    assert (card["images"], card["captions"], card["epochs"], card["tuning"]) == (12, 24, 1, False)
    assert card["start"] == "pets_looknet_standard_s0" and card["command"] and card["versions"]["torch"]
    status, shown, _ = call("results", "--results", tmp_path / "results", "--table", "retrieval")
    assert status == 0 and shown.endswith(told) and "95.7" in shown
    measured = Measured.read(tmp_path / "results")
    markup = table_section(measured)
    assert markup.index("95.7") < markup.index("Image–caption retrieval, ours") < markup.index("Our own experiments")
    (tmp_path / "results" / "retrieval" / "odd.json").write_text("{}")
    _, _, problems = call("results", "--results", tmp_path / "results")
    assert "odd.json must be a file of retrieval" in problems
    assert any("odd.json" in problem for problem in Measured.read(tmp_path / "results").problems)


def test_a_network_of_images_that_are_normalised_otherwise_is_refused(retrieve, start, tmp_path):
    other = tmp_path / "other.safetensors"
    write_checkpoint(other, start.load(), start.card | {"mean": [0.5, 0.5, 0.5]})
    status, _, err = retrieve("--checkpoint", other)
    assert status == 2 and "retrieve begins with networks of images normalised with ImageNet's mean" in err, err
    assert "other.safetensors's card has [0.5, 0.5, 0.5, " in err


def test_beta_is_of_every_method_that_has_one(retrieve, tmp_path):
    out = tmp_path / "things.json"
    status, _, err = retrieve(
        "--out", out, "--beta", "1", *(f"--method={name}" for name in ("standard", "image_mixing"))
    )
    assert status == 0, err
    assert [way["title"] for way in json.loads(out.read_text())["ways"]] == ["Standard", "Image mixing only β = 1"]


@pytest.mark.parametrize(
    ("options", "told"),
    [
        (("--dataset", "none"), "--dataset must be a folder of captioned images"),
        (("--method", "ricap"), "--method must name two methods at least; got ricap"),
        (("--method", "ricap", "--method", "ricup"), "method must be one of"),
        (("--beta", "-1"), "beta must be"),
        (("--beta", "1", "--method", "standard", "--method", "cutmix"), "standard, cutmix have none"),
        (("--folds", "1"), "--folds must be from 2 to 12, one an image; got 1"),
        (("--batch-size", "9"), "--batch-size must be at most 8, the images to learn from; got 9"),
        (("--epochs", "0"), "--epochs must be at least 1; got 0"),
        (("--image-size", "16"), "--image-size must be at least 32; got 16"),
        (("--checkpoint", "none.safetensors"), "none.safetensors"),
        (("--out", "retrieval.txt"), "--out must end in .json; got retrieval.txt"),
    ],
)
def test_bad_input_is_one_sentence(retrieve, options, told):
    status, out, err = retrieve(*options)
    assert status == 2 and out == "" and told in err and len(err.strip().splitlines()) == 1, err
