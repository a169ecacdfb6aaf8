"""Which layer a map is of: the end of each stage of a network, found by looking at what one pass through it gives.

A stage is a stretch of the network whose outputs share one grid; its last unit is what a map is made of. The last
stage is the layer that the classifier averages, `cam_layer`, the only one that Zhou's map exists for.
"""

from collections.abc import Iterator
from contextlib import ExitStack

import torch
from torch import Tensor, nn

from ..errors import InputError, choose
from ..models import evaluating
from .methods import LAYERS


def stages(model: nn.Module, size: tuple[int, int]) -> list[tuple[nn.Module, tuple[int, int]]]:
    """The last unit of every stage and its grid (h, w) for images of this (height, width); the deepest first.

    Only layers whose output is a map, (B, C, h, w) with more than one cell, are listed.
    """
    grids = _grids(model, size)
    last = grids.get(model.cam_layer, (1, 1))
    ends = {grids[unit]: unit for unit in _units(model, grids)}
    ends.pop(last, None)
    return [(model.cam_layer, last), *((unit, grid) for grid, unit in reversed(ends.items()))]


def find_layer(model: nn.Module, name: str, size: tuple[int, int]) -> nn.Module:
    """The layer of that name in LAYERS; InputError where this network has fewer stages."""
    if choose("layer", name, LAYERS) == "last":
        return model.cam_layer
    found, back = stages(model, size), list(LAYERS).index(name)
    if back >= len(found):
        raise InputError(f"layer must be one of {', '.join(list(LAYERS)[: len(found)])} for this network; got {name}")
    return found[back][0]


class Rest(nn.Module):
    """What follows a layer: its features (B, C, h, w) -> logits (B, K).

    The network runs on `image` (1, 3, H, W) as usual, but the layer's output is replaced: it costs a whole pass, and
    works for any layer of any network.
    """

    def __init__(self, model: nn.Module, layer: nn.Module, image: Tensor) -> None:
        super().__init__()
        self.model, self.layer, self.image = model, layer, image

    def forward(self, features: Tensor) -> Tensor:
        # A copy: what follows the layer may change it in place.
        handle = self.layer.register_forward_hook(lambda module, inputs, output: features.clone())
        try:
            return self.model(self.image.expand(len(features), -1, -1, -1))
        finally:
            handle.remove()


def _grids(model: nn.Module, size: tuple[int, int]) -> dict[nn.Module, tuple[int, int]]:
    """The grid of every module whose output is a map with more than one cell."""
    grids: dict[nn.Module, tuple[int, int]] = {}

    def note(module: nn.Module, inputs: object, output: object) -> None:
        if isinstance(output, Tensor) and output.ndim == 4 and output.shape[2:].numel() > 1:
            grids[module] = tuple(output.shape[2:])

    with ExitStack() as stack:
        stack.enter_context(evaluating(model))
        stack.enter_context(torch.inference_mode())
        for module in model.modules():
            stack.callback(module.register_forward_hook(note).remove)
        model(model.classifier.weight.new_zeros(1, 3, *size))
    return grids


def _units(module: nn.Module, grids: dict[nn.Module, tuple[int, int]]) -> Iterator[nn.Module]:
    """What a network is a sequence of, from the input on: sequences of several grids are opened, all else is whole."""
    for child in module.children():
        if child not in grids:
            continue
        parts = {grids[part] for part in child.children() if part in grids}
        if isinstance(child, nn.Sequential) and len(parts) > 1:
            yield from _units(child, grids)
        else:
            yield child
