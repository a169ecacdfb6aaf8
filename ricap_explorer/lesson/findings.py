"""What our runs say of RICAP beside standard augmentation, in words that follow from the numbers alone."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import sqrt
from typing import Any

from ..experiments.report import Cell, cell
from ..experiments.results import Result, counted
from ..experiments.tables import Column, Recipe, Row, Table
from ..zoo import same_crops

STANDARD = {"method": "standard"}
RICAP = {"method": "ricap", "beta": 0.3}
TUNED = ("crop_scale", "image_size", "lr")  # what is chosen for each method by itself
PAPER_EPOCHS = 200


@dataclass(frozen=True)
class Finding:
    """Test errors in % of one network, data set and recipe, trained with standard augmentation and with RICAP.

    Where several crops or learning rates were tried, each side's is the one that did best. same_crops: whether both
    sides then saw the same parts of images.
    """

    title: str
    standard: Cell
    ricap: Cell
    same_crops: bool = True

    @property
    def gain(self) -> float:
        """Percentage points by which RICAP errs less; negative where it errs more."""
        return self.standard.mean - self.ricap.mean

    @property
    def doubt(self) -> float | None:
        """Standard error of the gain; None where a side has only one run."""
        if self.standard.sd is None or self.ricap.sd is None:
            return None
        return sqrt(self.standard.sd**2 / self.standard.runs + self.ricap.sd**2 / self.ricap.runs)

    @property
    def clear(self) -> bool:
        """Whether the gain is more than twice its standard error, either way."""
        return self.doubt is not None and abs(self.gain) > 2 * self.doubt

    @property
    def epochs(self) -> int:
        """Of the longest run."""
        return max(int(text) for side in (self.standard, self.ricap) for text in side.epochs.split(", "))


def findings(tables: Sequence[Table], results: Sequence[Result]) -> list[Finding]:
    """Every pair that has been measured, each once though several tables may hold it; those of the same crops first."""
    by_name = {result.name: result for result in results}
    found: dict[str, Finding] = {}
    for table in tables:
        sides = rows_of(table, STANDARD), rows_of(table, RICAP)
        if not all(sides) or "holdout" in table.settings:
            continue  # what tunes is no test
        for column in table.columns:
            for recipe in (one for one in table.recipes if one.covers(column) and not one.superseded):
                best = [_best(table, rows, column, recipe, by_name) for rows in sides]
                if None not in best:
                    (standard, one), (ricap, other) = best
                    name = table.runs(sides[1][0], column, recipe)[0].name
                    subject = table.title if column.title in table.title else column.title
                    alike = same_crops(one, other)
                    found.setdefault(name, Finding(f"{subject}, {recipe.title}", standard, ricap, alike))
    return sorted(found.values(), key=lambda finding: not finding.same_crops)


def _best(
    table: Table, rows: Sequence[Row], column: Column, recipe: Recipe, results: Mapping[str, Result]
) -> tuple[Cell, dict[str, Any]] | None:
    """The cell of the rows that errs least, and the card of one of its runs; None where nobody measured any."""
    cells = [(cell(table, row, column, recipe, results), row) for row in rows]
    measured = [(one, counted(table.runs(row, column, recipe), results)[0].card) for one, row in cells if one]
    return min(measured, key=lambda one: one[0].mean, default=None)


def rows_of(table: Table, settings: dict) -> list[Row]:
    """The table's rows of exactly these settings, whatever their crop, test size and learning rate."""
    own = ({name: value for name, value in row.settings.items() if name not in TUNED} for row in table.rows)
    return [row for row, found in zip(table.rows, own, strict=True) if found == settings]


def verdict(finding: Finding) -> str:
    """What this pair says, and how sure one may be."""
    if f"{finding.gain:.2f}" in ("0.00", "-0.00"):
        return "Both err alike."
    points = f"{abs(finding.gain):.2f} percentage points {'less' if finding.gain > 0 else 'more'}"
    said = f"RICAP errs {points}"
    if finding.doubt is None:
        return f"{said}, of single runs."
    return f"{said}, {'more' if finding.clear else 'not more'} than twice the standard error of {finding.doubt:.2f}."


def summary(found: Sequence[Finding]) -> str:
    """What all pairs say together, and where they differ from the paper."""
    if not found:
        return "Nothing has been measured here yet: no pair of runs with and without RICAP has finished."
    groups = {
        "with the same crops": [one for one in found if one.same_crops],
        "with the crops that suit each best": [one for one in found if not one.same_crops],
    }
    counts = [f"{sum(one.gain > 0 for one in group)} of {len(group)} {how}" for how, group in groups.items() if group]
    said = f"Of the comparisons made so far RICAP errs less than standard augmentation in {', and in '.join(counts)}."
    if len(found) == 1:
        said = f"In the one comparison made so far RICAP errs {_amount(found[0])} standard augmentation."
    return " ".join(filter(None, (said, _difference(found))))


def _amount(finding: Finding) -> str:
    return "less than" if finding.gain > 0 else "more than" if finding.gain < 0 else "as much as"


def _difference(found: Sequence[Finding]) -> str:
    """Where RICAP loses: that the paper says otherwise, and what may lie behind it."""
    losing = [finding for finding in found if finding.gain <= 0]
    if not losing:
        return "That agrees with the paper."
    said = (
        "Where it does not err less, that is not what the paper reports, whose networks have 25 to 69 million "
        "parameters."
    )
    longest = max(finding.epochs for finding in losing)
    if longest >= PAPER_EPOCHS:
        return said
    return (
        f"{said} Those runs stopped after at most {longest} epochs, the paper’s took {PAPER_EPOCHS}: harder training "
        "images may need more time. Only longer runs can tell."
    )
