"""The walls: errors -> mixing, models, data -> training, zoo, cam -> figures -> ui -> app.py and the commands."""

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PACKAGE = "ricap_explorer"
FLOORS = [
    {"errors", "bootstrap", "cards", "classes", "titles", "transfer", "folders", "words"},
    {"mixing", "models", "data"},
    {"training", "zoo", "cam", "experiments", "lesson", "evidence", "retrieval"},
    {"figures"},
    {"ui"},
    {"app", "cli", "bench", "__main__"},
]
FLOOR = {room: floor for floor, rooms in enumerate(FLOORS) for room in rooms}
OPEN_DOORS = {  # between rooms of one floor
    ("folders", "errors"), ("titles", "cards"), ("titles", "errors"), ("titles", "words"),
    ("training", "zoo"), ("experiments", "training"),
    ("lesson", "cam"), ("evidence", "cam"), ("evidence", "training"), ("evidence", "zoo"), ("experiments", "evidence"),
    ("retrieval", "evidence"), ("retrieval", "training"), ("retrieval", "zoo"), ("experiments", "retrieval"),
    ("__main__", "cli"), ("cli", "bench"),
}  # fmt: skip
ONLY_IN = {"gradio": {"ui", "app"}, "matplotlib": {"figures"}, "pytorch_grad_cam": {"cam"}, "grad_cam": {"cam"}}
SOURCES = sorted((ROOT / PACKAGE).rglob("*.py")) + [path for path in [ROOT / "app.py"] if path.exists()]


def room_of(path: Path) -> str:
    """The part of the house that a file belongs to; '' for the package's own __init__."""
    parts = path.relative_to(ROOT).with_suffix("").parts
    room = parts[1] if parts[0] == PACKAGE else parts[0]
    return "" if room == "__init__" else room


def imported(source: str, path: Path) -> set[str]:
    """Absolute names of everything a file imports, wherever in it the import stands."""
    package = path.relative_to(ROOT).parent.parts
    names = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            base = package[: len(package) - node.level + 1] if node.level else ()
            module = ".".join((*base, *(node.module or "").split("."))).strip(".")
            names |= {f"{module}.{alias.name}" for alias in node.names}
    return names


def breaches(source: str, path: Path) -> list[str]:
    """What a file imports though a wall stands between."""
    here, found = room_of(path), []
    for name in sorted(imported(source, path)):
        top, *rest = name.split(".")
        if top in ONLY_IN and here not in ONLY_IN[top]:
            found.append(name)
        there = rest[0] if top == PACKAGE and rest else top if top == "app" else None
        if there not in FLOOR or there == here or (here, there) in OPEN_DOORS:
            continue
        if FLOOR[there] >= FLOOR.get(here, 0):
            found.append(name)
    return found


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: str(path.relative_to(ROOT)))
def test_no_import_goes_through_a_wall(path):
    assert breaches(path.read_text(), path) == []


def test_every_file_belongs_somewhere():
    assert {room_of(path) for path in SOURCES} - {""} <= set(FLOOR)


@pytest.mark.parametrize(
    ("file", "line"),
    [
        ("mixing/ricap.py", "from ..data import Split"),
        ("mixing/ricap.py", "from ..models.looknet import LookNet"),
        ("errors.py", "from .mixing import Ricap"),
        ("zoo.py", "from .training import train"),
        ("cam/maps.py", "import ricap_explorer.figures.heat"),
        ("cam/maps.py", "from ..figures import heat"),
        ("figures/heat.py", "import gradio as gr"),
        ("training/run.py", "def f():\n    from matplotlib.figure import Figure"),
        ("ui/page.py", "import matplotlib"),
        ("ui/page.py", "from pytorch_grad_cam import GradCAM"),
        ("ui/page.py", "from .. import cli"),
        ("figures/heat.py", "from .. import ui"),
        ("__init__.py", "from .mixing import Ricap"),
    ],
)
def test_a_breach_is_seen(file, line):
    assert breaches(line, ROOT / PACKAGE / file)


@pytest.mark.parametrize(
    ("file", "line"),
    [
        ("training/run.py", "from ..zoo import write_checkpoint\nfrom .. import __version__\nfrom .config import x"),
        ("ui/tabs/patch.py", "import gradio as gr\nfrom ...mixing import Ricap\nfrom ..theme import THEME"),
        ("cam/maps.py", "import pytorch_grad_cam\nfrom ..models import MODELS"),
    ],
)
def test_an_open_door_is_no_breach(file, line):
    assert breaches(line, ROOT / PACKAGE / file) == []
