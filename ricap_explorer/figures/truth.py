"""What hiding and showing says of networks' maps, as HTML and SVG: curves of deletion and insertion, a table."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

import numpy as np

from ..cam import View, problem
from ..cam.faith import Curves
from ..cam.methods import MEASURE_TITLES
from ..words import chance, decimals
from .looks import columns
from .scrolled import scrolled

SIDE, HIGH = 200, 110  # of a chart, in its own pixels
ROWS = {
    "drop": "how much of the probability is lost when the picture is multiplied by its map; lower is better",
    "increase": "whether it rises instead",
    "deletion": "hottest pixels first get the mean colour; lower is better",
    "insertion": "hottest pixels first replace a blurred picture’s; higher is better",
    "road": "least relevant first against most relevant first, with noisy linear filling; higher is better",
}


@dataclass(frozen=True, eq=False)
class Truth:
    """A network's numbers for one picture. curves: of a batch of one. road: None where it was not asked for."""

    drop: float
    increase: bool
    curves: Curves
    road: float | None

    def cells(self) -> list[str]:
        """A text for each of ROWS, areas as shares of the largest there can be."""
        deletion, insertion = (float(area[0]) for area in self.curves.areas())
        score = "not measured" if self.road is None else decimals(self.road, 3)
        return [chance(self.drop), "yes" if self.increase else "no", chance(deletion), chance(insertion), score]


def truth_section(views: Sequence[View], found: Sequence[Truth | None], seconds: float) -> str:
    """A chart for each network, and the table below."""
    heads = "".join(f'<th scope="col">{escape(view.title)}</th>' for view in views)
    texts = [truth.cells() if truth else ["–"] * len(ROWS) for truth in found]
    rows = ""
    for (name, meaning), cells in zip(ROWS.items(), zip(*texts, strict=True), strict=True):
        head = f'<th scope="row">{MEASURE_TITLES[name]} <small>{meaning}</small></th>'
        rows += f"<tr>{head}{''.join(f'<td>{text}</td>' for text in cells)}</tr>"
    charts = columns([_chart(view, truth) for view, truth in zip(views, found, strict=True)], " rx-close")
    table = f'<table class="rx-table rx-faith"><thead><tr><td></td>{heads}</tr></thead><tbody>{rows}</tbody></table>'
    return (
        f'{charts}<p class="rx-hint"><i class="rx-line-key rx-deletion"></i>deletion '
        '<i class="rx-line-key rx-insertion"></i>insertion: probability of the explained class against the share of '
        "the picture</p>"
        f"{scrolled(table, 'Faithfulness of every network’s map', 'rx-scroll')}"
        f'<p class="rx-hint rx-time">in {seconds:.1f} s</p>'
    )


def _chart(view: View, truth: Truth | None) -> str:
    name = view.class_names[view.classes[0]]
    head = f'<h3>{escape(view.title)}</h3><p class="rx-hint">{escape(name)}</p>'
    if truth is None:
        return f'<div class="rx-cell">{head}<p class="rx-hint">{problem(view.maps[0])}</p></div>'
    deletion, insertion = truth.curves.areas()
    spoken = f"{view.title}: deletion area {chance(deletion[0])}, insertion area {chance(insertion[0])}"
    lines = _line(truth.curves.deletion[0], "rx-deletion") + _line(truth.curves.insertion[0], "rx-insertion")
    return (
        f'<div class="rx-cell">{head}<svg class="rx-curves" viewBox="-26 -6 {SIDE + 34} {HIGH + 26}" role="img" '
        f'aria-label="{escape(spoken)}"><path class="rx-axis" d="M0 0V{HIGH}H{SIDE}" fill="none"/>{lines}'
        f'<text x="-4" y="6" text-anchor="end">1</text><text x="-4" y="{HIGH}" text-anchor="end">0</text>'
        f'<text x="0" y="{HIGH + 15}">0 %</text><text x="{SIDE}" y="{HIGH + 15}" text-anchor="end">100 %</text>'
        "</svg></div>"
    )


def _line(curve: np.ndarray, name: str) -> str:
    places = " ".join(f"{i * SIDE / (len(curve) - 1):.1f},{HIGH * (1 - p):.1f}" for i, p in enumerate(curve))
    return f'<polyline class="{name}" points="{places}"/>'
