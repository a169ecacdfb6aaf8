"""What is taken away makes the very same draw again, and a plan finds its way back."""

import json
import sys
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from io import BytesIO
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from ricap_explorer.classes import IMAGENETTE
from ricap_explorer.cli import main
from ricap_explorer.errors import InputError
from ricap_explorer.mixing import METHODS
from ricap_explorer.mixing.ricap import RicapPlan, draw_one
from ricap_explorer.ui import patching
from ricap_explorer.ui.pictures import CANVAS
from ricap_explorer.ui.services import Models
from ricap_explorer.ui.tabs import patch
from ricap_explorer.ui.tabs.patch_take import class_list, file_content, read_plan, take_away

ROOT = Path(__file__).parents[2]
MOVED = {"boundary": [100, 40], "corners": [[5, 6], [7, 8], [9, 10], [11, 12]]}
STATES = [patch.OPENING, patch.OPENING | {"moved": MOVED, "slots": ["sample:church-1", *patching.SLOTS[1:]]}]


def shown(services, state: dict) -> patching.Patched:
    return patching.patch(services, state["slots"], state["beta"], state["seed"], state["moved"])


@pytest.mark.parametrize("state", STATES)
def test_python_lines_make_the_same_pixels_and_label(state, services, monkeypatch):
    monkeypatch.chdir(ROOT)
    made: dict = {}
    exec(take_away(services, state)["python"], made)  # the page's own text
    patched = shown(services, state)
    assert np.array_equal(made["patched"].permute(1, 2, 0).numpy(), np.asarray(patched.image))
    assert sorted(share for share in made["targets"][0].tolist() if share) == pytest.approx(
        sorted(s for _, s in patched.shares if s), abs=1e-6
    )


@pytest.mark.parametrize("state", STATES)
def test_the_command_line_makes_the_same_file(state, services, monkeypatch, tmp_path, capsys):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "assets").symlink_to(ROOT / "assets")
    (tmp_path / "plan.json").write_bytes(file_content(services, state, "json"))
    words = take_away(services, state)["shell"].split()
    monkeypatch.setattr(sys, "argv", ["ricap_explorer", *words[3:]])
    assert main() == 0
    assert np.array_equal(np.asarray(Image.open("patched.png")), np.asarray(shown(services, state).image))
    assert capsys.readouterr().out == take_away(services, state)["json"] + "\n"


def test_photographs_are_named_where_they_lie(services, picture, monkeypatch, tmp_path):
    """The data folder may be any; a class's folder may hold others."""
    file = tmp_path / "my data" / "pets" / "val" / "cat" / "indoors" / "a.png"
    file.parent.mkdir(parents=True)
    picture().save(file)
    services.pictures.files["photo-pets:cat/indoors/a.png"] = ("cat", file)
    state = patch.OPENING | {"slots": ["photo-pets:cat/indoors/a.png", *patching.SLOTS[1:]]}
    assert repr(str(file)) in take_away(services, state)["python"]
    monkeypatch.chdir(tmp_path)
    assert "patch 'my data/pets/val/cat/indoors/a.png' assets/" in take_away(services, state)["shell"]


def test_files(services):
    image = Image.open(BytesIO(file_content(services, STATES[1], "png")))
    assert np.array_equal(np.asarray(image), np.asarray(shown(services, STATES[1]).image))
    assert RicapPlan.from_json(file_content(services, STATES[1], "json").decode()).boundary == (100, 40)
    svg = file_content(services, STATES[1], "svg")
    assert b"<svg" in svg and svg == file_content(services, STATES[1], "svg")
    assert file_content(services, STATES[0], "pdf").startswith(b"%PDF")
    with pytest.raises(InputError, match="file must be one of png, svg, pdf, json; got 'exe'"):
        file_content(services, STATES[0], "exe")


def test_figures_made_at_once_leave_matplotlib_as_it_was(services):
    from matplotlib import rcParams

    before = dict(rcParams)
    with ThreadPoolExecutor(4) as pool:
        files = list(pool.map(lambda _: file_content(services, STATES[1], "svg"), range(8)))
    assert len(set(files)) == 1 and dict(rcParams) == before


def test_uploads_are_told_and_quoted(services, picture, tmp_path):
    picture().save(tmp_path / "a.png")
    added = services.pictures.add((tmp_path / "a.png").read_bytes(), "my cat's; rm.png")
    state = patch.OPENING | {"slots": [patching.SLOTS[0], added.id, *patching.SLOTS[2:]]}
    told = take_away(services, state)
    assert "slot 2 will open with a sample" in told["uploads"] and take_away(services, STATES[0])["uploads"] == ""
    assert "'my cat'\"'\"'s; rm.png'" in told["shell"]
    compile(told["python"], "lines", "exec")
    assert file_content(services, state, "svg")
    dashed = services.pictures.add((tmp_path / "a.png").read_bytes(), "-rf.png")
    assert " ./-rf.png " in take_away(services, state | {"slots": [dashed.id, *patching.SLOTS[1:]]})["shell"]
    long = services.pictures.add((tmp_path / "a.png").read_bytes(), f"{'my holiday ' * 5}.jpeg")
    lines = take_away(services, state | {"slots": [long.id, *patching.SLOTS[1:]]})["shell"]
    assert len(long.name) == 24 and f"{'my holiday ' * 5}.jpeg" in lines  # the file's own name, whole


def test_a_plan_comes_back(services):
    plan = shown(services, STATES[1]).plan
    moved = read_plan(plan.to_json())
    assert shown(services, STATES[0] | {"moved": json.loads(json.dumps(moved))}).plan == plan


def changed(**fields: object) -> str:
    return json.dumps(json.loads(draw_one(0.3, 7, CANVAS).to_json()) | fields)


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("", "a plan must be a JSON object"),
        ("{", "a plan must be a JSON object"),
        (changed().replace('"paste": [0, 0', '"paste": [1, 0'), "the regions must tile the canvas"),
        (draw_one(0.3, 7, 64).to_json(), "the plan must be for 320 x 320 pixels; got 64 x 64"),
        (
            METHODS["cutout"]().plan(1, (320, 320), np.random.default_rng(0)).to_json(),
            "the method of this plan must be ricap",
        ),
        (
            METHODS["ricap"]().plan(2, (320, 320), np.random.default_rng(0)).to_json(),
            "one square image; got 2 of",
        ),
        (changed().replace('"source": [3]', '"source": [0]'), "region k of the plan must show image k"),
    ],
)
def test_a_plan_that_does_not_fit_is_told(text, sentence):
    with pytest.raises(InputError, match=sentence):
        read_plan(text)


def test_labels_are_numbers_of_the_classes_of_the_pictures(services, write_network, tmp_path):
    own = ["ant", "golf ball", "wasp"]
    write_network(tmp_path / "own.safetensors", classes=own)
    services = replace(services, models=Models.find(tmp_path))
    assert class_list(services, ["ant", "golf ball", "golf ball", "wasp"]) == own
    assert class_list(services, ["church", "golf ball"]) == list(IMAGENETTE.values())
    assert class_list(services, ["church", "a.jpg"]) == [*IMAGENETTE.values(), "a.jpg"]
