"""What a card tells: the settings of a run and how well it did. Of what an older card does not know, what held then."""

from collections.abc import Collection, Mapping, Sequence
from math import isfinite
from reprlib import repr as short
from typing import Any

Card = Mapping[str, Any]
KINDS = {  # what the fields are that others read, each where a card has it
    "dataset": str, "classes": list, "model": str, "model_arguments": dict, "image_size": int, "store_size": int,
    "mean": list, "std": list, "method": str, "method_settings": dict, "lr": int | float, "crop_scale": int | float,
    "holdout": int | float, "fraction": int | float, "tag": str | None, "seed": int, "epochs": int, "command": str,
    "weights": str | None, "test_error": int | float, "test_images": int, "parameters": int, "train_digest": str,
    "hardware": str,
}  # fmt: skip


def check_kinds(card: Any, needed: Collection[str]) -> None:
    """ValueError, "its lr is 'x'", where a field is of another kind than runs write, or a needed one is missing."""
    if not isinstance(card, dict):
        raise ValueError("it has no card")
    for name, kind in KINDS.items():
        if name not in card:
            if name in needed:
                raise ValueError(f"it has no {name}")
        elif not isinstance(value := card[name], kind) or isinstance(value, bool) or not _finite(value):
            raise ValueError(f"its {name} is {short(value)}")


def _finite(value: Any) -> bool:
    """Whether a float holds the number, where it is one."""
    if not isinstance(value, int | float):
        return True
    try:
        return isfinite(value)
    except OverflowError:
        return False


def run_name(settings: Card) -> str:
    """Name of a run and of its files: <data set>_<model>_<method>[-<tag>]_s<seed>."""
    tag = f"-{settings['tag']}" if settings.get("tag") else ""
    return f"{file_name(settings['dataset'])}_{settings['model']}_{settings['method']}{tag}_s{settings['seed']}"


def file_name(dataset: str) -> str:
    """A data set's name as a part of a file's; a user's folder may lie in another."""
    return dataset.replace("/", "-")


def fraction(card: Card) -> float:
    """The share of each class's training images that a run learnt from."""
    return card.get("fraction", 1.0)


def holdout(card: Card) -> float:
    """The share of the training set that was held out and tested instead of the validation set; 0: none."""
    return card.get("holdout", 0.0)


def least_crop(card: Card) -> float | None:
    """The least share of an image's area that a random-resized crop of training kept; None for crops of other kinds."""
    return card.get("crop_scale") if _kind(card) == "resized" else None


def _kind(card: Card) -> str:
    return card.get("crop", "resized")


def kept_size(card: Card) -> int:
    """The side in pixels at which a network's data were kept; of a card that does not tell, the network's own."""
    return card.get("store_size", card["image_size"])


def same_data(card: Card, other: Card) -> bool:
    """Whether two networks know the same classes of the same data set."""
    return (card["dataset"], card["classes"]) == (other["dataset"], other["classes"])


def same_crops(card: Card, other: Card) -> bool:
    """Whether two networks saw the same parts of images in training."""
    return (_kind(card), least_crop(card)) == (_kind(other), least_crop(other))


def partner(card: Card, cards: Sequence[Card]) -> int | None:
    """The place of the network beside which another's mixing is judged: a standard one of its network, learning rate,
    epochs, weights to begin with and share of the training images, where there are several one of its crops; None
    without one."""
    fit = [
        place
        for place, other in enumerate(cards)
        if other["method"] == "standard" and _conditions(other) == _conditions(card)
    ]
    return min(fit, key=lambda place: not same_crops(cards[place], card), default=None)


def _conditions(card: Card) -> tuple:
    return card["model"], card["model_arguments"], card.get("lr"), card["epochs"], card.get("weights"), fraction(card)


def hardware(card: Card) -> str:
    """What computed it, short: the GPU's name, or CPU; 'unknown' of a card that does not tell."""
    return card.get("hardware", "").partition(":")[0].removeprefix("NVIDIA ") or "unknown"
