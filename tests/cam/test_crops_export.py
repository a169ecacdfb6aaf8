"""The emptiest crop against a slow search; files that hold what was seen."""

import csv
import json
from io import BytesIO

import numpy as np
import pytest

from ricap_explorer.cam import View, area_above_half, entropy, upscale
from ricap_explorer.cam.crops import GRID, emptiest
from ricap_explorer.cam.export import arrays_npz, numbers_csv
from ricap_explorer.errors import InputError


@pytest.mark.parametrize("side", [0.25, 0.4, 0.9, 1])
def test_the_emptiest_crop_is_found(rng, side):
    maps = [rng.normal(size=(6, 6)), rng.normal(size=(4, 5)), np.full((3, 3), -1.0), np.full((3, 3), np.nan)]
    masses = [np.maximum(upscale(values, (GRID, GRID)), 0) for values in maps[:2]]
    evidence = sum(mass / mass.sum() for mass in masses)
    cells = round(side * GRID)
    inside = {
        (x, y): evidence[y : y + cells, x : x + cells].sum()
        for x in range(GRID - cells + 1)
        for y in range(GRID - cells + 1)
    }
    left, top = emptiest(maps, side)
    assert 0 <= left <= 1 - side and 0 <= top <= 1 - side
    assert inside[min(round(left * GRID), GRID - cells), min(round(top * GRID), GRID - cells)] == pytest.approx(
        min(inside.values()), abs=1e-6
    )


@pytest.mark.parametrize("side", [0, -1, 1.1])
def test_sides_of_crops(side):
    with pytest.raises(InputError, match="must be above 0 and at most 1"):
        emptiest([np.ones((2, 2))], side)


NAMES = ("cat", "dog")
RISING = np.arange(8, dtype=np.float32).reshape(2, 2, 2)
VIEWS = [
    View("A", NAMES, np.array([0.25, 0.75], np.float32), (1, 0), RISING, 0),
    View("B", NAMES, np.array([0.5, 0.5], np.float32), (0,), np.full((1, 3, 3), -1, np.float32), 0),
]


def test_arrays_come_back_without_pickle():
    with np.load(BytesIO(arrays_npz(VIEWS)), allow_pickle=False) as file:
        names = json.loads(str(file["names"]))
        for k, view in enumerate(VIEWS):
            np.testing.assert_array_equal(file[f"map_{k}"], view.maps)
            np.testing.assert_array_equal(file[f"probabilities_{k}"], view.probabilities)
            assert tuple(file[f"classes_{k}"]) == view.classes
            assert names[k] == {"title": view.title, "classes": list(view.class_names)}


def test_numbers_of_every_network_and_class():
    lines = list(csv.DictReader(numbers_csv(VIEWS).splitlines()))
    assert [(line["network"], line["class"]) for line in lines] == [("A", "dog"), ("A", "cat"), ("B", "cat")]
    assert [float(line["probability"]) for line in lines] == [0.75, 0.25, 0.5]
    assert float(lines[1]["area above half of the maximum"]) == area_above_half(VIEWS[0].maps[1])
    assert float(lines[0]["entropy"]) == pytest.approx(entropy(VIEWS[0].maps[0]), rel=1e-5)
    assert lines[2]["entropy"] == lines[2]["area above half of the maximum"] == "" and lines[2]["maximum"] == "-1"
