"""The CAM tab's handlers with networks of random weights: what is shown, and one sentence where nothing can be."""

import re
from dataclasses import replace
from pathlib import Path

import gradio as gr
import numpy as np
import pytest
import torch
from safetensors.torch import save_file

from ricap_explorer.classes import IMAGENETTE
from ricap_explorer.errors import InputError
from ricap_explorer.ui import patching
from ricap_explorer.ui.page import build
from ricap_explorer.ui.pictures import CANVAS
from ricap_explorer.ui.services import OPENING, Models, Services
from ricap_explorer.ui.tabs import cam
from ricap_explorer.ui.warmup import warm_up

ASSETS = Path(__file__).parents[2] / "assets"
SKIP = gr.skip()
TENCH = {"picture": "sample:tench-1"}
PATCH = {"patch": {"slots": patching.SLOTS, "beta": "1", "seed": "3"}}
SETTINGS = ("cam", cam.OWN, "shared", "viridis")
BOTH = ["std", "ricap"]


def show(services: Services, target: dict, names: list[str], settings: tuple = SETTINGS) -> tuple:
    method, class_name, *drawn = settings
    return cam.show(services, cam.Question(target, names, method, class_name), *drawn)


def test_the_two_networks_are_compared_first(services):
    assert services.models.default() == BOTH == list(services.models.checkpoints)
    assert services.models.problems == []


def test_default_without_such_a_pair_is_the_first_two(write_network, tmp_path):
    for name in "cab":
        write_network(tmp_path / f"{name}.safetensors")
    assert Models.find(tmp_path).default() == ["a", "b"]


def test_ricap_s_best_network_is_beside_the_standard_one_that_was_trained_like_it(write_network, tmp_path):
    """The fewer errors the sooner; the fourth has the best one's learning rate and length, the fifth its crops, too."""
    trained = {"a": ("standard", 0.05, 3), "b": ("ricap", 0.1, 3), "c": ("ricap", 0.05, 3), "d": ("standard", 0.1, 3)}
    for k, (name, (method, lr, epochs)) in enumerate(trained.items()):
        card = {"method": method, "lr": lr, "epochs": epochs, "test_error": 5.0 + k}
        write_network(tmp_path / f"{name}.safetensors", **card)
    assert Models.find(tmp_path).default() == ["d", "b"]
    write_network(tmp_path / "e.safetensors", method="standard", lr=0.1, epochs=3, test_error=9.0, crop_scale=0.5)
    write_network(tmp_path / "b.safetensors", method="ricap", lr=0.1, epochs=3, test_error=6.0, crop_scale=0.5)
    assert Models.find(tmp_path).default() == ["e", "b"], "of two such, the one of the same crops"
    write_network(tmp_path / "f.safetensors", method="ricap", lr=0.1, epochs=3, test_error=5.5, crop_scale=1.0)
    assert Models.find(tmp_path).default() == ["d", "f"], "it errs least, though no standard one has its crops"
    for name in "def":
        (tmp_path / f"{name}.safetensors").unlink()
    assert Models.find(tmp_path).default() == ["a", "b"], "though the other was trained like the standard one"


def test_a_picture_is_the_subject(services):
    seen = cam.picture_of(services, TENCH)
    picture = services.pictures.get("sample:tench-1")
    assert (seen.image, seen.uri, seen.name, seen.parts) == (picture.image, picture.uri, "tench", ())


def test_a_patch_is_the_subject(services):
    seen, patched = cam.picture_of(services, PATCH), patching.patch(services, **PATCH["patch"])
    assert seen.image == patched.image and seen.uri.startswith("data:image/jpeg")
    assert [(part.name, part.weight) for part in seen.parts] == patched.shares
    for k, (part, region) in enumerate(zip(seen.parts, patched.plan.patches, strict=True)):
        assert part.regions == (k,) and part.boxes == (region.paste,)


def test_a_class_in_several_slots_is_one_part(services):
    slots = ["sample:tench-1", "sample:church-1", "sample:tench-2", "sample:tench-1"]
    seen = cam.picture_of(services, {"patch": {"slots": slots, "beta": 1, "seed": 3}})
    assert [(part.name, part.regions) for part in seen.parts] == [("tench", (0, 2, 3)), ("church", (1,))]
    assert sum(part.weight for part in seen.parts) == pytest.approx(1)


def test_empty_regions_are_no_part(services):
    target = next(
        {"patch": {"slots": patching.SLOTS, "beta": "0.01", "seed": seed}}
        for seed in range(50)
        if 0 in [p.weight for p in patching.patch(services, patching.SLOTS, "0.01", seed).plan.patches]
    )
    seen = cam.picture_of(services, target)
    assert 1 <= len(seen.parts) < 4 and all(part.weight > 0 for part in seen.parts)
    assert "Focus: every class of the patch" in cam.render(
        cam.look(services, cam.Question(target, BOTH)), "shared", "viridis"
    )


def test_look_at_a_picture(services):
    looks = cam.look(services, cam.Question(TENCH, BOTH))
    assert [view.title for view in looks.views] == ["Standard", "RICAP β = 0.3"] and looks.seconds > 0
    for view in looks.views:
        assert view.classes == (view.probabilities.argmax(),)
        assert view.maps.shape == (1, 6, 6) and np.isfinite(view.maps).all()
        assert view.probabilities.sum() == pytest.approx(1, abs=1e-5)


def test_look_at_a_patch_explains_every_part(services):
    looks = cam.look(services, cam.Question(PATCH, BOTH))
    classes = looks.checkpoints[0].card["classes"]
    for view in looks.views:
        assert [classes[k] for k in view.classes[1:]] == ["English springer", "church", "gas pump", "parachute"]
        assert view.maps.shape == (5, 6, 6)


def test_what_the_networks_can_answer_is_told():
    assert "They know 2 classes: a, &lt;b&gt;. Of anything else" in cam._known(["a", "<b>"])
    assert "They know 1000 classes. Of anything else" in cam._known(["a"] * 1000)


def test_chosen_class(services):
    looks = cam.look(services, cam.Question(TENCH, BOTH, class_name="church"))
    assert [view.classes for view in looks.views] == [(4,), (4,)]
    assert cam.render(looks, "own", "viridis").count("The map is of <b>church</b>") == 2


def test_chosen_class_changes_the_first_map_of_a_patch_only(services):
    own, chosen = (cam.look(services, cam.Question(PATCH, BOTH, "cam", name)) for name in (cam.OWN, "tench"))
    for a, b in zip(own.views, chosen.views, strict=True):
        assert b.classes == (0, *a.classes[1:])
        np.testing.assert_array_equal(a.maps[1:], b.maps[1:])


def test_other_methods_show_other_maps(services):
    plain, layer = (cam.look(services, cam.Question(TENCH, ["std"], method)) for method in ("cam", "layercam"))
    assert not np.allclose(plain.views[0].maps, layer.views[0].maps)
    np.testing.assert_array_equal(plain.views[0].probabilities, layer.views[0].probabilities)


def test_networks_of_different_sizes_side_by_side(services, write_network, tmp_path):
    write_network(tmp_path / "small.safetensors", 1, image_size=64)
    write_network(tmp_path / "large.safetensors", 2, image_size=160)
    services = Services(services.pictures, Models.find(tmp_path))
    looks = cam.look(services, cam.Question(PATCH, ["small", "large"]))
    assert [view.maps.shape for view in looks.views] == [(5, 4, 4), (5, 10, 10)]
    assert cam.render(looks, "shared", "viridis").count('class="rx-heat"') == 2 + 2 * 4


def scale_ends(markup: str) -> list[float]:
    return [float(text) for text in re.findall(r"</i><span>([^<]+)</span><em>", markup)]


def test_own_and_shared_scale(services):
    looks = cam.look(services, cam.Question(TENCH, BOTH))
    peaks = [float(f"{view.maps.max():.3g}") for view in looks.views]
    assert scale_ends(cam.render(looks, "own", "viridis")) == peaks and peaks[0] != peaks[1]
    assert scale_ends(cam.render(looks, "shared", "viridis")) == [max(peaks)] * 2


def test_a_map_that_is_faint_on_one_scale_is_told(services):
    looks = cam.look(services, cam.Question(TENCH, BOTH))
    first, second = looks.views
    for share, faint in ((0.4, True), (0.6, False), (0.0, False)):  # of the first map's maximum
        maps = second.maps * share * first.maps.max() / second.maps.max()
        dimmed = replace(looks, views=[first, replace(second, maps=maps)])
        assert (f"{second.title} (up to {maps.max():.3g})" in cam.render(dimmed, "shared", "viridis")) is faint
        assert "Faint" not in cam.render(dimmed, "own", "viridis")


def test_colours_change_the_pictures_of_maps_only(services):
    looks = cam.look(services, cam.Question(TENCH, BOTH))
    pages = [cam.render(looks, "shared", colours) for colours in ("viridis", "magma")]
    assert len({re.search(r'class="rx-heat" src="([^"]+)"', page)[1] for page in pages}) == 2
    plain = [re.sub(r'"data:[^"]+"|linear-gradient[^"]+', "", page) for page in pages]
    assert plain[0] == plain[1]


def test_render_a_picture(services, read):
    page = cam.render(cam.look(services, cam.Question(TENCH, BOTH)), "shared", "viridis")
    assert page.count('class="rx-heat"') == 2 and "Focus: every class of the patch" not in page
    text = read(page)
    for words in ("Standard", "RICAP β = 0.3", "12.50 %", "Imagenette", "3 epochs", "one &lt;CPU&gt;", "2 networks in"):
        assert words in text
    assert "1 network in" in read(cam.render(cam.look(services, cam.Question(TENCH, ["std"])), *SETTINGS[2:]))


def test_render_a_patch_has_a_map_of_every_class_by_every_network(services):
    page = cam.render(cam.look(services, cam.Question(PATCH, BOTH)), "shared", "viridis")
    assert page.count('class="rx-heat"') == 2 + 4 * 2 and page.count('class="rx-part"') == 4
    assert page.count('class="rx-gauge"') == 8
    for share in re.findall(r"<td><b>([\d.]+) %</b>", page):
        assert 0 <= float(share) <= 100


def test_upload_in_a_patch_has_no_map_and_the_page_says_so(services, picture, tmp_path):
    picture(CANVAS, CANVAS).save(tmp_path / "a.png")
    mine = services.pictures.add((tmp_path / "a.png").read_bytes(), "my <b>dog.png").id
    target = {"patch": PATCH["patch"] | {"slots": [mine, *patching.SLOTS[1:]]}}
    page = cam.render(cam.look(services, cam.Question(target, BOTH)), "shared", "viridis")
    assert page.count('class="rx-part"') == 3
    assert "No map of my &lt;b&gt;dog" in page and "<b>dog" not in page


def test_patch_of_uploads_only_still_shows_the_networks_answers(services, picture, tmp_path):
    picture().save(tmp_path / "a.png")
    mine = services.pictures.add((tmp_path / "a.png").read_bytes(), "a.png").id
    _, looks, _, note = show(services, {"patch": PATCH["patch"] | {"slots": [mine] * 4}}, BOTH)
    assert note == "" and looks.count('class="rx-heat"') == 2 and 'class="rx-part"' not in looks


def test_upload_that_bears_a_class_s_name_is_taken_for_it(services, picture, tmp_path):
    picture().save(tmp_path / "a.png")
    mine = services.pictures.add((tmp_path / "a.png").read_bytes(), "tench.png").id
    assert cam.picture_of(services, {"patch": PATCH["patch"] | {"slots": [mine] * 4}}).parts[0].name == "tench"


def test_show_previews_the_target(services):
    preview, looks, _, note = show(services, TENCH, BOTH)
    assert preview["src"] == services.pictures.get("sample:tench-1").uri and preview["name"] == "tench"
    assert "value" not in preview and "rx-model" in looks and note == ""


def test_upload_with_a_hostile_name_is_escaped(services, picture, tmp_path):
    picture().save(tmp_path / "a.png")
    mine = services.pictures.add((tmp_path / "a.png").read_bytes(), "<img src=x onerror=alert(1)>").id
    preview, looks, _, _ = show(services, {"picture": mine}, BOTH)
    assert preview["name"].startswith("&lt;img src=x") and "<img src=x" not in looks and "&lt;img src=x" in looks


@pytest.mark.parametrize(
    ("names", "settings", "sentence"),
    [
        ([], SETTINGS, "choose 1 to 5 networks; got 0"),
        (["none"], SETTINGS, "model must be one of std, ricap; got &#x27;none&#x27;"),
        (["std", "<b>"], SETTINGS, "got &#x27;&lt;b&gt;&#x27;"),
        (BOTH * 3, SETTINGS, "choose 1 to 5 networks; got 6"),
        (BOTH, ("none", cam.OWN, "shared", "viridis"), "CAM method must be one of cam, gradcam"),
        (BOTH, ("cam", "dog", "shared", "viridis"), "class must be one of tench"),
        (BOTH, ("cam", None, "shared", "viridis"), "class must be one of tench"),
        (BOTH, ("cam", cam.OWN, "none", "viridis"), "scale must be one of mass, shared, own"),
        (BOTH, ("cam", cam.OWN, "shared", "grey"), "colours must be one of viridis"),
    ],
)
def test_bad_settings_leave_the_last_good_looks(names, settings, sentence, services):
    _, looks, _, note = show(services, TENCH, names, settings)
    assert looks == SKIP and sentence in note and "\n" not in note and "<" not in note


@pytest.mark.parametrize(
    "target", [{"picture": "upload:forgotten"}, {"picture": None}, {}, {"patch": {"slots": [], "beta": 1, "seed": 1}}]
)
def test_bad_target_leaves_everything(target, services):
    *rest, note = show(services, target, BOTH)
    assert rest == [SKIP] * 3 and note and "<" not in note


def test_bad_settings_still_preview_the_target(services):
    preview, looks, _, note = show(services, TENCH, [])
    assert preview["name"] == "tench" and looks == SKIP and note == "choose 1 to 5 networks; got 0"


@pytest.fixture
def among_bad_files(pictures, write_network, tmp_path) -> Services:
    """Two good networks, `a` and `b`, beside a text, a cut file, a foreign one, and one without the right weights."""
    for name in "ab":
        write_network(tmp_path / f"{name}.safetensors", ord(name))
    (tmp_path / "text.safetensors").write_text("no network")
    (tmp_path / "empty.safetensors").touch()
    (tmp_path / "cut.safetensors").write_bytes((tmp_path / "a.safetensors").read_bytes()[:3000])
    save_file({"weight": torch.zeros(3)}, tmp_path / "foreign.safetensors")
    write_network(tmp_path / "unfit.safetensors", model_arguments={"width": 16, "depth": 1})
    write_network(tmp_path / "unknown.safetensors", model="resnet")
    return Services.create(tmp_path / "no assets", tmp_path, tmp_path / "no data")


def test_bad_files_become_sentences(among_bad_files):
    models = among_bad_files.models
    assert [problem.split()[0] for problem in models.problems] == [
        f"{name}.safetensors" for name in ("cut", "empty", "foreign", "text")
    ]
    assert set(models.checkpoints) == {"a", "b", "unfit", "unknown"}


def test_good_networks_work_beside_bad_files(among_bad_files, pictures):
    services = Services(pictures, among_bad_files.models)
    _, looks, _, note = show(services, TENCH, ["a", "b"])
    assert looks.count('class="rx-heat"') == 2 and note == ""


@pytest.mark.parametrize(
    ("name", "sentence"),
    [("unfit", "unfit.safetensors must hold the weights"), ("unknown", "model must be one of looknet")],
)
def test_network_that_does_not_load_is_a_sentence(name, sentence, among_bad_files, pictures):
    services = Services(pictures, among_bad_files.models)
    _, looks, _, note = show(services, TENCH, ["a", name])
    assert looks == SKIP and note.startswith(sentence)
    assert show(services, TENCH, ["a"])[3] == ""


def test_file_that_vanished_is_a_sentence(pictures, write_network, tmp_path):
    services = Services(pictures, Models.find(write_network(tmp_path / "a.safetensors").parent))
    (tmp_path / "a.safetensors").unlink()
    _, looks, _, note = show(services, TENCH, ["a"])
    assert looks == SKIP and "must be an existing .safetensors file" in note


def test_a_network_is_loaded_once(services):
    checkpoint = services.models.checkpoints["std"]
    assert services.models.load(checkpoint) is services.models.load(checkpoint)


@pytest.mark.parametrize("names", [[], ["std"]])
def test_no_checkpoints_at_all(names, pictures, tmp_path):
    services = Services(pictures, Models.find(tmp_path / "none"))
    _, looks, _, note = show(services, TENCH, names)
    assert looks == SKIP and note.startswith("CAM needs a trained checkpoint in the checkpoints folder")
    assert services.models.default() == []


@pytest.mark.parametrize(
    ("models", "sentence"),
    [
        ("none", "choose 1 to 5 networks; got 0"),
        ("std,gone", "models must be of those that the page lists; got 'gone'"),
        ("std", ""),
        ("std,std", ""),
    ],
)
def test_a_link_s_networks_are_those_that_can_be_compared(models, sentence, services):
    with gr.Blocks():
        tab = cam.build(services)
    (part,) = (part for part in tab.parts if part.names == ("models",))
    update, told = part.read({"models": models})
    assert told == [sentence] * bool(sentence) and update == (SKIP if sentence else ["std"])


@pytest.mark.parametrize(
    ("got", "layer"),
    [
        ({"layer": "second", "method": "gradcam"}, "second"),
        ({"layer": "last"}, "last"),
        ({"method": "gradcam"}, SKIP),
        ({"layer": "second"}, None),
        ({"layer": "second", "method": "cam"}, None),
        ({"layer": "second", "method": "none"}, None),
    ],
)
def test_a_link_s_layer_is_one_that_its_method_explains(got, layer, services):
    with gr.Blocks():
        tab = cam.build(services)
    (part,) = (part for part in tab.parts if part.names[0] == "layer")
    update, told = part.read(got)
    assert update == (layer or SKIP) and bool(told) == (layer is None)
    assert all("method for an earlier layer must be one of Grad-CAM" in sentence for sentence in told)


def test_the_first_class_that_differs_is_named_where_all_else_is_alike(pictures, write_network, tmp_path):
    write_network(tmp_path / "a.safetensors")
    write_network(tmp_path / "b.safetensors", classes=[*list(IMAGENETTE.values())[:9], "balloon"])
    note = show(Services(pictures, Models.find(tmp_path)), TENCH, ["a", "b"])[3]
    assert note.endswith("(10 classes); the first class that differs is parachute and balloon")


def test_networks_of_two_data_sets_are_not_compared(pictures, write_network, tmp_path):
    write_network(tmp_path / "a.safetensors")
    write_network(tmp_path / "b.safetensors", dataset="pets")
    services = Services(pictures, Models.find(tmp_path))
    _, looks, _, note = show(services, TENCH, ["a", "b"])
    assert looks == SKIP and note.startswith("networks to compare must be trained on one data set and its classes; got")
    assert note.endswith("Standard of Imagenette (10 classes), Standard of pets (10 classes)")
    assert services.models.default() == ["a"]


def test_at_first_a_pair_of_one_data_set_and_a_picture_of_theirs(make_folder, write_network, tmp_path):
    """Where no network knows the sample's class, and images of their data set are at hand."""
    make_folder(tmp_path / "pets")
    own = {"dataset": "pets", "classes": [f"pet {k}" for k in range(10)]}
    write_network(tmp_path / "a.safetensors")
    write_network(tmp_path / "b.safetensors", **own)
    write_network(tmp_path / "c.safetensors", method="ricap", method_settings={"beta": 0.3}, **own)
    services = Services.create(ASSETS, tmp_path, tmp_path)
    assert services.models.default() == ["b", "c"] and services.opening == "photo-pets:cat/0.png"
    looks = cam.look(services, cam.Question({"picture": services.opening}, services.models.default()))
    assert looks.picture.name == "cat" and len(looks.views) == 2
    page = build(services).get_config_file()["components"]
    props = {component["props"].get("elem_id"): component["props"] for component in page}
    assert props["rx-cam-gallery"]["value"]["kind"] == "photo-pets"
    assert [value for value, _ in props["rx-class"]["choices"]][1:] == own["classes"]
    none_at_hand = Services.create(ASSETS, tmp_path, tmp_path / "no data")
    assert none_at_hand.opening == OPENING


def test_numbers_of_maps_of_different_grids_are_not_compared(pictures, write_network, tmp_path):
    for name, size in (("a", 64), ("b", 96), ("c", 96)):
        write_network(tmp_path / f"{name}.safetensors", ord(name), image_size=size)
    services = Services(pictures, Models.find(tmp_path))
    told = {names: show(services, TENCH, list(names))[1] for names in ("abc", "bc")}
    assert "maps of 4 × 4 and 6 × 6 cells, and so not comparable" in told["abc"]
    assert "not comparable" not in told["bc"]


def test_nan_weights_show_a_sentence_on_the_tile_instead_of_a_map(pictures, write_network, tmp_path):
    write_network(tmp_path / "good.safetensors", 1)
    write_network(tmp_path / "nan.safetensors", 2, broken=True)
    services = Services(pictures, Models.find(tmp_path))
    for target, maps in ((TENCH, 1), (PATCH, 5)):
        _, page, _, note = show(services, target, ["good", "nan"])
        assert note == "" and page.count('class="rx-heat"') == page.count('class="rx-problem"') == maps
        assert page.count("values that are not numbers") == maps
        assert all(np.isfinite(scale_ends(page))) and "nan %" not in page


def test_warming_up_loads_the_default_networks(services):
    warm_up(services)
    assert set(services.models._loaded) == set(BOTH)


def test_warming_up_never_fails(services, caplog):
    services.pictures.files.clear()
    warm_up(services)
    assert "warming up failed" in caplog.text


def test_warming_up_without_networks(pictures, tmp_path, caplog):
    warm_up(Services(pictures, Models.find(tmp_path)))
    assert caplog.text == ""


def test_the_menu_offers_the_classes_that_the_chosen_networks_know(pictures, write_network, tmp_path):
    """An own network may know others: a class it does not know gives way to each model's own answer."""
    write_network(tmp_path / "a.safetensors")
    write_network(tmp_path / "b.safetensors", classes=["hen", "egg"], model_arguments={"width": 8, "depth": 1})
    services = Services(pictures, Models.find(tmp_path))
    update, chosen = cam.class_menu(services, ["b"], "tench")
    assert update["choices"] == [cam.OWN, "hen", "egg"] and update["value"] == chosen == cam.OWN
    assert cam.class_menu(services, ["b"], "egg")[1] == "egg" and cam.class_menu(services, ["a"], "tench")[1] == "tench"
    with pytest.raises(InputError, match="on one data set and its classes"):
        services.models.choose(["a", "b"])
    assert cam.class_menu(services, ["a", "b"], "tench") == (SKIP, "tench")
