"""Data sets of other kinds, made on the spot."""

import hashlib
import pickle
from pathlib import Path

import numpy as np
import pytest

from ricap_explorer.data import datasets


@pytest.fixture
def make_cifar(tmp_path, monkeypatch):
    """make_cifar(kind, labels) -> data directory with CIFAR's own files: 12 training images and 4 test images.

    `labels` gives a file's labels from their number. Its checksums become torchvision's.
    """

    def write(path: Path, value: dict) -> list[str]:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(pickle.dumps(value))
        return [path.name, hashlib.md5(path.read_bytes()).hexdigest()]

    def make(kind=datasets.CIFAR10, labels=lambda count: [i % 3 for i in range(count)]) -> Path:
        folder, rng = tmp_path / kind.base_folder, np.random.default_rng(0)
        key = "labels" if kind is datasets.CIFAR10 else "fine_labels"

        def batch(name: str, count: int) -> list[str]:
            pixels = rng.integers(0, 256, (count, 3072), dtype=np.uint8)
            return write(folder / name, {"data": pixels, key: labels(count)})

        monkeypatch.setattr(kind, "train_list", [batch("first", 5), batch("second", 7)])
        monkeypatch.setattr(kind, "test_list", [batch("third", 4)])
        meta = write(folder / kind.meta["filename"], {kind.meta["key"]: ["whatever"]})
        monkeypatch.setattr(kind, "meta", kind.meta | {"md5": meta[1]})
        return tmp_path

    return make


@pytest.fixture
def offline(monkeypatch):
    """No data set can be downloaded."""

    def fail(*args, **kwargs):
        raise OSError("no\nnetwork")

    monkeypatch.setattr("torchvision.datasets.cifar.download_and_extract_archive", fail)
    monkeypatch.setattr("torchvision.datasets.imagenette.download_and_extract_archive", fail)
