"""What our runs say of RICAP beside other methods, in words that follow from the numbers alone."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from ..cards import same_crops
from ..titles import METHOD_TITLES, data_title, fewer_images, fine_tuned, length_title, network_title
from ..training.config import MIXING, marked
from ..words import several
from .report import Cell, cell, cell_of
from .results import FREE, SETTINGS, Result, counted
from .tables import Column, Recipe, Row, Table, all_runs

STANDARD = "standard"
OTHERS = {STANDARD: {}, "cutout": {}, "mixup": {"alpha": 1.0}, "cutmix": {"alpha": 1.0}}  # methods and their settings
RICAP = {"method": "ricap", "beta": 0.3}
TUNED = ("crop_scale", "image_size", "lr", "length")  # what is chosen for each method by itself
OF_A_WAY = {*TUNED, *marked(MIXING), "method", "crop", "warmup", "tag"}  # and what else differs
IMAGE_MIXING = {"method": "image_mixing", "beta": 0.3}
LABEL_MIXING = {"method": "label_mixing", "beta": 0.3}
PAPER_EPOCHS = 200
LEAST = 6  # images: of fewer that one side alone misses a sign test finds none beyond chance


@dataclass(frozen=True)
class Finding:
    """Test errors in % of one network, data set and recipe, trained with another method and with RICAP.

    Where several crops or learning rates were tried, each side's is the one that did best. same_crops: whether both
    sides then saw the same parts of images; method: the other one, of OTHERS.
    """

    title: str
    other: Cell
    ricap: Cell
    same_crops: bool = True
    method: str = STANDARD

    @property
    def gain(self) -> float:
        """Percentage points by which RICAP errs less; negative where it errs more."""
        return self.other.mean - self.ricap.mean

    @cached_property
    def doubt(self) -> float | None:
        """Half of the gain's 95 % interval over runs, which are taken to vary alike on both sides (Student's t); None
        where a side has only one run."""
        if self.other.sd is None or self.ricap.sd is None:
            return None
        from ..evidence.runs import student

        freedom = self.other.runs + self.ricap.runs - 2
        squares = sum((side.runs - 1) * side.sd**2 for side in (self.other, self.ricap))
        return student(freedom) * math.sqrt(squares / freedom * (1 / self.other.runs + 1 / self.ricap.runs))

    @property
    def clear(self) -> bool:
        """Whether chance over runs is unlikely to have made the gain, either way, nor chance over images: fewer than
        LEAST images' difference cannot tell, whatever both sides err on."""
        images = min(side.images or math.inf for side in (self.other, self.ricap))
        enough = abs(self.gain) * images / 100 > LEAST - 0.01  # cards round
        return self.doubt is not None and abs(self.gain) > self.doubt and enough

    @property
    def epochs(self) -> int:
        """Of the longest run."""
        return max(self.other.epochs, self.ricap.epochs)


def findings(tables: Sequence[Table], results: Sequence[Result]) -> list[Finding]:
    """Every pair that has been measured, each once though several tables may hold it; also of one's own runs, which no
    table holds.

    In the order of OTHERS; of each those of the same crops first.
    """
    by_name = {result.name: result for result in results}
    wanted = {run.name for run in all_runs(tables)}
    own = [result for result in results if result.name not in wanted and not result.card.get("holdout")]
    found: list[Finding] = []
    for method in OTHERS:
        pairs: dict[tuple[str, str], Finding] = {}
        for table in tables:
            if "holdout" not in table.settings:  # what tunes is no test
                for pair, finding in _of_table(table, method, by_name):
                    pairs.setdefault(pair, finding)
        pairs |= _of_no_table(own, method)
        found += sorted(pairs.values(), key=lambda finding: not finding.same_crops)
    return found


def _of_table(table: Table, method: str, results: Mapping[str, Result]) -> Iterator[tuple[tuple[str, str], Finding]]:
    """(the names of a run of each, the finding) for every column and recipe that measured both."""
    sides = [rows_of(table, settings) for settings in ({"method": method} | OTHERS[method], RICAP)]
    for column, recipe, ((other, one), (ricap, two)) in _measured(table, sides, results):
        subject = table.title if column.title in table.title else column.title
        alike = same_crops(one.card, two.card)
        yield (one.name, two.name), Finding(f"{subject}, {recipe.title}", other, ricap, alike, method)


def _measured(
    table: Table, ways: Sequence[Sequence[Row]], results: Mapping[str, Result]
) -> Iterator[tuple[Column, Recipe, list[tuple[Cell, Result]]]]:
    """Every column and recipe in which all the ways were measured, and of each its best cell and a run of it."""
    for column in table.columns:
        for recipe in (one for one in table.recipes if one.covers(column) and not one.superseded):
            best = [_best(table, rows, column, recipe, results) for rows in ways]
            if None not in best:
                yield column, recipe, best


def _of_no_table(results: Sequence[Result], method: str) -> dict[tuple[str, str], Finding]:
    """As `_of_table`, of runs of one data set, network and recipe each; of either method the way that errs least."""
    alike: dict[str, list[Result]] = {}
    for result in results:
        settings = {key: result.settings.get(key) for key in SETTINGS - FREE - OF_A_WAY - {"seed"}}
        settings["tested on"] = result.card.get("test_images")
        settings["network"] = [result.card["model"], result.card.get("model_arguments")]
        alike.setdefault(json.dumps(settings, sort_keys=True, default=str), []).append(result)
    pairs = {}
    for runs in alike.values():
        best = [_best_way([run for run in runs if run.card["method"] == name]) for name in (method, "ricap")]
        if None not in best:
            (other, one), (ricap, two) = best
            network = network_title(two.card | {"model_arguments": two.card.get("model_arguments", {})})
            words = (
                data_title(two.card),
                network,
                length_title(two.card),
                fine_tuned(two.card),
                fewer_images(two.card),
            )
            title = ", ".join(filter(None, words))
            alike_crops = same_crops(one.card, two.card)
            pairs[one.name, two.name] = Finding(title, other, ricap, alike_crops, method)
    return pairs


def _best_way(results: Sequence[Result]) -> tuple[Cell, Result] | None:
    """The cell of the runs that differ in their seed alone and err least, and one of them."""
    ways: dict[str, list[Result]] = {}
    for result in results:
        way = {key: result.settings.get(key) for key in OF_A_WAY}
        ways.setdefault(json.dumps(way, sort_keys=True, default=str), []).append(result)
    measured = [(cell_of(runs), runs[0]) for runs in ways.values()]
    return min(measured, key=lambda one: one[0].mean, default=None)


def _best(
    table: Table, rows: Sequence[Row], column: Column, recipe: Recipe, results: Mapping[str, Result]
) -> tuple[Cell, Result] | None:
    """The cell of the rows that errs least, and one of its runs; None where nobody measured any."""
    cells = [(cell(table, row, column, recipe, results), row) for row in rows]
    measured = [(one, counted(table.runs(row, column, recipe), results)[0]) for one, row in cells if one]
    return min(measured, key=lambda one: one[0].mean, default=None)


def rows_of(table: Table, settings: dict) -> list[Row]:
    """The table's rows of exactly these settings, whatever their crop, test size, learning rate and size of square."""
    own = ({name: value for name, value in row.settings.items() if name not in TUNED} for row in table.rows)
    return [row for row, found in zip(table.rows, own, strict=True) if found == settings]


def verdict(finding: Finding) -> str:
    """What this pair says, and how sure one may be."""
    if f"{finding.gain:z.2f}" == "0.00":
        return "Both err alike."
    points = f"{abs(finding.gain):.2f} percentage points {'less' if finding.gain > 0 else 'more'}"
    said = f"RICAP errs {points}"
    if finding.doubt is None:
        both = finding.other.sd is None and finding.ricap.sd is None
        return f"{said}, of {'single runs' if both else 'a single run on one side'}."
    return f"{said} (± {finding.doubt:.2f}, 95 % over runs){'' if finding.clear else ': chance could do that'}."


def summary(found: Sequence[Finding]) -> str:
    """What all pairs say together."""
    if not found:
        return "Nothing has been measured here yet: no pair of runs with and without RICAP has finished."
    beside = {method: [one for one in found if one.method == method] for method in OTHERS}
    standard = beside.pop(STANDARD)
    others = [f"than {METHOD_TITLES[method]} in {_count(pairs)}" for method, pairs in beside.items() if pairs]
    said = [_beside_standard(standard), f"It errs less {', '.join(others)}." if others else "", _sureness(found)]
    return " ".join(filter(None, said))


def clear_ones(found: Sequence[Finding]) -> list[Finding]:
    """The clear differences from standard augmentation, the largest gain first."""
    clear = [one for one in found if one.method == STANDARD and one.clear]
    return sorted(clear, key=lambda one: -one.gain)


def halves(tables: Sequence[Table], results: Sequence[Result]) -> str:
    """What patched images gain without mixed labels, wherever that was tested beside standard augmentation and RICAP,
    and there what mixed labels gain without patched images; '' where it was not."""
    by_name = {result.name: result for result in results}
    said = []
    for table in (one for one in tables if "holdout" not in one.settings):
        ways = [rows_of(table, settings) for settings in ({"method": STANDARD}, IMAGE_MIXING, RICAP)]
        for column, recipe, found in _measured(table, ways, by_name):
            standard, half, ricap = (f"{one.mean:.2f} % ({one.count})" for one, _ in found)
            said.append(
                f"Patched images with the label of their largest region alone err {half}, where standard "
                f"augmentation errs {standard} and RICAP {ricap}. That is of {table.subject}, {recipe.title}."
            )
            if labels := _best(table, rows_of(table, LABEL_MIXING), column, recipe, by_name):
                said.append(f"There mixed labels on whole images err {labels[0].mean:.2f} % ({labels[0].count}).")
    return " ".join(said)


def _sureness(found: Sequence[Finding]) -> str:
    """How many of several differences are larger than chance over runs is likely to make them."""
    if len(found) == 1:
        return ""
    clear, single = sum(one.clear for one in found), sum(one.doubt is None for one in found)
    said = (
        f"Of these {len(found)} differences {clear or 'none'} {_be(clear)} beyond what chance over runs is likely to do"
    )
    better = sum(one.clear and one.gain > 0 for one in found)
    sides = f", {better} for RICAP and {clear - better} against it" if clear else ""
    singles = f"; {single} {_be(single)} of a single run, on one side or both" if single else ""
    return f"{said}{sides}{singles}."


def _be(count: int) -> str:
    return "is" if count < 2 else "are"


def _beside_standard(found: Sequence[Finding]) -> str:
    """How often RICAP errs less than standard augmentation, and where that differs from the paper."""
    if not found:
        return "RICAP has not been measured beside standard augmentation here yet."
    if len(found) == 1:
        if found[0].doubt is not None and not found[0].clear:
            return "In the one comparison made so far no difference to standard augmentation can be shown."
        said = f"In the one comparison made so far RICAP errs {_amount(found[0])} standard augmentation."
        return f"{said} {_difference(found)}"
    groups = {
        "with the same crops": [one for one in found if one.same_crops],
        "with the crops that suit each best": [one for one in found if not one.same_crops],
    }
    counts = [f"{_count(group)} {how}" for how, group in groups.items() if group]
    said = f"Of the comparisons made so far RICAP errs less than standard augmentation in {', and in '.join(counts)}."
    return f"{said} {_difference(found)}"


def _count(found: Sequence[Finding]) -> str:
    return f"{sum(one.gain > 0 for one in found)} of {len(found)}"


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
        f"{said} Those runs stopped after at most {several(longest, 'epoch')}, the paper’s took {PAPER_EPOCHS}: harder "
        "training images may need more time. Only longer runs can tell."
    )
