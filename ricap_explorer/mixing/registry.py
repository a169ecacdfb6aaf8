"""Every mixing method by name, and its plan. A new one is a new file and a line for it and for its plan."""

from dataclasses import fields
from typing import Any

from ..errors import choose, only
from .ablation import ImageMixing, ImageMixingPlan, LabelMixing, LabelMixingPlan
from .checks import parse_object
from .cutmix import CutMix, CutMixPlan
from .cutout import Cutout, CutoutPlan
from .mixup import Mixup, MixupPlan
from .patchwork import SamplewisePlan
from .plan import Method, Plan
from .ricap import Ricap, RicapPlan
from .standard import Standard, StandardPlan

METHODS: dict[str, type[Method]] = {
    "standard": Standard,
    "cutout": Cutout,
    "mixup": Mixup,
    "cutmix": CutMix,
    "ricap": Ricap,
    "image_mixing": ImageMixing,
    "label_mixing": LabelMixing,
}
PLANS: dict[str, type[Plan]] = {
    plan.method: plan
    for plan in (StandardPlan, CutoutPlan, MixupPlan, CutMixPlan, RicapPlan, ImageMixingPlan, LabelMixingPlan)
}


def create_method(name: str, **settings: float | bool) -> Method:
    """The method of that name; InputError for an unknown name or a setting that it does not have."""
    method = METHODS[choose("method", name, METHODS)]
    only(name, "settings", settings, [field.name for field in fields(method)])
    return method(**settings)


def plan_from_json(text: str) -> Plan:
    """The plan of whichever method wrote this JSON; InputError where the text is none."""
    return plan_from_dict(parse_object(text))


def plan_from_dict(value: dict[str, Any]) -> Plan:
    """As `plan_from_json`, of JSON's values."""
    if "samples" in value:
        return SamplewisePlan.from_dict(value)
    return PLANS[choose("a plan's method", value.get("method"), PLANS)].from_dict(value)
