"""Everything that a training run can be told: one frozen value. The command line is made from it.

Importing this needs no torch, so that `--help` answers at once; making a TrainConfig does.
"""

import dataclasses
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..errors import InputError, choose

if TYPE_CHECKING:
    from ..mixing import Method

SCHEDULES = ("cosine", "steps")


def option(default: Any, text: str) -> Any:
    """A setting with its default and its line of help."""
    return field(default=default, metadata={"help": text})


@dataclass(frozen=True)
class TrainConfig:
    """Settings of one training run; InputError at once for a value that makes no sense."""

    dataset: str = option("imagenette", "imagenette, or a folder under the data dir with train/ and val/ or test/")
    model: str = option("looknet", "network: looknet")
    width: int | None = option(None, "the network's width; its own default if not given")
    depth: int | None = option(None, "the network's depth; its own default if not given")
    method: str = option(
        "standard", "standard, cutout, mixup, cutmix, ricap; RICAP's ablations are image_mixing and label_mixing"
    )
    beta: float | None = option(None, "RICAP: boundary from Beta(beta, beta); 0.3 if not given")
    alpha: float | None = option(None, "mixup and CutMix: lam from Beta(alpha, alpha); 1 if not given")
    length: int | None = option(None, "cutout: side of the masked square in pixels")
    share: float | None = option(None, "cutout: the side as a share of the image's; 0.5 if no length is given")
    per_sample: bool | None = option(
        None, "a draw of its own for every image of the batch; the method's habit if not given"
    )
    epochs: int = option(30, "passes over the training set")
    batch_size: int = option(64, "images a step")
    image_size: int = option(192, "side in pixels that the network is tested and used at")
    train_size: int = option(128, "side in pixels of the training crops at the end of training")
    start_size: int | None = option(None, "side at the beginning, growing to train-size over two thirds of training")
    store_size: int = option(224, "side in pixels at which images are kept in memory")
    crop_scale: float = option(0.35, "random-resized crop: smallest share of the image's area; the largest is 1")
    lr: float = option(0.05, "highest learning rate")
    momentum: float = option(0.9, "Nesterov momentum")
    weight_decay: float = option(5e-4, "L2 penalty on convolution and linear weights")
    schedule: str = option("cosine", "cosine, or steps: x 0.2 at 30, 60 and 80 % of training, as the paper on CIFAR")
    warmup: float | None = option(
        None, "epochs over which the learning rate rises from 0; 2, or a quarter of a short run"
    )
    seed: int = option(0, "seed of every random number of the run")
    tag: str | None = option(None, "a word that tells this run from others of its name: letters, digits, dots")
    amp: bool = option(True, "bfloat16 autocast")
    device: str = option("auto", "auto, cpu or cuda")
    threads: int = option(0, "CPU threads; 0 takes torch's default")
    eval_every: int = option(1, "epochs between tests; the last one is always tested")
    data_dir: Path = option(Path("data"), "where data sets live")
    out: Path | None = option(None, "run folder; runs/<data set>_<model>_<method>_s<seed> if not given")

    def __post_init__(self) -> None:
        if self.warmup is None:
            object.__setattr__(self, "warmup", min(2.0, self.epochs / 4))
        choose("schedule", self.schedule, SCHEDULES)
        choose("device", self.device, ("auto", "cpu", "cuda"))
        self.create_method()
        self._check_model()
        for name in ("epochs", "batch_size", "eval_every"):
            self._check(name, getattr(self, name) >= 1, "at least 1")
        for name in ("image_size", "train_size", "start_size", "store_size"):
            value = getattr(self, name)
            self._check(name, value is None or value >= 32, "at least 32 pixels")
        self._check("start_size", (self.start_size or 0) <= self.train_size, f"at most train_size {self.train_size}")
        self._check("crop_scale", 0 < self.crop_scale <= 1, "above 0 and at most 1")
        self._check("lr", self.lr > 0, "positive")
        self._check("momentum", 0 < self.momentum < 1, "between 0 and 1 (Nesterov needs some)")
        self._check("weight_decay", self.weight_decay >= 0, "0 or more")
        self._check("warmup", 0 <= self.warmup < self.epochs, f"at least 0 and below the {self.epochs} epochs")
        self._check("threads", self.threads >= 0, "0 or more")
        self._check("seed", self.seed >= 0, "0 or more")
        self._check("tag", not self.tag or self.tag.replace(".", "").isalnum(), "letters, digits and dots")

    def _check(self, name: str, good: bool, allowed: str) -> None:
        if not good:
            raise InputError(f"{name} must be {allowed}; got {getattr(self, name)}")

    def _check_model(self) -> None:
        """The network itself says which arguments it takes; on the meta device no memory is touched."""
        import torch

        from ..models import create_model

        with torch.device("meta"):
            create_model(self.model, **self.model_arguments)

    @property
    def name(self) -> str:
        """Name of the run and of its checkpoint: <data set>_<model>_<method>[-<tag>]_s<seed>."""
        method = f"{self.method}-{self.tag}" if self.tag else self.method
        return f"{self.dataset.replace('/', '-')}_{self.model}_{method}_s{self.seed}"

    @property
    def folder(self) -> Path:
        """The run folder."""
        return self.out or Path("runs") / self.name

    @property
    def method_settings(self) -> dict[str, float | bool]:
        """The mixing method's settings that were given."""
        given = {name: getattr(self, name) for name in ("beta", "alpha", "length", "share", "per_sample")}
        return {name: value for name, value in given.items() if value is not None}

    @property
    def model_arguments(self) -> dict[str, int]:
        """The network's arguments, its own defaults where none was given."""
        from ..models import model_arguments

        given = {"width": self.width, "depth": self.depth}
        return model_arguments(self.model, **{name: value for name, value in given.items() if value is not None})

    def create_method(self) -> "Method":
        """The mixing method with its settings."""
        from ..mixing import create_method

        return create_method(self.method, **self.method_settings)

    def recipe(self) -> dict[str, Any]:
        """What decides the result, as JSON values: every field but where data and run lie and what computes it."""
        values = dataclasses.asdict(self)
        return {name: value for name, value in values.items() if name not in ("data_dir", "out", "device", "threads")}
