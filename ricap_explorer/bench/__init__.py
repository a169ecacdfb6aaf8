"""What RICAP Explorer costs, as ratios: each thing beside a plain way to do the like, measured in one run."""

import json
from collections.abc import Callable
from dataclasses import asdict
from functools import partial
from pathlib import Path

from ..errors import InputError
from ..folders import write_file
from ..training.provenance import provenance
from .browser import beta, cam, drag, hide, usable, waited
from .compute import WRN, device, hardware_share, mixing, ricap_cutmix, step_fast, step_loader, step_replay, step_ricap
from .compute import throughput as throughput
from .measure import Row
from .page import cam_answer, first_cam, page_start, patch_update

ROWS: dict[str, Callable[[], Row]] = {
    "ricap": partial(mixing, "ricap", False, bar=2.0),
    "ricap-per-sample": partial(mixing, "ricap", True, bar=3.0),
    "ricap-drawn": partial(mixing, "ricap", False, bar=2.0, drawn=True),
    "ricap-drawn-per-sample": partial(mixing, "ricap", True, bar=3.0, drawn=True),
    "ricap-cutmix": ricap_cutmix,
    "mix-cutout": partial(mixing, "cutout"),
    "mix-mixup": partial(mixing, "mixup"),
    "mix-cutmix": partial(mixing, "cutmix"),
    "step-ricap": step_ricap,
    "step-fast": step_fast,
    "step-loader": step_loader,
    "gpu-replay": step_replay,
    "gpu-compile": partial(step_replay, compiled=True),
    "rate-looknet": partial(hardware_share, "looknet", 64, 128),
    "gpu-rate-looknet": partial(hardware_share, "looknet", 128, 128, replayed=True),
    "gpu-rate-looknet-compiled": partial(hardware_share, "looknet", 128, 128, replayed=True, compiled=True),
    "gpu-rate-wide_resnet50_2": partial(hardware_share, "wide_resnet50_2", 128, 224, replayed=True),
    "rate-wide_resnet": partial(hardware_share, "wide_resnet", 128, 32, 2.5, **WRN),
    "rate-wide_resnet-compiled": partial(hardware_share, "wide_resnet", 128, 32, 2.5, compiled=True, **WRN),
    "gpu-rate-wide_resnet-replayed": partial(hardware_share, "wide_resnet", 128, 32, 2.5, replayed=True, **WRN),
    "gpu-rate-wide_resnet-both": partial(hardware_share, "wide_resnet", 128, 32, 2.5, True, True, **WRN),
    "cam": cam_answer,
    "patch": patch_update,
    "start": page_start,
    "first-cam": first_cam,
    "browser-drag": partial(waited, "drag, until the picture follows", drag, 0.05),
    "browser-drag-95": partial(waited, "drag, until the picture follows", drag, 0.1, upper=True),
    "browser-beta": partial(waited, "β slider, until the picture follows", beta, 0.05),
    "browser-beta-95": partial(waited, "β slider, until the picture follows", beta, 0.1, upper=True),
    "browser-cam": partial(waited, "CAM of five networks, until visible", cam, 0.7),
    "browser-hide": partial(waited, "hot spot hidden, five answers visible", hide, 0.5),
    "browser-first": partial(waited, "first visit, until the patch is visible", None, 2.5),
}
SLOW = "rate-wide_resnet"  # minutes on a CPU


def line(what: str, median: str, against: str, reference: str, ratio: str, bar: str, ok: str) -> str:
    """A line of the table."""
    return f"{what:42} {median:>10}   {against:19} {reference:>10} {ratio:>8} {bar:>8}  {ok}".rstrip()


def choose_rows(only: str) -> dict[str, Callable[[], Row]]:
    """The rows whose names begin with `only`, or with one of several such with commas between; '' takes all.

    What takes minutes on a CPU, or needs a browser that is not there, comes only where it is asked for; what only a GPU
    does, only there.
    """
    gpu = device().type == "cuda"
    rows = {name: measure for name, measure in ROWS.items() if gpu or not name.startswith("gpu")}
    asked = {name: measure for name, measure in rows.items() if name.startswith(tuple(only.split(",")))}
    if not asked:
        raise InputError(f"--only must begin one of {', '.join(rows)}; got {only!r}")
    named = tuple(word for word in only.split(",") if len(word) > len("rate-"))  # which asks for all rates
    slow = [] if gpu else [name for name in asked if name.startswith(SLOW) and not name.startswith(named)]
    absent = [] if only or usable() else [name for name in asked if name.startswith("browser")]
    return {name: measure for name, measure in asked.items() if name not in slow + absent}


def bench(only: str = "", json_file: Path | None = None) -> list[Row]:
    """Measure the rows that `only` chooses, printing the table as it grows; also into a JSON file."""
    chosen = choose_rows(only)
    if json_file and (json_file.is_dir() or not json_file.parent.is_dir()):
        raise InputError(f"--json must be a file in an existing folder; got {json_file}")
    print(line("what", "median", "reference", "median", "ratio", "bar", "ok"), flush=True)
    rows = {}
    for name, measure in chosen.items():
        rows[name] = row = measure()
        times = [f"{1000 * value:.2f} ms" for value in (row.seconds, row.reference)]
        bar, ok = ("", "") if row.bar is None else (f"<= {row.bar:g}", "yes" if row.ok else "no")
        print(line(row.what, times[0], row.against, times[1], f"{row.ratio:.2f}", bar, ok), flush=True)
        if json_file:
            _write(json_file, rows)
    return list(rows.values())


def _write(path: Path, rows: dict[str, Row]) -> None:
    values = {name: asdict(row) | {"ratio": row.ratio, "ok": row.ok} for name, row in rows.items()}
    content = json.dumps({"card": provenance(device()), "rows": values}, indent=1) + "\n"
    write_file(path, content.encode(), "--json")
