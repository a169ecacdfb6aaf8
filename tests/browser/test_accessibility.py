"""axe-core on every tab with every section open, light and dark, on a desk and on a phone; and the tabs by keyboard."""

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from .test_cam import unfold

pytestmark = pytest.mark.browser
WIDTHS = {1440: 900, 390: 844}
SECTIONS = ("#rx-finer", "#rx-hide", "#rx-truth", "#rx-crops", "#rx-many", "#rx-cam-take")
ANSWERS = (
    "#rx-hidden .rx-fall",
    "#rx-truths table",
    "#rx-cropped .rx-model",
    "#rx-many-bar [role=alert]",
    "#rx-cam-links a",
)
SHOWN = {
    "Patch": {"[data-ask=compare]": "img", "[data-ask=many]": "img", "#rx-take": "pre:not(:empty)"},
    "CAM": {"#rx-looks": ".rx-model"},
    "Results": {"#rx-run-curves": "svg"},
    "Lesson": {
        ".rx-examples": "img",
        ".rx-overfit": "svg",
        ".rx-convolve": ".rx-products b",
        ".rx-augment": ".rx-kind",
    },
}  # the parts of each tab, and what each computes once it is in sight

CONTROLS = {"rx-use-patch", "rx-models", "rx-method", "rx-class", "rx-scale", "rx-colours", "rx-opacity", "rx-own"}
FOCUSED = """() => {
  const ids = [];
  for (let node = document.activeElement; node; node = node.parentElement) ids.push(node.id);
  return ids;
}"""  # the ids around what has the focus
SETTLED = """() => !document.querySelector('.pending')
  && !document.getAnimations().some(one => one instanceof CSSTransition)"""  # Gradio dims what waits for an answer


def open_tab(page: Page, name: str) -> None:
    """A tab with everything in it."""
    page.get_by_role("tab", name=name).click()
    for part, content in SHOWN[name].items():
        page.locator(part).scroll_into_view_if_needed()
        page.locator(part).locator(content).first.wait_for()
    if name == "CAM":
        open_sections(page)


def open_sections(page: Page) -> None:
    """Every section of the CAM tab, with what it answers."""
    for section in SECTIONS:
        unfold(page, section)
    page.get_by_role("button", name="Run", exact=True).click()
    page.locator("#rx-cam-files").click()
    for place in ANSWERS:
        page.locator(place).first.wait_for()


def findings(page: Page) -> list[str]:
    """What axe-core calls serious or critical: the rule, and where."""
    page.wait_for_function(SETTLED)
    found = Axe().run(page).response["violations"]
    return [
        f"{one['id']} at {', '.join(' '.join(node['target']) for node in one['nodes'][:3])}"
        for one in found
        if one["impact"] in ("serious", "critical")
    ]


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_serious(page, scheme, width):
    page.set_viewport_size({"width": width, "height": WIDTHS[width]})
    page.goto(f"/?__theme={scheme}")
    page.locator("#rx-patch [data-ready]").wait_for()
    told = {}
    for name in SHOWN:
        open_tab(page, name)
        told[name] = findings(page)
    assert told == dict.fromkeys(SHOWN, [])


def test_the_cam_tab_by_keyboard_alone(page):
    page.get_by_role("tab", name="CAM").press("Enter")
    page.locator("#rx-looks .rx-model").first.wait_for()
    reached, last = set(), SECTIONS[-1].removeprefix("#")
    while last not in reached and len(reached) < 200:
        page.keyboard.press("Tab")
        at = page.evaluate(FOCUSED)
        assert "rx-tabs" in at, f"the focus left the tab before {last}"
        reached |= set(at)
    assert CONTROLS | {"rx-cam-gallery"} | {section.removeprefix("#") for section in SECTIONS} <= reached
    page.keyboard.press("Enter")
    expect(page.locator("#rx-cam-files")).to_be_visible()
