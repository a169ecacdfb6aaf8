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
EXTRA = "extra"  # an error minus that with nothing hidden, image by image
HIDDEN = (10, 20, 30)  # % of the image, hottest first
TOGETHER = tuple(f"hidden.{ALL}.{share}" for share in HIDDEN)  # what no network is asked by itself
CROPS = (70, 50)  # % of the side that a centre crop keeps
SQUARES = (20, 40, 60)  # side of the grey square, % of the image's


@dataclass(frozen=True)
class Measure:
    """A number of each image. share: shown in %; better: "more", "less", "zero" for the nearer one, "" for neither."""

    name: str
    title: str
    share: bool = True
    better: str = ""

    @property
    def miss(self) -> bool:
        """Whether it is 0 or 1 of each image: its answer is wrong."""
        return self.name.partition(".")[0] in ("hidden", "crop", "grey") and not parts_of(self.name)

    @property
    def bounded(self) -> bool:
        """Whether it lies between 0 and 1: shares but for those of which another is taken off."""
        return self.share and self.better != "zero" and not parts_of(self.name)


def _measures() -> list[Measure]:
    return [
        Measure("area", "share of the map above half of its maximum"),
        Measure("entropy", "entropy of the map (1: even)", share=False),
        Measure("focus", "Focus: share of a class’s map inside its own quarter of a patch", better="more"),
        Measure("hidden.none", "error, nothing hidden", better="less"),
        *(
            Measure(f"hidden.{source}.{share}", f"error, hottest {share} % of {title} hidden", better="less")
            for source, title in (SOURCES | {ALL: "all networks’ maps together"}).items()
            for share in HIDDEN
        ),
        *(
            Measure(
                f"hidden.{minus}.{share}",
                f"extra error, hottest {share} % of its own map hidden instead of {other}",
                better=better,
            )
            for minus, other, better in (
                (NET, "a random part", ""),
                (LEAD, "a blob in the centre", ""),
                (APART, "all networks’ together", "more"),  # its own map should tell best what it needs
            )
            for share in HIDDEN
        ),
        *(
            Measure(
                f"hidden.{ALL}.{EXTRA}.{share}",
                f"extra error, hottest {share} % of all networks’ maps together hidden",
                better="less",
            )
            for share in HIDDEN
        ),
        *(
            Measure(f"{name}.{source}", f"{MEASURE_TITLES[name].lower()}, {words}", better=better)
            for name, better in FAITH.items()
            for source, words in (
                SOURCES | {NET: "its own map minus a random one", LEAD: "its own map minus a blob in the centre"}
            ).items()
        ),
        *(Measure(f"crop.{side}", f"error, centre crop of {side} % of the side", better="less") for side in CROPS),
        *(Measure(f"grey.{side}", f"error, grey square of {side} % of the side", better="less") for side in SQUARES),
        *(
            Measure(f"{name}.{EXTRA}.{side}", f"extra error, {words} of {side} % of the side", better="less")
            for name, words, sides in (("crop", "centre crop", CROPS), ("grey", "grey square", SQUARES))
            for side in sides
        ),
        Measure("confidence", "probability of the network’s answer"),
        Measure("surplus", "probability of the network’s answer minus how often it is right", better="zero"),
        Measure("ece", "expected calibration error, 15 bins", better="less"),
        Measure("loss", "cross-entropy", share=False, better="less"),
    ]


SECTION_TITLES = {
    "maps": "Does it look at more?",
    "hide": "Does it lean on one part?",
    "faith": "Do the maps tell the truth?",
    "robust": "Does it bear crops and occlusion?",
    "calibration": "Does it know what it does not know?",
}
MEASURES: dict[str, Measure] = {measure.name: measure for measure in _measures()}


def parts_of(name: str) -> tuple[str, str] | None:
    """The two measures whose difference this one is: of its own map, and of another, or an error, and that with nothing
    hidden; None where it is none."""
    if f".{EXTRA}" in name:
        return name.replace(f".{EXTRA}", ""), "hidden.none"
    for minus, source in OTHERS.items():
        if f".{minus}" in name:
            return name.replace(f".{minus}", ".own"), name.replace(f".{minus}", f".{source}")
    return None
