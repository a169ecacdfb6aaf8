"""What is measured of every network, by name. Needs no torch."""

from __future__ import annotations

from dataclasses import dataclass

SOURCES = {
    "own": "its own map", "centre": "a blob in the centre", "random": "a random map",
}  # whose order hides pixels  # fmt: skip
NET = "net"  # in place of a source: its own map's number minus the random map's, image by image
HIDDEN = (10, 20, 30)  # % of the image, hottest first
CROPS = (70, 50)  # % of the side that a centre crop keeps
SQUARES = (20, 40, 60)  # side of the grey square, % of the image's


@dataclass(frozen=True)
class Measure:
    """A number of each image. share: shown in %; better: "more", "less", or "" where neither is."""

    name: str
    title: str
    share: bool = True
    better: str = ""


def _measures() -> dict[str, list[Measure]]:
    faith = [
        ("drop", "average drop", "less"), ("increase", "increase", "more"),
        ("deletion", "deletion area", "less"), ("insertion", "insertion area", "more"),
    ]  # fmt: skip
    return {
        "maps": [
            Measure("area", "share of the map above half of its maximum"),
            Measure("entropy", "entropy of the map (1: even)", share=False),
            Measure("focus", "Focus: share of a class’s map inside its own quarter of a patch", better="more"),
        ],
        "hide": [Measure("hidden.none", "error, nothing hidden", better="less")]
        + [
            Measure(f"hidden.{source}.{share}", f"error, hottest {share} % of {title} hidden", better="less")
            for source, title in SOURCES.items()
            for share in HIDDEN
        ]
        + [
            Measure(f"hidden.{NET}.{share}", f"error that hiding {share} % by its own map adds to hiding at random")
            for share in HIDDEN
        ],
        "faith": [
            Measure(f"{name}.{source}", f"{title}, {words}", better=better)
            for name, title, better in faith
            for source, words in (SOURCES | {NET: "its own map minus a random one"}).items()
        ],
        "robust": [
            Measure(f"crop.{side}", f"error, centre crop of {side} % of the side", better="less") for side in CROPS
        ]
        + [Measure(f"grey.{side}", f"error, grey square of {side} % of the side", better="less") for side in SQUARES],
        "calibration": [
            Measure("confidence", "probability of the network’s answer"),
            Measure("ece", "expected calibration error, 15 bins", better="less"),
            Measure("loss", "cross-entropy", share=False, better="less"),
        ],
    }


SECTIONS: dict[str, list[Measure]] = _measures()
SECTION_TITLES = {
    "maps": "Does it look at more?",
    "hide": "Does it lean on one part?",
    "faith": "Do the maps tell the truth?",
    "robust": "Does it bear crops and occlusion?",
    "calibration": "Does it know what it does not know?",
}
MEASURES: dict[str, Measure] = {measure.name: measure for section in SECTIONS.values() for measure in section}


def net_of(name: str) -> tuple[str, str]:
    """The two measures whose difference a net one is: of its own map, of a random one."""
    return name.replace(f".{NET}", ".own"), name.replace(f".{NET}", ".random")
