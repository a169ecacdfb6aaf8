"""The tour: an invitation beside the page's name and six bubbles that point at widgets of the Patch and CAM tabs."""

from __future__ import annotations

import gradio as gr

from .static_files import static

STEPS = (  # tab, target, title, text
    (
        "patch",
        "#rx-sources",
        "Four images",
        "RICAP starts from four training images. The bright window is the crop that is taken of each: drag it. "
        "Choose an image, then another for it from the gallery below.",
    ),
    (
        "patch",
        "#rx-controls",
        "β and the seed",
        "β decides how even the mixture is: small, and one image prevails; large, and all four are equal. "
        "New draw draws boundary and crops again.",
    ),
    (
        "patch",
        "#rx-stage",
        "The patched image",
        "The four crops meet at the boundary point. Drag the round handle.",
    ),
    (
        "patch",
        "#rx-evidence .rx-label",
        "The mixed label",
        "Each image’s class counts for its region’s share of the area. Point at a row or tap it: its region lights up.",
    ),
    (
        "cam",
        "#rx-models",
        "Networks to compare",
        "These were trained here, in different ways. Choose up to five.",
    ),
    (
        "cam",
        "#rx-looks .rx-look",
        "Where a network looks",
        "The map shows which parts of the image speak for the class, on one scale for all networks, "
        "so that their maps can be compared.",
    ),
)


def build() -> gr.HTML:
    """The tour's button and bubble; the document event rx-tour begins it too."""
    return gr.HTML(
        None,
        steps=[dict(zip(("tab", "target", "title", "text"), step, strict=True)) for step in STEPS],
        html_template=static("tour.html"),
        js_on_load=static("tour.js"),
        apply_default_css=False,
        elem_id="rx-tour",
    )
