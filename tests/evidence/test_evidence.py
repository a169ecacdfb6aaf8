"""Probes against slow ways to do the same, calibration against its definition, files that come back, honest words."""

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from ricap_explorer.cam.methods import GRID_BOUND
from ricap_explorer.cam.summary import Mean, drawn_means
from ricap_explorer.errors import InputError
from ricap_explorer.evidence import MEASURES, Evidence, Network, list_evidence, read_evidence
from ricap_explorer.evidence.calibration import BINS, bins_of, calibration_error, reliability
from ricap_explorer.evidence.collect import _of_families, _summed_up
from ricap_explorer.evidence.focus import _of_patch, draw_sources, focus, quarters
from ricap_explorer.evidence.measures import parts_of
from ricap_explorer.evidence.orders import centre_blob, random_maps
from ricap_explorer.evidence.probes import Subject, _central, _occluded, probe
from ricap_explorer.evidence.runs import grouped, student, summed_up
from ricap_explorer.evidence.verdicts import FIRST, as_text, compared, highlights, said, verdict, verdicts
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
    return Subject(model.eval(), CARD, CARD["image_size"])


class Red(torch.nn.Module):
    """Two classes, red and blue: the mean over cells of 8 x 8 pixels of how much of them is plainly of the colour."""

    def __init__(self):
        super().__init__()
        self.cells = self.cam_layer = torch.nn.Sequential(torch.nn.AvgPool2d(8), torch.nn.Softshrink(0.5))
        self.classifier = torch.nn.Linear(3, 2, bias=False)
        self.classifier.weight.data = torch.tensor([[20.0, 0.0, -20.0], [-20.0, 0.0, 20.0]])

    def forward(self, x):
        return self.classifier(self.cells(x).mean((2, 3)))


@pytest.fixture(scope="module")
def red() -> Subject:
    return Subject(Red().eval(), {"image_size": 32, "mean": [0.5] * 3, "std": [0.5] * 3}, 32)


def coloured(place, colour, size=32, patch=8):
    """A grey picture with one square of a colour; (3, size, size) uint8."""
    image = torch.full((3, size, size), 127, dtype=torch.uint8)
    top, left = place
    image[:, top : top + patch, left : left + patch] = torch.tensor(colour, dtype=torch.uint8)[:, None, None]
    return image


RED, BLUE = (255, 127, 0), (0, 127, 255)
CORNERS = [(0, 0), (0, 24), (24, 0), (24, 24)]


def test_what_a_map_points_at_is_what_is_hidden_and_shown(red):
    """All evidence lies in one corner, where the map points, and neither chance nor a blob in the centre does."""
    images = torch.stack([coloured(place, RED) for place in CORNERS])
    found = probe(red, images, torch.zeros(4, dtype=torch.int64), np.random.default_rng(0))
    for other in ("random", "centre"):
        assert found["deletion.own"].mean() < found[f"deletion.{other}"].mean()
        assert found["insertion.own"].mean() > found[f"insertion.{other}"].mean()
    mixed = coloured((0, 0), RED)
    mixed[:, 24:, 24:] = coloured((24, 24), (20, 127, 235))[:, 24:, 24:]  # a little blue is left where the red is gone
    found = probe(red, mixed.expand(4, -1, -1, -1), torch.zeros(4, dtype=torch.int64), np.random.default_rng(0))
    assert (found["hidden.own.10"] == 1).all() and found["hidden.none"].sum() == 0
    assert (found["hidden.centre.10"] == 0).all()


def test_each_class_is_looked_for_in_its_own_quarter(red):
    patch = torch.full((3, 32, 32), 127, dtype=torch.uint8)
    for box, colour in zip(quarters(32), (RED, BLUE, RED, BLUE), strict=True):
        patch[(slice(None), *box.index)] = torch.tensor(colour, dtype=torch.uint8)[:, None, None]
    right, wrong = (focus(red, patch[None], np.array([classes]))[0] for classes in ((0, 1, 0, 1), (1, 0, 1, 0)))
    assert right == pytest.approx(0.5, abs=0.05) and wrong < 0.1  # two quarters are of each class


def test_maps_are_compared_at_one_size(red):
    images = torch.stack([coloured((0, 0), RED), coloured((8, 8), RED)])
    small, large = (
        probe(replace(red, map_size=size), images, torch.zeros(2, dtype=torch.int64), np.random.default_rng(0))
        for size in (32, 64)
    )
    assert small["area"].tolist() == [1 / 16] * 2 and large["area"].tolist() == [4 / 64] * 2
    assert (small["entropy"] < large["entropy"]).all()
    for name in ("hidden.own.10", "drop.own", "confidence"):
        np.testing.assert_array_equal(small[name], large[name])


def test_a_difference_is_its_own_map_s_number_minus_the_other_s():
    parts = {name: parts_of(name) for name in MEASURES if parts_of(name)}
    assert parts["hidden.net.20"] == ("hidden.own.20", "hidden.random.20")
    assert parts["drop.lead"] == ("drop.own", "drop.centre") and len(parts) == 14
    assert parts_of("hidden.none") is None and all(pair <= set(MEASURES) for pair in map(set, parts.values()))


@pytest.fixture(scope="module")
def batch():
    generator = torch.Generator().manual_seed(1)
    return torch.randint(0, 256, (6, 3, 64, 64), dtype=torch.uint8, generator=generator), torch.arange(6) % 4


def test_a_probe_measures_everything_but_what_needs_all_images(subject, batch, rng):
    found = probe(subject, *batch, rng)
    assert set(found) == {name for name in MEASURES if not parts_of(name)} - {"focus", "ece"}
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
        assert len(rows) == len(columns) == side
        assert one[rows[0] : rows[0] + side, columns[0] : columns[0] + side].all()
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
    assert _of_patch(-np.ones((4, 6, 6)), 48) == 0
    assert _of_patch(np.concatenate([maps[:2], -maps[2:]]), 8) == pytest.approx(0.5), "no mass is none in its quarter"


def test_patches_are_of_four_classes_and_fixed_by_their_seed():
    labels = np.repeat(np.arange(5), 7)
    (one, families), (two, _) = (draw_sources(labels, 20, np.random.default_rng(0)) for _ in range(2))
    assert one.shape == (20, 4) and np.array_equal(one, two)
    assert all(len(set(labels[four])) == 4 for four in one)
    none, _ = draw_sources(labels[:21], 20, np.random.default_rng(0))
    assert none.shape == (0, 4), "three classes make none"
    used = [set(one[families == j].ravel()) for j in range(7)]
    assert set(families) == set(range(7)) and sum(map(len, used)) == len(set.union(*used)), "families share no image"


def test_families_count_as_one():
    means = _of_families(np.array([[1.0, 2.0, 3.0, 5.0]]), np.array([0, 1, 0, 1]))
    assert means.tolist() == [[2.0, 3.5]]
    assert np.isnan(_of_families(np.empty((2, 0)), np.empty(0, int))).all()


def test_calibration_error_by_its_definition(rng):
    confidence = rng.random(400).astype(np.float32)
    hits = (rng.random(400) < 0.6).astype(np.float32)
    total = 0.0
    for k in range(BINS):
        inside = [i for i in range(400) if k / BINS < confidence[i] <= (k + 1) / BINS]
        total += abs(sum(hits[inside]) - sum(confidence[inside])) / 400
    assert calibration_error(confidence, hits) == pytest.approx(total, rel=1e-4)


def test_sure_and_wrong_is_as_bad_as_it_gets():
    ones, zeros = np.ones(50, np.float32), np.zeros(50, np.float32)
    assert calibration_error(ones, zeros) == 1 and calibration_error(ones, ones) == 0
    assert bins_of(np.array([0.0, 1 / BINS, 1.0])).tolist() == [0, 0, BINS - 1]
    *_, last = reliability(ones, zeros)
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
    numbers, gaps = summed_up(values.mean(1), drawn, np.full(2, 300), groups)
    for m in range(2):
        assert (numbers[m].low, numbers[m].high) == pytest.approx(np.quantile(drawn[:, m], [0.025, 0.975]))
    assert (gaps[0].value, gaps[0].low, gaps[0].high) == (0, 0, 0)
    assert gaps[1].value == pytest.approx(numbers[1].value - numbers[0].value) and gaps[1].count == 300


def test_runs_that_disagree_widen_the_interval(rng):
    """Runs at 0, 3 and 6, many images: their deviation is 3. One run beside them is taken to vary as they do."""
    values, groups = np.array([0.0, 0.0, 3.0, 6.0]), [[0], [1, 2, 3]]
    numbers, gaps = summed_up(values, np.tile(values, (500, 1)), np.full(4, 2000), groups)
    assert numbers[0].high - numbers[0].low < 0.01
    for mean, reach in ((numbers[1], 4.303 * 3 / np.sqrt(3)), (gaps[1], 4.303 * 3 * np.sqrt(1 + 1 / 3))):
        assert (mean.value, mean.low, mean.high) == pytest.approx((3, 3 - reach, 3 + reach), abs=0.05)


@pytest.mark.parametrize("counts", [(3, 3), (1, 3), (3, 1), (2, 5)])
@pytest.mark.parametrize("noise", [0.0, 1.0])
def test_intervals_over_runs_hold_the_truth_nineteen_times_in_twenty(counts, noise, rng):
    """Of groups of runs whose true means are 0, with noise of the images that all runs share, or without."""
    groups, hits = [list(range(counts[0])), list(range(counts[0], sum(counts)))], 0
    shared = np.zeros(sum(counts))
    shared[groups[1]] = noise  # how much harder the images are for the second group than for the first
    for _ in range(1000):
        values = rng.normal(size=sum(counts))
        drawn = values + rng.normal(size=(100, 1)) * shared
        _, gaps = summed_up(values + rng.normal() * shared, drawn, np.full(sum(counts), 9), groups)
        hits += gaps[1].low <= 0 <= gaps[1].high
    assert 0.91 <= hits / 1000 <= 0.98


@pytest.mark.parametrize(
    ("freedom", "point"), [(1, 12.706), (2, 4.303), (3, 3.182), (4, 2.776), (8, 2.306), (30, 2.042)]
)
def test_student_s_t_is_near_the_tables(freedom, point):
    assert student(freedom) == pytest.approx(point, abs=0.01)


def test_a_calibration_error_has_no_interval_and_its_surplus_has_one():
    """Chance pushes the error of the less sure network up, however honest; its probability minus its hits is 0."""
    rng = np.random.default_rng(0)
    sure = np.stack([rng.uniform(least, 1, 2000) for least in (0.98, 0.3)]).astype(np.float32)
    wrong = 1 - (rng.random((2, 2000)) < sure).astype(np.float32)
    values = {name: np.zeros((2, 2000)) for name in MEASURES if name != "ece"}
    values |= {"confidence": sure, "hidden.none": wrong, "surplus": sure - (1 - wrong)}
    numbers, gaps = _summed_up(values, [[0], [1]], 0)
    assert numbers["ece"][1].value > 2 * numbers["ece"][0].value and np.isnan(gaps["ece"][1].low)
    assert gaps["surplus"][1].low < 0 < gaps["surplus"][1].high
    evidence = replace(make_evidence((0, 0, 0)), numbers=numbers, gaps=gaps)
    rows = as_text(evidence).partition("calibration error")[2].splitlines()
    assert "Standard" in rows[1] and "(" not in rows[1]
    assert "nan" not in sections(evidence)


@pytest.mark.parametrize(
    ("theirs", "mine", "told"),
    [(0.02, 0.1, "more, which is worse"), (0.1, 0.02, "less, which is better"), (-0.02, -0.1, "less, which is worse"),
     (-0.1, -0.02, "more, which is better"), (-0.1, 0.02, "more")],
)  # fmt: skip
def test_nearer_zero_is_better(theirs, mine, told):
    evidence = make_evidence((mine - theirs, mine - theirs - 0.01, mine - theirs + 0.01))
    numbers = evidence.numbers | {"surplus": (Mean(theirs, 0, 0, 10), Mean(mine, 0, 0, 10))}
    assert said(replace(evidence, numbers=numbers), "surplus", 1) == told


def test_a_map_that_a_blob_beats_is_told():
    evidence = make_evidence((0.1, 0.05, 0.15))
    numbers = evidence.numbers | {
        "drop.lead": (Mean(0, 0, 0, 10), Mean(0.035, 0.024, 0.046, 10)),
        "insertion.lead": (Mean(0, 0, 0, 10), Mean(0.05, 0.04, 0.06, 10)),
        "increase.lead": (Mean(0, 0, 0, 10), Mean(-0.01, -0.02, 0.01, 10)),
        "deletion.lead": (Mean(0, 0, 0, 10), Mean(0, 0, 0, 0)),
    }
    told = verdicts(replace(evidence, numbers=numbers), 1)["Do the maps tell the truth?"][-1]
    assert told == (
        "Its own map beside a blob in the centre: average drop +3.5 points, worse (+2.4 to +4.6); "
        "increase −1.0 points, no difference (−2.0 to +1.0); insertion +5.0 points, better (+4.0 to +6.0)."
    )


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
    told = [sentence for sentences in verdicts(evidence, 1).values() for sentence in sentences]
    assert text in told and all(text in as_text(evidence) for text in told)


def test_highlights_are_a_sentence_for_each_of_the_first_measures():
    evidence = make_evidence((0.1, 0.05, 0.15))
    assert highlights(evidence, 1) == [
        sentence
        for sentences in verdicts(evidence, 1).values()
        for sentence in sentences
        if sentence in {verdict(evidence, name, 1) for name in FIRST}
    ]
    assert len(highlights(evidence, 1)) == len(FIRST)


def test_no_verdict_without_a_standard_network_to_compare_with():
    evidence = make_evidence((0, 0, 0))
    assert compared(evidence) == [1] and compared(evidence, "mixup") == []
    swapped = replace(evidence, networks=evidence.networks[::-1])
    assert compared(swapped) == [] and "beside" not in as_text(swapped).splitlines()[-1]


def test_two_networks_of_a_method_have_their_own_sentences():
    evidence = make_evidence((0.1, 0.05, 0.15))
    first, second = evidence.networks
    third = replace(second, title="RICAP, <b>whole</b> images")
    tables = [
        {name: (*means, means[1]) for name, means in table.items()} for table in (evidence.numbers, evidence.gaps)
    ]
    both = Evidence(
        "toy", evidence.card, (first, second, third), *tables, (*evidence.reliability, evidence.reliability[1])
    )
    page = sections(both)
    assert page.count("<b>RICAP beside Standard</b>") == 5
    assert page.count("<b>RICAP, &lt;b&gt;whole&lt;/b&gt; images beside Standard</b>") == 5 and "<b>whole" not in page


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
    told = " ".join(sentence for sentences in verdicts(old, 1).values() for sentence in sentences)
    assert f"{MEASURES[name].title[1:]}:" not in told
    assert MEASURES["focus"].title in told


@pytest.mark.parametrize("names", [("hidden",), ("hidden.own",), ("crop", "grey"), ("",)])
def test_a_file_without_many_measures_is_shown_without_them(tmp_path, names):
    file = tmp_path / "toy.json"
    value = json.loads(make_evidence((0.1, 0.05, 0.15)).to_json())
    for table in ("numbers", "gaps"):
        value[table] = {name: row for name, row in value[table].items() if not name.startswith(names)}
    file.write_text(json.dumps(value))
    page = sections(read_evidence(file))
    assert page.count("<section") == 5 and "nan" not in page


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
    assert "Standard: 64 px; RICAP: 96 px" in about(apart)
    for name in GRID_BOUND:
        assert "not comparable: images of 96 and 64 px" in verdict(apart, name, 1)
        assert "not comparable" not in verdict(evidence, name, 1)
    assert "not comparable" not in verdict(apart, "focus", 1)
    at_one = replace(apart, card=apart.card | {"map_size": 64})
    assert "area and entropy alone are of maps of images of 64 px" in about(at_one)
    assert "not comparable" not in verdict(at_one, "area", 1)


def test_the_page_says_how_different_the_crops_in_training_were():
    evidence = make_evidence((0.1, 0.05, 0.15))
    assert "crops in training" not in about(evidence)
    networks = (replace(evidence.networks[0], crop_scale=0.25), evidence.networks[1])
    assert "area (Standard: 25 %; RICAP: 100 %)" in about(replace(evidence, networks=networks))


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
