"""How people call what a card names."""

from collections import Counter
from collections.abc import Sequence
from typing import Any

from .cards import fraction, least_crop, same_data
from .errors import InputError
from .words import several

METHOD_TITLES = {
    "standard": "Standard",
    "cutout": "cutout",
    "mixup": "mixup",
    "cutmix": "CutMix",
    "ricap": "RICAP",
    "image_mixing": "Image mixing only",
    "label_mixing": "Label mixing only",
}

DATA_TITLES = {
    "imagenette": "Imagenette",
    "imagenet": "ImageNet",
    "cifar10": "CIFAR-10",
    "cifar10-jpeg": "CIFAR-10 (JPEG)",
    "cifar100": "CIFAR-100",
    "flickr8k-1k": "Flickr8k",
}

MODEL_TITLES = {
    "looknet": "LookNet",
    "preact_resnet": "Pre-activation ResNet",
    "wide_resnet": "Wide ResNet",
    "densenet_bc": "DenseNet-BC",
    "pyramidnet": "PyramidNet",
    "shake_shake": "Shake-Shake",
    "wide_resnet50_2": "WRN-50-2",
}

USUAL_RATE = 0.05  # of `train`


def run_title(card: dict[str, Any]) -> str:
    """A run's method as `method_title` has it, and its seed unless that is 0."""
    return method_title(card) + (f", seed {card['seed']}" if card["seed"] else "")


def method_title(card: dict[str, Any]) -> str:
    """A run's method, its β, and whether it draws for every image."""
    settings = card.get("method_settings", {})
    beta = settings.get("beta")
    words = METHOD_TITLES.get(card["method"], card["method"])
    words += f" β = {beta:g}" if isinstance(beta, int | float) else ""
    return words + (", a draw for every image" if settings.get("per_sample") and card["method"] != "cutout" else "")


def data_title(card: dict[str, Any]) -> str:
    """A run's data set; one that is a user's folder is called as the folder is."""
    return DATA_TITLES.get(card["dataset"], card["dataset"])


def check_same_data(cards: Sequence[dict[str, Any]]) -> None:
    """InputError unless all these networks know the same classes of one data set."""
    if all(same_data(cards[0], card) for card in cards):
        return
    told = ", ".join(f"{run_title(card)} of {data_title(card)} ({len(card['classes'])} classes)" for card in cards)
    other = next(card for card in cards if not same_data(cards[0], card))
    if other["dataset"] == cards[0]["dataset"] and len(other["classes"]) == len(cards[0]["classes"]):
        pairs = zip(cards[0]["classes"], other["classes"], strict=True)
        told += "; the first class that differs is {} and {}".format(*next(p for p in pairs if p[0] != p[1]))
    raise InputError(f"networks to compare must be trained on one data set and its classes; got {told}")


def model_title(card: dict[str, Any]) -> str:
    """A run's network."""
    return MODEL_TITLES.get(card["model"], card["model"])


def fewer_images(card: dict[str, Any]) -> str:
    """What share of its training images a run learnt from; nothing where that is all of them."""
    share = fraction(card)
    return f"{100 * share:g} % of the training images" if share < 1 else ""


def fine_tuned(card: dict[str, Any]) -> str:
    """Whether a run began with the weights of another."""
    return "fine-tuned" if card.get("weights") else ""


def recipe_title(card: dict[str, Any]) -> str:
    """How a run was trained: its length, whether it was fine-tuned, its share of the training images, crop and, where
    it is not the usual, its learning rate."""
    return ", ".join(filter(None, (length_title(card), fine_tuned(card), fewer_images(card), _crop(card), _rate(card))))


def titles_apart(cards: Sequence[dict[str, Any]]) -> list[str]:
    """A title for each of several runs, no two alike: data set, length, fine-tuning, share of the training images,
    network (of one kind, its size), crop, learning rate, tag and seed are told only where titles would be one, the
    share of the training images wherever it differs.

    All but the network's kind, crop, tag and seed are then told for every run: what has none beside what has one reads
    as if it had the same. The learning rate that `train` has by itself goes without saying. What even these leave alike
    is counted.
    """
    titles = list(map(method_title, cards))
    of_one_kind = len({card["model"] for card in cards}) == 1
    network = (_parameters, network_title) if of_one_kind else (network_title,)
    for words in (data_title, length_title, fine_tuned, _fraction, *network, _crop, _rate, _tag, _seed):
        details = [words(card) for card in cards]
        differing = {t for t in titles if len({d for d, own in zip(details, titles, strict=True) if own == t}) > 1}
        of_all = differing if words in EVERYWHERE else words is _fraction and len(set(details)) > 1
        told = set(titles) if of_all else differing
        titles = [f"{t}, {d}" if t in told and d else t for t, d in zip(titles, details, strict=True)]
    alike, seen = Counter(titles), Counter()
    for place, title in enumerate(titles):
        seen[title] += 1
        titles[place] = f"{title} ({seen[title]})" if alike[title] > 1 else title
    return titles


def length_title(card: dict[str, Any]) -> str:
    """How long a run was trained."""
    return several(card["epochs"], "epoch")


def _fraction(card: dict[str, Any]) -> str:
    return fewer_images(card) or "all training images"


def _parameters(card: dict[str, Any]) -> str:
    return millions(card["parameters"]) if isinstance(card.get("parameters"), int) else ""


def millions(parameters: int) -> str:
    """How large a network is; a small one with two digits."""
    return f"{parameters / 1e6:{'.1f' if parameters >= 1e5 else '.2g'}} M parameters"


def network_title(card: dict[str, Any]) -> str:
    """A run's network with its arguments."""
    numbers = ", ".join(f"{name} {value}" for name, value in card["model_arguments"].items())
    return f"{model_title(card)} of {numbers}" if numbers else model_title(card)


def _crop(card: dict[str, Any]) -> str:
    share = least_crop(card)
    return "" if share is None else crop_title(share)


def crop_title(share: float) -> str:
    """Random-resized crops of at least this share of the area."""
    return f"crops of at least {100 * share:.3g} %" if share < 1 else "whole images"


def _rate(card: dict[str, Any]) -> str:
    return f"learning rate {card['lr']:g}" if card.get("lr", USUAL_RATE) != USUAL_RATE else ""


EVERYWHERE = (data_title, length_title, fine_tuned, _parameters, _rate)  # told of every title where one needs it


def _tag(card: dict[str, Any]) -> str:
    return card.get("tag") or ""


def _seed(card: dict[str, Any]) -> str:
    return f"seed {card['seed']}"
