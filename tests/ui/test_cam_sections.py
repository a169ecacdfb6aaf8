"""The CAM tab's sections as functions: hiding, faithfulness, crops, many images, one's own network."""

import json
import pickle
import re
from base64 import b64decode
from dataclasses import replace
from html import unescape

import numpy as np
import pytest
import torch
from safetensors.torch import save_file

from ricap_explorer.classes import IMAGENETTE
from ricap_explorer.data.datasets import IMAGENETTE_IMAGES
from ricap_explorer.errors import InputError
from ricap_explorer.figures.colour import OPACITY
from ricap_explorer.ui.cam import crops, hiding, many, own, takeaway, truth
from ricap_explorer.ui.cam.looking import Question, look, picture_of
from ricap_explorer.ui.patching import SLOTS
from ricap_explorer.ui.pictures import Pictures
from ricap_explorer.ui.recent import Recent
from ricap_explorer.ui.services import Models, Services

from .conftest import CARD, make_network

TENCH = {"picture": "sample:tench-1"}
BOTH = ["std", "ricap"]
ASKED = Question(TENCH, BOTH)


def fallen(markup: str) -> list[tuple[float, float]]:
    return [(float(a), float(b)) for a, b in re.findall(r"([\d.]+) % → <b>([\d.]+) %", markup)]


def test_nothing_hidden_changes_nothing_and_more_hidden_changes_more(services):
    markup = hiding.hide_hot_spot(services, ASKED, 0, "mean")
    assert len(fallen(markup)) == 2 and all(
        before == pytest.approx(after, abs=0.11) for before, after in fallen(markup)
    )
    half = fallen(hiding.hide_hot_spot(services, ASKED, 50, "blur"))
    assert [before for before, _ in half] == [before for before, _ in fallen(markup)]
    assert half != fallen(markup)


@pytest.mark.parametrize("percent", [-1, 96, None, "10"])
def test_impossible_shares(services, percent):
    with pytest.raises(InputError, match="from 0 to 95 %"):
        hiding.hide_hot_spot(services, ASKED, percent, "mean")


def test_hiding_needs_a_map_with_an_order(pictures, write_network, tmp_path):
    write_network(tmp_path / "good.safetensors", 1)
    write_network(tmp_path / "nan.safetensors", 2, broken=True)
    services = Services(pictures, Models.find(tmp_path))
    asked = Question(TENCH, ["good", "nan"])
    hidden = [hiding.hide_hot_spot(services, asked, 20, "mean", by) for by in hiding.HIDDEN_BY]
    for markup in (*hidden, truth.try_maps(services, asked)):
        assert markup.count("values that are not numbers") == 1 and "nan" not in re.sub("<[^>]*>", "", markup)


def test_all_maps_together_hide_the_same_from_every_network(services):
    images = re.compile(r'src="data:[^,]*,([^"]*)"')
    own, same = (images.findall(hiding.hide_hot_spot(services, ASKED, 30, "mean", by)) for by in ("own", "all"))
    assert len(set(own)) == 2 and len(same) == 2 and len(set(same)) == 1
    alone = replace(ASKED, models=BOTH[:1])
    assert images.findall(hiding.hide_hot_spot(services, alone, 30, "mean", "all")) == own[:1]
    with pytest.raises(InputError, match="hidden by must be one of own, all; got 'best'"):
        hiding.hide_hot_spot(services, ASKED, 30, "mean", "best")


def test_the_numbers_of_a_picture_are_measured_once(services, monkeypatch):
    first = truth.try_maps(services, ASKED)
    monkeypatch.setattr(truth, "measure", lambda *_: pytest.fail("measured again"))
    cells = re.compile(r"<td>([^<]*)</td>")
    assert cells.findall(truth.try_maps(services, ASKED)) == cells.findall(first) != []
    assert first.count('class="rx-curves"') == 2 and first.count("not measured") == 2


def test_a_setting_that_asks_nothing_new_asks_no_network(services, monkeypatch):
    first = look(services, ASKED)
    monkeypatch.setattr(Models, "load", lambda *_: pytest.fail("asked again"))
    again = look(services, Question(TENCH, BOTH[::-1]))
    assert [view.title for view in again.views] == [view.title for view in first.views][::-1]


def test_only_the_newest_are_kept():
    kept, asked = Recent(2), []
    for key in "abacab":
        kept.get(key, lambda key=key: asked.append(key))
    assert asked == list("abcb") and len(kept) == 2


def test_a_crop_is_the_piece_of_the_picture(services):
    seen = picture_of(services, TENCH)
    piece = crops.cut(seen, {"left": 25, "top": 50, "side": 50})
    expected = seen.image.crop((80, 160, 240, 320)).resize((320, 320))
    assert np.array_equal(np.asarray(piece.image), np.asarray(expected)) and piece.id != seen.id
    whole = crops.cut(seen, {"left": 0, "top": 0, "side": 100})
    assert np.array_equal(np.asarray(whole.image), np.asarray(seen.image))


def test_every_network_answers_to_a_crop(services):
    markup = crops.look_at_crop(services, ASKED, crops.OPENING)
    assert markup.count("whole picture: ") == markup.count('class="rx-heat"') == 2
    found = crops.find_emptiest(services, ASKED, crops.OPENING)
    assert found["side"] == 40 and crops.crop_box(found)


@pytest.mark.parametrize(
    "value",
    [{}, {"left": 0, "top": 0, "side": 5}, {"left": 70, "top": 0, "side": 40}, {"left": "0", "top": 0, "side": 40}],
)
def test_crops_outside_the_picture(services, value):
    with pytest.raises(InputError, match="a crop must"):
        crops.look_at_crop(services, ASKED, value)


@pytest.fixture
def with_data(services, picture, tmp_path, monkeypatch):
    """Services with ten validation photographs, one of each class."""
    monkeypatch.setitem(IMAGENETTE_IMAGES, "val", 10)
    for i, wnid in enumerate(IMAGENETTE):
        for split in ("train", "val"):
            folder = tmp_path / "imagenette2" / split / wnid
            folder.mkdir(parents=True)
            picture(80, 90, seed=i).save(folder / f"{wnid}_{i}.JPEG")
    return replace(services, data_dir=tmp_path)


def test_many_images_grow_to_all(with_data, read):
    steps = list(many.run(with_data, BOTH, "cam", 10, "truth", ["drop"]))
    assert [ran and len(ran.survey) for _, ran in steps] == [None, 8, 10]
    ran = steps[-1][1]
    text = read(many.summary(ran))
    for words in ("Average drop", "Means over 10 images", "Probability of the explained class"):
        assert words in text
    names = list(ran.survey.titles)
    markup = many.divide(with_data, ran, "probability", *names)
    ids = re.findall(r'data-id="([^"]+)"', markup)
    assert 0 < len(ids) <= 10 and all(with_data.pictures.get(key).image.size == (320, 320) for key in ids)
    assert many.divide(with_data, ran, "probability", names[0], names[0]) == ""
    assert many.divide(with_data, None, "probability", *names) == ""


@pytest.mark.parametrize(("method", "groups"), [("scorecam", []), ("cam", ["curves"]), ("cam", ["road"])])
def test_others_get_their_turn_after_every_image_that_takes_long(with_data, method, groups):
    steps = many.run(with_data, BOTH[:1], method, 2, "truth", groups)
    assert [ran and len(ran.survey) for _, ran in steps] == [None, 1, 2]


@pytest.mark.parametrize("dataset", ["imagenette", "pets"])
def test_an_image_of_many_is_the_gallery_s(dataset, with_data, picture, write_network):
    """Else each look at the list would add twelve uploads of low resolution, which no link can name."""
    root, classes = with_data.data_dir, list(IMAGENETTE.values())
    if dataset == "pets":
        classes = [f"pet {k}" for k in range(10)]
        for name in classes:
            (root / "pets" / "val" / name).mkdir(parents=True)
            picture().save(root / "pets" / "val" / name / "0.png")
    for seed, name in enumerate(BOTH):
        write_network(root / f"{name}.safetensors", seed, dataset=dataset, classes=classes)
    services = Services(Pictures.find(root, root, [dataset]), Models.find(root), data_dir=root)
    *_, (_, ran) = many.run(services, BOTH, "cam", 6, "own", [])
    markup = many.divide(services, ran, "probability", *ran.survey.titles)
    ids = re.findall(r'data-id="([^"]+)"', markup)
    assert ids and set(ids) <= set(services.pictures.files) and not services.pictures.uploads


def test_a_held_out_image_is_shown_to_a_network_as_it_was_tested(with_data, picture, write_network, monkeypatch):
    monkeypatch.setitem(IMAGENETTE_IMAGES, "train", 20)
    root = with_data.data_dir
    for seed, name in enumerate(BOTH):
        write_network(root / f"{name}.safetensors", seed, holdout=0.5, store_size=(48, 80)[seed])
    for i, wnid in enumerate(IMAGENETTE):
        picture(90, 77, seed=20 + i).save(root / "imagenette2" / "train" / wnid / f"{wnid}_more.JPEG")
    services = Services(Pictures.find(root, root), Models.find(root), data_dir=root)
    *_, (_, ran) = many.run(services, BOTH, "cam", 6, "own", [])
    markup = many.divide(services, ran, "probability", *ran.survey.titles)
    ids = re.findall(r'data-id="([^"]+)"', markup)
    assert ids and all(key.startswith("upload:") for key in ids)
    told = ran.survey.numbers["probability"].T  # (images, networks)
    for key in ids:
        seen = [view.probabilities.max() for view in look(services, Question({"picture": key}, BOTH)).views]
        assert np.abs(told - seen).max(1).min() < 1e-4


@pytest.mark.parametrize(
    ("count", "groups", "sentence"),
    [
        (11, [], "from 1 to 10, the whole validation set; got 11"),
        (0, [], "from 1 to 10"),
        (2.5, [], "must be a whole number; got 2.5"),
        (None, [], "must be a whole number; got nothing"),
        (float("inf"), [], "must be a whole number; got inf"),
        (5, ["none"], "measures must be one of"),
    ],
)
def test_bad_questions_about_many_images(with_data, count, groups, sentence):
    with pytest.raises(InputError, match=sentence):
        next(many.run(with_data, BOTH, "cam", count, "truth", groups))


def test_an_absent_data_set_is_one_sentence(services, tmp_path):
    for folder in (None, tmp_path):
        with pytest.raises(InputError) as caught:
            next(many.run(replace(services, data_dir=folder), BOTH, "cam", 5, "truth", []))
        assert "\n" not in str(caught.value)


def test_tiny_pictures_are_shown_pixel_by_pixel(services, write_network, tmp_path):
    write_network(tmp_path / "tiny.safetensors", 1, image_size=32)
    tiny = Services(services.pictures, Models.find(tmp_path))
    looks = look(tiny, Question(TENCH, ["tiny"]))
    assert looks.photo.coarse and looks.photo.uri.startswith("data:image/png")
    assert not look(services, ASKED).photo.coarse


def test_one_s_own_network_is_looked_at_after_its_file_has_gone(services, write_network, tmp_path):
    file = write_network(tmp_path / "mine.safetensors", 3, method="mixup")
    mine, name = own.take(services, {}, str(file))
    file.unlink()
    assert name.startswith("own:mine:") and name not in services.models.checkpoints
    looks = look(services.plus(mine), Question(TENCH, ["std", name]))
    assert looks.views[1].title == "mixup (yours)" and np.isfinite(looks.views[1].maps).all()
    with pytest.raises(InputError, match="model must be one of std, ricap"):
        look(services, Question(TENCH, ["std", name]))  # another visitor's page does not know it
    services.models.own._values.clear()
    services.models.recent._values.clear()
    with pytest.raises(InputError, match="must be added again"):
        look(services.plus(mine), Question(TENCH, [name]))


@pytest.mark.parametrize(
    ("card", "sentence"),
    [
        ({"model": "none"}, "model must be one of"),
        ({"model_arguments": {"width": 16, "depth": 1}}, "must hold the"),
        ({"model_arguments": {"width": 10**9, "depth": 1}}, "must be at most 4096; got 1000000000"),
        ({"classes": ["cat", "dog"]}, "must hold the"),
        ({"classes": [1, 2]}, "must be 1 to 2000 names"),
        ({"image_size": 10**6}, "image_size must be from 8 to 1024"),
        ({"store_size": 0}, "store_size must be from 8 to 1024; got 0"),
        ({"store_size": 30000}, "store_size must be from 8 to 1024; got 30000"),
        ({"store_size": "224"}, "its store_size is '224'"),
        ({"crop": "resized", "crop_scale": 2}, "crop_scale must be from 0 to 1; got 2"),
        ({"holdout": "x"}, "its holdout is 'x'"),
        ({"holdout": 0.9}, "holdout must be from 0 to 0.5; got 0.9"),
        ({"dataset": "x" * 5000}, "dataset must be a name of at most 100 letters; got 5000"),
        ({"hardware": "x" * 5000}, "hardware must be a name of at most 100 letters; got 5000"),
        ({"parameters": -5}, "parameters must be from 0 to 10000000000; got -5"),
        ({"fraction": -3}, "fraction must be from 0 to 1; got -3"),
        ({"lr": float("nan")}, "its lr is nan"),
        ({"mean": [1, 2]}, "mean must be three numbers"),
        ({"mean": [1, 2, float("nan")]}, "mean must be three numbers"),
        ({"std": [0, 0, 0]}, "std must be three numbers"),
        ({"epochs": -5}, "epochs must be from 0 to 1000000; got -5"),
        ({"test_error": 1e308}, "test_error must be from 0 to 100"),
        ({"classes": ["a", "a"]}, "must be different names"),
        ({"parameters": 10**400}, "its parameters is 1000"),
        ({"method_settings": {"beta": 10**400}}, "method_settings must be at most 4096; got 1000"),
        ({"command": "x" * 2**20}, "its card has 10[0-9]* letters, more than 1048576"),
    ],
)
def test_a_foreign_network_is_one_sentence(services, write_network, tmp_path, card, sentence):
    file = write_network(tmp_path / "mine.safetensors", 3, **card)
    with pytest.raises(InputError, match=sentence) as caught:
        own.take(services, {}, str(file))
    assert "\n" not in str(caught.value) and len(services.models.own) == 0


def test_weights_that_would_grow_in_memory_are_refused(services, tmp_path):
    weights = {key: value.to(torch.int8) for key, value in make_network(1).state_dict().items()}
    save_file(weights, tmp_path / "small.safetensors", {"card": json.dumps(CARD)})
    with pytest.raises(InputError, match="weights must be BF16, F16, F32, F64; got I8"):
        own.take(services, {}, str(tmp_path / "small.safetensors"))


def test_a_pickle_is_never_opened(services, tmp_path):
    class Bomb:
        def __reduce__(self):
            return (pytest.fail, ("the pickle was run",))

    for name in ("mine.pt", "mine.safetensors"):
        (tmp_path / name).write_bytes(pickle.dumps(Bomb()))
        with pytest.raises(InputError, match="must be a"):
            own.take(services, {}, str(tmp_path / name))
    with pytest.raises(InputError, match="must be a .safetensors file"):
        own.take(services, {}, None)


def test_everything_can_be_taken_away(services):
    markup = takeaway.files(services, ASKED, OPACITY, "shared", "magma")
    kinds = re.findall(r'download="cam.(\w+)" href="data:[^;]+;base64,(\S+)"', markup)
    assert [kind for kind, _ in kinds] == ["png", "pdf", "npz", "csv"]
    starts = [b64decode(content)[:4] for _, content in kinds]
    assert starts == [b"\x89PNG", b"%PDF", b"PK\x03\x04", b"netw"]
    folder = services.models.checkpoints["std"].path.parent
    files = " ".join(f"--checkpoint {folder}/{name}.safetensors" for name in ("std", "ricap"))
    assert f"{files} --colours magma --scale shared --out cam.png" in markup
    assert "PICTURE is the patched image" not in markup
    patched = {"patch": {"slots": SLOTS, "beta": "1", "seed": "3"}}
    assert "the first map of each network alone" in takeaway.files(services, Question(patched, ["std"]), OPACITY)
    drawn = takeaway.files(services, ASKED, 0.8, "own", "viridis", True, 0.5)
    assert f"{files} --scale own --cells --contour 0.5 --opacity 0.8 --out cam.png" in drawn


def test_the_command_names_an_own_network_s_file(services, write_network, tmp_path):
    name = "imagenette_looknet_ricap-w32.e200.c50.lr0.1:again_s0.safetensors"
    known, key = own.take(services, {}, str(write_network(tmp_path / name, 5)))
    asked = replace(ASKED, models=[key])
    assert f"--checkpoint {name} --out" in unescape(takeaway.files(services.plus(known), asked, OPACITY))


def test_of_a_small_validation_set_all_images_are_taken_unasked(with_data):
    *_, (_, ran) = many.run(with_data, BOTH[:1], "cam", many.COUNT, "truth", [])
    assert len(ran.sample) == len(ran.survey) < many.COUNT
