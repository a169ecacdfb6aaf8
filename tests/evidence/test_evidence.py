"""Probes against slow ways to do the same, calibration against its definition, files that come back, honest words."""

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from ricap_explorer.cam.methods import GRID_BOUND
from ricap_explorer.cam.summary import DRAWS, Mean, drawn_means, interval
from ricap_explorer.errors import InputError
from ricap_explorer.evidence import MEASURES, Evidence, Network, list_evidence, read_evidence
from ricap_explorer.evidence.calibration import BINS, bins_of, calibration_errors, drawn_calibration_errors, reliability
from ricap_explorer.evidence.collect import _summed_up
from ricap_explorer.evidence.focus import _of_patch, draw_sources, quarters
from ricap_explorer.evidence.measures import NET
from ricap_explorer.evidence.orders import centre_blob, random_maps
from ricap_explorer.evidence.probes import Subject, _central, _occluded, probe
from ricap_explorer.evidence.runs import grouped, run_draws, student, summed_up
from ricap_explorer.evidence.verdicts import FIRST, as_text, highlights, said, verdict, verdicts
from ricap_explorer.figures.evidence import about, sections
from ricap_explorer.models import create_model
from ricap_explorer.zoo import Checkpoint

CARD = {"image_size": 48, "mean": [0.4, 0.5, 0.6], "std": [0.2, 0.3, 0.25]}
CPU = torch.device("cpu")


@pytest.fixture(scope="module")
def subject() -> Subject:
    torch.manual_seed(0)
    model = create_model("looknet", num_classes=4, width=8, depth=1)
    torch.nn.init.normal_(model.classifier.weight)
    return Subject(model.eval(), CARD)


@pytest.fixture(scope="module")
def batch():
    generator = torch.Generator().manual_seed(1)
    return torch.randint(0, 256, (6, 3, 64, 64), dtype=torch.uint8, generator=generator), torch.arange(6) % 4


def test_a_probe_measures_everything_but_what_needs_all_images(subject, batch, rng):
    found = probe(subject, *batch, rng)
    assert set(found) == {name for name in MEASURES if NET not in name} - {"focus", "ece"}
    assert all(values.shape == (6,) for values in found.values())
    errors = [name for name in found if MEASURES[name].title.startswith("error")]
    assert all(set(found[name].tolist()) <= {0.0, 1.0} for name in errors)


def test_one_seed_one_measurement_whatever_the_network(subject, batch):
    one, two = (probe(subject, *batch, np.random.default_rng(3)) for _ in range(2))
    other = probe(subject, *batch, np.random.default_rng(4))
    for name in one:
        np.testing.assert_array_equal(one[name], two[name])
    assert any((one[name] != other[name]).any() for name in ("deletion.random", "insertion.random"))
    np.testing.assert_array_equal(one["area"], other["area"])  # chance touches squares and random maps only


def test_errors_are_counted_against_the_truth(subject, batch, rng):
    images, _ = batch
    right = probe(subject, images, torch.zeros(6, dtype=torch.int64), rng)
    pixels = subject.cut(images, torch.tensor([[0.0, 0.0, 64.0, 64.0]]).expand(6, 4))
    with torch.inference_mode():
        answers = subject.model(pixels).argmax(1)
    np.testing.assert_array_equal(right["hidden.none"], (answers != 0).float().numpy())


@pytest.mark.parametrize("share", [0.2, 0.6, 1.0])
def test_a_square_of_its_size_lies_inside(share):
    corners = np.array([[0.0, 0.0], [0.999999, 0.999999], [0.5, 0.1]])
    covered = _occluded(torch.ones(3, 3, 40, 40), corners, share) == 0
    side = round(40 * share)
    assert covered[:, 0].sum((1, 2)).tolist() == [side**2] * 3
    assert covered[0, 0, :side, :side].all() and covered[1, 0, 40 - side :, 40 - side :].all()
    for one in covered[:, 0]:
        rows, columns = one.any(1).nonzero(), one.any(0).nonzero()
        assert len(rows) == len(columns) == side and torch.equal(one, one & one)
    assert torch.equal(covered[:, 0], covered[:, 2])


def test_a_centre_crop_keeps_its_share():
    top, left, height, width = _central(torch.zeros(2, 3, 80, 60), 0.5)[1].tolist()
    assert (top, left, height, width) == (20, 15, 40, 30)


def test_maps_that_know_nothing(rng):
    blob = centre_blob(2, CPU)
    assert torch.equal(blob[0], blob[1]) and torch.allclose(blob[0], blob[0].flip(0)) and blob[0].argmax() in (119, 120)
    chance = random_maps(3, (4, 5), rng, CPU)
    assert chance.shape == (3, 4, 5) and 0 <= chance.min() and chance.max() < 1


def test_focus_is_one_for_maps_in_their_own_quarters_and_a_quarter_for_even_ones():
    maps = np.zeros((4, 8, 8), np.float32)
    for k, box in enumerate(quarters(8)):
        maps[k][box.index] = 1
    assert _of_patch(maps, 8) == pytest.approx(1)
    assert _of_patch(np.ones((4, 6, 6)), 48) == pytest.approx(0.25)
    assert _of_patch(np.roll(maps, 1, axis=0), 8) == pytest.approx(0)
    assert np.isnan(_of_patch(-np.ones((4, 6, 6)), 48))


def test_patches_are_of_four_classes_and_fixed_by_their_seed():
    labels = np.repeat(np.arange(5), 7)
    one, two = (draw_sources(labels, 20, np.random.default_rng(0)) for _ in range(2))
    assert one.shape == (20, 4) and np.array_equal(one, two)
    assert all(len(set(labels[four])) == 4 for four in one)
    assert draw_sources(labels[:21], 20, np.random.default_rng(0)).shape == (0, 4), "three classes make none"


def test_calibration_error_by_its_definition(rng):
    confidence = rng.random((2, 400)).astype(np.float32)
    hits = (rng.random((2, 400)) < 0.6).astype(np.float32)
    errors, drawn = calibration_errors(confidence, hits), drawn_calibration_errors(confidence, hits, rng)
    for m in range(2):
        total = 0.0
        for k in range(BINS):
            inside = [i for i in range(400) if k / BINS < confidence[m, i] <= (k + 1) / BINS]
            total += abs(sum(hits[m, inside]) - sum(confidence[m, inside])) / 400
        assert errors[m] == pytest.approx(total, rel=1e-4)
    assert drawn.shape == (DRAWS, 2) and 0 <= drawn.min() and drawn.max() <= 1


def test_sure_and_wrong_is_as_bad_as_it_gets(rng):
    ones, zeros = np.ones((1, 50), np.float32), np.zeros((1, 50), np.float32)
    assert calibration_errors(ones, zeros) == 1 and (drawn_calibration_errors(ones, zeros, rng) == 1).all()
    assert calibration_errors(ones, ones) == 0 and (drawn_calibration_errors(ones, ones, rng) == 0).all()
    assert bins_of(np.array([0.0, 1 / BINS, 1.0])).tolist() == [0, 0, BINS - 1]
    *_, last = reliability(ones[0], zeros[0])
    assert last == (1.0, 0.0, 50)


def test_runs_that_differ_in_their_seed_alone_are_one_network():
    names = ["a_standard_s0", "a_ricap_s0", "a_standard_s1", "a_ricap-b_s0", "a_ricap_s11", "b_standard"]
    runs = [Checkpoint(Path(f"{name}.safetensors"), {"epochs": 3}) for name in names]
    assert grouped(runs) == [[0, 2], [1, 4], [3], [5]]
    with pytest.raises(InputError, match="once; got a_ricap_s0 twice"):
        grouped([*runs, runs[1]])
    with pytest.raises(InputError, match="a_ricap_s0 and a_ricap_s2 must have one epochs; got 3 and 4"):
        grouped([*runs, Checkpoint(Path("a_ricap_s2.safetensors"), {"epochs": 4})])


def test_differences_are_of_images_that_every_network_has_a_number_of(rng):
    """Two networks alike wherever both have a map: where one has none, nothing is to be told from it."""
    alike = rng.random(200).astype(np.float32)
    values = {name: np.stack([alike, alike]) for name in MEASURES if name != "ece"} | {
        "hidden.none": np.zeros((2, 200))
    }
    values["drop.own"] = np.stack([alike, np.where(alike > 0.7, np.nan, alike)])
    numbers, gaps = _summed_up(values, [[0], [1]], 0)
    assert (gaps["drop.own"][1].value, gaps["drop.own"][1].low, gaps["drop.own"][1].high) == (0, 0, 0)
    assert numbers["drop.own"][0].count == (alike <= 0.7).sum() and numbers["area"][0].count == 200


def test_intervals_over_images_alone_where_every_method_has_one_run(rng):
    values = rng.normal(size=(2, 300)) + [[0.0], [0.2]]
    drawn, groups = drawn_means(values, rng), [[0], [1]]
    numbers, gaps = summed_up(values.mean(1), drawn, np.full(2, 300), groups, run_draws(groups, DRAWS, rng))
    for m in range(2):
        assert (numbers[m].low, numbers[m].high) == pytest.approx(np.quantile(drawn[:, m], [0.025, 0.975]))
    assert (gaps[0].value, gaps[0].low, gaps[0].high) == (0, 0, 0)
    assert gaps[1].value == pytest.approx(numbers[1].value - numbers[0].value) and gaps[1].count == 300


def test_runs_that_disagree_widen_the_interval(rng):
    """Three runs far apart, many images: the bootstrap's draws, 0 to 6 around 3, are widened for want of runs."""
    level, groups = np.array([0.0, 0.0, 3.0, 6.0]), [[0], [1, 2, 3]]
    values = level[:, None] + rng.normal(size=(4, 2000)) * 0.01
    numbers, gaps = summed_up(
        values.mean(1), drawn_means(values, rng), np.full(4, 2000), groups, run_draws(groups, DRAWS, rng)
    )
    assert numbers[0].high - numbers[0].low < 0.01
    for mean, point in ((numbers[1], 4.303), (gaps[1], 2.776)):
        assert mean.value == pytest.approx(3, abs=0.01)
        reach = 3 * np.sqrt(3 / 2) * point / 1.96
        assert mean.low == pytest.approx(3 - reach, abs=0.1) and mean.high == pytest.approx(3 + reach, abs=0.1)


def test_intervals_of_three_runs_hold_the_truth_nineteen_times_in_twenty(rng):
    """Of groups of three runs whose true means are 0, and of two such groups' difference."""
    groups, hits = [[0, 1, 2], [3, 4, 5]], np.zeros(2)
    for _ in range(400):
        values = rng.normal(size=6)
        drawn = np.tile(values, (500, 1))  # so many images that they add nothing
        numbers, gaps = summed_up(values, drawn, np.full(6, 9), groups, run_draws(groups, 500, rng))
        hits += [one.low <= 0 <= one.high for one in (numbers[1], gaps[1])]
    assert (hits / 400 >= 0.92).all() and (hits / 400 <= 0.985).all(), hits


@pytest.mark.parametrize(
    ("freedom", "point"), [(1, 12.706), (2, 4.303), (3, 3.182), (4, 2.776), (8, 2.306), (30, 2.042)]
)
def test_student_s_t_is_near_the_tables(freedom, point):
    assert student(freedom) == pytest.approx(point, abs=0.01)


def test_of_two_honest_networks_the_less_sure_one_is_seldom_called_worse(rng):
    """Chance pushes the error up, the more the less sure a network is; percentile intervals take that for truth."""
    worse = {False: 0, True: 0}
    for _ in range(16):
        sure = np.stack([rng.uniform(least, 1, 500) for least in (0.98, 0.3)]).astype(np.float32)
        hits = (rng.random((2, 500)) < sure).astype(np.float32)
        found, drawn = calibration_errors(sure, hits), drawn_calibration_errors(sure, hits, rng)
        for basic in worse:
            worse[basic] += interval(found[1] - found[0], drawn[:, 1] - drawn[:, 0], 500, basic).low > 0
    assert worse[True] <= 9 < worse[False]


def test_every_run_counts_alike_in_its_group_and_not_in_another(rng):
    shares = run_draws([[0, 2], [1]], 4000, rng)
    assert np.allclose(shares.sum(2), 1) and (shares[:, 1, 1] == 1).all()
    np.testing.assert_allclose(shares.mean(0), [[0.5, 0, 0.5], [0, 1, 0]], atol=0.03)


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


@pytest.mark.parametrize(
    ("gap", "focus", "error"),
    [
        ((0.1, 0.05, 0.15), "more, which is better", "more, which is worse"),
        ((-0.1, -0.15, -0.05), "less, which is worse", "less, which is better"),
        ((0.1, -0.05, 0.25), "no difference", "no difference"),
        ((0.1, 0.0, 0.2), "no difference", "no difference"),
    ],
)
def test_a_verdict_needs_an_interval_without_zero(gap, focus, error):
    evidence = make_evidence(gap)
    assert said(evidence, "focus", 1) == focus
    assert said(evidence, "crop.50", 1) == error
    assert said(evidence, "area", 1) in ("more", "less", "no difference")  # neither is better
    text = verdict(evidence, "focus", 1)
    assert f"{100 * (0.4 + gap[0]):.1f} % against 40.0 %" in text
    told = [sentence for sentences in verdicts(evidence).values() for sentence in sentences]
    assert text in told and all(text in as_text(evidence) for text in told)


def test_highlights_are_a_sentence_for_each_of_the_first_measures():
    evidence = make_evidence((0.1, 0.05, 0.15))
    assert highlights(evidence) == [
        sentence
        for sentences in verdicts(evidence).values()
        for sentence in sentences
        if sentence in {verdict(evidence, name, 1) for name in FIRST}
    ]
    assert len(highlights(evidence)) == len(FIRST)


def test_no_verdict_without_a_standard_network_to_compare_with():
    evidence = make_evidence((0, 0, 0))
    assert verdicts(evidence, "mixup") == {}
    swapped = Evidence("toy", {}, evidence.networks[::-1], evidence.numbers, evidence.gaps, evidence.reliability)
    assert verdicts(swapped) == {}


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
        ("networks 0 epochs", "three"),
        ("networks 0 crop_scale", ...),
        ("networks", []),
        ("reliability 1", ...),
        ("reliability 1", []),
        ("numbers area 0 0", "0.4"),
        ("numbers area 0", [0.4]),
        ("gaps", ...),
        ("gaps", []),
    ],
)
def test_a_file_damaged_anywhere_is_one_sentence_and_never_reaches_the_page(tmp_path, path, new):
    file = tmp_path / "toy.json"
    file.write_text(change(json.loads(make_evidence((0.1, 0.05, 0.15)).to_json()), path, new))
    with pytest.raises(InputError, match="toy.json must be a file of evidence; it is none"):
        read_evidence(file)


@pytest.mark.parametrize("name", ["grey.60", "hidden.net.20", "area", "ece", "drop.own", "hidden.own.30"])
def test_an_older_file_without_a_measure_is_shown_without_it(tmp_path, name):
    file = tmp_path / "toy.json"
    value = json.loads(make_evidence((0.1, 0.05, 0.15)).to_json())
    file.write_text(change(json.loads(change(value, f"numbers {name}", ...)), f"gaps {name}", ...))
    old = read_evidence(file)
    assert old.numbers[name][0].count == 0 and "nan" not in sections(old)
    told = " ".join(sentence for sentences in verdicts(old).values() for sentence in sentences)
    assert f"{MEASURES[name].title[1:]}:" not in told
    assert MEASURES["focus"].title in told


@pytest.mark.parametrize(
    ("runs", "said"),
    [
        ((1, 1), "not over training runs"),
        ((3, 3), "and over the 3 training runs of each method"),
        ((1, 2), "and over training runs, whose mean is shown (RICAP: 2; of the others"),
    ],
)
def test_the_page_says_whether_intervals_are_over_training_runs(runs, said):
    evidence = make_evidence((0.1, 0.05, 0.15))
    networks = tuple(
        replace(network, names=network.names * count) for network, count in zip(evidence.networks, runs, strict=True)
    )
    assert said in about(replace(evidence, networks=networks))


def test_the_page_warns_of_maps_of_different_sizes():
    evidence = make_evidence((0.1, 0.05, 0.15))
    assert "different sizes" not in about(evidence)
    networks = (evidence.networks[0], replace(evidence.networks[1], image_size=96))
    apart = replace(evidence, networks=networks)
    assert "Standard 64 px, RICAP 96 px" in about(apart)
    for name in GRID_BOUND:
        assert "not comparable: images of 96 and 64 px" in verdict(apart, name, 1)
        assert "not comparable" not in verdict(evidence, name, 1)
    assert "not comparable" not in verdict(apart, "focus", 1)


def test_the_page_says_how_different_the_crops_in_training_were():
    evidence = make_evidence((0.1, 0.05, 0.15))
    assert "Crops in training" not in about(evidence)
    networks = (replace(evidence.networks[0], crop_scale=0.25), evidence.networks[1])
    assert "area: Standard 25 %, RICAP 100 %" in about(replace(evidence, networks=networks))


def test_the_longest_training_comes_first_and_alone_is_open(tmp_path):
    from ricap_explorer.ui.tabs.evidence import evidence_section

    short = make_evidence((0.1, 0.05, 0.15))
    long = replace(short, networks=tuple(replace(n, epochs=30, names=n.names * 2) for n in short.networks))
    (tmp_path / "evidence").mkdir()
    for name, one in (("a", short), ("b", long)):
        (tmp_path / "evidence" / f"{name}.json").write_text(one.to_json())
    found, _ = list_evidence(tmp_path)
    assert [one.title for one in found] == [
        "toy, 30 epochs: 2 networks in 4 training runs, 10 images",
        "toy, 3 epochs: 2 networks, 10 images",
    ]
    first, second = evidence_section(found).split('<details class="rx-measured"')[1:]
    assert first.startswith(" open>") and second.startswith(">") and "30 epochs" in first
    assert "Nobody has measured" in evidence_section([])
    assert "published" not in evidence_section(found) + evidence_section([])  # --results may be anybody's runs
