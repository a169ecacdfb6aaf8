"""Weights to begin with: those of a trained network, its classifier too where the classes are the same."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from torch import nn

from ..errors import InputError
from ..folders import REPOSITORY, weights_file
from ..models import parse_arguments
from ..zoo import Checkpoint, read_checkpoint


def find_weights(given: str) -> Checkpoint:
    """The checkpoint of that file or, among the published ones, of that name; InputError where it cannot serve."""
    published = weights_file(REPOSITORY / "checkpoints", given)
    path = next((path for path in (Path(given), published) if path.is_file()), None)
    if path is None:
        raise InputError(f"weights must be a checkpoint's file, or the name of a published one; got {given}")
    found = read_checkpoint(path)
    found.check_normal("weights must be of")
    return found


def arch_of(given: str, model: str, arch: str) -> str:
    """The arguments of the network that the weights are of; InputError where a run asks for another network."""
    card = find_weights(given).card
    if model != card["model"]:
        raise InputError(f"model must be that of the weights, {card['model']}; got {model}")
    theirs = _written(card["model_arguments"])
    if arch and card["model_arguments"] != card["model_arguments"] | parse_arguments(model, arch):
        raise InputError(f"arch must be that of the weights, {theirs}; got {arch}")
    return arch or theirs


def _written(arguments: dict[str, Any]) -> str:
    """As `parse_arguments` takes them."""
    return ",".join(f"{name}={value}" for name, value in arguments.items())


def begin_with(given: str, model: nn.Module, classes: Sequence[str]) -> bool:
    """Put the weights into a network of these classes, in place; False where its classifier stays as it is, for theirs
    knows other classes."""
    found = find_weights(given)
    weights, same = found.load().state_dict(), found.card["classes"] == list(classes)
    if not same:
        new = {id(part) for part in model.classifier.parameters()}
        weights = {
            name: value if id(value) in new else weights[name]
            for name, value in model.state_dict(keep_vars=True).items()
        }
    model.load_state_dict(weights)
    return same
