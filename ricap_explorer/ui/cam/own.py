"""One's own network: a visitor's checkpoint file, known to this visitor's page alone."""

from __future__ import annotations

import math
from dataclasses import replace
from hashlib import sha256
from pathlib import Path
from reprlib import repr as short
from typing import Any

import gradio as gr

from ...cards import same_data
from ...errors import InputError
from ...zoo import Checkpoint, read_checkpoint
from ..services import MAX_MODELS, MAX_NETWORK_MB, OWN_PREFIX, Services

KEPT = 4  # files that one page may add
LARGEST = 4096  # of a network's arguments
LONGEST = 100  # letters of a name
NAMES = ("dataset", "model", "method", "tag", "hardware")  # texts of a card that are shown
FLOATS = {"F16", "BF16", "F32", "F64"}  # smaller numbers would take several times the file's size in memory
RANGES = {  # of a card's numbers, where it has them
    "image_size": (8, 1024), "store_size": (8, 1024), "lr": (0, 1000), "crop_scale": (0, 1), "holdout": (0, 0.5),
    "epochs": (0, 10**6), "test_error": (0, 100), "fraction": (0, 1),
    "parameters": (0, 10**10),
}  # fmt: skip


def take(services: Services, own: dict[str, Checkpoint], file: str | None) -> tuple[dict[str, Checkpoint], str]:
    """One's own checkpoints with the one of an uploaded file, and its name; InputError for a file that is none.

    Its weights are loaded at once, so that what does not fit is told now, and the file may go. Only safetensors are
    read: nothing in a file is ever run.
    """
    path = Path(file or "")
    if path.suffix.lower() != ".safetensors":
        raise InputError(f"an own network must be a .safetensors file with a card, as train writes it; got {path.name}")
    if path.is_file() and path.stat().st_size > MAX_NETWORK_MB * 2**20:
        raise InputError(
            f"an own network must have at most {MAX_NETWORK_MB} MB; got {path.stat().st_size / 2**20:.0f} MB"
        )
    found = read_checkpoint(path)
    check_card(found)
    name = f"{OWN_PREFIX}{path.stem}:{sha256(path.read_bytes()).hexdigest()[:8]}"
    if len(own) >= KEPT and name not in own:
        raise InputError(f"a page takes at most {KEPT} networks of your own; open it anew to add others")
    services.models.own.get(name, found.load)
    return own | {name: replace(found, path=Path(f"{name}.safetensors"))}, name


def check_card(found: Checkpoint) -> None:
    """InputError where the card's numbers cannot be: what training writes is always so."""
    card, name = found.card, found.path.name
    for field, (least, most) in RANGES.items():
        if not (least <= card.get(field, most) <= most):
            raise InputError(f"{name}'s {field} must be from {least} to {most}; got {card[field]}")
    for field in NAMES:
        if len(text := card.get(field) or "") > LONGEST:
            raise InputError(f"{name}'s {field} must be a name of at most {LONGEST} letters; got {len(text)}")
    classes = card["classes"]
    if not (1 <= len(classes) <= 2000 and all(isinstance(one, str) for one in classes)):
        raise InputError(f"{name}'s classes must be 1 to 2000 names; its card holds something else")
    if len(set(classes)) < len(classes):
        raise InputError(f"{name}'s classes must be different names; its card has one twice")
    for field, least in (("mean", -LARGEST), ("std", 1e-6)):
        numbers = card[field]
        known = all(isinstance(one, int | float) and least <= one <= LARGEST for one in numbers)
        if len(numbers) != 3 or not known:
            raise InputError(f"{name}'s {field} must be three numbers from {least:g} to {LARGEST}; got {numbers}")
    for field in ("model_arguments", "method_settings"):
        numbers = [number for number in card.get(field, {}).values() if isinstance(number, int | float)]
        if not all(abs(number) <= LARGEST for number in numbers):
            raise InputError(f"{name}'s {field} must be at most {LARGEST}; got {short(max(numbers, key=abs))}")
    check_size(found)


def check_size(found: Checkpoint) -> None:
    """InputError unless the card's network has as many weights as the file, and as wide: else it may need any amount of
    memory."""
    import torch
    from safetensors import safe_open

    from ...models import create_model

    card = found.card
    with torch.device("meta"):
        model = create_model(card["model"], **card["model_arguments"] | {"num_classes": len(card["classes"])})
    with safe_open(found.path, "np") as file:
        slices = {key: file.get_slice(key) for key in file.keys()}
        held = sum(math.prod(one.get_shape()) for one in slices.values())
        kinds = {key: one.get_dtype() for key, one in slices.items()}
    weights = model.state_dict()
    wanted = sum(tensor.numel() for tensor in weights.values())
    if held != wanted:
        raise InputError(
            f"{found.path.name} must hold the {wanted} weights of the {card['model']} of its card; got {held}"
        )
    odd = {kinds[key] for key, tensor in weights.items() if key in kinds and tensor.is_floating_point()} - FLOATS
    if odd:
        allowed, got = (", ".join(sorted(some)) for some in (FLOATS, odd))
        raise InputError(f"{found.path.name}'s weights must be {allowed}; got {got}")


def build(services: Services, models: gr.CheckboxGroup) -> tuple[gr.State, Any]:
    """The button that takes a file in; gives the state with this page's own checkpoints, and the
    event after which there may be one more."""
    own = gr.State({})
    button = gr.UploadButton(
        "Add your own network", file_types=[".safetensors"], type="filepath", size="sm", elem_id="rx-own"
    )

    def add(known: dict[str, Checkpoint], file: str | None, chosen: list[str]) -> tuple[Any, ...]:
        try:
            known, name = take(services, known, file)
        except InputError as error:
            raise gr.Error(str(error), print_exception=False) from None
        all_known = services.plus(known).models.checkpoints
        choices = [(one.title, key) for key, one in all_known.items()]
        fitting = [key for key in chosen if key != name and same_data(all_known[key].card, all_known[name].card)]
        kept = fitting[: MAX_MODELS - 1]
        return known, gr.update(choices=choices, value=[*kept, name])

    added = button.upload(add, [own, button, models], [own, models], show_progress="minimal", api_visibility="private")
    return own, added
