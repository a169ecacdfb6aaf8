"""What every mixing method shares: boxes, patches, and the Plan and Method protocols.

A method draws a plan from a random generator; from then on nothing is random. The same plan mixes images,
mixes labels, is shown on screen and is printed as JSON.
"""

import json
import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Protocol, Self

import torch
from numpy.random import Generator
from torch import Tensor

from ..errors import InputError
from ..transfer import onto

Size = tuple[int, int]  # (height, width)
TORCH_GRAIN = 32768  # at::internal::GRAIN_SIZE: torch divides the copying of more elements among its threads


@dataclass(frozen=True)
class Box:
    """A rectangle of whole pixels; may be empty."""

    top: int
    left: int
    height: int
    width: int

    @property
    def area(self) -> int:
        """Number of pixels."""
        return self.height * self.width

    @property
    def index(self) -> tuple[slice, slice]:
        """The (rows, columns) that cut this box out of an image."""
        return slice(self.top, self.top + self.height), slice(self.left, self.left + self.width)


@dataclass(frozen=True)
class Patch:
    """One region of a patched image.

    crop: taken from here in the source image; paste: put to here; both of one size.
    source: for each mixed image of the batch, the index of its source image.
    weight: share of the canvas, W_k = w_k h_k / (I_x I_y), in [0, 1].
    """

    crop: Box
    paste: Box
    source: tuple[int, ...]
    weight: float


class Plan(Protocol):
    """One draw of a method: a frozen value of plain ints and floats."""

    @property
    def batch_size(self) -> int:
        """Number of mixed images, B."""

    def apply(self, images: Tensor) -> Tensor:
        """Mix images: (N, C, H, W) of any dtype and device -> (B, C, H, W), same dtype and device; inputs unchanged."""

    def targets(self, labels: Tensor, num_classes: int) -> Tensor:
        """Mix labels: (N,) ints -> (B, K) float32 class shares on the labels' device; rows sum to 1."""

    def part(self, start: int, stop: int) -> Self:
        """The plan of mixed images `start` to `stop` alone, still of the same source images."""

    def to_json(self) -> str:
        """The plan as one line of JSON."""

    @classmethod
    def from_json(cls, text: str) -> Self:
        """The plan that `to_json` wrote; InputError where the text is none."""


class Method(Protocol):
    """The settings of a mixing method: a frozen dataclass registered under its name."""

    def plan(self, batch_size: int, size: Size, rng: Generator, sources: Sequence[Sequence[int]] | None = None) -> Plan:
        """Draw a plan for a batch of `batch_size` images of (height, width) `size`.

        sources: which images are mixed, a row of `batch_size` image indices for each image that goes into a mixed one.
        """


def mix_labels(labels: Tensor, sources: list, weights: list, num_classes: int) -> Tensor:
    """Weighted sum of one-hot labels: c = sum_k W_k c_k.

    labels: (N,) ints; sources: B rows of P image indices; weights: B rows, or one for all, of P shares.
    Returns (B, K) float32.
    Labels are checked on the CPU only; on a GPU the check would make every step wait.
    """
    if labels.device.type == "cpu" and len(labels) and not 0 <= int(labels.min()) <= int(labels.max()) < num_classes:
        raise InputError(
            f"labels must lie between 0 and {num_classes - 1}; got {int(labels.min())} to {int(labels.max())}"
        )
    check_count(sources, len(labels), "labels")
    chosen = labels.long()[onto(sources, labels.device)]  # (B, P)
    shares = onto(weights, labels.device, torch.float32).expand_as(chosen)
    return torch.zeros(len(chosen), num_classes, device=labels.device).scatter_add_(1, chosen, shares)


def check_canvas(images: Tensor, size: Size) -> None:
    """InputError unless images are (N, C, H, W) of exactly `size`."""
    if images.ndim != 4 or tuple(images.shape[-2:]) != tuple(size):
        raise InputError(f"images must be (N, C, {size[0]}, {size[1]}) as planned; got {tuple(images.shape)}")


def check_count(sources: Sequence[Sequence[int]], count: int, what: str) -> None:
    """InputError unless there are as many images, or labels, as the plan's image indices need."""
    needed = 1 + max(max(source) for source in sources)
    if needed > count:
        raise InputError(f"this plan needs at least {needed} {what}; got {count}")


def empty_batch(images: Tensor, batch_size: int) -> Tensor:
    """An unwritten (B, C, H, W) batch of the images' dtype, device and memory format."""
    channels_last = images.is_contiguous(memory_format=torch.channels_last) and not images.is_contiguous()
    return torch.empty(
        (batch_size, *images.shape[1:]),
        dtype=images.dtype,
        device=images.device,
        memory_format=torch.channels_last if channels_last else torch.contiguous_format,
    )


def take(images: Tensor, source: Sequence[int]) -> Tensor:
    """A new batch of the images of these indices: (N, C, H, W), (B,) -> (B, C, H, W)."""
    if images.requires_grad:
        return images[onto(source, images.device)]
    out = empty_batch(images, len(source))
    _copy(images, onto(source, images.device), out)
    return out


def _copy(crops: Tensor, source: Tensor, target: Tensor) -> None:
    """target = crops[source], the fastest way of each device."""
    if crops.device.type == "cpu" and not crops.requires_grad:
        gather_bands(crops, source, target)
    else:
        target.copy_(crops[source])


def gather_bands(crops: Tensor, source: Tensor, target: Tensor) -> None:
    """target = crops[source] with no copy in between: (N, C, h, w), (B,) -> (B, C, h, w).

    In bands of rows so low that torch divides images, not pixels, among its threads: they meet once a band. Copying
    image by image they meet for each, which takes 15 times as long where other processes keep the cores busy.
    """
    _, channels, height, width = crops.shape
    rows = max(1, (TORCH_GRAIN - 1) // (channels * width))
    for top in range(0, height, rows):
        torch.index_select(crops[:, :, top : top + rows], 0, source, out=target[:, :, top : top + rows])


def _edges_and_start(patch: Patch, size: Size) -> tuple[int, int, int, int, int]:
    """A patch's edges (top, bottom, left, right) on the canvas, and from where its pixels are counted in the batch.

    The pixel at (row, column) of the canvas is number start + row * width + column of the batch of images laid flat.
    """
    (height, width), crop, paste = size, patch.crop, patch.paste
    start = (patch.source[0] * height + crop.top - paste.top) * width + crop.left - paste.left
    return paste.top, paste.top + paste.height, paste.left, paste.left + paste.width, start


def check_draw(batch_size: int, size: Size, sources: Sequence[Sequence[int]], rows: int) -> None:
    """InputError unless a plan can be drawn: one image and one pixel at least, `rows` rows of `batch_size` indices."""
    if batch_size < 1 or min(size) < 1:
        raise InputError(f"batch size and image sides must be at least 1; got {batch_size} and {size}")
    if len(sources) != rows or any(len(source) != batch_size for source in sources):
        raise InputError(f"sources must be {rows} rows of {batch_size} image indices, the batch size; got others")


def check_sources(sources: Sequence[Sequence[int]]) -> None:
    """InputError unless every row names one source image for each mixed image, at least one, counted from 0."""
    if len({len(source) for source in sources}) != 1:
        raise InputError("every region must name one source image for each mixed image; the counts differ")
    if min(min(source, default=-1) for source in sources) < 0:
        raise InputError("every region must name its source images, counted from 0; got none or a negative one")


def check_concentration(name: str, value: float) -> float:
    """The parameter of a symmetric Beta distribution: above 0 and at most a million; else InputError.

    Above a million every draw is 1/2 anyway.
    """
    try:
        number = float(value)
    except (TypeError, ValueError):
        number = math.nan
    if not (math.isfinite(number) and number > 0):
        raise InputError(f"{name} must be a positive number; got {value!r}")
    if number > 1e6:
        raise InputError(f"{name} must be at most 1000000; got {value!r}")
    return number


def whole_numbers(values: Sequence, count: int | None = None) -> tuple[int, ...]:
    """A list of ints from JSON, of `count` where given; TypeError for anything else."""
    if any(isinstance(v, bool) or not isinstance(v, int) for v in values) or count not in (None, len(values)):
        raise TypeError(f"list {values!r}")
    return tuple(values)


def parse_object(text: str) -> dict:
    """A JSON object from text, else InputError."""
    try:
        value = json.loads(text)
    except (TypeError, ValueError) as error:
        raise InputError(f"a plan must be a JSON object; got text that is no JSON ({error})") from None
    except RecursionError:
        raise InputError("a plan must be a JSON object; got one nested far too deeply") from None
    if not isinstance(value, dict):
        raise InputError(f"a plan must be a JSON object; got {type(value).__name__}")
    return value


class PatchPlan:
    """A plan made of patches, each copied from a crop of a source image; a later patch covers an earlier one.

    Subclasses are frozen dataclasses with a `size`, `sources` (a row of image indices for each patch) and `patches`.
    """

    size: Size
    sources: tuple[tuple[int, ...], ...]
    patches: tuple[Patch, ...]

    @property
    def batch_size(self) -> int:
        """Number of mixed images, B."""
        return len(self.sources[0])

    @property
    def pixels(self) -> tuple[Patch, ...]:
        """The patches that `apply` copies: all of them."""
        return self.patches

    def apply(self, images: Tensor) -> Tensor:
        """Patch images together: (N, C, H, W) of any dtype and device -> (B, C, H, W), same dtype and device."""
        out = empty_batch(images, self.batch_size)
        self.write(images, out)
        return out

    def write(self, images: Tensor, out: Tensor) -> None:
        """`apply` into a given (B, C, H, W) tensor."""
        check_canvas(images, self.size)
        check_count([patch.source for patch in self.pixels], len(images), "images")
        for patch in self.pixels:
            if patch.paste.area:
                crops = images[(..., *patch.crop.index)]
                target = out[(..., *patch.paste.index)]
                source = onto(patch.source, images.device)
                _copy(crops, source, target)

    def targets(self, labels: Tensor, num_classes: int) -> Tensor:
        """Mix labels by patch weight: (N,) ints -> (B, K) float32 on the labels' device; rows sum to 1."""
        return mix_labels(labels, list(zip(*self.sources, strict=True)), self.label_weights, num_classes)

    @property
    def label_weights(self) -> list[float]:
        """What each patch's label counts for: the patch's share of the canvas."""
        return [patch.weight for patch in self.patches]

    def part(self, start: int, stop: int) -> Self:
        """The plan of mixed images `start` to `stop` alone."""
        return replace(self, sources=tuple(source[start:stop] for source in self.sources))


@dataclass(frozen=True)
class SamplewisePlan:
    """A patch plan of its own for each image of the batch: `plans[i]` makes the i-th mixed image."""

    plans: tuple[PatchPlan, ...]

    def __post_init__(self) -> None:
        if any(not isinstance(plan, PatchPlan) or plan.batch_size != 1 for plan in self.plans):
            raise InputError("a plan per sample must consist of patch plans, each for one image")
        if len({plan.size for plan in self.plans}) != 1:
            raise InputError("a plan per sample must hold at least one plan, and all of one size; got other")

    @property
    def batch_size(self) -> int:
        """Number of mixed images, B."""
        return len(self.plans)

    def apply(self, images: Tensor) -> Tensor:
        """Mix images: (N, C, H, W) -> (B, C, H, W), same dtype and device."""
        if images.device.type != "cpu":
            return self.gather(images)
        out = empty_batch(images, self.batch_size)
        for i, plan in enumerate(self.plans):
            plan.write(images, out[i : i + 1])
        return out

    def gather(self, images: Tensor) -> Tensor:
        """`apply` as one gather of pixels, for devices on which many small copies are slow. Result is channels last."""
        count, channels, height, width = images.shape
        check_canvas(images, self.plans[0].size)
        check_count([patch.source for plan in self.plans for patch in plan.pixels], count, "images")
        kind = torch.int32 if count * height * width < 2**31 else torch.int64
        numbers = [[_edges_and_start(patch, self.plans[0].size) for patch in plan.pixels] for plan in self.plans]
        (*_, start), *covering = onto(numbers, images.device, kind).permute(1, 2, 0)[..., None]  # each (B, 1)
        rows = torch.arange(height, device=images.device, dtype=kind)
        columns = torch.arange(width, device=images.device, dtype=kind)
        chosen = start[:, None].repeat(1, height, width)  # the first patch's, where no later one covers it
        for top, bottom, left, right, start in covering:
            inside_rows, inside_columns = (rows >= top) & (rows < bottom), (columns >= left) & (columns < right)
            chosen = torch.where(inside_rows[:, :, None] & inside_columns[:, None], start[:, None], chosen)
        chosen += rows[:, None] * width + columns  # (H, W): where each pixel lies in its image
        flat = images.permute(0, 2, 3, 1).reshape(-1, channels)
        return flat.index_select(0, chosen.flatten()).view(-1, height, width, channels).permute(0, 3, 1, 2)

    def targets(self, labels: Tensor, num_classes: int) -> Tensor:
        """Mix labels: (N,) ints -> (B, K) float32; rows sum to 1."""
        sources = [[source[0] for source in plan.sources] for plan in self.plans]
        return mix_labels(labels, sources, [plan.label_weights for plan in self.plans], num_classes)

    def part(self, start: int, stop: int) -> Self:
        """The plan of mixed images `start` to `stop` alone."""
        return type(self)(self.plans[start:stop])

    def to_json(self) -> str:
        """The plan as one line of JSON: the plans of all images under `samples`."""
        return json.dumps({"samples": [json.loads(plan.to_json()) for plan in self.plans]})

    @classmethod
    def from_json(cls, text: str) -> Self:
        """The plan that `to_json` wrote; InputError where the text is none."""
        from .registry import plan_from_json  # the registry knows the methods, which know this class

        samples = parse_object(text).get("samples")
        if not isinstance(samples, list) or any(not isinstance(s, dict) or "samples" in s for s in samples):
            raise InputError("a plan per sample must list its plans under 'samples'; got something else")
        return cls(tuple(plan_from_json(json.dumps(sample)) for sample in samples))
