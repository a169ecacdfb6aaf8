"""The state of torch's random numbers, to be kept and put back."""

import torch
from torch import Tensor


def get_random(device: torch.device) -> dict[str, Tensor]:
    """The state of torch's random numbers, and of the GPU's where that is the device."""
    states = {"torch": torch.get_rng_state()}
    return states | {"cuda": torch.cuda.get_rng_state(device)} if device.type == "cuda" else states


def set_random(states: dict[str, Tensor], device: torch.device) -> None:
    """Put them back, as far as they are known."""
    torch.set_rng_state(states["torch"])
    if device.type == "cuda" and "cuda" in states:
        torch.cuda.set_rng_state(states["cuda"], device)
