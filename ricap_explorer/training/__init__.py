"""The training loop, its settings and its run folder. Needs neither gradio, grad-cam nor matplotlib.

`config` needs no torch. The names below that do come from their modules when first asked for.
"""

from importlib import import_module

from .config import TrainConfig

_LATER = {"Score": "engine", "evaluate": "engine", "train": "run"}
__all__ = ["TrainConfig", *_LATER]


def __getattr__(name: str) -> object:
    if name not in _LATER:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module("." + _LATER[name], __name__), name)
