"""What the numbers say of one network beside another, in a sentence each, also where that is: no clear difference."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from ..bootstrap import Mean
from ..cam.methods import GRID_BOUND, MEASURE_TITLES
from ..words import number, upper
from .measures import (
    ALL,
    APART,
    CROPS,
    EXTRA,
    FAITH,
    HIDDEN,
    LEAD,
    MEASURES,
    NET,
    NOTHING,
    SECTION_TITLES,
    SOURCES,
    SQUARES,
    Measure,
)
from .record import Evidence

ASKED = {
    "maps": ("area", "entropy", "focus"),
    "hide": tuple(f"hidden.{source}.{share}" for source in ("own", NET, ALL) for share in HIDDEN),
    "faith": (*(f"{name}.{NET}" for name in FAITH), f"hidden.{APART}.20"),
    "robust": (
        *(f"crop.{side}" for side in CROPS),
        *(f"grey.{side}" for side in SQUARES),
        *(f"crop.{EXTRA}.{side}" for side in CROPS),
        *(f"grey.{EXTRA}.{side}" for side in SQUARES),
    ),
    "calibration": ("surplus", "loss"),
}  # section -> the measures whose verdict is told
HIDING_LEADS = {f"hidden.{LEAD}.{share}": f"{share} % hidden" for share in HIDDEN}
FAITH_LEADS = {f"{name}.{LEAD}": MEASURE_TITLES[name].lower() for name in FAITH}
# what is told where there is room for little
FIRST = ("focus", "area", "hidden.own.20", "hidden.net.20", "hidden.all.20", "grey.40", "surplus")
FEW = 10  # images; of fewer nothing is said
GLANCE = (
    NOTHING,
    "area",
    "focus",
    "hidden.own.20",
    "hidden.net.20",
    "hidden.all.20",
    "hidden.apart.20",
    "drop.net",
    "insertion.net",
    "deletion.net",
    "grey.20",
    "grey.60",
    "crop.50",
    "surplus",
    "ece",
)  # what a table of all networks tells


def as_number(value: float, measure: Measure, signed: bool = False) -> str:
    """A number of a measure as people read it."""
    return number(value, measure.share, signed)


def ends_of(mean: Mean, measure: Measure) -> str:
    """A number's interval in parentheses, after a space; '' where it has none."""
    if not mean.has_interval:
        return ""
    return f" ({as_number(mean.low, measure)} to {as_number(mean.high, measure)})"


def verdict(evidence: Evidence, name: str, one: int) -> str:
    """Network `one` beside its partner: better, worse, more, less, or no clear difference."""
    measure, other = MEASURES[name], evidence.networks[one].beside
    unit = "" if not measure.share else " points" if measure.better == "zero" or measure.parts else " %"
    mine, theirs = (evidence.numbers[name][m] for m in (one, other))
    gap = evidence.gaps[name][one]
    values = f"{as_number(mine.value, measure)} against {as_number(theirs.value, measure)}{unit}"
    if not comparable(evidence, name):
        return f"{upper(measure.title)}: {values}, not comparable: their maps have different grids."
    return f"{upper(measure.title)}: {values}, {said(evidence, name, one)} (difference {_ends(gap, measure)})."


def comparable(evidence: Evidence, name: str) -> bool:
    """Whether the networks' numbers can be set side by side: not those that hang on the map's grid, if grids differ."""
    return name not in GRID_BOUND or evidence.one_grid


def judged(evidence: Evidence, name: str, one: int) -> tuple[str, str]:
    """(more, less, no clear difference or too few images to tell; better, worse or ''), as far as the interval leaves
    no doubt; the second is also empty where neither is better."""
    gap, better = evidence.gaps[name][one], MEASURES[name].better
    if gap.count < FEW:
        return "too few images to tell", ""
    if not gap.clear:
        return "no clear difference", ""
    word = "more" if gap.value > 0 else "less"
    if better == "zero":
        theirs, mine = (evidence.numbers[name][m].value for m in (evidence.networks[one].beside, one))
        better = "" if mine * theirs < 0 else "less" if mine > 0 else "more"
    return word, better and ("better" if word == better else "worse")


def said(evidence: Evidence, name: str, one: int) -> str:
    """What `judged` says, in a word or two."""
    word, worth = judged(evidence, name, one)
    return worth or word


@dataclass(frozen=True)
class Glimpse:
    """A network's number, and where it can be told, a word on it beside its partner's: better, worse, more, less or no
    clear difference, with the ends of the difference's interval; gap: the difference itself, a share."""

    number: str
    word: str = ""
    ends: str = ""
    gap: Mean | None = field(default=None, compare=False)


def glance(evidence: Evidence) -> dict[str, list[Glimpse]]:
    """The measures in GLANCE that were taken: title -> a cell for each network."""
    return {
        MEASURES[name].title: [_cell(evidence, name, place) for place in range(len(evidence.networks))]
        for name in GLANCE
        if any(mean.count for mean in evidence.numbers[name]) and comparable(evidence, name)
    }


def _cell(evidence: Evidence, name: str, place: int) -> Glimpse:
    measure, gap = MEASURES[name], evidence.gaps[name][place]
    number = as_number(evidence.numbers[name][place].value, measure)
    if place == evidence.networks[place].beside or not gap.has_interval:
        return Glimpse(number)
    word, worth = judged(evidence, name, place)
    return Glimpse(number, worth or word, _ends(gap, measure), gap)


def _ends(gap: Mean, measure: Measure) -> str:
    return f"{as_number(gap.low, measure, True)} to {as_number(gap.high, measure, True)}"


def compared(evidence: Evidence, method: str = "ricap") -> list[int]:
    """The places of the method's networks that have a standard one beside them."""
    networks = evidence.networks
    return [
        m for m in evidence.networks_of(method) if networks[m].beside != m and evidence.partner(m).method == "standard"
    ]


def without_repeats(evidence: Sequence[Evidence]) -> list[Evidence]:
    """Without those whose networks that would be told of are among those of one before."""
    told: list[set[str]] = []
    kept = []
    for one in evidence:
        names = {name for place in best_pair(one) for name in one.networks[place].names}
        if not any(names <= others for others in told):
            kept.append(one)
        told.append(names)
    return kept


def best_pair(evidence: Evidence) -> tuple[int, int]:
    """The places of RICAP's best network and of the standard one beside it."""
    best = min(compared(evidence), key=lambda place: evidence.networks[place].test_error)
    return best, evidence.networks[best].beside


def all_compared(evidence: Evidence) -> list[int]:
    """The places of all networks that have a standard one beside them, RICAP's first."""
    methods = dict.fromkeys(["ricap", *(network.method for network in evidence.networks)])
    return [one for method in methods for one in compared(evidence, method)]


def verdicts(evidence: Evidence, one: int) -> dict[str, list[str]]:
    """Section title -> a sentence for each question asked of network `one` beside its partner."""
    return {
        SECTION_TITLES[section]: [verdict(evidence, name, one) for name in names if evidence.gaps[name][one].count]
        + _baselines(evidence, section, one)
        for section, names in ASKED.items()
    }


def highlights(evidence: Evidence, one: int) -> list[str]:
    """The verdicts of the measures in FIRST on network `one`."""
    asked = (name for names in ASKED.values() for name in names if name in FIRST)
    return [verdict(evidence, name, one) for name in asked if evidence.gaps[name][one].count]


def _baselines(evidence: Evidence, section: str, one: int) -> list[str]:
    """Whether a network's own maps beat maps that know nothing."""
    told = []
    if section == "hide":
        told = [_hidden(evidence, one), _beside_blob(evidence, HIDING_LEADS, one)]
    elif section == "faith":
        told = [_beside_blob(evidence, FAITH_LEADS, one)]
    return [sentence for sentence in told if sentence]


def _hidden(evidence: Evidence, one: int) -> str:
    share = HIDDEN[-1]
    taken = [evidence.numbers[f"hidden.{source}.{share}"][one] for source in SOURCES]
    if not all(mean.count for mean in taken):
        return ""
    own, centre, chance = (100 * mean.value for mean in taken)
    return (
        f"With {share} % hidden in the order of its own map it errs {own:.1f} %; in that of a blob in the centre "
        f"{centre:.1f} %; of a random map {chance:.1f} %."
    )


def _beside_blob(evidence: Evidence, names: dict[str, str], one: int) -> str:
    """What a network's own map does better or worse than a blob in the centre; names: measure -> its short name."""
    told = []
    for name, short in names.items():
        mean, better = evidence.numbers[name][one], MEASURES[name].better or "more"
        if mean.count >= FEW:
            word = "no clear difference"
            if mean.clear:
                word = "better" if (mean.value > 0) == (better == "more") else "worse"
            value = as_number(mean.value, MEASURES[name], True)
            told.append(f"{short} {value} points, {word} ({_ends(mean, MEASURES[name])})")
    return f"Its own map beside a blob in the centre: {'; '.join(told)}." if told else ""


def as_text(evidence: Evidence) -> str:
    """Every number for a terminal, and the verdicts."""
    lines = [f"{evidence.card.get('images')} images; mean (95 % bootstrap interval)"]
    for measure in MEASURES.values():
        lines.append(f"{measure.title}{' in %' if measure.share else ''}")
        for network, mean in zip(evidence.networks, evidence.numbers[measure.name], strict=True):
            lines.append(f"  {network.title:24} {as_number(mean.value, measure):>7}{ends_of(mean, measure)}")
    for one in all_compared(evidence):
        lines += ["", f"{evidence.networks[one].title} beside {evidence.partner(one).title}"]
        for title, sentences in verdicts(evidence, one).items():
            lines += ["", title, *(f"  {sentence}" for sentence in sentences)]
    return "\n".join(lines)
