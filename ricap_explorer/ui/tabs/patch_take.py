"""Take it away: a draw as a picture, a figure, a plan and the lines that make it again; and a plan brought back in."""

from __future__ import annotations

import shlex
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import gradio as gr

from ...classes import IMAGENETTE
from ...errors import InputError, choose
from ...figures.encode import data_uri, png_bytes
from ...folders import seen_from_here
from ..answers import answered
from ..patching import Patched, parse_seed, patch
from ..pictures import CANVAS
from ..services import Services
from ..static_files import static

if TYPE_CHECKING:
    from ...mixing import RicapPlan

KINDS = {"png": "image/png", "svg": "image/svg+xml", "pdf": "application/pdf", "json": "application/json"}
PYTHON = """import torch
from ricap_explorer.data import read_image, square_image, to_tensor
{imports}

files = {files}
images = torch.stack([to_tensor(square_image(read_image(file), {side})) for file in files])
plan = {plan}
patched = plan.apply(images)[0]  # (3, {side}, {side}), uint8
targets = plan.targets(torch.tensor({labels}), num_classes={classes})  # {names}
"""


def patched_of(services: Services, state: dict) -> Patched:
    """The page's state {"slots", "beta", "seed", "moved"} as a patched image."""
    return patch(services, *(state[name] for name in ("slots", "beta", "seed", "moved")))


def take_away(services: Services, state: dict) -> dict[str, str]:
    """The lines that make this draw again: {"python", "shell", "json"}, and "uploads" where a file is the visitor's."""
    patched = patched_of(services, state)
    uploads = [k + 1 for k, slot in enumerate(state["slots"]) if slot.startswith("upload:")]
    return {
        "python": python_lines(services, state, patched),
        "shell": command_line(services, state),
        "json": patched.plan.to_json(),
        "uploads": _uploads(uploads),
    }


def _uploads(slots: list[int]) -> str:
    if not slots:
        return ""
    which = f"slot {slots[0]}" if len(slots) == 1 else f"slots {', '.join(map(str, slots))}"
    return f"Uploaded pictures are not in a link: {which} will open with a sample; keep the file for the lines below."


def file_of(services: Services, slot: str) -> str:
    """Where a picture lies, as a command takes it; an upload is only its file's name."""
    if slot not in services.pictures.files:
        return services.pictures.get(slot).file
    return seen_from_here(services.pictures.files[slot][1])


def python_lines(services: Services, state: dict, patched: Patched) -> str:
    """Python that makes the very pixels and the label."""
    classes = class_list(services, patched.names)
    moved = state["moved"] is not None
    plan = f"draw_one(beta={float(state['beta'])!r}, seed={parse_seed(state['seed'])}, side={CANVAS})"
    return PYTHON.format(
        imports="from ricap_explorer.mixing" + (" import RicapPlan" if moved else ".ricap import draw_one"),
        files="[\n" + "".join(f"    {file_of(services, slot)!r},\n" for slot in state["slots"]) + "]",
        side=CANVAS,
        plan=_literal(patched.plan) if moved else plan,
        labels=[classes.index(name) for name in patched.names],
        classes=len(classes),
        names=", ".join(" ".join(name.split()) for name in patched.names),
    )


def class_list(services: Services, names: Sequence[str]) -> list[str]:
    """The classes that labels are numbers of: Imagenette's, or those of a network that knows more of these names; what
    is in no list, as an upload, comes last."""
    known = [checkpoint.card["classes"] for checkpoint in services.models.checkpoints.values()]
    classes = max([list(IMAGENETTE.values()), *known], key=lambda one: len({*names} & {*one}))
    return [*classes, *(name for name in dict.fromkeys(names) if name not in classes)]


def _literal(plan: RicapPlan) -> str:
    fields = (f"{name}={getattr(plan, name)}" for name in ("size", "boundary", "corners", "sources"))
    return "RicapPlan(\n" + "".join(f"    {field},\n" for field in fields) + ")"


def command_line(services: Services, state: dict) -> str:
    """The command that writes the very pixels; a moved plan is read from the JSON file beside it."""
    files = [file_of(services, slot) for slot in state["slots"]]
    files = [shlex.quote(f"./{file}" if file.startswith("-") else file) for file in files]  # else it is an option
    drawn = ["--beta", repr(float(state["beta"])), "--seed", str(parse_seed(state["seed"]))]
    options = drawn if state["moved"] is None else ["--plan", "plan.json"]
    return " ".join(["python -m ricap_explorer patch", *files, *options, "--out patched.png"])


def file_content(services: Services, state: dict, kind: str) -> bytes:
    """The draw as a file: png, the patched image pixel by pixel; svg or pdf, the whole figure; json, the plan."""
    choose("file", kind, KINDS)
    patched = patched_of(services, state)
    if kind == "png":
        return png_bytes(patched.image)
    if kind == "json":
        return (patched.plan.to_json() + "\n").encode()
    from ...figures.sheet import sheet

    pictures = [picture.image for picture in patched.pictures]
    return sheet(patched.plan, pictures, patched.names, patched.image, patched.shares, float(state["beta"]), kind)


def read_plan(text: str) -> dict:
    """What a plan's JSON moves: {"boundary", "corners"}; InputError for a plan of another kind or size."""
    from ...mixing.ricap import read_one

    plan = read_one(text)
    if plan.size != (CANVAS, CANVAS):
        raise InputError(f"the plan must be for {CANVAS} x {CANVAS} pixels; got {plan.size[1]} x {plan.size[0]}")
    return {"boundary": plan.boundary, "corners": plan.corners}


def build(services: Services) -> gr.HTML:
    """The section at the foot of the tab. Its server functions answer {"error": sentence} to bad input."""

    def lines(state: dict) -> dict[str, str]:
        return answered(take_away, services, state)

    def file(asked: dict) -> dict[str, str]:
        return answered(_file, services, asked["state"], asked["kind"])

    def plan(text: str) -> dict[str, Any]:
        return answered(lambda: {"moved": read_plan(text)})

    return gr.HTML(
        None,
        html_template=static("take.html"),
        js_on_load=static("asked.js", "take.js"),
        server_functions=[lines, file, plan],
        apply_default_css=False,
        elem_id="rx-take",
    )


def _file(services: Services, state: dict, kind: str) -> dict[str, str]:
    uri = data_uri(file_content(services, state, kind), KINDS[kind])
    return {"uri": uri, "name": f"{'plan' if kind == 'json' else 'ricap'}.{kind}"}
