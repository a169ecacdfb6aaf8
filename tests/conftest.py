"""What the tests share: pictures and data sets made on the spot, and modest use of the machine."""

import gc
import sys
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image


@pytest.fixture(autouse=True, scope="session")
def modest():
    """Tiny tensors gain nothing from more threads; the garbage collector need not walk all that was imported."""
    torch.set_num_threads(1)
    gc.freeze()
    yield
    gc.unfreeze()


@pytest.fixture
def rng() -> np.random.Generator:
    return np.random.default_rng(0)


@pytest.fixture(scope="session")
def picture():
    """picture(width, height, seed) -> a smooth random RGB picture."""

    def make(width: int = 40, height: int = 36, seed: int = 0) -> Image.Image:
        coarse = np.random.default_rng(seed).integers(0, 256, (4, 4, 3), dtype=np.uint8)
        return Image.fromarray(coarse).resize((width, height), Image.Resampling.BICUBIC)

    return make


@pytest.fixture(scope="session")
def make_folder(picture):
    """make_folder(root, test="val") -> root, now an image folder of two classes: 6 training and 3 test images each."""

    def make(root: Path, test: str = "val") -> Path:
        for split, count in (("train", 6), (test, 3)):
            for label, name in enumerate(("cat", "dog")):
                (root / split / name).mkdir(parents=True)
                for i in range(count):
                    picture(seed=100 * label + i).save(root / split / name / f"{i}.png")
        return root

    return make


@pytest.fixture(scope="session")
def data_dir(make_folder, tmp_path_factory) -> Path:
    """A data directory that holds the image folder `pets`; read only."""
    root = tmp_path_factory.mktemp("data")
    make_folder(root / "pets")
    return root


@pytest.fixture
def call(monkeypatch, capsys):
    """call(*arguments) of the command line -> (exit status, standard output, standard error)"""

    from ricap_explorer import cli

    def run(*arguments):
        monkeypatch.setattr(sys, "argv", ["ricap_explorer", *map(str, arguments)])
        status = cli.main()
        return status, *capsys.readouterr()

    return run
