"""Tables filled in: the paper's number, and beside it ours, with how many runs, epochs and what hardware it took."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from statistics import mean, stdev

from ..words import several
from .results import Result, counted
from .tables import Column, Recipe, Row, Table, all_runs


@dataclass(frozen=True)
class Number:
    """What somebody measured: a mean and its standard deviation, None where it is not told or of a single run."""

    mean: float
    sd: float | None = None

    def text(self, decimals: int = 2) -> str:
        """2.85 ± 0.06, or 2.85 alone."""
        return f"{self.mean:.{decimals}f}" + (f" ± {self.sd:.{decimals}f}" if self.sd is not None else "")


@dataclass(frozen=True)
class Cell(Number):
    """What we measured in runs that differ in their seed alone, and of them all sides of test images in pixels (none
    where the cards do not tell) and all hardware. images: how many they were tested on, the fewest."""

    runs: int = 1
    epochs: int = 1
    pixels: tuple[int, ...] = ()
    hardware: tuple[str, ...] = ()
    images: int | None = None

    @property
    def count(self) -> str:
        """How many runs, in words."""
        return several(self.runs, "run")


@dataclass(frozen=True)
class Group:
    """A column of a table under its heading: the paper's numbers, or ours by a recipe."""

    title: str
    ours: bool
    cells: Sequence[Number | None]  # one for each row of the table; None where nobody measured


@dataclass(frozen=True)
class Block:
    """A part of a table that reads from left to right: one data set or network, or all of a table without runs."""

    title: str
    groups: list[Group]


def paper_number(row: Row, column: Column) -> Number | None:
    """The paper's number of a cell, None where it has none."""
    given = row.paper.get(column.key)
    return Number(*given) if given else None


def cell(table: Table, row: Row, column: Column, recipe: Recipe, results: Mapping[str, Result]) -> Cell | None:
    """What the results say of a cell, None where nobody measured it. A result of other settings does not count."""
    runs = counted(table.runs(row, column, recipe), results)
    found = [result for result in runs if column.metric in result.card]
    return cell_of(found, column.metric) if found else None


def cell_of(found: Sequence[Result], metric: str = "test_error") -> Cell:
    """What runs that differ in their seed alone measured."""
    values = [result.card[metric] for result in found]
    return Cell(
        mean(values),
        stdev(values) if len(values) > 1 else None,
        len(values),
        found[0].card["epochs"],
        _all(result.card.get("image_size") for result in found),
        _all(result.hardware for result in found),
        min((result.card["test_images"] for result in found if "test_images" in result.card), default=None),
    )


def _all(values: Iterable) -> tuple:
    return tuple(sorted({value for value in values if value is not None}))


def fill(table: Table, results: Sequence[Result]) -> list[Block]:
    """The table with what was measured. A recipe without any result is left out, unless the column has no other."""
    if not table.recipes:
        groups = [Group(column.title, False, _paper(table, column)) for column in table.columns]
        return [Block("", groups)]
    by_name = {result.name: result for result in results}
    return [Block(column.title, _groups(table, column, by_name)) for column in table.columns]


def _paper(table: Table, column: Column) -> list[Number | None]:
    return [paper_number(row, column) for row in table.rows]


def _groups(table: Table, column: Column, results: Mapping[str, Result]) -> list[Group]:
    recipes = [recipe for recipe in table.recipes if recipe.covers(column)]
    filled = {recipe.title: [cell(table, row, column, recipe, results) for row in table.rows] for recipe in recipes}
    shown = [recipe.title for recipe in recipes if any(filled[recipe.title])]
    paper = _paper(table, column)
    groups = [Group("", False, paper)] if any(paper) else []
    past = {recipe.title: f" ({recipe.superseded})" for recipe in recipes if recipe.superseded}
    return groups + [Group(title + past.get(title, ""), True, filled[title]) for title in shown or [recipes[0].title]]


def foreign(tables: Sequence[Table], results: Sequence[Result]) -> list[str]:
    """A sentence for each result that bears an experiment's name but was made with other settings."""
    runs = {run.name: run for run in all_runs(tables)}
    sentences = []
    for result in results:
        if result.name in runs and (names := result.differing(runs[result.name])):
            sentences.append(f"{result.name} counts in no table: its {', '.join(names)} must be as in experiments/")
    return sentences


HEADS = {False: ("paper",), True: ("ours", "runs", "epochs", "px", "hardware")}  # of a group: the paper's, ours


def as_text(table: Table, results: Sequence[Result]) -> str:
    """The table for a terminal: aligned columns, numbers to the right."""
    parts = [f"{table.title} ({table.what})"]
    for block in fill(table, results):
        headings = [group.title if i == 0 else "" for group in block.groups for i, _ in enumerate(HEADS[group.ours])]
        heads = [head for group in block.groups for head in HEADS[group.ours]]
        cells = [
            [text for group in block.groups for text in _texts(group.cells[i], group.ours, table.decimals)]
            for i in range(len(table.rows))
        ]
        if not table.recipes:
            headings, heads = [], headings
        parts.append(_aligned(block.title, headings, heads, [row.title for row in table.rows], cells))
    return "\n\n".join(parts)


def _texts(value: Number | None, ours: bool, decimals: int) -> list[str]:
    """A cell as `HEADS` has it."""
    if value is None:
        return [""] * len(HEADS[ours])
    if not ours:
        return [value.text(decimals)]
    sizes, hardware = (", ".join(map(str, of)) for of in (value.pixels, value.hardware))
    return [value.text(decimals), str(value.runs), str(value.epochs), sizes, hardware]


def _aligned(title: str, headings: list[str], heads: list[str], names: list[str], cells: list[list[str]]) -> str:
    first = max(map(len, [title, *names]))
    widths = [max(len(row[i]) for row in [heads, *cells]) for i in range(len(heads))]
    top = _heading_line(headings, widths, first)
    lines = [title.ljust(first) + "".join(f"  {head:>{width}}" for head, width in zip(heads, widths, strict=True))]
    for name, row in zip(names, cells, strict=True):
        lines.append(name.ljust(first) + "".join(f"  {text:>{width}}" for text, width in zip(row, widths, strict=True)))
    return "\n".join(line.rstrip() for line in ([top] if top.strip() else []) + lines)


def _heading_line(headings: list[str], widths: list[int], first: int) -> str:
    """The groups' titles, each where its first column begins."""
    line, at = " " * first, first
    for heading, width in zip(headings, widths, strict=False):
        if heading:
            line = line.ljust(at + 2) + heading + " "
        at += width + 2
    return line


@dataclass(frozen=True)
class BetaLine:
    """Error against β of one method. ours: or the paper's; points: (β, mean, standard deviation or None)."""

    method: str
    ours: bool
    points: list[tuple[float, float, float | None]]


def beta_lines(table: Table, column: Column, results: Sequence[Result]) -> dict[str, list[BetaLine]]:
    """Error against β by chart title, for every method that a table tries with several β and all else equal.

    The paper's numbers share a chart with ours of the paper's own recipe; other recipes of ours have their own.
    """
    by_name = {result.name: result for result in results}
    tried: dict[tuple, list[Row]] = {}
    for row in sorted((row for row in table.rows if "beta" in row.settings), key=lambda row: row.settings["beta"]):
        others = sorted((name, str(value)) for name, value in row.settings.items() if name not in ("beta", "method"))
        tried.setdefault((row.settings["method"], *others), []).append(row)
    tried = {key: rows for key, rows in tried.items() if len(rows) > 1}
    charts: dict[str, list[BetaLine]] = {}
    for (method, *_), rows in tried.items():
        given = [(row.settings["beta"], paper_number(row, column)) for row in rows]
        if points := _points(given):
            charts.setdefault(column.title, []).append(BetaLine(method, False, points))
        for recipe in table.recipes:
            found = [(row.settings["beta"], cell(table, row, column, recipe, by_name)) for row in rows]
            if recipe.covers(column) and (points := _points(found)):
                title = column.title if recipe.scale == "paper" else f"{column.title}, {recipe.title}"
                charts.setdefault(title, []).append(BetaLine(method, True, points))
    return charts


def _points(measured: Sequence[tuple[float, Number | None]]) -> list[tuple[float, float, float | None]]:
    return [(beta, value.mean, value.sd) for beta, value in measured if value]
