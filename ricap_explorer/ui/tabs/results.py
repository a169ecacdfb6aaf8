"""The Results tab: does RICAP err less, learning curves, evidence, tables, error against β, checkpoints' cards."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from html import escape
from typing import Any

import gradio as gr

from ...errors import InputError, choose
from ...experiments.findings import findings, summary
from ...experiments.groups import RunGroup, containing
from ...experiments.measured import Measured
from ...experiments.report import beta_lines
from ...figures.betas import beta_chart
from ...figures.curves import MEASURES, PARTS, curves, legend
from ...figures.evidence import evidence_section
from ...figures.findings import clear_list, findings_tables
from ...figures.retrieval import retrieval_card
from ...figures.tables import checkpoint_card, table_card
from ...retrieval.record import TABLE
from .. import link
from ..events import LIVE
from ..services import Models, Services

PART_TITLES = {"test": "test", "train": "training"}


def draw(
    measured: Measured, experiment: str, names: Sequence[str], parts: Sequence[str], log: bool, smoothing: float
) -> str:
    """The curves of an experiment's chosen runs as HTML, with their legend; InputError for an unknown one.

    Runs that are not the experiment's are left out: they were chosen when the answer with its own was on its way.
    """
    titles = _group(measured, experiment).titles
    known = {result.name: result for result in measured.results}
    for name in names:
        choose("runs", name, known)
    chosen = [known[name] for name in names if name in titles]
    if not chosen:
        return '<p class="rx-hint">Choose a run to see its curves.</p>'
    charts = "".join(
        f"<figure><figcaption>{title}</figcaption>{curves(chosen, titles, measure, parts, log, smoothing)}</figure>"
        for measure, title in MEASURES.items()
    )
    return f'<div class="rx-charts">{charts}</div>{legend(chosen, titles)}'


def show(measured: Measured, *settings: Any) -> tuple:
    """(the curves, a sentence for bad input, which leaves the last good curves); settings: `draw`'s."""
    try:
        return draw(measured, *settings), ""
    except InputError as error:
        return gr.skip(), escape(str(error))


def answer_section(measured: Measured) -> str:
    """What all runs say together of RICAP beside other methods, and every pair that says it."""
    found = findings(measured.tables, measured.results)
    return (
        '<section class="rx-card rx-verdict"><h2>Does RICAP err less? <small>test error in % beside other '
        "methods; where several crops or learning rates were tried, the best of each</small></h2>"
        f"{clear_list(found)}<p>{escape(summary(found))}</p>{findings_tables(found)}</section>"
    )


def _group(measured: Measured, name: str) -> RunGroup:
    groups = {group.name: group for group in measured.groups}
    return groups[choose("experiment", name, groups)]


def menu(group: RunGroup, chosen: Sequence[str]) -> dict[str, Any]:
    """The runs of an experiment to choose from, and those that are."""
    return {"choices": [(title, name) for name, title in group.titles.items()], "value": list(chosen)}


def open_experiment(measured: Measured, name: str, chosen: Sequence[str], *settings: Any) -> tuple:
    """(its menu of runs, then as `show`): an experiment with the runs that were chosen, if it has them all, else with
    those that it begins with."""
    try:
        group = _group(measured, name)
    except InputError as error:
        return gr.skip(), gr.skip(), escape(str(error))
    chosen = chosen if set(chosen) <= set(group.titles) else group.first
    return gr.update(**menu(group, chosen)), *show(measured, name, chosen, *settings)


def asked(measured: Measured, got: dict[str, str]) -> tuple[RunGroup, Sequence[str]]:
    """(experiment, its chosen runs) of a link that names either or both; InputError where they do not fit."""
    group, names = measured.groups[-1], link.listed(got.get("runs", ""))
    if "experiment" in got:
        group = _group(measured, got["experiment"])
    for name in names:
        choose("runs", name, group.titles)
    if "experiment" not in got:
        group = containing(measured.groups, names)
    return group, names if "runs" in got else group.first


def link_parts(measured: Measured, experiment: gr.Dropdown, runs: gr.CheckboxGroup) -> list[link.Part]:
    """The experiment and its runs: what either is hangs on both."""

    def read_experiment(got: dict[str, str]) -> tuple[Any, list[str]]:
        try:
            return asked(measured, got)[0].name if got else gr.skip(), []
        except InputError:
            return gr.skip(), []  # the runs' part tells it

    def read_runs(got: dict[str, str]) -> tuple[Any, list[str]]:
        try:
            return gr.update(**menu(*asked(measured, got))) if got else gr.skip(), []
        except InputError as error:
            return gr.skip(), [str(error)]

    names = ("experiment", "runs")
    chosen = link.choice("experiment", experiment, [])
    of_it = link.choices("runs", runs, [])
    return [replace(chosen, names=names, read=read_experiment), replace(of_it, names=names, read=read_runs)]


def beta_section(measured: Measured) -> str:
    """Error against β, a chart for each column of a table that tries several."""
    charts = [
        beta_chart(lines, f"{table.subject}: {_once(title, column.title, table.title)}")
        for table in measured.tables
        for column in table.columns
        for title, lines in beta_lines(table, column, measured.results).items()
        if any(len(line.points) > 2 for line in lines)  # two are a difference, which the table tells
    ]
    return (
        '<section class="rx-card"><h2>Error against β <small>the paper’s hollow and dashed, ours full; bars are '
        f'standard deviations</small></h2><div class="rx-charts rx-proofs">{"".join(charts)}</div></section>'
    )


def _once(title: str, column: str, table: str) -> str:
    """A chart's title without its column's, where the table's tells that already."""
    return title.removeprefix(f"{column}, ") if column in table else title


def table_section(measured: Measured) -> str:
    """Every table that has a number, the paper's first, and the names of the others."""
    cards = [(table, table_card(table, measured.results)) for table in measured.tables]
    retrieval = "".join(map(retrieval_card, measured.retrieval))
    papers = [card + retrieval * (table.name == TABLE) for table, card in cards if table.of_the_paper]
    own = [card for table, card in cards if not table.of_the_paper]
    empty = "; ".join(table.title for table, card in cards if not card)
    rest = f'<p class="rx-hint rx-rest">Not measured yet: {escape(empty)}.</p>' if empty else ""
    return (
        '<h2 class="rx-heading">The paper’s tables <small>Takahashi et al. 2018, and ours beside them: mean ± standard '
        f"deviation, runs, epochs, hardware. Empty: not measured here yet.</small></h2>"
        f'<div class="rx-tables">{"".join(papers)}</div>'
        '<h2 class="rx-heading">Our own experiments <small>what the results follow from, measured here</small></h2>'
        f'<div class="rx-tables">{"".join(own)}</div>{rest}'
    )


def checkpoint_section(models: Models) -> str:
    """The card of every published checkpoint."""
    cards = "".join(checkpoint_card(c.title, c.name, c.card) for c in models.checkpoints.values())
    empty = '<p class="rx-hint">The checkpoints folder holds none.</p>'
    return (
        '<h2 class="rx-heading">Checkpoints <small>test error; at a click how each was made, and the command '
        f'that makes it again</small></h2><div class="rx-tables">{cards or empty}</div>'
    )


def build(services: Services) -> list[link.Part]:
    """Lay out the tab and wire it; what it contributes to the page's link."""
    measured = services.measured
    groups = measured.groups
    gr.HTML(answer_section(measured), apply_default_css=False)
    experiment = gr.Dropdown(
        [(group.title, group.name) for group in groups],
        value=groups[0].name,
        label="Experiment",
        elem_id="rx-experiment",
    )
    with gr.Row(elem_classes="rx-columns"):
        with gr.Column(scale=0, min_width=272, elem_classes="rx-side"):
            runs = gr.CheckboxGroup(**menu(groups[0], groups[0].first), label="Runs", elem_id="rx-runs")
            parts = gr.CheckboxGroup(
                [(PART_TITLES[part], part) for part in PARTS],
                value=list(PARTS), label="Measured on",
            )  # fmt: skip
            log = gr.Checkbox(False, label="Logarithmic scale", elem_id="rx-run-log")
            smoothing = gr.Slider(
                0, 0.95, 0, step=0.05, label="Smoothing", info="share of the past in a moving average",
                interactive=True,
            )  # fmt: skip
        with gr.Column(min_width=300, elem_classes="rx-main"):
            note = gr.HTML("", html_template='<p class="rx-alert" role="alert">${value}</p>')
            for told in (*(f"Not shown: {problem}" for problem in measured.problems), *measured.foreign):
                gr.HTML(f'<p class="rx-hint">{escape(told)}</p>', apply_default_css=False)
            with gr.Column(elem_classes="rx-card"):
                gr.HTML(CURVES_HEAD, apply_default_css=False)
                first = draw(measured, groups[0].name, groups[0].first, PARTS, False, 0)
                figure = gr.HTML(first, apply_default_css=False, elem_id="rx-run-curves")
    made = checkpoint_section(services.models)
    for section in (evidence_section(measured.evidence), table_section(measured), beta_section(measured), made):
        gr.HTML(section, apply_default_css=False)
    settings = [parts, log, smoothing]
    # Values as they come: Gradio would refuse runs of the experiment before, asked for while the answer is on its way.
    quiet = {"preprocess": False, **LIVE}
    # Not where a link brings an experiment: its runs come with it.
    experiment.input(
        lambda *v: open_experiment(measured, *v), [experiment, runs, *settings], [runs, figure, note], **quiet
    )
    gr.on(
        [setting.change for setting in (runs, *settings)],
        lambda *v: show(measured, *v),
        [experiment, runs, *settings],
        [figure, note],
        **quiet,
    )
    chosen = link_parts(measured, experiment, runs)
    drawn = [link.choices("measured", parts, PARTS, PARTS), link.switch("log", log)]
    return [*chosen, *drawn, link.number("smoothing", smoothing)]


CURVES_HEAD = """
<h2>Learning curves <small>test solid, training dashed</small></h2>
<p class="rx-hint">The training error of a method that mixes labels counts a prediction by its class’s share: even a
perfect network errs there, so compare methods by their test curves.</p>
"""
