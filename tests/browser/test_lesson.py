"""The Lesson and the tour by hand: live pictures, links without a reload, a tour that covers nothing it explains."""

import re
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from playwright.sync_api import Page, expect

from ricap_explorer.ui.patching import BETA, SEED
from ricap_explorer.ui.tabs.lesson import EXAMPLES
from ricap_explorer.ui.tour import STEPS

pytestmark = pytest.mark.browser
SERVER = re.compile("component_server")  # where the browser's questions go
SCRIPT = (Path(__file__).parents[2] / "ricap_explorer" / "ui" / "static" / "convolve.js").read_text()
COVERED = """() => {
  const [bubble, ring] = [".rx-bubble", ".rx-ring"].map((name) => document.querySelector(name).getBoundingClientRect());
  const shared = (low, high) =>
    Math.max(0, Math.min(bubble[high], ring[high] - 5) - Math.max(bubble[low], ring[low] + 5));
  return shared("left", "right") * shared("top", "bottom");
}"""


def sums(pixels: list, side: int, kernel: dict) -> np.ndarray:
    """torch's answer, row by row."""
    image = torch.tensor(pixels, dtype=torch.float64).view(1, 1, side, side)
    weight = torch.tensor(kernel["numbers"], dtype=torch.float64).view(1, 1, 3, 3) / kernel["divisor"]
    return F.conv2d(image, weight).flatten().numpy()


@pytest.fixture
def lesson(page) -> Page:
    page.get_by_role("tab", name="Lesson").click()
    page.locator(".rx-kind").first.wait_for()
    return page


@pytest.fixture
def newcomer(context, url) -> Iterator[Page]:
    """A visitor whose browser has never been here."""
    fresh = context.browser.new_context(base_url=url, viewport={"width": 390, "height": 844})
    fresh.set_default_timeout(60_000)
    yield fresh.new_page()
    fresh.close()


def test_sums_are_torch_s(lesson, rng):
    """Random pictures and kernels, and those that the page shows."""
    cases = []
    for side in (3, 4, 9, 32):
        numbers, divisor = rng.integers(-9, 10, 9).tolist(), int(rng.integers(1, 17))
        cases.append((rng.integers(0, 256, side * side).tolist(), side, {"numbers": numbers, "divisor": divisor}))
    told = lesson.evaluate(f"cases => {{ {SCRIPT} return cases.map((one) => convolve(...one)); }}", cases)
    for case, seen in zip(cases, told, strict=True):
        assert np.allclose(seen, sums(*case), atol=1e-9)
    for name in ("vertical edges", "blur"):
        lesson.get_by_role("button", name=name).click()
        shown = lesson.evaluate("document.rxConvolved")
        assert np.array_equal(shown["sums"], sums(shown["pixels"], shown["side"], shown["kernel"])), name


def test_a_divisor_that_is_shown_as_nothing_is_told(lesson):
    field, alert = lesson.locator(".rx-divisor"), lesson.locator(".rx-convolve .rx-alert")
    before = lesson.evaluate("document.rxConvolved.kernel.divisor")
    for text in ("0", "0.0001", "1e-320"):
        field.fill(text)
        expect(alert).to_have_text(
            "weights must be numbers from −1000 to 1000, and so must the divisor, 0.01 from 0 at least"
        )
        assert lesson.evaluate("document.rxConvolved.kernel.divisor") == before
    field.fill("-0.01")
    expect(alert).to_be_empty()


def test_window_steps_and_shows_its_sum(lesson):
    slide = lesson.get_by_role("slider", name="Position")
    lesson.get_by_role("button", name="blur").click()
    slide.fill("29")
    lesson.get_by_role("button", name="Next position").click()
    expect(slide).to_have_value("30")  # the second row's first place
    shown = lesson.evaluate("document.rxConvolved")
    products = [float(text.replace("−", "-")) for text in lesson.locator(".rx-products b").all_inner_texts()]
    assert sum(products) / shown["kernel"]["divisor"] == shown["sums"][30]
    last = lesson.locator(".rx-conv-out").evaluate("canvas => canvas.getContext('2d').getImageData(0, 1, 2, 1).data[3]")
    ahead = lesson.locator(".rx-conv-out").evaluate(
        "canvas => canvas.getContext('2d').getImageData(1, 1, 1, 1).data[3]"
    )
    assert (last, ahead) == (255, 0)  # the map has grown to here and no further


def test_bad_weight_is_told_and_the_good_kernel_stays(lesson):
    before = lesson.evaluate("document.rxConvolved.kernel")
    lesson.get_by_label("Weight 5 of 9").fill("eight")
    expect(lesson.locator(".rx-convolve .rx-alert")).to_contain_text("weights must be numbers")
    pixels = lesson.evaluate("document.rxConvolved.pixels")
    lesson.locator(".rx-conv-picture").select_option(index=2)
    lesson.wait_for_function("pixels => String(document.rxConvolved.pixels) !== String(pixels)", arg=pixels)
    expect(lesson.locator(".rx-convolve .rx-alert")).to_contain_text("weights must be numbers")
    assert lesson.evaluate("document.rxConvolved.kernel") == before
    lesson.get_by_label("Weight 5 of 9").fill("-3,5")
    expect(lesson.locator(".rx-convolve .rx-alert")).to_be_empty()
    assert lesson.evaluate("document.rxConvolved.kernel.numbers[4]") == -3.5


def test_dials_draw_anew(lesson):
    errors = lesson.locator(".rx-errors")
    lesson.get_by_role("button", name="degree 3", exact=True).click()
    expect(lesson.locator(".rx-fit figcaption").first).to_have_text("12 points, a polynomial of degree 3")
    told = errors.inner_text()
    lesson.get_by_role("slider", name="Points").fill("180")
    expect(lesson.locator(".rx-fit figcaption").first).to_have_text("180 points, a polynomial of degree 3")
    assert errors.inner_text() != told
    seed = lesson.locator(".rx-augment-seed")
    seed.fill("x")
    expect(lesson.locator(".rx-augment .rx-alert")).to_contain_text("seed must be a whole number")
    seed.fill("5")
    expect(lesson.locator(".rx-augment .rx-alert")).to_be_empty()


def test_links_set_the_page_s_state_without_a_reload(lesson):
    lesson.evaluate("window.still = true")
    for beta, _ in (EXAMPLES[0], EXAMPLES[3], EXAMPLES[0]):  # a draw that has been changed by hand comes again
        lesson.get_by_role("link", name=f"β = {beta} ").click()
        lesson.wait_for_function(
            "([beta, seed]) => document.rxPatch.state.beta === beta && document.rxPatch.state.seed === seed",
            arg=[beta, SEED],
        )
        expect(lesson.get_by_role("tab", name="Patch")).to_have_attribute("aria-selected", "true")
        lesson.locator("#rx-beta-text").fill("2")
        lesson.wait_for_function("document.rxPatch.state.beta === '2'")
        lesson.get_by_role("tab", name="Lesson").click()
    lesson.get_by_role("link", name="The same four images under every method").click()
    expect(lesson.locator("#rx-compare h2").first).to_be_in_viewport()
    lesson.get_by_role("tab", name="Lesson").click()
    lesson.get_by_role("link", name="One patched image through the networks").click()
    expect(lesson.get_by_role("tab", name="CAM")).to_have_attribute("aria-selected", "true")
    expect(lesson.locator("#rx-target")).to_contain_text("the patched image")
    assert lesson.evaluate("window.still")


def test_newcomers_are_invited_once_and_the_tour_covers_nothing_it_explains(newcomer):
    newcomer.goto("/")
    newcomer.locator("#rx-patch [data-ready]").wait_for()
    dialog = newcomer.get_by_role("dialog")
    expect(dialog).to_be_hidden()
    height = newcomer.evaluate("document.documentElement.scrollHeight")
    newcomer.locator(".rx-new .rx-tour-begin").press("Enter")
    for number, (tab, _, title, _) in enumerate(STEPS, 1):
        expect(newcomer.locator("#rx-tour-title")).to_have_text(f"{number} of {len(STEPS)} · {title}")
        expect(newcomer.locator(".rx-tour-next")).to_be_focused()
        assert newcomer.evaluate(COVERED) == 0, title
        if tab == "patch":
            assert newcomer.evaluate("document.documentElement.scrollHeight") == height
        newcomer.keyboard.press("Enter")
    expect(dialog).to_be_hidden()
    expect(newcomer.locator(".rx-tour-begin")).to_be_focused()
    newcomer.goto("/")
    newcomer.locator(".rx-tour-begin").click()  # whenever one likes
    newcomer.keyboard.press("Escape")
    expect(dialog).to_be_hidden()
    expect(newcomer.locator(".rx-new")).to_have_count(0)


def test_the_tour_ends_where_another_tab_is_opened(newcomer):
    newcomer.goto("/")
    newcomer.locator(".rx-tour-begin").click()
    expect(newcomer.locator(".rx-tour-next")).to_be_focused()
    newcomer.get_by_role("tab", name="Results").click()
    for part in (".rx-bubble", ".rx-ring"):
        expect(newcomer.locator(part)).to_be_hidden()
    newcomer.locator(".rx-tour-begin").click()
    expect(newcomer.locator(".rx-bubble")).to_be_visible()


@pytest.mark.parametrize("leave", ["Escape", "Skip"])
def test_who_leaves_a_tour_that_began_in_the_lesson_is_back_there(lesson, leave):
    start = lesson.locator(".rx-tour-start")
    start.click()
    expect(lesson.get_by_role("tab", name="Patch")).to_have_attribute("aria-selected", "true")
    expect(lesson.locator(".rx-tour-next")).to_be_focused()
    lesson.keyboard.press("Escape") if leave == "Escape" else lesson.locator(".rx-tour-skip").click()
    expect(lesson.get_by_role("dialog")).to_be_hidden()
    expect(start).to_be_focused()
    expect(start).to_be_in_viewport()


@pytest.mark.parametrize("query", ["?tour=off", "?beta=1&seed=4"])
def test_who_opens_a_link_is_not_invited(newcomer, query):
    newcomer.goto("/" + query)
    expect(newcomer.locator(".rx-tour-begin")).to_be_visible()
    expect(newcomer.locator(".rx-new")).to_have_count(0)
    expect(newcomer.get_by_role("dialog")).to_be_hidden()


def test_a_link_changes_what_it_names_and_nothing_else(lesson):
    """Followed twice it does the same twice; one to another tab leaves the draw as it is."""
    seed = lesson.locator("#rx-controls").get_by_label("Seed")
    example = lesson.locator(".rx-example").first

    def follow(link):
        lesson.get_by_role("tab", name="Lesson").click()
        link.click()

    for _ in range(2):
        follow(example)
        expect(seed).to_have_value(SEED)
        seed.fill("77")
        expect(lesson).to_have_url(re.compile("seed=77"))
    follow(lesson.get_by_role("link", name="All curves and tables"))
    expect(lesson.get_by_role("tab", name="Results")).to_have_attribute("aria-selected", "true")
    lesson.get_by_role("tab", name="Patch").click()
    expect(seed).to_have_value("77")


def test_one_image_through_both_networks_whatever_was_looked_at_before(lesson):
    def follow(name):
        lesson.get_by_role("link", name=name).click()
        expect(lesson.get_by_role("tab", name="CAM")).to_have_attribute("aria-selected", "true")

    follow("One patched image through the networks")
    expect(lesson.locator("#rx-target")).to_contain_text("the patched image")
    lesson.locator("#rx-models input").nth(1).uncheck()
    expect(lesson.locator("#rx-looks .rx-model")).to_have_count(1)
    lesson.go_back()
    follow("One image through both networks")
    expect(lesson.locator("#rx-target")).to_contain_text("English springer")
    expect(lesson.locator("#rx-looks .rx-model")).to_have_count(2)


def test_back_from_a_link_returns_to_its_place(lesson):
    link = lesson.get_by_role("link", name="All curves and tables")
    link.scroll_into_view_if_needed()
    place = lesson.evaluate("scrollY")
    assert place > 1000
    link.click()
    expect(lesson.get_by_role("tab", name="Results")).to_have_attribute("aria-selected", "true")
    lesson.wait_for_function("scrollY < 300 && location.search.includes('tab=results')")
    lesson.go_back()
    expect(lesson.get_by_role("tab", name="Lesson")).to_have_attribute("aria-selected", "true")
    lesson.wait_for_function("place => Math.abs(scrollY - place) < 3", arg=place)


def test_in_a_slide_a_link_opens_a_page_of_its_own(lesson):
    lesson.goto(lesson.url.partition("?")[0] + "?tab=lesson&view=plain")
    with lesson.expect_popup() as opened:
        lesson.get_by_role("link", name="All curves and tables").click()
    expect(opened.value.get_by_role("tab", name="Results")).to_have_attribute("aria-selected", "true")
    assert "view=plain" in lesson.url and "view=plain" not in opened.value.url
    opened.value.close()
    expect(lesson.locator(".rx-tour-start")).to_be_hidden()


def test_a_request_that_fails_is_told_and_the_next_is_asked(lesson):
    caption, alert = lesson.locator(".rx-fit figcaption").first, lesson.locator(".rx-overfit .rx-alert")
    degree = lesson.get_by_role("slider", name="Degree")
    lesson.route(SERVER, lambda route: route.fulfill(body=""))  # as where the network is away: no answer to read
    degree.fill("5")
    expect(alert).to_contain_text("the server did not answer")
    lesson.unroute(SERVER)
    degree.fill("6")
    expect(caption).to_contain_text("a polynomial of degree 6")
    expect(alert).to_be_empty()


def test_examples_are_of_the_pictures_that_are_shown_and_who_follows_one_keeps_them(lesson, picture):
    buffer = BytesIO()
    picture(64, 64).save(buffer, "PNG")
    example = lesson.locator(".rx-example").nth(3)  # four nearly equal parts
    expect(example).to_contain_text("English springer")
    lesson.get_by_role("tab", name="Patch").click()
    file = {"name": "mine.png", "mimeType": "image/png", "buffer": buffer.getvalue()}
    lesson.locator("#rx-gallery input[type=file]").set_input_files(file)
    lesson.wait_for_function("document.rxPatch.state.slots[0].startsWith('upload:')")
    before = lesson.evaluate("document.rxPatch.state.slots")
    lesson.get_by_role("tab", name="Lesson").click()
    expect(example).to_contain_text("mine")
    example.click()
    lesson.wait_for_function("beta => document.rxPatch.state.beta === beta", arg=EXAMPLES[3][0])
    assert lesson.evaluate("document.rxPatch.state.slots") == before
    links = {"The same four images under every method": BETA, "One patched image through the networks": "1"}
    for name, beta in links.items():
        lesson.get_by_role("tab", name="Lesson").click()
        lesson.get_by_role("link", name=name).click()
        lesson.wait_for_function("beta => document.rxPatch.state.beta === beta", arg=beta)
        assert lesson.evaluate("document.rxPatch.state.slots") == before
    expect(lesson.locator("#rx-looks")).to_contain_text("No map of mine")
