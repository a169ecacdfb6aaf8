"""The gallery: thumbnails as HTML, uploads through the server function, browsing."""

import base64
import re
from html import escape
from pathlib import Path

import pytest

from ricap_explorer.ui.picker import browse, picker, thumbnails
from ricap_explorer.ui.pictures import SAMPLE, Pictures


@pytest.fixture
def take(pictures):
    """take(content, name) -> what the server function `add_picture` answers to the browser."""
    add_picture = picker(pictures, "Title", "id").add_picture

    def send(content: bytes, name: str) -> dict[str, str]:
        return add_picture({"name": name, "data": "data:image/png;base64," + base64.b64encode(content).decode()})

    return send


def test_a_button_for_every_thumbnail(pictures):
    markup = thumbnails(pictures, "sample")
    assert re.findall(r'data-id="([^"]+)"', markup) == [key for key, _, _ in pictures.thumbnails("sample")]
    assert markup.count("<button") == markup.count("</button>") == markup.count("aria-label=") == 30


def test_no_two_thumbnails_are_called_alike(pictures):
    names = re.findall(r'aria-label="([^"]+)"', thumbnails(pictures, "sample"))
    assert len(set(names)) == 30 and "church, 2 of 3" in names
    assert 'aria-label="church"' in thumbnails(Pictures({"sample:a": ("church", first_sample())}), "sample")


def test_upload_gives_an_id(take, pictures, picture, tmp_path):
    picture().save(tmp_path / "a.png")
    answer = take((tmp_path / "a.png").read_bytes(), "a.png")
    assert set(answer) == {"id"} and pictures.get(answer["id"]).name == "a"


def test_bad_upload_gives_the_sentence(take, pictures):
    answer = take(b"words", "x.png")
    assert set(answer) == {"error"} and answer["error"].startswith("x.png must be one of") and not pictures.uploads


def test_data_that_is_no_data_uri_gives_the_sentence(pictures):
    add_picture = picker(pictures, "Title", "id").add_picture
    for data in ("", "data:,", "no comma", "data:image/png;base64,????"):
        assert set(add_picture({"name": "x.png", "data": data})) == {"error"}, data


def test_browsing(pictures):
    show = browse(pictures)
    for kind, known in pictures.kinds.items():
        answer = show({"kind": kind, "page": 0})
        assert answer["thumbs"] == thumbnails(pictures, kind) and answer["source"] == escape(known.source)


@pytest.mark.parametrize("value", [{}, {"kind": "none"}, {"kind": None, "page": None}, {"kind": "../etc"}])
def test_browsing_something_else_shows_the_samples(value, pictures):
    assert browse(pictures)(value)["source"] == pictures.kinds[SAMPLE].source


def test_file_names_are_escaped():
    hostile = Pictures({'sample:"><b>': ('"><img src=x onerror=alert(1)>', first_sample())})
    markup = thumbnails(hostile, "sample")
    assert markup.count("<") == 3 and "<b>" not in markup and "onerror=alert(1)&gt;" in markup  # button, img, /button


def first_sample() -> Path:
    return sorted((Path(__file__).parents[2] / "assets" / "samples").glob("*.jpg"))[0]
