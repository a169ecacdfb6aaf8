"""Honest words: what a sentence, and the page, say of the numbers and of what lies behind them."""

from dataclasses import replace

import pytest

from ricap_explorer.bootstrap import Mean
from ricap_explorer.cam.methods import GRID_BOUND
from ricap_explorer.evidence import MEASURES, Evidence, list_evidence
from ricap_explorer.evidence.verdicts import (
    FIRST,
    GLANCE,
    Glimpse,
    all_compared,
    as_text,
    compared,
    glance,
    highlights,
    said,
    verdict,
    verdicts,
)
from ricap_explorer.figures.evidence import about, at_a_glance, evidence_section, sections

from .conftest import make_evidence


@pytest.mark.parametrize(
    ("theirs", "mine", "told"),
    [(0.02, 0.1, "worse"), (0.1, 0.02, "better"), (-0.02, -0.1, "worse"),
     (-0.1, -0.02, "better"), (-0.1, 0.02, "more")],
)  # fmt: skip
def test_nearer_zero_is_better(theirs, mine, told):
    evidence = make_evidence((mine - theirs, mine - theirs - 0.01, mine - theirs + 0.01))
    numbers = evidence.numbers | {"surplus": (Mean(theirs, 0, 0, 10), Mean(mine, 0, 0, 10))}
    assert said(replace(evidence, numbers=numbers), "surplus", 1) == told


def test_a_map_that_a_blob_beats_is_told():
    evidence = make_evidence((0.1, 0.05, 0.15))
    numbers = evidence.numbers | {
        "drop.lead": (Mean(0, 0, 0, 10), Mean(0.035, 0.024, 0.046, 10)),
        "insertion.lead": (Mean(0, 0, 0, 10), Mean(0.05, 0.04, 0.06, 10)),
        "increase.lead": (Mean(0, 0, 0, 10), Mean(-0.01, -0.02, 0.01, 10)),
        "deletion.lead": (Mean(0, 0, 0, 10), Mean(0, 0, 0, 0)),
    }
    told = verdicts(replace(evidence, numbers=numbers), 1)["Do the maps tell the truth?"][-1]
    assert told == (
        "Its own map beside a blob in the centre: average drop +3.5 points, worse (+2.4 to +4.6); "
        "increase −1.0 points, no clear difference (−2.0 to +1.0); insertion area +5.0 points, better (+4.0 to +6.0)."
    )


@pytest.mark.parametrize(
    ("gap", "focus", "error"),
    [
        ((0.1, 0.05, 0.15), "better", "worse"),
        ((-0.1, -0.15, -0.05), "worse", "better"),
        ((0.1, -0.05, 0.25), "no clear difference", "no clear difference"),
        ((0.1, 0.0, 0.2), "no clear difference", "no clear difference"),
    ],
)
def test_a_verdict_needs_an_interval_without_zero(gap, focus, error):
    evidence = make_evidence(gap)
    assert said(evidence, "focus", 1) == focus
    assert said(evidence, "crop.50", 1) == error
    assert said(evidence, "area", 1) in ("more", "less", "no clear difference")  # neither is better
    text = verdict(evidence, "focus", 1)
    assert f"{100 * (0.4 + gap[0]):.1f} against 40.0 %" in text
    told = [sentence for sentences in verdicts(evidence, 1).values() for sentence in sentences]
    assert text in told and all(text in as_text(evidence) for text in told)


def test_a_glance_tells_every_network_beside_the_first():
    evidence = make_evidence((0.1, 0.05, 0.15))
    rows = glance(evidence)
    assert rows["error, nothing hidden"] == [Glimpse("40.0"), Glimpse("50.0", "worse", "+5.0 to +15.0")]
    assert rows[MEASURES["focus"].title][1].word == "better" and rows[MEASURES["area"].title][1].word == "more"
    assert glance(make_evidence((0.1, -0.1, 0.3)))["error, nothing hidden"][1].word == "no clear difference"
    nothing = evidence.numbers | {"area": (Mean(0, 0, 0, 0),) * 2}
    assert len(rows) == len(GLANCE) and len(glance(replace(evidence, numbers=nothing))) == len(GLANCE) - 1
    page = at_a_glance(evidence)
    assert page.count("<tr>") == 1 + len(GLANCE)
    assert page.count('class="rx-better"') == 3  # Focus, insertion, what its own map adds to all
    assert page.count('rx-strip rx-better"') == 3 and page.count('class="rx-strip') == len(GLANCE)
    assert "rx-strip" not in at_a_glance(replace(evidence, networks=evidence.networks[:1])), "one has no difference"
    assert "<b>40.0</b></td>" in page and '<small><b class="rx-worse">worse</b> +5.0 to +15.0</small>' in page


def test_each_is_told_beside_its_partner():
    """Four networks: the third is set beside the second, the fourth beside the first."""
    evidence = make_evidence((0.1, 0.05, 0.15))
    standard, ricap = evidence.networks
    networks = (standard, replace(standard, title="Fast"), replace(ricap, title="Fast RICAP", beside=1), ricap)
    values = (0.4, 0.2, 0.3, 0.5)
    numbers = {name: tuple(Mean(value, 0.1, 0.6, 10) for value in values) for name in MEASURES}
    gaps = {name: tuple(Mean(gap, gap, gap, 10) for gap in (0.0, -0.2, 0.1, 0.1)) for name in MEASURES}
    four = Evidence("toy", evidence.card, networks, numbers, gaps, evidence.reliability * 2)
    assert compared(four) == [2, 3] and all_compared(four) == [2, 3, 1]
    assert "30.0 against 20.0 %, worse" in verdict(four, "grey.20", 2)
    assert "50.0 against 40.0 %, worse" in verdict(four, "grey.20", 3)
    for text in (as_text(four), sections(four)):
        assert all(
            names in text for names in ("Fast RICAP beside Fast", "RICAP beside Standard", "Fast beside Standard")
        )
    assert sections(four).count("<details><summary") == sections(four).count("<b>Fast beside Standard</b>") == 5
    heads = at_a_glance(four).partition("</thead>")[0]
    assert "Fast RICAP <small>beside Fast</small>" in heads and "RICAP <small>beside Standard</small>" in heads
    assert ">Standard</th>" in heads and "Fast <small>beside Standard</small>" in heads
    assert glance(four)["error, nothing hidden"][2] == Glimpse("30.0", "worse", "+10.0 to +10.0")
    assert "its own size, learning rate" in about(four) and "its own learning rate" not in about(evidence)
    alone = replace(four, networks=(ricap, standard, replace(ricap, beside=1), ricap))
    assert compared(alone) == [2], "beside a network that is not standard nothing is told of RICAP"


@pytest.mark.parametrize(("precision", "told"), [("bf16", 1), ("fp32", 0), (None, 0)])
def test_half_precision_is_told(precision, told):
    evidence = make_evidence((0.1, 0.05, 0.15))
    card = evidence.card | ({"computed_in": precision} if precision else {})
    assert about(replace(evidence, card=card)).count("half precision") == told


def test_highlights_are_a_sentence_for_each_of_the_first_measures():
    evidence = make_evidence((0.1, 0.05, 0.15))
    assert highlights(evidence, 1) == [
        sentence
        for sentences in verdicts(evidence, 1).values()
        for sentence in sentences
        if sentence in {verdict(evidence, name, 1) for name in FIRST}
    ]
    assert len(highlights(evidence, 1)) == len(FIRST)


def test_no_verdict_without_a_standard_network_to_compare_with():
    evidence = make_evidence((0, 0, 0))
    assert compared(evidence) == [1] and compared(evidence, "mixup") == []
    swapped = replace(evidence, networks=evidence.networks[::-1])
    assert compared(swapped) == [] and "beside" not in as_text(swapped).splitlines()[-1]


def test_two_networks_of_a_method_have_their_own_sentences():
    evidence = make_evidence((0.1, 0.05, 0.15))
    first, second = evidence.networks
    third = replace(second, title="RICAP, <b>whole</b> images")
    tables = [
        {name: (*means, means[1]) for name, means in table.items()} for table in (evidence.numbers, evidence.gaps)
    ]
    both = Evidence(
        "toy", evidence.card, (first, second, third), *tables, (*evidence.reliability, evidence.reliability[1])
    )
    page = sections(both)
    assert page.count("<b>RICAP beside Standard</b>") == 5
    assert page.count("<b>RICAP, &lt;b&gt;whole&lt;/b&gt; images beside Standard</b>") == 5 and "<b>whole" not in page


@pytest.mark.parametrize(
    ("runs", "said"),
    [
        ((1, 1), "not over training runs"),
        ((3, 3), "and over the 3 training runs of each method"),
        ((1, 2), "and over training runs, whose mean is shown (RICAP: 2; of the others"),
    ],
)
def test_the_page_says_whether_intervals_are_over_training_runs(runs, said):
    evidence = make_evidence((0.1, 0.05, 0.15))
    networks = tuple(
        replace(network, names=network.names * count) for network, count in zip(evidence.networks, runs, strict=True)
    )
    assert said in about(replace(evidence, networks=networks))


def test_the_page_warns_of_maps_of_different_sizes():
    evidence = make_evidence((0.1, 0.05, 0.15))
    assert "different sizes" not in about(evidence)
    networks = (evidence.networks[0], replace(evidence.networks[1], image_size=96))
    apart = replace(evidence, networks=networks)
    assert "Standard: 64 px; RICAP: 96 px" in about(apart)
    for name in GRID_BOUND:
        assert "not comparable: their maps have different grids" in verdict(apart, name, 1)
        assert MEASURES[name].title not in glance(apart)
        assert "not comparable" not in verdict(evidence, name, 1)
    assert "not comparable" not in verdict(apart, "focus", 1)
    at_one = replace(apart, card=apart.card | {"map_size": 64})
    assert "area and entropy alone are of maps of images of 64 px" in about(at_one)
    assert "not comparable" not in verdict(at_one, "area", 1)
    networks_apart = replace(at_one, card=at_one.card | {"grids": [[4, 4], [16, 16]]})
    assert "not comparable" in verdict(networks_apart, "area", 1) and "different sizes" in about(networks_apart)


def test_of_a_handful_of_images_nothing_is_said():
    evidence = make_evidence((0.1, 0.05, 0.15))
    gap = replace(evidence.gaps["loss"][1], low=0.1, high=0.2, value=0.15, count=9)
    few = replace(evidence, gaps=evidence.gaps | {"loss": (evidence.gaps["loss"][0], gap)})
    assert "too few images to tell" in verdict(few, "loss", 1) and "worse" not in verdict(few, "loss", 1)
    enough = replace(evidence, gaps=evidence.gaps | {"loss": (evidence.gaps["loss"][0], replace(gap, count=10))})
    assert "worse" in verdict(enough, "loss", 1)
    lead = {"drop.lead": (Mean(0, 0, 0, 9), Mean(0.035, 0.024, 0.046, 9))}
    told = verdicts(replace(evidence, numbers=evidence.numbers | lead), 1)["Do the maps tell the truth?"][-1]
    assert "blob" in told and "average drop" not in told


def test_a_bin_of_a_few_answers_is_not_drawn_beside_larger_ones():
    few, many = (0.2, 1.0, 1), (0.5, 0.6, 40)
    evidence = replace(make_evidence((0.1, 0.05, 0.15)), reliability=((few, many), (few,)))
    drawn = sections(evidence)
    assert "Standard: 50 % sure, 60 % right, 40 answers" in drawn and "Standard: 20 % sure" not in drawn
    assert "RICAP: 20 % sure, 100 % right, 1 answers" in drawn  # all that there is


def test_the_page_says_how_different_the_crops_in_training_were():
    evidence = make_evidence((0.1, 0.05, 0.15))
    assert "crops in training" not in about(evidence)
    networks = (replace(evidence.networks[0], crop_scale=0.25), evidence.networks[1])
    assert "area (Standard: 25 %; RICAP: 100 %)" in about(replace(evidence, networks=networks))
    padded = tuple(replace(network, crop_scale=None) for network in networks)
    assert "crops in training" not in about(replace(evidence, networks=(networks[0], padded[1])))
    assert "whole images" not in replace(evidence, networks=padded).subject, "nor are crops of padded images whole"


def test_the_longest_training_comes_first_and_alone_is_open(tmp_path):
    short = make_evidence((0.1, 0.05, 0.15))
    long = replace(short, networks=tuple(replace(n, epochs=30, names=n.names * 2) for n in short.networks))
    (tmp_path / "evidence").mkdir()
    for name, one in (("a", short), ("b", long)):
        (tmp_path / "evidence" / f"{name}.json").write_text(one.to_json())
    found, _ = list_evidence(tmp_path)
    assert [one.title for one in found] == [
        "toy, 30 epochs, whole images: 2 networks in 4 training runs, 10 images",
        "toy, 3 epochs, whole images: 2 networks, 10 images",
    ]
    first, second = evidence_section(found).split('<details class="rx-measured"')[1:]
    assert first.startswith(" open>") and second.startswith(">") and "30 epochs" in first
    assert "Nobody has measured" in evidence_section([])
    assert "published" not in evidence_section(found) + evidence_section([])  # --results may be anybody's runs
