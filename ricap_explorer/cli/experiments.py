"""experiments: the wanted runs, and training those that are missing."""

import os
from pathlib import Path
from typing import Annotated

import typer

from ..errors import InputError
from ..folders import check_folders
from .options import DataDir, Device, OnlyRuns, Results, Runs, Scale, check_results

experiments = typer.Typer(invoke_without_command=True, help="List the wanted runs, or train those that are missing.")


@experiments.callback()
def list_experiments(
    context: typer.Context,
    scale: Scale = "",
    only: OnlyRuns = "",
    folder: Results = Path("results"),
    runs: Runs = Path("runs"),
) -> None:
    """List the wanted runs, the most wanted first: which are done, running, stopped, missing, or at their end
    with settings other than those wanted now (differs)."""
    from ..experiments.status import listing

    if context.invoked_subcommand is None:
        check_results(folder)
        print(listing(scale, only, folder, runs))
        return
    given = [name for name in context.params if context.get_parameter_source(name).name == "COMMANDLINE"]
    if given:
        raise InputError(
            f"options must follow the command {context.invoked_subcommand}; got {', '.join(given)} before it"
        )


@experiments.command("run")
def run_experiments(
    budget: Annotated[float, typer.Option(help="seconds after which to stop; what is unfinished can go on later")],
    out: Annotated[Path, typer.Option(help="where run folders lie; unfinished ones there go on")] = Path("runs"),
    source: Annotated[
        Path | None, typer.Option("--from", help="first take over the runs of this folder or pack")
    ] = None,
    pack: Annotated[Path | None, typer.Option(help="finally pack all runs into a few files here")] = None,
    scale: Scale = "",
    only: OnlyRuns = "",
    jobs: Annotated[int, typer.Option(min=1, help="runs at a time")] = 1,
    folder: Annotated[Path, typer.Option("--results", help="results of runs that are done")] = Path("results"),
    data_dir: DataDir = Path("data"),
    device: Device = "auto",
    compile: Annotated[
        bool, typer.Option("--compile", help="compile networks: a slow start, then faster steps")
    ] = False,
) -> None:
    """Train the most wanted missing runs for a while; a run that fails does not stop the others."""
    from ..experiments.queue import run_missing

    machine = {"data_dir": str(data_dir), "device": device, "workers": min(16, os.cpu_count() or 1)}
    machine |= {"compile": True} if compile else {}
    run_missing(budget, out, source, pack, scale, only, jobs, folder, machine)


@experiments.command("collect")
def collect_experiments(
    source: Annotated[Path, typer.Argument(help="a folder of run folders, or of a pack", show_default=False)],
    runs: Runs = Path("runs"),
    folder: Results = Path("results"),
) -> None:
    """Take over runs from elsewhere: all into the run folders, finished ones' results into the results."""
    from ..experiments.pack import unpack
    from ..experiments.results import publish

    check_folders(runs=runs, results=folder)
    for name in unpack(source, runs):
        print(f"{name}: is further in {runs} already, and stays so")
    print("\n".join(publish(runs, folder)) or "no new result")
