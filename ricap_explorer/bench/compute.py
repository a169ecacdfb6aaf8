"""What mixing and training cost, on a GPU where there is one."""

from collections.abc import Callable, Iterator
from itertools import chain, repeat

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor, nn
from torch.utils.flop_counter import FlopCounterMode

from ..data import Resident
from ..mixing import METHODS, Method, Ricap, Standard, create_method
from ..models import create_model
from ..training import TrainConfig
from ..training.distributed import World, choose_device
from ..training.engine import create_optimizer, epoch_jobs
from ..training.precision import autocast, choose_precision, hurry
from ..training.provenance import provenance
from ..training.replay import Replay
from .measure import Row, in_turns, seconds
from .rivals import CLASSES, Mix, rivals

WRN = {"depth": 28, "width": 10, "dropout": 0.3}


def device() -> torch.device:
    """The GPU where there is one, else the CPU."""
    return choose_device("auto")


def finished(call: Callable[[], object]) -> Callable[[], None]:
    """The call, waiting for a GPU to be done with it."""

    def run() -> None:
        call()
        if torch.cuda.is_available():
            torch.cuda.synchronize()

    return run


def mixing(name: str, per_sample: bool | None = None, bar: float | None = None, drawn: bool = False) -> Row:
    """Draw and apply a method to a batch, a new draw each time; `drawn`: apply it alone.

    In training a GPU does not wait for the draw: the CPU makes it while the GPU computes the step before.
    """
    images, rng, method = (
        torch.rand(256, 3, 224, 224, device=device()),
        np.random.default_rng(0),
        _method(name, per_sample),
    )
    plans = (
        repeat(method.plan(256, (224, 224), rng)) if drawn else iter(lambda: method.plan(256, (224, 224), rng), None)
    )
    mix = finished(lambda: next(plans).apply(images))
    each = "" if per_sample is None else " per sample" if per_sample else " per batch"
    what = f"{name}{each}{', drawn before' if drawn else ''}, 256 x 3 x 224 x 224"
    return Row(what, "clone", *in_turns(mix, finished(images.clone), 15), bar)


def _method(name: str, per_sample: bool | None) -> Method:
    return create_method(name) if per_sample is None else create_method(name, per_sample=per_sample)


def throughput(batch_sizes: tuple[int, ...] = (128, 256, 512, 1024), side: int = 224) -> Iterator[str]:
    """A table of images per second, images and targets mixed by a new draw each time: every method, per batch and per
    sample, then other libraries, at several batch sizes; line by line."""
    hardware = provenance(device())["hardware"]
    yield f"images per second at {side} x {side} float32, with targets, medians of 5, {hardware}"
    yield f"{'method':28}" + "".join(f"{size:>10}" for size in batch_sizes)
    ours = [(name, each) for name in METHODS if name != "standard" for each in (False, True)]
    ways = {f"{name}{' per sample' if each else ' per batch'}": _mixed(_method(name, each)) for name, each in ours}
    for name, mix in (ways | rivals(device())).items():
        rates = [size / _seconds_to_mix(mix, size, side) for size in batch_sizes]
        yield f"{name:28}" + "".join(f"{rate:>10.0f}" for rate in rates)


def _mixed(method: Method) -> Mix:
    """A batch and its targets by a new plan."""
    rng = np.random.default_rng(0)

    def mix(images: Tensor, labels: Tensor) -> tuple[Tensor, Tensor]:
        plan = method.plan(len(images), tuple(images.shape[2:]), rng)
        return plan.apply(images), plan.targets(labels, CLASSES)

    return mix


def _seconds_to_mix(mix: Mix, size: int, side: int) -> float:
    images = torch.rand(size, 3, side, side, device=device())
    labels = torch.arange(size, device=device()) % CLASSES
    run = finished(lambda: mix(images, labels))
    run()
    return sorted(seconds(run) for _ in range(5))[2]


def ricap_cutmix() -> Row:
    """Images and targets of RICAP, beside torchvision's CutMix."""
    images, labels = torch.rand(256, 3, 224, 224, device=device()), torch.arange(256, device=device()) % CLASSES
    ways = (_mixed(Ricap(0.3)), rivals(device())["cutmix, torchvision"])
    times = in_turns(*(finished(lambda mix=mix: mix(images, labels)) for mix in ways), 15)
    return Row("RICAP with targets", "torchvision CutMix", *times, 1.0)


Batches = Iterator[tuple[Tensor, Tensor]]
Passes = Callable[[Tensor], Tensor]


def stepper(
    method: Method,
    batches: Batches | None = None,
    fast: bool = True,
    passes: Callable[[nn.Module], Passes] = lambda model: model,
) -> Callable[[], None]:
    """A training step of LookNet, by default on one batch of 32 images of 128 pixels.

    fast: mixed precision, bfloat16 on a CPU, and channels last. passes: how the network is called.
    """
    hurry(device())
    layout = torch.channels_last if fast else torch.contiguous_format
    precision = ("bf16" if device().type == "cpu" else choose_precision("auto", device())) if fast else "fp32"
    model = create_model("looknet").to(device(), memory_format=layout).train()
    optimizer, rng, forward = create_optimizer(model, TrainConfig()), np.random.default_rng(0), passes(model)
    batches = batches or _one_batch(32, layout)

    def step() -> None:
        images, labels = next(batches)
        plan = method.plan(len(images), tuple(images.shape[-2:]), rng)
        _learn(forward, optimizer, plan.apply(images), plan.targets(labels, 10), precision)

    return finished(step)


def _learn(forward: Passes, optimizer: torch.optim.Optimizer, images: Tensor, targets: Tensor, precision: str) -> None:
    """A training step; targets: (N,) or (N, K)."""
    with autocast(images.device, precision):
        logits = forward(images).float()
    optimizer.zero_grad(set_to_none=True)
    F.cross_entropy(logits, targets).backward()
    optimizer.step()


def _one_batch(size: int, layout: torch.memory_format = torch.channels_last) -> Batches:
    """The same images of 128 pixels again and again."""
    images = torch.randn(size, 3, 128, 128, device=device()).contiguous(memory_format=layout)
    return repeat((images, torch.arange(size, device=device()) % 10))


def step_replay(compiled: bool = False) -> Row:
    """What a GPU gains where a network's passes are launched at once; compiled first: beside that alone."""

    def replayed(model: nn.Module) -> Replay:
        return Replay(model, model)

    def both(model: nn.Module) -> Replay:
        return Replay(model, torch.compile(model, dynamic=False))

    ways = (both, replayed) if compiled else (replayed, lambda model: model)
    times = in_turns(*(stepper(Ricap(0.3), _one_batch(128), passes=way) for way in ways), 31)
    what = f"step {'compiled and ' if compiled else ''}replayed, {128 / times[0]:.0f} images/s"
    return Row(what, "replayed" if compiled else "kernel by kernel", *times)


def step_ricap() -> Row:
    """What RICAP adds to a training step."""
    times = in_turns(stepper(Ricap(0.3)), stepper(Standard()), 15)
    return Row("training step with RICAP", "standard", *times, 1.03)


def step_fast() -> Row:
    """What bfloat16 and channels last save in a training step; more than half where the CPU computes in bfloat16."""
    has = device().type == "cuda" or choose_precision("auto", device()) == "bf16"
    times = in_turns(stepper(Standard()), stepper(Standard(), fast=False), 5)
    return Row("training step, bfloat16 and channels last", "float32, contiguous", *times, 0.5 if has else None)


def step_loader() -> Row:
    """What the resident loader and its augmentation add to a training step; the bar is a GPU's."""
    config = TrainConfig(batch_size=256 if device().type == "cuda" else 32)
    pixels = torch.randint(0, 256, (2048, 3, 224, 224), dtype=torch.uint8)
    split = Resident(pixels, torch.arange(2048) % 10, tuple("abcdefghij")).to(device())
    jobs = epoch_jobs(config, 2048, 0, np.random.default_rng(0), World())
    first = next(split.train_batches(jobs, config.augment(128)))
    loaded = chain.from_iterable(split.train_batches(jobs, config.augment(128)) for _ in repeat(None))
    times = in_turns(stepper(Standard(), loaded), stepper(Standard(), repeat(first)), 9)
    return Row("resident loader, augmentation and step", "step", *times, 1.10 if device().type == "cuda" else None)


def hardware_share(
    name: str,
    batch: int,
    side: int,
    bar: float | None = None,
    compiled: bool = False,
    replayed: bool = False,
    **arguments: float,
) -> Row:
    """A training step beside its multiplications at the matrix rate that this hardware reaches; 1 / ratio is the share.

    Mixed precision as `auto` chooses it, on random images; the matrix rate is that of a large product in the same type.
    """
    hurry(device())
    precision = choose_precision("auto", device())
    model = create_model(name, **arguments).to(device(), memory_format=torch.channels_last).train()
    images = torch.randn(batch, 3, side, side, device=device()).contiguous(memory_format=torch.channels_last)
    optimizer, labels = create_optimizer(model, TrainConfig()), torch.arange(batch, device=device()) % 10
    forward = model

    def step() -> None:
        _learn(forward, optimizer, images, labels, precision)

    with FlopCounterMode(display=False) as counter:
        step()
    if compiled:
        forward = torch.compile(model, dynamic=False)  # what counts multiplications does not see into it
    if replayed:
        forward = Replay(model, forward)
    run, product = finished(step), _product(precision)
    took, product_took = in_turns(run, product, 7)
    side_of_product = _side()
    rate = 2 * side_of_product**3 / product_took
    way = (", compiled" if compiled else "") + (", replayed" if replayed else "")
    what = f"{name} step{way}, {batch} x {side} px, {batch / took:.0f} images/s"
    return Row(what, "at the matrix rate", took, counter.get_total_flops() / rate, bar)


def _side() -> int:
    return 8192 if device().type == "cuda" else 2048


def _product(precision: str) -> Callable[[], None]:
    """A large square matrix product."""
    kind = {"bf16": torch.bfloat16, "fp16": torch.float16}.get(precision, torch.float32)
    a, b = (torch.randn(_side(), _side(), device=device(), dtype=kind) for _ in range(2))
    return finished(lambda: a @ b)
