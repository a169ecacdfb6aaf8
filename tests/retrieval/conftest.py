"""Captioned pictures, and a network to begin with, made on the spot."""

import csv
from pathlib import Path

import pytest
import torch

from ricap_explorer.data import MEAN, STD
from ricap_explorer.models import create_model
from ricap_explorer.retrieval.captions import Captioned, read_captioned
from ricap_explorer.zoo import Checkpoint, read_checkpoint, write_checkpoint

THINGS = ("apple", "bridge", "cloud", "door", "engine", "flower", "garden", "house", "island", "jacket", "kite", "lamp")
CARD = {
    "dataset": "pets", "classes": ["cat", "dog"], "model": "looknet", "model_arguments": {"width": 8, "depth": 1},
    "method": "standard", "method_settings": {}, "epochs": 1, "seed": 0, "image_size": 32,
    "test_error": 50.0, "hardware": "CPU: toy", "mean": MEAN, "std": STD,
}  # fmt: skip


def write_table(folder: Path, rows: list[tuple[str, str]], head: tuple[str, ...] = ("image", "caption")) -> None:
    with (folder / "captions.csv").open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([head, *rows])


@pytest.fixture
def data_dir(picture, tmp_path) -> Path:
    """A data directory with the captioned folder `things`: twelve pictures, two captions of each."""
    (tmp_path / "data" / "things" / "images").mkdir(parents=True)
    for seed, thing in enumerate(THINGS):
        picture(seed=seed).save(tmp_path / "data" / "things" / "images" / f"{thing}.png")
    rows = [(f"{thing}.png", text) for thing in THINGS for text in (f"A {thing} .", f"The {thing}, seen 2 times")]
    write_table(tmp_path / "data" / "things", rows)
    return tmp_path / "data"


@pytest.fixture
def things(data_dir) -> Captioned:
    return read_captioned("things", data_dir, 48)


@pytest.fixture
def start(tmp_path) -> Checkpoint:
    """An untrained network of two classes."""
    torch.manual_seed(0)
    path = tmp_path / "pets_looknet_standard_s0.safetensors"
    write_checkpoint(path, create_model("looknet", 2, width=8, depth=1), CARD)
    return read_checkpoint(path)
