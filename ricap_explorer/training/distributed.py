"""Training in several processes, on one machine or many, as `torchrun` starts them (torch.distributed).

Every process draws the same random numbers, augments its part of each batch and shows the others what it has, so that
a batch is mixed as a whole: the same total batch gives the same result, within rounding, on any number of processes.
"""

import os
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import torch
import torch.distributed as dist
from torch import Tensor, nn
from torch.autograd import Function
from torch.nn.parallel import DistributedDataParallel

from ..errors import InputError, choose
from .config import DEVICES

PATIENCE = timedelta(hours=2)  # how long processes wait for one that downloads or decodes the data


@dataclass(frozen=True)
class World:
    """The processes that train together: how many there are, and which of them this one is."""

    rank: int = 0
    size: int = 1
    device: torch.device = torch.device("cpu")

    @property
    def main(self) -> bool:
        """Whether this process is the one that writes files and messages."""
        return self.rank == 0

    def part(self, count: int) -> tuple[int, int]:
        """Where this process's part of `count` images begins and ends; all parts are equal."""
        if count % self.size:
            raise InputError(f"batch_size / accumulate must be a multiple of the {self.size} processes; got {count}")
        return count // self.size * self.rank, count // self.size * (self.rank + 1)

    def gather(self, part: Tensor) -> Tensor:
        """Every process's part, in their order: (B / size, ...) -> (B, ...); images come back channels last.

        NCCL sends memory as it lies: parts are handed over with their dimensions in the order of their memory.
        """
        if self.size == 1:
            return part
        part = (part.permute(0, 2, 3, 1) if part.ndim == 4 else part).contiguous()
        parts = [torch.empty_like(part) for _ in range(self.size)]
        dist.all_gather(parts, part)
        whole = torch.cat(parts)
        return whole.permute(0, 3, 1, 2) if part.ndim == 4 else whole

    def sum(self, values: Tensor) -> Tensor:
        """The sum over all processes."""
        if self.size > 1:
            dist.all_reduce(values)
        return values

    def any(self, flag: bool) -> bool:
        """Whether the flag is up in any process."""
        return flag if self.size == 1 else bool(self.sum(torch.tensor(float(flag), device=self.device)).item())

    def told(self, value: Any) -> Any:
        """The main process's value in every process; the others wait for it."""
        if self.size == 1:
            return value
        values = [value]
        dist.broadcast_object_list(values, device=self.device)
        return values[0]

    def wrap(self, model: nn.Module) -> nn.Module:
        """The model with gradients averaged over all processes."""
        if self.size == 1:
            return model
        devices = [self.device.index] if self.device.type == "cuda" else None
        wrapped = DistributedDataParallel(model, device_ids=devices)
        wrapped.broadcast_buffers = False  # statistics are shared as they are taken
        return wrapped

    def synchronised(self, model: nn.Module) -> nn.Module:
        """The model with batch statistics taken over all processes."""
        if self.size == 1:
            return model
        if self.device.type == "cuda":
            return nn.SyncBatchNorm.convert_sync_batchnorm(model)
        return _with_shared_statistics(model)


def no_sync(model: nn.Module, wanted: bool) -> AbstractContextManager:
    """Leave gradients unaveraged for now: more parts of the same step follow."""
    return model.no_sync() if wanted and isinstance(model, DistributedDataParallel) else nullcontext()


class SumOverProcesses(Function):
    """The sum of every process's tensor; so is the gradient that comes back."""

    @staticmethod
    def forward(ctx, part: Tensor) -> Tensor:
        total = part.contiguous().clone()
        dist.all_reduce(total)
        return total

    @staticmethod
    def backward(ctx, gradient: Tensor) -> Tensor:
        return SumOverProcesses.apply(gradient)


class SharedNorm(nn.BatchNorm2d):
    """Batch normalisation with statistics over all processes, for the CPU, where torch has none."""

    def forward(self, x: Tensor) -> Tensor:
        if not self.training:
            return super().forward(x)
        count = x.numel() // x.shape[1] * dist.get_world_size()
        own = torch.stack([x.float().sum((0, 2, 3)), x.float().square().sum((0, 2, 3))])
        sums = SumOverProcesses.apply(own) / count
        mean, variance = sums[0], (sums[1] - sums[0].square()).clamp(min=0)
        with torch.no_grad():
            self.num_batches_tracked += 1
            self.running_mean.lerp_(mean, self.momentum)
            self.running_var.lerp_(variance * count / (count - 1), self.momentum)
        scale = self.weight * torch.rsqrt(variance + self.eps)
        return (x * scale[:, None, None] + (self.bias - mean * scale)[:, None, None]).to(x.dtype)


def _with_shared_statistics(module: nn.Module) -> nn.Module:
    if type(module) is nn.BatchNorm2d:
        shared = SharedNorm(module.num_features, module.eps, module.momentum)
        shared.load_state_dict(module.state_dict())
        return shared
    for name, child in module.named_children():
        setattr(module, name, _with_shared_statistics(child))
    return module


@contextmanager
def world(device: str) -> Iterator[World]:
    """This process's place among those that `torchrun` started; alone where it started none.

    device: auto, cpu or cuda; on a machine with several GPUs each process takes its own.
    """
    chosen = choose_device(device)
    size = int(os.environ.get("WORLD_SIZE", "1"))
    if size == 1:
        yield World(device=chosen)
        return
    if chosen.type == "cuda":
        local, gpus = int(os.environ.get("LOCAL_WORLD_SIZE", size)), torch.cuda.device_count()
        if local > gpus:
            raise InputError(
                f"torchrun may start at most one process for each GPU, of which there are {gpus}; got {local}"
            )
        chosen = torch.device("cuda", int(os.environ["LOCAL_RANK"]))
        torch.cuda.set_device(chosen)
    dist.init_process_group("nccl" if chosen.type == "cuda" else "gloo", timeout=PATIENCE)
    try:
        yield World(dist.get_rank(), size, chosen)
    finally:
        dist.destroy_process_group()


@contextmanager
def in_company() -> Iterator[None]:
    """InputError where another process of the run has ended, which says why, or cannot be reached."""
    try:
        yield
    except RuntimeError as error:
        if not (isinstance(error, dist.DistError) or "gloo" in str(error)):
            raise
        said = str(error).strip().partition("\n")[0]
        raise InputError(f"every process of a run must live on; another one ended and says why ({said})") from None


def choose_device(name: str) -> torch.device:
    """The device of that name, auto being a GPU where there is one; InputError for a GPU that is not there."""
    choose("device", name, DEVICES)
    if name == "cuda" and not torch.cuda.is_available():
        raise InputError("device must be auto or cpu where torch finds no GPU; got cuda")
    return torch.device("cuda" if name != "cpu" and torch.cuda.is_available() else "cpu")
