"""Colours, fonts and launch options: what makes every tab look like one page and keeps it on this machine."""

from collections.abc import Sequence
from typing import Any

import gradio as gr

from ..figures.colour import REGION_COLOURS, REGION_INKS
from ..figures.encode import data_uri
from .pictures import MAX_UPLOAD_MB
from .services import MAX_NETWORK_MB
from .static_files import STATIC, static


def theme() -> gr.themes.Base:
    """Bundled fonts only (Regular and Bold are whole), one accent."""
    return gr.themes.Soft(
        primary_hue="indigo",
        neutral_hue="slate",
        radius_size="lg",
        font=[gr.themes.LocalFont("IBM Plex Sans", weights=(400, 700)), "system-ui", "sans-serif"],
        font_mono=[gr.themes.LocalFont("IBM Plex Mono", weights=(400, 700)), "ui-monospace", "monospace"],
    ).set(
        body_text_color_subdued="*neutral_600",
        body_background_fill="*neutral_50",
        block_shadow="none",
        color_accent="*primary_600",
        color_accent_soft="*primary_50",
        button_primary_background_fill="*primary_600",
        button_primary_background_fill_hover="*primary_700",
        checkbox_border_color="*neutral_500",
        checkbox_border_color_dark="*neutral_400",
        checkbox_label_background_fill_selected="*primary_600",
        button_secondary_background_fill_hover_dark="*neutral_700",
        link_text_color_dark="*primary_300",
        link_text_color_hover_dark="*primary_200",
        block_title_background_fill="transparent",
        block_title_background_fill_dark="transparent",
        block_title_text_color="*body_text_color",
        block_title_text_color_dark="*body_text_color",
        block_title_padding="0",
        block_title_text_weight="700",
    )


def mark(colours: Sequence[str]) -> str:
    """The page's mark, four regions of these colours, as SVG."""
    places = ((1, 3, 18, 12), (21, 3, 12, 12), (1, 17, 18, 15), (21, 17, 12, 15))
    regions = "".join(
        f'<rect x="{x}" y="{y}" width="{width}" height="{height}" rx="2.5" fill="{colour}"/>'
        for (x, y, width, height), colour in zip(places, colours, strict=True)
    )
    return f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 34 34" aria-hidden="true">{regions}</svg>'


def css() -> str:
    """The style sheets, region colours as CSS variables --r1 to --r4, and in a region --ink, what is written on it."""
    regions = "".join(f"--r{k}:{colour};" for k, colour in enumerate(REGION_COLOURS, 1))
    inks = "".join(f'[data-region="{k}"]{{--ink:{ink};}}' for k, ink in enumerate(REGION_INKS))
    return f":root{{{regions}}}{inks}\n" + static(*sorted(path.name for path in STATIC.glob("*.css")))


def launch_options() -> dict[str, Any]:
    """Options of `Blocks.launch` that hold wherever the page runs."""
    icon = data_uri(mark(REGION_COLOURS).encode(), "image/svg+xml")
    return {
        "theme": theme(),
        "css": css(),
        "head": f'<link rel="icon" href="{icon}">',
        "footer_links": [],
        "run_history": False,
        "enable_monitoring": False,
        "ssr_mode": False,
        "show_error": False,
        "max_file_size": f"{max(MAX_UPLOAD_MB, MAX_NETWORK_MB)}mb",
        "state_session_capacity": 2048,  # the longest idle visitor beyond it loses open sections and own networks
        "quiet": True,
        "_frontend": False,  # else launch asks the page for its head, and gives up where 3 s bring no answer
    }
