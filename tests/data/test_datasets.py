"""Where splits come from, and what is said when they are not there or not whole."""

import os
import pickle
import shutil
import sys

import numpy as np
import pytest
import torch

from ricap_explorer.classes import CIFAR10_CLASSES, CIFAR100_CLASSES, IMAGENETTE
from ricap_explorer.data import DATASETS, dataset_defaults, datasets, open_data
from ricap_explorer.data.datasets import find_split
from ricap_explorer.errors import InputError


def told(dataset, data_dir, split="train", **options) -> str:
    with pytest.raises(InputError) as caught:
        find_split(dataset, data_dir, split, **options)
    message = str(caught.value)
    assert message and "\n" not in message
    return message


@pytest.mark.parametrize(("split", "count"), [("train", 12), ("val", 6)])
def test_folder_becomes_a_split(data_dir, split, count):
    files = find_split("pets", data_dir, split)
    assert files.classes == ("cat", "dog") and files.labels.dtype == np.int64
    assert files.labels.tolist() == [0] * (count // 2) + [1] * (count // 2)
    folder = data_dir / "pets" / split
    assert [path for path, _ in files.samples] == [str(path) for path in sorted(folder.glob("*/*.png"))]


def test_test_folder_serves_as_val(make_folder, tmp_path):
    make_folder(tmp_path / "pets", test="test")
    assert len(find_split("pets", tmp_path, "val").labels) == 6


@pytest.mark.parametrize("split", ["train", "val"])
def test_missing_split_is_told(split, tmp_path):
    (tmp_path / "pets" / ("val" if split == "train" else "train") / "cat").mkdir(parents=True)
    message = told("pets", tmp_path, split)
    assert "must hold train/ and val/ or test/" in message and f"{split}/ is missing" in message


@pytest.mark.parametrize("dataset", ["", "birds", "imagenet"])
def test_unknown_data_set_lists_the_known(dataset, data_dir):
    assert f"data set must be one of {', '.join(DATASETS)}, or a folder in {data_dir}" in told(dataset, data_dir)


def test_missing_data_directory_is_named(tmp_path):
    assert str(tmp_path / "nowhere") in told("pets", tmp_path / "nowhere")


def test_unknown_split(data_dir):
    assert "split must be one of train, val; got 'test'" in told("pets", data_dir, "test")


def test_every_kind_of_picture_that_can_be_read_is_found_and_no_other(make_folder, picture, tmp_path):
    root = make_folder(tmp_path / "pets")
    before = len(find_split("pets", tmp_path, "train").samples)
    for name in ("a.GIF", "b.webp", "c.tiff", "d.bmp"):
        picture(20, 20).save(root / "train" / "dog" / name)
    (root / "train" / "dog" / "e.ppm").write_bytes(b"P6 1 1 255 000")
    assert len(find_split("pets", tmp_path, "train").samples) == before + 4


def test_class_folder_without_images_is_named(make_folder, tmp_path):
    (make_folder(tmp_path / "pets") / "train" / "emu").mkdir()
    assert told("pets", tmp_path).endswith("of every class; emu has none")


@pytest.mark.skipif(sys.platform != "linux", reason="other systems have no such names")
def test_a_class_folder_whose_name_is_no_text(make_folder, tmp_path):
    (make_folder(tmp_path / "pets") / "train" / "cat").rename(
        os.fsdecode(os.fsencode(tmp_path) + b"/pets/train/k\xe4tze")
    )
    assert told("pets", tmp_path).endswith(r"must hold folders whose names are UTF-8; got 'k\udce4tze'")


def test_a_folder_that_cannot_be_read_is_told(make_folder, tmp_path, monkeypatch):
    make_folder(tmp_path / "pets")
    shut = next((tmp_path / "pets" / "train").iterdir()) / "more"
    shut.mkdir()
    real = os.scandir

    def scandir(path):
        if str(path) == str(shut):  # root may read what others may not
            raise PermissionError(13, "Permission denied", str(path))
        return real(path)

    monkeypatch.setattr(os, "scandir", scandir)
    sentence = told("pets", tmp_path)
    assert "train must be readable, and every folder in it" in sentence
    assert f"{shut} is not (Permission denied)" in sentence


def test_only_empty_class_folders(tmp_path):
    for name in ("cat", "dog"):
        (tmp_path / "pets" / "train" / name).mkdir(parents=True)
    assert told("pets", tmp_path).endswith("cat, dog has none")


def test_split_without_class_folders_is_told(tmp_path):
    (tmp_path / "pets" / "train").mkdir(parents=True)
    assert "must hold a folder of images for each class" in told("pets", tmp_path)


def test_other_classes_in_val_are_named(make_folder, picture, tmp_path):
    folder = make_folder(tmp_path / "pets") / "val" / "emu"
    folder.mkdir()
    picture().save(folder / "0.png")
    message = told("pets", tmp_path, "val")
    assert "must have the same classes" in message and message.endswith("; only val/ has 'emu'")
    (tmp_path / "pets" / "val" / "cat").rename(tmp_path / "pets" / "val" / "cat, wild")
    message = told("pets", tmp_path, "val")
    assert message.endswith("; only train/ has 'cat'; only val/ has 'cat, wild', 'emu'")


@pytest.mark.skipif(sys.platform != "linux", reason="other systems take both forms for one name")
def test_a_class_name_in_two_forms_of_unicode_is_told_as_that(make_folder, tmp_path):
    for split, name in (("train", "caf\u00e9"), ("val", "cafe\u0301")):
        folder = tmp_path / "pets" if split == "val" else make_folder(tmp_path / "pets")
        (folder / split / "cat").rename(folder / split / name)
    assert told("pets", tmp_path, "val").endswith("are the same names in two forms of Unicode: name them alike")


def test_what_is_hidden_is_no_image_and_no_class(make_folder, picture, tmp_path):
    folder = make_folder(tmp_path / ".data" / "pets")  # a hidden folder above is no matter
    before = [find_split("pets", folder.parent, split).samples for split in ("train", "val")]
    for split in ("train", "val"):
        for place in (folder / split / ".ipynb_checkpoints", folder / split / "cat" / ".ipynb_checkpoints"):
            place.mkdir()
            picture().save(place / "0.png")
        (folder / split / "cat" / "._000.jpg").write_bytes(b"no picture")
    assert [find_split("pets", folder.parent, split).samples for split in ("train", "val")] == before
    assert find_split("pets", folder.parent, "train").classes == ("cat", "dog")


def test_imagenette_neither_here_nor_downloadable_is_told(offline, tmp_path):
    message = told("imagenette", tmp_path)
    assert f"Imagenette must lie in {tmp_path / 'imagenette2'} or be downloadable" in message


def test_part_of_imagenette_is_told(picture, tmp_path):
    for wnid in IMAGENETTE:
        folder = tmp_path / "imagenette2" / "val" / wnid
        folder.mkdir(parents=True)
        picture().save(folder / "0.JPEG", "JPEG")
    message = told("imagenette", tmp_path, "val")
    assert "must have 3925 images" in message and "has 10: delete that folder to download it anew" in message


def test_imagenettes_class_names_are_in_label_order():
    assert list(IMAGENETTE) == sorted(IMAGENETTE) and len(IMAGENETTE) == 10


@pytest.mark.parametrize(("classes", "count"), [(CIFAR10_CLASSES, 10), (CIFAR100_CLASSES, 100)])
def test_cifars_class_names_are_in_label_order(classes, count):
    assert list(classes) == sorted(set(classes)) and len(classes) == count


@pytest.mark.parametrize(
    ("name", "kind", "classes"),
    [("cifar10", datasets.CIFAR10, CIFAR10_CLASSES), ("cifar100", datasets.CIFAR100, CIFAR100_CLASSES)],
)
@pytest.mark.parametrize(("split", "files"), [("train", ["first", "second"]), ("val", ["third"])])
def test_cifar_is_read_as_its_authors_wrote_it(name, kind, classes, split, files, make_cifar):
    folder = make_cifar(kind) / kind.base_folder
    entries = [pickle.loads((folder / file).read_bytes()) for file in files]
    found = open_data(name, folder.parent, split, 32)
    expected = np.concatenate([entry["data"].reshape(-1, 3, 32, 32) for entry in entries])
    labels = sum((entry.get("labels") or entry["fine_labels"] for entry in entries), [])
    assert found.images.dtype == torch.uint8 and np.array_equal(found.images.numpy(), expected)
    assert found.labels.tolist() == labels and found.labels.dtype == torch.int64 and found.classes == classes


def test_cifar_neither_here_nor_downloadable_is_told(offline, tmp_path):
    message = told("cifar10", tmp_path)
    assert f"CIFAR-10 must lie in {tmp_path / 'cifar-10-batches-py'} or be downloadable; neither is so" in message
    assert "no network" in message


@pytest.mark.parametrize("download", [True, False])
def test_damaged_cifar_is_told(download, offline, make_cifar):
    folder = make_cifar() / datasets.CIFAR10.base_folder
    (folder / "second").write_bytes(b"half")
    message = told("cifar10", folder.parent, download=download)
    assert f"CIFAR-10 must lie whole in {folder}; delete that folder to download it anew" in message


@pytest.mark.parametrize("label", [-1, 10])
def test_labels_outside_the_classes_are_told(label, make_cifar):
    data_dir = make_cifar(labels=lambda count: [label] + [3] * (count - 1))
    assert "cifar10's labels must be from 0 to 9; got" in told("cifar10", data_dir)


def test_defaults_suit_the_size_of_the_pictures():
    small = {"train_size": 32, "store_size": 32, "crop": "padded"}
    large = {"train_size": 128, "store_size": 224, "crop": "resized"}
    assert all(dataset_defaults(name) == small for name in ("cifar10", "cifar100", "cifar10-jpeg"))
    assert all(dataset_defaults(name) == large for name in ("imagenette", "pets"))
    dataset_defaults("pets")["crop"] = "none"
    assert dataset_defaults("pets") == large


def test_a_folder_too_many_is_told(make_folder, tmp_path):
    folder = make_folder(tmp_path / "pets")
    for split in ("train", "val"):
        shutil.copytree(folder / split, tmp_path / "nest" / split / "pets")
    with pytest.raises(InputError, match="two classes; pets is the only one; are its folders, cat, dog, the classes"):
        find_split("nest", tmp_path, "train", False)


def test_what_is_left_out_is_told_once_when_the_images_are_opened(make_folder, picture, tmp_path, capsys):
    root = make_folder(tmp_path / "pets") / "train" / "dog"
    picture(20, 20).save(root / "a.JFIF", "JPEG")
    for name in ("b.heic", "c.HEIC", "notes", ".hidden"):
        (root / name).write_bytes(b"x")
    before = len(find_split("pets", tmp_path, "train").samples)
    assert capsys.readouterr().err == ""
    assert len(open_data("pets", tmp_path, "train", 32)) == before == 13
    assert "pets train: left out 2 .heic, 1 without an ending, which are no images" in capsys.readouterr().err


@pytest.mark.skipif(sys.platform == "win32", reason="links need rights there")
@pytest.mark.parametrize(("link", "to"), [("train/dog/self", "."), ("train/cat/up", ".."), ("train/third", "dog")])
def test_a_link_to_images_that_are_there_already_is_told(link, to, make_folder, tmp_path):
    (make_folder(tmp_path / "pets") / link).symlink_to(to)
    assert "must hold every folder of images once; " in told("pets", tmp_path)


@pytest.mark.skipif(sys.platform == "win32", reason="links need rights there")
def test_links_to_images_elsewhere_are_followed(make_folder, tmp_path):
    root = make_folder(tmp_path / "pets")
    before = find_split("pets", tmp_path, "train")
    (root / "train" / "dog").rename(tmp_path / "dogs")
    (root / "train" / "dog").symlink_to(tmp_path / "dogs")
    assert find_split("pets", tmp_path, "train") == before
