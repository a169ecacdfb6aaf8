"""What the numbers say of one network beside another, in a sentence each, also where that is: no difference."""

from __future__ import annotations

from ..cam.methods import GRID_BOUND
from .measures import HIDDEN, MEASURES, NET, SECTION_TITLES, SOURCES, Measure
from .record import Evidence

ASKED = {
    "maps": ("area", "entropy", "focus"),
    "hide": tuple(f"hidden.{source}.{share}" for source in ("own", NET) for share in HIDDEN),
    "faith": tuple(f"{name}.{NET}" for name in ("drop", "increase", "deletion", "insertion")),
    "robust": ("crop.70", "crop.50", "grey.20", "grey.40", "grey.60"),
    "calibration": ("ece", "loss"),
}  # section -> the measures whose verdict is told
# what is told where there is room for little
FIRST = ("focus", "area", "hidden.own.20", "hidden.net.20", "grey.40", "ece")


def as_number(value: float, measure: Measure, signed: bool = False) -> str:
    """A number as people read it: % with one decimal for shares, else three decimals; – for none."""
    if value != value:
        return "–"
    text = f"{100 * value:+.1f}" if measure.share else f"{value:+.3f}"
    return (text if signed else text.lstrip("+")).replace("-", "−")


def verdict(evidence: Evidence, name: str, one: int, other: int = 0) -> str:
    """Network `one` beside network `other`, which must be the first: more, less, or no difference."""
    measure = MEASURES[name]
    unit = "" if not measure.share else " points" if f".{NET}" in name else " %"
    mine, theirs = (evidence.numbers[name][m] for m in (one, other))
    gap = evidence.gaps[name][one]
    values = f"{as_number(mine.value, measure)}{unit} against {as_number(theirs.value, measure)}{unit}"
    if not comparable(evidence, name):
        sizes = " and ".join(str(evidence.networks[m].image_size) for m in (one, other))
        return f"{_upper(measure.title)}: {values}, not comparable: images of {sizes} px have maps of different grids."
    ends = (
        f"95 % interval of the difference {as_number(gap.low, measure, True)} to {as_number(gap.high, measure, True)}"
    )
    return f"{_upper(measure.title)}: {values}, {said(evidence, name, one)} ({ends})."


def comparable(evidence: Evidence, name: str) -> bool:
    """Whether the networks' numbers can be set side by side: not those that hang on the map's grid, if grids differ."""
    return name not in GRID_BOUND or evidence.one_size


def said(evidence: Evidence, name: str, one: int) -> str:
    """more, less or no difference, and whether that is better, as far as the interval leaves no doubt."""
    gap, better = evidence.gaps[name][one], MEASURES[name].better
    if not (gap.low > 0 or gap.high < 0):
        return "no difference"
    word = "more" if gap.value > 0 else "less"
    return word + (f", which is {'better' if word == better else 'worse'}" if better else "")


def verdicts(evidence: Evidence, method: str = "ricap") -> dict[str, list[str]]:
    """Section title -> a sentence for each question asked of a method's network beside the standard one's."""
    one = evidence.network_of(method)
    if one is None or evidence.networks[0].method != "standard":
        return {}
    return {
        SECTION_TITLES[section]: [verdict(evidence, name, one) for name in names if evidence.gaps[name][one].count]
        + _baselines(evidence, section, one)
        for section, names in ASKED.items()
    }


def highlights(evidence: Evidence, method: str = "ricap") -> list[str]:
    """The verdicts of the measures in FIRST; none where there is no such network, or no standard one before it."""
    told = [sentence for sentences in verdicts(evidence, method).values() for sentence in sentences]
    titles = tuple(_upper(MEASURES[name].title) for name in FIRST)
    return [sentence for sentence in told if sentence.startswith(titles)]


def _baselines(evidence: Evidence, section: str, one: int) -> list[str]:
    """Whether a network's own maps beat maps that know nothing."""
    share = HIDDEN[-1]
    taken = [evidence.numbers[f"hidden.{source}.{share}"][one] for source in SOURCES]
    if section != "hide" or not all(mean.count for mean in taken):
        return []
    own, centre, chance = (100 * mean.value for mean in taken)
    return [
        f"With {share} % hidden in the order of its own map {evidence.networks[one].title} errs {own:.1f} %; "
        f"in that of a blob in the centre {centre:.1f} %; of a random map {chance:.1f} %."
    ]


def as_text(evidence: Evidence) -> str:
    """Every number for a terminal, and the verdicts."""
    lines = [f"{evidence.card.get('images')} images; mean (95 % bootstrap interval)"]
    for measure in MEASURES.values():
        lines.append(f"{measure.title}{' in %' if measure.share else ''}")
        for network, mean in zip(evidence.networks, evidence.numbers[measure.name], strict=True):
            low, high = as_number(mean.low, measure), as_number(mean.high, measure)
            lines.append(f"  {network.title:24} {as_number(mean.value, measure):>7} ({low} to {high})")
    for title, sentences in verdicts(evidence).items():
        lines += ["", title, *(f"  {sentence}" for sentence in sentences)]
    return "\n".join(lines)


def _upper(text: str) -> str:
    return text[:1].upper() + text[1:]
