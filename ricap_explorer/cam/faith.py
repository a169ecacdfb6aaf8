"""Does a map tell the truth? Hide or show what it points at, and see how the probability of its class changes.

All take normalised images (B, 3, H, W), their raw maps (B, h, w), finite and positive somewhere, and the explained
classes (B,) int64; "probability" is the softmax's. Hidden pixels get the data's mean colour, 0 after normalisation.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor, nn

from ..models import evaluating
from .hide import filling, hottest, probabilities, ranks, upscaled
from .measures import usable
from .methods import CURVE_STEPS, FAITH

AT_ONCE = 64 * 224**2  # pixels that a network gets at a time
ROAD_PERCENTILES = (20, 40, 60, 80)


@dataclass(frozen=True, eq=False)
class Curves:
    """Probability of the explained class after each step, (B, steps + 1) float32, from nothing to everything done.

    deletion: the hottest pixels first get the mean colour. insertion: the hottest pixels first replace a blurred
    picture's (Petsiuk et al. 2018, arXiv:1806.07421, with shares of the image for steps).
    """

    deletion: np.ndarray
    insertion: np.ndarray

    def areas(self) -> tuple[np.ndarray, np.ndarray]:
        """Area under each curve over the share of the image, in [0, 1], (B,) each: deletion (lower is better for the
        map), insertion (higher is better)."""
        return tuple(np.trapezoid(curve, dx=1 / (curve.shape[1] - 1)) for curve in (self.deletion, self.insertion))


def faithfulness(
    model: nn.Module, images: Tensor, maps: Tensor, classes: Tensor, groups: Sequence[str]
) -> dict[str, np.ndarray]:
    """The numbers of these groups of FAITH, (B,) float32 each; NaN for a map that is not finite or positive nowhere."""
    known = usable(maps.cpu().numpy())
    found = {name: np.full(len(maps), np.nan, np.float32) for group in groups for name in FAITH[group]}
    good = torch.from_numpy(known).to(images.device)
    given = model, images[good], maps[good], classes[good]
    for group in groups if known.any() else ():
        for name, numbers in zip(FAITH[group], _computed(group, *given), strict=True):
            found[name][known] = numbers
    return found


def _computed(group: str, *given: nn.Module | Tensor) -> tuple[np.ndarray, ...]:
    if group == "curves":
        return curves(*given).areas()
    return drop_and_increase(*given) if group == "drop" else (road(*given),)


def drop_and_increase(model: nn.Module, images: Tensor, maps: Tensor, classes: Tensor) -> tuple[np.ndarray, np.ndarray]:
    """Average drop's and increase's summands (Chattopadhay et al. 2018, arXiv:1710.11063): (B,) float32, (B,) 0 or 1.

    The picture is multiplied by its map, which is clipped at 0 and divided by its maximum. drop: max(0, Y - O) / Y for
    the probabilities Y before and O after, in [0, 1], 0 where Y is 0. increase: 1 where O > Y. Both cost one pass each
    for Y and O.
    """
    large = upscaled(maps.clamp(min=0), tuple(images.shape[2:]))
    large = large / large.amax((1, 2), keepdim=True)
    before, after = (_of(classes, probabilities(model, batch)) for batch in (images, images * large[:, None]))
    fallen = np.maximum(0, before - after)
    return np.divide(fallen, before, out=np.zeros_like(before), where=before > 0), (after > before).astype(np.float32)


def curves(model: nn.Module, images: Tensor, maps: Tensor, classes: Tensor, steps: int = CURVE_STEPS) -> Curves:
    """Deletion and insertion, `steps` + 1 passes for each image and curve, several steps of few images at a time."""
    order, blurred = ranks(maps, tuple(images.shape[2:])), filling(images, "blur")
    mean, deletion, insertion = filling(images), [], []
    for some in np.array_split(np.arange(steps + 1) / steps, _parts(steps + 1, images)):
        hot = torch.cat([hottest(order, share) for share in some])  # (steps * B, 1, H, W)
        for curve, shown, under in ((deletion, mean, images), (insertion, images, blurred)):
            batch = torch.where(hot, *(part.repeat(len(some), 1, 1, 1) for part in (shown, under)))
            curve.append(_of(classes.repeat(len(some)), probabilities(model, batch)).reshape(len(some), -1))
    return Curves(np.concatenate(deletion).T, np.concatenate(insertion).T)


def _parts(count: int, images: Tensor) -> int:
    """In how many goes `count` steps of the images are taken: some 64 pictures each, of large ones fewer, a step at
    least."""
    at_once = max(1, min(64, AT_ONCE // images[0, 0].numel()))
    return min(count, max(1, count * len(images) // at_once))


def road(model: nn.Module, images: Tensor, maps: Tensor, classes: Tensor) -> np.ndarray:
    """ROAD (Rong et al. 2022, arXiv:2202.00449), grad-cam's implementation: (B,) float32, higher is better for the map.

    (change after removing the least relevant pixels - change after removing the most relevant ones) / 2, averaged over
    20, 40, 60 and 80 % of the pixels; removed ones are filled in by noisy linear interpolation, its noise drawn from
    one fixed seed for each image. Slow: eight sparse systems an image.
    """
    from pytorch_grad_cam.metrics.road import ROADCombined
    from pytorch_grad_cam.utils.model_targets import ClassifierOutputSoftmaxTarget

    large = upscaled(maps, tuple(images.shape[2:]))
    low, high = large.amin((1, 2), keepdim=True), large.amax((1, 2), keepdim=True)
    cams = ((large - low) / (high - low).clamp(min=1e-12)).cpu().numpy()
    measure, found = ROADCombined(list(ROAD_PERCENTILES)), []
    with torch.random.fork_rng(devices=[]), evaluating(model):
        for i, k in enumerate(classes.tolist()):
            torch.manual_seed(0)
            found += list(measure(images[i : i + 1], cams[i : i + 1], [ClassifierOutputSoftmaxTarget(k)], model))
    return np.asarray(found, dtype=np.float32)


def _of(classes: Tensor, shares: Tensor) -> np.ndarray:
    """The explained class's own: (B,), (B, K) -> (B,)."""
    return shares.gather(1, classes[:, None].to(shares.device))[:, 0].cpu().numpy()
