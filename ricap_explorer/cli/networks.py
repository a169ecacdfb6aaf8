"""train and evaluate."""

import os
import sys
from pathlib import Path
from typing import Annotated

import typer

from ..errors import InputError
from ..training.config import LARGEST, TrainConfig
from .options import DataDir, Device, with_options

RESUME = (
    "continue the run in the folder exactly, with the same options: only --image-size, --skip-corrupt and where it "
    "runs may change"
)


@with_options(TrainConfig)
def train(
    config: TrainConfig,
    resume: Annotated[bool, typer.Option("--resume", help=RESUME)] = False,
) -> None:
    """Train a network; its checkpoint and result end up in the run folder. Under torchrun: in many processes."""
    from ..training import train as run

    try:
        path = run(config, resume)
    except KeyboardInterrupt:
        print(_goes_on(config), file=sys.stderr)
        raise typer.Exit(130) from None
    if os.environ.get("RANK", "0") == "0":  # one of torchrun's processes reports
        print(path or _goes_on(config), file=sys.stdout if path else sys.stderr)
    if path is None:  # SIGTERM
        raise typer.Exit(143)


def _goes_on(config: TrainConfig) -> str:
    from ..training.folder import begun

    if not begun(config):
        return "Stopped; nothing is saved yet."
    return f"Stopped. The run in {config.folder} goes on with --resume."


def evaluate(
    checkpoint: Path,
    data_dir: DataDir = Path("data"),
    image_size: Annotated[
        list[int] | None, typer.Option(help="side in pixels, if not the card's; repeat to try several")
    ] = None,
    device: Device = "auto",
) -> None:
    """Test a checkpoint on what its training tested: the validation set, or the held-out part of the training set."""
    from ..training import evaluate as test
    from ..training.distributed import choose_device
    from ..zoo import read_checkpoint

    place = choose_device(device)
    found = read_checkpoint(checkpoint)
    card, sizes = found.card, image_size or [found.card["image_size"]]
    found.check_normal("evaluate tests")
    for size in sizes:
        if not 32 <= size <= LARGEST:
            raise InputError(f"--image-size must be between 32 and {LARGEST} pixels; got {size}")
    model, data = found.load().to(place), found.test_data(data_dir, place)
    for size in sizes:
        score = test(model, data, size)
        named = f"{size} px: " if len(sizes) > 1 else ""
        top5 = f", top-5 error: {score.top5_error:.2f} %" if len(card["classes"]) > 5 else ""
        print(f"{named}top-1 error: {score.error:.2f} %{top5}")
