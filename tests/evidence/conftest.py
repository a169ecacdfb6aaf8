"""Evidence made up for tests."""

from ricap_explorer.bootstrap import Mean
from ricap_explorer.evidence import MEASURES, Evidence, Network


def make_evidence(gap: tuple[float, float, float]) -> Evidence:
    networks = tuple(
        Network((f"toy_{method}_s0",), title, method, 3, 12.5, 64, 1.0)
        for method, title in (("standard", "Standard"), ("ricap", "RICAP"))
    )
    numbers = {name: (Mean(0.4, 0.3, 0.5, 10), Mean(0.4 + gap[0], 0.3, 0.6, 10)) for name in MEASURES}
    gaps = {name: (Mean(0, 0, 0, 10), Mean(*gap, 10)) for name in MEASURES}
    nan = float("nan")
    bins = (((0.5, 0.6, 4), (nan, nan, 0)),) * 2
    return Evidence("toy", {"dataset": "toy", "images": 10, "patches": 4}, networks, numbers, gaps, bins)
