"""bench and results: numbers, new and old."""

import sys
from pathlib import Path
from typing import Annotated

import typer

from ..errors import InputError, choose
from .options import Results, check_results


def bench(
    only: Annotated[str, typer.Option(help="only the rows whose names begin so")] = "",
    json: Annotated[Path | None, typer.Option(help="also write the rows into this file")] = None,
    throughput: Annotated[
        bool, typer.Option("--throughput", help="print images per second of every mixing method instead")
    ] = False,
) -> None:
    """Measure what things cost, each beside a plain way to do the like; prints a table of ratios."""
    from .. import bench as measure

    if throughput:
        if only or json:
            raise InputError("--throughput prints a whole table; --only and --json, of the other one, must be left out")
        for line in measure.throughput():
            print(line, flush=True)
    else:
        measure.bench(only, json)


def results(
    table: Annotated[str, typer.Option(help="only this table; its name, as in experiments/*.toml")] = "",
    folder: Results = Path("results"),
) -> None:
    """Print every table: the paper's number, and ours with its runs, epochs and hardware."""
    from ..experiments import all_runs
    from ..experiments.measured import Measured
    from ..experiments.report import as_text
    from ..retrieval.record import TABLE
    from ..retrieval.record import as_text as retrieval_text

    check_results(folder)
    measured = Measured.read(folder)
    tables, found = measured.tables, measured.results
    if table:
        choose("--table", table, [known.name for known in tables])
    parts = [as_text(known, found) for known in tables if table in ("", known.name)]
    if table in ("", TABLE):
        parts += map(retrieval_text, measured.retrieval)
    print("\n\n\n".join(parts))
    named = {run.name for run in all_runs(tables)}
    others = sum(result.name not in named for result in found)
    none = [f"{others} result{'s belong' if others > 1 else ' belongs'} to no table"] if others else []
    for problem in (*measured.problems, *measured.foreign, *none):
        print(problem, file=sys.stderr)
