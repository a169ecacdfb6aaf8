"""A section of the tab that opens and closes, and computes only while it is open."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from html import escape
from typing import Any

import gradio as gr

from ...errors import InputError
from ...zoo import Checkpoint
from ..events import MODELS, QUIET
from ..services import Services
from .looking import question_of


@dataclass(frozen=True)
class Section:
    """`opened` says whether it is open; `expand` is the event of its opening."""

    opened: gr.Checkbox
    expand: Callable[..., Any]

    def follow(self, looks: gr.HTML, compute: Callable[..., Any], inputs: list, shown: Any) -> None:
        """Compute what is `shown` again whenever the looks have changed, while the section is open.

        A step of its own after the change: Gradio repeats the whole event for one listener that had to wait, and each
        of several would make the others wait again, without end.
        """
        looks.change(None, None, None, js="() => []", **QUIET).then(
            lambda opened, *values: compute(*values) if opened else gr.skip(),
            [self.opened, *inputs],
            shown,
            show_progress="minimal",
            **MODELS,
        )


@contextmanager
def section(title: str, elem_id: str) -> Iterator[Section]:
    """Lay out what comes within it in a section that is closed at first."""
    with gr.Accordion(title, open=False, elem_id=elem_id, elem_classes="rx-fold") as accordion:
        opened = gr.Checkbox(False, visible=False)  # known to the browser: a new server would have forgotten it
        yield Section(opened, accordion.expand)
    accordion.expand(None, None, opened, js="() => true", **QUIET)
    accordion.collapse(None, None, opened, js="() => false", **QUIET)


def told(compute: Callable[..., str], services: Services, own: dict[str, Checkpoint], *values: Any) -> str:
    """What a section shows, with one's own networks among all; for bad input the sentence that says so instead.

    values: those of a question, then what else the section asks.
    """
    question, further = question_of(values)
    try:
        return compute(services.plus(own), question, *further)
    except InputError as error:
        return alert(error)


def alert(sentence: InputError | str) -> str:
    """What is wrong, where a section's content would be."""
    return f'<p class="rx-alert" role="alert">{escape(str(sentence))}</p>'
