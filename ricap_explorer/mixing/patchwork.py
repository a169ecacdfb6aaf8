"""Plans made of patches: one for a whole batch, or one for each of its images."""

from collections.abc import Callable, Sequence
from dataclasses import astuple, dataclass, replace
from functools import cached_property
from typing import Any, NamedTuple, Self

import numpy as np
import torch
from torch import Tensor

from ..errors import InputError
from ..transfer import onto
from .batches import bits, copy_chosen, differentiated, empty_batch, mix_labels
from .checks import check_canvas, check_count
from .plan import Box, Patch, Size
from .written import Written


class PatchPlan(Written):
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
        check_canvas(images, self.size)
        sources = np.array([patch.source for patch in self.pixels])
        check_count(sources, len(images), "images")
        out = empty_batch(images, self.batch_size)
        for patch, source in zip(self.pixels, onto(sources, images.device), strict=True):
            if patch.paste.area:
                crops = images[(..., *patch.crop.index)]
                target = out[(..., *patch.paste.index)]
                copy_chosen(crops, source, target)
        return out

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


class Tiles(NamedTuple):
    """Every image's patches as arrays: B mixed images of P patches; Q labels are mixed."""

    source: np.ndarray  # (B, P): the image that a patch is copied from
    crop: np.ndarray  # (B, P, 2): from where in it, (top, left)
    paste: np.ndarray  # (B, P, 4): to where, (top, left, height, width)
    labels: np.ndarray  # (B, Q): the images whose labels are mixed
    shares: np.ndarray  # (B, Q): what each of these labels counts for


class Draws(Sequence):
    """Plans of single images, each made when it is asked for: `make(i)` is that of image i. tiles: what all tell."""

    def __init__(self, images: range, make: Callable[[int], PatchPlan], tiles: Tiles) -> None:
        self._images, self._make, self.tiles = images, make, tiles

    def __len__(self) -> int:
        return len(self._images)

    def __getitem__(self, key: Any) -> Any:
        chosen = self._images[key]
        if not isinstance(chosen, range):
            return self._make(chosen)
        return Draws(chosen, self._make, Tiles(*(array[key] for array in self.tiles)))

    def __repr__(self) -> str:
        return repr(tuple(self))

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Sequence) and tuple(self) == tuple(other)

    def __hash__(self) -> int:
        return hash(tuple(self))


@dataclass(frozen=True)
class SamplewisePlan(Written):
    """A patch plan of its own for each image of the batch: `plans[i]` makes the i-th mixed image."""

    plans: Sequence[PatchPlan]

    def __post_init__(self) -> None:
        if not self.plans:
            raise InputError("a plan per sample must hold at least one plan; got none")
        if isinstance(self.plans, Draws):
            return
        if any(not isinstance(plan, PatchPlan) or plan.batch_size != 1 for plan in self.plans):
            raise InputError("a plan per sample must consist of patch plans, each for one image")
        if len(kinds := {f"{type(plan).__name__} of {plan.size[1]} x {plan.size[0]}" for plan in self.plans}) > 1:
            raise InputError(
                f"a plan per sample must hold plans of one method and size; got {', '.join(sorted(kinds))}"
            )

    @cached_property
    def tiles(self) -> Tiles:
        """What the plans tell, as arrays."""
        return self.plans.tiles if isinstance(self.plans, Draws) else tiles_of(self.plans)

    @property
    def batch_size(self) -> int:
        """Number of mixed images, B."""
        return len(self.plans)

    def apply(self, images: Tensor) -> Tensor:
        """Mix images: (N, C, H, W) -> (B, C, H, W), same dtype and device."""
        self._check(images)
        if images.device.type != "cpu" or differentiated(images) or images.is_complex() or images.is_neg():
            return self.gather(images)
        out = empty_batch(images, self.batch_size)
        pixels, mixed = bits(images), bits(out)
        for i, rows in enumerate(zip(*(array.tolist() for array in self.tiles[:3]), strict=True)):
            for source, (row, column), (top, left, height, width) in zip(*rows, strict=True):
                crop = pixels[source, :, row : row + height, column : column + width]
                mixed[i, :, top : top + height, left : left + width] = crop
        return out

    def _check(self, images: Tensor) -> None:
        check_canvas(images, self.plans[0].size)
        check_count(self.tiles.source, len(images), "images")

    def gather(self, images: Tensor) -> Tensor:
        """`apply` as one gather of pixels, for devices on which many small copies are slow, and for gradients. Result
        is channels last."""
        self._check(images)
        count, channels, height, width = images.shape
        kind = torch.int32 if count * height * width < 2**31 else torch.int64
        source, crop, paste = self.tiles[:3]
        # The pixel at (row, column) of the canvas is number start + row * width + column of the batch laid flat.
        start = (source * height + crop[..., 0] - paste[..., 0]) * width + crop[..., 1] - paste[..., 1]
        numbers = np.stack([*np.moveaxis(paste, 2, 0), start])  # (5, B, P)
        tops, lefts, heights, widths, starts = onto(numbers, images.device, kind)[..., None, None]
        rows = torch.arange(height, device=images.device, dtype=kind)[:, None]
        columns = torch.arange(width, device=images.device, dtype=kind)
        chosen = starts[:, 0].repeat(1, height, width)  # the first patch's, where no later one covers it
        for k in range(1, source.shape[1]):
            top, left = tops[:, k], lefts[:, k]
            inside_rows = (rows >= top) & (rows < top + heights[:, k])  # (B, H, 1)
            inside_columns = (columns >= left) & (columns < left + widths[:, k])  # (B, 1, W)
            chosen = torch.where(inside_rows & inside_columns, starts[:, k], chosen)
        chosen += rows * width + columns  # (H, W): where each pixel lies in its image
        flat = images.permute(0, 2, 3, 1).reshape(-1, channels)
        return flat.index_select(0, chosen.flatten()).view(-1, height, width, channels).permute(0, 3, 1, 2)

    def targets(self, labels: Tensor, num_classes: int) -> Tensor:
        """Mix labels: (N,) ints -> (B, K) float32; rows sum to 1."""
        return mix_labels(labels, self.tiles.labels, self.tiles.shares, num_classes)

    def part(self, start: int, stop: int) -> Self:
        """The plan of mixed images `start` to `stop` alone."""
        return type(self)(self.plans[start:stop])

    def to_dict(self) -> dict[str, Any]:
        """What `to_json` writes: the plans of all images under `samples`."""
        return {"samples": [plan.to_dict() for plan in self.plans]}

    @classmethod
    def from_dict(cls, value: dict[str, Any]) -> Self:
        """The plan that `to_dict` tells; InputError where the values make none."""
        from .registry import plan_from_dict  # the registry knows the methods, which know this class

        samples = value.get("samples")
        if not isinstance(samples, list) or any(not isinstance(s, dict) or "samples" in s for s in samples):
            raise InputError("a plan per sample must list its plans under 'samples'; got something else")
        return cls(tuple(map(plan_from_dict, samples)))


def patches_of(tiles: Tiles, sources: Sequence[tuple[int, ...]], weights: Sequence[float]) -> tuple[Patch, ...]:
    """The patches of a single draw, whose images are numbers of rows of `sources`."""
    numbers = zip(*(array[0].tolist() for array in tiles[:3]), weights, strict=True)
    return tuple(
        Patch(Box(*corner, *paste[2:]), Box(*paste), sources[row], weight) for row, corner, paste, weight in numbers
    )


def tiles_of(plans: Sequence[PatchPlan]) -> Tiles:
    """What plans of single images tell, as arrays."""
    patches = [plan.pixels for plan in plans]
    return Tiles(
        np.array([[patch.source[0] for patch in own] for own in patches]),
        np.array([[(patch.crop.top, patch.crop.left) for patch in own] for own in patches]),
        np.array([[astuple(patch.paste) for patch in own] for own in patches]),
        np.array([[source[0] for source in plan.sources] for plan in plans]),
        np.array([plan.label_weights for plan in plans]),
    )
