"""Numbers from the host to a device, without either waiting for the other."""

from typing import Any

import torch
from torch import Tensor


def onto(values: Any, device: torch.device, dtype: torch.dtype | None = None) -> Tensor:
    """Numbers (nested lists, an array or a tensor on the CPU) as a tensor on a device.

    To a GPU they go through pinned memory and queue behind its work; torch.tensor(values, device=...) would wait for
    all of that to end. On the CPU an array's memory is shared.
    """
    tensor = torch.as_tensor(values, dtype=dtype, device="cpu")  # whatever torch.set_default_device says
    return tensor.pin_memory().to(device, non_blocking=True) if device.type == "cuda" else tensor.to(device)
