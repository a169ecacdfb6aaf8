"""Intervals that hold the truth as often as they say; calibration against its definition."""

import itertools
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from ricap_explorer.bootstrap import drawn_means
from ricap_explorer.errors import InputError
from ricap_explorer.evidence import MEASURES
from ricap_explorer.evidence.calibration import BINS, bins_of, calibration_error, reliability
from ricap_explorer.evidence.collect import _summed_up, partners
from ricap_explorer.evidence.runs import beyond_chance, grouped, student, summed_up
from ricap_explorer.evidence.verdicts import as_text
from ricap_explorer.figures.evidence import sections
from ricap_explorer.zoo import Checkpoint

from .conftest import make_evidence


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
    rates = [Checkpoint(Path(f"a_ricap_s{seed}.safetensors"), {"lr": 0.1 + seed, "seed": seed}) for seed in (0, 1)]
    with pytest.raises(InputError, match="must have one lr; got 0.1 and 1.1"):
        grouped(rates)
    assert grouped([rates[0], Checkpoint(Path("a_ricap_s2.safetensors"), {})]) == [[0, 1]], "what no card tells"
    some = Checkpoint(Path("a_ricap_s3.safetensors"), {"fraction": 0.1})
    with pytest.raises(InputError, match="must have one fraction; got 0.1 and 1.0"):
        grouped([some, Checkpoint(Path("a_ricap_s2.safetensors"), {})])  # older than fractions: trained on all


def test_differences_are_of_images_that_every_network_has_a_number_of(rng):
    """Two networks alike wherever both have a map: where one has none, nothing is to be told from it."""
    alike = rng.random(200).astype(np.float32)
    values = {name: np.stack([alike, alike]) for name in MEASURES if name != "ece"} | {
        "hidden.none": np.zeros((2, 200))
    }
    values["drop.own"] = np.stack([alike, np.where(alike > 0.7, np.nan, alike)])
    numbers, gaps = _summed_up(values, [[0], [1]], [0, 0], 0)
    assert (gaps["drop.own"][1].value, gaps["drop.own"][1].low, gaps["drop.own"][1].high) == (0, 0, 0)
    assert numbers["drop.own"][0].count == (alike <= 0.7).sum() and numbers["area"][0].count == 200


def test_intervals_over_images_alone_where_every_method_has_one_run(rng):
    values = rng.normal(size=(2, 300)) + [[0.0], [0.2]]
    drawn, groups = drawn_means(values, rng), [[0], [1]]
    numbers, gaps = summed_up(values.mean(1), drawn, np.full(2, 300), groups, [0, 0])
    for m in range(2):
        assert (numbers[m].low, numbers[m].high) == pytest.approx(np.quantile(drawn[:, m], [0.025, 0.975]))
    assert (gaps[0].value, gaps[0].low, gaps[0].high) == (0, 0, 0)
    assert gaps[1].value == pytest.approx(numbers[1].value - numbers[0].value) and gaps[1].count == 300


def test_every_network_is_set_beside_its_partner(rng):
    values = rng.normal(size=(4, 300)) + [[0.0], [1.0], [3.0], [7.0]]
    drawn, groups, beside = drawn_means(values, rng), [[0], [1], [2], [3]], [0, 0, 1, 0]
    numbers, gaps = summed_up(values.mean(1), drawn, np.full(4, 300), groups, beside)
    for one, other in enumerate(beside):
        apart = drawn[:, one] - drawn[:, other]
        assert (gaps[one].low, gaps[one].high) == pytest.approx(np.quantile(apart, [0.025, 0.975]))
        assert gaps[one].value == pytest.approx(numbers[one].value - numbers[other].value)


def test_a_partner_is_the_standard_network_of_the_same_rate_and_length():
    kinds = [("standard", 0.05, 9), ("standard", 0.1, 9), ("ricap", 0.1, 9), ("cutmix", 0.05, 9), ("ricap", 0.1, 30),
             ("ricap", None, 9), ("standard", 0.1, 9), ("standard", None, 30)]  # fmt: skip
    network = {"model": "looknet", "model_arguments": {"width": 8}}
    cards = [
        network | {"method": method, "epochs": epochs} | ({"lr": lr} if lr else {}) for method, lr, epochs in kinds
    ]
    assert partners(cards) == [0, 0, 1, 0, 0, 0, 0, 0]
    assert partners(cards[2:4]) == [0, 0]


def test_of_several_partners_the_one_of_the_same_crops_comes_first():
    card = {"model": "looknet", "model_arguments": {}, "method": "standard", "epochs": 9, "lr": 0.1, "crop_scale": 0.25}
    cards = [card, card | {"crop_scale": 1.0}]
    ricap = [card | {"method": "ricap", "crop_scale": crop} for crop in (1.0, 0.25, 0.5)]
    assert partners([*cards, *ricap]) == [0, 0, 1, 0, 0]


@pytest.mark.parametrize("other", [{"model": "wide_resnet"}, {"model_arguments": {"width": 16}}, {"fraction": 0.1}])
def test_a_partner_is_the_same_network_trained_on_as_many_images(other):
    card = {"model": "looknet", "model_arguments": {"width": 8}, "method": "standard", "epochs": 9, "lr": 0.1}
    cards = [card, card | other, card | other | {"method": "ricap"}, card | {"method": "ricap", "fraction": 1.0}]
    assert partners(cards) == [0, 0, 1, 0]


def test_runs_that_disagree_widen_the_interval():
    """Runs at 0, 3 and 6, many images: their deviation is 3. One run beside them is taken to vary as they do."""
    values, groups = np.array([0.0, 0.0, 3.0, 6.0]), [[0], [1, 2, 3]]
    numbers, gaps = summed_up(values, np.tile(values, (500, 1)), np.full(4, 2000), groups, [0, 0])
    for mean, value, share in ((numbers[0], 0, 1), (numbers[1], 3, 1 / 3), (gaps[1], 3, 1 + 1 / 3)):
        reach = 4.303 * 3 * np.sqrt(share)
        assert (mean.value, mean.low, mean.high) == pytest.approx((value, value - reach, value + reach), abs=0.05)


@pytest.mark.parametrize("counts", [(2, 2), (1, 2), (1, 3), (3, 3)])
def test_runs_that_happen_to_agree_do_not_make_an_interval_narrower_than_that_over_images(counts, rng):
    """Nor is it, of those alone, more often wrong."""
    groups, runs, narrow, hits = [list(range(counts[0])), list(range(counts[0], sum(counts)))], sum(counts), 0, 0
    for _ in range(1000):
        values, drawn = rng.normal(size=runs), rng.normal(size=(100, runs))
        _, gaps = summed_up(values, drawn + values, np.full(runs, 9), groups, [0, 0])
        apart = (values + drawn)[:, groups[1]].mean(1) - (values + drawn)[:, groups[0]].mean(1)
        low, high = np.quantile(apart, [0.025, 0.975])
        assert gaps[1].low <= low + 1e-9 and high <= gaps[1].high + 1e-9
        if (gaps[1].low, gaps[1].high) == pytest.approx((low, high)):
            narrow, hits = narrow + 1, hits + (low <= 0 <= high)
    assert narrow >= 50 and hits / narrow >= 0.9


def test_a_mean_s_interval_takes_runs_of_all_groups_to_vary_alike_and_shares_lie_between_0_and_1():
    values = {name: np.tile(np.array([[0.9], [0.2], [0.97]]), (1, 50)) for name in MEASURES if name != "ece"}
    values["hidden.none"] = np.zeros((3, 50))
    numbers, gaps = _summed_up(values, [[0, 1], [2]], [0, 0], 0)
    for mean in numbers["focus"]:
        assert (mean.low, mean.high) == (0, 1), "one of the groups has a single run, which no interval makes surer"
    assert numbers["surplus"][0].low < -1 and gaps["focus"][1].high > 1


@pytest.mark.parametrize("counts", [(3, 3), (1, 3), (3, 1), (2, 5)])
@pytest.mark.parametrize("noise", [0.0, 1.0])
def test_intervals_over_runs_hold_the_truth_nineteen_times_in_twenty(counts, noise, rng):
    """Of groups of runs whose true means are 0, with noise of the images that all runs share, or without."""
    groups, hits = [list(range(counts[0])), list(range(counts[0], sum(counts)))], 0
    shared = np.zeros(sum(counts))
    shared[groups[1]] = noise  # how much harder the images are for the second group than for the first
    for _ in range(1000):
        values = rng.normal(size=sum(counts))
        found = values + rng.normal() * shared
        drawn = found + rng.normal(size=(100, 1)) * shared
        _, gaps = summed_up(found, drawn, np.full(sum(counts), 9), groups, [0, 0])
        hits += gaps[1].low <= 0 <= gaps[1].high
    assert 0.93 <= hits / 1000 <= 0.98


@pytest.mark.parametrize("counts", [(3, 3), (1, 3), (5, 5)])
def test_intervals_are_no_wider_for_what_is_in_images_and_runs_alike(counts, rng):
    """Runs that are all alike but do other images well: their numbers vary just as the bootstrap says of each."""
    groups, hits, runs = [list(range(counts[0])), list(range(counts[0], sum(counts)))], 0, sum(counts)
    for _ in range(1000):
        values = rng.normal(size=runs)
        drawn = values + rng.normal(size=(100, runs))
        _, gaps = summed_up(values, drawn, np.full(runs, 9), groups, [0, 0])
        hits += gaps[1].low <= 0 <= gaps[1].high
    assert 0.94 <= hits / 1000 <= 0.985


def test_runs_that_come_to_one_number_leave_the_chance_of_the_images(rng):
    """Three runs of each miss as many of few images, each way others: no interval without width."""
    misses = np.zeros((6, 60))
    misses[:3, :6] = misses[3:, 10:18] = 1
    drawn, groups = drawn_means(misses, rng), [[0, 1, 2], [3, 4, 5]]
    numbers, gaps = summed_up(misses.mean(1), drawn, np.full(6, 60), groups, [0, 0])
    assert numbers[0].low < 0.05 < 0.15 < numbers[0].high and gaps[1].low < 0 < gaps[1].high


@pytest.mark.parametrize(
    ("freedom", "point"), [(1, 12.706), (2, 4.303), (3, 3.182), (4, 2.776), (8, 2.306), (30, 2.042)]
)
def test_student_s_t_is_that_of_the_tables(freedom, point):
    assert student(freedom) == pytest.approx(point, abs=0.001)


def test_a_calibration_error_has_no_interval_and_its_surplus_has_one():
    """Chance pushes the error of the less sure network up, however honest; its probability minus its hits is 0."""
    rng = np.random.default_rng(0)
    sure = np.stack([rng.uniform(least, 1, 2000) for least in (0.98, 0.3)]).astype(np.float32)
    wrong = 1 - (rng.random((2, 2000)) < sure).astype(np.float32)
    values = {name: np.zeros((2, 2000)) for name in MEASURES if name != "ece"}
    values |= {"confidence": sure, "hidden.none": wrong, "surplus": sure - (1 - wrong)}
    numbers, gaps = _summed_up(values, [[0], [1]], [0, 0], 0)
    assert numbers["ece"][1].value > 2 * numbers["ece"][0].value and np.isnan(gaps["ece"][1].low)
    assert gaps["surplus"][1].low < 0 < gaps["surplus"][1].high
    evidence = replace(make_evidence((0, 0, 0)), numbers=numbers, gaps=gaps)
    rows = as_text(evidence).partition("calibration error")[2].splitlines()
    assert "Standard" in rows[1] and "(" not in rows[1]
    assert "nan" not in sections(evidence)


@pytest.mark.parametrize(("alone", "told"), [(5, False), (6, True)])
def test_of_few_images_that_one_side_alone_misses_an_exact_test_judges(alone, told):
    """As `compare` does: the bootstrap alone is too sure."""
    values = {name: np.zeros((2, 200), np.float32) for name in MEASURES if name != "ece"}
    values["confidence"] += 0.5
    values["hidden.none"][0, :alone] = 1
    _, gaps = _summed_up(values, [[0], [1]], [0, 0], 0)
    assert (gaps["hidden.none"][1].high < 0) == told
    values["hidden.none"] = np.concatenate([values["hidden.none"]] * 2)[[0, 2, 1, 3]]
    values |= {name: np.concatenate([row, row]) for name, row in values.items() if len(row) == 2}
    _, gaps = _summed_up(values, [[0, 1], [2, 3]], [0, 0], 0)
    assert (gaps["hidden.none"][1].high < 0) == told, "that several runs agree makes no more images of them"


@pytest.mark.parametrize("runs", [(1, 1), (2, 3), (3, 3)])
def test_the_exact_test_counts_every_way_to_turn_signs(runs, rng):
    """Against all 2 ** n ways, one by one."""
    for _ in range(20):
        one, other = (rng.random((count, 9)) < share for count, share in zip(runs, (0.5, 0.1), strict=True))
        gaps = np.rint((one.mean(0) - other.mean(0)) * 6).astype(int)
        gaps = gaps[gaps != 0]
        sums = [abs(np.dot(signs, gaps)) for signs in itertools.product((-1, 1), repeat=len(gaps))]
        share = np.mean([total >= abs(gaps.sum()) for total in sums])
        assert beyond_chance(one, other) == beyond_chance(other, one) == (share <= 0.05)
