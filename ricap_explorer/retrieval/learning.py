"""Learning to retrieve: a network learns from captions of images that any method mixes, then ranks unseen ones."""

from itertools import chain

import numpy as np
import torch
from numpy.random import Generator
from torch import Tensor, nn

from ..data import Augment, eval_batch
from ..errors import InputError
from ..mixing import Method
from ..models import evaluating
from ..training.precision import autocast, choose_precision
from .captions import Captioned, Vocabulary
from .network import Retriever, mixed_loss
from .recall import Ranks, ranks
from .recipe import Recipe

MOST_NORM = 2.0  # of the gradient, as in VSE++ (Faghri et al. 2018)
TESTED = 100  # images that go through the network at once in a test


def fine_tune(
    network: nn.Module,
    data: Captioned,
    chosen: np.ndarray,
    method: Method,
    recipe: Recipe,
    seed: int,
    device: torch.device,
) -> tuple[Retriever, Vocabulary]:
    """Train on the images of these numbers (M,), each with one of its captions, drawn anew in every epoch.

    network: trained before; it is changed. InputError where the images fill no batch, or the loss is not finite.
    """
    if len(chosen) < recipe.batch_size:
        raise InputError(
            f"--batch-size must be at most {len(chosen)}, the images to learn from; got {recipe.batch_size}"
        )
    vocabulary = Vocabulary(chain.from_iterable(data.captions[number] for number in chosen))
    with torch.random.fork_rng(devices=[device] if device.type == "cuda" else []):
        torch.manual_seed(seed)
        retriever = Retriever(network, len(vocabulary)).to(device).train()
        optimizer = torch.optim.AdamW(retriever.parameters(), lr=recipe.lr, weight_decay=recipe.weight_decay)
        rng = np.random.default_rng(seed)
        steps = len(chosen) // recipe.batch_size
        for epoch in range(recipe.epochs):
            total = 0.0
            for step, numbers in enumerate(_batches(chosen, recipe.batch_size, rng)):
                for group in optimizer.param_groups:
                    group["lr"] = recipe.lr * recipe.rate(epoch + (step + 0.5) / steps)
                images, words = _drawn(data, numbers, vocabulary, recipe, rng, device)
                loss = _loss(retriever, images, words, method, rng)
                optimizer.zero_grad(set_to_none=True)
                loss.backward()
                nn.utils.clip_grad_norm_(retriever.parameters(), MOST_NORM)
                optimizer.step()
                total += loss.detach()
            if not total.isfinite():
                raise InputError(f"the loss must stay finite; it was {total:g} in epoch {epoch + 1}: try a lower --lr")
    return retriever, vocabulary


def precision_on(device: torch.device) -> str:
    """bf16 where the device computes in it, else fp32: with fp16 the loss would have to be scaled."""
    return "bf16" if choose_precision("auto", device) == "bf16" else "fp32"


def _drawn(
    data: Captioned, numbers: np.ndarray, vocabulary: Vocabulary, recipe: Recipe, rng: Generator, device: torch.device
) -> tuple[Tensor, Tensor]:
    """Images (B, 3, S, S), each cropped and mirrored at random, and of each the words of one caption (B, L)."""
    augment = Augment(recipe.image_size, "resized", recipe.crop_scale)
    images = augment.apply(data.images[torch.from_numpy(numbers)].to(device), augment.draw(len(numbers), rng))
    captions = [data.captions[number] for number in numbers]
    return images, vocabulary.encode([some[rng.integers(len(some))] for some in captions]).to(device)


def _loss(retriever: Retriever, images: Tensor, words: Tensor, method: Method, rng: Generator) -> Tensor:
    """Mix the images, and the captions' shares with them: caption n is the class of image n."""
    plan = method.plan(len(images), tuple(images.shape[-2:]), rng)
    targets = plan.targets(torch.arange(len(images), device=images.device), len(images))
    with autocast(images.device, precision_on(images.device)):
        seen = retriever(plan.apply(images))
    return mixed_loss(seen @ retriever.text(words).T, targets)


def _batches(chosen: np.ndarray, size: int, rng: Generator) -> np.ndarray:
    """An epoch's image numbers (steps, size), shuffled; what fills no batch is dropped."""
    return rng.permutation(chosen)[: len(chosen) // size * size].reshape(-1, size)


@torch.inference_mode()
def test(retriever: Retriever, vocabulary: Vocabulary, data: Captioned, chosen: np.ndarray, size: int) -> Ranks:
    """The ranks of the images of these numbers and of their captions, each among these alone."""
    device = next(retriever.parameters()).device
    with evaluating(retriever):
        seen = [
            retriever(eval_batch(data.images[torch.from_numpy(part)].to(device), size))
            for part in np.split(chosen, range(TESTED, len(chosen), TESTED))
        ]
        captions = [caption for number in chosen for caption in data.captions[number]]
        read = retriever.text(vocabulary.encode(captions).to(device))
    owner = torch.arange(len(chosen)).repeat_interleave(torch.tensor([len(data.captions[number]) for number in chosen]))
    return ranks(_scores(torch.cat(seen), read), owner)


def _scores(images: Tensor, captions: Tensor) -> Tensor:
    return (images @ captions.T).cpu()
