"""Tables of wanted runs: rows (how the images are augmented), columns (what is measured) and recipes (how to train).

A file of experiments/ holds [settings], [[column]], [[recipe]] and one [[table]] or more with its rows. A run's
settings are fields of TrainConfig: the file's, then the column's, the recipe's, the row's, the row's `at` that column.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ..cards import run_name
from ..errors import InputError, choose
from ..folders import REPOSITORY

EXPERIMENTS = REPOSITORY / "experiments"
SCALES = ("cpu", "gpu", "paper")
Settings = dict[str, Any]


@dataclass(frozen=True)
class Column:
    """What a column measures. metric: the field of a result's card that is its number; tag: part of its runs' tags."""

    key: str
    title: str
    settings: Settings = field(default_factory=dict)
    tag: str = ""
    metric: str = "test_error"


@dataclass(frozen=True)
class Recipe:
    """How long and on what to train. seconds: a guess for one run; want: the lower, the sooner; columns: () is all.

    superseded: why its numbers no longer count as findings; '' where they do. whole: see `Run`.
    """

    title: str
    scale: str
    settings: Settings
    seeds: Sequence[int]
    seconds: float
    want: int = 0
    tag: str = ""
    columns: Sequence[str] = ()
    superseded: str = ""
    whole: bool = False

    def covers(self, column: Column) -> bool:
        """Whether the recipe is one for this column."""
        return not self.columns or column.key in self.columns


@dataclass(frozen=True)
class Row:
    """One way to augment. paper: {column key: [mean] or [mean, standard deviation]}; at: {column key: settings}."""

    title: str
    settings: Settings = field(default_factory=dict)
    tag: str = ""
    want: int = 0
    paper: dict[str, list[float]] = field(default_factory=dict)
    at: dict[str, Settings] = field(default_factory=dict)


@dataclass(frozen=True)
class Run:
    """One training run that a table wants: settings are keyword arguments of TrainConfig.

    superseded: its recipe is; it is trained only where it is asked for by name. whole: its state is too large for a
    pack; where what is unfinished leaves in one, it has to come to its end in one go.
    """

    settings: Settings
    scale: str
    seconds: float
    want: int
    superseded: bool = False
    whole: bool = False

    @property
    def name(self) -> str:
        """Name of the run, as `run_name` has it."""
        return run_name(self.settings)


@dataclass(frozen=True)
class Table:
    """A table of the paper or of ours. what: the unit of its numbers; order: its place among the tables."""

    name: str
    title: str
    order: int
    what: str
    rows: Sequence[Row]
    columns: Sequence[Column]
    recipes: Sequence[Recipe] = ()
    settings: Settings = field(default_factory=dict)
    decimals: int = 2

    @property
    def subject(self) -> str:
        """Its title without the word ablation."""
        return self.title.removeprefix("Ablation, ").removeprefix("Ablation on ")

    @property
    def of_the_paper(self) -> bool:
        """Whether the paper has numbers for it."""
        return any(row.paper for row in self.rows)

    def runs(self, row: Row, column: Column, recipe: Recipe) -> list[Run]:
        """The runs of one cell, a seed each; later seeds are wanted less."""
        tag = ".".join(filter(None, (recipe.tag, column.tag, row.tag)))
        settings = self.settings | column.settings | recipe.settings | row.settings
        settings |= ({"tag": tag} if tag else {}) | row.at.get(column.key, {})
        want = recipe.want + row.want
        return [
            Run(
                settings | {"seed": seed},
                recipe.scale,
                recipe.seconds,
                want + 10 * i,
                bool(recipe.superseded),
                recipe.whole,
            )
            for i, seed in enumerate(recipe.seeds)
        ]

    def cells(self) -> Iterator[tuple[Row, Column, Recipe]]:
        """Every cell that a recipe covers."""
        for column in self.columns:
            for recipe in self.recipes:
                if recipe.covers(column):
                    yield from ((row, column, recipe) for row in self.rows)


def read_tables(folder: Path = EXPERIMENTS) -> list[Table]:
    """Every table of a folder's TOML files, in their order; InputError for a file that is none."""
    tables = [table for path in sorted(folder.glob("*.toml")) for table in _read(path)]
    return sorted(tables, key=lambda table: table.order)


def _read(path: Path) -> list[Table]:
    try:
        file = tomllib.loads(path.read_text(encoding="utf-8"))
        recipes = [Recipe(**values) for values in file.get("recipe", [])]
        shared = {"settings": file.get("settings", {}), "recipes": recipes, "decimals": file.get("decimals", 2)}
        tables = []
        for values in file["table"]:
            rows = [Row(**row) for row in values.pop("row")]
            columns = [Column(**column) for column in values.pop("columns", file.get("column", []))]
            if own := values.pop("recipes", []):
                values["recipes"] = [Recipe(**recipe) for recipe in own]
            tables.append(Table(**shared | values, rows=rows, columns=columns))
    except (OSError, KeyError, TypeError, ValueError) as error:
        raise InputError(f"{path.name} must be a table of experiments; it is none ({error})") from None
    return tables


def all_runs(tables: Sequence[Table]) -> list[Run]:
    """Every run of the tables once, the most wanted first; a run of several tables is as wanted as the keenest says."""
    runs: dict[str, Run] = {}
    for table in tables:
        for cell in table.cells():
            for run in table.runs(*cell):
                if run.name not in runs or _place(run) < _place(runs[run.name]):
                    runs[run.name] = run
    return sorted(runs.values(), key=_place)


def _place(run: Run) -> tuple[bool, int, str]:
    return run.superseded, run.want, run.name


def choose_runs(runs: Sequence[Run], scale: str = "", only: str = "") -> list[Run]:
    """The runs of a scale, and whose names begin with `only`; '' takes all but superseded ones.

    InputError for an unknown scale.
    """
    if scale:
        choose("--scale", scale, SCALES)
    wanted = [run for run in runs if scale in ("", run.scale) and run.name.startswith(only)]
    return [run for run in wanted if only or not run.superseded]


def command(settings: Settings) -> list[str]:
    """The arguments of the command line that train a run of these settings: train --dataset …"""
    words = ["train"]
    for name, value in settings.items():
        option = name.replace("_", "-")
        if isinstance(value, bool):
            words.append(f"--{option if value else 'no-' + option}")
        else:
            words += [f"--{option}", str(value)]
    return words
