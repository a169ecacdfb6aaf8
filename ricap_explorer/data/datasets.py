"""Data sets by name, decoded once into memory as uint8."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import torch
from torch import Tensor
from torchvision.datasets import ImageFolder, Imagenette
from tqdm import tqdm

from ..classes import IMAGENETTE
from ..errors import InputError
from .images import read_image, square_image, to_tensor

SPLITS = ("train", "val")


@dataclass(frozen=True)
class Files:
    """A split on disk: (path, label) of every image, and the class names in label order."""

    samples: list[tuple[str, int]]
    classes: tuple[str, ...]


@dataclass(frozen=True)
class Split:
    """A split in memory: images (N, 3, S, S) uint8, labels (N,) int64, class names in label order."""

    images: Tensor
    labels: Tensor
    classes: tuple[str, ...]

    def to(self, device: torch.device) -> "Split":
        """The same split on another device."""
        return Split(self.images.to(device), self.labels.to(device), self.classes)


def imagenette(data_dir: Path, split: str, download: bool = True) -> Files:
    """Imagenette (Howard 2019), full size: a local copy under `data_dir`/imagenette2, else torchvision's download."""
    try:
        dataset = Imagenette(data_dir, split, size="full", download=download)
    except (RuntimeError, OSError) as error:
        reason = " ".join(str(error).split())
        raise InputError(
            f"Imagenette must lie in {data_dir / 'imagenette2'} or be downloadable; neither is so ({reason})"
        ) from None
    return Files(dataset._samples, tuple(IMAGENETTE.values()))


def image_folder(root: Path, split: str) -> Files:
    """A folder with train/ and val/ (or test/), each with one folder of images a class."""
    places = [root / name for name in ((split,) if split == "train" else ("val", "test")) if (root / name).is_dir()]
    if not places:
        raise InputError(f"{root} must hold train/ and val/ or test/; {split}/ is missing")
    try:
        folder = ImageFolder(places[0])
    except FileNotFoundError as error:
        raise InputError(f"{places[0]} must hold a folder of images for each class; {error}") from None
    return Files(folder.samples, tuple(folder.classes))


DATASETS: dict[str, Callable[[Path, str], Files]] = {"imagenette": imagenette}


def find_files(dataset: str, data_dir: Path, split: str) -> Files:
    """The split of a named data set, or of the image folder `data_dir`/`dataset`."""
    if split not in SPLITS:
        raise InputError(f"split must be one of {', '.join(SPLITS)}; got {split!r}")
    if dataset in DATASETS:
        return DATASETS[dataset](data_dir, split)
    if dataset and (data_dir / dataset).is_dir():
        return image_folder(data_dir / dataset, split)
    raise InputError(f"data set must be one of {', '.join(DATASETS)}, or a folder in {data_dir}; got {dataset!r}")


def load_split(dataset: str, data_dir: Path, split: str, size: int, workers: int = 4) -> Split:
    """Decode a whole split into memory: every image's centred square at `size` x `size`, uint8, with a progress bar."""
    files = find_files(dataset, data_dir, split)
    images = torch.empty(len(files.samples), 3, size, size, dtype=torch.uint8)

    def decode(i: int) -> None:
        images[i] = to_tensor(square_image(read_image(files.samples[i][0]), size))

    with ThreadPoolExecutor(workers) as pool:
        jobs = pool.map(decode, range(len(images)))
        for _ in tqdm(jobs, f"decoding {dataset} {split}", len(images), unit="image", mininterval=1):
            pass
    return Split(images, torch.tensor([label for _, label in files.samples]), files.classes)
