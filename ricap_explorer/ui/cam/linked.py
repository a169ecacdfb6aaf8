"""What of the CAM tab a link carries: the picture, the networks and the other menus."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import gradio as gr

from ...cam.methods import CAM_METHODS, LAYERS
from ...classes import IMAGENETTE
from ...errors import InputError, choose
from ...figures.colour import COLOUR_MAPS, SCALES
from .. import link
from ..services import Services
from ..tabs.patch import LINKED, read_link
from .looking import OWN

PATCH = "patch"  # in a link: what the Patch tab shows
WRITE_LOOK = """value => {
  if (value.patch) return {look: "patch"};
  const id = value.picture || "";
  return id.startsWith("upload:") ? {} : {look: id.replace(/^sample:/, "")};
}"""
WRITE_MODELS = """value => {
  const shown = value.filter(name => !name.startsWith("own:")).join(",");
  return value.length && !shown ? {} : {models: shown || "none"};
}"""


def link_parts(
    services: Services, target: gr.HTML, settings: list[gr.components.Component], opacity: gr.Slider
) -> list[link.Part]:
    """The picture, the models and the other menus. One's own networks and uploads stay where they are."""
    models, method, class_name, layer, scale, colours, cells, contour = settings
    shown = link.choices("models", models, list(services.models.checkpoints))
    return [
        link.Part(("look", *LINKED), target, WRITE_LOOK, _read_look(services)),
        replace(shown, write=WRITE_MODELS, read=_read_models(services, shown.read)),
        link.choice("method", method, list(CAM_METHODS)),
        replace(link.choice("class", class_name, []), read=_read_class(services)),
        link.choice("scale", scale, SCALES),
        link.choice("colours", colours, COLOUR_MAPS),
        _layer(link.choice("layer", layer, list(LAYERS))),
        link.switch("cells", cells),
        link.number("contour", contour),
        link.number("opacity", opacity),
    ]


def _layer(alone: link.Part) -> link.Part:
    """The part of the layer's menu, read beside the method: not every one can explain every layer."""

    def fitting(got: dict[str, str]) -> tuple[Any, list[str]]:
        layer, told = alone.read(got)
        if "layer" not in got or told:
            return layer, told
        from ...cam.maps import check_method  # torch, which a page without such a link opens without

        try:
            check_method(got["method"] if got.get("method") in CAM_METHODS else "cam", layer)
        except InputError as error:
            return gr.skip(), [str(error)]
        return layer, []

    return replace(alone, names=("layer", "method"), read=fitting)


def _read_models(services: Services, read: link.Read) -> link.Read:
    """What `read` has, where these networks can be compared."""

    def comparable(got: dict[str, str]) -> tuple[Any, list[str]]:
        names, told = read(got)
        try:
            if "models" in got and not told:
                services.models.choose(names)
        except InputError as error:
            return gr.skip(), [str(error)]
        return names, told

    return comparable


def _read_look(services: Services) -> link.Read:
    def read(got: dict[str, str]) -> tuple[Any, list[str]]:
        if "look" not in got:
            return gr.skip(), []
        if got["look"] == PATCH:
            state, _ = read_link(services, got)  # the Patch tab tells what is wrong with it
            return {"patch": {name: state[name] for name in ("slots", "beta", "seed", "moved")}}, []
        key = got["look"] if ":" in got["look"] else "sample:" + got["look"]
        if key not in services.pictures.files:
            return gr.skip(), [f"the picture to look at must be one of the gallery; got {got['look']!r}"]
        return {"picture": key}, []

    return read


def _read_class(services: Services) -> link.Read:
    """A class that a link names, with the menu of the networks that know it."""
    menus = [checkpoint.card["classes"] for checkpoint in services.models.checkpoints.values()]
    menus = [[OWN, *menu] for menu in menus or [list(IMAGENETTE.values())]]
    allowed = dict.fromkeys(name for menu in menus for name in menu)

    def read(got: dict[str, str]) -> tuple[Any, list[str]]:
        if "class" not in got:
            return gr.skip(), []
        try:
            name = choose("class", got["class"], allowed)
        except InputError as error:
            return gr.skip(), [str(error)]
        return gr.update(choices=next(menu for menu in menus if name in menu), value=name), []

    return read
