"""What was measured here of RICAP beside other methods: every pair of runs in a table."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from math import nan

from ..experiments.findings import STANDARD, Finding, clear_ones, verdict
from ..experiments.report import Cell
from ..titles import METHOD_TITLES
from ..words import decimals, unbroken
from .scrolled import scrolled
from .strips import reach, strip

HINT = (
    '<span class="rx-drawn">Hollow dots are of a single run, on one side or both, which does not tell how much is '
    "chance; bars are 95 % intervals over runs, grey where they reach zero. </span>A ± of a difference is its 95 % "
    "interval over runs. Below each error stands the size of its test images: at another "
    "size either might err less. Imagenette is ten classes of ImageNet’s photographs, LookNet the small residual "
    "network made for this page; 64 to 96 px: training images grow from one to the other."
)


def clear_list(found: Sequence[Finding]) -> str:
    """Where RICAP errs clearly less, and where more, than standard augmentation; '' where it does nowhere."""
    items = "".join(f"<li>{_clear_one(finding)}</li>" for finding in clear_ones(found))
    return f'<ul class="rx-clear">{items}</ul>' if items else ""


def _clear_one(finding: Finding) -> str:
    tone, word = ("better", "less") if finding.gain > 0 else ("worse", "more")
    errors = f"{finding.ricap.mean:.2f} instead of {finding.other.mean:.2f}&nbsp;%"
    said = f'<b class="rx-{tone}">RICAP errs clearly {word} than standard augmentation:</b>'
    return f"{said} {errors} on {escape(finding.title)}"


def findings_tables(found: Sequence[Finding]) -> str:
    """Pairs with standard augmentation that saw the same crops, those that did not, and pairs with other methods.

    A row for each: both errors, and the difference with its 95 % interval over runs; '' where there is none.
    """
    if not found:
        return ""
    most = reach(end for finding in found for end in _ends(finding))
    hardware = {_hardware(finding) for finding in found}
    told = f"Trained on: {escape(hardware.pop())}. " if len(hardware) == 1 else ""
    standard = [finding for finding in found if finding.method == STANDARD]
    groups = {
        ("The same crops for both", "standard"): [finding for finding in standard if finding.same_crops],
        ("The crops that suit each best", "standard"): [finding for finding in standard if not finding.same_crops],
        ("Beside other methods", "other"): [finding for finding in found if finding.method != STANDARD],
    }
    tables = "".join(
        _table(*heads, "".join(_row(finding, most, not told) for finding in group)) for heads, group in groups.items()
    )
    return f'<div class="rx-findings">{tables}</div><p class="rx-hint">{told}{HINT}</p>'


def _table(title: str, other: str, rows: str) -> str:
    if not rows:
        return ""
    heads = (title, other, "RICAP, β&nbsp;=&nbsp;0.3", "difference")
    head = "".join(f'<th scope="col">{text}</th>' for text in heads)
    head += '<th scope="col" class="rx-drawn">left: RICAP errs less</th>'
    return scrolled(f"<table><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table>", title)


def _ends(finding: Finding) -> tuple[float, float, float]:
    """(RICAP's error less the standard one's, the interval's ends: NaN for single runs), in percentage points."""
    gap = -finding.gain
    return (gap, nan, nan) if finding.doubt is None else (gap, gap - finding.doubt, gap + finding.doubt)


def _row(finding: Finding, most: float, tell_hardware: bool) -> str:
    tone = ("better" if finding.gain > 0 else "worse") if finding.clear else ""
    gap = decimals(-finding.gain, 2, "+")
    doubt = "" if finding.doubt is None else f" <small>±&nbsp;{finding.doubt:.2f}</small>"
    return (
        f'<tr><th scope="row">{_title(finding, tell_hardware)}</th>'
        f"<td>{_cell(finding.other)}</td><td>{_cell(finding.ricap)}</td><td><b>{gap}</b>{doubt}</td>"
        f"{strip(*_ends(finding), most, tone, verdict(finding))}</tr>"
    )


def _title(finding: Finding, tell_hardware: bool) -> str:
    title = f"{finding.title}, {_hardware(finding)}" if tell_hardware else finding.title
    if finding.method == STANDARD:
        return unbroken(title)
    return f"<b>{METHOD_TITLES[finding.method]}</b> {unbroken(title)}{'' if finding.same_crops else ' (its own crops)'}"


def _hardware(finding: Finding) -> str:
    return ", ".join(dict.fromkeys(finding.other.hardware + finding.ricap.hardware))


def _cell(cell: Cell) -> str:
    sizes = "".join(f", {size}&nbsp;px" for size in cell.pixels)
    runs = cell.count.replace(" ", "&nbsp;")
    return f"<b>{cell.text().replace('± ', '±&nbsp;')}</b> <small>{runs}{sizes}</small>"
