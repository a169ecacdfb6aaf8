"""Mixing augmentations: a method draws a plan, the plan mixes images and labels."""

from .ablation import ImageMixing, LabelMixing
from .cutmix import CutMix, CutMixPlan
from .cutout import Cutout, CutoutPlan
from .mixup import Mixup, MixupPlan
from .patchwork import SamplewisePlan
from .plan import Box, Method, Patch, Plan
from .registry import METHODS, create_method, plan_from_json
from .ricap import Ricap, RicapPlan
from .standard import Standard, StandardPlan

__all__ = [
    "METHODS", "Box", "CutMix", "CutMixPlan", "Cutout", "CutoutPlan", "ImageMixing", "LabelMixing", "Method", "Mixup",
    "MixupPlan", "Patch", "Plan", "Ricap", "RicapPlan", "SamplewisePlan", "Standard", "StandardPlan",
    "create_method", "plan_from_json",
]  # fmt: skip
