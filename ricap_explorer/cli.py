"""The command line: thin wrappers that parse, call and print. Bad input is one sentence and exit 2."""

import dataclasses
import inspect
import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from .cam.methods import CAM_METHODS, LAYERS
from .errors import InputError, choose
from .figures.colour import COLOUR_MAPS
from .training.config import TrainConfig

if TYPE_CHECKING:
    from PIL.Image import Image

    from .cam import View
    from .mixing import RicapPlan

MAX_SIDE = 4096  # pixels of a patched image

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
    """Train a network; its checkpoint and result end up in the run folder. Under torchrun: in many processes."""
    from .training import train as run

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


@app.command()
def evaluate(
    checkpoint: Path,
    data_dir: Annotated[Path, typer.Option(help="where data sets live")] = Path("data"),
    image_size: Annotated[int | None, typer.Option(help="side in pixels, if not the card's")] = None,
) -> None:
    """Test a checkpoint on the validation set of the data it was trained on."""
    from .data import load_split
    from .training import evaluate as test
    from .zoo import read_checkpoint

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


@app.command()
def patch(
    context: typer.Context,
    images: Annotated[list[Path], typer.Argument(help="four image files, for the regions 1 to 4", show_default=False)],
    beta: Annotated[str, typer.Option(metavar="<float>", help="the boundary is drawn from Beta(beta, beta)")] = "0.3",
    seed: Annotated[int, typer.Option(help="seed of the draw")] = 0,
    size: Annotated[int, typer.Option(help="side of the patched image in pixels")] = 320,
    plan: Annotated[Path | None, typer.Option(help="replay a plan that this command printed, from a JSON file")] = None,
    out: Annotated[Path, typer.Option(help="the patched image, a PNG file")] = Path("patched.png"),
) -> None:
    """Patch four images together with RICAP; prints the plan as JSON."""
    import torch

    from .data import read_image, square_image, to_tensor
    from .figures.encode import png_bytes

    if len(images) != 4:
        raise InputError(f"patch needs four images; got {len(images)}")
    given = [f"--{name}" for name in ("beta", "seed", "size") if context.get_parameter_source(name).name != "DEFAULT"]
    if plan and given:
        raise InputError(f"--plan settles everything and must stand alone; got {', '.join(given)} too")
    drawn = _read_plan(plan) if plan else _draw_plan(beta, seed, size)
    _check_out(out, ".png")
    squares = torch.stack([to_tensor(square_image(read_image(path), drawn.size[0])) for path in images])
    _write(out, png_bytes(drawn.apply(squares)[0].permute(1, 2, 0).numpy()))
    print(drawn.to_json())


@app.command()
def cam(
    image: Path,
    checkpoint: Annotated[list[Path], typer.Option(help="a trained network; repeat to compare several")],
    method: Annotated[str, typer.Option(help="one of " + ", ".join(CAM_METHODS))] = "cam",
    name: Annotated[str, typer.Option("--class", help="class to explain; own: each network's first choice")] = "own",
    scale: Annotated[str, typer.Option(help="shared: one colour scale for all networks; own: each its own")] = "shared",
    colours: Annotated[str, typer.Option(help="one of " + ", ".join(COLOUR_MAPS))] = "viridis",
    layer: Annotated[str, typer.Option(help="one of " + ", ".join(LAYERS) + " (stage, counted from the end)")] = "last",
    out: Annotated[Path, typer.Option(help="figure (.png, .pdf), arrays (.npz) or numbers (.csv)")] = Path("cam.png"),
) -> None:
    """Show where trained networks look, side by side; prints the five likeliest classes of each."""
    from .cam import inspect, problem, top
    from .data import read_image
    from .zoo import read_checkpoint

    choose("--method", method, CAM_METHODS)
    choose("--scale", scale, ("shared", "own"))
    choose("--colours", colours, COLOUR_MAPS)
    choose("--layer", layer, LAYERS)
    _check_out(out, ".png", ".pdf", ".npz", ".csv")
    picture = read_image(image)
    views = []
    for found in [read_checkpoint(path) for path in checkpoint]:
        classes = (_class_number(name, found.card["classes"]),)
        views.append(inspect(found.load(), picture, found.card, classes, method, found.title, layer))
    _write(out, _cam_file(out.suffix.lower(), picture, views, scale == "shared", colours, method))
    for view in views:
        print(view.title)
        for label, share in top(view.probabilities, 5, view.class_names):
            print(f"  {label:24} {100 * share:5.1f} %")
        if trouble := problem(view.maps[0]):
            print(f"  {trouble}")


def _cam_file(kind: str, picture: "Image", views: "list[View]", shared: bool, colours: str, method: str) -> bytes:
    """What the networks see as a file of that kind."""
    import numpy as np

    from .cam.export import arrays_npz, numbers_csv
    from .data import square_image
    from .figures.cams import SIZE, cams_figure, figure_bytes

    if kind == ".npz":
        return arrays_npz(views)
    if kind == ".csv":
        return numbers_csv(views).encode()
    square = np.asarray(square_image(picture, SIZE))
    return figure_bytes(cams_figure(square, views, shared, colours, method), kind[1:])


@app.command()
def survey(
    checkpoint: Annotated[list[Path], typer.Option(help="a trained network; repeat to compare several")],
    count: Annotated[int | None, typer.Option(help="images, drawn at random; all if not given")] = None,
    seed: Annotated[int, typer.Option(help="seed of the draw and of the bootstrap")] = 0,
    method: Annotated[str, typer.Option(help="one of " + ", ".join(CAM_METHODS))] = "cam",
    explained: Annotated[str, typer.Option("--class", help="truth, or own: each network's first choice")] = "truth",
    measure: Annotated[list[str] | None, typer.Option(help="also drop, curves or road; repeat for several")] = None,
    data_dir: Annotated[Path, typer.Option(help="where data sets live")] = Path("data"),
    device: Annotated[str, typer.Option(help="auto, cpu or cuda")] = "auto",
    out: Annotated[Path, typer.Option(help="every number of every image, a CSV file")] = Path("survey.csv"),
) -> None:
    """Measure trained networks' maps on many images of the validation set; prints means with 95 % intervals."""
    from .cam.many import Plan, run_survey
    from .cam.sample import sample_of
    from .cam.summary import as_csv, as_text
    from .training.distributed import choose_device
    from .zoo import read_checkpoint

    plan = Plan(method, explained, tuple(measure or ()))
    _check_out(out, ".csv")
    place = choose_device(device)
    found = [read_checkpoint(path) for path in checkpoint]
    sample = sample_of([one.card for one in found], data_dir, count, seed)
    models = [one.load().to(place) for one in found]
    result = run_survey(models, [one.card for one in found], [one.title for one in found], sample, plan)
    _write(out, as_csv(result, sample.names, sample.classes).encode())
    print(as_text(result, seed))


@app.command()
def evidence(
    checkpoint: Annotated[
        list[Path], typer.Option(help="a network, the standard one first; repeat, also for other seeds")
    ],
    count: Annotated[int | None, typer.Option(help="images, drawn at random; all if not given")] = None,
    patches: Annotated[int, typer.Option(min=1, help="RICAP patches that Focus is measured on")] = 2000,
    seed: Annotated[int, typer.Option(help="seed of squares, random maps, patches and bootstrap")] = 0,
    data_dir: Annotated[Path, typer.Option(help="where data sets live")] = Path("data"),
    device: Annotated[str, typer.Option(help="auto, cpu or cuda")] = "auto",
    out: Annotated[Path, typer.Option(help="means, intervals and differences, a JSON file")] = Path("evidence.json"),
) -> None:
    """Measure what RICAP is said to do, on the validation set: maps, hidden parts, crops, occlusion, calibration."""
    from .cam.sample import sample_of
    from .evidence.collect import collect
    from .evidence.verdicts import as_text
    from .training.distributed import choose_device
    from .training.provenance import provenance
    from .zoo import read_checkpoint

    _check_out(out, ".json")
    place = choose_device(device)
    found = [read_checkpoint(path) for path in checkpoint]
    sample = sample_of([one.card for one in found], data_dir, count, seed)
    card = {"dataset": found[0].card["dataset"], **provenance(place)}
    result = collect(found, sample, patches, seed, place, card)
    _write(out, result.to_json().encode())
    print(as_text(result))


@app.command()
def bench(
    only: Annotated[str, typer.Option(help="only the rows whose names begin so")] = "",
    json: Annotated[Path | None, typer.Option(help="also write the rows into this file")] = None,
    throughput: Annotated[
        bool, typer.Option("--throughput", help="print images per second of every mixing method instead")
    ] = False,
) -> None:
    """Measure what things cost, each beside a plain way to do the like; prints a table of ratios."""
    from . import bench as measure

    if throughput:
        for line in measure.throughput():
            print(line, flush=True)
    else:
        measure.bench(only, json)


@app.command()
def results(
    table: Annotated[str, typer.Option(help="only this table; its name, as in experiments/*.toml")] = "",
    folder: Annotated[Path, typer.Option("--results", help="folder of results")] = Path("results"),
) -> None:
    """Print every table: the paper's number, and ours with its runs, epochs and hardware."""
    from .experiments import list_results, read_tables
    from .experiments.report import as_text, foreign

    tables, (found, problems) = read_tables(), list_results(folder)
    if table:
        choose("--table", table, [known.name for known in tables])
    print("\n\n\n".join(as_text(known, found) for known in tables if table in ("", known.name)))
    for problem in problems + foreign(tables, found):
        print(problem, file=sys.stderr)


experiments = typer.Typer(invoke_without_command=True, help="List the wanted runs, or train those that are missing.")
app.add_typer(experiments, name="experiments")


@experiments.callback()
def list_experiments(
    context: typer.Context,
    scale: Annotated[str, typer.Option(help="only cpu, gpu or paper (the paper's whole recipe)")] = "",
    only: Annotated[str, typer.Option(help="only runs whose names begin so")] = "",
    folder: Annotated[Path, typer.Option("--results", help="folder of results")] = Path("results"),
    runs: Annotated[Path, typer.Option(help="where run folders lie")] = Path("runs"),
) -> None:
    """List the wanted runs, the most wanted first: which are done, running, stopped or missing."""
    from .experiments.status import listing

    if context.invoked_subcommand is None:
        print(listing(scale, only, folder, runs))


@experiments.command("run")
def run_experiments(
    budget: Annotated[float, typer.Option(help="seconds after which to stop; what is unfinished can go on later")],
    out: Annotated[Path, typer.Option(help="where run folders lie; unfinished ones there go on")] = Path("runs"),
    source: Annotated[
        Path | None, typer.Option("--from", help="first take over the runs of this folder or pack")
    ] = None,
    pack: Annotated[Path | None, typer.Option(help="finally pack all runs into a few files here")] = None,
    scale: Annotated[str, typer.Option(help="only cpu, gpu or paper (the paper's whole recipe)")] = "",
    only: Annotated[str, typer.Option(help="only runs whose names begin so")] = "",
    jobs: Annotated[int, typer.Option(min=1, help="runs at a time")] = 1,
    folder: Annotated[Path, typer.Option("--results", help="results of runs that are done")] = Path("results"),
    data_dir: Annotated[Path, typer.Option(help="where data sets live")] = Path("data"),
    device: Annotated[str, typer.Option(help="auto, cpu or cuda")] = "auto",
    compile: Annotated[
        bool, typer.Option("--compile", help="compile networks: a slow start, then faster steps")
    ] = False,
) -> None:
    """Train the most wanted missing runs for a while; a run that fails does not stop the others."""
    from .experiments.queue import run_missing

    machine = {"data_dir": str(data_dir), "device": device} | ({"compile": True} if compile else {})
    run_missing(budget, out, source, pack, scale, only, jobs, folder, machine)


@experiments.command("collect")
def collect_experiments(
    source: Annotated[Path, typer.Argument(help="a folder of run folders, or of a pack", show_default=False)],
    runs: Annotated[Path, typer.Option(help="where run folders lie")] = Path("runs"),
    folder: Annotated[Path, typer.Option("--results", help="folder of results")] = Path("results"),
) -> None:
    """Take over runs from elsewhere: all into the run folders, finished ones' results into the results."""
    from .experiments.pack import collect, unpack

    unpack(source, runs)
    print("\n".join(collect(runs, folder)) or "no new result")


def _draw_plan(beta: str, seed: int, size: int) -> "RicapPlan":
    """The draw of a seed for one patched image; image k fills region k."""
    from .mixing.ricap import draw_one

    _check_side(size)
    return draw_one(beta, seed, size)


def _read_plan(path: Path) -> "RicapPlan":
    """A plan for one square patched image from a JSON file."""
    from .mixing import RicapPlan, plan_from_json

    try:
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError):
        raise InputError(f"--plan must be a readable JSON file; {path} is none") from None
    plan = plan_from_json(text)
    if not isinstance(plan, RicapPlan) or plan.batch_size != 1 or plan.size[0] != plan.size[1]:
        raise InputError(f"--plan must hold a RICAP plan for one square image; {path} holds another")
    _check_side(plan.size[0])
    return plan


def _check_side(side: int) -> None:
    if not 8 <= side <= MAX_SIDE:
        raise InputError(f"the side of the patched image must be 8 to {MAX_SIDE} pixels; got {side}")


def _class_number(name: str, classes: list[str]) -> int | None:
    """The number of the class of that name, whatever its case; None for `own`."""
    if name == "own":
        return None
    numbers = {label.lower(): k for k, label in enumerate(classes)}
    if name.lower() not in numbers:
        raise InputError(f"--class must be own or one of {', '.join(classes)}; got {name!r}")
    return numbers[name.lower()]


def _check_out(out: Path, *endings: str) -> None:
    """InputError at once, before any work, for a file that cannot be written."""
    if out.suffix.lower() not in endings:
        raise InputError(f"--out must end in {' or '.join(endings)}; got {out}")
    if not out.parent.is_dir() or out.is_dir():
        raise InputError(f"--out must be a file in an existing folder; got {out}")


def _write(out: Path, content: bytes) -> None:
    try:
        out.write_bytes(content)
    except OSError as error:
        raise InputError(f"--out must be a file that can be written; {out} is not ({error.strerror})") from None


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
