"""What a visitor waits for, in a real browser: from an event to the frame that shows its outcome.

Needs chromium and the package playwright (requirements-dev.txt).
"""

import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from statistics import median, quantiles
from typing import TYPE_CHECKING

from ..errors import InputError
from .measure import Row
from .page import server, two_checkpoints

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

BROWSERS = ("chromium", "chromium-browser", "google-chrome")
FLAGS = "--no-sandbox --disable-gpu --disable-background-networking --disable-component-update --disable-sync".split()
SIZE = {"width": 1440, "height": 900}
MODELS, WARM = 5, 3  # networks side by side; events that do not count
START = """([kind, place, mark]) => {
  const read = new Function(`return ${mark}`), before = read();
  const decoded = () => Promise.all([...document.querySelectorAll(`${place} img`)].map((image) => image.decode()));
  const frame = () => new Promise((done) => requestAnimationFrame(() => setTimeout(done)));
  window.rxTook = new Promise((done) => addEventListener(kind, ({ timeStamp }) => {
    const watcher = new MutationObserver(async () => {
      if (read() === before) return;
      watcher.disconnect();
      await decoded();
      await frame();
      done(performance.now() - timeStamp);
    });
    watcher.observe(document, { subtree: true, childList: true, attributes: true });
  }, { capture: true, once: true }));
}"""
FIRST = """
const look = () => document.querySelector("#rx-patch [data-ready]")
  ? requestAnimationFrame(() => setTimeout(() => (window.rxFirst = performance.now()))) : requestAnimationFrame(look);
look();
"""
KNOB = "document.querySelector('#rx-stage .rx-knob')?.getAttribute('aria-valuetext')"
LOOK = "document.querySelector('#rx-looks .rx-look > img')?.alt"
HIDDEN = "document.querySelector('#rx-hidden img')?.src"


def usable() -> bool:
    """Whether there are playwright and a browser."""
    return bool(find_spec("playwright") and any(map(shutil.which, BROWSERS)))


@contextmanager
def visit() -> Iterator[tuple["Browser", str]]:
    """A browser, and the address of a running page that shows five networks."""
    if not usable():
        raise InputError("the browser's rows need chromium and the Python package playwright; one of them is missing")
    from playwright.sync_api import sync_playwright

    path = next(filter(None, map(shutil.which, BROWSERS)))
    with five_checkpoints() as folder, server("app.py", "--checkpoints", str(folder), "--port") as (url, _):
        names = ",".join(sorted(file.stem for file in folder.iterdir()))
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=path, args=FLAGS)
            yield browser, f"{url}?tour=off&models={names}"
            browser.close()


@contextmanager
def five_checkpoints() -> Iterator[Path]:
    """A folder with five checkpoints: the published ones, some under a second name where there are fewer."""
    with two_checkpoints() as published, tempfile.TemporaryDirectory() as folder:
        files = sorted(published.glob("*.safetensors"))
        for k in range(MODELS):
            shutil.copy(files[k % len(files)], Path(folder) / f"{k}-{files[k % len(files)].name}")
        yield Path(folder)


def opened(browser: "Browser", address: str) -> "Page":
    """The page, ready."""
    page = browser.new_context(viewport=SIZE).new_page()
    page.goto(address)
    page.locator("#rx-patch [data-ready]").wait_for(state="attached")
    return page


def until_shown(page: "Page", kind: str, place: str, mark: str, act: Callable[[], None]) -> float:
    """Seconds from the event of this kind that `act` makes to the first frame with another value of `mark`, a
    JavaScript expression, and with every picture within `place` decoded. A frame too much rather than too little."""
    page.evaluate(START, [kind, place, mark])
    act()
    return page.evaluate("window.rxTook") / 1000


def drag(page: "Page") -> list[float]:
    """Every move of a drag of the boundary point."""
    box = page.locator("#rx-stage .rx-knob").bounding_box()
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x - 8, y - 8)
    page.wait_for_timeout(200)
    moves = [lambda k=k: page.mouse.move(x - 10 - 2 * k, y - 10 - k) for k in range(60)]
    return [until_shown(page, "pointermove", "#rx-stage", KNOB, move) for move in moves]


def beta(page: "Page") -> list[float]:
    """Every step of the β slider, to and fro: small steps at large β move the boundary of some seeds by no pixel."""
    slider = page.locator("#rx-patch .rx-beta")
    places = [(k / 100 - 1) * (-1) ** k for k in range(60)]
    steps = [lambda place=place: slider.fill(f"{place:.2f}") for place in places]
    page.wait_for_timeout(500)
    return [until_shown(page, "input", "#rx-stage", KNOB, step) for step in steps]


def cam(page: "Page") -> list[float]:
    """Every new picture for five networks: a picture of another class each time, none twice."""
    open_cam(page)
    thumbs = page.locator("#rx-cam-gallery .rx-thumbs button")
    order = [k + start for start in (0, 1) for k in range(0, thumbs.count(), 3)]
    return [until_shown(page, "click", "#rx-looks", LOOK, thumbs.nth(k).click) for k in order]


def hide(page: "Page") -> list[float]:
    """Every step of the slider that hides the hot spot of five networks."""
    open_cam(page)
    page.locator("#rx-hide > button").first.click()
    page.locator("#rx-hidden img").nth(MODELS - 1).wait_for()
    slider = page.locator("#rx-hide-share input[type=range]")
    steps = [lambda k=k: slider.fill(f"{k}") for k in range(25, 50)]
    return [until_shown(page, "input", "#rx-hidden", HIDDEN, step) for step in steps]


def open_cam(page: "Page") -> None:
    """The CAM tab with what it shows first."""
    page.get_by_role("tab", name="CAM").click()
    page.locator("#rx-looks .rx-model").nth(MODELS - 1).wait_for()


@cache
def waits(measure: Callable[["Page"], list[float]]) -> list[float]:
    """The seconds of a scenario; the first few do not count."""
    with visit() as (browser, address):
        return measure(opened(browser, address))[WARM:]


@cache
def first_paints() -> list[float]:
    """From the start of a visit with an empty cache to the frame with the patched image, on a server that runs."""
    found = []
    with visit() as (browser, address):
        for _ in range(WARM + 9):
            page = browser.new_context(viewport=SIZE).new_page()
            page.add_init_script(FIRST)
            page.goto(address)
            page.wait_for_function("window.rxFirst")
            found.append(page.evaluate("window.rxFirst") / 1000)
            page.context.close()
    return found[WARM:]


def waited(what: str, measure: Callable[["Page"], list[float]] | None, most: float, upper: bool = False) -> Row:
    """What a visitor waits beside the most that is fine, in seconds; the median, or the upper end of 95 %."""
    found = waits(measure) if measure else first_paints()
    value = quantiles(found, n=20)[-1] if upper else median(found)
    return Row(what + (", 95 %" if upper else ""), f"{1000 * most:g} ms", value, most, 1.0)
