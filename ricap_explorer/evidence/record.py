"""What was measured of several networks, as a small JSON file. Reading it needs no torch.

results/evidence/<data set>.json = {"card": how, "networks": [...], "numbers": {measure: [[mean, low, high, count], …]},
"gaps": {measure: [the same, minus the first network, …]}, "reliability": [[[confidence, hits, count], …], …]};
a list has a place for each network, and null stands where there is no number.
"""

from __future__ import annotations

import json
import math
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from ..cam.summary import Mean
from ..errors import InputError

FOLDER = "evidence"  # in the folder of results


@dataclass(frozen=True)
class Network:
    """A measured network: its checkpoints, one for every training run, what a person calls it, how it was trained.

    test_error: in %, the mean over the runs. image_size: side in pixels of the images that it sees.
    """

    names: tuple[str, ...]
    title: str
    method: str
    epochs: int
    test_error: float
    image_size: int


@dataclass(frozen=True)
class Evidence:
    """Numbers of M networks over the same images, with 95 % bootstrap intervals over images and training runs.

    numbers: measure -> M means. gaps: measure -> M means of the paired difference to network 0. reliability: per
    network, per bin: mean confidence, share of right answers, images. card: data set, images, command and the like.
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
    def title(self) -> str:
        """Data set, length of training, and how many networks and runs."""
        runs = sum(len(network.names) for network in self.networks)
        more = f" in {runs} training runs" if runs > len(self.networks) else ""
        return f"{self.card['dataset']}, {self.epochs} epochs: {len(self.networks)} networks{more}"

    def network_of(self, method: str) -> int | None:
        """The place of the first network trained with that method."""
        return next((m for m, network in enumerate(self.networks) if network.method == method), None)

    def to_json(self) -> str:
        """The file's text, a measure on a line."""
        tables = {
            title: {name: [_row(mean) for mean in means] for name, means in table.items()}
            for title, table in (("numbers", self.numbers), ("gaps", self.gaps))
        }
        parts = {
            "card": _object(self.card),
            "networks": _lines([json.dumps(asdict(network), ensure_ascii=False) for network in self.networks]),
            **{title: _object(table) for title, table in tables.items()},
            "reliability": _lines([json.dumps([_rounded(row) for row in rows]) for rows in self.reliability]),
        }
        body = ",\n".join(f' "{name}": {text}' for name, text in parts.items())
        return f"{{\n{body}\n}}\n"


def _object(values: dict[str, Any]) -> str:
    lines = [f"  {json.dumps(key)}: {json.dumps(value, ensure_ascii=False)}" for key, value in values.items()]
    return "{\n" + ",\n".join(lines) + "\n }"


def _lines(texts: list[str]) -> str:
    return "[\n" + ",\n".join(f"  {text}" for text in texts) + "\n ]"


def _row(mean: Mean) -> list[float | int | None]:
    return _rounded((mean.value, mean.low, mean.high, mean.count))


def _rounded(row: tuple) -> list[float | int | None]:
    return [None if not math.isfinite(v) else v if isinstance(v, int) else round(v, 5) for v in row]


def read_evidence(path: Path) -> Evidence:
    """A file of evidence; InputError for a missing, damaged or foreign one."""
    try:
        value = json.loads(path.read_text(encoding="utf-8"))
        networks = tuple(Network(**network | {"names": tuple(network["names"])}) for network in value["networks"])
        tables = [
            {name: tuple(_mean(row) for row in rows) for name, rows in value[title].items()}
            for title in ("numbers", "gaps")
        ]
        reliability = tuple(tuple(tuple(_known(row)) for row in rows) for rows in value["reliability"])
        found = Evidence(path.stem, dict(value["card"]), networks, *tables, reliability)
    except (OSError, KeyError, TypeError, ValueError, AttributeError) as error:
        raise InputError(f"{path.name} must be a file of evidence; it is none ({error})") from None
    if any(len(means) != len(networks) for table in tables for means in table.values()) or not networks:
        raise InputError(f"{path.name} must have a number for each of its networks; it has not")
    return found


def _mean(row: list) -> Mean:
    value, low, high, count = _known(row)
    return Mean(value, low, high, int(count))


def _known(row: list) -> list[float]:
    return [math.nan if v is None else v for v in row]


def list_evidence(results: Path) -> tuple[list[Evidence], list[str]]:
    """Every file of evidence under a folder of results, the longest training first, and one sentence for each that is
    none."""
    good, problems = [], []
    for path in sorted((results / FOLDER).glob("*.json")):
        try:
            good.append(read_evidence(path))
        except InputError as error:
            problems.append(str(error))
    return sorted(good, key=lambda evidence: -evidence.epochs), problems
