"""Settings: each explained, each used, nonsense refused at once."""

import ast
import dataclasses
import json
from pathlib import Path

import numpy as np
import pytest
from torch import nn

from ricap_explorer import training
from ricap_explorer.errors import InputError
from ricap_explorer.mixing import METHODS, CutMix, Cutout, Ricap, Standard
from ricap_explorer.models.registry import MODELS
from ricap_explorer.training import TrainConfig
from ricap_explorer.training.config import MIXING, RECIPE, marked

FIELDS = dataclasses.fields(TrainConfig)


@pytest.mark.parametrize("field", FIELDS, ids=lambda field: field.name)
def test_every_setting_has_its_line_of_help(field):
    help_text = field.metadata["help"]
    assert help_text and "\n" not in help_text and not help_text.endswith(".")


def test_every_setting_is_used():
    used = set()
    for path in Path(training.__file__).parent.glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Attribute) and ast.unparse(node.value) in ("config", "self", "self.config"):
                used.add(node.attr)
    mixing = {setting.name for method in METHODS.values() for setting in dataclasses.fields(method)}
    names = {field.name for field in FIELDS}
    assert mixing <= names <= used | mixing


class Bare(nn.Module):
    """A network that no map can be made of."""

    def __init__(self, num_classes: int = 10) -> None:
        super().__init__()
        self.layers = nn.Sequential(
            nn.Conv2d(3, 4, 3), nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(4, num_classes)
        )


class Twice(Bare):
    """A network that holds its layers under two names."""

    def __init__(self, num_classes: int = 10) -> None:
        super().__init__(num_classes)
        self.cam_layer, self.classifier = self.layers[0], self.layers[-1]


@pytest.mark.parametrize(("network", "told"), [(Bare, "with cam_layer and classifier"), (Twice, "every layer once")])
def test_a_network_that_could_not_be_looked_at_or_saved_is_refused_before_it_is_trained(monkeypatch, network, told):
    monkeypatch.setitem(MODELS, "new", network)
    with pytest.raises(InputError, match=told):
        TrainConfig(model="new")


def test_what_was_given_of_a_method_is_what_it_is_made_with():
    assert TrainConfig(method="cutout", share=0.3).method_settings == {"share": 0.3}
    assert TrainConfig(method="ricap", beta=0.1, per_sample=False).create_method() == Ricap(0.1, per_sample=False)


@pytest.mark.parametrize(
    ("setting", "value"),
    [
        ("model", "resnet"), ("method", "cutout?"), ("schedule", "linear"), ("device", "tpu"), ("epochs", 0),
        ("batch_size", 0), ("eval_every", 0), ("image_size", 31), ("train_size", 0), ("store_size", -1),
        ("start_size", 16), ("start_size", 129), ("crop_scale", 0), ("crop_scale", 1.1), ("lr", 0), ("lr", -1),
        ("lr", float("nan")), ("lr", float("inf")),
        ("momentum", 0), ("momentum", 1), ("weight_decay", -1e-4), ("weight_decay", float("nan")),
        ("warmup", -1), ("warmup", 30), ("threads", -1), ("seed", -1), ("arch", "width=4"), ("arch", "depth=0"),
        ("arch", "wide"), ("accumulate", 0), ("accumulate", 5), ("gamma", 0), ("holdout", 0.6), ("ema", 1),
        ("fraction", 0), ("fraction", 1.1),
        ("clip", -1),
        ("label_smoothing", 1), ("milestones", "0.5,0.2"), ("milestones", "half"), ("milestones", "1.5"),
        ("tag", "a_b"),
        ("tag", "a/b"), ("precision", "int8"), ("loader", "disk"), ("crop", "square"), ("colour", -1), ("rotate", -1),
        ("workers", -1), ("seed", 2**64), ("threads", 10**9), ("arch", "width=100000"),
        ("epochs", 2.5), ("epochs", "3"), ("epochs", True), ("epochs", None), ("batch_size", 4.0), ("seed", 1.5),
        ("per_sample", "false"), ("skip_corrupt", "false"), ("flip", 1), ("weight_decay", float("inf")),
        ("seed", 10**400), ("lr", 10**400),
        ("milestones", [0.3, 0.6]), ("dataset", 3), ("data_dir", 3), ("lr", "0.1"), ("lr", True), ("beta", "0.3"),
    ],
)  # fmt: skip
def test_nonsense_is_refused_in_one_line(setting, value):
    with pytest.raises(InputError) as caught:
        TrainConfig(**{setting: value})
    message = str(caught.value)
    assert (
        (setting.split("_")[0] in message or str(value).split("=")[0] in message)
        and "; got" in message
        and "\n" not in message
    )


@pytest.mark.parametrize(
    ("settings", "told"),
    [
        ({"method": "ricap", "batch_size": 4, "accumulate": 4}, "2 images for ricap to mix in each of 4 parts; got 4"),
        ({"method": "label_mixing", "batch_size": 1}, "batch_size must be at least 2 images for label_mixing to mix"),
        ({"method": "cutout", "length": 8, "share": 0.5}, "cutout must have one of length and share; got 8 and 0.5"),
        ({"method": "cutout", "length": 129}, "length must be at most train_size 128; got 129"),
        ({"gamma": 0.1}, "gamma must be left alone with the schedule cosine, which has no steps; got 0.1"),
        ({"milestones": "0.5"}, "milestones must be left alone with the schedule cosine, which has no steps; got 0.5"),
        ({"crop": "padded", "crop_scale": 0.5}, "crop_scale must be left alone with the crop padded"),
        ({"crop": "none", "crop_scale": 0.9}, "crop_scale must be left alone with the crop none, which scales nothing"),
        ({"dataset": "cifar10", "store_size": 64}, "store_size must be 32, the size of cifar10's images; got 64"),
        ({"out": Path("data/pets")}, "out must be outside the data set's folder data/pets; got data/pets"),
        ({"out": Path("data/pets/train/../runs/1")}, "out must be outside the data set's folder data/pets"),
    ],
)  # fmt: skip
def test_settings_that_do_not_go_together_are_refused(settings, told):
    with pytest.raises(InputError, match=told):
        TrainConfig(**{"dataset": "pets"} | settings)


def test_settings_that_go_together():
    assert TrainConfig(method="cutout", batch_size=4, accumulate=4, length=128).length == 128
    assert TrainConfig(schedule="steps", gamma=0.1, milestones="0.5").learning_rate_steps() == (0.5,)
    assert TrainConfig(dataset="cifar10", crop="resized", crop_scale=0.5, store_size=32).crop_scale == 0.5
    assert TrainConfig(dataset="cifar10", crop_scale=0.25).crop == "padded", "what a saved run says it had"
    assert TrainConfig(crop="none", crop_scale=1).crop_scale == 1
    assert TrainConfig(dataset="pets", out=Path("data/pets-runs/1")).folder == Path("data/pets-runs/1")


@pytest.mark.parametrize(
    ("settings", "crop", "tested"),
    [
        ({}, 0.25, 176), ({"method": "cutout"}, 0.5, 128), ({"method": "ricap"}, 1.0, 128),
        ({"method": "ricap", "crop_scale": 0.25}, 0.25, 128), ({"crop_scale": 0.25}, 0.25, 176),
        ({"crop_scale": 0.5}, 0.5, 128), ({"crop": "none"}, 0.25, 128), ({"train_size": 96}, 0.25, 128),
        ({"train_size": 64}, 0.25, 80), ({"train_size": 224}, 0.25, 224),
        ({"train_size": 224, "store_size": 256}, 0.25, 256), ({"dataset": "cifar10"}, 0.25, 32),
    ],
)  # fmt: skip
def test_crop_and_test_size_suit_the_method(settings, crop, tested):
    config = TrainConfig(**settings)
    assert (config.crop_scale, config.image_size) == (crop, tested)
    assert TrainConfig(**settings, image_size=144).image_size == 144


@pytest.mark.parametrize("beta", [0, -1, float("nan"), float("inf")])
def test_bad_beta_is_refused(beta):
    with pytest.raises(InputError, match="beta must be"):
        TrainConfig(method="ricap", beta=beta)


@pytest.mark.parametrize("settings", [{"beta": 0.3}, {"per_sample": True}, {"per_sample": False}])
def test_a_setting_that_the_method_does_not_use_is_refused(settings):
    with pytest.raises(InputError, match="standard takes no settings"):
        TrainConfig(method="standard", **settings)


def test_method_and_its_defaults():
    assert TrainConfig().create_method() == Standard()
    assert TrainConfig(method="ricap").create_method() == Ricap(0.3, False)
    assert TrainConfig(method="ricap", beta=1.0, per_sample=True).create_method() == Ricap(1.0, True)
    assert TrainConfig(method="cutout", length=16).create_method() == Cutout(16)
    assert TrainConfig(method="cutmix", alpha=0.5).create_method() == CutMix(0.5)


@pytest.mark.parametrize(
    ("dataset", "given", "expected"),
    [
        ("cifar10", {}, Cutout(16)), ("cifar10-jpeg", {}, Cutout(16)), ("cifar100", {}, Cutout(8)),
        ("imagenette", {}, Cutout()), ("cifar100", {"length": 12}, Cutout(12)),
        ("cifar100", {"share": 0.25}, Cutout(share=0.25)),
    ],
)  # fmt: skip
def test_cutouts_square_is_the_papers_on_cifar_and_a_share_elsewhere(dataset, given, expected):
    assert TrainConfig(dataset=dataset, method="cutout", **given).create_method() == expected
    assert TrainConfig(dataset=dataset).create_method() == Standard()


def test_sizes_and_crops_are_the_data_sets_where_none_are_given():
    def of(config):
        return config.image_size, config.train_size, config.store_size, config.crop

    assert of(TrainConfig()) == of(TrainConfig(dataset="my/pets")) == (176, 128, 224, "resized")
    assert of(TrainConfig(dataset="cifar100")) == (32, 32, 32, "padded")
    assert of(TrainConfig(dataset="cifar10", image_size=64, crop="none")) == (64, 32, 32, "none")


def test_images_are_kept_as_large_as_training_wants_them():
    assert (TrainConfig(train_size=192).store_size, TrainConfig(train_size=256).store_size) == (224, 256)
    assert TrainConfig(train_size=256, store_size=240).store_size == 240
    assert TrainConfig(image_size=288).store_size == 224, "a finished run is tested anew with what it kept"
    assert TrainConfig(data_dir="data").data_dir == Path("data")


def test_network_arguments_come_from_one_string():
    config = TrainConfig(model="wide_resnet", arch="depth=16,width=2,dropout=0.1")
    assert config.model_arguments == {"depth": 16, "width": 2, "dropout": 0.1}
    assert TrainConfig(arch="width=8").model_arguments == {"width": 8, "depth": 3}


def test_names():
    config = TrainConfig(dataset="my/pets", method="ricap", seed=3)
    assert config.name == "my-pets_looknet_ricap_s3" and config.folder == Path("runs") / config.name
    assert dataclasses.replace(config, out=Path("elsewhere")).folder == Path("elsewhere")
    assert dataclasses.replace(config, tag="b1.0").name == "my-pets_looknet_ricap-b1.0_s3"


def test_the_settings_of_mixing_methods_are_those_that_methods_have():
    assert set(marked(MIXING)) == {one.name for method in METHODS.values() for one in dataclasses.fields(method)}


def test_recipe_is_json_and_leaves_out_where_it_runs():
    recipe = TrainConfig(out=Path("elsewhere"), threads=3, device="cpu", workers=0, loader="stream").recipe()
    assert json.loads(json.dumps(recipe)) == recipe == TrainConfig().recipe()
    assert set(recipe) == {field.name for field in FIELDS} - set(marked(RECIPE))


@pytest.mark.parametrize(("epochs", "warmup"), [(1, 0.25), (2, 0.5), (8, 2.0), (200, 2.0)])
def test_a_short_run_warms_up_shortly(epochs, warmup):
    assert TrainConfig(epochs=epochs).warmup == warmup


def test_numpys_numbers_and_paths_as_text_are_pythons_own():
    given = {"epochs": np.int64(3), "lr": np.float32(0.5), "seed": np.uint8(2), "weight_decay": 0, "data_dir": "there"}
    config = TrainConfig(**given)
    plain = TrainConfig(epochs=3, lr=0.5, seed=2, weight_decay=0.0, data_dir=Path("there"))
    assert config == plain and json.dumps(config.recipe()) == json.dumps(plain.recipe())


@pytest.mark.parametrize("name", ["pets/", "./pets", "a/../pets"])
def test_a_folder_has_one_name(name):
    assert TrainConfig(dataset=name) == TrainConfig(dataset="pets")


@pytest.mark.parametrize("name", ["", ".", "./", ".."])
def test_no_folder_is_no_data_set(name):
    with pytest.raises(InputError, match="dataset must be the name of a data set or of a folder"):
        TrainConfig(dataset=name)
