"""The training loop, its settings and its run folder. Needs neither gradio, grad-cam nor matplotlib."""

from .config import TrainConfig
from .engine import Score, evaluate
from .run import train

__all__ = ["Score", "TrainConfig", "evaluate", "train"]
