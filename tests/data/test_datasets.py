"""Splits from folders: what is found, how it is decoded, and what is said when it is not there."""

import numpy as np
import pytest
import torch
from PIL import Image

from ricap_explorer.classes import IMAGENETTE
from ricap_explorer.data import DATASETS, Split, datasets, load_split, square_image
from ricap_explorer.errors import InputError


def told(dataset, data_dir, split="train") -> str:
    with pytest.raises(InputError) as caught:
        load_split(dataset, data_dir, split, 16)
    message = str(caught.value)
    assert message and "\n" not in message
    return message


@pytest.mark.parametrize(("split", "count"), [("train", 12), ("val", 6)])
def test_folder_becomes_a_split(data_dir, split, count):
    loaded = load_split("pets", data_dir, split, 16)
    assert loaded.images.shape == (count, 3, 16, 16) and loaded.images.dtype == torch.uint8
    assert loaded.labels.tolist() == [0] * (count // 2) + [1] * (count // 2) and loaded.labels.dtype == torch.int64
    assert loaded.classes == ("cat", "dog")
    with Image.open(data_dir / "pets" / split / "dog" / "0.png") as image:
        expected = np.asarray(square_image(image, 16))
    assert np.array_equal(loaded.images[count // 2].permute(1, 2, 0).numpy(), expected)


def test_loading_twice_gives_the_same(data_dir):
    first, second = (load_split("pets", data_dir, "train", 16, workers) for workers in (1, 4))
    assert torch.equal(first.images, second.images) and torch.equal(first.labels, second.labels)


def test_to_device_keeps_everything(data_dir):
    split = load_split("pets", data_dir, "val", 16)
    moved = split.to(torch.device("cpu"))
    assert isinstance(moved, Split) and torch.equal(moved.images, split.images) and moved.classes == split.classes


def test_test_folder_serves_as_val(make_folder, tmp_path):
    make_folder(tmp_path / "pets", test="test")
    assert len(load_split("pets", tmp_path, "val", 16).labels) == 6


@pytest.mark.parametrize("split", ["train", "val"])
def test_missing_split_is_told(split, tmp_path):
    (tmp_path / "pets" / ("val" if split == "train" else "train") / "cat").mkdir(parents=True)
    message = told("pets", tmp_path, split)
    assert "must hold train/ and val/ or test/" in message and f"{split}/ is missing" in message


@pytest.mark.parametrize("dataset", ["", "birds", "imagenet"])
def test_unknown_data_set_lists_the_known(dataset, data_dir):
    assert f"data set must be one of {', '.join(DATASETS)}, or a folder in {data_dir}" in told(dataset, data_dir)


def test_unknown_split(data_dir):
    assert "split must be one of train, val; got 'test'" in told("pets", data_dir, "test")


def test_class_folder_without_images_is_told(make_folder, tmp_path):
    (make_folder(tmp_path / "pets") / "train" / "emu").mkdir()
    assert "emu" in told("pets", tmp_path)


def test_split_without_class_folders_is_told(tmp_path):
    (tmp_path / "pets" / "train").mkdir(parents=True)
    assert "must hold a folder of images for each class" in told("pets", tmp_path)


def test_corrupt_image_is_named(make_folder, tmp_path):
    broken = make_folder(tmp_path / "pets") / "train" / "cat" / "broken.png"
    broken.write_bytes((broken.parent / "0.png").read_bytes()[:200])
    assert "broken.png must be a whole image" in told("pets", tmp_path)


@pytest.mark.parametrize("error", [OSError("no network"), RuntimeError("not found\nor corrupted")])
def test_imagenette_neither_here_nor_downloadable_is_told(error, tmp_path, monkeypatch):
    def fail(*args, **kwargs):
        raise error

    monkeypatch.setattr(datasets.Imagenette, "_download", fail)
    message = told("imagenette", tmp_path)
    assert "Imagenette must lie in" in message and str(tmp_path) in message


def test_imagenettes_class_names_are_in_label_order():
    assert list(IMAGENETTE) == sorted(IMAGENETTE) and len(IMAGENETTE) == 10
