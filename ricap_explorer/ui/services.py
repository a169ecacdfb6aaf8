"""What the page works with, made once at start-up: pictures and models. Nothing here imports torch before it must."""

from __future__ import annotations

import logging
import threading
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from itertools import permutations
from pathlib import Path
from typing import TYPE_CHECKING

from ..cards import partner, same_data
from ..errors import InputError, choose
from ..experiments.measured import Measured
from ..titles import check_same_data
from ..zoo import Checkpoint, list_checkpoints, told_apart
from .pictures import Pictures
from .recent import Recent

if TYPE_CHECKING:
    from torch import nn

log = logging.getLogger(__name__)
MAX_MODELS = 5
MAX_NETWORK_MB = 200  # of a visitor's own
OPENING, SHOWS = "sample:english-springer-3", "English springer"  # which both networks at first know
OWN_PREFIX = "own:"  # how names of visitors' own networks begin


@dataclass
class Models:
    """The published checkpoints, loaded once each. `lock` is held while one of them computes.

    recent: what they saw last, so that another scale or colour asks no network. own: visitors' own networks.
    """

    checkpoints: dict[str, Checkpoint]
    problems: list[str]
    lock: threading.RLock = field(default_factory=threading.RLock)
    recent: Recent = field(default_factory=lambda: Recent(256))
    own: Recent = field(default_factory=lambda: Recent(8))
    _loaded: dict[str, nn.Module] = field(default_factory=dict)

    @classmethod
    def find(cls, folder: Path) -> Models:
        """Every good checkpoint of a folder; files that are none become sentences in `problems`."""
        good, problems = list_checkpoints(folder)
        return cls({checkpoint.name: checkpoint for checkpoint in good}, problems)

    def choose(self, names: list[str]) -> list[Checkpoint]:
        """The checkpoints of these names, one to five of one data set, called by what tells these apart; InputError
        otherwise."""
        if not self.checkpoints:
            raise InputError("CAM needs a trained checkpoint in the checkpoints folder; it holds none that can be read")
        if not 1 <= len(names or ()) <= MAX_MODELS:
            raise InputError(f"choose 1 to {MAX_MODELS} networks; got {len(names or ())}")
        chosen = [self.checkpoints[choose("model", name, self.checkpoints)] for name in names]
        check_same_data([checkpoint.card for checkpoint in chosen])
        return _called(chosen)

    def load(self, checkpoint: Checkpoint) -> nn.Module:
        """The network of a checkpoint, from memory after the first time; InputError where one's own was forgotten."""
        if checkpoint.name.startswith(OWN_PREFIX):
            return self.own.get(checkpoint.name, _forgotten)
        with self.lock:
            if checkpoint.name not in self._loaded:
                self._loaded[checkpoint.name] = checkpoint.load()
            return self._loaded[checkpoint.name]

    def default(self) -> list[str]:
        """Names to compare first, of one data set: RICAP's first network, the longest trained that errs least, beside
        the standard one that was trained like it, else the first; without RICAP or standard two methods, else two
        networks."""
        cards = {name: known.card for name, known in self.checkpoints.items()}
        pairs = [pair for pair in permutations(cards, 2) if same_data(cards[pair[0]], cards[pair[1]])]
        for name, card in cards.items():
            standard = [one for one, other in pairs if other == name and cards[one]["method"] == "standard"]
            if card["method"] == "ricap" and standard:
                fit = partner(card, [cards[one] for one in standard])
                return [standard[fit or 0], name]
        apart = [pair for pair in pairs if cards[pair[0]]["method"] != cards[pair[1]]["method"]]
        return list(next(iter(apart or pairs), list(cards)[:1]))


def _called(checkpoints: Iterable[Checkpoint]) -> list[Checkpoint]:
    """The checkpoints with titles that tell them apart and which are the visitor's own."""
    return [
        replace(one, called=f"{one.title} (yours)") if one.name.startswith(OWN_PREFIX) else one
        for one in told_apart(checkpoints)
    ]


def _forgotten() -> nn.Module:
    raise InputError("your own network must be added again; the page keeps only the newest eight")


@dataclass(frozen=True)
class Services:
    """Everything that handlers need, passed in; no globals."""

    pictures: Pictures
    models: Models
    measured: Measured = field(default_factory=Measured)
    data_dir: Path | None = None

    @classmethod
    def create(cls, assets: Path, checkpoints: Path, data_dir: Path, results: Path = Path("results")) -> Services:
        """Look for pictures, checkpoints and results; a file that is none is logged and shown, never fatal."""
        models = Models.find(checkpoints)
        datasets = dict.fromkeys(checkpoint.card["dataset"] for checkpoint in models.checkpoints.values())
        services = cls(Pictures.find(assets, data_dir, datasets), models, Measured.read(results), data_dir)
        measured = services.measured
        for problem in (*services.pictures.problems, *models.problems, *measured.problems, *measured.foreign):
            log.warning(problem)
        return services

    @property
    def opening(self) -> str:
        """The picture that networks look at first: a sample; of their own data's, where they do not know its class."""
        shown = self.models.default()
        card = self.models.checkpoints[shown[0]].card if shown else {"classes": [SHOWS]}
        kinds = [kind for kind, name in self.pictures.own.items() if name == card.get("dataset")]
        return self.pictures.ids(kinds[0])[0] if kinds and SHOWS not in card["classes"] else OPENING

    def plus(self, own: dict[str, Checkpoint]) -> Services:
        """The same with one visitor's own networks, which are called so."""
        mine = dict(zip(own, _called(own.values()), strict=True))
        models = replace(self.models, checkpoints=self.models.checkpoints | mine) if own else self.models
        return replace(self, models=models)
