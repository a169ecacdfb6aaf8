"""The Patch tab's handlers: what is drawn, what a bad input leaves alone, what a choice changes."""

import base64
from io import BytesIO

import numpy as np
import pytest
from PIL import Image

from ricap_explorer.errors import InputError
from ricap_explorer.ui import patching
from ricap_explorer.ui.pictures import CANVAS
from ricap_explorer.ui.tabs import patch

BAD_BETAS = ["0", "-1", "nan", "inf", "-inf", "text", "", " ", "0,3", "0.3.1", "β", "1e7", "1e999", None, []]
BAD_SEEDS = ["-1", "1.5", "nan", "inf", "1e999", "text", "", None, []]


def test_image_is_the_plan_applied_to_the_pictures(services):
    for seed in range(8):
        patched = patching.patch(services, patching.SLOTS, "0.8", seed)
        expected = np.zeros((CANVAS, CANVAS, 3), np.uint8)
        for k, region in enumerate(patched.plan.patches):
            expected[region.paste.index] = np.asarray(services.pictures.get(patching.SLOTS[k]).image)[region.crop.index]
        assert np.array_equal(np.asarray(patched.image), expected), seed


def test_shares_are_the_weights(services):
    patched = patching.patch(services, patching.SLOTS, 0.3, 7)
    assert [name for name, _ in patched.shares] == ["English springer", "church", "gas pump", "parachute"]
    weights = [region.weight for region in patched.plan.patches]
    assert [share for _, share in patched.shares] == pytest.approx(weights, abs=1e-6)


def test_shares_of_one_class_are_summed(services):
    slots = ["sample:tench-1", "sample:church-1", "sample:tench-2", "sample:tench-1"]
    patched = patching.patch(services, slots, 1, 3)
    weights = [region.weight for region in patched.plan.patches]
    assert [name for name, _ in patched.shares] == ["tench", "church"]
    expected = [weights[0] + weights[2] + weights[3], weights[1]]
    assert [share for _, share in patched.shares] == pytest.approx(expected, abs=1e-6)


def test_same_seed_same_draw(services):
    first, again, other = (patching.patch(services, patching.SLOTS, 0.3, seed) for seed in ("7", 7.0, "8"))
    assert first.plan == again.plan != other.plan and first.image == again.image


def test_other_pictures_keep_the_draw(services):
    changed = ["sample:tench-1", *patching.SLOTS[1:]]
    assert patching.patch(services, changed, 0.3, 7).plan == patching.patch(services, patching.SLOTS, 0.3, 7).plan


def test_crops_stay_put_while_beta_changes(services):
    """A corner moves only as far as the size of its crop makes it."""
    corners = [patching.patch(services, patching.SLOTS, beta, 7).plan.patches for beta in ("99", "100")]
    for before, after in zip(*corners, strict=True):
        assert abs(before.crop.top - after.crop.top) <= 2 and abs(before.crop.left - after.crop.left) <= 2


@pytest.mark.parametrize("beta", BAD_BETAS)
def test_bad_beta(beta, services):
    with pytest.raises(InputError, match="^beta must be a"):
        patching.patch(services, patching.SLOTS, beta, 7)


def test_large_seeds_are_exact(services):
    seeds = ["9007199254740993", 9007199254740993, "9007199254740992", "9" * 40]
    plans = [patching.patch(services, patching.SLOTS, 0.3, seed).plan for seed in seeds]
    assert plans[0] == plans[1] and len(set(plans)) == 3
    with pytest.raises(InputError, match="at most 40 digits; got 5000"):
        patching.patch(services, patching.SLOTS, 0.3, "9" * 5000)


@pytest.mark.parametrize("seed", BAD_SEEDS)
def test_bad_seed(seed, services):
    with pytest.raises(InputError, match="^seed must be a whole number from 0; got"):
        patching.patch(services, patching.SLOTS, 0.3, seed)


@pytest.mark.parametrize("count", [0, 3, 5])
def test_any_number_of_pictures_but_four(count, services):
    with pytest.raises(InputError, match=f"RICAP needs four images; got {count}"):
        patching.patch(services, (patching.SLOTS * 2)[:count], 0.3, 7)


@pytest.mark.parametrize("beta", ["1e-300", "0.01", "0.3", "1", "100", "1e6"])
def test_every_beta_draws(beta, services):
    answer = patch.draw(services, patch.OPENING | {"beta": beta})
    assert answer["note"] == "" and answer["beta"] == beta and set(answer["plan"]) == {"size", "boundary", "corners"}
    assert "nan" not in answer["density"] and "inf" not in answer["density"]


def test_what_is_drawn_is_the_plan(services):
    plan = patching.patch(services, patching.SLOTS, patching.BETA, patching.SEED).plan
    drawn = patch.draw(services, patch.OPENING)["plan"]
    assert (drawn["size"], drawn["boundary"], drawn["corners"]) == (plan.size, plan.boundary, plan.corners)


@pytest.mark.parametrize(("field", "values"), [("beta", BAD_BETAS), ("seed", BAD_SEEDS)])
def test_bad_input_leaves_the_last_good_picture(field, values, services):
    for value in values:
        answer = patch.draw(services, patch.OPENING | {"shown": patching.SLOTS, field: value})
        assert set(answer) == {"note"} and answer["note"].startswith(f"{field} must be a"), value
        assert "\n" not in answer["note"]


def test_forgotten_picture_leaves_the_last_good_one(services):
    answer = patch.draw(services, patch.OPENING | {"slots": [*patching.SLOTS[:3], "upload:forgotten"]})
    assert set(answer) == {"note"} and "please choose it again" in answer["note"]


def test_opening_sends_the_pictures_pixel_by_pixel(services):
    images = patch.draw(services, patch.OPENING)["images"]
    assert [image["id"] for image in images] == patching.SLOTS
    assert [image["name"] for image in images] == ["English springer", "church", "gas pump", "parachute"]
    for image in images:
        sent = Image.open(BytesIO(base64.b64decode(image["src"].partition(",")[2])))
        assert np.array_equal(np.asarray(sent), np.asarray(services.pictures.get(image["id"]).image))


def test_pictures_that_the_page_shows_are_not_sent_again(services):
    assert "images" not in patch.draw(services, patch.OPENING | {"shown": patching.SLOTS})


def test_another_picture_while_beta_is_bad_comes_along_without_a_plan(services):
    answer = patch.draw(services, patch.OPENING | {"shown": ["sample:tench-1", *patching.SLOTS[1:]], "beta": "0"})
    assert set(answer) == {"images", "note"} and "beta must" in answer["note"]


MOVED = {"boundary": [100, 40], "corners": [[5, 6], [7, 8], [9, 10], [11, 12]]}


def test_what_is_drawn_ahead_is_what_is_drawn(services):
    betas = ["0.01", "0.3", "17.4", "100"]
    for beta, ahead in zip(betas, patch.draw_ahead("7", betas), strict=True):
        plan = patch.draw(services, patch.OPENING | {"beta": beta, "seed": "7"})["plan"]
        assert ahead == {"boundary": plan["boundary"], "corners": plan["corners"]}
    with pytest.raises(InputError, match="^at most 401 betas are drawn ahead; got 402$"):
        patch.draw_ahead("7", ["1"] * 402)


def test_a_moved_plan_is_taken_as_it_is(services):
    answer = patch.draw(services, patch.OPENING | {"moved": MOVED})
    assert [list(corner) for corner in answer["plan"]["corners"]] == MOVED["corners"]
    plan = patching.patch(services, patching.SLOTS, "0.3", "7", MOVED).plan
    assert plan.boundary == (100, 40) and [p.crop.top for p in plan.patches] == [5, 7, 9, 11]


@pytest.mark.parametrize(
    "change",
    [
        {"boundary": [400, 40]}, {"boundary": [-1, 40]}, {"boundary": [1.5, 40]}, {"boundary": [True, 40]},
        {"boundary": None}, {"boundary": [1]}, {"corners": []}, {"corners": [[0, 0]] * 3}, {"corners": [[300, 0]] * 4},
        {"corners": [["0", 0]] * 4}, {"corners": 7}, {"corners": [1, 2, 3, 4]},
    ],
)  # fmt: skip
def test_a_moved_plan_that_does_not_fit_is_told(change, services):
    answer = patch.draw(services, patch.OPENING | {"shown": patching.SLOTS, "moved": MOVED | change})
    assert set(answer) == {"note"} and (" must " in answer["note"] or "needs" in answer["note"])


def test_a_link_is_read(services):
    got = {"images": "tench-1,church-2,,golf-ball-3", "beta": "2", "seed": "9", "boundary": "100,40"}
    state, sentences = patch.read_link(services, got | {"crops": "6,5,8,7,10,9,12,11"})
    assert sentences == [] and state["moved"] == MOVED and (state["beta"], state["seed"]) == ("2", "9")
    assert state["slots"] == ["sample:tench-1", "sample:church-2", patching.SLOTS[2], "sample:golf-ball-3"]


def test_a_link_of_nothing_is_the_opening(services):
    assert patch.read_link(services, {}) == (patch.OPENING, [])


@pytest.mark.parametrize(
    ("name", "text", "sentence"),
    [
        ("images", "unicorn-1,church-1,church-1,church-1", "images must be pictures of the gallery; got 'unicorn-1'"),
        ("images", "tench-1", "images must name four pictures; got 1"),
        ("images", "upload:1,,,", "images must be pictures of the gallery"),
        ("beta", "-1", "beta must be a positive number; got '-1'"),
        ("beta", "1e9", "beta must be at most 1000000"),
        ("beta", "1_0", "beta must be a positive number; got '1_0'"),
        ("beta", "٣", "beta must be a positive number; got '٣'"),
        ("seed", "x", "seed must be a whole number from 0; got 'x'"),
        ("crops", "0,0,0,0,0,0,0,0", "crops must come with the boundary that they were moved with"),
        ("boundary", "1,2", "boundary must be 2 and crops 8 whole pixels"),
        ("boundary", "999,2", "boundary must be 2 and crops 8 whole pixels"),
    ],
)
def test_what_a_link_has_wrong_is_told_and_the_rest_holds(name, text, sentence, services):
    good = {"images": "tench-1,tench-2,tench-3,church-1", "beta": "2", "seed": "9"}
    state, (told,) = patch.read_link(services, good | {name: text})
    expected, _ = patch.read_link(services, {key: value for key, value in good.items() if key != name})
    assert told.startswith(sentence) and state == expected


def test_a_link_s_boundary_outside_is_told(services):
    state, (told,) = patch.read_link(services, {"boundary": "999,2", "crops": "0,0,0,0,0,0,0,0"})
    assert told.startswith("boundary must lie between") and state == patch.OPENING


def test_pasted_pictures_of_one_name_are_classes_of_their_own(services, picture):
    """A clipboard calls every picture image.png; the same one twice is one class, and a known class stays it."""

    def add(name, seed):
        buffer = BytesIO()
        picture(40, 40, seed=seed).save(buffer, "PNG")
        return services.pictures.add(buffer.getvalue(), name).id

    slots = [add("image.png", 1), add("image.png", 2), add("image.png", 1), add("image.png", 3)]
    patched = patching.patch(services, slots, "0.3", "7")
    assert patched.names == ["image", "image (2)", "image", "image (3)"]
    assert [name for name, _ in patched.shares] == ["image", "image (2)", "image (3)"]
    answer = patch.draw(services, patch.OPENING | {"slots": slots})
    assert [one["name"] for one in answer["images"]] == patched.names
    slots = [add("image.png", 1), add("image (2).png", 2), add("image.png", 3), add("image.png", 1)]
    assert patching.patch(services, slots, "0.3", "7").names == ["image", "image (2)", "image (3)", "image"]
    names = patching.patch(services, [slots[k] for k in (0, 2, 1, 2)], "0.3", "7").names
    assert names == ["image", "image (2)", "image (2) (2)", "image (2)"]
    slots = [add("tench.png", 1), add("tench.png", 2), *patching.SLOTS[2:]]
    assert patching.patch(services, slots, "0.3", "7").names[:2] == ["tench", "tench"]
