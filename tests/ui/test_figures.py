"""The page's figures as HTML and SVG: what is where, that every number is finite, that every text is escaped."""

import math
import re
from html.parser import HTMLParser

import numpy as np
import pytest

from ricap_explorer.cam import View
from ricap_explorer.figures import looks, patch
from ricap_explorer.mixing import Box

HOSTILE = "\"><img src=x onerror=alert(1)>'"
BETAS = [0.01, 0.02, 0.05, 0.1, 0.3, 0.5, 0.9, 0.99, 1, 1.01, 1.1, 2, 3, 10, 30, 99, 100]


class Elements(HTMLParser):
    """Every element of a fragment: (tag, attributes); a tag that is not closed where it should be is an error."""

    def __init__(self, markup: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.open: list[str] = []
        self.feed(markup)
        self.close()
        assert not self.open, f"left open: {self.open}"

    def handle_starttag(self, tag, attributes):
        self.found.append((tag, dict(attributes)))
        if tag not in ("img", "input", "br"):
            self.open.append(tag)

    def handle_startendtag(self, tag, attributes):
        self.found.append((tag, dict(attributes)))

    def handle_endtag(self, tag):
        assert self.open.pop() == tag


def of_class(markup: str, name: str) -> list[dict[str, str | None]]:
    """Attributes of every element of a class."""
    return [attributes for _, attributes in Elements(markup).found if name in (attributes.get("class") or "").split()]


def numbers(text: str) -> list[float]:
    return [float(number) for number in re.findall(r"-?[\d.]+", text)]


def test_percent():
    for weight, text in [(0, "0 %"), (0.0004, "0.0 %"), (0.004, "0.4 %"), (0.0094, "0.9 %"), (0.0096, "1 %")]:
        assert patch.percent(weight) == text
    assert (patch.percent(0.234), patch.percent(1)) == ("23 %", "100 %")


@pytest.mark.parametrize("beta", BETAS)
def test_density_stays_inside_its_drawing(beta):
    markup = patch.density(beta)
    (drawing,) = of_class(markup, "rx-density")
    _, _, width, height = numbers(drawing["viewbox"])
    (curve,) = of_class(markup, "rx-curve")
    points = np.array(numbers(curve["points"])).reshape(-1, 2)
    assert np.isfinite(points).all() and len(points) > 100 and (np.diff(points[:, 0]) > 0).all()
    assert (points >= 0).all() and (points <= (width, height)).all()
    assert len(of_class(markup, "rx-mark-w")) == len(of_class(markup, "rx-mark-h")) == 1


@pytest.mark.parametrize("beta", BETAS)
def test_curve_is_symmetric_and_uses_its_height(beta):
    (curve,) = of_class(patch.density(beta), "rx-curve")
    y = np.array(numbers(curve["points"])).reshape(-1, 2)[:, 1]
    assert np.allclose(y, y[::-1], atol=0.11)
    if abs(beta - 1) > 0.2:
        assert np.ptp(y) > 50


@pytest.mark.parametrize("beta", [0.3, 1, 2, 100])
def test_density_integrates_to_one(beta):
    count = 200_000
    total = sum(patch.beta_density((i + 0.5) / count, beta) for i in range(count)) / count
    assert total == pytest.approx(1, abs=0.02)


@pytest.mark.parametrize("beta", [5e-324, 1e-300, 1e-5, 1e4, 1e5, 1e6, 1e8, 1e300])
def test_density_of_betas_that_only_a_person_would_type(beta):
    markup = patch.density(beta)
    assert "nan" not in markup and "inf" not in markup and "Density of Beta(" in markup


def safe(markup: str) -> None:
    """No element and no attribute came from a text, and the fragment is whole."""
    for tag, attributes in Elements(markup).found:
        assert "onerror" not in attributes and attributes.get("src") != "x", tag


def view(title: str = "RICAP", peak: float = 2.0, count: int = 2, names: tuple[str, ...] = ("a", "b", "c")) -> View:
    maps = np.full((count, 3, 3), -1, np.float32)
    maps[:, 0, 0] = peak
    probabilities = np.array([0.7, 0.2, 0.1], np.float32)
    return View(title, names, probabilities, tuple(range(count)), maps, 0.01)


def scale_ends(markup: str) -> list[float]:
    return [float(text) for text in re.findall(r"</i><span>([^<]+)</span><em>", markup)]


def test_model_cards_show_the_first_map_of_each():
    markup = looks.model_cards("data:,", "a patch", [view("A", 2), view("B", 5)], ["one", "two"], True, "viridis")
    assert len(of_class(markup, "rx-model")) == len(of_class(markup, "rx-heat")) == 2
    assert "--n:2" in markup and scale_ends(markup) == [5, 5] and markup.count("one scale for all") == 2
    own = looks.model_cards("data:,", "a patch", [view("A", 2), view("B", 5)], ["one", "two"], False, "viridis")
    assert scale_ends(own) == [2, 5] and own.count("own scale") == 2


def test_model_cards_list_the_likeliest_and_mark_the_explained():
    markup = looks.model_cards("data:,", "a patch", [view()], ["note"], True, "viridis")
    assert re.findall(r'rx-name">(\w)</span><i style="--p:([\d.]+)"></i><b>([\d.]+) %', markup) == [
        ("a", "0.7000", "70.0"), ("b", "0.2000", "20.0"), ("c", "0.1000", "10.0"),
    ]  # fmt: skip
    assert len(of_class(markup, "rx-explained")) == 1


@pytest.mark.parametrize(
    ("peak", "sentence"), [(math.nan, "not numbers"), (math.inf, "not numbers"), (-1, "positive nowhere")]
)
def test_a_map_that_cannot_be_shown_says_why(peak, sentence):
    markup = looks.model_cards("data:,", "a patch", [view("A", peak), view("B")], ["", ""], True, "viridis")
    assert len(of_class(markup, "rx-problem")) == len(of_class(markup, "rx-heat")) == 1
    assert sentence in markup and scale_ends(markup) == [2, 2]


PARTS = [
    looks.Part("b", (0, 3), (Box(0, 0, 2, 2), Box(2, 2, 8, 8)), 0.68),
    looks.Part("c", (1,), (Box(0, 2, 2, 8),), 0.16),
]


def test_part_cards_show_each_class_s_maps_numbers_and_regions():
    views = [view("A", 2, 3), view("B", 5, 3)]
    markup = looks.part_cards("data:,", (10, 10), PARTS, views, True, "viridis")
    assert len(of_class(markup, "rx-part")) == 2 and len(of_class(markup, "rx-heat")) == 4
    outlines = [e for e in Elements(markup).found if e[0] == "rect"]
    assert [e[1]["style"] for e in outlines] == [f"stroke:var(--r{k})" for k in (1, 4, 1, 4, 2, 2)]
    assert "W = 68 %" in markup and "W = 16 %" in markup and scale_ends(markup) == [5]
    assert re.findall(r"<dt>probability</dt><dd>([\d.]+) %</dd>", markup) == ["20.0", "20.0", "10.0", "10.0"]
    assert len(re.findall(r"<dt>map inside</dt><dd>\d+ %</dd>", markup)) == 4


def test_mass_inside_is_of_the_class_s_own_regions():
    """All of the map's mass lies in the upper left cell, so in region 1."""
    whole = [looks.Part("b", (0,), (Box(0, 0, 60, 60),), 0.36), looks.Part("c", (3,), (Box(60, 60, 40, 40),), 0.16)]
    markup = looks.part_cards("data:,", (100, 100), whole, [view(count=3)], True, "viridis")
    assert re.findall(r"<dt>map inside</dt><dd>([^<]+)</dd>", markup) == ["100 %", "0 %"]


def test_part_cards_without_a_shared_scale():
    views = [view("A", 2, 3), view("B", 5, 3)]
    markup = looks.part_cards("data:,", (10, 10), PARTS, views, False, "viridis")
    assert scale_ends(markup) == [] and "own scale" in markup
    own, shared = (
        [image["src"] for image in of_class(page, "rx-heat")]
        for page in (markup, looks.part_cards("data:,", (10, 10), PARTS, views, True, "viridis"))
    )
    assert own[0] != shared[0] and own[1] == shared[1]  # B has the largest value of all


def test_a_part_s_map_without_mass_has_no_share():
    markup = looks.part_cards("data:,", (10, 10), PARTS, [view("A", -1, 3)], True, "viridis")
    assert markup.count("<dt>map inside</dt><dd>–</dd>") == 2 and len(of_class(markup, "rx-problem")) == 2


def test_names_are_escaped_on_the_cam_tab():
    hostile = view(HOSTILE, names=(HOSTILE, "b", HOSTILE + "2"))
    safe(looks.model_cards("data:,", HOSTILE, [hostile], [HOSTILE], True, "viridis"))
    part = looks.Part(HOSTILE, (0,), (Box(0, 0, 2, 2),), 0.04)
    safe(looks.part_cards("data:,", (10, 10), [part], [hostile], True, "viridis"))


@pytest.mark.parametrize("colours", ["viridis", "magma", "turbo", "jet"])
def test_gradient_is_the_colour_map(colours):
    from ricap_explorer.figures.colour import colour_table

    stops = re.findall(r"#([0-9a-f]{6})", looks.gradient(colours))
    table = colour_table(colours)
    assert len(stops) == 16 and stops[0] == bytes(table[0]).hex() and stops[-1] == bytes(table[-1]).hex()
