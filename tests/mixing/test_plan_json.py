"""Plans as JSON: what was drawn comes back exactly; anything else is one clear sentence."""

import json

import numpy as np
import pytest
import torch

from ricap_explorer.errors import InputError
from ricap_explorer.mixing import METHODS, CutMix, Ricap, SamplewisePlan, create_method, plan_from_json
from ricap_explorer.mixing.registry import PLANS

METHOD_SETTINGS = [
    ("standard", {}),
    *((name, {"per_sample": each}) for name in METHODS if name != "standard" for each in (False, True)),
]


def good_plan() -> dict:
    """A RICAP plan for two images of 32 x 24 (height x width), as a JSON object to spoil."""
    plan = Ricap(5.0).plan(2, (32, 24), np.random.default_rng(0))
    return json.loads(plan.to_json())


def told(value: object) -> str:
    """The one sentence that answers a bad plan."""
    text = value if isinstance(value, str) else json.dumps(value)
    with pytest.raises(InputError) as caught:
        plan_from_json(text)
    message = str(caught.value)
    assert message and "\n" not in message and len(message) < 400
    return message


@pytest.mark.parametrize(("name", "settings"), METHOD_SETTINGS)
@pytest.mark.parametrize("size", [(32, 24), (5, 5)])
def test_round_trip(name, settings, size, rng):
    for _ in range(10):
        plan = create_method(name, **settings).plan(5, size, rng)
        text = plan.to_json()
        assert "\n" not in text
        again = type(plan).from_json(text)
        assert again == plan == plan_from_json(text) and again.to_json() == text
        images, labels = torch.rand(5, 3, *size), torch.arange(5)
        assert torch.equal(again.apply(images), plan.apply(images))
        assert torch.equal(again.targets(labels, 5), plan.targets(labels, 5))


def test_every_method_is_tried_above():
    assert {name for name, _ in METHOD_SETTINGS} == set(METHODS) == set(PLANS)


@pytest.mark.parametrize("text", ["", "{", "nonsense", "[" * 100_000, '{"method": "ricap"', "NaN,"])
def test_text_that_is_no_json(text):
    assert "JSON" in told(text)


@pytest.mark.parametrize("value", [[], 3, None, "ricap", True])
def test_json_that_is_no_object(value):
    assert "a plan must be a JSON object" in told(json.dumps(value))


@pytest.mark.parametrize("method", [None, "cut-out", ["ricap"], 3, {}])
def test_unknown_method_lists_the_known(method):
    assert ", ".join(METHODS) in told(good_plan() | {"method": method})


@pytest.mark.parametrize("field", ["size", "boundary", "patches"])
@pytest.mark.parametrize(
    "value", [None, 5, "ab", [], [1], [1, 2, 3], [1.5, 2], [True, 2], ["1", "2"], {"a": 1}, [None]]
)
def test_field_of_another_kind(field, value):
    told(good_plan() | {field: value})


@pytest.mark.parametrize("field", ["size", "boundary", "patches"])
def test_field_missing(field):
    plan = good_plan()
    del plan[field]
    assert field in told(plan)


@pytest.mark.parametrize("field", ["crop", "paste", "source"])
@pytest.mark.parametrize("value", [None, 3, [], [1], [0, 0, 2.0, 2], [-1, 0, 4, 4], [-1, -2], "abcd"])
def test_patch_field_of_another_kind(field, value):
    plan = good_plan()
    plan["patches"][2][field] = value
    told(plan)


def test_three_or_five_regions():
    plan = good_plan()
    assert "four regions" in told(plan | {"patches": plan["patches"][:3]})
    assert "four regions" in told(plan | {"patches": plan["patches"] + plan["patches"][:1]})


@pytest.mark.parametrize("k", range(4))
@pytest.mark.parametrize("edge", range(4))
def test_regions_that_do_not_tile(k, edge):
    plan = good_plan()
    plan["patches"][k]["paste"][edge] += 1
    assert "must tile the canvas" in told(plan)


@pytest.mark.parametrize("k", range(4))
@pytest.mark.parametrize("axis", [0, 1])
@pytest.mark.parametrize("beyond", [-1, 33])
def test_crop_outside_the_image(k, axis, beyond):
    plan = good_plan()
    plan["patches"][k]["crop"][axis] = beyond
    assert "must lie inside the 24 x 32 image" in told(plan)


@pytest.mark.parametrize("boundary", [[-1, 3], [3, -1], [25, 3], [3, 33], [24, 33]])
def test_boundary_outside_the_canvas(boundary):
    assert "boundary must lie between (0, 0) and (24, 32)" in told(good_plan() | {"boundary": boundary})


def test_sources_that_disagree():
    plan = good_plan()
    plan["patches"][1]["source"] = [0, 1, 0]
    assert "counts differ" in told(plan)


def test_canvas_without_pixels():
    empty = {"crop": [0, 0, 0, 0], "paste": [0, 0, 0, 0], "source": [0], "weight": 1.0}
    assert "at least 1 x 1" in told({"method": "ricap", "size": [0, 0], "boundary": [0, 0], "patches": [empty] * 4})


@pytest.mark.parametrize("batch_size", [None, 0, -3, 2.0, True, "4"])
def test_standard_without_a_count(batch_size):
    assert "at least 1" in told({"method": "standard", "batch_size": batch_size})


@pytest.mark.parametrize("samples", [None, 3, [], [3], [[]], [{}], [{"method": "standard", "batch_size": 1}]])
def test_samples_that_are_no_patch_plans(samples):
    told({"samples": samples})


def test_samples_of_two_images_sizes_or_levels():
    two = good_plan()
    one = json.loads(Ricap(1.0).plan(1, (8, 8), np.random.default_rng(0)).to_json())
    other = json.loads(Ricap(1.0).plan(1, (8, 9), np.random.default_rng(0)).to_json())
    told({"samples": [two]})
    told({"samples": [one, other]})
    told({"samples": [one, json.loads(CutMix().plan(1, (8, 8), np.random.default_rng(0)).to_json())]})
    told({"samples": [{"samples": [one]}]})
    assert isinstance(plan_from_json(json.dumps({"samples": [one, one]})), SamplewisePlan)


def test_another_methods_json_is_refused_by_the_class(rng):
    plans = [method().plan(2, (8, 6), rng) for method in METHODS.values()]
    for plan in plans:
        for other in plans:
            if type(other) is type(plan):
                continue
            with pytest.raises(InputError, match=f"must be .*; got {other.to_dict().get('method', '')!r}"):
                type(plan).from_json(other.to_json())


@pytest.mark.parametrize("weight", [-7, 10**400, float("nan"), "a", None, 0.5, []])
def test_a_weight_that_is_not_the_regions_share(weight):
    plan = good_plan()
    plan["patches"][1]["weight"] = weight
    assert "weight of the upper right region must be" in told(plan)


def test_a_cutout_canvas_without_pixels():
    assert "at least 1 x 1" in told({"method": "cutout", "size": [0, 0], "source": [0], "boxes": [[0, 0, 0, 0]]})
