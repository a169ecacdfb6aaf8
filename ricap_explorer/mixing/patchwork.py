"""Plans made of patches: one for a whole batch, or one for each of its images."""

import json
from dataclasses import dataclass, replace
from typing import Self

import torch
from torch import Tensor

from ..errors import InputError
from ..transfer import onto
from .batches import copy_chosen, empty_batch, mix_labels
from .checks import check_canvas, check_count, parse_object
from .plan import Patch, Size


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
                copy_chosen(crops, source, target)

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


def _edges_and_start(patch: Patch, size: Size) -> tuple[int, int, int, int, int]:
    """A patch's edges (top, bottom, left, right) on the canvas, and from where its pixels are counted in the batch.

    The pixel at (row, column) of the canvas is number start + row * width + column of the batch of images laid flat.
    """
    (height, width), crop, paste = size, patch.crop, patch.paste
    start = (patch.source[0] * height + crop.top - paste.top) * width + crop.left - paste.left
    return paste.top, paste.top + paste.height, paste.left, paste.left + paste.width, start
