"""What is published: links that lead somewhere, numbers that stand in the results, commands that anyone can run."""

import re
import shlex
import subprocess
from pathlib import Path
from statistics import mean, stdev

import pytest

from ricap_explorer.evidence import list_evidence, read_evidence
from ricap_explorer.evidence.verdicts import Glimpse, glance
from ricap_explorer.experiments import list_results
from ricap_explorer.retrieval.record import MEASURES, MEDIANS, Retrieval, read_retrieval, told
from ricap_explorer.zoo import list_checkpoints

ROOT = Path(__file__).parent.parent
DOCUMENTS = [ROOT / "README.md", *sorted((ROOT / "results").rglob("*.md"))]
RUNS = {  # the columns' runs: on whole images, on crops of at least 50 and of at least 25 %
    "standard": ("standard-w32.e200.c100.lr0.1", "standard-w32.e200.c50.lr0.1", "standard-w32.e200.lr0.1"),
} | {
    label: [f"{method}-w32.e200.{crop}.lr0.1" for crop in ("c100", "c50", "c25")]
    for label, method in {
        "+ cutout (half the side)": "cutout",
        "+ mixup, α = 1": "mixup",
        "+ CutMix, α = 1": "cutmix",
        "+ RICAP, β = 0.3": "ricap",
    }.items()
}


def table(head: str, document: str = "README.md") -> dict[str, list[str]]:
    """A document's table whose heading begins so: first cell -> the others."""
    block = (ROOT / document).read_text(encoding="utf-8").partition(f"\n| {head}")[2].partition("\n\n")[0]
    rows = [[cell.strip() for cell in line.strip("|").split(" |")] for line in block.splitlines()[2:]]
    return {first: rest for first, *rest in rows}


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_every_link_to_a_file_leads_to_one(document):
    prose = re.sub(r"```.*?```", "", document.read_text(encoding="utf-8"), flags=re.DOTALL)
    links = [link for link in re.findall(r"\]\(([^)#]+)[^)]*\)", prose) if "://" not in link]
    assert [link for link in links if not (document.parent / link).exists()] == []


def test_commands_name_no_folder_of_a_machine():
    results, checkpoints = list_results(ROOT / "results")[0], list_checkpoints(ROOT / "checkpoints")[0]
    cards = [one.card for one in (*results, *checkpoints, *list_evidence(ROOT / "results")[0])]
    told = [word for card in cards for word in shlex.split(card.get("command", "")) if Path(word).is_absolute()]
    assert len(cards) > 70 and told == []


def test_the_errors_are_those_of_the_runs():
    results = list_results(ROOT / "results")[0]
    told = table("Imagenette, LookNet of half its width")
    assert list(told) == list(RUNS)
    for label, names in RUNS.items():
        for cell, name in zip(told[label], names, strict=True):
            errors = [r.card["test_error"] for r in results if re.fullmatch(rf"imagenette_looknet_{name}_s\d", r.name)]
            spread = f" ± {stdev(errors):.2f}" if len(errors) > 1 else ""
            shown = f"{mean(errors):.2f}{spread} ({len(errors)})" if errors else ""
            assert cell == shown, label


def test_the_errors_on_a_gpu_are_those_of_the_runs():
    results = list_results(ROOT / "results")[0]
    shown = table("Imagenette, LookNet (4.0 M parameters)")
    assert list(shown) == list(RUNS)
    for label, (first, *_) in RUNS.items():
        method = first.partition("-")[0]
        cards = [r.card for r in results if re.fullmatch(rf"imagenette_looknet_{method}-e200_s\d", r.name)]
        settings = {(f"{card['crop_scale']:.0%}".replace("%", " %"), f"{card['lr']:g}") for card in cards}
        sizes, errors = {f"{card['image_size']} px" for card in cards}, [card["test_error"] for card in cards]
        assert all(card["hardware"] == "NVIDIA H200" for card in cards) and len(settings) == len(sizes) == 1
        (crop, rate), (size,) = *settings, sizes
        assert shown[label] == [crop, rate, size, f"{mean(errors):.2f} ± {stdev(errors):.2f} ({len(errors)})"], label


ELSEWHERE = {
    "94.24", "95.03",  # the public leaderboard's accuracies
    "10.90", "10.79",  # RICAP's second run on crops of at least 25 % at 112 px, and the mean: its output was not kept
}  # fmt: skip


def rounded(errors: list[float]) -> set[str]:
    """Errors of runs that differ in their seed as prose tells them: each, right instead of wrong, their mean (of errors
    that are rounded themselves either way)."""
    means = (mean(errors) + step for step in (-0.004, 0, 0.004))
    return {f"{number:.2f}" for number in (*errors, *(100 - error for error in errors), *means)}


@pytest.mark.parametrize("document", DOCUMENTS[:2], ids=lambda path: str(path.relative_to(ROOT)))
def test_every_error_in_prose_was_measured(document):
    """At the size of the result, or at another as `test-size.txt` has it, or it is the paper's."""
    runs: dict[str, list[float]] = {}
    for result in list_results(ROOT / "results")[0]:
        runs.setdefault(result.name.rpartition("_s")[0], []).append(result.card["test_error"])
    tried = (ROOT / "results" / "test-size.txt").read_text(encoding="utf-8")
    for name, part in re.findall(r"/(\w[^/ ]*)_s\d\.safetensors(.*?)(?=\n\$|\Z)", tried, flags=re.DOTALL):
        for size, error in re.findall(r"(\d+) px: top-1 error: (\S+)", part):
            runs.setdefault(f"{name} at {size}", []).append(float(error))
    papers = re.findall(r"\d+\.\d\d", (ROOT / "experiments" / "cifar.toml").read_text(encoding="utf-8"))
    measured = set().union(ELSEWHERE, papers, *map(rounded, runs.values()))
    shown = re.findall(r"(?<![\d.+−–-])\d+\.\d\d(?!\d)", document.read_text(encoding="utf-8"))
    errors = {number for number in shown if float(number) >= 5}  # what is smaller is a difference or a loss
    assert len(errors) > 15 and errors - measured == set()


def tuned(weights: str) -> tuple:
    """The runs that fine-tune a network: by standard augmentation, by RICAP, and their difference."""
    one, other = (f"{method}-fine.{weights}" for method in ("standard", "ricap"))
    return one, other, (other, one)


LONG = "w32.e200.c100.lr0.1"
TABLES = {  # of results/README.md, by how their headings begin: of every cell the run, or two for their difference
    "held-out error": {
        "standard": ("standard-len48.c25.lr0.1", "standard-len48.c50.lr0.1"),
        "cutout": ("cutout-len48.c25.lr0.1", "cutout-len48.c50.lr0.1"),
        "mixup": ("", "mixup-len48.c50.lr0.1", "mixup-len48.c100.lr0.1"),
        "CutMix": ("", "cutmix-len48.c50.lr0.1", "cutmix-len48.c100.lr0.1"),
        "RICAP": ("", "ricap-len48.c50.lr0.1", "ricap-len48.c100.lr0.1"),
    },
    "RICAP (11.21 ± 0.25 %) beside": {
        "standard, 14.06 ± 0.47 %": [(f"ricap-{LONG}", f"standard-{LONG}")],
        "cutout, 13.67 ± 0.47 %": [(f"ricap-{LONG}", f"cutout-{LONG}")],
        "mixup, 12.48 ± 0.10 %": [(f"ricap-{LONG}", f"mixup-{LONG}")],
        "CutMix, 12.62 ± 0.15 %": [(f"ricap-{LONG}", f"cutmix-{LONG}")],
    },
    "crops of at least": {
        "the whole image": (f"ricap-{LONG}", f"standard-{LONG}"),
        "50 %": ("ricap-w32.e200.c50.lr0.1", "standard-w32.e200.c50.lr0.1"),
        "25 %": ("ricap-w32.e200.c25.lr0.1", "", "standard-w32.e200.lr0.1"),
    },
    "| test error in %": {
        "standard": (f"standard-{LONG}", "", "standard-tune.c100"),
        "label mixing only, β = 0.3": (f"label_mixing-{LONG}", "", "label_mixing-tune.c100"),
        "image mixing only, β = 0.3": (f"image_mixing-{LONG}", "", "image_mixing-tune.c100"),
        "RICAP, β = 0.1": (f"ricap-{LONG}.b0.1", "", "ricap-tune.c100.b0.1"),
        "RICAP, β = 0.3": (f"ricap-{LONG}", "", "ricap-tune.c100"),
        "RICAP, β = 1.0": (f"ricap-{LONG}.b1.0", "", "ricap-tune.c100.b1.0"),
        "RICAP, β = 3.0": (f"ricap-{LONG}.b3.0", "", "ricap-tune.c100.b3.0"),
        "RICAP, β = 0.3, a draw for every image": (f"ricap-{LONG}.per", "", "ricap-tune.c100.per"),
    },
    "| standard, 16 epochs": {
        "learning rate 0.05, weight decay 5e-4": ("standard-tune.c100", "ricap-tune.c100", "ricap-len48.c100"),
        "learning rate 0.02": ("", "ricap-tune.c100.lr0.02"),
        "learning rate 0.1": ("standard-tune.c100.lr0.1", "ricap-tune.c100.lr0.1", "ricap-len48.c100.lr0.1"),
        "learning rate 0.2": ("standard-tune.c100.lr0.2", "ricap-tune.c100.lr0.2", "ricap-len48.c100.lr0.2"),
        "weight decay 1e-4": ("", "ricap-tune.c100.wd0.0001"),
        "weight decay 2e-3": ("", "ricap-tune.c100.wd0.002"),
    },
    "parameters": {
        f"{size} M": (*pair[::-1], pair)
        for size, width in (("0.25", 16), ("1.0", 32), ("4.0", 64))
        for pair in [(f"ricap-w{width}.e80.c50.lr0.1", f"standard-w{width}.e80.lr0.1")]
    },
    "begins with the weights of": {
        "nothing": tuned("anew"),
        "standard, whole images, 14.27 % on Imagenette": tuned("of.standard"),
        "RICAP, whole images, 11.29 %": tuned("of.ricap"),
        "standard, crops of at least 25 %, 10.83 %": ("standard-fine.of.standard.c25", ""),
        "RICAP, crops of at least 50 %, 10.80 %": ("standard-fine.of.ricap.c50", ""),
    },
    "| standard | RICAP | difference": {
        "as it is": ("standard-few.c25", "ricap-few.c50", ("ricap-few.c50", "standard-few.c25")),
        "colours changed by up to 40 %": (
            "standard-few.c25.colour", "ricap-few.c50.colour", ("ricap-few.c50.colour", "standard-few.c25.colour"),
        ),
        "what colours change": (
            ("standard-few.c25.colour", "standard-few.c25"), ("ricap-few.c50.colour", "ricap-few.c50"),
        ),
    },
}  # fmt: skip


@pytest.mark.parametrize("head", TABLES)
def test_a_table_of_what_was_tried_is_that_of_the_runs(head):
    results = list_results(ROOT / "results")[0]
    data = "cifar10-jpeg" if head.startswith("begins") else "imagenette"

    def errors(name: str) -> list[float]:
        return [r.card["test_error"] for r in results if re.fullmatch(rf"{data}_looknet_{name}_s\d", r.name)]

    shown = table(head, "results/README.md")
    assert list(shown) == list(TABLES[head])
    for label, runs in TABLES[head].items():
        for cell, names in zip(shown[label], runs, strict=False):
            number = cell.partition(" at ")[0].partition(" (")[0]
            if isinstance(names, tuple):
                one, other = (mean(errors(name)) for name in names)
                assert number == f"{one - other:+.2f}".replace("-", "−"), label
            elif names:
                measured = errors(names)
                spread = f" ± {stdev(measured):.2f}" if len(measured) > 1 else ""
                assert number == (f"{mean(measured):.2f}{spread}" if measured else ""), label
                assert len(measured) < 2 or f"({len(measured)}" in cell, label


def test_what_is_tracked_fits_on_a_machine_that_trains():
    """Git tells what is; a copy without its folder is not asked."""
    if not (ROOT / ".git").exists():
        pytest.skip("no git folder")
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    sizes = [(ROOT / name).stat().st_size for name in listed.split("\0") if name and (ROOT / name).exists()]
    assert len(sizes) > 400 and sum(sizes) < 44 * 2**20


FLICKR = ROOT / "results" / "retrieval"
TEN = ("c10", "i10")


def recalls(found: Retrieval, way: int, names: tuple[str, ...] = MEASURES) -> list[str]:
    return [told(name, found.numbers[name][way].value) for name in names]


def test_recall_is_that_of_the_file():
    found = read_retrieval(FLICKR / "flickr8k-1k.json")
    gaps = [
        f"{told(name, gap.low, True)} to {told(name, gap.high, True)}" if name not in MEDIANS else ""
        for name, gap in ((name, found.gaps[name][1]) for name in MEASURES)
    ]
    shown = table("| caption R@1", "results/README.md")
    ways = {"standard": 0, "RICAP, β = 0.3": 1}
    assert shown == {title: recalls(found, way) for title, way in ways.items()} | {"difference, 95 %": gaps}
    tuned = {path.stem: read_retrieval(path) for path in (FLICKR / "tuning").glob("*.json")}
    assert table("epochs | standard", "results/README.md") == {
        epochs: [text for way in (0, 1) for text in recalls(one, way, TEN)] for epochs, one in tuned.items()
    }


def glimpsed(cell: Glimpse) -> str:
    return f"{cell.number}, {cell.word} ({cell.ends})" if cell.word else cell.number


def test_the_evidence_is_that_of_the_files():
    whole, best = (
        glance(read_evidence(ROOT / "results" / "evidence" / f"imagenette-200{name}.json")) for name in ("-whole", "")
    )
    shown = table("| standard, whole images")
    assert len(shown) == 8 and list(whole) == list(best)
    for title, cells in shown.items():
        (standard, ricap, *_), (_, own, _, tuned, _) = whole[title], best[title]
        assert cells == [glimpsed(standard), glimpsed(ricap), own.number, glimpsed(tuned)], title
    halves = glance(read_evidence(ROOT / "results" / "evidence" / "imagenette-200-halves.json"))
    parts = table("| standard, whole images, published", "results/README.md")
    assert len(parts) == 8
    for title, cells in parts.items():
        assert cells == [glimpsed(cell) for cell in halves[title]], title
    larger = glance(read_evidence(ROOT / "results" / "evidence" / "imagenette-gpu.json"))
    for head, numbers in (("| standard, whole", whole), ("| standard, 0.05", best), ("| standard, 4.0 M", larger)):
        assert table(head, "results/README.md") == {
            title: [glimpsed(cell) for cell in cells] for title, cells in numbers.items()
        }
