"""Data sets by name: where their images and labels come from."""

import os
import unicodedata
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torchvision.datasets import CIFAR10, CIFAR100, ImageFolder, Imagenette

from ..classes import CIFAR10_CLASSES, CIFAR100_CLASSES, IMAGENETTE
from ..errors import InputError, choose
from ..folders import below
from .images import SUFFIXES
from .resident import Resident

SPLITS = ("train", "val")
IMAGENETTE_IMAGES = {"train": 9469, "val": 3925}


@dataclass(frozen=True)
class Files:
    """A split on disk: (path, label) of every image, the class names in label order, and the folder of the classes.

    others: how many files of which endings lie there and are no images.
    """

    samples: list[tuple[str, int]]
    classes: tuple[str, ...]
    root: Path
    others: dict[str, int] = field(default_factory=dict)

    @property
    def labels(self) -> np.ndarray:
        """(N,) int64."""
        return np.array([label for _, label in self.samples], dtype=np.int64)

    @property
    def names(self) -> list[str]:
        """Every image's file as it lies in the folder of the classes: cat/0.png."""
        start = os.path.join(self.root, "")
        return [path.removeprefix(start).replace(os.sep, "/") for path, _ in self.samples]

    def take(self, numbers: np.ndarray) -> "Files":
        """The images of these numbers (M,), in their order."""
        return replace(self, samples=[self.samples[number] for number in numbers])


def imagenette(data_dir: Path, split: str, download: bool) -> Files:
    """Imagenette (Howard 2019), full size: a local copy under `data_dir`/imagenette2, else torchvision's download."""
    place = data_dir / "imagenette2"
    dataset = _obtain("Imagenette", place, partial(Imagenette, data_dir, split, "full"), download)
    count = IMAGENETTE_IMAGES[split]
    if len(dataset._samples) != count:
        raise InputError(
            f"Imagenette's {split} must have {count} images; {place} has {len(dataset._samples)}: "
            "delete that folder to download it anew"
        )
    return Files(dataset._samples, tuple(IMAGENETTE.values()), place / split)


def cifar10(data_dir: Path, split: str, download: bool) -> Resident:
    """CIFAR-10 (Krizhevsky 2009) from the authors' files in `data_dir`/cifar-10-batches-py, checked by MD5."""
    return _cifar("CIFAR-10", CIFAR10, CIFAR10_CLASSES, data_dir, split, download)


def cifar100(data_dir: Path, split: str, download: bool) -> Resident:
    """CIFAR-100 with its 100 fine labels, from `data_dir`/cifar-100-python, checked by MD5."""
    return _cifar("CIFAR-100", CIFAR100, CIFAR100_CLASSES, data_dir, split, download)


def _cifar(
    title: str, kind: type[CIFAR10], classes: tuple[str, ...], data_dir: Path, split: str, download: bool
) -> Resident:
    place = data_dir / kind.base_folder
    dataset = _obtain(title, place, partial(kind, data_dir, split == "train"), download)
    images = torch.from_numpy(dataset.data.transpose(0, 3, 1, 2).copy())
    return Resident(images, torch.tensor(dataset.targets), classes)


def _obtain(title: str, place: Path, make: Callable[..., Any], download: bool) -> Any:
    """A data set of torchvision's; InputError where `place` lacks its files and no download gives them."""
    try:
        return make(download=download)
    except (RuntimeError, OSError) as error:
        reason = " ".join(str(error).split())
    if place.exists():
        raise InputError(f"{title} must lie whole in {place}; delete that folder to download it anew ({reason})")
    if not download:
        raise InputError(f"{title} must lie in {place}; it does not")
    raise InputError(f"{title} must lie in {place} or be downloadable; neither is so ({reason})")


def image_folder(root: Path, split: str) -> Files:
    """A folder with train/ and val/ (or test/), each with one folder of images a class. What is hidden is left out."""
    names = {"train": ("train",), "val": ("val", "test")}[split]
    places = [root / name for name in names if (root / name).is_dir()]
    if not places:
        raise InputError(f"{root} must hold train/ and val/ or test/; {split}/ is missing")
    _check_readable(places[0])
    try:
        walk = _Walk(places[0])
        folder = _Folder(places[0], is_valid_file=walk.takes, allow_empty=True)
    except FileNotFoundError as error:
        raise InputError(f"{places[0]} must hold a folder of images for each class; {error}") from None
    files = Files(folder.samples, tuple(folder.classes), places[0], dict(walk.others))
    if odd := [name for name in files.classes if not _is_text(name)]:
        raise InputError(f"{places[0]} must hold folders whose names are UTF-8; got {ascii(odd[0])}")
    empty = set(files.classes) - {files.classes[label] for _, label in files.samples}
    if empty:
        kinds = f"{', '.join(SUFFIXES[:-1])} or {SUFFIXES[-1]}"
        raise InputError(f"{places[0]} must hold images, {kinds}, of every class; {', '.join(sorted(empty))} has none")
    if len(files.classes) < 2:
        inside = sorted(entry.name for entry in (places[0] / files.classes[0]).iterdir() if entry.is_dir())
        told = f"; are its folders, {', '.join(inside[:5])}, the classes?" if inside else ""
        raise InputError(f"{places[0]} must hold at least two classes; {files.classes[0]} is the only one{told}")
    if split == "val" and (root / "train").is_dir():
        _check_classes(root / "train", places[0], set(files.classes))
    return files


def _check_readable(root: Path) -> None:
    """InputError where a folder in it cannot be read, whose images would be left out unsaid."""

    def told(error: OSError) -> None:
        raise InputError(f"{root} must be readable, and every folder in it; {error.filename} is not ({error.strerror})")

    for _ in os.walk(root, onerror=told):
        pass


class _Folder(ImageFolder):
    """Its classes are the folders in it but the hidden ones, as a notebook leaves them behind."""

    def find_classes(self, directory: str) -> tuple[list[str], dict[str, int]]:
        names = [name for name in super().find_classes(directory)[0] if not _is_hidden(name)]
        if not names:
            raise FileNotFoundError(f"all in {directory} are hidden")
        return names, {name: label for label, name in enumerate(names)}


class _Walk:
    """Which files below a folder are taken. others: of those that are left out, how many there are by ending."""

    def __init__(self, root: Path) -> None:
        self.root, self.others = str(root), Counter()
        self._seen: set[str] = set()
        self._folders: dict[str, str] = {}  # those, by where they truly lie

    def takes(self, path: str) -> bool:
        """Whether a file is named as a picture that `read_image` reads, and neither it nor its folders are hidden;
        InputError where a link leads to a folder of images that there is already."""
        if f"{os.sep}." in path.removeprefix(self.root):
            return False
        folder, name = os.path.split(path)
        if not name.lower().endswith(SUFFIXES):
            self.others[os.path.splitext(name)[1].lower() or "without an ending"] += 1
            return False
        if folder not in self._seen:
            self._seen.add(folder)
            known = self._folders.setdefault(os.path.realpath(folder), folder)
            if known != folder:
                raise InputError(f"{self.root} must hold every folder of images once; {known} and {folder} are one")
        return True


def _is_hidden(name: str) -> bool:
    return name.startswith(".")


def _is_text(name: str) -> bool:
    """Whether it can be written as UTF-8, which a file's name need not be."""
    return name == name.encode("utf-8", "replace").decode("utf-8")


def _check_classes(train: Path, val: Path, classes: set[str]) -> None:
    trained = {entry.name for entry in train.iterdir() if entry.is_dir() and not _is_hidden(entry.name)}
    if trained == classes:
        return
    alone = {train.name: trained - classes, val.name: classes - trained}
    told = [f"only {place}/ has {', '.join(map(repr, sorted(names)))}" for place, names in alone.items() if names]
    said = "; ".join(told)
    if len({frozenset(map(_composed, names)) for names in alone.values()}) == 1:
        said += ", which are the same names in two forms of Unicode: name them alike"
    raise InputError(f"{val} must have the same classes as {train}; {said}")


def _composed(name: str) -> str:
    return unicodedata.normalize("NFC", name)


DATASETS: dict[str, Callable[[Path, str, bool], Files | Resident]] = {
    "imagenette": imagenette, "cifar10": cifar10, "cifar100": cifar100,
}  # fmt: skip
SIZES = {"train_size": 128, "store_size": 224, "crop": "resized"}
CIFAR_SIZES = {"train_size": 32, "store_size": 32, "crop": "padded"}
IN_MEMORY = {"cifar10": 32, "cifar100": 32}  # no files, but images of so many pixels a side, and kept so
TINY = {*IN_MEMORY, "cifar10-jpeg"}  # of 32 x 32 pixels
CUTOUT = {"cifar10": 16, "cifar10-jpeg": 16, "cifar100": 8}  # pixels of cutout's square (DeVries and Taylor 2017)


def dataset_defaults(name: str, trained: int = 0) -> dict[str, Any]:
    """The settings train_size, store_size (sides in pixels) and crop that suit a data set.

    trained: the side that training wants. Photographs are kept as large; an image of CIFAR has no more pixels.
    """
    if name in TINY:
        return dict(CIFAR_SIZES)
    return SIZES | {"store_size": max(SIZES["store_size"], trained)}


def find_split(dataset: str, data_dir: Path, split: str, download: bool = True) -> Files | Resident:
    """The split of a named data set, or of the image folder `data_dir`/`dataset`."""
    choose("split", split, SPLITS)
    if dataset in DATASETS:
        found = DATASETS[dataset](data_dir, split, download)
    elif place := below(data_dir, dataset):
        found = image_folder(place, split)
    else:
        raise InputError(f"data set must be one of {', '.join(DATASETS)}, or a folder in {data_dir}; got {dataset!r}")
    _check_labels(dataset, np.asarray(found.labels), len(found.classes))
    return found


def _check_labels(dataset: str, labels: np.ndarray, count: int) -> None:
    if not len(labels):
        raise InputError(f"{dataset} must hold images; it holds none")
    if labels.min() < 0 or labels.max() >= count:
        raise InputError(f"{dataset}'s labels must be from 0 to {count - 1}; got {labels.min()} to {labels.max()}")
