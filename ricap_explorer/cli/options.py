"""What several commands share: options made of a dataclass, and files to be written."""

import dataclasses
import inspect
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any, TypeVar

import typer

from ..cam.methods import CAM_METHODS, LAYERS
from ..errors import InputError

Made = TypeVar("Made")
DataDir = Annotated[Path, typer.Option(help="where data sets live")]
Device = Annotated[str, typer.Option(help="auto, cpu or cuda")]
Networks = Annotated[list[Path], typer.Option(help="a trained network; repeat to compare several")]
Method = Annotated[str, typer.Option(help="one of " + ", ".join(CAM_METHODS))]
Layer = Annotated[str, typer.Option(help="one of " + ", ".join(LAYERS) + " (stage, counted from the end)")]
Count = Annotated[int | None, typer.Option(help="images, drawn at random; all if not given")]
Means = Annotated[Path, typer.Option(help="means, intervals and differences, a JSON file")]
Results = Annotated[Path, typer.Option("--results", help="folder of results")]
Runs = Annotated[Path, typer.Option(help="where run folders lie")]
Scale = Annotated[str, typer.Option(help="only cpu, gpu or paper (the paper's whole recipe)")]
OnlyRuns = Annotated[str, typer.Option(help="only runs whose names begin so")]


def with_options(settings: type) -> Callable:
    """Give a command one option per field of a dataclass; the command is called with the dataclass's value."""

    def decorate(command: Callable) -> Callable:
        own = list(inspect.signature(command).parameters.values())[1:]
        options = [
            inspect.Parameter(
                field.name,
                inspect.Parameter.KEYWORD_ONLY,
                default=field.default,
                annotation=Annotated[field.type, typer.Option(help=field.metadata["help"])],
            )
            for field in dataclasses.fields(settings)
        ]

        def call(**values) -> None:
            rest = {parameter.name: values.pop(parameter.name) for parameter in own}
            command(made_of(settings, values), **rest)

        keyword_only = [parameter.replace(kind=inspect.Parameter.KEYWORD_ONLY) for parameter in own]
        call.__signature__ = inspect.Signature(keyword_only + options)
        call.__name__, call.__doc__ = command.__name__, command.__doc__
        return call

    return decorate


def made_of(settings: type[Made], values: dict[str, Any]) -> Made:
    """The settings with the values of their options; an InputError that begins with a setting names its option."""
    try:
        return settings(**values)
    except InputError as error:
        first, *rest = str(error).split(" ", 1)
        option = f"--{first.replace('_', '-')}"
        raise InputError(" ".join([option, *rest]) if first in values else str(error)) from None


def check_out(out: Path, *endings: str) -> None:
    """InputError at once, before any work, for a file that cannot be written."""
    if out.suffix.lower() not in endings:
        raise InputError(f"--out must end in {' or '.join(endings)}; got {out}")
    if not out.parent.is_dir() or out.is_dir():
        raise InputError(f"--out must be a file in an existing folder; got {out}")


def check_results(folder: Path) -> None:
    """InputError for a folder of results that is none."""
    if not folder.is_dir():
        raise InputError(f"--results must be an existing folder; {folder} is none")


def check_seed(seed: int) -> None:
    """InputError for a seed below 0."""
    if seed < 0:
        raise InputError(f"--seed must be 0 or more; got {seed}")
