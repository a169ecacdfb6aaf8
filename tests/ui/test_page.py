"""The page as gradio will serve it: what it needs to start, how its events run, what it makes public."""

import re
import subprocess
import sys
from base64 import b64decode
from pathlib import Path
from xml.etree import ElementTree

import pytest

from ricap_explorer.figures.colour import REGION_COLOURS, REGION_INKS
from ricap_explorer.ui.page import build
from ricap_explorer.ui.theme import css, launch_options

ROOT = Path(__file__).parents[2]
LIVE = {("rx-gallery", "browse"), ("rx-cam-gallery", "browse")}
STARTING = """
import sys
from pathlib import Path
from ricap_explorer.ui.page import build
from ricap_explorer.ui.services import Services
services = Services.create(Path("assets"), Path(sys.argv[1]), Path("no data"))
build(services).get_config_file()
print(len(services.models.checkpoints), {"torch", "matplotlib", "pytorch_grad_cam"} & set(sys.modules))
"""


@pytest.fixture
def config(services) -> dict:
    return build(services).get_config_file()


@pytest.fixture
def events(config) -> list[tuple[set[tuple[str | None, str]], dict]]:
    """Every dependency with its triggers: (elem_id, event)."""
    names = {component["id"]: component["props"].get("elem_id") for component in config["components"]}
    return [
        ({(names.get(target), event) for target, event in dependency["targets"]}, dependency)
        for dependency in config["dependencies"]
    ]


def test_page_starts_without_torch(networks):
    answer = subprocess.run(
        [sys.executable, "-c", STARTING, networks], capture_output=True, text=True, cwd=ROOT, timeout=120
    )
    assert answer.stdout == "2 set()\n", answer.stderr


def test_every_id_is_there_once(config):
    ids = [component["props"].get("elem_id") for component in config["components"]]
    ids = [elem_id for elem_id in ids if elem_id]
    assert len(ids) == len(set(ids)) and all(elem_id.startswith("rx-") for elem_id in ids)
    assert {"rx-patch", "rx-gallery", "rx-link", "rx-link-note"} <= set(ids)
    assert {"rx-target", "rx-models", "rx-method", "rx-class", "rx-scale", "rx-colours", "rx-opacity"} <= set(ids)


def test_live_events_skip_the_queue_and_end_with_the_last_value(events):
    seen = set()
    for triggers, dependency in events:
        if triggers <= LIVE and not dependency["queue"]:
            seen |= triggers
            assert dependency["trigger_mode"] == "always_last"
            assert dependency["show_progress"] == "hidden", triggers
    assert seen == LIVE


def test_whatever_runs_a_network_waits_its_turn(services):
    """Queued, one at a time for all of them, and the last click wins."""
    page = build(services)
    settings = {"rx-models", "rx-method", "rx-class", "rx-scale", "rx-colours"}
    running = [fn for fn in page.fns.values() if fn.concurrency_id == "models"]
    assert all(fn.queue and fn.concurrency_limit == 1 for fn in running)
    assert all(fn.trigger_mode == "always_last" for fn in running if fn.api_visibility == "private")
    triggers = {getattr(page.blocks.get(target), "elem_id", None) for fn in running for target, _ in fn.targets}
    assert settings <= triggers


def test_opacity_asks_nobody(events):
    ((_, dependency),) = [event for event in events if ("rx-opacity", "input") in event[0]]
    assert not dependency["backend_fn"] and dependency["js"]


def test_exactly_two_endpoints_are_public(events):
    public = [dependency["api_name"] for _, dependency in events if dependency["api_visibility"] == "public"]
    assert public == ["patch", "cam"]


def test_page_is_built_without_any_network(pictures, tmp_path):
    from ricap_explorer.ui.services import Models, Services

    (tmp_path / "broken.safetensors").write_text("<b>")
    assert build(Services(pictures, Models.find(tmp_path))).get_config_file()["components"]


def test_region_colours_are_the_style_sheet_s():
    for k, colour in enumerate(REGION_COLOURS, 1):
        assert f"--r{k}:{colour};" in css()
        assert f'[data-region="{k - 1}"]{{--ink:{REGION_INKS[k - 1]};}}' in css()
    for numbered in (".rx-badge", ".rx-key"):
        rule = re.search(re.escape(f"\n{numbered} {{") + r"[^}]*", css())[0]
        assert "color: var(--ink)" in rule
        assert "font-" not in rule.replace("var(--font", "")  # beside it the browser drops a `font` with a variable


def test_no_media_rule_names_what_gradio_puts_before_it():
    """Gradio puts `.gradio-container … .contain` before each rule inside @media: nothing outside is found there."""
    rules = re.findall(r"@media[^{]*\{((?:[^{}]*\{[^{}]*\})*)", css())
    assert len(rules) > 10
    assert not re.search(r"gradio-container|:root|\.dark", "".join(rules))


def test_launching_keeps_the_page_on_this_machine():
    options = launch_options()
    assert not any(options[name] for name in ("ssr_mode", "run_history", "enable_monitoring", "show_error"))
    assert options["max_file_size"] == "200mb"  # of an own network; pictures have their own, smaller limit
    assert options["footer_links"] == [] and "http" not in css()
    icon = re.search(r'rel="icon" href="data:image/svg\+xml;base64,([^"]+)"', options["head"])[1]
    drawn = ElementTree.fromstring(b64decode(icon))
    assert [region.get("fill") for region in drawn] == list(REGION_COLOURS)


def test_launching_does_not_hang_on_how_fast_the_machine_answers(services, monkeypatch):
    """Gradio gives up where the page's head takes it more than 3 s, as on a busy machine."""
    monkeypatch.setattr("gradio.networking.url_ok", lambda url: False)
    page = build(services)
    page.launch(prevent_thread_lock=True, **launch_options())
    page.close()
