"""The Results tab: its handlers as functions, and what it shows of a folder of results, good and bad."""

import json
import re
from html import escape
from pathlib import Path

import gradio as gr
import pytest

from ricap_explorer.errors import InputError
from ricap_explorer.experiments import all_runs, fill, read_tables
from ricap_explorer.experiments.findings import findings, summary
from ricap_explorer.experiments.measured import Measured
from ricap_explorer.experiments.tables import choose_runs
from ricap_explorer.figures.tables import checkpoint_card, table_card
from ricap_explorer.ui.page import build
from ricap_explorer.ui.services import Services
from ricap_explorer.ui.tabs.results import (
    asked,
    beta_section,
    checkpoint_section,
    draw,
    link_parts,
    open_experiment,
    show,
    table_section,
)  # fmt: skip
from ricap_explorer.ui.tabs.results import build as build_tab

PARTS = ("test", "train")
RUNS = [run for run in choose_runs(all_runs(read_tables()), "cpu", "imagenette_") if "arch" not in run.settings]


def write(folder: Path, run, error: float, **card) -> None:
    """A result as that run could have written it."""
    rows = [{"epoch": e, "train_loss": 1.0, "train_error": 50.0 / e, "test_error": error + 9 / e} for e in (1, 2, 3)]
    card = run.settings | {"test_error": error, "hardware": "CPU: <slow>, 1 threads"} | card
    (folder / f"{run.name}.json").write_text(json.dumps({"card": card, "epochs": rows}))


@pytest.fixture
def measured(tmp_path) -> Measured:
    """Every Imagenette run of the CPU, and a file that is no result."""
    for i, run in enumerate(RUNS):
        write(tmp_path, run, 10.0 + i, image_size=run.settings["image_size"])
    (tmp_path / "broken.json").write_text("<script>")
    return Measured.read(tmp_path)


def test_chosen_runs_are_drawn_in_one_chart_of_errors_and_one_of_losses(measured):
    names = [RUNS[0].name, RUNS[1].name]
    markup = draw(measured, "all", names, PARTS, False, 0)
    errors, losses = markup.split("<figure>")[1:]
    assert errors.count('class="rx-run rx-test"') == errors.count('class="rx-run rx-train"') == 2
    assert losses.count('class="rx-run rx-test"') == 0 and losses.count('class="rx-run rx-train"') == 2
    assert markup.count("<li>") == 2


def test_no_run_no_chart(measured):
    assert "Choose a run" in draw(measured, "all", [], PARTS, False, 0)


def test_an_unknown_run_leaves_the_last_good_curves(measured):
    with pytest.raises(InputError, match="runs must be one of"):
        draw(measured, "all", ["<other>"], PARTS, False, 0)
    figure, note = show(measured, "all", ["<other>"], PARTS, False, 0)
    assert figure == gr.skip() and "&lt;other&gt;" in note
    figure, note = show(measured, "<other>", [RUNS[0].name], PARTS, False, 0)
    assert figure == gr.skip() and "experiment must be one of" in note
    assert show(measured, "all", [RUNS[0].name], PARTS, True, 0.5)[1] == ""


def test_an_experiment_opens_with_its_first_runs_and_their_curves(measured):
    elsewhere = measured.groups[-1].first + ["imagenette_looknet_ricap-other_s0"]
    menu, figure, note = open_experiment(measured, "imagenette", elsewhere, PARTS, False, 0)
    group = measured.groups[0]
    assert menu["value"] == group.first and dict(menu["choices"]) == {t: n for n, t in group.titles.items()}
    assert figure.count("<li>") == len(group.first) and note == ""
    kept, _, _ = open_experiment(measured, "all", group.first[:1], PARTS, False, 0)
    assert kept["value"] == group.first[:1] and open_experiment(measured, "all", [], PARTS, False, 0)[0]["value"] == []
    *untouched, note = open_experiment(measured, "<other>", [], PARTS, False, 0)
    assert untouched == [gr.skip(), gr.skip()] and "&lt;other&gt;" in note


def test_a_link_names_an_experiment_its_runs_or_both(measured):
    group, everything = measured.groups[0], measured.groups[-1]
    one = group.first[1]
    assert asked(measured, {"experiment": "imagenette"}) == (group, group.first)
    assert asked(measured, {"runs": one}) == (group, [one])
    assert asked(measured, {"runs": one, "experiment": "all"}) == (everything, [one])
    assert asked(measured, {"experiment": "imagenette", "runs": "none"}) == (group, [])
    for got in ({"experiment": "imagenette", "runs": "other"}, {"runs": "other"}, {"experiment": "other"}):
        with pytest.raises(InputError, match="(runs|experiment) must be one of .*; got 'other'"):
            asked(measured, got)


def test_a_bad_link_of_runs_is_told_once_and_changes_neither_menu(measured):
    experiment = gr.Dropdown(["imagenette", "all"], value="imagenette")
    parts = link_parts(measured, experiment, gr.CheckboxGroup([]))
    read = [part.read({"runs": "other"}) for part in parts]
    assert [update for update, _ in read] == [gr.skip(), gr.skip()] and len(read[0][1] + read[1][1]) == 1
    assert [part.read({}) for part in parts] == [(gr.skip(), [])] * 2


def test_a_bad_file_and_foreign_settings_are_one_sentence_each(measured, tmp_path):
    assert len(measured.problems) == 1 and measured.problems[0].startswith("broken.json must be")
    write(tmp_path, RUNS[0], 5.0, epochs=3)
    assert any(RUNS[0].name in problem for problem in Measured.read(tmp_path).foreign)


def test_tables_show_what_was_measured_and_nothing_else(measured):
    table = next(table for table in measured.tables if table.name == "imagenette")
    markup = table_card(table, measured.results)
    assert "each of ours: 1 run, 30 epochs, tested at 192 px, CPU</small></h3>" in markup
    rows = re.findall(r"<tr><th scope=\"row\">.*?</tr>", markup)
    for row, cell in zip(rows, fill(table, measured.results)[0].groups[0].cells, strict=True):
        assert re.findall(r"<td>(.*?)</td>", row)[0] == (f"<b>{cell.text()}</b>" if cell else "")
    assert "".join(rows).count("<b>") == len(RUNS) > 1
    for table in measured.tables:
        if not any(row.paper for row in table.rows):
            assert table_card(table, []) == ""
            continue
        empty = table_card(table, [])
        blocks = fill(table, [])
        ours = sum(group.ours for block in blocks for group in block.groups)
        assert empty.count("<td></td>") >= ours * len(table.rows) and "<small>0 run" not in empty


def test_what_is_not_the_same_of_all_is_told_where_it_holds(tmp_path):
    """All have one length, one has other hardware, one another size; of one alone its cell tells all."""
    table = next(table for table in read_tables() if table.name == "imagenette-long")
    hardware = {0: "CPU: x", 3: "NVIDIA <H200>: x", 4: "CPU: y"}
    for i, name in hardware.items():
        (run, *_) = table.runs(table.rows[i], table.columns[0], table.recipes[0])
        write(tmp_path, run, 10.0 + i, image_size=run.settings["image_size"], hardware=name)
    results = Measured.read(tmp_path).results
    markup = table_card(table, results)
    assert "each of ours: 1 run, 200 epochs</small></h3>" in markup
    told = dict(re.findall(r"<td><b>(.*?)</b> <small>(.*?)</small></td>", markup))
    assert told == {"10.00": "128 px, CPU", "13.00": "96 px, &lt;H200&gt;", "14.00": "96 px, CPU"}
    alone = table_card(table, results[:1])
    assert "each of ours" not in alone and "<small>1 run, 200 epochs, " not in alone.partition("<tbody>")[0]
    assert alone.count("1 run, 200 epochs, ") == 1


def test_a_column_s_heading_tells_what_its_numbers_share_and_no_more_than_once(tmp_path):
    table = next(table for table in read_tables() if table.name == "few")
    for count, recipe in enumerate(table.recipes[:2], 1):
        for row in table.rows[:2]:
            for run in table.runs(row, table.columns[0], recipe)[:count]:
                write(tmp_path, run, 30.0, epochs=run.settings["epochs"], image_size=run.settings["image_size"])
    markup = table_card(table, Measured.read(tmp_path).results)
    assert "each of ours: CPU</small>" in markup, "what all share is above"
    for column in ("a tenth of them, 200 epochs, 1 run", "a tenth of them, 1000 epochs, 2 runs"):
        assert f">ours <small>{column}</small></th>" in markup
    assert markup.count("200 epochs") == 1


def test_a_table_s_parts_stand_side_by_side():
    table = next(table for table in read_tables() if table.name == "wrn")
    rows = re.findall(r"<tr>.*?</tr>", table_card(table, []))
    assert len(rows) == 2 + len(table.rows) and "CIFAR-10</th>" in rows[0] and "CIFAR-100</th>" in rows[0]
    assert all(row.count("<td>") == 2 * len(table.columns) for row in rows[2:])


def test_every_number_of_the_paper_is_on_the_tab(read):
    markup = read(table_section(Measured(tables=tuple(read_tables()))))
    assert "Not measured yet: Imagenette, LookNet of 4.0 M parameters;" in markup and "<h3>Imagenette" not in markup
    for number in ("2.85 ± 0.06", "17.22 ± 0.20", "2.19 ± 0.08", "21.08", "62.84", "65.8", "3.74"):
        assert number in markup


def test_error_against_beta_has_a_chart_for_the_paper_s_columns_and_ours(measured, tmp_path):
    for run in choose_runs(all_runs(read_tables()), "cpu", "imagenette_looknet_ricap-tune.c100"):
        write(tmp_path, run, 30.0)
    for run in choose_runs(all_runs(read_tables()), "cpu", "imagenette_looknet_ricap-e50"):
        write(tmp_path, run, 30.0)
    markup = beta_section(Measured.read(tmp_path))
    assert "50 epochs" not in markup, "of two values of β there is no curve"
    titles = re.findall(r"<figcaption>(.*?)</figcaption>", markup)
    assert (
        "Imagenette, LookNet of 1.0 M parameters, small images: 16 epochs, 64 px" in titles
        and sum("CIFAR-100" in title for title in titles) == 1
    )
    assert beta_section(Measured(tables=measured.tables)).count("<figure>") == 2


def test_every_checkpoint_has_its_card(services, read):
    markup = checkpoint_section(services.models)
    assert markup.count("rx-made") == len(services.models.checkpoints) == 2
    assert "12.50 %" in read(markup) and "one <CPU>" not in markup and "one &lt;CPU&gt;" in markup


def test_a_card_tells_how_it_was_made_or_leaves_it_out():
    least = {"model": "looknet", "dataset": "pets", "epochs": 3, "seed": 0, "image_size": 96, "test_error": 1.5}
    least |= {"hardware": "CPU"}
    assert "undefined" not in checkpoint_card("T", "n", least) and "None" not in checkpoint_card("T", "n", least)
    full = least | {"parameters": 4_000_000, "batch_size": 64, "wall_time_s": 5400, "command": "train <x>"}
    assert "tested anew" not in checkpoint_card("T", "n", full)
    tested = checkpoint_card("T", "n", full | {"tested_by": {"commit": "d<f"}})
    assert "<dd>at 96 px after its training, by commit d&lt;f</dd>" in tested
    full |= {"versions": {"torch": "2.11"}, "commit": "abc"}
    markup = checkpoint_card("T", "n", full)
    for said in ("4.0 M parameters", "64", "90 min", "<code>train &lt;x&gt;</code>", "torch 2.11", "commit abc"):
        assert said in markup


def test_the_page_shows_the_tab_and_its_settings_are_live(services, measured):
    page = build(Services(services.pictures, services.models, measured))
    config = page.get_config_file()
    ids = {component["id"]: component["props"].get("elem_id") for component in config["components"]}
    events = [
        ({ids.get(target) for target, _ in dependency["targets"]}, dependency)
        for dependency in config["dependencies"]
        if dependency["backend_fn"]
    ]
    (event,) = [dependency for targets, dependency in events if {"rx-runs", "rx-run-log"} <= targets]
    assert not event["queue"] and event["trigger_mode"] == "always_last" and event["show_progress"] == "hidden"
    shown = " ".join(str(component["props"].get("value")) for component in config["components"])
    assert "broken.json must be" in shown and "<script>" not in shown
    assert escape(summary(findings(measured.tables, measured.results))) in shown


def test_the_link_carries_what_the_curves_were_measured_on(services, measured):
    with gr.Blocks():
        parts = build_tab(Services(services.pictures, services.models, measured))
    (part,) = [part for part in parts if "measured" in part.names]
    assert part.read({"measured": "test"}) == (["test"], [])
    assert part.read({"measured": "none"}) == ([], [])
