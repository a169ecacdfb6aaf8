"""train and evaluate."""

import os
import sys
from pathlib import Path
from typing import Annotated

import typer

from ..errors import InputError
from ..training.config import TrainConfig
from .options import MAX_SIDE, with_options


@with_options(TrainConfig)
def train(
    config: TrainConfig,
    resume: Annotated[bool, typer.Option("--resume", help="continue the run in the folder exactly")] = False,
) -> None:
    """Train a network; its checkpoint and result end up in the run folder. Under torchrun: in many processes."""
    from ..training import train as run

    try:
        path = run(config, resume)
    except KeyboardInterrupt:
        print(_goes_on(config), file=sys.stderr)
        raise typer.Exit(130) from None
    if os.environ.get("RANK", "0") == "0":  # one of torchrun's processes reports
        print(path or _goes_on(config))


def _goes_on(config: TrainConfig) -> str:
    begun = (config.folder / "state.safetensors").exists()
    return f"Stopped. The run in {config.folder} goes on with --resume." if begun else "Stopped before the first step."


def evaluate(
    checkpoint: Path,
    data_dir: Annotated[Path, typer.Option(help="where data sets live")] = Path("data"),
    image_size: Annotated[int | None, typer.Option(help="side in pixels, if not the card's")] = None,
) -> None:
    """Test a checkpoint on the validation set of the data it was trained on."""
    from ..data import load_split
    from ..training import evaluate as test
    from ..zoo import read_checkpoint

    found = read_checkpoint(checkpoint)
    size = found.card["image_size"] if image_size is None else image_size
    if not 32 <= size <= MAX_SIDE:
        raise InputError(f"image_size must be between 32 and {MAX_SIDE} pixels; got {size}")
    model = found.load()
    split = load_split(found.card["dataset"], data_dir, "val", found.card.get("store_size", 224))
    if list(split.classes) != found.card["classes"]:
        raise InputError(f"the images in {data_dir} must be of the classes that {checkpoint.name} knows; they are not")
    score = test(model, split, size)
    print(f"top-1 error: {score.error:.2f} %\ntop-5 error: {score.top5_error:.2f} %")
