"""All that was measured: runs with the tables that they fill, and evidence of trained networks."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from ..evidence import Evidence, list_evidence
from .groups import RunGroup, group_runs
from .report import foreign
from .results import Result, list_results
from .tables import EXPERIMENTS, Table, read_tables


@dataclass(frozen=True)
class Measured:
    """Results by name, tables in their order, evidence; problems: a sentence for each file that is none of them.

    foreign: a sentence for each result that bears a table's name and counts in none.
    """

    results: tuple[Result, ...] = ()
    tables: tuple[Table, ...] = ()
    problems: tuple[str, ...] = ()
    evidence: tuple[Evidence, ...] = ()
    foreign: tuple[str, ...] = ()

    @cached_property
    def groups(self) -> list[RunGroup]:
        """The runs of each table that has any, then all runs."""
        return group_runs(self.tables, self.results)

    @classmethod
    def read(cls, results: Path, experiments: Path = EXPERIMENTS) -> Measured:
        """What the folder `results` holds, and the tables of `experiments`; InputError for a broken table."""
        tables, (found, problems), (evidence, odd) = (
            read_tables(experiments),
            list_results(results),
            list_evidence(results),
        )
        return cls(tuple(found), tuple(tables), (*problems, *odd), tuple(evidence), tuple(foreign(tables, found)))
