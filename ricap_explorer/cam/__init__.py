"""Class activation maps: what a network looked at, in raw numbers, and several networks on one image."""

from .compare import View, inspect, scale_limits, top
from .maps import CAM_METHODS, class_maps, observe
from .measures import area_above_half, entropy, mass_share, mass_shares, positive, problem, upscale

__all__ = [
    "CAM_METHODS", "View", "area_above_half", "class_maps", "entropy", "inspect", "mass_share", "mass_shares",
    "observe", "positive", "problem", "scale_limits", "top", "upscale",
]  # fmt: skip
