"""The same part of an image hidden from every network: what all their maps together call hottest."""

from collections.abc import Sequence

import numpy as np
import torch
from torch import Tensor
from tqdm import tqdm

from ..cam.hide import hottest, probabilities, ranks, together
from ..cam.maps import own_maps
from ..cam.sample import Sample, batches_for
from ..zoo import Checkpoint
from .measures import ALL, HIDDEN
from .numbers import BATCH
from .probes import Numbers, Subject


def hidden_together(
    checkpoints: Sequence[Checkpoint],
    groups: Sequence[Sequence[int]],
    sample: Sample,
    device: torch.device,
    map_size: int,
) -> Numbers:
    """Whether each network errs on each image of which that part got the data's mean colour: measure -> (M, N) float32,
    NaN where no network's map is positive anywhere.

    groups: the places of networks that differ in their seed alone; of the part that is hidden each group has an equal
    say, and in a group each network.
    """
    subjects = [Subject.create(checkpoint, device, map_size) for checkpoint in checkpoints]
    found: dict[str, list[np.ndarray]] = {f"hidden.{ALL}.{share}": [] for share in HIDDEN}
    with tqdm(total=len(sample), desc="the same part hidden", unit="image", mininterval=5) as bar:
        for shown, labels in batches_for([subject.card for subject in subjects], sample, BATCH):
            labels = labels.to(device)
            batches = [subject.seen(images) for subject, images in zip(subjects, shown, strict=True)]
            maps = [own_maps(subject.model, batch) for subject, batch in zip(subjects, batches, strict=True)]
            size = (map_size, map_size)
            order = together([together([maps[k] for k in group], size) for group in groups], size)
            for name, share in zip(found, HIDDEN, strict=True):
                errors = [_errors(*each, order, labels, share / 100) for each in zip(subjects, batches, strict=True)]
                found[name].append(torch.stack(errors).cpu().numpy())
            bar.update(len(labels))
    return {name: np.concatenate(parts, axis=1) for name, parts in found.items()}


def _errors(subject: Subject, batch: Tensor, order: Tensor, labels: Tensor, share: float) -> Tensor:
    hidden = batch.masked_fill(hottest(ranks(order, tuple(batch.shape[2:])), share), 0.0)
    wrong = (probabilities(subject.model, hidden).argmax(1) != labels).float()
    return wrong.masked_fill(~order.flatten(1).any(1), torch.nan)
