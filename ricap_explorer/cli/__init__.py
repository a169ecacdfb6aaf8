"""The command line: thin wrappers that parse, call and print. Bad input is one sentence and exit 2."""

import sys

import typer

from ..errors import InputError
from .compare import compare
from .experiments import experiments
from .look import cam, evidence, survey
from .measured import bench, results
from .networks import evaluate, train
from .patch import patch
from .retrieve import retrieve

ABOUT = "See what RICAP patches, train networks with and without it, and compare where they look."
app = typer.Typer(add_completion=False, no_args_is_help=True, pretty_exceptions_enable=False, help=ABOUT)
for command in (train, evaluate, patch, cam, survey, evidence, retrieve, bench, results):
    app.command()(command)
app.command(context_settings={"allow_extra_args": True, "ignore_unknown_options": True})(compare)
app.add_typer(experiments, name="experiments")


def main() -> int:
    """Run the command line; the exit status."""
    for stream in (sys.stdout, sys.stderr):
        # Windows' own encoding of files and pipes has no β, and a file's name need not be text
        stream.reconfigure(encoding="utf-8", errors="backslashreplace")
    try:
        code = app(standalone_mode=False)  # the code of a typer.Exit comes back, it is not raised
    except InputError as error:
        print(error, file=sys.stderr)
        return 2
    except PermissionError as error:
        what, why = error.filename or "a file", error.strerror or error
        print(f"{what} must be open to you; it is not ({why})", file=sys.stderr)
        return 2
    except Exception as error:
        if hasattr(error, "format_message"):  # click's own usage errors
            print(error.format_message(), file=sys.stderr)
            return 2
        raise
    return code if isinstance(code, int) else 0
