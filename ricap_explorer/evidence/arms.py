"""Networks trained in different ways on one data set: who errs less, and whether chance alone could do that."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from statistics import mean, stdev
from typing import Any

import numpy as np
import torch

from ..bootstrap import Mean, drawn_means
from ..cards import fraction, holdout, kept_size
from ..data import Dataset
from ..errors import InputError
from ..titles import USUAL_RATE, data_title, fine_tuned, length_title, model_title, network_title, titles_apart
from ..training.engine import answers
from ..words import decimals, several
from ..zoo import Checkpoint
from .runs import beyond_chance, grouped, summed_up


def misses(
    checkpoints: Sequence[Checkpoint], data_dir: Path, device: torch.device, loader: str = "auto", workers: int = 2
) -> np.ndarray:
    """Whether each network errs on each image that its training tested it on, seen as there: (M, N) bool.

    All must be of one data set and tested on the same of its images; InputError where its classes are others by now,
    and for what `check_trained` finds.
    """
    check_trained({checkpoint.name: checkpoint.card for checkpoint in checkpoints})
    opened: dict[tuple, Dataset] = {}
    rows = []
    for checkpoint in checkpoints:
        card = checkpoint.card
        seen = kept_size(card), card.get("skip_corrupt", False), holdout(card), tuple(card["classes"])
        if seen not in opened:
            opened[seen] = checkpoint.test_data(data_dir, device, loader, workers)
        model = checkpoint.load().to(device)
        wrong = [logits.argmax(1) != labels for logits, labels in answers(model, opened[seen], card["image_size"])]
        rows.append(torch.cat(wrong).cpu().numpy())
    return np.stack(rows)


def check_trained(cards: Mapping[str, dict[str, Any]]) -> None:
    """InputError where networks of these names and cards learnt from images that were read in two ways, or from the
    same share of a training set that changed in between. What a card does not tell may be any."""
    if len(ways := _first_of_each(cards, "loaded")) > 1:
        told = " and ".join(f"{name} with {way}" for way, name in ways.items())
        raise InputError(
            f"all networks must be trained with one loader, for each crops its own way; {told}: compare with one "
            "--loader, into another --out"
        )
    for share in set(map(fraction, cards.values())):
        alike = {name: card for name, card in cards.items() if fraction(card) == share}
        counts, digests = (_first_of_each(alike, field) for field in ("train_images", "train_digest"))
        told = " and ".join(f"{name} on {count}" for count, name in counts.items())
        if len(counts) < 2:
            told = f"files' names, sizes or classes changed between {' and '.join(digests.values())}"
        if max(len(counts), len(digests)) > 1:
            raise InputError(f"all networks must be trained on the same images; {told}: compare into another --out")


def _first_of_each(cards: Mapping[str, dict[str, Any]], field: str) -> dict[Any, str]:
    """The values of a field, and the first name that has each."""
    found: dict[Any, str] = {}
    for name, card in cards.items():
        if field in card:
            found.setdefault(card[field], name)
    return found


def report(checkpoints: Sequence[Checkpoint], wrong: np.ndarray) -> str:
    """A line for each way to train: its error in %, mean and deviation over its runs; and below, the difference
    to the first way's with its 95 % interval over images and runs.

    wrong: as `misses` finds it. Networks that differ in their seed alone are one way's.
    """
    groups = grouped(checkpoints)
    cards = [checkpoints[group[0]].card for group in groups]
    _, gaps = summed_up(
        100 * wrong.mean(1),
        100 * drawn_means(wrong.astype(np.float64), np.random.default_rng(0)),
        np.full(len(wrong), wrong.shape[1]),
        groups,
        [0] * len(groups),
    )
    first = cards[0]
    kind = "held-out" if holdout(first) else "test"
    one_network = len(set(map(network_title, cards))) == 1
    subject = f"{data_title(first)}, {model_title(first)}" if one_network else data_title(first)
    lines = [f"{subject}: error in % of {wrong.shape[1]} {kind} images"]
    titles = _titles(cards)
    width = max(map(len, titles))
    for place, (title, group) in enumerate(zip(titles, groups, strict=True)):
        errors = [100 * wrong[k].mean() for k in group]
        spread = f" ± {stdev(errors):.2f}" if len(errors) > 1 else ""
        runs = several(len(errors), "run")
        lines.append(f"{title:{width}}  {mean(errors):5.2f}{spread}  ({runs})")
        if place:
            sure = beyond_chance(wrong[group], wrong[groups[0]])
            lines.append(f"{'':{width}}  {_said(gaps[place], titles[0], sure)}")
    if max(map(len, groups)) == 1 < len(groups):
        lines.append("Of single runs the interval is over images alone: another seed may say otherwise.")
    return "\n".join(lines)


def _titles(cards: Sequence[dict[str, Any]]) -> list[str]:
    """A title for each way, which tells network, first weights, learning rate and length wherever ways differ in
    them."""
    titles = titles_apart([card | {"seed": 0} for card in cards])
    for words in (network_title, _begun, _rate, length_title):
        details = [words(card) for card in cards]
        if len(set(details)) > 1:
            titles = [t if d in t else f"{t}, {d}" for t, d in zip(titles, details, strict=True)]
    return titles


def _begun(card: dict[str, Any]) -> str:
    return fine_tuned(card) or "from random weights"


def _rate(card: dict[str, Any]) -> str:
    return f"learning rate {card.get('lr', USUAL_RATE):g}"


def _said(gap: Mean, first: str, sure: bool) -> str:
    """A difference in points of error, its interval, and what that leaves to say; sure: no exact test objects."""
    value, low, high = (decimals(number, 2, "+") for number in (gap.value, gap.low, gap.high))
    said = f"errs {'more' if gap.value > 0 else 'less'} than {first}"
    if gap.low <= 0 <= gap.high:
        said = "chance alone could do that"
    elif not sure:
        said = "chance alone could do that, by an exact test over images"
    return f"{value} (95 % interval {low} to {high}): {said}"
