"""The real page in a real browser: `python app.py` on a free port, Debian's chromium, networks of random weights."""

import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import torch

from ricap_explorer.bench.browser import BROWSERS, FLAGS
from ricap_explorer.classes import IMAGENETTE
from ricap_explorer.models import create_model
from ricap_explorer.zoo import write_checkpoint

if TYPE_CHECKING:
    from playwright.sync_api import BrowserContext, ConsoleMessage, Page

if not (find_spec("playwright") and find_spec("axe_playwright_python")) and not os.environ.get("CI"):
    collect_ignore_glob = ["test_*.py"]  # they need what requirements-dev.txt lists

ROOT = Path(__file__).parents[2]
CHROMIUM = next(filter(None, map(shutil.which, BROWSERS)), None)
JUMP = "--disable-smooth-scrolling"  # a screenful that still glides would run on over what a test scrolls to
PATIENCE = 60_000  # ms; a busy machine is no failure
CARD = {
    "dataset": "imagenette", "classes": list(IMAGENETTE.values()), "model": "looknet",
    "model_arguments": {"width": 8, "depth": 1}, "image_size": 96, "mean": [0.46, 0.45, 0.42],
    "std": [0.27, 0.26, 0.28], "seed": 0, "epochs": 3, "test_error": 12.5, "hardware": "CPU",
}  # fmt: skip
METHODS = {"standard": {}, "ricap": {"beta": 0.3, "per_sample": False}}
LEFT = ("AbortError:", "Unexpected error Connection errored out")  # Gradio's words when a page is left while it listens


@pytest.fixture(scope="session")
def checkpoints(tmp_path_factory) -> Path:
    """A folder with two networks whose map of every class is positive somewhere, and a file that is no checkpoint."""
    folder = tmp_path_factory.mktemp("checkpoints")
    for seed, (method, settings) in enumerate(METHODS.items(), 1):
        torch.manual_seed(seed)
        model = create_model("looknet", **CARD["model_arguments"])
        torch.nn.init.uniform_(model.classifier.weight)
        card = CARD | {"method": method, "method_settings": settings}
        write_checkpoint(folder / f"imagenette_looknet_{method}_s0.safetensors", model, card)
    (folder / "broken.safetensors").write_text("no checkpoint")
    return folder


@pytest.fixture(scope="session")
def url(checkpoints, tmp_path_factory) -> Iterator[str]:
    """Address of the running page; in the end the server must have logged no traceback."""
    folder = tmp_path_factory.mktemp("server")
    address = f"http://127.0.0.1:{free_port()}"
    command = [sys.executable, "app.py", "--port", address.rpartition(":")[2], "--threads", "1"]
    command += ["--checkpoints", str(checkpoints), "--data-dir", str(folder / "none")]
    with open(folder / "log", "w") as log:
        server = subprocess.Popen(
            command, cwd=ROOT, stdout=log, stderr=log, env=os.environ | {"GRADIO_TEMP_DIR": str(folder / "temp")}
        )
    try:
        wait_for(address, server, folder / "log")
        yield address
        told = (folder / "log").read_text()
    finally:
        server.terminate()
        try:
            server.wait(10)
        except subprocess.TimeoutExpired:
            server.kill()
            server.wait()
    assert "Traceback" not in told, told
    assert server.returncode == 0


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def wait_for(address: str, server: subprocess.Popen, log: Path, seconds: float = 90) -> None:
    """Until GET / answers 200."""
    end = time.monotonic() + seconds
    while server.poll() is None and time.monotonic() < end:
        try:
            if urllib.request.urlopen(address, timeout=5).status == 200:
                return
        except OSError:
            time.sleep(0.2)
    pytest.fail(f"the page did not come up:\n{log.read_text()}")


@pytest.fixture(scope="session")
def chromium() -> str:
    """The browser's path; without one the tests are skipped, but in continuous integration they fail."""
    if not CHROMIUM:
        reason = "the browser tests need chromium; install it with: sudo apt-get install chromium"
        (pytest.fail if os.environ.get("CI") else pytest.skip)(reason)
    return CHROMIUM


@pytest.fixture(scope="session")
def context(chromium, url) -> Iterator["BrowserContext"]:
    """One browser for all tests, so that they share its cache."""
    from playwright.sync_api import expect, sync_playwright

    expect.set_options(timeout=PATIENCE)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=[*FLAGS, JUMP])
        context = browser.new_context(base_url=url, viewport={"width": 1360, "height": 900})
        context.set_default_timeout(PATIENCE)
        yield context
        browser.close()


@pytest.fixture
def page(context) -> Iterator["Page"]:
    """The opened page. Fails on any error in it, any dialog, and any request that leaves this machine."""
    page, trouble = context.new_page(), []
    page.on("pageerror", lambda error: trouble.append(f"error: {error}"))
    page.on("console", lambda message: is_trouble(message) and trouble.append(f"console: {message.text}"))
    page.on("dialog", lambda dialog: (trouble.append(f"dialog: {dialog.message}"), dialog.dismiss()))
    page.on("request", lambda request: is_local(request.url) or trouble.append(f"request: {request.url[:200]}"))
    page.goto("/")
    page.locator("#rx-patch [data-ready]").wait_for()
    yield page
    page.close()
    assert trouble == []


def is_trouble(message: "ConsoleMessage") -> bool:
    return message.type == "error" and not message.text.startswith(LEFT)


def is_local(address: str) -> bool:
    return address.startswith(("http://127.0.0.1:", "data:", "blob:"))
