"""On many images: the chosen networks over a part of the validation set, in numbers, and where they differ most."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import gradio as gr

from ...cam.methods import FAITH_TITLES
from ...errors import InputError
from ...words import several
from ..events import LIVE, QUIET
from ..pictures import MAX_UPLOAD_MB
from ..services import Services
from .section import alert, section

if TYPE_CHECKING:
    from ...cam.many import Survey, SurveyPlan
    from ...cam.sample import Sample
    from ...figures.survey import Divider

COUNT = 200
SEED = 0
GALLERY = 12
OPEN = """
element.addEventListener("click", (event) => {
  const button = event.target.closest("[data-id]");
  if (!button) return;
  props.value = { ...props.value, picked: button.dataset.id };
  trigger("pick");
  document.querySelector("#rx-looks").scrollIntoView();
});
"""
WAITING = """() => {
  if (!document.querySelector("#rx-many-cancel").disabled) return; // a run is under way
  delete document.querySelector("#rx-many").dataset.cancelled;
  const told = '<p class="rx-hint" role="status">Waiting for its turn: one run goes at a time.</p>';
  return [told, {__type__: "update", interactive: true}];
}"""  # in the browser: before its turn the server answers nothing
CANCELLED = """() => {
  document.querySelector("#rx-many").dataset.cancelled = "";
  return [];
}"""
FAILED = """() => {
  if ("cancelled" in document.querySelector("#rx-many").dataset) return; // Gradio calls that a failure, too
  const told = '<p class="rx-alert" role="alert">The run failed; the server’s log says why.</p>';
  return [told, {__type__: "update", interactive: false}];
}"""
ABOUT = (
    '<p class="rx-hint">What one picture shows may be chance. Here the chosen networks see images drawn at random, the '
    "same for all of them: of the validation set or, where they all held out the same training images, of those.</p>"
)


@dataclass(frozen=True)
class Ran:
    """A survey and the images it is of."""

    sample: Sample
    survey: Survey


def run(
    services: Services,
    names: list[str],
    method: str,
    count: Any,
    explained: str,
    groups: list[str],
    layer: str = "last",
) -> Iterator[tuple[str, Ran | None]]:
    """(progress as HTML, the survey so far) after every batch; InputError for bad input, before the first."""
    from ...cam.many import SurveyPlan, survey
    from ...cam.sample import batches_for, sample_of

    plan = SurveyPlan(method, explained, tuple(groups), layer)
    checkpoints = services.models.choose(names)
    if services.data_dir is None:
        raise InputError("the data set must lie in the data folder; the page was started without one")
    cards = [checkpoint.card for checkpoint in checkpoints]
    asked = whole(count)
    sample = sample_of(
        cards, services.data_dir, asked, SEED, or_fewer=asked == COUNT
    )  # which stands there, unasked for
    yield progress(0, len(sample)), None
    models = [services.models.load(checkpoint) for checkpoint in checkpoints]
    batches = batches_for(cards, sample, at_once(plan))
    steps = survey(models, cards, [checkpoint.title for checkpoint in checkpoints], batches, plan)
    while True:
        time.sleep(0.005)  # others get their turn between two batches
        with services.models.lock:
            found = next(steps, None)
        if found is None:
            return
        yield progress(len(found), len(sample)), Ran(sample, found)


def at_once(plan: SurveyPlan) -> int:
    """How many images are measured before others get their turn: one alone where it takes each network many passes."""
    return 8 if plan.light else 1


def whole(count: Any) -> int:
    """A number of images as the page's field gives it; InputError unless it is whole."""
    if isinstance(count, bool) or not isinstance(count, int | float) or count % 1:
        got = "nothing" if count is None else repr(count)
        raise InputError(f"the number of images must be a whole number; got {got}")
    return int(count)


def progress(done: int, total: int) -> str:
    """A bar, and how many images are done."""
    images = several(total, "image")
    words = f"{done} of {images}" if done < total else images
    return (
        f'<div class="rx-progress" role="progressbar" aria-valuemin="0" aria-valuemax="{total}" aria-valuenow="{done}"'
        f' aria-label="{words}"><i style="--p:{done / total:.3f}"></i><span>{words}</span></div>'
    )


def summary(ran: Ran) -> str:
    """Tables and charts of a survey, and its numbers as a file, as HTML."""
    import numpy as np

    from ...cam.summary import as_csv
    from ...figures.encode import data_uri
    from ...figures.survey import survey_page

    rng = np.random.default_rng(SEED)
    uri = data_uri(as_csv(ran.survey, ran.sample.names, ran.sample.classes).encode(), "text/csv")
    link = f'<a class="rx-chip" download="cam-many-images.csv" href="{uri}">CSV</a>'
    return survey_page(ran.survey, rng) + f'<p class="rx-takes">{link}</p>'


def divide(services: Services, ran: Ran | None, measure: str, first: str, second: str) -> str:
    """The images on which two networks of a survey differ most in a measure, as HTML; nothing without such a pair."""
    from ...cam.summary import most_different
    from ...figures.survey import dividers

    titles = ran.survey.titles if ran else ()
    if first not in titles or second not in titles or first == second:
        return ""
    measure = measure if measure in ran.survey.numbers else "probability"
    pair = (titles.index(first), titles.index(second))
    found = most_different(ran.survey.numbers[measure], *pair, GALLERY)
    return dividers([_divider(services, ran, i, measure, pair) for i in found], measure, (first, second))


def _divider(services: Services, ran: Ran, i: int, measure: str, pair: tuple[int, int]) -> Divider:
    from ...figures.encode import jpeg_uri, png_bytes
    from ...figures.survey import Divider, as_number

    picture, path = ran.sample.image(i).permute(1, 2, 0).numpy(), ran.sample.path(i)
    known = services.pictures.by_path.get(path)
    if known is None:
        whole = path and path.stat().st_size <= MAX_UPLOAD_MB * 2**20
        content = path.read_bytes() if whole else png_bytes(picture)
        known = services.pictures.add(content, f"{ran.sample.classes[ran.survey.labels[i]]}.png").id
    lines = tuple(
        f"{ran.survey.titles[m]}: {as_number(ran.survey.numbers[measure][m, i], measure)}, "
        f"{ran.sample.classes[ran.survey.answers[m, i]]}"
        for m in pair
    )
    return Divider(known, jpeg_uri(picture, 80), ran.sample.classes[ran.survey.labels[i]], lines)


def build(services: Services, own: gr.State, models: Any, method: Any, layer: Any) -> gr.HTML:
    """Lay out the section; gives the component whose `.pick` says that an image shall be opened."""
    from ...cam.methods import EXPLAINED, MEASURE_TITLES

    with section("On many images", "rx-many"):
        gr.HTML(ABOUT, apply_default_css=False)
        with gr.Row(elem_classes="rx-asked"):
            count = gr.Number(COUNT, label="Images")
            explained = gr.Radio(
                [(title, key) for key, title in EXPLAINED.items()], value="truth",
                label="Class to explain",
            )  # fmt: skip
        groups = gr.CheckboxGroup(
            [(title, group) for group, title in FAITH_TITLES.items()], value=[], label="Also measure"
        )
        with gr.Row(elem_classes="rx-asked"):
            start = gr.Button("Run", variant="primary", size="sm", elem_id="rx-many-run")
            cancel = gr.Button("Cancel", size="sm", interactive=False, elem_id="rx-many-cancel")
        bar = gr.HTML("", elem_id="rx-many-bar", apply_default_css=False)
        shown = gr.HTML("", apply_default_css=False)
        with gr.Row(elem_classes="rx-asked", visible=False) as menus:
            measure = gr.Dropdown(
                [(title, key) for key, title in MEASURE_TITLES.items()], value="probability",
                label="Where they differ in",
            )  # fmt: skip
            first = gr.Dropdown([], label="Between")
            second = gr.Dropdown([], label="and")
        pictures = gr.HTML(
            {"markup": "", "picked": None},
            html_template="${value.markup}",
            js_on_load=OPEN,
            apply_default_css=False,
        )
    ran = gr.State(None)

    def go(own: dict, *inputs: Any) -> Iterator[tuple]:
        """Progress after every batch, results in the end; a bad input leaves the last results."""
        last = None
        try:
            for words, found in run(services.plus(own), *inputs):
                last = found or last
                yield words, gr.skip(), gr.skip(), gr.update(interactive=True)
            yield gr.skip(), summary(last), last, gr.update(interactive=False)
        except InputError as error:
            yield alert(error), gr.skip(), gr.skip(), gr.update(interactive=False)

    start.click(None, None, [bar, cancel], js=WAITING, **QUIET)
    running = start.click(
        go, [own, models, method, count, explained, groups, layer], [bar, shown, ran, cancel],
        concurrency_id="survey", concurrency_limit=1, trigger_mode="once", **QUIET | {"queue": True},
    )  # fmt: skip
    running.failure(None, None, [bar, cancel], js=FAILED, **QUIET)
    cancel.click(
        lambda: ('<p class="rx-hint" role="status">Cancelled.</p>', gr.update(interactive=False)),
        None, [bar, cancel], cancels=[running], js=CANCELLED, **QUIET,
    )  # fmt: skip

    def offer(found: Ran | None) -> tuple:
        """The menus for a new survey, and its pictures."""
        if found is None:
            return (gr.skip(),) * 5
        titles = list(found.survey.titles)
        one, other = titles[0], titles[-1]
        markup = divide(services, found, "probability", one, other)
        named = [name for name in MEASURE_TITLES if name in found.survey.numbers]
        menu = gr.update(choices=[(MEASURE_TITLES[name], name) for name in named], value="probability")
        pair = (gr.update(choices=titles, value=one), gr.update(choices=titles, value=other))
        return gr.update(visible=len(titles) > 1), menu, *pair, {"markup": markup, "picked": None}

    running.success(offer, ran, [menus, measure, first, second, pictures], **QUIET)
    gr.on(
        [measure.input, first.input, second.input],
        lambda *v: {"markup": divide(services, *v), "picked": None},
        [ran, measure, first, second], pictures, **LIVE,
    )  # fmt: skip
    return pictures
