"""The repository's own tables: every run can be trained, and the paper's numbers are the paper's."""

import dataclasses
import json

import pytest

from ricap_explorer import cli
from ricap_explorer.errors import InputError
from ricap_explorer.experiments import all_runs, read_tables
from ricap_explorer.experiments.tables import choose_runs, command
from ricap_explorer.training import TrainConfig

TABLES = read_tables()
RUNS = all_runs(TABLES)


def test_one_name_is_one_run():
    settings: dict[str, dict] = {}
    for table in TABLES:
        for cell in table.cells():
            for run in table.runs(*cell):
                assert settings.setdefault(run.name, run.settings) == run.settings
    assert set(settings) == {run.name for run in RUNS}


def test_scales_seeds_and_keys_are_known():
    for table in TABLES:
        keys = {column.key for column in table.columns}
        for recipe in table.recipes:
            assert recipe.scale in ("cpu", "gpu", "paper") and set(recipe.columns) <= keys
            assert recipe.seconds > 0 and len(set(recipe.seeds)) == len(recipe.seeds) > 0
        for row in table.rows:
            assert set(row.paper) <= keys and set(row.at) <= keys
            assert all(len(given) in (1, 2) for given in row.paper.values())


def test_every_trained_table_has_each_row_s_run_at_the_paper_s_scale_or_ours():
    names = {table.name for table in TABLES if table.recipes}
    assert names == {
        "imagenette",
        "imagenette-ablation",
        "imagenette-gpu",
        "imagenette-large",
        "wrn",
        "ablation",
        "networks",
        "imagenet",
        "crop",
        "crop-48",
        "imagenette-tuned",
        "imagenette-long",
        "crop-long",
        "beta-long",
        "beta",
        "length",
        "optimizer",
        "width",
        "variety",
        "few",
        "fine",
    }


def test_ricap_beats_every_other_method_in_the_paper_s_own_tables():
    for table in TABLES:
        if table.name in ("wrn", "networks", "imagenet"):
            for column in table.columns:
                means = {row.title: row.paper[column.key][0] for row in table.rows if row.paper}
                assert len(means) >= 4 and min(means, key=means.get) == "+ RICAP, β = 0.3"


def test_most_wanted_first():
    wants = [(run.superseded, run.want) for run in RUNS]
    assert wants == sorted(wants)
    first = {run.settings["method"] for run in choose_runs(RUNS, "gpu")[:2]}
    assert first == {"standard", "ricap"}


def test_runs_are_chosen_by_scale_and_name():
    chosen = choose_runs(RUNS, "cpu", "imagenette_")
    assert chosen and all(run.scale == "cpu" and run.name.startswith("imagenette_") for run in chosen)
    with pytest.raises(InputError, match="cpu, gpu, paper; got 'tpu'"):
        choose_runs(RUNS, "tpu")


def test_superseded_runs_are_trained_only_when_asked_for_by_name():
    past = {run.name for run in RUNS if run.superseded}
    assert "imagenette_looknet_mixup_s0" in past
    assert not past & {run.name for run in choose_runs(RUNS, "cpu")}
    assert [run.name for run in choose_runs(RUNS, "", "imagenette_looknet_mixup_s0")] == ["imagenette_looknet_mixup_s0"]


def test_settings_of_a_cell_come_from_all_its_sides(table):
    row = dataclasses.replace(table.rows[1], tag="b", at={"b": {"beta": 1.0}})
    a, b = (table.runs(row, column, table.recipes[0]) for column in table.columns)
    assert a[0].settings["dataset"] == "pets" and b[0].settings["dataset"] == "dogs"
    assert (a[0].settings["beta"], b[0].settings["beta"]) == (0.3, 1.0)
    assert [run.settings["seed"] for run in a] == [0, 1, 2] and a[0].want < a[1].want < a[2].want
    assert table.runs(row, table.columns[0], table.recipes[1])[0].name == "pets_looknet_ricap-e4.b_s0"
    column = dataclasses.replace(table.columns[0], tag="a")
    assert table.runs(row, column, table.recipes[1])[0].name == "pets_looknet_ricap-e4.a.b_s0"
    row = dataclasses.replace(row, at={"a": {"tag": "own"}})
    assert table.runs(row, column, table.recipes[1])[0].name == "pets_looknet_ricap-own_s0"


def test_a_run_of_two_tables_is_as_wanted_as_the_keener_says(table):
    keen = dataclasses.replace(table, rows=[dataclasses.replace(row, want=-1) for row in table.rows])
    assert all_runs([table, keen]) == all_runs([keen, table]) == all_runs([keen])


@pytest.mark.parametrize("text", ["[[table]", "title = 3", "[[table]]\nrow = []", "[[table]]\nrow = [{ titel = 'x' }]"])
def test_a_file_that_is_no_table_is_named(text, tmp_path):
    (tmp_path / "odd.toml").write_text(text)
    with pytest.raises(InputError, match="odd.toml must be a table of experiments"):
        read_tables(tmp_path)


def test_the_command_of_a_run_asks_for_just_that_run(monkeypatch):
    asked = []
    monkeypatch.setattr("ricap_explorer.training.run.train", lambda config, *_: asked.append(config) or config.folder)
    chosen = choose_runs(RUNS, "cpu", "imagenette_") + choose_runs(RUNS, "cpu", "cifar10-jpeg_wide_resnet_standard")
    for run in chosen:
        monkeypatch.setattr("sys.argv", ["ricap_explorer", *command(run.settings)])
        assert cli.main() == 0
        assert asked.pop() == TrainConfig(**run.settings), json.dumps(run.settings)
