"""The page's services with the repository's own samples and networks of random weights."""

import os
import re
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import nn

from ricap_explorer.classes import IMAGENETTE
from ricap_explorer.models import create_model
from ricap_explorer.ui.pictures import Pictures
from ricap_explorer.ui.services import Models, Services
from ricap_explorer.zoo import write_checkpoint

os.environ.setdefault("GRADIO_ANALYTICS_ENABLED", "False")  # read when gradio is imported, which no module above does
ASSETS = Path(__file__).parents[2] / "assets"
CARD = {
    "dataset": "imagenette", "classes": list(IMAGENETTE.values()), "model": "looknet",
    "model_arguments": {"width": 8, "depth": 1}, "image_size": 96, "mean": [0.46, 0.45, 0.42],
    "std": [0.27, 0.26, 0.28], "method": "standard", "method_settings": {}, "seed": 0, "epochs": 3,
    "test_error": 12.5, "hardware": "one <CPU>",
}  # fmt: skip
RICAP = {"method": "ricap", "method_settings": {"beta": 0.3, "per_sample": False}}


def make_network(seed: int, **arguments: int) -> nn.Module:
    """Random weights whose map of every class is positive somewhere: a classifier without negative weights."""
    torch.manual_seed(seed)
    model = create_model("looknet", 10, **{"width": 8, "depth": 1} | arguments)
    nn.init.uniform_(model.classifier.weight)
    return model


@pytest.fixture(scope="session")
def write_network():
    """write_network(path, seed, broken=False, **card fields) -> path; `broken` makes its weights NaN."""

    def write(path: Path, seed: int = 0, broken: bool = False, **card: Any) -> Path:
        model = make_network(seed)
        if broken:
            nn.init.constant_(model.classifier.weight, torch.nan)
        write_checkpoint(path, model, CARD | card)
        return path

    return write


@pytest.fixture(scope="session")
def networks(write_network, tmp_path_factory) -> Path:
    """A folder with a network of standard training, `std`, and one of RICAP, `ricap`; read only."""
    folder = tmp_path_factory.mktemp("networks")
    write_network(folder / "std.safetensors", 1)
    write_network(folder / "ricap.safetensors", 2, **RICAP)
    return folder


@pytest.fixture
def pictures(tmp_path) -> Pictures:
    """The samples, no photographs, no uploads."""
    return Pictures.find(ASSETS, tmp_path / "no data")


@pytest.fixture
def services(pictures, networks) -> Services:
    return Services(pictures, Models.find(networks))


def texts(markup: str) -> str:
    """What a person reads of a fragment of HTML."""
    return re.sub(r"\s+", " ", re.sub(r"<[^>]*>", " ", markup)).strip()


@pytest.fixture(scope="session")
def read():
    """read(markup) -> its text without tags."""
    return texts
