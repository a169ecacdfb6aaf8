"""Images and captions in one space: the nearer, the better they fit."""

import torch.nn.functional as F
from torch import Tensor, nn

from .captions import PADDING

WORD = 300  # numbers that a word becomes
DIMENSIONS = 256  # of the common space
DROPOUT = 0.2  # of words' numbers
TEMPERATURE = 0.07  # by which scores are divided, as CLIP begins


class TextEncoder(nn.Module):
    """Captions' word numbers (M, L) -> unit vectors (M, 256): the mean of what a GRU makes of the words."""

    def __init__(self, words: int) -> None:
        super().__init__()
        self.words = nn.Embedding(words, WORD, padding_idx=PADDING)
        self.dropout = nn.Dropout(DROPOUT)
        self.read = nn.GRU(WORD, DIMENSIONS, batch_first=True)

    def forward(self, numbers: Tensor) -> Tensor:
        states, _ = self.read(self.dropout(self.words(numbers)))  # (M, L, D); padding stands at the end
        there = (numbers != PADDING).unsqueeze(2)
        return F.normalize((states * there).sum(1) / there.sum(1), dim=1)


class Retriever(nn.Module):
    """A network whose classifier is replaced by a linear layer into the common space, and an encoder of captions."""

    def __init__(self, network: nn.Module, words: int) -> None:
        """network: with a linear `classifier`, as all of ours have; it is changed. words: numbers of the vocabulary."""
        super().__init__()
        network.classifier = nn.Linear(network.classifier.in_features, DIMENSIONS)
        self.image, self.text = network, TextEncoder(words)

    def forward(self, images: Tensor) -> Tensor:
        """Normalised images (B, 3, H, W) -> unit vectors (B, 256)."""
        return F.normalize(self.image(images).float(), dim=1)


def mixed_loss(scores: Tensor, targets: Tensor) -> Tensor:
    """Cross-entropy both ways: scores (B, N) of images and captions, targets (B, N) -> a scalar.

    targets: which share of image b shows what caption n tells of, as `plan.targets(torch.arange(N), N)` gives it. Every
    share counts once where an image is to name its captions, and once where a caption is to name its images; of images
    that are not mixed, where targets are the identity, that is CLIP's loss (Radford et al. 2021).
    """
    scores = scores / TEMPERATURE
    named = F.log_softmax(scores, dim=1) + F.log_softmax(scores, dim=0)
    return -(targets * named).sum() / (2 * len(scores))
