"""What was measured of several networks, as a small JSON file. Reading it needs no torch.

results/evidence/*.json = {"card": how, "networks": [...], "numbers": {measure: [[mean, low, high, count], …]},
"gaps": {measure: [the same, minus the network beside, …]}, "reliability": [[[confidence, hits, count], …], …]};
a list has a place for each network, and null stands where there is no number.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from ..bootstrap import Mean
from ..errors import InputError
from ..folders import read_all
from ..titles import crop_title, data_title, millions
from ..words import several
from .files import as_file, as_lines, as_object, as_table, means_table, numbers, rounded, typed
from .measures import MEASURES

FOLDER = "evidence"  # in the folder of results
CARD = {"dataset": str, "images": int, "patches": int}
NETWORK = {
    "title": str, "method": str, "epochs": int, "test_error": int | float, "image_size": int,
    "crop_scale": int | float | None,
}  # fmt: skip


@dataclass(frozen=True)
class Network:
    """A measured network: its checkpoints, one for every training run, what a person calls it, how it was trained.

    test_error: in %, the mean over the runs. image_size: side in pixels of the images that it sees. crop_scale: the
    least share of an image's area that a random-resized crop of its training kept, 1.0: whole images, None: other
    crops. beside: the place of the network that it is compared with, or its own; in older files the first of all.
    """

    names: tuple[str, ...]
    title: str
    method: str
    epochs: int
    test_error: float
    image_size: int
    crop_scale: float | None
    beside: int = 0


@dataclass(frozen=True)
class Evidence:
    """Numbers of M networks over the same images, with 95 % bootstrap intervals over images and training runs.

    numbers: measure -> M means. gaps: measure -> M means of the paired difference to the network beside. A measure
    that was not taken has means of no images. reliability: per network, per bin: mean confidence, share of right
    answers, images. card: data set, images, command and the like.
    """

    name: str
    card: dict[str, Any]
    networks: tuple[Network, ...]
    numbers: dict[str, tuple[Mean, ...]]
    gaps: dict[str, tuple[Mean, ...]]
    reliability: tuple[tuple[tuple[float, float, int], ...], ...]

    @property
    def epochs(self) -> int:
        """Of the network that was trained longest."""
        return max(network.epochs for network in self.networks)

    @property
    def subject(self) -> str:
        """Data set, length of training and, where all networks have the same, their size and their crops; older files
        do not tell the size."""
        crops, sizes = {network.crop_scale for network in self.networks}, self.card.get("parameters", [])
        large = f", {millions(*sizes)}" if len(sizes) == 1 else ""
        alike = f", {crop_title(*crops)}" if len(crops) == 1 and None not in crops else ""
        return f"{data_title(self.card)}{large}, {several(self.epochs, 'epoch')}{alike}"

    @property
    def title(self) -> str:
        """Its subject, and how many networks, runs and images."""
        runs = sum(len(network.names) for network in self.networks)
        more = f" in {runs} training runs" if runs > len(self.networks) else ""
        counted = f"{len(self.networks)} networks{more}, {self.card['images']:,} images"
        return f"{self.subject}: {counted}"

    @property
    def one_grid(self) -> bool:
        """Whether what hangs on the grid of the maps is of one grid; older files tell only the size of the images."""
        alike = "map_size" in self.card or len({network.image_size for network in self.networks}) == 1
        return len(self.card["grids"]) == 1 if "grids" in self.card else alike

    def networks_of(self, method: str) -> list[int]:
        """The places of the networks trained with that method."""
        return [m for m, network in enumerate(self.networks) if network.method == method]

    def partner(self, one: int) -> Network:
        """The network that network `one` is compared with."""
        return self.networks[self.networks[one].beside]

    def to_json(self) -> str:
        """The file's text, a measure on a line."""
        return as_file(
            card=as_object(self.card),
            networks=as_lines(json.dumps(asdict(network), ensure_ascii=False) for network in self.networks),
            numbers=as_table(self.numbers),
            gaps=as_table(self.gaps),
            reliability=as_lines(json.dumps([rounded(row) for row in rows]) for rows in self.reliability),
        )


def read_evidence(path: Path) -> Evidence:
    """A file of evidence; InputError for a missing, damaged or foreign one."""
    try:
        value = json.loads(path.read_text(encoding="utf-8"))
        card, networks = typed(value["card"], CARD), tuple(_network(one) for one in value["networks"])
        numbers, gaps = (
            means_table(value[title], MEASURES, len(networks), taken=False) for title in ("numbers", "gaps")
        )
        reliability = tuple(_bins(rows) for rows in value["reliability"])
        typed(card, {name: list for name in ("grids", "parameters") if name in card})
        if any(type(count) is not int for count in card.get("parameters", [])):
            raise ValueError(f"parameters is {card['parameters']!r}")
        for network in networks:
            if type(network.beside) is not int or not 0 <= network.beside < len(networks):
                raise ValueError(f"beside is {network.beside!r}")
        if not networks or len(reliability) != len(networks):
            raise ValueError(f"{len(networks)} networks, reliability of {len(reliability)}")
    except (OSError, ArithmeticError, LookupError, TypeError, ValueError, AttributeError, RecursionError) as error:
        raise InputError(f"{path.name} must be a file of evidence; it is none ({error})") from None
    return Evidence(path.stem, card, networks, numbers, gaps, reliability)


def _network(values: dict[str, Any]) -> Network:
    return Network(**typed(values, NETWORK) | {"names": tuple(values["names"])})


def _bins(rows: list) -> tuple[tuple[float, float, int], ...]:
    found = tuple(numbers(row, 3) for row in rows)
    if not any(count for *_, count in found):
        raise ValueError("reliability of no images")
    return found


def list_evidence(results: Path) -> tuple[list[Evidence], list[str]]:
    """Every file of evidence under a folder of results, the longest training and then the most images first, and one
    sentence for each that is none."""
    good, problems = read_all(sorted((results / FOLDER).glob("*.json")), read_evidence)
    return sorted(good, key=lambda evidence: (-evidence.epochs, -evidence.card["images"])), problems
