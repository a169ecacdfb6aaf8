"""Published checkpoints: half-precision safetensors with a JSON card inside. No pickle anywhere.

Reading cards needs no torch, so that a page can list what there is before torch is imported.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from safetensors import SafetensorError, safe_open

from .cards import check_kinds, holdout, kept_size
from .errors import InputError
from .folders import aside, read_all, run_files
from .titles import run_title, titles_apart

if TYPE_CHECKING:
    import torch
    from torch import Tensor, nn

    from .data import Dataset

MAX_CARD = 1 << 20  # letters
NEEDED = (
    "dataset", "classes", "model", "model_arguments", "image_size", "mean", "std", "method", "method_settings", "seed",
    "epochs", "test_error", "hardware",
)  # fmt: skip


@dataclass(frozen=True)
class Checkpoint:
    """A trained network's file and its card; the weights are read by `load`.

    called: its title beside others, as `told_apart` gives it; '' where it stands alone.
    """

    path: Path
    card: dict[str, Any]
    called: str = ""

    @property
    def name(self) -> str:
        """File name without ending, as `run_name` has it."""
        return self.path.stem

    @property
    def title(self) -> str:
        """How a person calls it: the method and its settings, and what tells it from the others beside it."""
        return self.called or run_title(self.card)

    def load(self) -> nn.Module:
        """The network in float32 on the CPU, in evaluation mode; InputError where the weights do not fit the card."""
        import torch

        from .models import create_model

        card = self.card
        with _opened(self.path, "pt") as file:
            weights = {key: _float(file.get_tensor(key)) for key in file.keys()}
        model = create_model(card["model"], **card["model_arguments"] | {"num_classes": len(card["classes"])})
        try:
            model.load_state_dict(weights)
        except RuntimeError:
            raise InputError(
                f"{self.path.name} must hold the weights of the {card['model']} that its card names; it does not"
            ) from None
        return model.eval().to(memory_format=torch.channels_last)

    @property
    def digest(self) -> str:
        """Twelve hex digits of the file."""
        return hashlib.sha256(self.path.read_bytes()).hexdigest()[:12]

    def check_normal(self, doing: str) -> None:
        """InputError for a network of images that were normalised otherwise than ours are; `doing` begins the
        sentence."""
        from .data import MEAN, STD

        normal = [*self.card["mean"], *self.card["std"]]
        if normal != [*MEAN, *STD]:
            wanted = f"images normalised with ImageNet's mean {list(MEAN)} and std {list(STD)}"
            raise InputError(f"{doing} networks of {wanted}; {self.path.name}'s card has {normal}")

    def test_data(self, data_dir: Path, device: torch.device, loader: str = "auto", workers: int = 4) -> Dataset:
        """The images that the network's training tested it on, kept as there: of the validation set, or of the part of
        the training set that was held out. InputError as `open_data`, and where their classes are others by now."""
        from .data import open_data

        card = self.card
        data = open_data(
            card["dataset"], data_dir, "val", kept_size(card), device, loader, workers,
            skip_corrupt=card.get("skip_corrupt", False), holdout=holdout(card),
        )  # fmt: skip
        if list(data.classes) != card["classes"]:
            raise InputError(f"the images in {data_dir} must be of the classes that {self.name} knows; they are not")
        return data


def _float(tensor: Tensor) -> Tensor:
    return tensor.float() if tensor.is_floating_point() else tensor


def write_atomically(path: Path, tensors: dict[str, Tensor], metadata: dict[str, str]) -> None:
    """Write aside, then rename: a full disk (InputError) or a kill leaves the old file whole."""
    from safetensors.torch import save_file

    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        with aside(path) as part:
            save_file(tensors, part, metadata)
            part.chmod(0o644)
    except (OSError, SafetensorError) as error:
        reason = getattr(error, "strerror", None) or error
        raise InputError(f"{path.name} must be written; {reason}. What was there before is whole") from None


def write_checkpoint(path: Path, model: nn.Module, card: dict[str, Any]) -> None:
    """Save a network's weights in half precision with its card; what is too large for that stays as it is."""
    path = Path(path)
    weights = {key: _kept(value).cpu().contiguous() for key, value in model.state_dict().items()}
    write_atomically(path, weights, {"card": json.dumps(card)})


def round_as_kept(model: nn.Module) -> None:
    """Round a network's weights, in place, to what its checkpoint will hold."""
    model.load_state_dict({key: _kept(value) for key, value in model.state_dict().items()})


def _kept(tensor: Tensor) -> Tensor:
    if not tensor.is_floating_point():
        return tensor
    half = tensor.half()
    return half if half.isfinite().all() or not tensor.isfinite().all() else tensor


def read_checkpoint(path: Path) -> Checkpoint:
    """A checkpoint's card; InputError for a missing, damaged or foreign file."""
    path = Path(path)
    with _opened(path) as file:
        metadata = file.metadata() or {}
    try:
        if len(text := metadata.get("card", "")) > MAX_CARD:
            raise ValueError(f"its card has {len(text)} letters, more than {MAX_CARD}")
        card = json.loads(text)
        check_kinds(card, NEEDED)
    except RecursionError:
        raise InputError(f"{path.name} must carry a RICAP Explorer card; its card is nested too deeply") from None
    except json.JSONDecodeError:
        raise InputError(f"{path.name} must carry a RICAP Explorer card; it has none") from None
    except ValueError as error:
        raise InputError(f"{path.name} must carry a RICAP Explorer card; {error}") from None
    return Checkpoint(path, card)


def told_apart(checkpoints: Iterable[Checkpoint]) -> list[Checkpoint]:
    """The same checkpoints with titles of which no two are alike."""
    given = list(checkpoints)
    titles = titles_apart([checkpoint.card for checkpoint in given])
    return [replace(checkpoint, called=title) for checkpoint, title in zip(given, titles, strict=True)]


def list_checkpoints(folder: Path) -> tuple[list[Checkpoint], list[str]]:
    """Every readable checkpoint of a folder and of the run folders in it, and one sentence for each file that is none.

    Standard training comes first; of a method, the longest, and of those the one that errs least.
    """
    good, problems = read_all(run_files(Path(folder), ".safetensors"), read_checkpoint)
    return told_apart(sorted(good, key=_place)), problems


def _place(checkpoint: Checkpoint) -> tuple:
    card = checkpoint.card
    return card["method"] != "standard", card["method"], -card["epochs"], card["test_error"], checkpoint.name


def _opened(path: Path, framework: str = "np") -> Any:
    if not path.is_file():
        raise InputError(f"a checkpoint must be an existing .safetensors file; {path} is none")
    try:
        return safe_open(path, framework)
    except (SafetensorError, OSError):
        raise InputError(f"{path.name} must be a whole .safetensors file; it is damaged or something else") from None
