"""compare: train in several ways, several times each, and tell who errs less."""

import os
import shlex
import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ..cards import file_name
from ..errors import InputError
from ..folders import result_file
from ..training.config import MIXING, TrainConfig, marked
from .options import made_of

if TYPE_CHECKING:
    from ..zoo import Checkpoint

ARMS = ("standard", "ricap")
TAKEN = ("--seed", "--out", "--resume")  # options of train that compare sets itself
ONE = ("dataset", "data_dir", "holdout", "skip_corrupt")  # settings that decide which images test a network


def compare(
    context: typer.Context,
    arm: Annotated[
        list[str],
        typer.Option(help="a way to train: a method, and options of train for it alone; repeat, the baseline first"),
    ] = list(ARMS),  # noqa: B006 - typer's way to give the default of a list
    seeds: Annotated[int, typer.Option(min=1, help="runs of each way, with the seeds from 0 on")] = 3,
    out: Annotated[Path, typer.Option(help="where run folders lie; runs there go on, or count as they are")] = Path(
        "runs"
    ),
) -> None:
    """Does it help on this data? Train in several ways, several times each, and tell who errs less.

    All other options are those of train, and hold for every way. Where nothing else is said, crop and test size are
    those that suit each method. A comparison that was stopped goes on with the same command.
    """
    from ..evidence.arms import misses, report
    from ..training.distributed import choose_device
    from ..training.run import train as run

    if "RANK" in os.environ:
        raise InputError("compare must run in one process; under torchrun there are train and evidence")
    ways = [_words(text, context.args) for text in arm]
    runs = [(_config([*words, "--seed", str(seed)], out), words) for seed in range(seeds) for words in ways]
    _check_ways([config for config, _ in runs[: len(ways)]])
    for config, _ in runs:
        _check_settings(config)
    _check_images([config for config, _ in runs])
    for words in ways:
        print(shlex.join(["train", *words]))
    for number, (config, words) in enumerate(runs, 1):
        print(f"{number}/{len(runs)} {config.name}", flush=True)
        made = _made([config for config, _ in runs])
        if not _finished(config) and (status := _trained(run, config, words, made)):
            print("Stopped. The same command goes on.", file=sys.stderr)
            raise typer.Exit(status)
    found = [_checkpoint(config) for config, _ in runs]
    first = runs[0][0]
    wrong = misses(found, first.data_dir, choose_device(first.device), first.loader, first.workers)
    print(f"\n{report(found, wrong)}\n\nTheir maps and curves: {_page(out, first)}")
    print(f"Where they look, what they bear: {_evidence(found, out, first)}")


def _page(out: Path, config: TrainConfig) -> str:
    """The command that shows these networks."""
    return shlex.join(
        ["python", "app.py", "--checkpoints", str(out), "--results", str(out), "--data-dir", str(config.data_dir)]
    )


def _evidence(found: "Sequence[Checkpoint]", out: Path, config: TrainConfig) -> str:
    """The commands that measure these networks, for the page to show."""
    file = out / "evidence" / f"{file_name(config.dataset)}.json"
    words = [word for checkpoint in found for word in ("--checkpoint", str(checkpoint.path))]
    words += ["--data-dir", str(config.data_dir), "--keep", str(file.parent), "--out", str(file)]
    made = shlex.join(["mkdir", "-p", str(file.parent)])
    return f"{made} && {shlex.join(['python', '-m', 'ricap_explorer', 'evidence', *words])}"


def _words(text: str, common: Sequence[str]) -> list[str]:
    """The options of train of one way; of two that say the same thing the latter holds."""
    try:
        own = shlex.split(text)
    except ValueError as error:
        raise InputError(f"--arm must be words as a shell has them; got {text!r} ({error})") from None
    if not own:
        raise InputError("--arm must be a method, or options of train for it alone; got ''")
    if any(word.partition("=")[0] == "--method" for word in common):
        raise InputError("compare takes methods by --arm, as in --arm standard --arm cutmix; got --method")
    if not own[0].startswith("-"):
        own = ["--method", *own]
    for word in (*own, *common):
        if word.partition("=")[0] in TAKEN:
            raise InputError(
                f"compare chooses the seed and the folder of every run and goes on by itself; got {word} (--seeds says "
                "how many runs of each way, --out before any --arm where they all lie)"
            )
    try:
        return [*_suited(_parsed([*common, *own])), *common, *own]
    except InputError as error:
        raise InputError(f"{error}{_way_out(str(error), common)}") from None


def _way_out(said: str, common: Sequence[str]) -> str:
    """What to do with a method's setting that was given for every way, though the method of one lacks it."""
    for name in marked(MIXING):
        option = f"--{name.replace('_', '-')}"
        if said.endswith(f"; got {name}") and any(given.partition("=")[0] == option for given in common):
            return f": give {option} for the ways alone that have it, as in --arm standard --arm 'ricap --beta 0.5'"
    return ""


def _suited(config: TrainConfig) -> list[str]:
    """Crop and test size as options of train, so that its command tells them where they were chosen for the method."""
    crop = ["--crop-scale", str(config.crop_scale)] if config.crop == "resized" else []
    return [*crop, "--image-size", str(config.image_size)]


def _config(words: Sequence[str], out: Path) -> TrainConfig:
    """The settings that options of train make, in a run folder of its own."""
    config = _parsed(words)
    return replace(config, out=out / config.name)


def _parsed(words: Sequence[str]) -> TrainConfig:
    """As train itself reads these options, with its errors."""
    from . import app

    command = typer.main.get_command(app).commands["train"]
    values = command.make_context("train", list(words)).params
    values.pop("resume")
    return made_of(TrainConfig, values)


def _check_ways(configs: Sequence[TrainConfig]) -> None:
    """InputError where two ways' runs would be one, or where their networks would be tested on different images."""
    names = [config.name for config in configs]
    for name in names:
        if names.count(name) > 1:
            raise InputError(f"every --arm must make runs of another name; {name} comes twice: give one a --tag")
    for setting in ONE:
        values = dict.fromkeys(str(getattr(config, setting)) for config in configs)
        if len(values) > 1:
            raise InputError(f"all --arm must have one {setting}; got {' and '.join(values)}")


def _check_settings(config: TrainConfig) -> None:
    """InputError where a run of that name lies in the folder that was made with other settings."""
    from ..training.folder import begun, check_folder

    if not begun(config):
        return
    try:
        saved = check_folder(config, resume=True)
    except InputError as error:
        raise InputError(f"{error}: compare with a --tag, or into another --out") from None
    if saved.get("image_size") != config.image_size:  # train would test it anew
        raise InputError(
            f"{config.folder} holds a run tested at {saved.get('image_size')} px; {config.image_size} are asked for: "
            "compare with a --tag, into another --out, or with that --image-size"
        )


def _check_images(configs: Sequence[TrainConfig]) -> None:
    """InputError where a run cannot learn from the images that there are, or finished ones learnt from others."""
    from ..evidence.arms import check_trained
    from ..training.folder import begun, changed_since
    from ..training.images import check_images

    cards = {one.name: one.card for one in _made(configs)}
    waiting = {config.name.removesuffix(f"_s{config.seed}"): config for config in configs if not _finished(config)}
    for config in configs:
        if begun(config) and not _finished(config) and changed_since(config):
            raise InputError(
                f"a run must learn from one set of images to its end; {config.folder} was begun with others than there "
                "are now: compare into another --out"
            )
    for config in waiting.values():  # a run of each way
        cards[config.name] = check_images(config) | ({} if config.loader == "auto" else {"loaded": config.loader})
    check_trained(cards)


def _made(configs: Sequence[TrainConfig]) -> "list[Checkpoint]":
    """The checkpoints of the runs that are finished."""
    return [_checkpoint(config) for config in configs if _finished(config)]


def _checkpoint(config: TrainConfig) -> "Checkpoint":
    from ..training.folder import checkpoint_file
    from ..zoo import read_checkpoint

    return read_checkpoint(checkpoint_file(config))


def _finished(config: TrainConfig) -> bool:
    """Whether the run folder holds the result and the checkpoint of just these settings."""
    from ..experiments import read_result
    from ..training.folder import checkpoint_file

    path = result_file(config.folder, config.name)
    card = read_result(path).card if path.exists() and checkpoint_file(config).exists() else {}
    return bool(card) and not config.differing(card)


def _trained(run, config: TrainConfig, words: Sequence[str], made: "Sequence[Checkpoint]") -> int:
    """The exit status of the run, 0 at its end; its card tells the command of train that makes it again.

    made: finished runs; a new one reads its images as they did, however much memory is free now.
    """
    from ..training.folder import begun

    resume = begun(config)
    if config.loader == "auto" and made and not resume:
        config = replace(config, loader=made[0].card.get("loaded", "auto"))
    try:
        path = run(config, resume, command=["train", *words, "--seed", str(config.seed)])
    except KeyboardInterrupt:
        return 130
    return 0 if path else 143  # SIGTERM
