"""Several networks on many images: every number of every image, batched.

Zhou's map of a whole batch costs one forward pass; the other methods are asked image by image. The faithfulness
measures hide parts of all images of a batch at once.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn
from tqdm import tqdm

from ..data import eval_batch
from ..errors import choose
from .faith import faithfulness
from .maps import check_method, class_maps, map_grid, observe, weigh
from .measures import areas_above_half, entropies
from .methods import CAM_METHODS, EXPLAINED, FAITH, GRID_BOUND, LAYERS
from .sample import Sample, batches_for

BATCH = 64
GROUPS = {"map": ("error", "probability", "area", "entropy"), **FAITH}  # computed together, from cheap to dear


@dataclass(frozen=True)
class SurveyPlan:
    """What to measure. method, layer: whose maps, as `class_maps` has them. explained: "truth", each image's label, or
    "own", each network's own first choice. groups: of GROUPS; "map" is always among them."""

    method: str = "cam"
    explained: str = "truth"
    groups: tuple[str, ...] = ("map",)
    layer: str = "last"

    def __post_init__(self) -> None:
        check_method(self.method, choose("layer", self.layer, LAYERS))
        choose("explained", self.explained, EXPLAINED)
        for group in self.groups:
            choose("measures", group, GROUPS)

    @property
    def measures(self) -> tuple[str, ...]:
        """Names of the numbers, in the order of MEASURE_TITLES."""
        return tuple(name for group, names in GROUPS.items() if group in {"map", *self.groups} for name in names)

    @property
    def light(self) -> bool:
        """Whether a network takes but a few passes for a batch."""
        return self.method == "cam" and set(self.groups) <= {"map", "drop"}

    @property
    def title(self) -> str:
        """Whose maps these are, as people read it: "Grad-CAM of the true class"."""
        where = "" if self.layer == "last" else f", {LAYERS[self.layer]},"
        return f"{CAM_METHODS[self.method]}{where} of {EXPLAINED[self.explained]}"


@dataclass(frozen=True, eq=False)
class Survey:
    """What several networks say of N images.

    plan: what was measured. titles: of the M networks. labels: (N,) int64. answers: (M, N) int64, their first choices.
    numbers: measure -> (M, N) float32; NaN where a network has none for an image (a map without a positive value).
    grids: the cells (h, w) of each network's maps.
    """

    plan: SurveyPlan
    titles: tuple[str, ...]
    labels: np.ndarray
    answers: np.ndarray
    numbers: dict[str, np.ndarray]
    grids: tuple[tuple[int, int], ...]

    def __len__(self) -> int:
        return len(self.labels)

    def comparable(self, measure: str) -> bool:
        """Whether the networks' numbers can be set side by side: not those that hang on the grid, if grids differ."""
        return measure not in GRID_BOUND or len(set(self.grids)) == 1


def survey(
    models: Sequence[nn.Module],
    cards: Sequence[dict[str, Any]],
    titles: Sequence[str],
    batches: Iterable[tuple[Sequence[Tensor], Tensor]],
    plan: SurveyPlan,
) -> Iterator[Survey]:
    """Measure every network on batches of labels (B,) and images, (B, 3, S, S) uint8 for each network (`batches_for`):
    yields the survey so far.

    Each network gets the whole picture at the size and normalisation of its card, on its own device. Whoever stops
    asking cancels; the survey that came last is whole.
    """
    labels: list[np.ndarray] = []
    rows: list[list[dict[str, np.ndarray]]] = [[] for _ in models]
    grids = tuple(map_grid(model, card["image_size"], plan.layer) for model, card in zip(models, cards, strict=True))
    for images, truth in batches:
        labels.append(truth.cpu().numpy())
        for model, card, shown, row in zip(models, cards, images, rows, strict=True):
            row.append(measure(model, card, shown, truth, plan))
        found = {name: _column(rows, name) for name in ("answer", *plan.measures)}
        answers = found.pop("answer")
        yield Survey(plan, tuple(titles), np.concatenate(labels), answers, found, grids)


def run_survey(
    models: Sequence[nn.Module],
    cards: Sequence[dict[str, Any]],
    titles: Sequence[str],
    sample: Sample,
    plan: SurveyPlan,
) -> Survey:
    """The whole survey of a sample, with a progress bar."""
    with tqdm(total=len(sample), desc="images", unit="image", mininterval=1) as bar:
        for found in survey(models, cards, titles, batches_for(cards, sample, BATCH), plan):
            bar.update(len(found) - bar.n)
    return found


def _column(rows: list[list[dict[str, np.ndarray]]], name: str) -> np.ndarray:
    """A measure of all networks and batches: (M, N)."""
    return np.stack([np.concatenate([batch[name] for batch in row]) for row in rows])


def measure(
    model: nn.Module, card: dict[str, Any], images: Tensor, labels: Tensor, plan: SurveyPlan
) -> dict[str, np.ndarray]:
    """One network's numbers of one batch: images (B, 3, S, S) uint8, labels (B,) -> measure -> (B,) float32, and
    "answer", (B,) int64."""
    device = model.classifier.weight.device
    batch = eval_batch(images.to(device), card["image_size"], card["mean"], card["std"])
    truth = labels.to(device)
    answer, shares, maps, classes = explain(model, batch, truth, plan)
    values = maps.cpu().numpy()
    found = {
        "answer": answer.cpu().numpy(),
        "error": (answer != truth).float().cpu().numpy(),
        "probability": shares.gather(1, classes[:, None])[:, 0].cpu().numpy(),
        "area": areas_above_half(values),
        "entropy": entropies(values),
    }
    return found | faithfulness(model, batch, maps, classes, [group for group in FAITH if group in plan.groups])


def explain(model: nn.Module, batch: Tensor, labels: Tensor, plan: SurveyPlan) -> tuple[Tensor, Tensor, Tensor, Tensor]:
    """First choices (B,), probabilities (B, K), maps (B, h, w) and the explained classes (B,) of a normalised batch."""
    logits, features = observe(model, batch)
    answer = logits.argmax(1)
    classes = labels if plan.explained == "truth" else answer
    if plan.method == "cam":
        maps = weigh(model, features, classes[:, None])[:, 0]
    else:
        one_by_one = [
            class_maps(model, one, [int(k)], plan.method, plan.layer)[1][0]
            for one, k in zip(batch, classes, strict=True)
        ]
        maps = torch.stack(one_by_one).to(batch.device)
    return answer, logits.softmax(1), maps, classes
