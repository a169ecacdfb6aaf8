"""What retrieval was measured to be, method beside method, as a small JSON file. Reading it needs no torch.

results/retrieval/*.json = {"card": how, "ways": [...], "numbers": {measure: [[mean, low, high, count], …]},
"gaps": {measure: [the same, minus the first way's, …]}}; a list has a place for each way.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from ..bootstrap import Mean
from ..errors import InputError
from ..evidence.files import as_file, as_lines, as_object, as_table, means_table, typed
from ..evidence.verdicts import FEW
from ..folders import read_all
from ..titles import data_title
from ..words import decimals, number, several

FOLDER = "retrieval"  # in the folder of results
TABLE = "retrieval"  # of experiments/, with the paper's numbers
DIRECTIONS = {  # as the paper has them: what is looked for -> measure -> its title
    "caption": {"c1": "R@1", "c5": "R@5", "c10": "R@10", "cm": "Med r"},
    "image": {"i1": "R@1", "i5": "R@5", "i10": "R@10", "im": "Med r"},
}
MEASURES = tuple(key for keys in DIRECTIONS.values() for key in keys)
TITLES = {key: f"{sought} {title}" for sought, keys in DIRECTIONS.items() for key, title in keys.items()}
MEDIANS = ("cm", "im")  # ranks; all others are shares
CLEAR = ("higher", "lower")  # what a difference can surely be
CARD = {
    "dataset": str, "images": int, "folds": int, "epochs": int, "image_size": int, "hardware": str, "command": str,
    "start": str,
}  # fmt: skip
WAY = {"method": str, "title": str, "runs": int}


@dataclass(frozen=True)
class Way:
    """A method by which the images of training were mixed, what a person calls it, and how many runs there are."""

    method: str
    title: str
    runs: int


@dataclass(frozen=True)
class Retrieval:
    """Recall of images and captions after training in several ways, the first of which the others are set beside.

    numbers: measure -> a mean for each way; gaps: measure -> its difference to the first way's. Intervals are 95 % over
    images and runs; medians have none. Shares are from 0 to 1.
    """

    name: str
    card: dict[str, Any]
    ways: tuple[Way, ...]
    numbers: dict[str, tuple[Mean, ...]]
    gaps: dict[str, tuple[Mean, ...]]

    @property
    def subject(self) -> str:
        """The data set, and among how many images an image is to be found."""
        card = self.card
        among = card["images"] // card["folds"]
        held = ", of parts held out to choose settings" if card.get("tuning") else ""
        return f"{data_title(card)}: {card['images']:,} photographs, each to be found among {among:,}{held}"

    @property
    def how(self) -> str:
        """Runs, epochs, size of the images, hardware."""
        card = self.card
        runs = min(way.runs for way in self.ways)
        words = several(runs, "run"), several(card["epochs"], "epoch"), f"{card['image_size']} px"
        return ", ".join((*words, card["hardware"].partition(":")[0]))

    @property
    def made(self) -> str:
        """How it was measured, in sentences."""
        card = self.card
        others = "the others but one" if card.get("tuning") else "the others"
        return (
            f"Every photograph is tested once, in one of {card['folds']} parts, by a network that saw {others}. "
            f"It began as {card['start']}, its classifier replaced by a linear layer into the space that captions "
            "share, which a recurrent network reads. Cross-entropy both ways between the images and the captions of a "
            f"batch, a caption counted by its share of the image; {several(card['epochs'], 'epoch')}."
        )

    def to_json(self) -> str:
        """The file's text, a measure on a line."""
        return as_file(
            card=as_object(self.card),
            ways=as_lines(json.dumps(asdict(way), ensure_ascii=False) for way in self.ways),
            numbers=as_table(self.numbers),
            gaps=as_table(self.gaps),
        )


def told(name: str, value: float, signed: bool = False) -> str:
    """A number of a measure as people read it: a share in %, a median rank as it is."""
    return decimals(value, 1, "+" if signed else "") if name in MEDIANS else number(value, True, signed)


def judged(gap: Mean) -> str:
    """What a difference says: higher, lower, or no clear difference, where the interval or few images leave a doubt."""
    if gap.count < FEW or not gap.clear:
        return "no clear difference"
    return CLEAR[gap.value < 0]


def verdicts(found: Retrieval) -> list[str]:
    """Of every way but the first, in a sentence: which recalls clearly differ from the first way's, how many do not."""
    first, *others = found.ways
    sentences = []
    for place, way in enumerate(others, 1):
        clear = [
            f"{TITLES[key]} is {judged(gap)} ({told(key, gap.low, True)} to {told(key, gap.high, True)} points)"
            for key in MEASURES
            if key not in MEDIANS and judged(gap := found.gaps[key][place]) in CLEAR
        ]
        parts = [", ".join(clear)] if clear else []
        if unclear := len(MEASURES) - len(MEDIANS) - len(clear):
            parts.append(f"no clear difference in {several(unclear, 'other recall' if clear else 'recall')}")
        sentences.append(f"{way.title} beside {first.title}: {'; '.join(parts)}.")
    return sentences


def as_text(found: Retrieval) -> str:
    """Every number for a terminal, and what they say."""
    width = max(len(way.title) for way in found.ways)
    lines = [
        f"Image–caption retrieval, ours: {found.subject}; {found.how}; recall in %, difference with its 95 % interval "
        "over images and runs; median rank"
    ]
    for name, title in TITLES.items():
        lines.append(title)
        for place, way in enumerate(found.ways):
            mean, gap = found.numbers[name][place], found.gaps[name][place]
            line = f"  {way.title:{width}} {told(name, mean.value):>6}"
            if place and gap.has_interval:
                line += f"  {told(name, gap.value, True)} ({told(name, gap.low, True)} to {told(name, gap.high, True)})"
            lines.append(line)
    return "\n".join([*lines, "", *verdicts(found)])


def read_retrieval(path: Path) -> Retrieval:
    """A file of retrieval; InputError for a missing, damaged or foreign one."""
    try:
        value = json.loads(path.read_text(encoding="utf-8"))
        card, ways = typed(value["card"], CARD), tuple(Way(**typed(way, WAY)) for way in value["ways"])
        if len(ways) < 2 or card["folds"] < 1:
            raise ValueError(f"{len(ways)} ways, {card['folds']} folds")
        numbers, gaps = (means_table(value[title], MEASURES, len(ways)) for title in ("numbers", "gaps"))
    except (OSError, ArithmeticError, LookupError, TypeError, ValueError, AttributeError, RecursionError) as error:
        raise InputError(f"{path.name} must be a file of retrieval; it is none ({error})") from None
    return Retrieval(path.stem, card, ways, numbers, gaps)


def list_retrieval(results: Path) -> tuple[list[Retrieval], list[str]]:
    """Every file of retrieval under a folder of results, and one sentence for each that is none."""
    return read_all(sorted((results / FOLDER).glob("*.json")), read_retrieval)
