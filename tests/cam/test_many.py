"""Many images at once against one after the other; means, intervals and pairs; samples of a data set."""

import csv
import re
from dataclasses import replace
from html import unescape

import numpy as np
import pytest
import torch
from torchvision.transforms.functional import to_pil_image

from ricap_explorer.bootstrap import means
from ricap_explorer.cam import area_above_half, class_maps, entropy, inspect
from ricap_explorer.cam.many import GROUPS, Survey, SurveyPlan, survey
from ricap_explorer.cam.methods import MEASURE_TITLES
from ricap_explorer.cam.sample import batches_for, draw_sample
from ricap_explorer.cam.summary import as_csv, compare, most_different
from ricap_explorer.data import read_image
from ricap_explorer.errors import InputError
from ricap_explorer.models import create_model

from .conftest import make_network

CARD = {"method": "ricap", "image_size": 64, "mean": [0.4, 0.5, 0.6], "std": [0.2, 0.3, 0.25], "classes": list("abcde")}
SMALL = CARD | {"image_size": 48}
IMAGES = torch.randint(0, 256, (5, 3, 64, 64), dtype=torch.uint8, generator=torch.Generator().manual_seed(0))
LABELS = torch.tensor([0, 1, 2, 3, 4])


def batches(size: int, networks: int = 2):
    shown = [[images] * networks for images in IMAGES.split(size)]
    return zip(shown, LABELS.split(size), strict=True)


def run(networks, plan: SurveyPlan, size: int = 2, cards=None) -> Survey:
    cards = cards or [CARD] * len(networks)
    *_, last = survey(networks, cards, [f"n{k}" for k in range(len(networks))], batches(size, len(networks)), plan)
    return last


@pytest.fixture(scope="module")
def networks():
    return [make_network(seed) for seed in (0, 1)]


@pytest.mark.parametrize("method", ["cam", "layercam"])
@pytest.mark.parametrize("explained", ["truth", "own"])
def test_equals_one_image_after_the_other(networks, method, explained):
    found = run(networks, SurveyPlan(method, explained))
    for m, network in enumerate(networks):
        for i, (image, label) in enumerate(zip(IMAGES, LABELS.tolist(), strict=True)):
            view = inspect(network, to_pil_image(image), CARD, [label if explained == "truth" else None], method)
            numbers = {name: row[m, i] for name, row in found.numbers.items()}
            answer = view.probabilities.argmax()
            assert found.answers[m, i] == answer and numbers["error"] == (answer != label)
            assert numbers["probability"] == pytest.approx(view.probabilities[view.classes[0]], rel=1e-3)
            expected = area_above_half(view.maps[0]), entropy(view.maps[0])
            for name, value in zip(("area", "entropy"), expected, strict=True):
                assert np.isnan(numbers[name]) if value is None else numbers[name] == pytest.approx(value, rel=1e-3)


def test_every_group_s_numbers_do_not_depend_on_the_batch(networks):
    plan = SurveyPlan(groups=("curves", "drop"))
    assert plan.measures == (*GROUPS["map"], *GROUPS["drop"], *GROUPS["curves"])
    one, all_ = run(networks, plan, 1), run(networks, plan, 5)
    for name in plan.measures:
        np.testing.assert_allclose(one.numbers[name], all_.numbers[name], rtol=2e-2, atol=2e-3)
        assert name in MEASURE_TITLES and one.numbers[name].shape == (2, 5)


def test_a_map_without_a_positive_value_has_no_number(network):
    with torch.no_grad():
        network.classifier.weight[1] = -network.classifier.weight[1].abs()
    plan = SurveyPlan(groups=("drop", "curves"))
    found = run([network], plan)
    for name in ("area", "entropy", "drop", "increase", "deletion", "insertion"):
        assert np.isnan(found.numbers[name][0]).tolist() == [False, True, False, False, False], name
    with torch.no_grad():
        network.classifier.weight.fill_(torch.nan)
    broken = run([network], plan)
    assert all(np.isnan(broken.numbers[name]).all() for name in plan.measures if name != "error")


def test_each_network_gets_its_own_size_and_the_survey_grows(networks):
    steps = list(survey(networks, [CARD, SMALL], ["a", "b"], batches(2), SurveyPlan()))
    assert [len(step) for step in steps] == [2, 4, 5] and steps[-1].titles == ("a", "b")
    for name, row in steps[0].numbers.items():
        np.testing.assert_array_equal(row, steps[-1].numbers[name][:, :2])
    np.testing.assert_array_equal(
        run(networks[1:], SurveyPlan(), cards=[SMALL]).numbers["area"][0], steps[-1].numbers["area"][1]
    )


def test_what_hangs_on_the_grid_is_compared_only_between_equal_grids(networks, rng):
    from ricap_explorer.cam.summary import as_text
    from ricap_explorer.figures.survey import survey_page

    for cards, shown in (([CARD, CARD], True), ([CARD, SMALL], False)):
        found = run(networks, SurveyPlan(), cards=cards)
        table, text = survey_page(found, rng), as_text(found)
        row = table.partition("Area above half")[2].partition("</tr>")[0]
        assert row.count("<small>(") == (3 if shown else 2)
        assert (
            ("grids of different sizes" in table) == ("Area above half of the maximum in % (not" in text) == (not shown)
        )


def test_a_survey_s_tables_say_whose_maps_it_is_of(networks, rng):
    from ricap_explorer.cam.summary import as_text
    from ricap_explorer.figures.survey import survey_page

    for plan, said in (
        (SurveyPlan(), "CAM (Zhou 2016) of the true class"),
        (SurveyPlan("gradcam", "own", layer="second"), "Grad-CAM, one stage earlier, of each model's own answer"),
    ):
        found = run(networks, plan)
        assert said in as_text(found) and said in unescape(survey_page(found, rng))


def test_networks_that_see_the_same_size_can_have_different_grids(networks):
    other = create_model("wide_resnet", 5, depth=10, width=1).eval()
    found = run([networks[0], other], SurveyPlan())
    assert len(set(found.grids)) == 2 and not found.comparable("area") and found.comparable("error")
    assert run(networks, SurveyPlan()).comparable("area")


def test_networks_are_left_as_they_were(networks):
    network = networks[0].train()
    before = {key: value.clone() for key, value in network.state_dict().items()}
    run([network], SurveyPlan(groups=("drop", "curves")))
    assert network.training and not any(module._forward_hooks for module in network.modules())
    assert all(torch.equal(value, before[key]) for key, value in network.state_dict().items())


@pytest.mark.parametrize(
    ("settings", "sentence"),
    [
        ({"method": "none"}, "CAM method must be one of"),
        ({"explained": "none"}, "explained must be one of truth, own"),
        ({"layer": "fifth"}, "layer must be one of last, second, third, fourth; got 'fifth'"),
        ({"layer": "second"}, "the CAM method for an earlier layer must be one of Grad-CAM"),
        ({"groups": ("none",)}, "measures must be one of map, drop, curves, road"),
    ],
)
def test_bad_plans(settings, sentence):
    with pytest.raises(InputError, match=sentence):
        SurveyPlan(**settings)


def test_intervals_hold_the_mean_and_narrow_with_more_images(rng):
    few, many = rng.normal(3, 1, (1, 40)), rng.normal(3, 1, (1, 4000))
    (a,), (b,) = means(few, np.random.default_rng(1)), means(many, np.random.default_rng(1))
    for mean, values in ((a, few), (b, many)):
        assert mean.value == pytest.approx(values.mean()) and mean.low < mean.value < mean.high
        theory = 1.96 * values.std() / np.sqrt(values.shape[1])
        assert (mean.high - mean.low) / 2 == pytest.approx(theory, rel=0.15)
    assert b.high - b.low < a.high - a.low and (a.count, b.count) == (40, 4000)


def test_intervals_repeat_and_skip_what_is_no_number(rng):
    values = rng.normal(size=(2, 30))
    values[1, ::3] = np.nan
    first, again = (means(values, np.random.default_rng(2)) for _ in range(2))
    assert first == again and first[1].count == 20
    assert first[1].value == pytest.approx(np.nanmean(values[1]))
    empty = means(np.full((1, 4), np.nan), rng)[0]
    assert empty.count == 0 and np.isnan([empty.value, empty.low, empty.high]).all()


def test_one_image_has_no_interval_and_few_no_clear_difference(networks, rng):
    from ricap_explorer.cam.summary import as_text
    from ricap_explorer.figures.survey import survey_page

    values = np.array([[0.0], [1.0]])
    assert [mean.has_interval for mean in means(values, rng)] == [False, False]
    for count in (1, 9, 10):
        found = run(networks, SurveyPlan())
        alike = {name: np.tile([[0.25], [0.75]], count) for name in ("area", "entropy")}
        few = replace(found, numbers=alike, labels=found.labels[:1].repeat(count))
        table, text = survey_page(few, rng), as_text(few)
        assert ("<small>(" in table) == bool(re.search(r"\d \(\S+ to \S+\)", text)) == (count > 1)
        assert ("<strong>" in table) == (count == 10), "every image differs alike"
        assert "nan" not in table + text


def test_pairs_are_compared_image_by_image(rng):
    base = rng.normal(size=200) * 10
    values = np.stack([base, base + 0.5, base])
    values[1, 0] = np.nan
    same, more, equal = compare(values, rng)
    assert same.value == 0 == equal.value
    assert (
        more.count == 199 and more.low == pytest.approx(0.5) == more.high
    )  # though the images themselves differ by far more


def test_most_different_images_come_first():
    values = np.array([[0.0, 0.0, np.nan, 1.0, 0.5], [0.1, -0.9, 0.0, 1.0, 1.0]])
    assert most_different(values, 0, 1, 9) == [1, 4, 0]
    assert most_different(values, 0, 1, 1) == [1]


def test_csv_has_a_line_for_every_image_and_network(networks):
    found = run(networks, SurveyPlan())
    lines = list(csv.DictReader(as_csv(found, list("vwxyz"), CARD["classes"]).splitlines()))
    assert len(lines) == 10 and [line["image"] for line in lines[::2]] == list("vwxyz")
    for k, line in enumerate(lines):
        assert line["network"] == f"n{k % 2}" and line["truth"] == CARD["classes"][k // 2]
        assert line["answer"] == CARD["classes"][found.answers[k % 2, k // 2]]
        number = float(line["area above half of the maximum"] or "nan")
        assert number == pytest.approx(found.numbers["area"][k % 2, k // 2], rel=1e-4, nan_ok=True)


def test_a_sample_s_images_are_the_data_set_s(data_dir, rng):
    everything = draw_sample("pets", data_dir, None, 24, rng)
    assert (
        len(everything) == 6
        and everything.labels.tolist() == [0, 0, 0, 1, 1, 1]
        and everything.classes == ("cat", "dog")
    )
    some = draw_sample("pets", data_dir, 4, 24, np.random.default_rng(3))
    assert len(set(some.numbers)) == 4 and some.numbers.tolist() == sorted(some.numbers)
    again = draw_sample("pets", data_dir, 4, 24, np.random.default_rng(3))
    assert again.names == some.names == [everything.names[number] for number in some.numbers]
    assert len(some.part.samples) == 4, "the others are not kept"
    for size in (1, 3, 9):
        parts = list(some.batches(size))
        images, labels = (torch.cat(tensors) for tensors in zip(*parts, strict=True))
        assert labels.tolist() == some.labels.tolist() and max(len(part[0]) for part in parts) <= size
        for i, image in enumerate(images):
            assert torch.equal(image, everything.image(int(some.numbers[i]))) and image.shape == (3, 24, 24)


def test_maps_of_an_earlier_layer(networks):
    found = run(networks, SurveyPlan("gradcam", "own", layer="second"))
    views = [inspect(networks[0], to_pil_image(image), CARD, [None], "gradcam", layer="second") for image in IMAGES]
    expected = [entropy(view.maps[0]) for view in views]
    assert found.numbers["entropy"][0].tolist() == pytest.approx(expected, rel=1e-3)
    assert found.grids[0] == views[0].maps.shape[1:] != run(networks, SurveyPlan()).grids[0]


def test_each_network_s_numbers_are_the_same_whatever_stands_beside_it(networks, data_dir, rng):
    """Data kept at two sizes: each network gets what its own test got."""
    sample = draw_sample("pets", data_dir, None, 56, rng)
    cards = [CARD | {"store_size": 40}, SMALL | {"store_size": 56}]

    def ask(*which: int) -> Survey:
        chosen = [cards[k] for k in which]
        plan, titles = SurveyPlan("cam", "own", ("drop",)), [str(k) for k in which]
        return list(survey([networks[k] for k in which], chosen, titles, batches_for(chosen, sample, 4), plan))[-1]

    both, alone = ask(0, 1), [ask(0), ask(1)]
    for name, row in both.numbers.items():
        assert np.array_equal(row, np.concatenate([one.numbers[name] for one in alone]), equal_nan=True), name
    for card, network, shares in zip(cards, networks, both.numbers["probability"], strict=True):
        views = [inspect(network, read_image(sample.path(i)), card) for i in range(len(sample))]
        assert shares.tolist() == pytest.approx([view.probabilities.max() for view in views], rel=1e-4)


@pytest.mark.parametrize("count", [0, -1, 7, 2.5])
def test_samples_larger_than_the_data_set(data_dir, rng, count):
    with pytest.raises(InputError, match=f"must be from 1 to 6, the whole validation set; got {count}"):
        draw_sample("pets", data_dir, count, 24, rng)


def test_an_absent_data_set_is_one_sentence(tmp_path, rng):
    for name in ("imagenette", "cifar10", "none"):
        with pytest.raises(InputError) as caught:
            draw_sample(name, tmp_path, 4, 24, rng)
        assert "\n" not in str(caught.value) and str(tmp_path) in str(caught.value)


def test_class_maps_of_a_batch_is_exact(networks):
    """The batched map is class_maps' own."""
    from ricap_explorer.cam.many import explain
    from ricap_explorer.data import eval_batch

    batch = eval_batch(IMAGES, CARD["image_size"], CARD["mean"], CARD["std"])
    _, shares, maps, classes = explain(networks[0], batch, LABELS, SurveyPlan())
    for i in range(5):
        logits, one = class_maps(networks[0], batch[i], [int(classes[i])])
        torch.testing.assert_close(maps[i], one[0], rtol=1e-4, atol=1e-4)
        torch.testing.assert_close(shares[i], logits.softmax(0), rtol=1e-4, atol=1e-5)


def test_a_sample_is_drawn_from_every_class(data_dir):
    drawn = [draw_sample("pets", data_dir, 3, 24, np.random.default_rng(seed)) for seed in range(12)]
    assert {tuple(one.numbers) for one in drawn} != {(0, 1, 2)} and len({tuple(one.numbers) for one in drawn}) > 3
    assert any(len(set(one.labels)) == 2 for one in drawn)
