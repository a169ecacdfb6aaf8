"""Opening a split: decoded into memory where it fits, else read by worker processes as it is needed."""

import os
import sys
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import numpy as np
import torch
from torch import Tensor
from tqdm import tqdm

from ..errors import InputError, UnreadableImage, choose
from .datasets import Files, find_split
from .images import read_image, square_image, to_tensor
from .memory import free_memory
from .parts import check_parts, part_of
from .resident import Resident
from .stream import CPU, Stream

LOADERS = ("auto", "resident", "stream")


def open_data(
    dataset: str,
    data_dir: Path,
    split: str,
    store_size: int,
    device: torch.device = CPU,
    loader: str = "auto",
    workers: int = 4,
    skip_corrupt: bool = False,
    holdout: float = 0.0,
    download: bool = True,
    fraction: float = 1.0,
) -> Resident | Stream:
    """A split, ready to be augmented on `device`; its batches do not depend on how many workers read it.

    store_size: side in pixels at which a resident split is kept. loader: resident, stream, or auto, which keeps the
    images in memory where they fill at most a third of what is free. holdout: with a share above 0, that part of the
    training set is "val", the rest "train", and the true validation set is not touched. fraction: the share of every
    class's images that "train" then keeps. skip_corrupt: leave unreadable images out, each told in a line, rather than
    raise. InputError for whatever is wrong with the data.
    """
    choose("loader", loader, LOADERS)
    if workers < 0:
        raise InputError(f"workers must be 0 or more; got {workers}")
    found = find_part(dataset, data_dir, split, holdout, download, fraction)
    if isinstance(found, Resident):
        if loader == "stream":
            raise InputError(f"loader must be resident or auto for {dataset}, which is no folder of files; got stream")
        return found.to(device)
    if found.others:
        _tell(f"{dataset} {split}: left out {_listed(found.others)}, which are no images that can be read")
    need, free = len(found.samples) * 3 * store_size**2, free_memory(device)
    if loader == "auto":
        loader = _choose_loader(f"{dataset} {split}", len(found.samples), store_size, need, free)
    elif loader == "resident" and need > 2 * free:  # not every system tells exactly
        raise InputError(
            f"loader must be stream or auto where the images do not fit the memory; {dataset} {split} needs "
            f"{need / 1e9:.1f} GB at {store_size} px, {free / 1e9:.1f} GB are free"
        )
    if loader == "resident":
        return decode(found, store_size, f"decoding {dataset} {split}", workers, skip_corrupt).to(device)
    paths = [path for path, _ in found.samples]
    return Stream(
        paths, found.labels, found.classes, device, min(workers, os.cpu_count() or 1), skip_corrupt, store_size
    )


def find_part(
    dataset: str, data_dir: Path, split: str, holdout: float = 0.0, download: bool = True, fraction: float = 1.0
) -> Files | Resident:
    """A split as its files or images; with a holdout "val" is that share of the training set, "train" the rest, or the
    given fraction of it."""
    check_parts(holdout, fraction)
    found = find_split(dataset, data_dir, "train" if holdout and split == "val" else split, download)
    found = _divide(found, split, holdout) if holdout else found
    return _fewer(found, fraction) if split == "train" and fraction < 1 else found


def _divide(found: Files | Resident, split: str, share: float) -> Files | Resident:
    """The held-out part of a training set, which must have an image of every class, for "val", the rest for "train"."""
    held = part_of(np.asarray(found.labels), share)
    _check_part("holdout", share, found, held)
    if split == "val" and isinstance(found, Files):
        found = replace(found, others={})  # told with the other part
    return found.take(np.flatnonzero(held == (split == "val")))


def _fewer(found: Files | Resident, fraction: float) -> Files | Resident:
    """That share of a training set, which must leave an image of every class."""
    kept = part_of(np.asarray(found.labels), fraction)
    _check_part("fraction", fraction, found, kept)
    return found.take(np.flatnonzero(kept))


def _check_part(name: str, share: float, found: Files | Resident, part: np.ndarray) -> None:
    """InputError where a part has no image of a class that the whole has some of."""
    labels = np.asarray(found.labels)
    lacking = np.setdiff1d(labels, labels[part])
    if len(lacking):
        none = f"none of the {(labels == lacking[0]).sum()} of {found.classes[lacking[0]]}"
        raise InputError(f"{name} must be at least an image of every class; got {share}, which is {none}")


def _choose_loader(what: str, count: int, size: int, need: int, free: int) -> str:
    """resident where the images fill at most a third of the free memory, else stream; says which, and why."""
    loader = "resident" if need <= free / 3 else "stream"
    place = "kept in memory" if loader == "resident" else "read from disk as needed"
    _tell(f"{what}: {count} images, {place} ({need / 1e9:.2f} GB at {size} px, {free / 1e9:.1f} GB free)")
    return loader


def _listed(others: dict[str, int]) -> str:
    return ", ".join(f"{count} {ending}" for ending, count in sorted(others.items()))


def _tell(line: str) -> None:
    if os.environ.get("RANK", "0") == "0":  # one of torchrun's processes tells it
        tqdm.write(line, file=sys.stderr)


def decode(files: Files, size: int, title: str, workers: int = 4, skip_corrupt: bool = False) -> Resident:
    """Every file's centred square at `size` x `size`, uint8, decoded by `workers` threads with a progress bar."""
    images = torch.empty(len(files.samples), 3, size, size, dtype=torch.uint8)
    jobs = ((path, images[i], skip_corrupt) for i, (path, _) in enumerate(files.samples))
    with ThreadPoolExecutor(max(workers, 1)) as pool:
        done = pool.map(lambda job: _decode_into(*job), jobs)
        good = torch.tensor(list(tqdm(done, title, len(images), unit="image", mininterval=1)))
    if not good.any():
        raise InputError(f"{title}: at least one image must be readable; none is")
    labels = torch.from_numpy(files.labels)
    return (
        Resident(images, labels, files.classes) if good.all() else Resident(images[good], labels[good], files.classes)
    )


def _decode_into(path: str, place: Tensor, skip_corrupt: bool) -> bool:
    """Whether the image could be read; InputError, naming its path, if it could not and must be."""
    try:
        place.copy_(to_tensor(square_image(read_image(path, path), place.shape[-1])))
    except InputError as error:
        if not skip_corrupt:
            raise UnreadableImage(str(error)) from None
        tqdm.write(f"left out: {error}", file=sys.stderr)
        return False
    return True
