"""A network's passes on a GPU as CUDA graphs: a whole pass launched at once, not kernel by kernel."""

import gc
from collections.abc import Iterator
from contextlib import contextmanager

import torch
from torch import Tensor, nn


class Replay:
    """forward(images) in training: recorded when a batch of another kind comes, replayed from then on.

    A small network's kernels take a GPU less time than Python takes to launch them. Weights, statistics and random
    numbers go on as they would without. Gradients lie in the recording's own memory and hold until the next pass: not
    for accumulation.
    """

    def __init__(self, model: nn.Module, forward: nn.Module) -> None:
        """forward: the model as it is called, compiled perhaps."""
        self._model, self._forward = model, forward
        self._kind: tuple | None = None
        self._recording: nn.Module | None = None

    def __call__(self, images: Tensor) -> Tensor:
        device = images.device.type
        kind = images.shape, torch.is_autocast_enabled(device), torch.get_autocast_dtype(device)
        if kind != self._kind:
            self._recording = None  # the next one takes its memory
            self._recording, self._kind = self._record(images), kind
        return self._recording(images)

    def _record(self, images: Tensor) -> nn.Module:
        """Record both passes, which needs a few of them first, and undo what those changed."""
        device = images.device.type
        torch.autograd.graph.set_warn_on_accumulate_grad_stream_mismatch(False)  # a recording has a stream of its own
        before = [buffer.clone() for buffer in self._model.buffers()]
        random = torch.cuda.get_rng_state(images.device)
        same, on = torch.get_autocast_dtype(device), torch.is_autocast_enabled(device)
        with torch.autocast(device, same, on, cache_enabled=False), _nothing_freed():
            recording = torch.cuda.make_graphed_callables(_Passes(self._forward), (images.detach().clone(),))
        for buffer, kept in zip(self._model.buffers(), before, strict=True):
            buffer.copy_(kept)
        torch.cuda.set_rng_state(random, images.device)
        return recording


@contextmanager
def _nothing_freed() -> Iterator[None]:
    """Free what is unused now, and nothing meanwhile: to free an older recording would break the one under way."""
    enabled = gc.isenabled()
    gc.collect()
    gc.disable()
    try:
        yield
    finally:
        if enabled:
            gc.enable()


class _Passes(nn.Module):
    """The network in a module of its own: recording replaces a module's `forward`, in training and for good."""

    def __init__(self, network: nn.Module) -> None:
        super().__init__()
        self.network = network

    def forward(self, images: Tensor) -> Tensor:
        return self.network(images)
