"""The page's figures as HTML and SVG: what is where, that every number is finite, that every text is escaped."""

import re
from html.parser import HTMLParser

import numpy as np
import pytest

from ricap_explorer.figures import density
from ricap_explorer.words import percent

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
        assert percent(weight) == text
    assert (percent(0.234), percent(1)) == ("23 %", "100 %")


@pytest.mark.parametrize("beta", BETAS)
def test_density_stays_inside_its_drawing(beta):
    markup = density.density(beta)
    (drawing,) = of_class(markup, "rx-density")
    _, _, width, height = numbers(drawing["viewbox"])
    (curve,) = of_class(markup, "rx-curve")
    points = np.array(numbers(curve["points"])).reshape(-1, 2)
    assert np.isfinite(points).all() and len(points) > 100 and (np.diff(points[:, 0]) > 0).all()
    assert (points >= (0, -density.CUT)).all() and (points <= (width, height)).all()
    assert len(of_class(markup, "rx-mark-w")) == len(of_class(markup, "rx-mark-h")) == 1


@pytest.mark.parametrize("beta", BETAS)
def test_curve_is_symmetric_and_uses_its_height(beta):
    (curve,) = of_class(density.density(beta), "rx-curve")
    y = np.array(numbers(curve["points"])).reshape(-1, 2)[:, 1]
    assert np.allclose(y, y[::-1], atol=0.11)
    if abs(beta - 1) > 0.2:
        assert np.ptp(y) > 50


@pytest.mark.parametrize("beta", [0.3, 1, 2, 100])
def test_density_integrates_to_one(beta):
    count = 200_000
    total = sum(density.beta_density((i + 0.5) / count, beta) for i in range(count)) / count
    assert total == pytest.approx(1, abs=0.02)


@pytest.mark.parametrize("beta", [5e-324, 1e-300, 1e-5, 1e4, 1e5, 1e6, 1e8, 1e300])
def test_density_of_betas_that_only_a_person_would_type(beta):
    markup = density.density(beta)
    assert "nan" not in markup and "inf" not in markup and "Density of Beta(" in markup


def safe(markup: str) -> None:
    """No element and no attribute came from a text, and the fragment is whole."""
    for tag, attributes in Elements(markup).found:
        assert "onerror" not in attributes and attributes.get("src") != "x", tag
