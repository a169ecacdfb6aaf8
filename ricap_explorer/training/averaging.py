"""Exponential moving average of a network's weights (Polyak and Juditsky 1992; Tarvainen and Valpola 2017)."""

import copy

import torch
from torch import Tensor, nn


class Average:
    """A copy of a network that follows it slowly: average = d * average + (1 - d) * weights, after every step.

    d is `decay`, less in the first steps, (1 + n) / (10 + n), so that the random start is soon forgotten.
    Buffers (running statistics) are averaged too, counters copied.
    """

    def __init__(self, model: nn.Module, decay: float) -> None:
        self.model = copy.deepcopy(model).requires_grad_(False)
        self.decay = decay
        self.steps = 0

    @torch.no_grad()
    def update(self, model: nn.Module) -> None:
        """Follow the model by one step."""
        self.steps += 1
        decay = min(self.decay, (1 + self.steps) / (10 + self.steps))
        pairs = list(zip(_state(self.model), _state(model), strict=True))
        smooth = [(average, value) for average, value in pairs if average.is_floating_point()]
        torch._foreach_lerp_([average for average, _ in smooth], [value for _, value in smooth], 1 - decay)
        for average, value in pairs:
            if not average.is_floating_point():
                average.copy_(value)


def _state(model: nn.Module) -> list[Tensor]:
    return list(model.state_dict().values())
