"""Pairs of runs in tables: both errors, their difference, drawn on one scale."""

import re

import pytest

from ricap_explorer.experiments.findings import Finding
from ricap_explorer.experiments.report import Cell
from ricap_explorer.figures.findings import clear_list, findings_tables
from ricap_explorer.figures.strips import reach, strip

NAN = float("nan")


def finding(title: str, standard: Cell, ricap: Cell, alike: bool = True) -> Finding:
    return Finding(title, standard, ricap, alike)


def one(mean: float, hardware: str = "CPU") -> Cell:
    return Cell(mean, None, 1, 30, (96,), (hardware,))


def three(mean: float, sd: float) -> Cell:
    return Cell(mean, sd, 3, 30, (96,), ("CPU",))


def places(markup: str) -> list[float]:
    """Where the dots are, in % of their cells."""
    return [float(place) for place in re.findall(r'<i(?: class="rx-single")? style="left:(.*?)%"', markup)]


def test_pairs_are_parted_by_their_crops_and_their_differences_are_on_one_scale():
    found = [
        finding("A <pair>", one(14.0), one(12.0)),
        finding("B", three(14.0, 0.3), three(10.0, 0.3)),
        finding("C", three(14.0, 2.0), three(15.0, 2.0), False),
    ]
    markup = findings_tables(found)
    alike, apart = markup.split("<table>")[1:]
    assert "The same crops for both" in alike and "The crops that suit each best" in apart
    assert "A &lt;pair&gt;" in alike and "<b>−2.00</b>" in alike and "rx-single" in alike
    assert "<b>−4.00</b> <small>±&nbsp;0.68</small>" in alike and "rx-better" in alike
    assert "<b>+1.00</b> <small>±&nbsp;4.53</small>" in apart and "rx-worse" not in apart, "within chance"
    a, b, c = places(markup)
    assert (50 - b) / (50 - a) == pytest.approx(2, abs=0.02) and (c - 50) / (50 - a) == pytest.approx(0.5, abs=0.02)
    assert findings_tables([]) == "" and "suit each best" not in findings_tables(found[:2])


def test_clear_differences_are_listed_and_which_way_they_point():
    less, more = (finding(f"{k} <pair>", three(14.0, 0.3), three(mean, 0.3)) for k, mean in (("A", 10.0), ("B", 16.0)))
    assert clear_list([finding("C", one(14.0), one(12.0))]) == ""
    first, second = clear_list([more, less]).split("<li>")[1:]
    assert (
        "less than standard augmentation:</b> 10.00 instead of 14.00&nbsp;% on A &lt;pair&gt;" in first
        and "rx-better" in first
    )
    assert "more than standard augmentation:</b> 16.00 instead of 14.00&nbsp;% on B" in second and "rx-worse" in second


def test_pairs_with_other_methods_have_a_table_of_their_own():
    other = Finding("A", three(14.0, 0.3), three(13.9, 0.3), False, "cutmix")
    beside = findings_tables([finding("S", one(14.0), one(12.0)), other]).split("<table>")[2]
    assert "Beside other methods" in beside and "<b>CutMix</b> A (its own crops)" in beside
    assert "rx-better" not in beside, "within chance"


def test_hardware_is_told_once_where_it_is_one():
    assert findings_tables([finding("A", one(1.0), one(2.0))]).count("CPU") == 1
    mixed = findings_tables([finding("A", one(1.0), one(2.0)), finding("B", one(1.0, "H200"), one(2.0, "H200"))])
    assert "A, CPU</th>" in mixed and "B, H200</th>" in mixed and "Trained on" not in mixed


def test_a_strip_stays_within_its_cell_and_draws_no_interval_that_is_none():
    most = reach([-3.0, NAN, 2.0])
    assert most == 3.0 and reach([]) == reach([0.0]) == 1.0
    bar = re.search(r'<s style="left:(.*?)%;width:(.*?)%"', strip(-2.0, -3.0, 1.0, most, "better"))
    left, width = map(float, bar.groups())
    assert 0 < left < 50 < left + width < 100 and places(strip(0.0, NAN, NAN, most)) == [50.0]
    assert "<s" not in strip(1.0, NAN, NAN, most) and "rx-single" in strip(1.0, NAN, NAN, most)
