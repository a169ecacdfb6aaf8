"""Numbers as people read them."""

import math

import pytest

from ricap_explorer.words import decimals, number, several, unbroken


@pytest.mark.parametrize(
    ("value", "places", "sign", "text"),
    [
        (1.234, 2, "", "1.23"),
        (-1.5, 1, "+", "−1.5"),
        (1.5, 1, "+", "+1.5"),
        (-0.001, 2, "", "0.00"),
        (-0.0, 1, "+", "+0.0"),
    ],
)
def test_a_number_has_a_true_minus_and_zero_none(value, places, sign, text):
    assert decimals(value, places, sign) == text


def test_a_measure_is_a_share_in_percent_or_a_number():
    assert [number(0.123, True), number(-0.0004, True), number(0.0306, False, True)] == ["12.3", "0.0", "+0.031"]
    assert number(math.nan, True) == "–"


def test_one_is_no_plural():
    assert [several(n, "image") for n in (0, 1, 2)] == ["0 images", "1 image", "2 images"]


def test_no_line_breaks_between_a_number_and_its_unit_or_exponent():
    assert unbroken("3 % of <b>, weight decay 1e-4") == "3&nbsp;% of &lt;b&gt;, weight decay 1e−4"
    assert unbroken("the-re are 2-3") == "the-re are 2-3"
