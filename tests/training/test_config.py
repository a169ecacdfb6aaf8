"""Settings: each explained, each used, nonsense refused at once."""

import ast
import dataclasses
import json
from pathlib import Path

import pytest

from ricap_explorer import training
from ricap_explorer.errors import InputError
from ricap_explorer.mixing import Ricap, Standard
from ricap_explorer.training import TrainConfig

FIELDS = dataclasses.fields(TrainConfig)


@pytest.mark.parametrize("field", FIELDS, ids=lambda field: field.name)
def test_every_setting_has_its_line_of_help(field):
    help_text = field.metadata["help"]
    assert help_text and "\n" not in help_text and not help_text.endswith(".")


def test_every_setting_is_used():
    used = set()
    for path in Path(training.__file__).parent.glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if (
                isinstance(node, ast.Attribute)
                and isinstance(node.value, ast.Name)
                and node.value.id in ("config", "self")
            ):
                used.add(node.attr)
    assert {field.name for field in FIELDS} <= used


@pytest.mark.parametrize(
    ("setting", "value"),
    [
        ("model", "resnet"), ("method", "cutout?"), ("schedule", "linear"), ("device", "tpu"), ("epochs", 0),
        ("batch_size", 0), ("eval_every", 0), ("image_size", 31), ("train_size", 0), ("store_size", -1),
        ("start_size", 16), ("start_size", 129), ("crop_scale", 0), ("crop_scale", 1.1), ("lr", 0), ("lr", -1),
        ("lr", float("nan")), ("momentum", 0), ("momentum", 1), ("weight_decay", -1e-4), ("weight_decay", float("nan")),
        ("warmup", -1), ("warmup", 30), ("threads", -1), ("seed", -1), ("width", 4), ("depth", 0),
    ],
)  # fmt: skip
def test_nonsense_is_refused_in_one_line(setting, value):
    with pytest.raises(InputError) as caught:
        TrainConfig(**{setting: value})
    message = str(caught.value)
    assert setting.split("_")[0] in message and "; got" in message and "\n" not in message


@pytest.mark.parametrize("beta", [0, -1, float("nan"), float("inf")])
def test_bad_beta_is_refused(beta):
    with pytest.raises(InputError, match="beta must be"):
        TrainConfig(method="ricap", beta=beta)


@pytest.mark.parametrize("settings", [{"beta": 0.3}, {"per_sample": True}, {"per_sample": False}])
def test_a_setting_that_the_method_does_not_use_is_refused(settings):
    with pytest.raises(InputError, match="standard has the settings"):
        TrainConfig(method="standard", **settings)


def test_method_and_its_defaults():
    assert TrainConfig().create_method() == Standard()
    assert TrainConfig(method="ricap").create_method() == Ricap(0.3, False)
    assert TrainConfig(method="ricap", beta=1.0, per_sample=True).create_method() == Ricap(1.0, True)


def test_names():
    config = TrainConfig(dataset="my/pets", method="ricap", seed=3)
    assert config.name == "my-pets_looknet_ricap_s3" and config.folder == Path("runs") / config.name
    assert dataclasses.replace(config, out=Path("elsewhere")).folder == Path("elsewhere")


def test_recipe_is_json_and_leaves_out_where_it_runs():
    recipe = TrainConfig(out=Path("elsewhere"), threads=3, device="cpu").recipe()
    assert json.loads(json.dumps(recipe)) == recipe == TrainConfig().recipe()
    assert set(recipe) == {field.name for field in FIELDS} - {"data_dir", "out", "device", "threads"}


@pytest.mark.parametrize(("epochs", "warmup"), [(1, 0.25), (2, 0.5), (8, 2.0), (200, 2.0)])
def test_a_short_run_warms_up_shortly(epochs, warmup):
    assert TrainConfig(epochs=epochs).warmup == warmup
