"""The Results tab: learning curves, tables with ours beside the paper's, error against β, checkpoints' cards."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

import gradio as gr

from ...errors import InputError, choose
from ...experiments.measured import Measured
from ...experiments.report import beta_lines
from ...experiments.results import Result
from ...experiments.tables import Table
from ...figures.curves import MEASURES, PARTS, beta_chart, curves, legend, length
from ...figures.tables import checkpoint_card, table_card
from ...titles import METHOD_TITLES, run_title
from .. import link
from ..services import Models, Services
from .evidence import evidence_section
from .patch import LIVE

FIRST = 6  # runs shown at first
PART_TITLES = {"test": "test", "train": "training"}


def draw(measured: Measured, names: Sequence[str], parts: Sequence[str], log: bool, smoothing: float) -> str:
    """The curves of the chosen runs as HTML, with their legend; InputError for an unknown run."""
    known = {result.name: result for result in measured.results}
    for name in names:
        choose("run", name, known)
    chosen = [known[name] for name in names]
    if not chosen:
        return '<p class="rx-hint">Choose a run to see its curves.</p>'
    charts = "".join(
        f"<figure><figcaption>{title}</figcaption>{curves(chosen, measure, parts, log, smoothing)}</figure>"
        for measure, title in MEASURES.items()
    )
    return f'<div class="rx-charts">{charts}</div>{legend(chosen)}'


def show(measured: Measured, names: list[str], parts: list[str], log: bool, smoothing: float) -> tuple:
    """(the curves, a sentence for bad input, which leaves the last good curves)"""
    try:
        return draw(measured, names, parts, log, smoothing), ""
    except InputError as error:
        return gr.skip(), escape(str(error))


def first_runs(measured: Measured) -> list[str]:
    """The runs to begin with: one for each row of the first table with results, all of its last recipe with any."""
    names = {result.name for result in measured.results}
    for table in measured.tables:
        for recipe in reversed(table.recipes):
            found = [table.runs(row, table.columns[0], recipe)[0].name for row in table.rows]
            if names & set(found):
                return [name for name in found if name in names]
    return [result.name for result in measured.results[:FIRST]]


def choices(results: Sequence[Result]) -> list[tuple[str, str]]:
    """(what a run is called, its name), runs of a kind together, the longest first, those that tuned last; the data set
    is told where there are several."""
    longest: dict[tuple[str, str], int] = {}
    for result in results:
        longest[_subject_of(result)] = max(longest.get(_subject_of(result), 0), result.card["epochs"])
    ordered = sorted(results, key=lambda result: _kind(result, longest[_subject_of(result)]))
    return [(_choice(result, len(longest) > 1), result.name) for result in ordered]


def _subject_of(result: Result) -> tuple[str, str]:
    return result.card["dataset"], result.card["model"]


def _kind(result: Result, longest: int) -> tuple:
    methods = list(METHOD_TITLES)
    card = result.card
    method = methods.index(card["method"]) if card["method"] in methods else len(methods)
    return (
        bool(card.get("holdout")),
        -longest,
        *_subject_of(result),
        -card["epochs"],
        method,
        run_title(card | {"seed": 0}),
        card["seed"],
    )


def _choice(result: Result, several: bool) -> str:
    data = f"{result.card['dataset']}, {result.card['model']}: " if several else ""
    return f"{data}{run_title(result.card)}, {length(result)}"


def beta_section(measured: Measured) -> str:
    """Error against β, a chart for each column of a table that tries several."""
    charts = [
        beta_chart(lines, f"{_subject(table)}: {title}")
        for table in measured.tables
        for column in table.columns
        for title, lines in beta_lines(table, column, measured.results).items()
        if any(len(line.points) > 1 for line in lines)  # one β alone is no curve
    ]
    return (
        '<section class="rx-card"><h2>Error against β <small>the paper’s hollow and dashed, ours full; bars are '
        f'standard deviations</small></h2><div class="rx-charts rx-betas">{"".join(charts)}</div></section>'
    )


def _subject(table: Table) -> str:
    return table.title.removeprefix("Ablation, ").removeprefix("Ablation on ")


def table_section(measured: Measured) -> str:
    """Every table."""
    cards = "".join(table_card(table, measured.results) for table in measured.tables)
    return (
        '<h2 class="rx-heading">Tables <small>The paper’s numbers (Takahashi et al. 2018), and ours beside them: '
        "mean ± standard deviation, runs, epochs, hardware. What nobody has measured here is empty.</small></h2>"
        f'<div class="rx-tables">{cards}</div>'
    )


def checkpoint_section(models: Models) -> str:
    """The card of every published checkpoint."""
    cards = "".join(checkpoint_card(c.title, c.name, c.card) for c in models.checkpoints.values())
    empty = '<p class="rx-hint">The checkpoints folder holds none.</p>'
    return (
        '<h2 class="rx-heading">Published checkpoints <small>test error, how each was made, and the command that makes '
        f'it again</small></h2><div class="rx-tables">{cards or empty}</div>'
    )


@dataclass(frozen=True)
class ResultsTab:
    """What the tab contributes to the page's link."""

    parts: list[link.Part]


def build(services: Services) -> ResultsTab:
    """Lay out the tab and wire it."""
    measured = services.measured
    first = first_runs(measured)
    with gr.Row(elem_classes="rx-columns"):
        with gr.Column(scale=0, min_width=272, elem_classes="rx-side"):
            runs = gr.CheckboxGroup(choices(measured.results), value=first, label="Runs", elem_id="rx-runs")
            parts = gr.CheckboxGroup(
                [(PART_TITLES[part], part) for part in PARTS],
                value=list(PARTS), label="Measured on", elem_id="rx-run-parts",
            )  # fmt: skip
            log = gr.Checkbox(False, label="Logarithmic scale", elem_id="rx-run-log")
            smoothing = gr.Slider(
                0, 0.95, 0, step=0.05, label="Smoothing", info="share of the past in a moving average",
                interactive=True, elem_id="rx-smoothing",
            )  # fmt: skip
        with gr.Column(min_width=300, elem_classes="rx-main"):
            note = gr.HTML("", html_template='<p class="rx-alert" role="alert">${value}</p>', elem_id="rx-runs-note")
            for problem in measured.problems:
                gr.HTML(f'<p class="rx-hint">Not shown: {escape(problem)}</p>', apply_default_css=False)
            with gr.Column(elem_classes="rx-card"):
                gr.HTML(CURVES_HEAD, apply_default_css=False)
                figure = gr.HTML(
                    draw(measured, first, PARTS, False, 0), apply_default_css=False, elem_id="rx-run-curves"
                )
    made = checkpoint_section(services.models)
    for section in (evidence_section(measured.evidence), table_section(measured), beta_section(measured), made):
        gr.HTML(section, apply_default_css=False)
    settings = [runs, parts, log, smoothing]
    gr.on(
        [setting.change for setting in settings],
        lambda *v: show(measured, *v),
        settings,
        [figure, note],
        api_visibility="private",
        **LIVE,
    )
    names = [result.name for result in measured.results]
    return ResultsTab([link.choices("runs", runs, names), link.switch("log", log), link.number("smoothing", smoothing)])


CURVES_HEAD = """
<h2>Learning curves <small>test solid, training dashed</small></h2>
<p class="rx-hint">The training error of a method that mixes labels counts a prediction by its class’s share: even a
perfect network errs there, so compare methods by their test curves.</p>
"""
