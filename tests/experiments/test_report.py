"""Tables filled in: means and deviations are numpy's, nothing is shown that was not measured."""

from dataclasses import replace

import numpy as np
import pytest

from ricap_explorer.experiments import fill, read_tables
from ricap_explorer.experiments.report import Number, as_text, beta_lines, cell, foreign


def runs_of(table, row=1, column=0, recipe=0):
    return table.runs(table.rows[row], table.columns[column], table.recipes[recipe])


def cell_of(table, results, row=1, column=0, recipe=0):
    by_name = {result.name: result for result in results}
    return cell(table, table.rows[row], table.columns[column], table.recipes[recipe], by_name)


@pytest.mark.parametrize("count", [1, 2, 3])
def test_mean_and_sample_deviation(count, table, make_result, rng):
    errors = rng.uniform(1, 30, count)
    results = [make_result(run, error, image_size=64) for run, error in zip(runs_of(table), errors, strict=False)]
    found = cell_of(table, results)
    assert found.mean == pytest.approx(errors.mean()) and found.runs == count
    assert found.sd == (pytest.approx(errors.std(ddof=1)) if count > 1 else None)
    assert (found.epochs, found.pixels, found.hardware) == (2, (64,), ("CPU",))


def test_nothing_measured_nothing_shown(table):
    assert cell_of(table, []) is None
    for block in fill(table, []):
        paper, ours = block.groups
        assert not paper.ours and ours.ours and not any(ours.cells)


def test_results_of_other_settings_of_another_row_or_recipe_do_not_count(table, make_result):
    run = runs_of(table)[0]
    assert cell_of(table, [make_result(run, 5.0, epochs=1)]) is None
    assert cell_of(table, [make_result(run, 5.0)], row=0) is None
    assert cell_of(table, [make_result(run, 5.0)], recipe=1) is None
    assert cell_of(table, [make_result(run, 5.0)], column=1) is None


def test_hardware_and_epochs_of_all_runs_are_named(table, make_result):
    first, second, _ = runs_of(table)
    results = [make_result(first, 5.0), make_result(second, 6.0, hardware="NVIDIA H200")]
    assert cell_of(table, results).hardware == ("CPU", "H200")


def test_every_measured_recipe_is_shown_beside_the_paper(table, make_result):
    results = [make_result(runs_of(table)[0], 5.0), make_result(runs_of(table, recipe=1)[0], 4.0)]
    a, b = fill(table, results)
    assert [group.title for group in a.groups] == ["", "short", "long"] and [g.title for g in b.groups] == ["", "short"]
    assert [group.cells[1].text() for group in a.groups] == ["2.85 ± 0.06", "5.00", "4.00"]
    assert a.groups[0].cells[0] == Number(3.89) and b.groups[0].cells[0] is None


def test_a_superseded_recipe_says_so(table, make_result):
    short, long = table.recipes
    table = replace(table, recipes=[replace(short, superseded="older"), long])
    a, _ = fill(table, [make_result(runs_of(table)[0], 5.0), make_result(runs_of(table, recipe=1)[0], 4.0)])
    assert [group.title for group in a.groups] == ["", "short (older)", "long"]


def test_a_line_over_beta_differs_in_beta_alone_and_runs_from_left_to_right(table, make_result):
    """A row with another crop is no point of the line, and rows may come in any order."""
    ricap = table.rows[1]
    rows = [
        replace(ricap, tag=tag, settings=ricap.settings | more)
        for tag, more in {"": {}, "b1": {"beta": 1.0}, "c50": {"crop_scale": 0.5}, "b0.1": {"beta": 0.1}}.items()
    ]
    table = replace(table, rows=rows)
    results = [make_result(runs_of(table, row)[0], 10.0 + row) for row in range(4)]
    (line,) = beta_lines(table, table.columns[1], results[:0])["B"]
    assert not line.ours
    made = beta_lines(table, table.columns[0], results)["A, short"]
    assert [(line.ours, line.points) for line in made] == [
        (True, [(0.1, 13.0, None), (0.3, 10.0, None), (1.0, 11.0, None)])
    ]


def test_a_foreign_result_under_an_experiment_s_name_is_told(table, make_result):
    run = runs_of(table)[0]
    assert foreign([table], [make_result(run, 5.0)]) == []
    (sentence,) = foreign([table], [make_result(run, 5.0, epochs=7)])
    assert run.name in sentence and "epochs" in sentence and "\n" not in sentence


def test_text_is_aligned_and_complete(table, make_result):
    text = as_text(table, [make_result(runs_of(table)[0], 5.25)])
    lines = [line for line in text.splitlines() if line.startswith(("A ", "standard", "ricap"))]
    assert len({line.index("paper") + 5 for line in lines[:1]} | {line.index("3.89") + 4 for line in lines[1:2]}) == 1
    assert "2.85 ± 0.06  5.25     1       2           CPU" in text


@pytest.mark.parametrize("table", read_tables(), ids=lambda table: table.name)
def test_every_table_prints_the_paper_s_numbers(table):
    text = as_text(table, [])
    for row in table.rows:
        assert row.title in text
        for given in row.paper.values():
            assert Number(*given).text(table.decimals) in text


def test_numbers():
    assert Number(2.854, 0.06).text() == "2.85 ± 0.06" and Number(3.9).text() == "3.90"
    assert Number(64.6).text(1) == "64.6" and np.isclose(float(Number(99.999).text()), 100)
