"""The Patch tab's handlers: what is drawn, what a bad input leaves alone, what a choice changes."""

import math
import re

import gradio as gr
import numpy as np
import pytest

from ricap_explorer.errors import InputError
from ricap_explorer.ui.pictures import CANVAS
from ricap_explorer.ui.tabs import patch

SKIP = gr.skip()
CONTROLS = {"beta": patch.BETA, "seed": patch.SEED}
BAD_BETAS = ["0", "-1", "nan", "inf", "-inf", "text", "", " ", "0,3", "0.3.1", "β", "1e7", "1e999", None, []]
BAD_SEEDS = ["-1", "1.5", "nan", "inf", "1e999", "text", "", None, []]


@pytest.fixture
def sources() -> dict:
    """As the browser sends them when the page opens."""
    return {"slots": list(patch.SLOTS), "active": 0}


def shown(update: dict) -> set[str]:
    """What a component update changes."""
    return set(update) - {"__type__"}


def test_image_is_the_plan_applied_to_the_pictures(services):
    for seed in range(8):
        patched = patch.patch(services, patch.SLOTS, "0.8", seed)
        expected = np.zeros((CANVAS, CANVAS, 3), np.uint8)
        for k, region in enumerate(patched.plan.patches):
            expected[region.paste.index] = np.asarray(services.pictures.get(patch.SLOTS[k]).image)[region.crop.index]
        assert np.array_equal(np.asarray(patched.image), expected), seed


def test_shares_are_the_weights(services):
    patched = patch.patch(services, patch.SLOTS, 0.3, 7)
    assert [name for name, _ in patched.shares] == ["English springer", "church", "gas pump", "parachute"]
    for (_, share), region in zip(patched.shares, patched.plan.patches, strict=True):
        assert share == pytest.approx(region.weight, abs=1e-6)


def test_shares_of_one_class_are_summed(services):
    slots = ["sample:tench-1", "sample:church-1", "sample:tench-2", "sample:tench-1"]
    patched = patch.patch(services, slots, 1, 3)
    weights = [region.weight for region in patched.plan.patches]
    assert [name for name, _ in patched.shares] == ["tench", "church"]
    expected = [weights[0] + weights[2] + weights[3], weights[1]]
    assert [share for _, share in patched.shares] == pytest.approx(expected, abs=1e-6)


def test_same_seed_same_draw(services):
    first, again, other = (patch.patch(services, patch.SLOTS, 0.3, seed) for seed in ("7", 7.0, "8"))
    assert first.plan == again.plan != other.plan and first.image == again.image


def test_other_pictures_keep_the_draw(services):
    changed = ["sample:tench-1", *patch.SLOTS[1:]]
    assert patch.patch(services, changed, 0.3, 7).plan == patch.patch(services, patch.SLOTS, 0.3, 7).plan


def test_crops_stay_put_while_beta_changes(services):
    """A corner moves only as far as the size of its crop makes it."""
    corners = [patch.patch(services, patch.SLOTS, beta, 7).plan.patches for beta in ("99", "100")]
    for before, after in zip(*corners, strict=True):
        assert abs(before.crop.top - after.crop.top) <= 2 and abs(before.crop.left - after.crop.left) <= 2


@pytest.mark.parametrize("beta", BAD_BETAS)
def test_bad_beta(beta, services):
    with pytest.raises(InputError, match="^beta must be a"):
        patch.patch(services, patch.SLOTS, beta, 7)


def test_large_seeds_are_exact(services):
    seeds = ["9007199254740993", 9007199254740993, "9007199254740992", "9" * 40]
    plans = [patch.patch(services, patch.SLOTS, 0.3, seed).plan for seed in seeds]
    assert plans[0] == plans[1] and len(set(plans)) == 3
    with pytest.raises(InputError, match="at most 40 digits; got 5000"):
        patch.patch(services, patch.SLOTS, 0.3, "9" * 5000)


@pytest.mark.parametrize("seed", BAD_SEEDS)
def test_bad_seed(seed, services):
    with pytest.raises(InputError, match="^seed must be a whole number from 0; got"):
        patch.patch(services, patch.SLOTS, 0.3, seed)


@pytest.mark.parametrize("count", [0, 3, 5])
def test_any_number_of_pictures_but_four(count, services):
    with pytest.raises(InputError, match=f"RICAP needs four images; got {count}"):
        patch.patch(services, (patch.SLOTS * 2)[:count], 0.3, 7)


@pytest.mark.parametrize("beta", ["1e-300", "0.01", "0.3", "1", "100", "1e6"])
def test_every_beta_draws(beta, services, sources):
    update, stage, evidence, note = patch.draw(services, sources, {"beta": beta, "seed": "7"})
    assert len(update["crops"]) == len(update["captions"]) == 4
    assert stage.count("data:image/jpeg;base64,") == 1 and note == ""
    assert "nan" not in evidence and "inf" not in evidence


@pytest.mark.parametrize(("field", "values"), [("beta", BAD_BETAS), ("seed", BAD_SEEDS)])
def test_bad_input_leaves_the_last_good_picture(field, values, services, sources):
    sources["shown"] = patch.SLOTS
    for value in values:
        *rest, note = patch.draw(services, sources, CONTROLS | {field: value})
        assert rest == [SKIP] * 3 and note.startswith(f"{field} must be a") and "\n" not in note, value


def test_sentence_is_escaped(services, sources):
    *_, note = patch.draw(services, sources, CONTROLS | {"beta": "<img src=x onerror=alert(1)>"})
    assert "<" not in note and "&lt;img" in note


def test_forgotten_picture_leaves_the_last_good_one(services, sources):
    sources["slots"][2] = "upload:forgotten"
    *rest, note = patch.draw(services, sources, CONTROLS)
    assert rest == [SKIP] * 3 and "please choose it again" in note


def test_opening_shows_the_worked_example(services, sources):
    update, stage, evidence, note = patch.draw(services, sources, CONTROLS)
    assert shown(update) == {"images", "crops", "captions"} and note == ""
    assert [image["id"] for image in update["images"]] == patch.SLOTS
    assert [services.pictures.get(image["id"]).name for image in update["images"]] == [
        "English springer",
        "church",
        "gas pump",
        "parachute",
    ]
    assert "<img" in stage and "Mixed label" in evidence and "Beta(0.3, 0.3)" in evidence


def test_opening_without_the_samples_says_so(services, sources):
    services.pictures.files.clear()
    *rest, note = patch.draw(services, sources, CONTROLS)
    assert rest == [SKIP] * 3 and "please choose it again" in note


def test_pictures_that_the_tiles_show_are_not_sent_again(services, sources):
    assert shown(patch.draw(services, sources | {"shown": patch.SLOTS}, CONTROLS)[0]) == {"crops", "captions"}


@pytest.mark.parametrize("k", range(4))
def test_another_picture_changes_its_tile_and_the_patch(k, services, sources):
    sources |= {"shown": patch.SLOTS, "slots": [*patch.SLOTS[:k], "sample:golf-ball-2", *patch.SLOTS[k + 1 :]]}
    before = patch.draw(services, sources | {"slots": patch.SLOTS}, CONTROLS)
    update, stage, evidence, note = patch.draw(services, sources, CONTROLS)
    assert [image["src"] for image in update["images"]] == [services.pictures.get(s).uri for s in sources["slots"]]
    assert "golf ball" in update["captions"][k] and note == ""
    assert stage != before[1] and evidence != before[2] and update["crops"] == before[0]["crops"]


def test_another_picture_while_beta_is_bad_fills_its_tile_and_nothing_else(services, sources):
    sources["shown"] = ["sample:tench-1", *patch.SLOTS[1:]]
    update, stage, evidence, note = patch.draw(services, sources, CONTROLS | {"beta": "0"})
    assert shown(update) == {"images"} and stage == evidence == SKIP and "beta must" in note


def test_label_rows_sum_to_one(services, sources, read):
    for seed in range(20):
        evidence = patch.draw(services, sources, {"beta": "0.3", "seed": seed})[2]
        rows = [float(text) for text in re.findall(r'class="rx-number">([\d.]+)<', evidence)]
        assert len(rows) == 4 and sum(rows) == pytest.approx(1, abs=0.002), seed
        formula = re.search(r'class="rx-formula">(.*?)</p>', evidence)[1]
        assert sum(map(float, re.findall(r"<b>([\d.]+)</b>", formula))) == pytest.approx(1, abs=0.002), seed


def test_beta_s_marks_lie_on_the_slider(services):
    template = patch._controls_template()
    for mark in patch.MARKS:
        place = float(re.search(rf'data-beta="{mark:g}" style="--x:([\d.]+)"', template)[1])
        assert -2 + 4 * place == pytest.approx(math.log10(mark), abs=1e-3)


def test_upload_with_a_hostile_name_is_escaped_everywhere(services, sources, picture, tmp_path):
    name = "<img src=x onerror=alert(1)>"
    picture().save(tmp_path / "a.png")
    added = services.pictures.add((tmp_path / "a.png").read_bytes(), name)
    assert added.name == name[:24]
    update, stage, evidence, _ = patch.draw(services, {"slots": [added.id, *patch.SLOTS[1:]]}, CONTROLS)
    for fragment in (stage, evidence, *update["captions"]):
        assert "<img src=x" not in fragment
    for fragment in (stage, evidence, update["captions"][0]):
        assert "&lt;img src=x onerror=alert" in fragment
