"""Class activation maps: what a network looked at, in raw numbers, and several networks on one image.

`methods` and `measures` need no torch. The names below that do come from their modules when first asked for.
"""

from importlib import import_module

from .measures import NOWHERE, area_above_half, entropy, mass_share, mass_shares, positive, problem, upscale
from .methods import CAM_METHODS, LAYERS

_LATER = {
    "class_maps": "maps", "observe": "maps", "weigh": "maps",
    "View": "compare", "equal_mass": "compare", "inspect": "compare", "scale_limits": "compare", "top": "compare",
}  # fmt: skip
__all__ = [
    "CAM_METHODS", "LAYERS", "NOWHERE", "area_above_half", "entropy", "mass_share", "mass_shares", "positive",
    "problem", "upscale", *_LATER,
]  # fmt: skip


def __getattr__(name: str) -> object:
    if name not in _LATER:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module("." + _LATER[name], __name__), name)
