"""The commands cam and survey: every kind of file, and how they refuse."""

import csv
import json
from threading import Event
from time import sleep

import numpy as np
import pytest

from ricap_explorer.cli.look import _class_number
from ricap_explorer.errors import InputError
from ricap_explorer.evidence import read_evidence
from ricap_explorer.evidence.measures import MEASURES, Measure
from ricap_explorer.evidence.verdicts import verdicts
from ricap_explorer.figures.evidence import about, sections
from ricap_explorer.models import create_model
from ricap_explorer.zoo import read_checkpoint, write_checkpoint

CARD = {
    "dataset": "pets", "classes": ["cat", "dog"], "model": "looknet", "model_arguments": {"width": 8, "depth": 1},
    "image_size": 48, "mean": [0.46, 0.45, 0.42], "std": [0.27, 0.26, 0.28], "seed": 0, "epochs": 3,
    "test_error": 12.5, "hardware": "CPU", "store_size": 48,
}  # fmt: skip


@pytest.fixture
def networks(tmp_path) -> list[str]:
    """Options that name two networks of random weights."""
    options = []
    for method in ("standard", "ricap"):
        path = write_checkpoint_of(tmp_path / f"{method}.safetensors", method)
        options += ["--checkpoint", path]
    return options


def write_checkpoint_of(path, method, **card):
    settings = {"beta": 0.3} if method == "ricap" else {}
    model = create_model("looknet", 2, **CARD["model_arguments"])
    write_checkpoint(path, model, CARD | {"method": method, "method_settings": settings} | card)
    return path


def test_cam_writes_every_kind_of_file(call, networks, picture, tmp_path):
    picture().save(tmp_path / "a.png")
    begins = {"png": b"\x89PNG", "pdf": b"%PDF", "npz": b"PK", "csv": b"network,class"}
    for kind, start in begins.items():
        code, out, err = call("cam", tmp_path / "a.png", *networks, "--out", tmp_path / f"cam.{kind}")
        assert code == 0 and out.count(" %") == 4, err
        assert (tmp_path / f"cam.{kind}").read_bytes().startswith(start)
    with np.load(tmp_path / "cam.npz", allow_pickle=False) as arrays:
        assert arrays["map_1"].shape == (1, 3, 3)
        assert [one["title"] for one in json.loads(str(arrays["names"]))] == ["Standard", "RICAP β = 0.3"]
    for ending, drawn in (("csv", "--cells"), ("npz", "--opacity=1")):
        code, _, err = call("cam", tmp_path / "a.png", *networks, "--out", tmp_path / f"no.{ending}", drawn)
        assert code == 2 and err.endswith(f"nothing is drawn; got {drawn.partition('=')[0]}\n")
        assert not (tmp_path / f"no.{ending}").exists()


def test_survey_prints_means_and_writes_every_number(call, networks, data_dir, tmp_path):
    options = [*networks, "--data-dir", data_dir, "--measure", "drop", "--count", "5"]
    code, out, err = call("survey", *options, "--out", tmp_path / "s.csv")
    assert code == 0, err
    assert out.startswith("5 images") and "Average drop" in out and "Deletion" not in out
    lines = list(csv.DictReader((tmp_path / "s.csv").read_text().splitlines()))
    assert len(lines) == 10 and {line["network"] for line in lines} == {"Standard", "RICAP β = 0.3"}
    assert all((data_dir / "pets" / "val" / line["image"]).is_file() for line in lines)
    assert call("survey", *options, "--out", tmp_path / "again.csv")[1] == out


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (["--count", "7"], "from 1 to 6, the whole validation set; got 7"),
        (["--measure", "none"], "--measure must be one of map, drop"),
        (["--class", "cat"], "--class must be one of truth, own"),
        (["--device", "none"], "device must be one of auto, cpu, cuda; got 'none'"),
        (["--out", "survey.txt"], "--out must end in .csv"),
        (["--data-dir", "none"], "or a folder in none"),
    ],
)
def test_survey_refuses(call, networks, data_dir, options, words):
    code, out, err = call("survey", *networks, "--data-dir", data_dir, *options)
    assert code == 2 and out == "" and words in err and err.count("\n") == 1


def test_survey_compares_networks_of_one_data_set(call, networks, data_dir, tmp_path):
    other = write_checkpoint_of(tmp_path / "o.safetensors", "mixup", dataset="zoo")
    code, _, err = call("survey", *networks, "--checkpoint", other, "--data-dir", data_dir)
    assert code == 2 and "must be trained on one data set and its classes; got Standard of pets (2 classes), " in err


@pytest.fixture
def four_classes(picture, tmp_path):
    """A data directory with an image folder of four classes, and options naming three networks, two of a kind."""
    for number, name in enumerate("abcd"):
        (tmp_path / "data" / "toys" / "val" / name).mkdir(parents=True)
        for i in range(2):
            picture(seed=10 * number + i).save(tmp_path / "data" / "toys" / "val" / name / f"{i}.png")
    options = []
    for method, seed in (("standard", 0), ("ricap", 0), ("ricap", 1)):
        model = create_model("looknet", 4, **CARD["model_arguments"])
        card = CARD | {"dataset": "toys", "classes": list("abcd"), "method": method, "method_settings": {}}
        path = tmp_path / f"toys_{method}_s{seed}.safetensors"
        write_checkpoint(path, model, card | {"seed": seed})
        options += ["--checkpoint", path]
    return tmp_path / "data", options


def test_evidence_is_measured_told_and_written(call, four_classes, tmp_path):
    from ricap_explorer.evidence import MEASURES, read_evidence

    data, networks = four_classes
    out = tmp_path / "toys.json"
    code, told, err = call("evidence", *networks, "--data-dir", data, "--patches", 3, "--out", out)
    assert code == 0, err
    found = read_evidence(out)
    assert [network.names for network in found.networks] == [("toys_standard_s0",), ("toys_ricap_s0", "toys_ricap_s1")]
    assert [network.title for network in found.networks] == ["Standard", "RICAP"]
    assert set(found.numbers) == set(found.gaps) == set(MEASURES)
    assert found.card["images"] == 8 and found.card["patches"] == 3 and "evidence" in found.card["command"]
    assert all(found.gaps[name][0].value in (0.0,) for name in MEASURES if found.numbers[name][0].count)
    for name, own, other in (
        ("hidden.lead.10", "hidden.own.10", "hidden.centre.10"),
        ("hidden.net.20", "hidden.own.20", "hidden.random.20"),
        ("surplus", "confidence", None),
    ):
        for m in range(2):
            value, mine = found.numbers[name][m].value, found.numbers[own][m].value
            theirs = found.numbers[other][m].value if other else 1 - found.numbers["hidden.none"][m].value
            assert value == pytest.approx(mine - theirs, abs=2e-5)
    for title in ("Does it look at more?", "Does it know what it does not know?"):
        assert title in told


def test_of_few_classes_there_is_evidence_but_no_focus(call, networks, data_dir, tmp_path):
    code, told, err = call("evidence", *networks, "--data-dir", data_dir, "--out", tmp_path / "e.json")
    assert code == 0, err
    found = read_evidence(tmp_path / "e.json")
    assert found.card["patches"] == 0 and not any(mean.count for mean in found.numbers["focus"])
    assert all(mean.count for mean in found.numbers["ece"])
    assert "Focus" not in " ".join(sum(verdicts(found, 1).values(), []))
    assert "fixed patches" not in about(found) and "nan" not in (sections(found) + told).lower()


def test_evidence_refuses_in_a_sentence_before_it_measures(call, networks, data_dir, tmp_path, monkeypatch):
    monkeypatch.setattr("ricap_explorer.evidence.numbers.probe", None)
    code, _, err = call("evidence", *networks, "--data-dir", data_dir, "--out", tmp_path / "e.csv")
    assert code == 2 and "must end in .json" in err
    options = [*networks, "--data-dir", data_dir, "--out", tmp_path / "e.json", "--keep", networks[1]]
    code, _, err = call("evidence", *options)
    assert code == 2 and err.startswith("--keep must be a folder; ") and err.count("\n") == 1


def test_what_was_kept_is_not_measured_again(call, four_classes, picture, tmp_path, monkeypatch):
    """The same file comes of a network's numbers whether they are kept or new; another seed or network is measured."""
    from ricap_explorer.evidence import numbers

    asked, ask, keep = [], numbers.probe, tmp_path / "not" / "yet"
    monkeypatch.setattr(numbers, "probe", lambda subject, *rest: asked.append(subject) or ask(subject, *rest))

    def measure(name: str, networks: list, *options) -> dict:
        asked.clear()
        out = tmp_path / f"{name}.json"
        code, _, err = call(
            "evidence", *networks, "--data-dir", four_classes[0], "--patches", 3, "--out", out, *options
        )
        assert code == 0, err
        return {key: value for key, value in json.loads(out.read_text()).items() if key != "card"}

    networks = four_classes[1]
    without = measure("without", networks)
    assert measure("first", networks[:4], "--keep", keep)["networks"] and len(asked) == 2
    assert measure("more", networks, "--keep", keep) == without and len(asked) == 1
    assert measure("again", networks, "--keep", keep) == without and not asked
    with monkeypatch.context() as later:
        difference = Measure("loss.extra", "one more difference of what is kept", parts=("loss", "hidden.none"))
        later.setitem(MEASURES, "loss.extra", difference)
        assert "loss.extra" in measure("difference", networks, "--keep", keep)["gaps"] and not asked
    measure("seed", networks, "--keep", keep, "--seed", 1)
    assert len(asked) == 3
    for file in keep.glob("toys_standard*"):
        file.write_bytes(file.read_bytes()[:100])
    assert measure("damaged", networks, "--keep", keep) == without and len(asked) == 1
    standard = read_checkpoint(networks[1])
    write_checkpoint(networks[1], create_model("looknet", 4, **CARD["model_arguments"]), standard.card)
    assert measure("other", networks, "--keep", keep) != without and len(asked) == 1
    picture(seed=99).save(four_classes[0] / "toys" / "val" / "a" / "0.png")
    measure("picture", networks, "--keep", keep)
    assert len(asked) == 3, "another picture of the same name"
    assert not list(keep.glob("*.part"))


def test_a_network_that_fails_ends_the_others_at_their_next_batch(four_classes, tmp_path, monkeypatch):
    """Two at once: the first is interrupted when the second has begun, which then is neither finished nor kept."""
    import torch

    from ricap_explorer.cam.sample import sample_of
    from ricap_explorer.evidence import collect, numbers

    ask, begun, interrupted = numbers.probe, Event(), Event()

    def probe(subject, *rest):
        if subject.card["method"] == "standard":
            begun.wait(60)
            interrupted.set()
            raise KeyboardInterrupt
        begun.set()
        interrupted.wait(60)
        sleep(3)
        return ask(subject, *rest)

    monkeypatch.setattr(numbers, "probe", probe)
    monkeypatch.setattr(torch, "get_num_threads", lambda: 2)
    found = [read_checkpoint(path) for path in four_classes[1][1:4:2]]
    sample = sample_of([one.card for one in found], four_classes[0], None, 0)
    with pytest.raises(KeyboardInterrupt):
        collect.collect(found, sample, 3, 0, torch.device("cpu"), {"dataset": "toys"}, tmp_path)
    assert not list(tmp_path.glob("*.npz"))


@pytest.mark.parametrize(
    ("name", "place"), [("Springer", 1), ("springer", 0), ("CAT", 2), ("own", None), ("SPRINGER", "Springer, in that"),
                        ("dog", "own or one of springer")],
)  # fmt: skip
def test_a_class_is_meant_as_it_is_written_before_it_is_meant_in_another_case(name, place):
    classes = ["springer", "Springer", "cat"]
    if isinstance(place, str):
        with pytest.raises(InputError, match=place):
            _class_number(name, classes)
    else:
        assert _class_number(name, classes) == place


@pytest.mark.parametrize("command", ["survey", "evidence"])
def test_a_negative_seed_is_one_sentence(call, networks, data_dir, command):
    code, _, err = call(command, *networks, "--data-dir", data_dir, "--seed", -3)
    assert code == 2 and err.strip() == "--seed must be 0 or more; got -3"
