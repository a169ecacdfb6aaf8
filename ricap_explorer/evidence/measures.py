"""What is measured of every network, by name. Needs no torch."""

from __future__ import annotations

from dataclasses import dataclass

from ..cam.methods import MEASURE_TITLES

SOURCES = {
    "own": "its own map", "centre": "a blob in the centre", "random": "a random map",
}  # whose order hides pixels  # fmt: skip
FAITH = {"drop": "less", "increase": "more", "deletion": "less", "insertion": "more"}  # what is better of each
ALL = "all"  # in place of a source: the maps of all networks together, which hide the same from each
NET, LEAD, APART = "net", "lead", "apart"  # in place of a source: its own map's number minus another's, image by image
OTHERS = {NET: "random", LEAD: "centre", APART: ALL}  # the other's source
NOTHING = "hidden.none"  # the error with nothing hidden
EXTRA = "extra"  # an error minus that, image by image
HIDDEN = (10, 20, 30)  # % of the image, hottest first
TOGETHER = tuple(f"hidden.{ALL}.{share}" for share in HIDDEN)  # what no network is asked by itself
CROPS = (70, 50)  # % of the side that a centre crop keeps
SQUARES = (20, 40, 60)  # side of the grey square, % of the image's


@dataclass(frozen=True)
class Measure:
    """A number of each image.

    share: shown in %; better: "more", "less", "zero" for the nearer one, "" for neither; miss: 0 or 1 of each image,
    whether its answer is wrong; parts: the two measures whose difference it is, image by image.
    """

    name: str
    title: str
    share: bool = True
    better: str = ""
    miss: bool = False
    parts: tuple[str, str] | None = None

    @property
    def bounded(self) -> bool:
        """Whether it lies between 0 and 1: shares but for those of which another is taken off."""
        return self.share and self.better != "zero" and not self.parts


def _miss(name: str, title: str) -> Measure:
    return Measure(name, f"error, {title}", better="less", miss=True)


def _extra(name: str, title: str) -> Measure:
    """How much more often it errs than with nothing hidden; name: of the error, and what is hidden of how much."""
    what, _, much = name.rpartition(".")
    return Measure(f"{what}.{EXTRA}.{much}", f"extra error, {title}", better="less", parts=(name, NOTHING))


def _measures() -> list[Measure]:
    return [
        Measure("area", "share of the map above half of its maximum"),
        Measure("entropy", "entropy of the map (1: even)", share=False),
        Measure("focus", "Focus: share of a class’s map inside its own quarter of a patch", better="more"),
        _miss(NOTHING, "nothing hidden"),
        *(
            _miss(f"hidden.{source}.{share}", f"hottest {share} % of {title} hidden")
            for source, title in (SOURCES | {ALL: "all networks’ maps together"}).items()
            for share in HIDDEN
        ),
        *(
            Measure(
                f"hidden.{minus}.{share}",
                f"extra error, hottest {share} % of its own map hidden instead of {other}",
                better=better,
                parts=(f"hidden.own.{share}", f"hidden.{OTHERS[minus]}.{share}"),
            )
            for minus, other, better in (
                (NET, "a random part", ""),
                (LEAD, "a blob in the centre", ""),
                (APART, "all networks’ together", "more"),  # its own map should tell best what it needs
            )
            for share in HIDDEN
        ),
        *(
            _extra(f"hidden.{ALL}.{share}", f"hottest {share} % of all networks’ maps together hidden")
            for share in HIDDEN
        ),
        *(measure for name, better in FAITH.items() for measure in _faith(name, better)),
        *(_miss(f"crop.{side}", f"centre crop of {side} % of the side") for side in CROPS),
        *(_miss(f"grey.{side}", f"grey square of {side} % of the side") for side in SQUARES),
        *(_extra(f"crop.{side}", f"centre crop of {side} % of the side") for side in CROPS),
        *(_extra(f"grey.{side}", f"grey square of {side} % of the side") for side in SQUARES),
        Measure("confidence", "probability of the network’s answer"),
        Measure("surplus", "probability of the network’s answer minus how often it is right", better="zero"),
        Measure("ece", "expected calibration error, 15 bins", better="less"),
        Measure("loss", "cross-entropy", share=False, better="less"),
    ]


def _faith(name: str, better: str) -> list[Measure]:
    """A measure of faithfulness: of each source's map, and of its own map beside the others."""
    title = MEASURE_TITLES[name].lower()
    beside = {NET: "its own map minus a random one", LEAD: "its own map minus a blob in the centre"}
    return [Measure(f"{name}.{source}", f"{title}, {words}", better=better) for source, words in SOURCES.items()] + [
        Measure(f"{name}.{minus}", f"{title}, {words}", better=better, parts=(f"{name}.own", f"{name}.{OTHERS[minus]}"))
        for minus, words in beside.items()
    ]


SECTION_TITLES = {
    "maps": "Does it look at more?",
    "hide": "Does it lean on one part?",
    "faith": "Do the maps tell the truth?",
    "robust": "Does it bear crops and occlusion?",
    "calibration": "Does it know what it does not know?",
}
MEASURES: dict[str, Measure] = {measure.name: measure for measure in _measures()}
