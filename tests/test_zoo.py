"""Checkpoints: what is written comes back; anything else is one sentence that names the file."""

import json
from pathlib import Path

import pytest
import torch
from PIL import Image
from safetensors import safe_open
from safetensors.torch import save_file

from ricap_explorer.cards import KINDS
from ricap_explorer.errors import InputError
from ricap_explorer.models import create_model
from ricap_explorer.titles import USUAL_RATE, titles_apart
from ricap_explorer.training import TrainConfig
from ricap_explorer.zoo import (
    NEEDED,
    Checkpoint,
    list_checkpoints,
    read_checkpoint,
    round_as_kept,
    write_checkpoint,
)


@pytest.fixture
def model():
    torch.manual_seed(0)
    return create_model("looknet", 2, width=8, depth=1).eval()


@pytest.fixture
def card() -> dict:
    return {
        "dataset": "pets", "classes": ["cat", "dog"], "model": "looknet", "model_arguments": {"width": 8, "depth": 1},
        "image_size": 32, "mean": [0.5, 0.5, 0.5], "std": [0.2, 0.2, 0.2], "method": "ricap",
        "method_settings": {"beta": 0.3, "per_sample": False}, "seed": 0, "epochs": 1, "test_error": 12.5,
        "hardware": "CPU",
    }  # fmt: skip


@pytest.fixture
def path(model, card, tmp_path):
    path = tmp_path / "pets_looknet_ricap_s0.safetensors"
    write_checkpoint(path, model, card)
    return path


def told(path) -> str:
    with pytest.raises(InputError) as caught:
        read_checkpoint(path).load()
    message = str(caught.value)
    assert message and "\n" not in message and len(message) < 300 and path.name in message
    return message


def test_test_data_are_those_of_training(card, tmp_path):
    colours = {"cat": (200, 10, 10), "dog": (10, 10, 200)}
    for name, colour in colours.items():
        for split in ("train", "val"):
            (tmp_path / "pets" / split / name).mkdir(parents=True)
            Image.new("RGB", (80, 60), colour).save(tmp_path / "pets" / split / name / "1.png")
    checkpoint, here = Checkpoint(Path("net.safetensors"), card), torch.device("cpu")
    assert checkpoint.test_data(tmp_path, here).images.shape == (2, 3, 32, 32)  # the card tells no other
    (tmp_path / "pets" / "val" / "cat").rename(tmp_path / "pets" / "val" / "cow")
    (tmp_path / "pets" / "train" / "cat").rename(tmp_path / "pets" / "train" / "cow")
    with pytest.raises(InputError, match="of the classes that net knows"):
        checkpoint.test_data(tmp_path, here)


def test_round_trip(model, card, path):
    found = read_checkpoint(path)
    assert found.card == card and found.name == "pets_looknet_ricap_s0" and found.path == path
    loaded = found.load()
    assert not loaded.training and all(parameter.dtype == torch.float32 for parameter in loaded.parameters())
    for (name, before), after in zip(model.state_dict().items(), loaded.state_dict().values(), strict=True):
        expected = before.half().float() if before.is_floating_point() else before
        assert torch.equal(after, expected), name
    images = torch.randn(2, 3, 32, 32)
    with torch.inference_mode():
        assert torch.allclose(loaded(images), model(images), atol=0.02)


def test_file_is_half_precision_with_the_card_inside(card, path):
    with safe_open(path, "pt") as file:
        kinds = {file.get_tensor(key).dtype for key in file.keys()}
        assert json.loads(file.metadata()["card"]) == card
    assert kinds == {torch.float16, torch.int64}  # int64: how many batches a norm has seen


def test_weights_too_large_for_half_precision_are_kept_as_they_are(model, card, tmp_path):
    """Variances that batch normalisation keeps can be."""
    norms = [module for module in model.modules() if isinstance(module, torch.nn.BatchNorm2d)]
    norms[0].running_var.fill_(1e5)
    images = torch.randn(2, 3, 32, 32)
    with torch.inference_mode():
        before = model(images)
    write_checkpoint(tmp_path / "large.safetensors", model, card)
    loaded = read_checkpoint(tmp_path / "large.safetensors").load()
    assert all(value.isfinite().all() for value in loaded.state_dict().values())
    round_as_kept(model)
    for one, other in zip(model.state_dict().values(), loaded.state_dict().values(), strict=True):
        assert torch.equal(one, other)
    with torch.inference_mode():
        assert torch.allclose(loaded(images), before, atol=0.02)


def test_a_card_whose_fraction_is_no_number_is_that_file_s_trouble_alone(model, card, tmp_path):
    for number, fraction in enumerate((None, "0.1", 0.1)):
        write_checkpoint(tmp_path / f"n{number}.safetensors", model, card | {"fraction": fraction})
    found, problems = list_checkpoints(tmp_path)
    assert [one.name for one in found] == ["n2"] and all("its fraction is " in one for one in problems)


def test_writing_again_replaces_and_leaves_nothing_beside(model, card, path):
    write_checkpoint(path, model, card | {"seed": 5})
    assert read_checkpoint(path).card["seed"] == 5 and list(path.parent.iterdir()) == [path]


def test_failed_write_keeps_the_old_file(model, card, path, monkeypatch):
    def full(*args):
        raise OSError("no space left")

    before = path.read_bytes()
    monkeypatch.setattr("os.replace", full)
    with pytest.raises(InputError, match="must be written; no space left. What was there before is whole"):
        write_checkpoint(path, model, card | {"seed": 5})
    assert path.read_bytes() == before and list(path.parent.iterdir()) == [path]


@pytest.mark.parametrize(
    ("method", "settings", "seed", "title"),
    [
        ("standard", {}, 0, "Standard"),
        ("ricap", {"beta": 0.3, "per_sample": False}, 0, "RICAP β = 0.3"),
        ("ricap", {"beta": 1.0}, 2, "RICAP β = 1, seed 2"),
        ("other", {}, 1, "other, seed 1"),
    ],
)
def test_title(method, settings, seed, title, model, card, path):
    write_checkpoint(path, model, card | {"method": method, "method_settings": settings, "seed": seed})
    assert read_checkpoint(path).title == title


def test_missing_file_and_folder(tmp_path):
    assert "must be an existing .safetensors file" in told(tmp_path / "none.safetensors")
    folder = tmp_path / "a.safetensors"
    folder.mkdir()
    told(folder)


@pytest.mark.parametrize("keep", [0, 4, 100, 5000, -1])
def test_truncated_file(keep, path):
    path.write_bytes(path.read_bytes()[:keep])
    assert "damaged or something else" in told(path)


def test_something_else(path):
    path.write_bytes(b"PK\x03\x04 a pickle in a zip, for example" * 100)
    assert "damaged or something else" in told(path)


def test_foreign_safetensors(path):
    save_file({"weight": torch.zeros(3)}, path)
    assert "must carry a RICAP Explorer card" in told(path)
    save_file({"weight": torch.zeros(3)}, path, {"format": "pt"})
    assert "must carry a RICAP Explorer card" in told(path)


@pytest.mark.parametrize("text", ["", "{", "[]", "3", "null", '"card"', "{}"])
def test_card_that_is_none(text, path):
    save_file({"weight": torch.zeros(3)}, path, {"card": text})
    assert "must carry a RICAP Explorer card" in told(path)


@pytest.mark.parametrize("field", NEEDED)
@pytest.mark.parametrize("value", ["missing", None, object])
def test_card_without_a_field_or_with_a_wrong_one(field, value, model, card, path):
    if value == "missing":
        del card[field]
    else:
        card[field] = None if value is None else [["x"]] if KINDS[field] is not list else "x"
    write_checkpoint(path, model, card)
    assert field in told(path)


@pytest.mark.parametrize(
    "change",
    [{"store_size": "224"}, {"store_size": None}, {"lr": "x"}, {"crop_scale": [1]}, {"tag": {}}, {"lr": True}],
)
def test_a_wrong_field_that_a_card_need_not_have(change, model, card, path):
    """Titles and the page's pictures would break on it, later."""
    write_checkpoint(path, model, card | change)
    ((name, value),) = change.items()
    assert told(path).endswith(f"must carry a RICAP Explorer card; its {name} is {value!r}")


def test_a_card_nested_too_deeply(path):
    save_file({"weight": torch.zeros(3)}, path, {"card": "[" * 100_000})
    assert told(path).endswith("its card is nested too deeply")


@pytest.mark.parametrize(
    "change",
    [
        {"model": "resnet"}, {"model_arguments": {"width": 16, "depth": 1}}, {"model_arguments": {"width": "8"}},
        {"model_arguments": {"dropout": 1}}, {"model_arguments": {"name": 1}}, {"classes": ["cat"]}, {"classes": []},
    ],
)  # fmt: skip
def test_weights_that_are_not_the_cards(change, model, card, path):
    write_checkpoint(path, model, card | change)
    with pytest.raises(InputError) as caught:
        read_checkpoint(path).load()
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("change", ["missing", "additional", "renamed"])
def test_weights_of_another_network(change, model, card, path):
    weights = {key: value.contiguous() for key, value in model.state_dict().items()}
    if change != "additional":
        kept = weights.pop("classifier.bias")
    if change != "missing":
        weights["head.bias"] = kept if change == "renamed" else torch.zeros(2)
    save_file(weights, path, {"card": json.dumps(card)})
    assert "must hold the weights of the looknet" in told(path)


def test_list_shows_the_good_beside_the_bad(model, card, tmp_path):
    for name in ("b", "a"):
        write_checkpoint(tmp_path / f"{name}.safetensors", model, card)
    (tmp_path / "broken.safetensors").write_bytes(b"nothing")
    save_file({"weight": torch.zeros(3)}, tmp_path / "foreign.safetensors")
    (tmp_path / "notes.txt").write_text("not looked at")
    good, problems = list_checkpoints(tmp_path)
    assert [checkpoint.name for checkpoint in good] == ["a", "b"]
    assert [problem.split()[0] for problem in problems] == ["broken.safetensors", "foreign.safetensors"]


def test_the_one_that_errs_least_comes_first(model, card, tmp_path):
    for name, error in (("a", 12.5), ("b", 11.0)):
        write_checkpoint(tmp_path / f"{name}.safetensors", model, card | {"test_error": error})
    assert [checkpoint.name for checkpoint in list_checkpoints(tmp_path)[0]] == ["b", "a"]


def test_list_of_an_empty_or_missing_folder(tmp_path):
    assert list_checkpoints(tmp_path) == ([], []) == list_checkpoints(tmp_path / "none")


PLAIN = {
    "dataset": "imagenette", "method": "standard", "method_settings": {}, "model": "looknet",
    "model_arguments": {"width": 8}, "seed": 0,
}  # fmt: skip


@pytest.mark.parametrize(
    ("others", "titles"),
    [
        ([{"method": "mixup", "seed": 3}], ["Standard", "mixup"]),
        ([{"seed": 1}], ["Standard, seed 0", "Standard, seed 1"]),
        ([{"epochs": 9}, {"method": "mixup"}], ["5 epochs", "9 epochs", "mixup, 5 epochs"]),
        ([{"epochs": 9}, {"epochs": 9, "seed": 1}], ["5 epochs", "9 epochs, seed 0", "9 epochs, seed 1"]),
        ([{"model_arguments": {"width": 9}}], ["LookNet of width 8", "LookNet of width 9"]),
        ([{"model": "other", "model_arguments": {}}], ["LookNet of width 8", "other"]),
        (
            [{"parameters": 3_961_586}, {"method": "mixup", "parameters": 77_850}],
            ["Standard", "4.0 M parameters", "mixup, 0.078 M parameters"],
        ),
        ([{"dataset": "pets"}, {"method": "mixup"}], ["Imagenette", "pets", "mixup, Imagenette"]),
        ([{"tag": "c50"}, {"tag": "c25"}], ["Standard", "c50", "c25"]),
        ([{"fraction": 0.1}], ["all training images", "10 % of the training images"]),
        ([{"fraction": 1.0}], ["Standard (1)", "Standard (2)"]),
        ([{"method": "mixup", "fraction": 0.1}], ["all training images", "mixup, 10 % of the training images"]),
        (
            [{"crop": "resized", "crop_scale": 0.5, "tag": "c50"}, {"crop": "resized", "crop_scale": 1.0}],
            ["Standard", "crops of at least 50 %", "whole images"],
        ),
        ([{"lr": 0.1, "tag": "high"}], ["Standard", "learning rate 0.1"]),
        ([{}], ["Standard (1)", "Standard (2)"]),
    ],
)
def test_titles_tell_no_more_than_it_takes_to_keep_networks_apart(others, titles):
    cards = [PLAIN | {"epochs": 5} | card for card in ({}, *others)]
    found = titles_apart(cards)
    assert [title.removeprefix("Standard, ") for title in found] == [t.removeprefix("Standard, ") for t in titles]
    assert len(set(found)) == len(cards)


@pytest.mark.parametrize(
    ("rates", "titles"),
    [((0.05, 0.2, 0.05), ["Standard", "Standard, learning rate 0.2", "mixup"]),
     ((0.05, 0.2, 0.2), ["Standard", "Standard, learning rate 0.2", "mixup, learning rate 0.2"]),
     ((0.1, 0.2, 0.1), ["Standard, learning rate 0.1", "Standard, learning rate 0.2", "mixup, learning rate 0.1"]),
     ((0.1, 0.1, 0.3), ["Standard, one", "Standard, two", "mixup"])],
)  # fmt: skip
def test_the_usual_learning_rate_goes_without_saying(rates, titles):
    assert TrainConfig().lr == USUAL_RATE
    ways = ("standard", "standard", "mixup")
    tags = ("one", "two", "")
    cards = [
        PLAIN | {"epochs": 5, "method": way, "lr": lr, "tag": tag}
        for way, lr, tag in zip(ways, rates, tags, strict=True)
    ]
    assert titles_apart(cards) == titles and titles_apart([]) == []


def test_a_folder_s_checkpoints_are_told_apart(model, card, tmp_path):
    for seed in (0, 1):
        write_checkpoint(tmp_path / f"n_s{seed}.safetensors", model, card | {"seed": seed})
    found, _ = list_checkpoints(tmp_path)
    assert [checkpoint.title.rpartition(", ")[2] for checkpoint in found] == ["seed 0", "seed 1"]


def test_a_card_s_error_may_be_a_whole_number_and_a_path_a_string(model, card, tmp_path):
    write_checkpoint(str(tmp_path / "a.safetensors"), model, card | {"test_error": 5})
    assert read_checkpoint(str(tmp_path / "a.safetensors")).card["test_error"] == 5
    assert [one.name for one in list_checkpoints(str(tmp_path))[0]] == ["a"]
