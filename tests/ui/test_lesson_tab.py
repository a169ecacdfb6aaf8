"""The Lesson's handlers and text: what is computed, what a bad input says, where its links lead."""

import re
import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from html import unescape
from pathlib import Path
from urllib.parse import parse_qsl

import gradio as gr
import numpy as np
import pytest

from ricap_explorer.errors import InputError
from ricap_explorer.experiments.measured import Measured
from ricap_explorer.lesson.convolve import greys
from ricap_explorer.ui import patching, tour
from ricap_explorer.ui.answers import answered
from ricap_explorer.ui.page import build
from ricap_explorer.ui.services import Models, Services
from ricap_explorer.ui.tabs import lesson, patch

ROOT = Path(__file__).parents[2]
ARTICLE = (ROOT / "ricap_explorer/ui/static/lesson.html").read_text()


@pytest.fixture(scope="module")
def measured() -> Measured:
    return Measured.read(ROOT / "results")


def test_overfit_tells_its_errors(read):
    state = {"degree": 11, "points": 12, "seed": 1}
    html = lesson.overfit(state)["html"]
    assert "12 points, a polynomial of degree 11" in read(html)
    assert re.search(r"training error 0\.00, test error \d", read(html))
    assert html.count("<svg") == html.count('role="img"') == 2 and "nan" not in html


@pytest.mark.parametrize(
    "bad", [{"degree": 99}, {"degree": "3"}, {"points": 0}, {"points": None}, {"seed": "x"}, {"seed": -1}]
)
def test_bad_dials_get_a_sentence(bad):
    answer = answered(lesson.overfit, {"degree": 3, "points": 12, "seed": 1} | bad)
    assert list(answer) == ["error"] and "must be a whole number" in answer["error"]


def test_convolution_gets_the_picture_s_greys(services):
    grid = lesson.grid(services, lesson.PICTURE)
    expected = greys(services.pictures.get(lesson.PICTURE).image)
    assert np.array_equal(np.array(grid["pixels"]).reshape(grid["side"], grid["side"]), expected)
    with pytest.raises(InputError, match="picture"):
        lesson.grid(services, "sample:none")


def test_no_more_readers_wait_for_the_networks_than_have_a_place(services, monkeypatch):
    """Each who waits holds one of the server's threads, of which the whole page has forty."""
    begun, go_on = threading.Barrier(lesson.WAITING + 1, timeout=60), threading.Event()

    def slow(*_):
        begun.wait()
        assert go_on.wait(60)
        return {"html": "done"}

    monkeypatch.setattr(lesson, "activate", slow)
    with gr.Blocks():
        activated = next(f for f in lesson.build(services).server_fns if f.__name__ == "activated")
    with ThreadPoolExecutor(lesson.WAITING) as pool:
        waiting = [pool.submit(activated, {}) for _ in range(lesson.WAITING)]
        begun.wait()
        assert "busy" in activated({})["error"]
        go_on.set()
        assert [one.result() for one in waiting] == [{"html": "done"}] * lesson.WAITING
    monkeypatch.setattr(lesson, "activate", lambda *_: {"html": "again"})
    assert activated({}) == {"html": "again"}


def test_a_map_is_taken_apart_into_what_adds_up(services, read):
    asked = {"picture": lesson.PICTURE, "network": services.models.default()[0], "class": "church"}
    told = read(lesson.activate(services, asked)["html"]).replace("−", "-")
    parts = [float(text) for text in re.findall(r"≈ (-?\d+\.\d\d)(?= \+)", told)]
    rest, mean = (float(text) for text in re.search(r"other \d+ (-?[\d.]+) = map of church (-?[\d.]+)", told).groups())
    assert len(parts) == 6 and sum(parts) + rest == pytest.approx(mean, abs=0.05)
    assert re.search(r"Score of church: .* a probability of \d", told)
    with pytest.raises(InputError, match="model must be one of"):
        lesson.activate(services, asked | {"network": "none"})
    with pytest.raises(InputError, match="class must be one of"):
        lesson.activate(services, asked | {"class": "none"})


def test_without_networks_the_chapter_says_so(services):
    bare = replace(services, models=Models({}, []))
    assert lesson.networks_menu(bare) == {"networks": "", "classes": ""}
    answer = answered(lesson.activate, bare, {"picture": lesson.PICTURE, "network": "", "class": ""})
    assert answer["error"].startswith("CAM needs a trained checkpoint")


def test_augmentations_show_every_kind(services, read):
    from ricap_explorer.lesson.augmentations import AUGMENTATIONS, DRAWS

    html = lesson.augment(services, {"picture": lesson.PICTURE, "seed": "4"})["html"]
    assert html.count("<img") == 1 + DRAWS * len(AUGMENTATIONS)
    assert all(kind.title in read(html) for kind in AUGMENTATIONS)
    with pytest.raises(InputError, match="seed"):
        lesson.augment(services, {"picture": lesson.PICTURE, "seed": "four"})


def test_examples_show_what_they_claim(services):
    shares = {
        beta: [region.weight for region in patching.plan_of(beta, patching.SEED).patches] for beta, _ in lesson.EXAMPLES
    }
    assert max(shares["0.05"]) > 0.9 and min(shares["100"]) > 0.2
    assert float(patching.BETA) == patch.PAPER and (patching.BETA, "the paper’s choice") in lesson.EXAMPLES
    assert lesson.examples(services, patching.SLOTS)["html"].count("<a ") == len(lesson.EXAMPLES)


def test_links_are_read_back_without_a_complaint(services):
    """Every link of the article and the examples opens an existing tab in the state that it names."""
    places = {f"links.{name}": link for name, link in lesson.links(services).items()}
    links = re.findall(r'href="(\?[^"]*|\$\{links\.\w+\})"', ARTICLE)
    links += re.findall(r'href="(\?[^"]*)"', lesson.examples(services, patching.SLOTS)["html"])
    assert len(links) == 4 + len(lesson.EXAMPLES)
    for link in links:
        params = dict(parse_qsl(unescape(places.get(link.strip("${}"), link)).removeprefix("?")))
        assert params.pop("tab") in ("patch", "cam", "results")
        look, models = params.pop("look", services.opening), params.pop("models", None)
        assert look in ("patch", services.opening) and (models or "std,ricap") == ",".join(services.models.default())
        state, sentences = patch.read_link(services, params)
        assert sentences == [] and state == patch.OPENING | {k: v for k, v in params.items() if k != "images"}


def test_a_link_to_a_draw_with_an_upload_keeps_the_pictures_that_are_shown(services):
    assert "images" not in lesson.query("1", "4", ["upload:0", *patching.SLOTS[1:]])
    with gr.Blocks():
        part = patch.build(services).part
    assert "slots" not in part.read({"beta": "1", "seed": "4"})[0]["opened"]
    named = part.read({"images": ",".join(patching.SLOTS[::-1])})[0]["opened"]
    assert named["slots"] == patching.SLOTS[::-1]


def test_the_paper_s_numbers_come_from_the_tables(measured, read):
    tables = lesson.paper_tables(measured)
    assert set(tables) == set(lesson.PAPER_TABLES)
    for text in ("2.85 ± 0.06", "17.22 ± 0.20", "6.97"):
        assert text in read(tables["paper"])
    assert "CutMix" not in read(tables["paper"])  # a row of ours alone
    for text in ("7.0 M", "5.77", "3.74"):
        assert text in read(tables["growth"])
    assert "62.84" in read(tables["ablation"])
    assert all("missing" in text for text in lesson.paper_tables(Measured()).values())


def test_our_own_numbers_are_in_no_text(measured):
    """The article holds no number of ours: what it says of our runs is made from the results."""
    for result in measured.results:
        assert f"{result.card['test_error']:.2f}" not in ARTICLE
    assert "Nothing has been measured here yet" in lesson.measured_here(Measured())


def test_the_best_network_of_ricap_is_told_beside_its_partner(measured):
    evidence = measured.evidence[0]
    best = min((one for one in evidence.networks if one.method == "ricap"), key=lambda network: network.test_error)
    partner = evidence.networks[best.beside]
    assert partner.method == "standard"
    wanted = f"<p>{best.title} beside {partner.title} ({evidence.subject}), with the 95 % interval of the difference"
    told = lesson.measured_here(measured)
    longest = [one for one in measured.evidence if one.epochs == evidence.epochs]
    runs = [set(name for network in one.networks for name in network.names) for one in longest]
    others = [k for k, names in enumerate(runs) if any(names & before for before in runs[:k])]
    assert wanted in told and told.count("with the 95 % interval") == len(longest) - len(others)
    assert others, "the halves are of networks that are told of already"


def test_article_is_as_long_as_a_lesson(read):
    words = len(re.findall(r"[A-Za-zβ][\w’-]*", read(re.sub(r"<(script|button|label|fieldset).*?</\1>", "", ARTICLE))))
    assert 500 < words < 1000


def test_menu_has_every_class_once(services):
    options = re.findall(r'<option value="([^"]*)">([^<]*)<', lesson.pictures_menu(services))
    assert options[0][0] == lesson.PICTURE
    assert len({name for _, name in options}) == len(options) == 10


def test_every_placeholder_has_a_value(services):
    props = next(c["props"] for c in build(services).get_config_file()["components"]
                 if c["props"].get("elem_id") == "rx-lesson")  # fmt: skip
    names = set(re.findall(r"\$\{(\w+)", ARTICLE))
    assert names <= set(props["props"] if "props" in props else props)


def test_tour_has_six_steps_of_the_patch_and_the_cam_tab(services):
    assert len(tour.STEPS) == 6 and {tab for tab, *_ in tour.STEPS} == {"patch", "cam"}
    ids = {c["props"].get("elem_id") for c in build(services).get_config_file()["components"]}
    template = (ROOT / "ricap_explorer/ui/static/patch.html").read_text()
    for _, target, title, text in tour.STEPS:
        name = target.split()[0].removeprefix("#")
        assert name in ids or f'id="{name}"' in template, target
        assert title and text.endswith(".") and len(text.split()) < 50


def test_the_patch_for_networks_of_other_data_is_of_their_pictures(make_folder, write_network, tmp_path):
    make_folder(tmp_path / "pets")
    write_network(tmp_path / "a.safetensors", dataset="pets", classes=["cat", "dog", *map(str, range(8))])
    services = Services.create(ROOT / "assets", tmp_path, tmp_path)
    cat, dog = lesson.four_known(services)[:2]
    assert [services.pictures.get(key).name for key in (cat, dog)] == ["cat", "dog"]
    params = dict(parse_qsl(lesson.links(services)["patch"].removeprefix("?")))
    assert patch.read_link(services, params)[0]["slots"] == [cat, dog, cat, dog]
