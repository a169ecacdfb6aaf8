"""Data sets as memory-resident uint8 batches, and their augmentation."""

from .augment import eval_batch, train_batch
from .datasets import DATASETS, Split, load_split
from .images import read_image, square_image, to_tensor
from .normalise import MEAN, STD, normalise

__all__ = [
    "DATASETS", "MEAN", "STD", "Split", "eval_batch", "load_split",
    "normalise", "read_image", "square_image", "to_tensor", "train_batch",
]  # fmt: skip
