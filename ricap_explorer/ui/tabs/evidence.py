"""The evidence of the Results tab: what was measured of the networks on a whole validation set."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

from ...evidence import Evidence
from ...figures.evidence import about, at_a_glance, sections

NONE = (
    '<p class="rx-hint">Nobody has measured these networks yet: <code>python -m ricap_explorer evidence</code> '
    "does.</p>"
)


def evidence_section(found: Sequence[Evidence]) -> str:
    """Every file of evidence as HTML, the first one open, or a sentence where there is none."""
    head = (
        '<h2 class="rx-heading">Evidence <small>does RICAP do what is said of it? Measured on trained networks'
        "</small></h2>"
    )
    parts = "".join(
        f'<details class="rx-measured"{"" if place else " open"}><summary>{escape(one.title)}</summary>{about(one)}'
        f'<div class="rx-evidences">{at_a_glance(one)}{sections(one)}</div></details>'
        for place, one in enumerate(found)
    )
    return head + (parts or NONE)
