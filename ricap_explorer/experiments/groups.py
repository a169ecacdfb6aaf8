"""Runs that belong together: those of one table, called what it calls them, and all that there are."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ..cards import fraction, holdout
from ..titles import (
    METHOD_TITLES,
    data_title,
    fewer_images,
    fine_tuned,
    length_title,
    method_title,
    model_title,
    run_title,
)
from .results import Result, counted
from .tables import Table

ALL = "all"
FIRST = 6  # runs that all begin with, where no table has any


@dataclass(frozen=True)
class RunGroup:
    """titles: {run's name: what it is called here}, no two alike, in order; first: the runs to begin with."""

    name: str
    title: str
    titles: Mapping[str, str]
    first: Sequence[str]


def group_runs(tables: Sequence[Table], results: Sequence[Result]) -> list[RunGroup]:
    """A group for each table in which any result counts, in the tables' order; then all results."""
    by_name = {result.name: result for result in results}
    groups = [group for table in tables if (group := _of_table(table, by_name))]
    titles = _all(results)
    first = groups[0].first if groups else _one_of_each([by_name[name].card for name in titles], list(titles))
    return [*groups, RunGroup(ALL, "all runs", titles, first)]


def containing(groups: Sequence[RunGroup], names: Sequence[str]) -> RunGroup:
    """The first group that has all of these runs; the last, where none has."""
    return next((group for group in groups if set(names) <= set(group.titles)), groups[-1])


def _of_table(table: Table, results: Mapping[str, Result]) -> RunGroup | None:
    """A table's runs, if it has any. First: a seed of each row, as the first column's last recipe trains it."""
    cells = [
        (column, recipe, row, found)
        for row, column, recipe in table.cells()
        if (found := counted(table.runs(row, column, recipe), results))
    ]
    if not cells:
        return None
    several_columns = len({column.key for column, *_ in cells}) > 1
    several_recipes = len({recipe.title for _, recipe, *_ in cells}) > 1
    titles = {}
    for column, recipe, row, found in cells:
        words = [column.title] * several_columns + [row.title.removeprefix("+ ")] + [recipe.title] * several_recipes
        for result in found:
            seed = result.card["seed"]
            titles[result.name] = ", ".join(words + [f"seed {seed}"] * bool(seed))
    begun = [cell for cell in cells if cell[0] is cells[0][0]]
    first = [found[0].name for _, recipe, _, found in begun if recipe is begun[-1][1]]
    how = "" if several_recipes else f" ({cells[0][1].title})"
    return RunGroup(table.name, table.title + how, titles, first)


def _one_of_each(cards: Sequence[dict[str, Any]], names: Sequence[str]) -> list[str]:
    """The first run of each kind: of those that differ in more than their seed."""
    kinds: dict[tuple, str] = {}
    for card, name in zip(cards, names, strict=True):
        kinds.setdefault((method_title(card), card.get("tag"), card["dataset"]), name)
    return list(kinds.values())[:FIRST]


def _all(results: Sequence[Result]) -> dict[str, str]:
    """Runs of a kind together, the longest first, then those that learnt from fewer images, those that tuned last; the
    data set is told if there are several."""
    longest: dict[tuple[str, str], int] = {}
    for result in results:
        longest[_subject(result)] = max(longest.get(_subject(result), 0), result.card["epochs"])
    ordered = sorted(results, key=lambda result: _kind(result, longest[_subject(result)]))
    return {result.name: _title(result, len(longest) > 1) for result in ordered}


def _subject(result: Result) -> tuple[str, str]:
    return result.card["dataset"], result.card["model"]


def _kind(result: Result, longest: int) -> tuple:
    methods = list(METHOD_TITLES)
    card = result.card
    method = methods.index(card["method"]) if card["method"] in methods else len(methods)
    return (
        holdout(card) > 0,
        -fraction(card),
        -longest,
        *_subject(result),
        -card["epochs"],
        method,
        method_title(card),
        card["seed"],
    )


def _title(result: Result, several: bool) -> str:
    """Method and seed, length, and the word that tells the run from others of its name."""
    card = result.card
    data = f"{data_title(card)}, {model_title(card)}: " if several else ""
    words = (f"{data}{run_title(card)}", length_title(card), fine_tuned(card), fewer_images(card), card.get("tag"))
    return ", ".join(filter(None, words))
