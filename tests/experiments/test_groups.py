"""Runs by experiment: each table's, under the names that it gives them, and all."""

import json

import pytest

from ricap_explorer.experiments import all_runs, read_tables
from ricap_explorer.experiments.groups import ALL, containing, group_runs
from ricap_explorer.experiments.results import read_result

TABLES = {table.name: table for table in read_tables()}
RUNS = all_runs(list(TABLES.values()))


@pytest.fixture
def write(tmp_path):
    """A result that a run could have written."""

    def write(run, error: float = 10.0, **more):
        path = tmp_path / f"{run.name}.json"
        path.write_text(json.dumps({"card": run.settings | {"test_error": error} | more, "epochs": []}))
        return read_result(path)

    return write


@pytest.fixture
def results(write):
    """Every run that a CPU can do."""
    return [write(run) for run in RUNS if run.scale == "cpu"]


def test_a_table_without_results_is_no_group(write):
    (everything,) = group_runs(list(TABLES.values()), [])
    assert (everything.name, everything.titles, everything.first) == (ALL, {}, [])
    run = next(run for run in RUNS if run.settings.get("tag") == "e50" and run.settings["method"] == "cutout")
    tuned, everything = group_runs(list(TABLES.values()), [write(run)])
    assert tuned.titles == {run.name: "cutout"} and list(everything.titles) == [run.name]


def test_runs_are_called_what_their_table_calls_them(results):
    groups = {group.name: group for group in group_runs(list(TABLES.values()), results)}
    tuned = groups["imagenette-tuned"]
    assert tuned.title == "Imagenette, LookNet of 1.0 M parameters, 50 epochs (64 to 96 px)", "its one recipe"
    assert tuned.titles["imagenette_looknet_ricap-e50_s2"] == "RICAP, β = 0.3, seed 2"
    crop = groups["crop"]
    assert crop.title == TABLES["crop"].title, "several recipes"
    said = "standard, crops of at least 50 %, 1.0 M parameters, 50 epochs, 64 to 96 px"
    assert crop.titles["imagenette_looknet_standard-tune50.c50_s0"] == said
    for group in groups.values():
        assert len(set(group.titles.values())) == len(group.titles), group.name
        assert group.first and set(group.first) <= set(group.titles)


def test_a_group_begins_with_one_run_of_each_row(results):
    groups = {group.name: group for group in group_runs(list(TABLES.values()), results)}
    tuned = TABLES["imagenette-tuned"]
    (column,), (recipe,) = tuned.columns, tuned.recipes
    assert groups["imagenette-tuned"].first == [tuned.runs(row, column, recipe)[0].name for row in tuned.rows]
    assert groups[ALL].first == groups[next(iter(groups))].first
    assert all("144" in groups["length"].titles[name] for name in groups["length"].first), "the last recipe's"


def test_a_run_with_other_settings_belongs_to_no_table(results, write):
    run = next(run for run in RUNS if run.name == results[0].name)
    groups = group_runs(list(TABLES.values()), [write(run, epochs=7)])
    assert [group.name for group in groups] == [ALL] and list(groups[0].titles) == [run.name]
    assert groups[0].first == [run.name]


def test_the_first_group_that_has_all_runs(results):
    groups = group_runs(list(TABLES.values()), results)
    long, tuned = "imagenette_looknet_ricap-w32.e200_s0", "imagenette_looknet_ricap-e50_s0"
    assert (
        containing(groups, [long]).name == "imagenette-long" and containing(groups, [tuned]).name == "imagenette-tuned"
    )
    assert containing(groups, [long, tuned]).name == ALL and containing(groups, []) is groups[0]


def test_of_all_runs_the_longest_come_first_and_those_that_tuned_last(results):
    titles = group_runs([], results)[-1].titles
    names = list(titles)
    assert "200 epochs" in titles[names[0]] and ", LookNet: " in titles[names[0]]
    held_out = [result.name for result in results if result.card.get("holdout")]
    assert set(names[-len(held_out) :]) == set(held_out)
    assert len(set(titles.values())) == len(titles) == len(results)


def test_one_data_set_alone_is_not_told(write):
    run = next(run for run in RUNS if run.name == "imagenette_looknet_standard-e50_s0")
    assert list(group_runs([], [write(run)])[-1].titles.values()) == ["Standard, 50 epochs, e50"]
