"""Files of evidence come back as they were; damaged ones are a sentence, older ones are shown as far as they go."""

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from ricap_explorer.errors import InputError
from ricap_explorer.evidence import MEASURES, list_evidence, read_evidence
from ricap_explorer.evidence.verdicts import verdicts
from ricap_explorer.figures.evidence import sections

from .conftest import make_evidence


def test_a_file_comes_back_and_a_bad_one_is_a_sentence(tmp_path: Path):
    folder = tmp_path / "evidence"
    folder.mkdir()
    evidence = make_evidence((0.1, 0.05, 0.15))
    (folder / "toy.json").write_text(evidence.to_json())
    back = read_evidence(folder / "toy.json")
    assert back.to_json() == evidence.to_json() and back.networks == evidence.networks
    assert np.isnan(back.reliability[0][1][0]) and back.numbers["area"] == evidence.numbers["area"]
    (folder / "broken.json").write_text('{"networks": []}')
    (folder / "short.json").write_text(evidence.to_json().replace("[0.4, 0.3, 0.5, 10], ", ""))
    good, problems = list_evidence(tmp_path)
    assert [one.name for one in good] == ["toy"] and len(problems) == 2
    with pytest.raises(InputError, match="missing.json must be a file of evidence"):
        read_evidence(folder / "missing.json")


def change(value: dict, path: str, new: object) -> str:
    """The file with one value replaced, or removed (...); path: keys and places, divided by spaces."""
    *way, last = (int(key) if key.isdigit() else key for key in path.split())
    place = value
    for key in way:
        place = place[key]
    if new is ...:
        del place[last]
    else:
        place[last] = new
    return json.dumps(value)


@pytest.mark.parametrize(
    ("path", "new"),
    [
        ("card images", ...),
        ("card dataset", 3),
        ("card grids", 3),
        ("card parameters", 3),
        ("card parameters", ["4"]),
        ("networks 0 epochs", "three"),
        ("networks 0 crop_scale", ...),
        ("networks 1 beside", 2),
        ("networks 1 beside", -1),
        ("networks 1 beside", "0"),
        ("networks 1 beside", True),
        ("networks", []),
        ("reliability 1", ...),
        ("reliability 1", []),
        ("numbers area 0 0", "0.4"),
        ("numbers area 0", [0.4]),
        ("numbers area 0 3", float("inf")),
        ("gaps", ...),
        ("gaps", []),
    ],
)
def test_a_file_damaged_anywhere_is_one_sentence_and_never_reaches_the_page(tmp_path, path, new):
    file = tmp_path / "toy.json"
    file.write_text(change(json.loads(make_evidence((0.1, 0.05, 0.15)).to_json()), path, new))
    with pytest.raises(InputError, match="toy.json must be a file of evidence; it is none"):
        read_evidence(file)


def test_a_file_nested_too_deeply(tmp_path):
    (tmp_path / "deep.json").write_text("[" * 100_000)
    with pytest.raises(InputError, match="deep.json must be a file of evidence; it is none"):
        read_evidence(tmp_path / "deep.json")


def test_a_size_that_all_share_is_in_the_title():
    evidence = make_evidence((0.1, 0.05, 0.15))
    for sizes, told in (([3_961_586], ", 4.0 M parameters, "), ([10, 20], ", "), ([], ", ")):
        sized = replace(evidence, card=evidence.card | {"parameters": sizes})
        assert sized.subject == evidence.subject.replace(", ", told, 1)


def test_in_an_older_file_the_first_network_is_everybody_s_partner(tmp_path):
    file = tmp_path / "toy.json"
    file.write_text(change(json.loads(make_evidence((0.1, 0.05, 0.15)).to_json()), "networks 1 beside", ...))
    assert read_evidence(file).partner(1).title == "Standard"


@pytest.mark.parametrize("name", ["grey.60", "hidden.net.20", "area", "ece", "drop.own", "hidden.own.30"])
def test_an_older_file_without_a_measure_is_shown_without_it(tmp_path, name):
    file = tmp_path / "toy.json"
    value = json.loads(make_evidence((0.1, 0.05, 0.15)).to_json())
    file.write_text(change(json.loads(change(value, f"numbers {name}", ...)), f"gaps {name}", ...))
    old = read_evidence(file)
    assert old.numbers[name][0].count == 0 and "nan" not in sections(old)
    told = [sentence for sentences in verdicts(old, 1).values() for sentence in sentences]
    title = MEASURES[name].title
    assert not any(sentence.startswith(f"{title[:1].upper()}{title[1:]}:") for sentence in told)
    assert any(sentence.startswith(MEASURES["focus"].title) for sentence in told)


@pytest.mark.parametrize("names", [("hidden",), ("hidden.own",), ("crop", "grey"), ("",)])
def test_a_file_without_many_measures_is_shown_without_them(tmp_path, names):
    file = tmp_path / "toy.json"
    value = json.loads(make_evidence((0.1, 0.05, 0.15)).to_json())
    for table in ("numbers", "gaps"):
        value[table] = {name: row for name, row in value[table].items() if not name.startswith(names)}
    file.write_text(json.dumps(value))
    page = sections(read_evidence(file))
    assert page.count("<section") == 5 and "nan" not in page
