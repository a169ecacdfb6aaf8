"""The Patch tab: four pictures, beta and a seed become a patched image and its mixed label."""

from __future__ import annotations

import math
from dataclasses import dataclass
from html import escape
from typing import TYPE_CHECKING, Any

import gradio as gr

from ...errors import InputError
from ...figures import patch as figures
from ...figures.encode import jpeg_uri
from ..picker import STATIC, browse, picker
from ..pictures import CANVAS, Picture
from ..services import Services

if TYPE_CHECKING:
    from PIL import Image

    from ...mixing import RicapPlan

SLOTS = ["sample:english-springer-2", "sample:church-1", "sample:gas-pump-1", "sample:parachute-2"]
BETA, SEED = "0.3", "7"
MARKS = (0.01, 0.1, 0.3, 1, 10, 100)
LIVE: dict[str, Any] = {"queue": False, "trigger_mode": "always_last", "show_progress": "hidden"}


@dataclass(frozen=True)
class Patched:
    """One draw on four pictures: the plan, the pictures, the patched image and the class shares of its label."""

    plan: RicapPlan
    pictures: list[Picture]
    image: Image.Image
    shares: list[tuple[str, float]]

    @property
    def names(self) -> list[str]:
        """Class of each region."""
        return [picture.name for picture in self.pictures]


def patch(services: Services, slots: list[str], beta: Any, seed: Any) -> Patched:
    """Draw and apply RICAP with this beta and seed to the pictures of these four ids; InputError for bad input."""
    import numpy as np
    import torch
    from PIL import Image

    from ...mixing.ricap import draw_one

    if len(slots) != 4:
        raise InputError(f"RICAP needs four images; got {len(slots)}")
    pictures = [services.pictures.get(slot) for slot in slots]
    plan = draw_one(beta, parse_seed(seed), CANVAS)
    pixels = np.stack([np.asarray(picture.image).transpose(2, 0, 1) for picture in pictures])  # (4, 3, H, W)
    image = plan.apply(torch.from_numpy(pixels))[0]
    names = list(dict.fromkeys(picture.name for picture in pictures))
    labels = torch.tensor([names.index(picture.name) for picture in pictures])
    targets = plan.targets(labels, len(names))[0].tolist()
    return Patched(
        plan, pictures, Image.fromarray(image.permute(1, 2, 0).numpy()), list(zip(names, targets, strict=True))
    )


def parse_seed(seed: Any) -> int:
    """A whole number from 0, else InputError."""
    text = str(int(seed)) if isinstance(seed, float) and seed.is_integer() else str(seed).strip()
    if not (text.isascii() and text.isdigit()):
        raise InputError(f"seed must be a whole number from 0; got {seed!r}")
    if len(text) > 40:
        raise InputError(f"seed must have at most 40 digits; got {len(text)}")
    return int(text)


def draw(services: Services, sources: dict, controls: dict) -> tuple:
    """What the page shows for four slots, beta and seed: (source updates, stage, evidence, note).

    sources: {"slots", "active", "shown"}; the slots' pictures come along unless the tiles show them already.
    """
    tiles = {}
    try:
        if sources.get("shown") != sources["slots"]:
            tiles = {"images": source_images(services, sources["slots"])}
        patched = patch(services, sources["slots"], controls["beta"], controls["seed"])
    except InputError as error:  # the last good picture stays
        return gr.update(**tiles), gr.skip(), gr.skip(), escape(str(error))
    plan, names = patched.plan, patched.names
    evidence = figures.mixed_label(plan, names, patched.shares) + figures.density(float(controls["beta"]), plan)
    return (
        gr.update(crops=figures.crop_overlays(plan), captions=figures.captions(plan, names), **tiles),
        figures.stage(plan, names, jpeg_uri(patched.image)),
        evidence,
        "",
    )


def source_images(services: Services, slots: list[str]) -> list[dict[str, str]]:
    """What the four source tiles show: id, and data URI."""
    pictures = [services.pictures.get(slot) for slot in slots]
    return [{"id": picture.id, "src": picture.uri} for picture in pictures]


@dataclass(frozen=True)
class PatchTab:
    """The components that other parts of the page refer to."""

    sources: gr.HTML
    controls: gr.HTML
    outputs: list[gr.HTML]
    look: gr.Button


def build(services: Services) -> PatchTab:
    """Lay out the tab and wire it."""
    controls = gr.HTML(
        {"beta": BETA, "seed": SEED},
        html_template=_controls_template(),
        js_on_load=(STATIC / "controls.js").read_text(),
        apply_default_css=False,
        elem_id="rx-controls",
    )
    note = gr.HTML("", html_template='<p class="rx-alert" role="alert">${value}</p>', elem_id="rx-note")
    with gr.Row(elem_classes="rx-columns"):
        with gr.Column(min_width=300, elem_classes="rx-step rx-step-sources"):
            gr.HTML('<h2 class="rx-title"><i>1</i>Crop four images</h2>')
            sources = _sources()
        with gr.Column(min_width=300, elem_classes="rx-step rx-step-stage"):
            gr.HTML('<h2 class="rx-title"><i>2</i>Patch them together</h2>')
            stage = gr.HTML('<figure class="rx-stage rx-wait"></figure>', elem_id="rx-stage", apply_default_css=False)
            look = gr.Button("What do the networks see in it? →", variant="primary", elem_id="rx-look")
        with gr.Column(min_width=300, elem_classes="rx-step rx-step-label"):
            gr.HTML('<h2 class="rx-title"><i>3</i>Mix the labels by area</h2>')
            evidence = gr.HTML("", elem_id="rx-evidence", apply_default_css=False)
    gallery = picker(services.pictures, "Choose a picture for the marked slot", "rx-gallery")
    outputs = [sources, stage, evidence, note]
    gallery.browse(browse(services.pictures), gallery, gallery, api_visibility="private", **LIVE)
    return PatchTab(sources, controls, outputs, look)


def _controls_template() -> str:
    marks = "".join(
        f'<button type="button" data-beta="{mark:g}" style="--x:{(math.log10(mark) + 2) / 4:.4f}"'
        f"{' class=rx-paper' if mark == 0.3 else ''}>{mark:g}</button>"
        for mark in MARKS
    )
    return f"""
<div class="rx-controls rx-card">
  <div class="rx-beta-box">
    <label for="rx-beta-text">β <span class="rx-hint">of Beta(β, β), which places the boundary;
      0.3 is the paper's choice</span></label>
    <input class="rx-beta-text" id="rx-beta-text" type="text" inputmode="decimal" autocomplete="off" value="{BETA}">
    <div class="rx-beta-slide">
      <input class="rx-beta" type="range" min="-2" max="2" step="0.01" value="{math.log10(float(BETA)):.4f}"
        aria-label="β, on a logarithmic scale" aria-valuetext="β = {BETA}">
      <div class="rx-marks">{marks}</div>
    </div>
  </div>
  <div class="rx-seed-box">
    <label for="rx-seed">Seed</label>
    <input class="rx-seed" id="rx-seed" type="text" inputmode="numeric" autocomplete="off" value="{SEED}">
    <button type="button" class="rx-draw">New draw</button>
  </div>
</div>
"""


def _sources() -> gr.HTML:
    """The four source tiles: picture, crop on top of it, caption; a click makes a slot the active one."""
    tiles = "".join(
        f"""
<button type="button" class="rx-tile" data-slot="{k}" aria-pressed="${{value.active === {k}}}"
  style="--region:var(--r{k + 1})"><span class="rx-spoken">Slot {k + 1}: </span>
  <span class="rx-picture">${{images[{k}].src ? '<img alt="" src="' + images[{k}].src + '">' : ''}}${{crops[{k}]}}
    <i class="rx-badge" aria-hidden="true">{k + 1}</i></span>
  <span class="rx-caption">${{captions[{k}]}}</span>
</button>"""
        for k in range(4)
    )
    return gr.HTML(
        {"slots": SLOTS, "active": 0},
        images=[{"id": "", "src": ""}] * 4,
        crops=[""] * 4,
        captions=["&nbsp;"] * 4,
        html_template=f'<div class="rx-sources">{tiles}</div>',
        js_on_load=(STATIC / "sources.js").read_text(),
        apply_default_css=False,
        elem_id="rx-sources",
    )
