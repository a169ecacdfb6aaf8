"""retrieve: do mixed images help a network to find captions, and captions to find images?"""

import dataclasses
import sys
from pathlib import Path
from typing import Annotated

import typer

from ..errors import InputError
from ..folders import write_file
from ..retrieval.recipe import Recipe
from .options import DataDir, Device, Means, check_out, with_options

START = Path("checkpoints/imagenette_looknet_standard-w32.e200.lr0.1_s0.safetensors")
METHODS = ("standard", "ricap")


@with_options(Recipe)
def retrieve(
    recipe: Recipe,
    dataset: Annotated[str, typer.Option(help="folder in the data dir with captions.csv (image,caption) and images/")],
    checkpoint: Annotated[Path, typer.Option(help="trained network to start from")] = START,
    method: Annotated[list[str] | None, typer.Option(help="repeat; others are set beside the first")] = None,
    beta: Annotated[float | None, typer.Option(help="of methods that have one; 0.3 if not given")] = None,
    seeds: Annotated[int, typer.Option(min=1, help="runs of each method")] = 3,
    folds: Annotated[int, typer.Option(help="parts; each is tested by networks that learn from the others")] = 5,
    tune: Annotated[
        bool,
        typer.Option("--tune", help="to choose settings: learn from all parts but two, of which the second is tested"),
    ] = False,
    data_dir: DataDir = Path("data"),
    device: Device = "auto",
    out: Means = Path("retrieval.json"),
    keep: Annotated[
        Path | None, typer.Option(help="folder for the ranks of every part; what it holds is not trained again")
    ] = None,
) -> None:
    """Fine-tune a network to find captions of images and images of captions, with and without mixing."""
    from ..mixing import create_method
    from ..retrieval.across import Study, compare
    from ..retrieval.captions import read_captioned
    from ..retrieval.learning import precision_on
    from ..retrieval.record import as_text
    from ..training.distributed import choose_device
    from ..training.provenance import provenance
    from ..zoo import read_checkpoint

    check_out(out, ".json")
    place = choose_device(device)
    methods = {name: create_method(name) for name in method or METHODS}
    if beta is not None:
        having = [name for name, one in methods.items() if hasattr(one, "beta")]
        if not having:
            raise InputError(f"--beta is for a --method that has one; {', '.join(methods)} have none")
        methods |= {name: create_method(name, beta=beta) for name in having}
    if len(methods) < 2:
        raise InputError(f"--method must name two methods at least; got {', '.join(methods)}")
    start = read_checkpoint(checkpoint)
    start.check_normal("retrieve begins with")
    study = Study(start, read_captioned(dataset, data_dir, recipe.kept_size), recipe, folds, tune)
    card = {
        "dataset": dataset, "images": len(study.data), "captions": sum(map(len, study.data.captions)), "folds": folds,
        "tuning": tune, "start": start.name, "model": start.card["model"], "parameters": start.card.get("parameters"),
        **dataclasses.asdict(recipe), "computed_in": precision_on(place), **provenance(place),
    }  # fmt: skip
    result = compare(study, methods, seeds, place, card, keep, lambda told: print(told, file=sys.stderr, flush=True))
    write_file(out, result.to_json().encode())
    print(as_text(result))
