"""Every image is tested once by networks that never saw it; what is kept is not trained again."""

import dataclasses

import numpy as np
import pytest
import torch

from ricap_explorer.errors import InputError
from ricap_explorer.mixing import METHODS
from ricap_explorer.retrieval import across
from ricap_explorer.retrieval.across import Study, compare
from ricap_explorer.retrieval.recall import Ranks
from ricap_explorer.retrieval.recipe import Recipe

RECIPE = Recipe(epochs=1, batch_size=4, image_size=32)
CARD = {
    "dataset": "things", "images": 12, "folds": 3, "epochs": 1, "image_size": 32, "hardware": "CPU: toy",
    "command": "python -m ricap_explorer retrieve", "start": "toy",
}  # fmt: skip
CPU = torch.device("cpu")


@pytest.fixture
def study(start, things) -> Study:
    return Study(start, things, RECIPE, 3)


def test_every_image_is_tested_once_and_never_learnt_from_then(study):
    splits = [study.split(fold) for fold in range(3)]
    assert sorted(np.concatenate([tested for _, tested in splits])) == list(range(12))
    assert all(sorted([*learnt, *tested]) == list(range(12)) for learnt, tested in splits)


def test_tuning_sees_nothing_of_the_part_that_is_tested_later(study):
    tuned = dataclasses.replace(study, tuning=True)
    for fold in range(3):
        left_out = set(study.split(fold)[1])
        learnt, tested = map(set, tuned.split(fold))
        assert not left_out & (learnt | tested) and not learnt & tested and len(learnt) == len(tested) == 4


@pytest.mark.parametrize(("folds", "tuning", "least"), [(1, False, 2), (2, True, 3), (13, False, 2)])
def test_too_few_or_too_many_parts(start, things, folds, tuning, least):
    with pytest.raises(InputError, match=f"--folds must be from {least} to 12, one an image; got {folds}"):
        Study(start, things, RECIPE, folds, tuning)


def test_what_is_kept_is_not_trained_again_unless_something_changed(study, tmp_path, monkeypatch):
    trained = []
    fine_tune = across.fine_tune
    monkeypatch.setattr(across, "fine_tune", lambda *args: trained.append(args) or fine_tune(*args))
    methods = {name: METHODS[name]() for name in ("standard", "ricap")}
    told = []
    first = compare(study, methods, 2, CPU, CARD, tmp_path / "keep", told.append)
    assert len(trained) == len(told) == 12 and told[0].startswith("Standard, seed 0, fold 1 of 3: caption R@10 ")
    again = compare(study, methods, 2, CPU, CARD, tmp_path / "keep")
    assert len(trained) == 12 and again.to_json() == first.to_json()
    damaged = next((tmp_path / "keep").glob("*.npz"))
    damaged.write_bytes(damaged.read_bytes()[:100])
    assert compare(study, methods, 2, CPU, CARD, tmp_path / "keep").to_json() == first.to_json() and len(trained) == 13
    longer = dataclasses.replace(study, recipe=dataclasses.replace(RECIPE, lr=1e-4))
    compare(longer, methods, 1, CPU, CARD, tmp_path / "keep")
    methods["ricap"] = METHODS["ricap"](beta=1.0)
    compare(study, methods, 1, CPU, CARD, tmp_path / "keep")
    assert len(trained) == 13 + 6 + 3
    blocked = tmp_path / "file"
    blocked.write_text("")
    with pytest.raises(InputError, match="--keep must be a folder; .+ is none"):
        compare(study, methods, 1, CPU, CARD, blocked)
    assert len(trained) == 13 + 6 + 3


def test_numbers_are_means_over_images_and_runs_and_differences_the_first_ways(study, monkeypatch):
    def ranked(self, method, seed, fold, device):
        place = 1 if method == METHODS["ricap"]() else 2 + seed
        return Ranks(np.full(4, place), np.full(8, place), np.repeat(np.arange(4), 2))

    monkeypatch.setattr(Study, "run", ranked)
    found = compare(study, {name: METHODS[name]() for name in ("standard", "ricap")}, 2, CPU, CARD)
    assert [way.title for way in found.ways] == ["Standard", "RICAP β = 0.3"]
    assert [mean.value for mean in found.numbers["c1"]] == [0, 1] and found.gaps["i1"][1].value == 1
    assert [mean.value for mean in found.numbers["im"]] == [2.5, 1] and found.gaps["im"][1].value == -1.5
    assert found.gaps["i1"][1].low == found.gaps["i1"][1].high == 1 and np.isnan(found.gaps["im"][1].low)
    assert found.numbers["c5"][0].count == 12
