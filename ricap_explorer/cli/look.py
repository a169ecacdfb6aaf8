"""cam, survey and evidence: where trained networks look."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from ..cam.methods import ANY_LAYER, CAM_METHODS, EXPLAINED, FAITH, LAYERS
from ..errors import InputError, choose
from ..figures.colour import COLOUR_MAPS, OPACITY, SCALES
from ..folders import write_file
from .options import Count, DataDir, Device, Layer, Means, Method, Networks, check_out, check_seed

if TYPE_CHECKING:
    from PIL.Image import Image

    from ..cam import View
    from ..figures.heat import Style

DRAWN = ("scale", "colours", "cells", "contour", "opacity")  # options of figures alone


def cam(
    context: typer.Context,
    image: Path,
    checkpoint: Networks,
    method: Method = "cam",
    name: Annotated[str, typer.Option("--class", help="class to explain; own: each network's first choice")] = "own",
    scale: Annotated[
        str,
        typer.Option(help="mass: one scale, multiples of each map's mean; shared: one, raw values; own: one for each"),
    ] = "mass",
    colours: Annotated[str, typer.Option(help="one of " + ", ".join(COLOUR_MAPS))] = "viridis",
    layer: Layer = "last",
    cells: Annotated[bool, typer.Option("--cells", help="draw maps in their own grid cells, not smoothed")] = False,
    contour: Annotated[
        float, typer.Option(help="draw a contour line at this share of the colour scale; 0: none")
    ] = 0.0,
    opacity: Annotated[float, typer.Option(min=0, max=1, help="of the maps on the picture")] = OPACITY,
    out: Annotated[Path, typer.Option(help="figure (.png, .pdf), arrays (.npz) or numbers (.csv)")] = Path("cam.png"),
) -> None:
    """Show where trained networks look, side by side; prints the five likeliest classes of each."""
    from ..cam import inspect, problem, top
    from ..data import read_image
    from ..figures.heat import Style
    from ..zoo import read_checkpoint, told_apart

    choose("--method", method, CAM_METHODS)
    choose("--scale", scale, SCALES)
    choose("--colours", colours, COLOUR_MAPS)
    _check_layer(layer, method)
    check_out(out, ".png", ".pdf", ".npz", ".csv")
    drawn = [f"--{name}" for name in DRAWN if context.get_parameter_source(name).name != "DEFAULT"]
    if drawn and out.suffix.lower() in (".npz", ".csv"):
        raise InputError(f"a {out.suffix} holds numbers, of which nothing is drawn; got {', '.join(drawn)}")
    style = Style(scale, colours, not cells, contour)
    picture = read_image(image)
    views, side = [], 0
    for found in told_apart(read_checkpoint(path) for path in checkpoint):
        classes = (_class_number(name, found.card["classes"]),)
        views.append(inspect(found.load(), picture, found.card, classes, method, found.title, layer))
        side = max(side, found.card["image_size"])
    write_file(out, _cam_file(out.suffix.lower(), picture, side, views, style, method, layer, opacity))
    for view in views:
        print(view.title)
        for label, share in top(view.probabilities, 5, view.class_names):
            print(f"  {label:24} {100 * share:5.1f} %")
        if trouble := problem(view.maps[0]):
            print(f"  {trouble}")


def survey(
    checkpoint: Networks,
    count: Count = None,
    seed: Annotated[int, typer.Option(help="seed of the draw and of the bootstrap")] = 0,
    method: Method = "cam",
    explained: Annotated[str, typer.Option("--class", help="truth, or own: each network's first choice")] = "truth",
    layer: Layer = "last",
    measure: Annotated[list[str] | None, typer.Option(help=f"also {', '.join(FAITH)}; repeat for several")] = None,
    data_dir: DataDir = Path("data"),
    device: Device = "auto",
    out: Annotated[Path, typer.Option(help="every number of every image, a CSV file")] = Path("survey.csv"),
) -> None:
    """Measure trained networks' maps on many of their test images; prints means with 95 % intervals."""
    from ..cam.many import GROUPS, SurveyPlan, run_survey
    from ..cam.sample import sample_of
    from ..cam.summary import as_csv, as_text
    from ..training.distributed import choose_device
    from ..zoo import read_checkpoint, told_apart

    choose("--class", explained, EXPLAINED)
    choose("--method", method, CAM_METHODS)
    _check_layer(layer, method)
    for group in measure or ():
        choose("--measure", group, GROUPS)
    plan = SurveyPlan(method, explained, tuple(measure or ()), layer)
    check_out(out, ".csv")
    check_seed(seed)
    place = choose_device(device)
    found = told_apart(read_checkpoint(path) for path in checkpoint)
    sample = sample_of([one.card for one in found], data_dir, count, seed)
    models = [one.load().to(place) for one in found]
    result = run_survey(models, [one.card for one in found], [one.title for one in found], sample, plan)
    write_file(out, as_csv(result, sample.names, sample.classes).encode())
    print(as_text(result, seed))


def evidence(
    checkpoint: Annotated[
        list[Path], typer.Option(help="a network, a standard one first; repeat, also for other seeds")
    ],
    count: Count = None,
    patches: Annotated[int, typer.Option(min=1, help="RICAP patches that Focus is measured on")] = 2000,
    seed: Annotated[int, typer.Option(help="seed of squares, random maps, patches and bootstrap")] = 0,
    data_dir: DataDir = Path("data"),
    device: Device = "auto",
    out: Means = Path("evidence.json"),
    keep: Annotated[
        Path | None, typer.Option(help="folder for the numbers of every image; what it holds is not measured again")
    ] = None,
    note: Annotated[str, typer.Option(help="a sentence for the file to keep, and the page to show")] = "",
) -> None:
    """Measure what RICAP is said to do, on test images: maps, hidden parts, crops, occlusion, calibration."""
    from ..cam.sample import sample_of
    from ..evidence.collect import collect
    from ..evidence.verdicts import as_text
    from ..training.distributed import choose_device
    from ..training.precision import choose_precision
    from ..training.provenance import provenance
    from ..zoo import read_checkpoint

    check_out(out, ".json")
    check_seed(seed)
    place = choose_device(device)
    found = [read_checkpoint(path) for path in checkpoint]
    sample = sample_of([one.card for one in found], data_dir, count, seed)
    precision = {"computed_in": choose_precision("auto", place)}
    card = {"dataset": found[0].card["dataset"], **provenance(place), **precision} | ({"note": note} if note else {})
    card |= {"holdout": sample.holdout} if sample.holdout else {}
    result = collect(found, sample, patches, seed, place, card, keep)
    write_file(out, result.to_json().encode())
    print(as_text(result))


def _check_layer(layer: str, method: str) -> None:
    if choose("--layer", layer, LAYERS) != "last" and method not in ANY_LAYER:
        raise InputError(f"--layer {layer} needs a --method of {', '.join(ANY_LAYER)}; got {method}")


def _cam_file(kind: str, picture: "Image", side: int, views: "list[View]", style: "Style", *asked: Any) -> bytes:
    """What the networks see as a file of that kind. side: of the largest image that one of them is shown; asked:
    method, layer and opacity."""
    import numpy as np

    from ..cam.export import arrays_npz, numbers_csv
    from ..data import square_image
    from ..figures.cams import SIZE, cams_figure, figure_bytes
    from ..figures.looks import COARSE

    if kind == ".npz":
        return arrays_npz(views)
    if kind == ".csv":
        return numbers_csv(views).encode()
    square = np.asarray(square_image(picture, side if side <= COARSE else SIZE))
    return figure_bytes(cams_figure(square, views, style, *asked), kind[1:])


def _class_number(name: str, classes: list[str]) -> int | None:
    """The number of the class of that name, in another case only where a single one is meant; None for `own`."""
    if name == "own":
        return None
    alike = [k for k, label in enumerate(classes) if label.lower() == name.lower()]
    exact = [k for k in alike if classes[k] == name]
    if len(exact or alike) == 1:
        return (exact or alike)[0]
    if alike:
        raise InputError(f"--class must be one of {', '.join(classes[k] for k in alike)}, in that case; got {name!r}")
    raise InputError(f"--class must be own or one of {', '.join(classes)}; got {name!r}")
