"""What our runs say of RICAP beside standard augmentation, in words that follow from the numbers alone."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import sqrt

from ..experiments.report import Cell, cell
from ..experiments.results import Result
from ..experiments.tables import Row, Table

STANDARD = {"method": "standard"}
RICAP = {"method": "ricap", "beta": 0.3}
TUNED = ("crop_scale", "image_size", "lr")  # what is chosen for each method by itself
PAPER_EPOCHS = 200


@dataclass(frozen=True)
class Finding:
    """Test errors in % of one network, data set and recipe, trained with standard augmentation and with RICAP.

    Where several crops or learning rates were tried, each side's is the one that did best.
    """

    title: str
    standard: Cell
    ricap: Cell

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
    """Every pair that has been measured, each once though several tables may hold it."""
    by_name = {result.name: result for result in results}
    found: dict[str, Finding] = {}
    for table in tables:
        sides = rows_of(table, STANDARD), rows_of(table, RICAP)
        if not all(sides) or "holdout" in table.settings:
            continue  # what tunes is no test
        for column in table.columns:
            for recipe in (one for one in table.recipes if one.covers(column) and not one.superseded):
                cells = [filter(None, (cell(table, row, column, recipe, by_name) for row in rows)) for rows in sides]
                standard, ricap = (min(found, key=lambda one: one.mean, default=None) for found in cells)
                if standard and ricap:
                    name = table.runs(sides[1][0], column, recipe)[0].name
                    subject = table.title if column.title in table.title else column.title
                    found.setdefault(name, Finding(f"{subject}, {recipe.title}", standard, ricap))
    return list(found.values())


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
        return f"{said}; single runs do not tell how much of that is chance."
    return f"{said}, {'more' if finding.clear else 'not more'} than twice the standard error of {finding.doubt:.2f}."


def summary(found: Sequence[Finding]) -> str:
    """What all pairs say together, and where they differ from the paper."""
    if not found:
        return "Nothing has been measured here yet: no pair of runs with and without RICAP has finished."
    better = sum(finding.gain > 0 for finding in found)
    said = f"RICAP errs less than standard augmentation in {better} of {len(found)} comparisons made so far."
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
