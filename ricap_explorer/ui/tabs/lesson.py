"""The Lesson: a short article whose pictures are computed while it is read and whose links set the page's state."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from dataclasses import asdict
from html import escape
from itertools import cycle, islice
from typing import Any
from urllib.parse import urlencode

import gradio as gr

from ...evidence import Evidence
from ...evidence.verdicts import best_pair, compared, highlights, without_repeats
from ...experiments.findings import findings, halves, summary
from ...experiments.measured import Measured
from ...experiments.tables import Table
from ...figures import lesson as figures
from ...figures.findings import clear_list, findings_tables
from ...lesson.convolve import KERNELS, greys
from ...lesson.overfit import fit
from ...words import unbroken
from ..answers import answered
from ..cam.looking import OWN, Question, look, ready
from ..patching import BETA, SEED, SLOTS, parse_seed, patch
from ..services import Services
from ..static_files import static

SCRIPTS = (
    "asked.js",
    "convolve.js",
    "lesson.js",
    "lesson_overfit.js",
    "lesson_convolve.js",
    "lesson_activate.js",
    "lesson_augment.js",
)
PICTURE = "sample:english-springer-2"
EXAMPLES = (  # beta, what is to be seen
    ("0.05", "one image fills nearly all"),
    ("0.3", "the paper’s choice"),
    ("1", "every boundary equally likely"),
    ("100", "four nearly equal parts"),
)
WAITING = 4  # readers who may wait for the networks at once; each holds one of the server's threads
PAPER_TABLES = {"paper": "wrn", "growth": "growth", "ablation": "ablation"}


def overfit(state: dict) -> dict[str, str]:
    """A state {"degree", "points", "seed"} as charts."""
    import numpy as np

    rng = np.random.default_rng(parse_seed(state["seed"]))
    return {"html": figures.overfit(fit(state["degree"], state["points"], rng))}


def grid(services: Services, picture: str) -> dict[str, Any]:
    """A picture's greys for the convolution, row by row."""
    pixels = greys(services.pictures.get(picture).image)
    return {"side": len(pixels), "pixels": pixels.flatten().tolist()}


def augment(services: Services, state: dict) -> dict[str, str]:
    """Every augmentation of the picture of a state {"picture", "seed"}."""
    from ...data.images import to_tensor
    from ...lesson.augmentations import augmented

    picture = services.pictures.get(state["picture"])
    shown = augmented(to_tensor(picture.image), parse_seed(state["seed"]))
    return {"html": figures.augmentations(picture.image, shown, picture.name)}


def activate(services: Services, state: dict) -> dict[str, str]:
    """The class activation map of a state {"picture", "network", "class"} and what it is made of; class "" is the
    network's own answer."""
    from ...figures.activation import activation
    from ...lesson.activation import take_apart

    looks = look(
        services, Question({"picture": state["picture"]}, [state["network"]], class_name=state["class"] or OWN)
    )
    (checkpoint,), (view,) = looks.checkpoints, looks.views
    with services.models.lock:
        apart = take_apart(*ready(services, looks.picture, checkpoint), view.classes[0])
    return {"html": activation(looks.photo, apart, view.class_names[apart.k])}


def examples(services: Services, slots: list[str]) -> dict[str, str]:
    """One draw of RICAP on the pictures of these ids at four betas, from nearly one image to four equal parts."""
    drawn = []
    for beta, words in EXAMPLES:
        patched = patch(services, slots, beta, SEED)
        drawn.append(figures.Example(query(beta, SEED, slots), f"β = {beta}", words, patched.image, patched.shares))
    return {"html": figures.examples(drawn)}


def query(beta: str, seed: str, slots: Sequence[str] = (), **more: str) -> str:
    """The link to a draw of these pictures in the Patch tab, or what `more` says.

    Without any it is of those that are shown. An upload cannot be in a link: one to a draw with any names no pictures,
    so that who follows it keeps theirs.
    """
    named = {}
    if slots and not any(slot.startswith("upload:") for slot in slots):
        named = {"images": ",".join(slot.removeprefix("sample:") for slot in slots)}
    return "?" + urlencode({"tab": "patch"} | named | {"beta": beta, "seed": seed} | more, safe=",")


def paper_tables(measured: Measured) -> dict[str, str]:
    """The paper's numbers that the article shows, as HTML by their place in it."""
    by_name = {table.name: table for table in measured.tables}
    return {place: _paper(by_name.get(name)) for place, name in PAPER_TABLES.items()}


def _paper(table: Table | None) -> str:
    return figures.paper_table(table) if table else '<p class="rx-hint">The table of these numbers is missing.</p>'


def measured_here(measured: Measured) -> str:
    """What our own runs and networks showed, whatever it is."""
    found = findings(measured.tables, measured.results)
    seen = [one for one in measured.evidence if compared(one)]
    longest = [one for one in seen if one.epochs == seen[0].epochs]
    said = [summary(found), halves(measured.tables, measured.results)]
    words = "".join(f"<p>{escape(text)}</p>" for text in said if text)
    return f"{clear_list(found)}{words}{findings_tables(found)}{''.join(map(_seen, without_repeats(longest)))}"


def _seen(evidence: Evidence) -> str:
    """What RICAP's best network does beside the standard one, on a whole validation set."""
    one, other = best_pair(evidence)
    items = "".join(f"<li>{unbroken(sentence)}</li>" for sentence in highlights(evidence, one))
    names = " beside ".join(escape(network.title) for network in (evidence.networks[one], evidence.networks[other]))
    about = f"({escape(evidence.subject)}), with the 95 % interval of the difference"
    return f"<p>{names} {about}:</p><ul>{items}</ul>"


def pictures_menu(services: Services) -> str:
    """The first sample of each class as options of a menu."""
    samples = {key: services.pictures.files[key][0] for key in services.pictures.ids("sample")}
    first = {PICTURE: samples[PICTURE]} if PICTURE in samples else {}
    for key, name in samples.items():
        if name not in first.values():
            first[key] = name
    return "".join(_option(key, name) for key, name in first.items())


def networks_menu(services: Services) -> dict[str, str]:
    """Options of two menus: the networks that are compared first, and the classes that they know."""
    shown = services.models.choose(services.models.default()) if services.models.checkpoints else []
    classes = ["", *shown[0].card["classes"]] if shown else []
    return {
        "networks": "".join(_option(checkpoint.name, checkpoint.title) for checkpoint in shown),
        "classes": "".join(_option(name, name or "its own answer") for name in classes),
    }


def _option(value: str, text: str) -> str:
    return f'<option value="{escape(value)}">{escape(text)}</option>'


def links(services: Services) -> dict[str, str]:
    """The article's links by name: a draw under every method, a patch and a picture through standard and RICAP."""
    shown = services.models.default()
    pair = {"models": ",".join(shown)} if shown else {}
    return {
        "compare": query(BETA, SEED),
        "patch": query("1", SEED, four_known(services), tab="cam", look="patch", **pair),
        "picture": "?" + urlencode({"tab": "cam", "look": services.opening} | pair, safe=",:"),
    }


def four_known(services: Services) -> list[str]:
    """Four pictures to patch for the networks: the page's first, or of their own data where they do not know those."""
    kind = services.opening.partition(":")[0]
    if kind == "sample":
        return SLOTS
    of_class: dict[str, str] = {}
    for key in services.pictures.ids(kind):
        of_class.setdefault(services.pictures.files[key][0], key)
    return list(islice(cycle(of_class.values()), 4))


def build(services: Services) -> gr.HTML:
    """Lay out the tab. Its server functions answer {"error": sentence} to bad input."""

    def fitted(state: dict) -> dict[str, Any]:
        return answered(overfit, state)

    def pixels(picture: str) -> dict[str, Any]:
        return answered(grid, services, picture)

    def augmented(state: dict) -> dict[str, Any]:
        return answered(augment, services, state)

    places = threading.BoundedSemaphore(WAITING)

    def activated(state: dict) -> dict[str, Any]:
        if not places.acquire(blocking=False):
            return {"error": "The networks are busy with others’ questions; please ask again."}
        try:
            return answered(activate, services, state)
        finally:
            places.release()

    def drawn(slots: list[str]) -> dict[str, Any]:
        return answered(examples, services, slots)

    return gr.HTML(
        None,
        html_template=static("lesson.html"),
        js_on_load=static(*SCRIPTS),
        server_functions=[fitted, pixels, activated, augmented, drawn],
        apply_default_css=False,
        elem_id="rx-lesson",
        measured=measured_here(services.measured),
        menu=pictures_menu(services),
        kernels={key: asdict(kernel) for key, kernel in KERNELS.items()},
        slots=SLOTS,
        links=links(services),
        **networks_menu(services),
        **paper_tables(services.measured),
    )
