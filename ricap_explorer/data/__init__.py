"""Data sets, in memory or streamed from disk, and their augmentation."""

from .augment import Augment, Draw, eval_batch
from .datasets import CUTOUT, DATASETS, IN_MEMORY, dataset_defaults
from .images import read_image, square_image, to_tensor
from .loaders import LOADERS, open_data
from .normalise import MEAN, STD, normalise
from .resident import Job, Resident
from .stream import Stream

Dataset = Resident | Stream  # one interface

__all__ = [
    "CUTOUT", "DATASETS", "IN_MEMORY", "LOADERS", "MEAN", "STD", "Augment", "Dataset", "Draw", "Job", "Resident",
    "Stream", "dataset_defaults", "eval_batch", "normalise", "open_data",
    "read_image", "square_image", "to_tensor",
]  # fmt: skip
