"""The images of a run: those that it learns from, and those that it is tested on."""

from typing import Any

from ..data import Dataset, open_data
from ..data.digest import digest
from ..data.loaders import find_part
from ..errors import InputError, MissingImages
from .config import TrainConfig
from .distributed import World
from .trouble import way_out


def open_images(config: TrainConfig, here: World, loader: str) -> tuple[Dataset, Dataset]:
    """The training set and what is tested: the test set, or the held-out part of the training set.

    The main process goes first, as what is missing must be downloaded once, and the others read as it does. The smaller
    one goes first: if it is missing or bad, that is soon told.
    """

    def opened(split: str, loader: str) -> Dataset:
        try:
            return open_data(
                config.dataset, config.data_dir, split, config.store_size, here.device,
                loader, config.workers, config.skip_corrupt, config.holdout, fraction=config.fraction,
            )  # fmt: skip
        except InputError as error:
            raise MissingImages(f"{error}{way_out(error, config)}") from None

    if here.main:
        test, training = opened("val", config.loader), opened("train", loader)
    kinds = here.told([training.loader, test.loader] if here.main else None)
    if not here.main:
        training, test = (opened(split, kind) for split, kind in zip(("train", "val"), kinds, strict=True))
    if training.classes != test.classes:
        raise InputError(f"training and test images must be of the same classes; {config.dataset}'s are not")
    _check_count(config, len(training))
    return training, test


def check_images(config: TrainConfig) -> dict[str, Any]:
    """What a card would tell of the training set that a run would learn from; InputError where that is missing or too
    small. Reads no picture, so that nothing is told of how many could be read."""
    found = find_part(config.dataset, config.data_dir, "train", config.holdout, fraction=config.fraction)
    _check_count(config, len(found.labels))
    count = {} if config.skip_corrupt else {"train_images": len(found.labels)}
    return {"fraction": config.fraction, "train_digest": digest(found), **count}


def _check_count(config: TrainConfig, count: int) -> None:
    if count < config.batch_size:
        kept = f" that a fraction of {config.fraction:g} leaves" if config.fraction < 1 else ""
        raise InputError(f"batch_size must be at most the {count} images{kept}; got {config.batch_size}")
