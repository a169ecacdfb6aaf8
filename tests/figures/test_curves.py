"""Learning curves and error against β: every number that was measured is drawn, and no other."""

import re
from itertools import combinations, product
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import pytest

from ricap_explorer.experiments import Result
from ricap_explorer.experiments.report import BetaLine
from ricap_explorer.figures.betas import beta_chart
from ricap_explorer.figures.colour import REGION_COLOURS, REGION_INKS, method_colour
from ricap_explorer.figures.curves import curves, legend, smooth
from ricap_explorer.mixing import METHODS
from ricap_explorer.titles import METHOD_TITLES, run_title

CSS = (Path(__file__).parents[2] / "ricap_explorer/ui/static/results.css").read_text()
BACKGROUNDS = {"light": "#ffffff", "dark": "#1e293b"}


TITLES = {"ricap_s0": "the first", "ricap_s1": "another", "standard_s0": "the standard", "mixup": "m", "ricap": "r"}


def untested(method: str) -> Result:
    """A run of two epochs without a test."""
    rows = [{"epoch": e, "train_loss": 2 / e, "train_error": 60 / e, "test_error": None} for e in (1, 2, 3)]
    return Result(method, card(method, 0, 5.0), rows)


def run(method: str = "ricap", seed: int = 0, values=(40.0, 20.0, 10.0), **more) -> Result:
    """A run with these test errors."""
    rows = [{"epoch": e, "train_error": v + 1, "test_error": v} for e, v in enumerate(values, 1)]
    return Result(f"{method}_s{seed}", card(method, seed, values[-1]) | more, rows)


def card(method: str, seed: int, error: float) -> dict:
    known = {"dataset": "pets", "model": "looknet", "method": method, "seed": seed}
    return known | {"epochs": 3, "test_error": error}


def lines_of(svg: str, kind: str) -> list[list[tuple[float, float]]]:
    """The points of every polyline of a class."""
    root = ElementTree.fromstring(svg)
    found = [line for line in root.iter("polyline") if kind in line.get("class", "").split()]
    return [[tuple(map(float, point.split(","))) for point in line.get("points").split()] for line in found]


def test_smoothing_is_a_weighted_mean_of_the_past(rng):
    points = [(epoch, float(value)) for epoch, value in enumerate(rng.uniform(0, 9, 12))]
    for weight in (0, 0.3, 0.9):
        for i, (place, value) in enumerate(smooth(points, weight)):
            weights = [weight ** (i - j) for j in range(i + 1)]
            mean = sum(w * v for w, (_, v) in zip(weights, points, strict=False)) / sum(weights)
            assert place == points[i][0] and value == pytest.approx(mean)
    assert smooth(points, 0) == points and smooth([], 0.5) == []


def test_a_line_for_every_run_and_part_and_a_point_for_every_measured_epoch():
    runs = [run("standard"), run("ricap"), untested("mixup")]
    svg = curves(runs, TITLES, "error", ("test", "train"), False, 0)
    assert [len(points) for points in lines_of(svg, "rx-test")] == [3, 3]  # mixup was never tested
    assert [len(points) for points in lines_of(svg, "rx-train")] == [3, 3, 3]
    assert lines_of(svg, "rx-raw") == []
    assert not lines_of(curves(runs, TITLES, "error", ("train",), False, 0), "rx-test")


def test_less_error_is_drawn_lower_and_later_is_further_right():
    (points,) = lines_of(curves([run()], TITLES, "error", ("test",), False, 0), "rx-test")
    assert [x for x, _ in points] == sorted(x for x, _ in points)
    assert [y for _, y in points] == sorted(y for _, y in points), "down the page"


def test_smoothing_keeps_the_raw_values_in_sight():
    (points,) = lines_of(curves([run()], TITLES, "error", ("test",), False, 0), "rx-test")
    svg = curves([run()], TITLES, "error", ("test",), False, 0.6)
    assert lines_of(svg, "rx-raw") == [points] and lines_of(svg, "rx-test") != [points]


def test_a_logarithmic_scale_leaves_out_zero():
    (points,) = lines_of(curves([run(values=(10.0, 1.0, 0.0))], TITLES, "error", ("test",), True, 0), "rx-test")
    assert len(points) == 2
    (even,) = lines_of(curves([run(values=(100.0, 10.0, 1.0))], TITLES, "error", ("test",), True, 0), "rx-test")
    assert np.diff([y for _, y in even]) == pytest.approx([even[1][1] - even[0][1]] * 2, abs=0.11)


def test_nothing_to_draw_is_said():
    assert "Nothing to draw" in curves([untested("ricap")], TITLES, "error", ("test",), False, 0)
    assert "Nothing to draw" in curves([run()], TITLES, "error", (), False, 0)


def test_runs_of_one_method_differ_by_their_marks():
    svg = curves([run(seed=0), run(seed=1)], TITLES, "error", ("test",), False, 0)
    root = ElementTree.fromstring(svg)
    assert len(list(root.iter("circle"))) == 3 and len(list(root.iter("polygon"))) == 3


def test_what_a_card_says_is_escaped():
    odd = run("<b>&", tag='"><i>')
    titles = {odd.name: "<b>& <i>"}
    for markup in (curves([odd], titles, "error", ("test",), False, 0), legend([odd], titles)):
        ElementTree.fromstring(markup)
        assert "<b>&" not in markup and "<i>" not in markup


def test_the_legend_has_the_best_first():
    runs = [run(seed=i, values=(value,)) for i, value in enumerate((9.0, 3.0, 6.0))]
    markup = legend(runs, {one.name: f"title {one.card['seed']}" for one in runs})
    assert re.findall(r"title (\d) .*?<b>([\d.]+) %</b>", markup) == [("1", "3.00"), ("2", "6.00"), ("0", "9.00")]


def test_the_legend_tells_held_out_images_from_a_test():
    markup = legend([run(), run(seed=1, holdout=0.2)], {"ricap_s0": "one", "ricap_s1": "two"})
    assert re.findall(r"<small>(.*?)</small>", markup) == ["3 epochs", "3 epochs, on held-out images"]


def test_the_legend_tells_that_a_run_learnt_from_fewer_images():
    markup = legend([run(fraction=0.25)], {"ricap_s0": "one"})
    assert "3 epochs, 25 % of the training images" in markup
    assert legend([run(fraction=0.25)], {"ricap_s0": "one, 25 % of the training images"}).count("25 %") == 1


def test_the_legend_tells_the_length_once():
    markup = legend([run()], {"ricap_s0": "RICAP, 3 epochs"})
    assert markup.count("3 epochs") == 1


def test_a_screen_reader_hears_where_the_curves_end():
    label = ElementTree.fromstring(curves([run()], TITLES, "error", ("test",), False, 0)).get("aria-label")
    assert label == "Error in % per epoch; in the end the first test 10"


PAPER = BetaLine("ricap", False, [(0.1, 3.01, 0.15), (0.3, 2.85, 0.06), (1.0, 2.91, 0.01)])
OURS = BetaLine("ricap", True, [(0.1, 3.3, None), (1.0, 3.1, 0.2)])
FAR = BetaLine("label_mixing", False, [(0.1, 69.28, None), (0.3, 62.84, None)])


def test_error_against_beta_has_every_point_and_every_deviation():
    markup = beta_chart([PAPER, OURS], "CIFAR-10")
    root = ElementTree.fromstring(markup)
    groups = {group.get("class"): group for group in root.iter("g")}
    assert len(list(groups["rx-papers"].iter("circle"))) == 3 and len(list(groups["rx-papers"].iter("line"))) == 3
    assert len(list(groups["rx-ours"].iter("circle"))) == 2 and len(list(groups["rx-ours"].iter("line"))) == 1
    names = [text.text for text in root.iter("text") if text.get("class") == "rx-run-name"]
    assert names == ["RICAP", "RICAP, ours"]


def test_a_method_far_above_the_others_is_told_in_words():
    markup = beta_chart([PAPER, FAR], "CIFAR-10")
    assert "69.28 % at β = 0.1" in markup and "Label mixing only, the paper’s" in markup
    assert ElementTree.fromstring(beta_chart([FAR], "alone")).find("p") is None
    assert markup.count("<circle") == 3


def test_a_single_point_is_a_chart_too():
    assert beta_chart([BetaLine("ricap", True, [(0.3, 21.07, None)])], "x").count("<circle") == 1


def test_every_method_has_a_title_and_a_colour_in_both_themes():
    assert set(METHOD_TITLES) == set(METHODS)
    for method in METHODS:
        assert CSS.count(f"--m-{method}:") == 2 and method_colour(method).startswith(f"var(--m-{method}, ")
    assert "--m-" not in method_colour("unheard of")


def palette(theme: str) -> dict[str, np.ndarray]:
    """The methods' colours, linear RGB in [0, 1]."""
    block = CSS.partition(".dark {")[2 if theme == "dark" else 0].partition("}")[0]
    return {name: linear(code) for name, code in re.findall(r"--m-(\w+): (#\w{6});", block)}


def linear(code: str) -> np.ndarray:
    values = np.array([int(code[i : i + 2], 16) / 255 for i in (1, 3, 5)])
    return np.where(values <= 0.04045, values / 12.92, ((values + 0.055) / 1.055) ** 2.4)


def luminance(rgb: np.ndarray) -> float:
    return float(rgb @ [0.2126, 0.7152, 0.0722])


def contrast(rgb: np.ndarray, other: np.ndarray) -> float:
    """WCAG's, from 1 to 21."""
    dark, light = sorted((luminance(rgb), luminance(other)))
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize("theme", BACKGROUNDS)
def test_colours_stand_out_from_the_card(theme):
    behind = linear(BACKGROUNDS[theme])
    for name, rgb in palette(theme).items():
        assert contrast(rgb, behind) >= 4.5, name  # names are written in these colours


def test_a_region_s_number_stands_out_from_its_colour():
    for code, ink in zip(REGION_COLOURS, REGION_INKS, strict=True):
        assert contrast(linear(code), linear(f"#{ink[1:] * 2}")) >= 4.5, code


# Machado, Oliveira and Fernandes (2009), severity 1: what is seen without one kind of cone
SIGHT = {
    "all cones": [(1, 0, 0), (0, 1, 0), (0, 0, 1)],
    "protanopia": [(0.1523, 1.0526, -0.2049), (0.1145, 0.7863, 0.0992), (-0.0039, -0.0481, 1.0520)],
    "deuteranopia": [(0.3673, 0.8606, -0.2280), (0.2801, 0.6725, 0.0474), (-0.0118, 0.0429, 0.9689)],
}


def lab(rgb: np.ndarray) -> np.ndarray:
    to_xyz = np.array([[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]])
    xyz = to_xyz @ np.clip(rgb, 0, 1) / [0.9505, 1.0, 1.089]
    f = np.where(xyz > 0.008856, np.cbrt(xyz), 7.787 * xyz + 16 / 116)
    return np.array([116 * f[1] - 16, 500 * (f[0] - f[1]), 200 * (f[1] - f[2])])


@pytest.mark.parametrize(("theme", "sight"), list(product(BACKGROUNDS, SIGHT)))
def test_colours_are_apart_for_the_colour_blind_too(theme, sight):
    seen = {name: lab(np.array(SIGHT[sight]) @ rgb) for name, rgb in palette(theme).items()}
    for one, other in combinations(seen, 2):
        assert np.linalg.norm(seen[one] - seen[other]) >= 15, (one, other)


def test_titles():
    card = {"method": "ricap", "method_settings": {"beta": 0.3, "per_sample": True}, "seed": 2}
    assert run_title(card) == "RICAP β = 0.3, a draw for every image, seed 2"
    assert run_title({"method": "cutout", "method_settings": {"per_sample": True}, "seed": 0}) == "cutout"
    assert run_title({"method": "new", "seed": 0}) == "new"
