"""All that was measured: runs with the tables that they fill, evidence of trained networks, retrieval."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from ..evidence import Evidence, list_evidence
from ..retrieval.record import Retrieval, list_retrieval
from .groups import RunGroup, group_runs
from .report import foreign
from .results import Result, list_results
from .tables import EXPERIMENTS, Table, read_tables


@dataclass(frozen=True)
class Measured:
    """Results by name, tables in their order, evidence, retrieval.

    problems: a sentence for each file that is none of them. foreign: one for each result that bears a table's name and
    counts in none.
    """

    results: tuple[Result, ...] = ()
    tables: tuple[Table, ...] = ()
    problems: tuple[str, ...] = ()
    evidence: tuple[Evidence, ...] = ()
    foreign: tuple[str, ...] = ()
    retrieval: tuple[Retrieval, ...] = ()

    @cached_property
    def groups(self) -> list[RunGroup]:
        """The runs of each table that has any, then all runs."""
        return group_runs(self.tables, self.results)

    @classmethod
    def read(cls, results: Path, experiments: Path = EXPERIMENTS) -> Measured:
        """What the folder `results` holds, and the tables of `experiments`; InputError for a broken table."""
        tables, (found, problems) = read_tables(experiments), list_results(results)
        (evidence, odd), (retrieval, others) = list_evidence(results), list_retrieval(results)
        told = tuple(foreign(tables, found))
        return cls(tuple(found), tuple(tables), (*problems, *odd, *others), tuple(evidence), told, tuple(retrieval))
