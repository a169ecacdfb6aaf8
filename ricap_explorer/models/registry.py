"""Every network by name. A new one is a new file and a line here.

A network has `cam_layer` (the layer whose output its classifier averages) and `classifier` (its last linear layer).
"""

from collections.abc import Callable
from inspect import signature

from torch import nn

from ..errors import InputError, choose
from .looknet import LookNet

MODELS: dict[str, Callable[..., nn.Module]] = {"looknet": LookNet}


def model_arguments(name: str, /, **given: int) -> dict[str, int]:
    """Every argument of a network but its class count, defaults filled in; InputError for one it does not have."""
    parameters = signature(MODELS[choose("model", name, MODELS)]).parameters
    defaults = {key: parameter.default for key, parameter in parameters.items() if key != "num_classes"}
    for argument in given:
        if argument not in defaults:
            raise InputError(f"{name} has the arguments {', '.join(defaults) or '(none)'}; got {argument}")
    return defaults | given


def create_model(name: str, /, num_classes: int = 10, **arguments: int) -> nn.Module:
    """The network of that name with random weights, in training mode; InputError for an unknown name or argument."""
    arguments = model_arguments(name, **arguments)
    return MODELS[name](num_classes=num_classes, **arguments)
