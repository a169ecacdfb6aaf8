"""Several networks' maps of one image side by side, for the command line and for print."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from dataclasses import replace
from io import BytesIO
from textwrap import fill
from typing import TYPE_CHECKING

import numpy as np

from ..cam import CAM_METHODS, LAYERS, problem, scale_limits
from ..cam.compare import largest
from ..words import chance
from .colour import OPACITY
from .heat import PLAIN, Style, contour, heat, overlay
from .looks import COARSE, SCALE_SAID, as_drawn, first_maps

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from ..cam import View

SUBDUED, ACCENT, TRACK = "#475569", "#4F46E5", "#E2E8F0"
SIDE, GAP, HEIGHT = 2.55, 0.2, 5.45  # inches: of a picture, between two, of the figure
SIZE = 384  # pixels that a map is upscaled to
PLAIN_TEXT = {"parse_math": False}  # names may hold dollar signs


def cams_figure(
    image: np.ndarray,
    views: Sequence[View],
    style: Style = PLAIN,
    method: str = "cam",
    layer: str = "last",
    opacity: float = OPACITY,
) -> Figure:
    """The image, then for every view and each of its classes: overlay, colour bar, five likeliest.

    image: (S, S, 3) uint8. As on the page, the first maps have their scale, and those of a patch's classes theirs.
    """
    from matplotlib.figure import Figure

    panels = _panels(views, style)
    width = GAP + (len(panels) + 1) * (SIDE + GAP)
    figure = Figure(figsize=(width, HEIGHT), facecolor="white")
    large = _enlarge(image)
    picture, caption, _ = _column(figure, 0)
    _show(picture, large, "Image", "")
    lines = [CAM_METHODS[method], SCALE_SAID[style.scale]]
    lines[1:1] = [f"layer: {LAYERS[layer]}"] * (layer != "last")
    lines += ["a patch’s classes: another scale"] * (style.shared and len(panels) > len(views))
    _caption(caption, "\n".join(lines))
    for column, (view, values, k, limit) in enumerate(panels, 1):
        picture, scale, bars = _column(figure, column)
        blend = overlay(large, heat(values, SIZE, limit, style.colours, style.smooth), opacity)
        _show(picture, blend, view.title, f"{view.class_names[k]}: {chance(view.probabilities[k])}")
        trouble = problem(values)
        _scale(scale, limit, style, trouble)
        if style.contour and limit > 0 and not trouble:
            _outline(picture, values, style.contour * limit, style.smooth)
        _likeliest(bars, view, k)
    return figure


def _panels(views: Sequence[View], style: Style) -> list[tuple[View, np.ndarray, int, float]]:
    """Of every view each map: the view, the values that are coloured, the map's class, and its scale's upper end."""
    rows = [_drawn(first_maps(views), style)]
    if any(len(view.classes) > 1 for view in views):
        rows.append(_drawn([replace(view, classes=view.classes[1:], maps=view.maps[1:]) for view in views], style))
    return [panel for of_view in zip(*rows, strict=True) for row in of_view for panel in row]


def _drawn(views: Sequence[View], style: Style) -> list[list[tuple[View, np.ndarray, int, float]]]:
    """`_panels` of maps that have a scale together, where one is shared, view by view."""
    views = as_drawn(views, style)
    most = max(scale_limits(views, shared=True), default=0.0)
    return [
        [
            (view, values, k, most if style.shared else largest(values))
            for values, k in zip(view.maps, view.classes, strict=True)
        ]
        for view in views
    ]


def figure_bytes(figure: Figure, kind: str = "png", dpi: int = 150) -> bytes:
    """A figure as file content, png or pdf."""
    buffer = BytesIO()
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "Glyph")  # a name in letters that the font lacks shows boxes
        figure.savefig(buffer, format=kind, dpi=dpi)
    return buffer.getvalue()


def _column(figure: Figure, column: int) -> list[Axes]:
    """Axes for a picture, its colour bar and its classes, one below the other."""
    width = figure.get_figwidth()
    left = GAP + column * (SIDE + GAP)
    rows = ((HEIGHT - 0.8 - SIDE, SIDE), (1.8, 0.12), (0.08, 1.4))  # (bottom, height) in inches
    axes = [figure.add_axes((left / width, low / HEIGHT, SIDE / width, height / HEIGHT)) for low, height in rows]
    for ax in axes:
        ax.set_axis_off()
    return axes


def _enlarge(image: np.ndarray) -> np.ndarray:
    from PIL import Image

    way = Image.Resampling.NEAREST if len(image) <= COARSE else Image.Resampling.BICUBIC
    return np.asarray(Image.fromarray(image).resize((SIZE, SIZE), way))


def _short(text: str, length: int) -> str:
    return text if len(text) <= length else text[: length - 1] + "…"


def _show(ax: Axes, picture: np.ndarray, title: str, subtitle: str) -> None:
    ax.imshow(picture, interpolation="none")
    ax.set_axis_on()
    ax.set(xticks=[], yticks=[])
    ax.spines[:].set_color(TRACK)
    ax.set_title(fill(title, 30, max_lines=3, placeholder=" …"), fontsize=10, weight="bold", pad=19, **PLAIN_TEXT)
    place = {"xycoords": "axes fraction", "textcoords": "offset points", "ha": "center"}
    ax.annotate(_short(subtitle, 38), (0.5, 1), (0, 5), fontsize=9, color=SUBDUED, **place, **PLAIN_TEXT)


def _caption(ax: Axes, text: str) -> None:
    ax.text(0.5, 1, text, transform=ax.transAxes, ha="center", va="top", fontsize=9, color=SUBDUED, linespacing=1.5)


def _outline(ax: Axes, values: np.ndarray, level: float, smooth: bool) -> None:
    """The line along which a map passes `level`, dark on white: to be seen on every colour."""
    for line in contour(values, level, smooth):
        x, y = (line * (SIZE / 100) - 0.5).T
        for width, colour in ((2.4, "white"), (1.0, "black")):
            ax.plot(x, y, color=colour, linewidth=width)


def _scale(ax: Axes, limit: float, style: Style, trouble: str | None) -> None:
    """A colour bar from 0 to `limit`, or the reason why there is none; a mark where the contour runs."""
    if limit > 0:
        ax.set_axis_on()
        ax.imshow(np.linspace(0, 1, 256)[None], cmap=style.colours, aspect="auto", extent=(0, limit, 0, 1))
        if style.contour:
            ax.axvline(style.contour * limit, color="black", linewidth=1)
        ax.tick_params(labelsize=8, colors=SUBDUED, length=2)
        ax.locator_params(axis="x", nbins=5)
        ax.set_yticks([])
        ax.spines[:].set_visible(False)
    if trouble:
        first = trouble.partition(":")[0]
        ax.annotate(
            first,
            (0.5, 0),
            (0, -16 if limit > 0 else 0),
            "axes fraction",
            "offset points",
            ha="center",
            va="top",
            fontsize=7.5,
        )


def _likeliest(ax: Axes, view: View, explained: int) -> None:
    """The five likeliest classes as bars; the explained one stands out."""
    from ..cam import top

    rows = top(view.probabilities, 5, view.class_names)
    places = range(len(rows))
    bars = [ACCENT if name == view.class_names[explained] else "#94A3B8" for name, _ in rows]
    ax.barh(places, [1] * len(rows), color=TRACK, height=0.28)
    ax.barh(places, [share for _, share in rows], color=bars, height=0.28)
    for y, (name, share) in zip(places, rows, strict=True):
        ax.text(0, y - 0.22, _short(name, 22), fontsize=8, va="bottom", **PLAIN_TEXT)
        ax.text(1, y - 0.22, chance(share), fontsize=8, va="bottom", ha="right", color=SUBDUED)
    ax.set(xlim=(0, 1), ylim=(4.4, -0.95))
