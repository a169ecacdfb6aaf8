"""The command line: thin wrappers that parse, call and print. Bad input is one sentence and exit 2."""

import dataclasses
import inspect
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Annotated

import typer

from .errors import InputError
from .training.config import TrainConfig

app = typer.Typer(add_completion=False, no_args_is_help=True, pretty_exceptions_enable=False, help=__doc__)


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
            command(settings(**values), **rest)

        keyword_only = [parameter.replace(kind=inspect.Parameter.KEYWORD_ONLY) for parameter in own]
        call.__signature__ = inspect.Signature(keyword_only + options)
        call.__name__, call.__doc__ = command.__name__, command.__doc__
        return call

    return decorate


@app.command()
@with_options(TrainConfig)
def train(
    config: TrainConfig,
    resume: Annotated[bool, typer.Option("--resume", help="continue the run in the folder exactly")] = False,
) -> None:
    """Train a network; its checkpoint and result end up in the run folder."""
    from .training import train as run

    try:
        print(run(config, resume))
    except KeyboardInterrupt:
        print(f"Stopped. Continue with the same command and --resume; the run lies in {config.folder}", file=sys.stderr)
        raise typer.Exit(130) from None


@app.command()
def evaluate(
    checkpoint: Path,
    data_dir: Annotated[Path, typer.Option(help="where data sets live")] = Path("data"),
) -> None:
    """Test a checkpoint on the validation set of the data it was trained on."""
    from .data import load_split
    from .training import evaluate as test
    from .zoo import read_checkpoint

    found = read_checkpoint(checkpoint)
    model = found.load()
    split = load_split(found.card["dataset"], data_dir, "val", found.card.get("store_size", 224))
    if list(split.classes) != found.card["classes"]:
        raise InputError(f"the images in {data_dir} must be of the classes that {checkpoint.name} knows; they are not")
    print(f"top-1 error: {test(model, split, found.card['image_size']).error:.2f} %")


def main() -> int:
    """Run the command line; the exit status."""
    try:
        code = app(standalone_mode=False)  # the code of a typer.Exit comes back, it is not raised
    except InputError as error:
        print(error, file=sys.stderr)
        return 2
    except Exception as error:
        if hasattr(error, "format_message"):  # click's own usage errors
            print(error.format_message(), file=sys.stderr)
            return 2
        raise
    return code if isinstance(code, int) else 0
