"""Everything that a training run can be told: one frozen value. The command line is made from it.

Importing this needs no torch, so that `--help` answers at once; making a TrainConfig does.
"""

import dataclasses
import posixpath
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..cards import run_name
from ..errors import InputError, choose
from ..folders import weights_name
from ..titles import USUAL_RATE
from .plain import plain
from .suited import suited_crop, suited_size

if TYPE_CHECKING:
    from ..data import Augment
    from ..mixing import Method

SCHEDULES = ("cosine", "steps")
PRECISIONS = ("auto", "bf16", "fp16", "fp32")
DEVICES = ("auto", "cpu", "cuda")
LARGEST = 4096  # pixels of a side
# marks of settings. Another value of one makes: no other recipe; no other run for --resume; no other kind of run, whose
# seeds are summed up; no other run than a table wants. The last is of what mixing methods are told.
RECIPE, RESUMED, SEEDS, WANTED, MIXING = "recipe", "resumed", "seeds", "wanted", "mixing"
MACHINE = (RECIPE, RESUMED, SEEDS, WANTED)  # where a run lies and what computes it


def option(default: Any, text: str, *marks: str) -> Any:
    """A setting with its default, its line of help and its marks."""
    return field(default=default, metadata={"help": text, "marks": marks})


def marked(mark: str) -> list[str]:
    """The settings of a run that bear a mark."""
    return [one.name for one in dataclasses.fields(TrainConfig) if mark in one.metadata["marks"]]


@dataclass(frozen=True)
class TrainConfig:
    """Settings of one training run; InputError at once for a value that makes no sense."""

    dataset: str = option(
        "imagenette", "imagenette, cifar10, cifar100, or a folder under the data dir with train/ and val/ or test/"
    )
    model: str = option("looknet", "network, as models/registry.py names them")
    arch: str = option("", "the network's arguments, as depth=28,width=10,dropout=0.3; its own defaults if not given")
    weights: str | None = option(
        None, "fine-tune this checkpoint, a file or a published one's name; for other classes its classifier is new"
    )
    method: str = option(
        "standard", "standard, cutout, mixup, cutmix, ricap; RICAP's ablations are image_mixing and label_mixing"
    )
    beta: float | None = option(None, "RICAP: boundary from Beta(beta, beta); 0.3 if not given", MIXING)
    alpha: float | None = option(None, "mixup and CutMix: lam from Beta(alpha, alpha); 1 if not given", MIXING)
    length: int | None = option(
        None, "cutout: side of the masked square in pixels; 16 on CIFAR-10 and 8 on CIFAR-100 if not given", MIXING
    )
    share: float | None = option(
        None, "cutout: the side as a share of the image's; elsewhere 0.5 if no length is given", MIXING
    )
    per_sample: bool | None = option(
        None, "a draw of its own for every image of the batch; if not given on for cutout, else off", MIXING
    )
    epochs: int = option(30, "passes over the training set, in whole batches; images left over are left out of a pass")
    batch_size: int = option(64, "images a step, over all processes and accumulated parts")
    accumulate: int = option(
        1,
        "parts in which a step's batch goes through the network, to save memory; images are mixed, and batch "
        "statistics taken, within a part",
    )
    image_size: int | None = option(
        None,
        "side in pixels that the network is tested and used at; if not given train-size, or a third more, at most "
        "store-size, where nothing is mixed and crops are small",
        RESUMED,
    )
    train_size: int | None = option(
        None, "side in pixels of the training crops at the end of training; 128, on CIFAR 32 if not given"
    )
    start_size: int | None = option(None, "side at the beginning, growing to train-size over two thirds of training")
    store_size: int | None = option(
        None, "side in pixels at which images are kept in memory; 224, on CIFAR 32 if not given"
    )
    crop: str | None = option(
        None,
        "resized (random-resized crop), padded (padding, then a random crop) or none; resized, on CIFAR padded if not "
        "given",
    )
    crop_scale: float | None = option(
        None,
        "random-resized crop: smallest share of the image's area, the largest is 1; if not given 0.25 for standard, "
        "0.5 for cutout, else 1",
    )
    flip: bool = option(True, "mirror half of the images")
    colour: float = option(0.0, "brightness, contrast and saturation change by up to this share")
    rotate: float = option(0.0, "turn by up to this many degrees either way")
    lr: float = option(USUAL_RATE, "highest learning rate")
    momentum: float = option(0.9, "Nesterov momentum")
    weight_decay: float = option(5e-4, "L2 penalty on convolution and linear weights")
    schedule: str = option("cosine", "cosine, or steps")
    milestones: str = option("0.3,0.6,0.8", "steps: after which shares of training the learning rate falls")
    gamma: float = option(0.2, "steps: what it is multiplied by")
    warmup: float | None = option(
        None, "epochs over which the learning rate rises from 0; 2, or a quarter of a short run"
    )
    label_smoothing: float = option(0.0, "share of every label that is spread over all classes")
    clip: float = option(0.0, "largest norm of the gradient; 0 leaves it alone")
    ema: float = option(0.0, "decay per step of the averaged weights that are tested and published; 0: no averaging")
    precision: str = option("auto", "auto, bf16, fp16 or fp32; auto takes bf16 where the hardware has it", WANTED)
    compile: bool = option(False, "torch.compile the network", *MACHINE)
    replay: bool = option(
        True,
        "on one GPU, with all images in memory: launch a pass at once, as a CUDA graph, not kernel by kernel",
        *MACHINE,
    )
    seed: int = option(0, "seed of every random number of the run", SEEDS)
    tag: str | None = option(None, "a word that tells this run from others of its name: letters, digits, dots")
    holdout: float = option(0.0, "tune on this share of the training set, held out and tested instead of the test set")
    fraction: float = option(1.0, "train on this share of each class's training images, to see what fewer do")
    skip_corrupt: bool = option(
        False, "leave out images that cannot be read instead of stopping", RESUMED, SEEDS, WANTED
    )
    loader: str = option(
        "auto",
        "auto, resident (all in memory, as squares of store-size) or stream (read when needed; crops of the whole)",
        *MACHINE,
    )
    workers: int = option(2, "processes that read images for the streaming loader", *MACHINE)
    device: str = option("auto", "auto, cpu or cuda", *MACHINE)
    threads: int = option(0, "CPU threads; 0 takes torch's default", *MACHINE)
    eval_every: int = option(1, "epochs between tests; the last one is always tested", SEEDS, WANTED)
    tensorboard: bool = option(False, "also write TensorBoard events into the run folder", *MACHINE)
    data_dir: Path = option(Path("data"), "where data sets live", *MACHINE)
    out: Path | None = option(None, "run folder; runs/<name> if not given", *MACHINE)

    def __post_init__(self) -> None:
        from ..data import LOADERS

        for one in dataclasses.fields(self):
            object.__setattr__(self, one.name, plain(one.name, getattr(self, one.name), one.type))
        object.__setattr__(self, "dataset", posixpath.normpath(self.dataset))  # flowers/ is flowers
        self._check("dataset", self.dataset not in (".", ".."), "the name of a data set or of a folder in the data dir")
        if self.warmup is None:
            object.__setattr__(self, "warmup", min(2.0, self.epochs / 4))
        self._fill_in_defaults()
        words = {"schedule": SCHEDULES, "precision": PRECISIONS, "loader": LOADERS, "device": DEVICES}
        for name, allowed in words.items():
            choose(name, getattr(self, name), allowed)
        if None not in (self.length, self.share):
            raise InputError(f"cutout must have one of length and share; got {self.length} and {self.share}")
        self.create_method()
        self._check_model()
        self._check_numbers()
        self.learning_rate_steps()
        self._check_idle()
        self.augment(self.train_size)

    def _fill_in_defaults(self) -> None:
        """Sizes, crops and cutout's square as they suit the data set and the method, where none are given."""
        from ..data import CUTOUT, dataset_defaults

        for name, value in dataset_defaults(self.dataset, self.train_size or 0).items():
            if getattr(self, name) is None:
                object.__setattr__(self, name, value)
        if self.crop_scale is None:
            object.__setattr__(self, "crop_scale", suited_crop(self.method))
        if self.image_size is None:
            given = (self._mixes, self.crop, self.crop_scale, self.train_size, self.store_size)
            object.__setattr__(self, "image_size", suited_size(*given))
        if self.method == "cutout" and self.length is None and self.share is None:
            object.__setattr__(self, "length", CUTOUT.get(self.dataset))

    @property
    def _mixes(self) -> bool:
        """Whether the method makes one image of several."""
        from ..mixing import METHODS

        return METHODS[choose("method", self.method, METHODS)].mixes > 1

    def _check_numbers(self) -> None:
        from ..data.parts import check_parts

        for name in ("epochs", "batch_size", "eval_every", "accumulate"):
            self._check(name, getattr(self, name) >= 1, "at least 1")
        for name in ("train_size", "start_size", "store_size", "image_size"):
            value = getattr(self, name)
            self._check(name, value is None or 32 <= value <= LARGEST, f"from 32 to {LARGEST} pixels")
        self._check("start_size", (self.start_size or 0) <= self.train_size, f"at most train_size {self.train_size}")
        self._check("batch_size", self.batch_size % self.accumulate == 0, f"a multiple of accumulate {self.accumulate}")
        several = f"at least 2 images for {self.method} to mix in each of {self.accumulate} parts"
        self._check("batch_size", not self._mixes or self.batch_size >= 2 * self.accumulate, several)
        self._check("length", (self.length or 0) <= self.train_size, f"at most train_size {self.train_size}")
        self._check("crop_scale", 0 < self.crop_scale <= 1, "above 0 and at most 1")
        self._check("lr", self.lr > 0, "positive")
        self._check("momentum", 0 < self.momentum < 1, "between 0 and 1 (Nesterov needs some)")
        self._check("warmup", 0 <= self.warmup < self.epochs, f"at least 0 and below the {self.epochs} epochs")
        self._check("gamma", 0 < self.gamma <= 1, "above 0 and at most 1")
        check_parts(self.holdout, self.fraction)
        for name in ("label_smoothing", "ema"):
            self._check(name, 0 <= getattr(self, name) < 1, "at least 0 and below 1")
        for name in ("weight_decay", "clip", "workers"):
            self._check(name, getattr(self, name) >= 0, "0 or more")
        self._check("threads", 0 <= self.threads <= 1024, "between 0 and 1024")
        self._check("seed", 0 <= self.seed < 2**63, "at least 0 and below 2 ** 63")
        data = self.data_dir / self.dataset
        inside = self.folder.resolve().is_relative_to(data.resolve())
        self._check("out", not inside, f"outside the data set's folder {data}")
        self._check("tag", not self.tag or self.tag.replace(".", "").isalnum(), "letters, digits and dots")

    def _check(self, name: str, good: bool, allowed: str) -> None:
        if not good:
            raise InputError(f"{name} must be {allowed}; got {getattr(self, name)}")

    def _check_model(self) -> None:
        from ..models import unsuited
        from .weights import arch_of

        if self.weights is not None:
            object.__setattr__(self, "arch", arch_of(self.weights, self.model, self.arch))
        wanted = unsuited(self.model, **self.model_arguments)
        self._check("model", not wanted, wanted)

    @property
    def name(self) -> str:
        """Name of the run and of its checkpoint."""
        return run_name(vars(self))

    @property
    def folder(self) -> Path:
        """The run folder."""
        return self.out or Path("runs") / self.name

    @property
    def method_settings(self) -> dict[str, float | bool]:
        """The mixing method's settings that were given."""
        return {name: value for name in marked(MIXING) if (value := getattr(self, name)) is not None}

    @property
    def model_arguments(self) -> dict[str, int | float | bool]:
        """The network's arguments, its own defaults where none was given."""
        from ..models import model_arguments, parse_arguments

        return model_arguments(self.model, **parse_arguments(self.model, self.arch))

    def augment(self, size: int) -> "Augment":
        """Standard augmentation for training crops of `size` pixels."""
        from ..data import Augment

        return Augment(size, self.crop, self.crop_scale, self.flip, self.colour, self.rotate)

    def learning_rate_steps(self) -> tuple[float, ...]:
        """The milestones as rising shares of training."""
        try:
            shares = tuple(float(share) for share in self.milestones.split(","))
        except ValueError:
            shares = ()
        good = shares and all(0 < share < 1 for share in shares) and list(shares) == sorted(shares)
        self._check("milestones", bool(good), "rising shares between 0 and 1, as 0.3,0.6,0.8")
        return shares

    def _check_idle(self) -> None:
        """Settings that would do nothing: of steps for a cosine, of a scale for other crops, of what no file holds."""
        from ..data import IN_MEMORY

        for name in ("milestones", "gamma"):
            said = self.schedule == "steps" or getattr(self, name) == self._usual[name]
            self._check(name, said, f"left alone with the schedule {self.schedule}, which has no steps")
        said = self.crop == "resized" or self.crop_scale in (1, suited_crop(self.method))
        self._check("crop_scale", said, f"left alone with the crop {self.crop}, which scales nothing")
        own = IN_MEMORY.get(self.dataset)
        self._check("store_size", own in (None, self.store_size), f"{own}, the size of {self.dataset}'s images")

    def create_method(self) -> "Method":
        """The mixing method with its settings."""
        from ..mixing import create_method

        return create_method(self.method, **self.method_settings)

    def differing(self, card: Mapping[str, Any]) -> list[str]:
        """The settings of the recipe in which a card, or a run's saved settings, is not this run.

        What is older than a setting was made as its default says.
        """
        return [name for name, value in self.recipe().items() if card.get(name, self._usual[name]) != value]

    @property
    def _usual(self) -> dict[str, Any]:
        """Every setting's default."""
        return {one.name: one.default for one in dataclasses.fields(self)}

    def recipe(self) -> dict[str, Any]:
        """What decides the result, as JSON values: every field but where data and run lie and what computes it."""
        values = dataclasses.asdict(self) | {"weights": self.weights and weights_name(self.weights)}
        return {name: value for name, value in values.items() if name not in marked(RECIPE)}
