"""Take it away: what the networks see as a figure, as arrays, as numbers, and the command that makes the same."""

from __future__ import annotations

import shlex
from html import escape
from typing import TYPE_CHECKING, Any

import gradio as gr

from ...figures.colour import OPACITY
from ...figures.encode import data_uri
from ...folders import seen_from_here
from ...zoo import Checkpoint
from ..events import MODELS
from ..services import OWN_PREFIX, Services
from .looking import OWN, Looks, Question, look, style_of
from .section import section, told

if TYPE_CHECKING:
    from ...figures.heat import Style

KINDS = {"png": "image/png", "pdf": "application/pdf", "npz": "application/zip", "csv": "text/csv"}
FIRST_ALONE = (
    '<p class="rx-hint">PICTURE is the patched image, a PNG of the Patch tab. The command draws the first map of each '
    "network alone; <code>--class</code> names another class, on a colour scale of its own.</p>"
)


def files(services: Services, asked: Question, opacity: float, *drawn: Any) -> str:
    """Links to the files, each within the link itself, and the command line; InputError for bad input.

    opacity: of the maps on the picture, 0 to 1. drawn: as in `style_of`.
    """
    import numpy as np

    from ...cam.export import arrays_npz, numbers_csv
    from ...figures.cams import cams_figure, figure_bytes

    style, looks = style_of(*drawn), look(services, asked)
    figure = cams_figure(np.asarray(looks.shown), looks.views, style, asked.method, asked.layer, opacity)
    contents = {
        "png": figure_bytes(figure),
        "pdf": figure_bytes(figure, "pdf"),
        "npz": arrays_npz(looks.views),
        "csv": numbers_csv(looks.views).encode(),
    }
    links = "".join(
        f'<a class="rx-chip" download="cam.{kind}" href="{data_uri(content, KINDS[kind])}">{kind.upper()}</a>'
        for kind, content in contents.items()
    )
    line = f'<pre class="rx-command" tabindex="0">{escape(command(looks, asked, style, opacity))}</pre>'
    return f'<p class="rx-takes">{links}</p>{line}{FIRST_ALONE if looks.picture.parts else ""}'


def command(looks: Looks, asked: Question, style: Style, opacity: float) -> str:
    """The command line for the same figure of a picture file, but a patched one's first maps alone; defaults are left
    out."""
    options = [f"--checkpoint {shlex.quote(_file(checkpoint))}" for checkpoint in looks.checkpoints]
    given = {"--method": (asked.method, "cam"), "--class": (asked.class_name, OWN), "--layer": (asked.layer, "last")}
    given |= {"--colours": (style.colours, "viridis"), "--scale": (style.scale, "mass")}
    options += [f"{name} {shlex.quote(value)}" for name, (value, default) in given.items() if value != default]
    options += ["--cells"] * (not style.smooth)
    options += [f"--contour {style.contour:g}"] * (style.contour > 0)
    options += [f"--opacity {opacity:g}"] * (opacity != OPACITY)
    return " ".join(["python -m ricap_explorer cam PICTURE", *options, "--out cam.png"])


def _file(checkpoint: Checkpoint) -> str:
    """A checkpoint seen from here, or from the repository, or the name of the file that the visitor brought."""
    if checkpoint.name.startswith(OWN_PREFIX):
        return f"{checkpoint.name.removeprefix(OWN_PREFIX).rpartition(':')[0]}.safetensors"
    return seen_from_here(checkpoint.path)


def build(
    services: Services,
    asked: list[gr.components.Component],
    opacity: gr.Slider,
    style: list[gr.components.Component],
    looks: gr.HTML,
) -> None:
    """Lay out the section. asked: own networks, target, models, method, class, layer, which `looks` shows; style: what
    `style_of` takes. Files of what is no longer shown go away."""
    with section("Take it away", "rx-cam-take"):
        button = gr.Button("Prepare the files", size="sm", elem_id="rx-cam-files")
        shown = gr.HTML("", elem_id="rx-cam-links", apply_default_css=False)

    def prepare(*values: Any) -> str:
        return told(files, services, *values)

    looks.change(None, None, shown, js="() => ''", queue=False, show_progress="hidden", api_visibility="private")
    button.click(prepare, [*asked, opacity, *style], shown, show_progress="minimal", **MODELS)
