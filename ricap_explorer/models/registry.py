"""Every network by name. A new one is a new file and a line here.

A network has `cam_layer` (the layer whose output its classifier averages) and `classifier` (its last linear layer).
Its arguments are whole numbers, numbers and truth values, each with a default.
"""

import re
from collections.abc import Callable
from functools import cache
from inspect import signature

import torch
from torch import nn

from ..errors import InputError, choose, only
from .densenet_bc import DenseNetBC
from .looknet import LookNet
from .preact_resnet import PreactResNet
from .pyramidnet import PyramidNet
from .shake_shake import ShakeShake
from .wide_resnet import WideResNet
from .wide_resnet50_2 import WideResNet50

Argument = bool | int | float

MODELS: dict[str, Callable[..., nn.Module]] = {
    "looknet": LookNet,
    "preact_resnet": PreactResNet,
    "wide_resnet": WideResNet,
    "densenet_bc": DenseNetBC,
    "pyramidnet": PyramidNet,
    "shake_shake": ShakeShake,
    "wide_resnet50_2": WideResNet50,
}

FORMS = {  # how a value of a type is written: what it is called, its pattern
    bool: ("true or false", "true|false"),
    int: ("a whole number", r"[+-]?[0-9]{1,9}"),
    float: ("a number", r"[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)(e[+-]?[0-9]+)?"),
}


def model_arguments(name: str, /, **given: Argument) -> dict[str, Argument]:
    """Every argument of a network but its class count, defaults filled in; InputError for one it does not have."""
    parameters = signature(MODELS[choose("model", name, MODELS)]).parameters
    defaults = {key: parameter.default for key, parameter in parameters.items() if key != "num_classes"}
    only(name, "arguments", given, list(defaults))
    return defaults | given


def parse_arguments(name: str, text: str, /) -> dict[str, Argument]:
    """The arguments that a text gives a network: "depth=28,dropout=0" -> {"depth": 28, "dropout": 0.0}.

    Types are the defaults'; whether a value makes sense, the network says when it is created. InputError for a text of
    another form, an argument that the network does not have, one given twice, or a value of another type.
    """
    defaults = model_arguments(name)
    given: dict[str, Argument] = {}
    for pair in text.split(",") if text.strip() else ():
        key, equals, value = (part.strip() for part in pair.partition("="))
        if not (key and equals and value):
            raise InputError(f"arguments must be name=value with commas between, like depth=28,width=10; got {text!r}")
        model_arguments(name, **{key: None})
        if key in given:
            raise InputError(f"{key} must be given once; got {text!r}")
        given[key] = _typed(key, value, type(defaults[key]))
    return given


def _typed(key: str, value: str, kind: type[Argument]) -> Argument:
    called, pattern = FORMS[kind]
    if not re.fullmatch(pattern, value, re.IGNORECASE):
        raise InputError(f"{key} must be {called}; got {value!r}")
    return value.lower() == "true" if kind is bool else kind(value)


def create_model(name: str, /, num_classes: int = 10, **arguments: Argument) -> nn.Module:
    """The network of that name with random weights, in training mode; InputError for an unknown name or argument."""
    arguments = model_arguments(name, **arguments)
    return MODELS[name](num_classes=num_classes, **arguments)


def unsuited(name: str, /, **arguments: Argument) -> str:
    """What a network of these arguments must be so that maps can be made of it and it can be saved; '' where it is."""
    return _unsuited(MODELS[name], tuple(arguments.items()))


@cache
def _unsuited(make: Callable[..., nn.Module], arguments: tuple[tuple[str, Argument], ...]) -> str:
    with torch.device("meta"):  # no memory is touched
        model = make(num_classes=10, **dict(arguments))
    if None in (getattr(model, "cam_layer", None), getattr(model, "classifier", None)):
        return "a network with cam_layer and classifier, which its maps are made of"
    once = len(model.state_dict()) == len({id(value) for value in model.state_dict(keep_vars=True).values()})
    return "" if once else "a network that holds every layer once (cam_layer as a property, or in no other)"
