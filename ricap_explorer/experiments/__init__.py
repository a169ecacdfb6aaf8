"""Experiments as data: tables of wanted runs and of the paper's numbers (experiments/*.toml), what was measured
(results/*.json), what is missing, and a queue that trains it. Only the queue's worker needs torch."""

from .report import fill
from .results import Result, list_results, read_result
from .tables import Run, Table, all_runs, read_tables

__all__ = ["Result", "Run", "Table", "all_runs", "fill", "list_results", "read_result", "read_tables"]
