"""The Patch tab by hand: what is dragged follows at once, and the server comes to the very same numbers and pixels."""

import base64
import re
from io import BytesIO
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image
from playwright.sync_api import Locator, Page, expect

from ricap_explorer.mixing.ricap import RicapPlan
from ricap_explorer.ui import patching
from ricap_explorer.ui.services import Models, Services
from ricap_explorer.words import percent

pytestmark = pytest.mark.browser
SERVER = re.compile("component_server")  # where the browser's questions go
ROOT = Path(__file__).parents[2]
SCRIPT = (ROOT / "ricap_explorer" / "ui" / "static" / "plan.js").read_text()
SOURCES = ((0,), (1,), (2,), (3,))


@pytest.fixture(scope="module")
def services() -> Services:
    from ricap_explorer.ui.pictures import Pictures

    return Services(Pictures.find(ROOT / "assets", ROOT / "none"), Models({}, []))


def as_drawn(plan: RicapPlan) -> dict:
    """A plan as the browser has it."""
    return {"size": plan.size, "boundary": plan.boundary, "corners": plan.corners}


def random_plans(rng: np.random.Generator, count: int) -> list[RicapPlan]:
    """Every kind of size and boundary, sixteenths too, where Python and JavaScript round ties differently."""
    plans = []
    for k in range(count):
        height, width = (32, 16) if k % 4 == 0 else rng.integers(1, 400, 2).tolist()
        w, h = int(rng.integers(width + 1)), int(rng.integers(height + 1))
        if k % 7 == 0:
            w = int(rng.choice([0, width]))
        shapes = [(h, w), (h, width - w), (height - h, w), (height - h, width - w)]
        corners = tuple((int(rng.integers(height - a + 1)), int(rng.integers(width - b + 1))) for a, b in shapes)
        plans.append(RicapPlan((height, width), (w, h), corners, SOURCES))
    return plans


def test_the_browser_s_numbers_are_python_s(page, rng):
    """200 random plans: boxes, weights, shares, and how all of them are written."""
    plans = random_plans(rng, 200)
    names = [[f"class {n}" for n in rng.integers(0, 4, 4)] for _ in plans]
    told = page.evaluate(
        f"""([plans, names]) => {{ {SCRIPT}
          return plans.map((plan, i) => {{
            const weights = weightsOf(plan), shares = sharesOf(names[i], weights);
            return {{boxes: pastes(plan), weights, shares, texts: weights.map((weight) => fixed(weight, 3)),
              percents: shares.map(([, share]) => percent(share)),
              places: plan.boundary.map((x, k) => fixed(x / plan.size[1 - k], 2))}};
          }});
        }}""",
        [[as_drawn(plan) for plan in plans], names],
    )
    for plan, own, seen in zip(plans, names, told, strict=True):
        boxes = [p.paste for p in plan.patches]
        weights = [p.weight for p in plan.patches]
        assert [(b["top"], b["left"], b["height"], b["width"]) for b in seen["boxes"]] == [
            (b.top, b.left, b.height, b.width) for b in boxes
        ]
        assert seen["weights"] == weights and seen["texts"] == [f"{weight:.3f}" for weight in weights]
        classes = list(dict.fromkeys(own))
        targets = plan.targets(torch.tensor([classes.index(name) for name in own]), len(classes))[0].tolist()
        assert [name for name, _ in seen["shares"]] == classes
        assert [share for _, share in seen["shares"]] == pytest.approx(targets, abs=1e-6)
        assert seen["percents"] == [percent(share) for _, share in seen["shares"]]
        (w, h), (height, width) = plan.boundary, plan.size
        assert seen["places"] == [f"{w / width:.2f}", f"{h / height:.2f}"]


def test_every_moved_plan_is_one_that_python_takes(page, rng):
    """Boundaries and crops moved anywhere, also far outside: the plan stays whole, and what need not move stays."""
    plans = random_plans(rng, 100)
    boundaries = rng.integers(-50, 450, (100, 2)).tolist()
    corners = rng.integers(-50, 450, (100, 2)).tolist()
    moved = page.evaluate(
        f"""([plans, boundaries, corners]) => {{ {SCRIPT}
          return plans.map((plan, i) => [moveBoundary(plan, boundaries[i]), moveCrop(plan, i % 4, corners[i])]);
        }}""",
        [[as_drawn(plan) for plan in plans], boundaries, corners],
    )
    for k, (plan, pair) in enumerate(zip(plans, moved, strict=True)):
        bounded, cropped = (
            RicapPlan(*(tuple(m[key]) for key in ("size", "boundary", "corners")), SOURCES) for m in pair
        )
        expected = tuple(int(np.clip(x, 0, side)) for x, side in zip(boundaries[k], plan.size[::-1], strict=True))
        assert bounded.boundary == expected and cropped.boundary == plan.boundary
        others = [i for i in range(4) if i != k % 4]
        assert [tuple(cropped.corners[i]) for i in others] == [plan.corners[i] for i in others]


def stage_pixels(page: Page) -> np.ndarray:
    uri = page.locator("#rx-stage canvas").evaluate("canvas => canvas.toDataURL()")
    return np.asarray(Image.open(BytesIO(base64.b64decode(uri.partition(",")[2]))).convert("RGB"))


def check_pixels(page: Page, services: Services) -> dict:
    """The canvas is the plan's patched image, pixel by pixel; the state that it shows."""
    state = page.evaluate("document.rxPatch.state")
    image = patching.patch(services, state["slots"], state["beta"], state["seed"], state["moved"]).image
    np.testing.assert_array_equal(stage_pixels(page), np.asarray(image))
    return state


def drag(page: Page, handle: Locator, dx: float, dy: float) -> None:
    """Drag by so many CSS pixels; waits until the server has confirmed."""
    with page.expect_response(SERVER):
        box = handle.bounding_box()
        x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
        page.mouse.move(x, y)
        page.mouse.down()
        page.mouse.move(x + dx, y + dy, steps=4)
        page.mouse.up()


def knob(page: Page) -> Locator:
    return page.get_by_role("slider", name="Boundary point")


def middle(node: Locator) -> tuple[float, float]:
    box = node.bounding_box()
    return box["x"] + box["width"] / 2, box["y"] + box["height"] / 2


def test_the_boundary_is_dragged(page, services):
    before = page.evaluate("document.rxPatch.plan")
    check_pixels(page, services)
    drag(page, knob(page), -120, -60)
    page.wait_for_function("location.search.includes('boundary=')")
    state = check_pixels(page, services)
    (w, h), (w_before, h_before) = state["moved"]["boundary"], before["boundary"]
    assert w < w_before and h < h_before
    expect(knob(page)).to_have_attribute("aria-valuetext", f"w {w} of 320, h {h} of 320 pixels")
    expect(page.locator("#rx-evidence .rx-weights td").first).to_have_text(f"{w} × {h}")
    expect(page.locator(".rx-mark-w text")).to_have_text(f"w′ = {w / 320:.2f}")
    page.get_by_role("button", name="back to the draw").click()
    expect(knob(page)).to_have_attribute("aria-valuenow", str(w_before))
    check_pixels(page, services)


def test_the_picture_follows_before_the_server_answers(page, services):
    before = page.evaluate("document.rxPatch.plan.boundary")
    page.route(SERVER, lambda route: None)  # never answered
    box = knob(page).bounding_box()
    page.mouse.move(box["x"] + 13, box["y"] + 13)
    page.mouse.down()
    page.mouse.move(box["x"] - 100, box["y"] + 13, steps=3)
    expect(knob(page)).not_to_have_attribute("aria-valuenow", str(before[0]))
    w = int(knob(page).get_attribute("aria-valuenow"))
    moved = page.evaluate("document.querySelector('#rx-stage canvas').getAttribute('aria-label')")
    assert w < before[0] and "English springer" in moved
    expect(page.locator("#rx-evidence .rx-weights td").first).to_have_text(f"{w} × {before[1]}")
    expect(page.locator(".rx-mark-w text")).to_have_text(f"w′ = {w / 320:.2f}")
    page.mouse.up()


def test_the_picture_follows_beta_before_the_server_answers(page, services):
    with page.expect_response(lambda answer: '"draws"' in (answer.request.post_data or "")):
        page.get_by_role("textbox", name="Seed").fill("8")
    page.wait_for_function("document.rxPatch.state.seed === '8'")
    page.route(SERVER, lambda route: None)  # never answered
    for place, beta in (("0.5", "3.16"), ("-1.23", "0.0589"), ("2", "100")):
        image = np.asarray(patching.patch(services, patching.SLOTS, beta, "8").image)
        for _ in range(120):  # a busy page may not have taken in what it fetched ahead
            page.get_by_role("slider", name="β, on a logarithmic scale").fill(place)
            if np.array_equal(shown := stage_pixels(page), image):
                break
            page.wait_for_timeout(500)
        np.testing.assert_array_equal(shown, image)


def test_a_crop_is_dragged_on_its_source(page, services):
    crop = page.get_by_role("slider", name="Crop of slot 3")
    before = page.evaluate("document.rxPatch.plan.corners")
    drag(page, crop, 8, 20)
    page.wait_for_function("document.rxPatch.state.moved")
    state = check_pixels(page, services)
    after = state["moved"]["corners"]
    assert [after[k] == before[k] for k in range(4)] == [True, True, False, True] and after[2][0] > before[2][0]
    assert state["active"] == 0  # a drag chooses no slot


def test_a_second_finger_moves_nothing(page):
    handle = page.get_by_role("slider", name=re.compile("^Crop of slot 1"))
    x, y = middle(handle)
    touch = """(node, [kind, id, x, y]) => node.dispatchEvent(new PointerEvent(
      kind, {pointerId: id, pointerType: "touch", isPrimary: id === 1, clientX: x, clientY: y, bubbles: true}))"""
    corners = "document.rxPatch.plan.corners[0]"
    handle.evaluate("node => (node.setPointerCapture = () => {})")  # no real finger, nothing to capture
    handle.evaluate(touch, ["pointerdown", 1, x, y])
    with page.expect_response(SERVER):
        handle.evaluate(touch, ["pointermove", 1, x + 10, y + 10])
        page.evaluate("() => new Promise(requestAnimationFrame)")
        for kind, id, far in (
            ("pointerdown", 2, 0),
            ("pointermove", 2, 60),
            ("pointerup", 2, 60),
            ("pointermove", 1, 11),
        ):
            handle.evaluate(touch, [kind, id, x + far, y + far])
            page.evaluate("() => new Promise(requestAnimationFrame)")
        handle.evaluate(touch, ["pointerup", 1, x + 11, y + 11])
    handle.evaluate("node => delete node.setPointerCapture")
    page.wait_for_function("document.rxPatch.state.moved")
    once = page.evaluate(corners)
    page.get_by_role("button", name="back to the draw").click()
    page.wait_for_function("!document.rxPatch.state.moved")
    expect(knob(page)).to_be_focused()
    drag(page, page.get_by_role("slider", name=re.compile("^Crop of slot 1")), 11, 11)
    page.wait_for_function("document.rxPatch.state.moved")
    assert page.evaluate(corners) == once


def test_a_held_key_writes_few_addresses_and_the_last_one_holds(page):
    """Browsers refuse more than some a second, in silence: 30 at once, then one every 0.4 s."""
    page.evaluate("""() => {
      window.written = 0;
      window.begun = performance.now();
      const replace = history.replaceState.bind(history);
      history.replaceState = (...all) => (written++, replace(...all));
    }""")
    knob(page).focus()
    for step in range(120):
        page.keyboard.press("ArrowLeft" if step % 40 < 20 else "ArrowUp")
    w, h = re.findall(r"[wh] (\d+) of", knob(page).get_attribute("aria-valuetext"))
    page.wait_for_function(f"location.search.includes('boundary={w},{h}&')")
    written, allowed = page.evaluate("[written, 32 + (performance.now() - begun) / 400]")
    assert 0 < written <= allowed


def test_keys_move_and_draw(page, services):
    w, h = page.evaluate("document.rxPatch.plan.boundary")
    knob(page).press("ArrowLeft")
    knob(page).press("Shift+ArrowDown")
    expect(knob(page)).to_have_attribute("aria-valuetext", f"w {w - 1} of 320, h {h + 10} of 320 pixels")
    crop = page.get_by_role("slider", name="Crop of slot 2")
    y = page.evaluate("document.rxPatch.plan.corners[1][0]")
    crop.press("ArrowUp")
    page.wait_for_function("y => document.rxPatch.state.moved?.corners[1][0] === y", arg=y - 1)
    check_pixels(page, services)
    knob(page).press(" ")
    expect(page.get_by_role("textbox", name="Seed")).not_to_have_value(patching.SEED)
    page.wait_for_function("document.rxPatch.state.moved === null")
    expect(page.locator(".rx-heard")).to_have_text(page.locator("#rx-evidence .rx-bar").get_attribute("aria-label"))
    check_pixels(page, services)


def test_the_space_bar_draws_where_the_stage_is_seen_and_turns_a_screenful_elsewhere(page):
    knob(page).press("ArrowLeft")
    page.wait_for_function("document.rxPatch.state.moved")
    page.evaluate("document.activeElement.blur()")
    page.locator("#rx-compare").evaluate("section => section.scrollIntoView()")
    seen = page.evaluate("scrollY")
    page.keyboard.press(" ")
    page.wait_for_function("seen => scrollY > seen", arg=seen)
    expect(page.get_by_role("textbox", name="Seed")).to_have_value(patching.SEED)
    assert page.evaluate("document.rxPatch.state.moved")
    page.locator("#rx-stage").evaluate("stage => stage.scrollIntoView({block: 'center'})")
    page.keyboard.press(" ")
    expect(page.get_by_role("textbox", name="Seed")).not_to_have_value(patching.SEED)


@pytest.mark.parametrize("end", ["pointercancel", "pointerup"])
def test_a_click_after_a_drag_that_was_broken_off_or_that_a_finger_made_chooses_the_slot(page, end):
    """After a finger's drag no click comes."""
    crop = page.get_by_role("slider", name="Crop of slot 3")
    box = crop.bounding_box()
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x, y + 8, steps=2)
    crop.dispatch_event(end, {"pointerId": 1})
    page.evaluate("() => new Promise(done => setTimeout(done))")
    page.mouse.up()
    expect(page.get_by_role("button", name="Slot 3: ")).to_have_attribute("aria-pressed", "true")


def test_a_drag_that_begins_before_the_answer_moves_the_new_draw(page):
    held, size = [], page.locator("#rx-stage").bounding_box()["width"]
    drawn = patching.plan_of(patching.BETA, "14").boundary
    page.route(SERVER, lambda route: route.continue_() if held else held.append(route))
    with page.expect_request(SERVER):
        page.get_by_role("textbox", name="Seed").fill("14")
    x, y = middle(knob(page))
    page.mouse.move(x, y)
    page.mouse.down()
    held[0].continue_()
    expect(knob(page)).to_have_attribute("aria-valuenow", str(drawn[0]))
    page.mouse.move(x - 16, y + 16, steps=2)
    page.mouse.up()
    page.wait_for_function("document.rxPatch.state.moved")
    far = 16 / size * 320
    assert page.evaluate("document.rxPatch.plan.boundary") == pytest.approx((drawn[0] - far, drawn[1] + far), abs=1)


def test_what_is_shown_is_what_is_given_on_also_where_the_server_does_not_answer(page, services):
    with page.expect_response(lambda answer: '"draws"' in (answer.request.post_data or "")):
        page.get_by_role("textbox", name="Seed").fill("8")
    page.wait_for_function("document.rxPatch.state.seed === '8'")
    page.route(SERVER, lambda route: route.fulfill(body=""))  # as where the network is away
    for _ in range(120):  # a busy page may not have taken in what it fetched ahead
        page.get_by_role("slider", name="β, on a logarithmic scale").fill("0.5")
        page.wait_for_timeout(500)
        if page.evaluate("document.rxPatch.state.beta") == "3.16":
            break
    expect(page.locator("#rx-note")).to_contain_text("the server did not answer")
    assert check_pixels(page, services)["beta"] == "3.16"
    knob(page).press("Shift+ArrowLeft")
    page.wait_for_function("document.rxPatch.state.moved")
    check_pixels(page, services)


def test_sections_below_say_what_is_wrong_instead_of_showing_another_draw(page):
    answer, gone = page.locator('[data-ask="compare"] .rx-answer'), "<b>please choose it again</b>"
    answer.scroll_into_view_if_needed()
    expect(answer).to_contain_text("RICAP")
    page.route(
        SERVER,
        lambda route: (
            route.fulfill(json={"error": gone}) if '"compare"' in route.request.post_data else route.continue_()
        ),
    )
    seed = page.get_by_role("textbox", name="Seed")
    seed.evaluate("seed => { seed.value = 5; seed.dispatchEvent(new Event('input')); }")  # no focus: it would scroll
    expect(answer).to_have_text(gone)


def test_one_region_lights_up_everywhere(page):
    places = {
        "#rx-sources .rx-tile": 4,
        "#rx-stage .rx-region": 24,
        ".rx-bar i": 4,
        ".rx-weights tbody tr": 4,
        ".rx-term": 12,
    }
    for place, y in places.items():  # y: beside the line that is dragged, and inside a line of text
        page.locator(place).nth(2).hover(position={"x": 12, "y": y})
        lit = page.locator("#rx-patch .rx-lit")
        expect(lit).to_have_count(5)
        assert {node.get_attribute("data-region") for node in lit.all()} == {"2"}
    page.locator(".rx-header h1").hover()
    expect(page.locator("#rx-patch .rx-lit")).to_have_count(0)
    tap = "node => node.dispatchEvent(new PointerEvent('click', {bubbles: true, pointerType: 'touch'}))"
    page.locator("#rx-stage .rx-region").nth(2).evaluate(tap)
    expect(page.locator("#rx-patch .rx-lit")).to_have_count(5)
    page.locator("#rx-patch h2").first.evaluate(tap)
    expect(page.locator("#rx-patch .rx-lit")).to_have_count(0)
    page.get_by_role("textbox", name="Seed").focus()
    for _ in range(10):  # New draw, eight chips, then the first crop
        page.keyboard.press("Tab")
    expect(page.get_by_role("slider", name="Crop of slot 1")).to_be_focused()
    expect(page.locator("#rx-patch .rx-lit")).to_have_count(5)


def test_steps(page):
    said = page.locator(".rx-said")
    for k, words in enumerate(
        ("four training images", "four regions", "exactly its region", "no pixel", "share of the"), 1
    ):
        page.get_by_role("button", name="Next step").click()
        expect(page.locator("#rx-patch [data-step]")).to_have_attribute("data-step", str(k))
        expect(said).to_contain_text(words)
    page.get_by_role("button", name="Next step").click()
    expect(page.locator("#rx-patch [data-step]")).to_have_count(0)
    page.get_by_role("button", name="3 Crop").click()
    expect(page.get_by_role("button", name="3 Crop")).to_have_attribute("aria-pressed", "true")
    page.get_by_role("button", name="Previous step").click()
    w, h = page.evaluate("document.rxPatch.plan.boundary")
    expect(said).to_contain_text(f"w = round(w′ · 320) = {w}, h = round(h′ · 320) = {h}")


def test_a_link_opens_the_same_pixels(page, services):
    drag(page, knob(page), -90, 30)
    page.locator("#rx-gallery").get_by_role("button", name="golf ball").first.click()
    page.wait_for_function("document.rxPatch.state.slots[0].includes('golf-ball')")
    page.wait_for_function("location.search.includes('golf-ball')")
    shown, address = stage_pixels(page), page.url
    page.goto("about:blank")
    page.goto(address)
    page.locator("#rx-patch [data-ready]").wait_for()
    np.testing.assert_array_equal(stage_pixels(page), shown)
    assert page.url == address
    expect(page.locator("#rx-link-note")).not_to_be_visible()


def test_a_bad_link_says_so_and_shows_the_rest(page, services):
    page.goto("/?images=unicorn-1,church-1,church-1,church-1&beta=-3&seed=8&tab=nowhere")
    page.locator("#rx-patch [data-ready]").wait_for()
    note = page.locator("#rx-link-note")
    for words in ("got 'unicorn-1'", "beta must be a positive number; got '-3'", "tab must be one of"):
        expect(note).to_contain_text(words)
    assert note.bounding_box()["y"] < 200  # where it is seen
    state = check_pixels(page, services)
    assert (state["slots"], state["beta"], state["seed"]) == (patching.SLOTS, "0.3", "8")
    page.get_by_role("button", name="New draw").click()
    expect(note).not_to_be_visible()


def test_a_link_is_of_what_is_shown_whatever_is_typed(page):
    page.get_by_label("Seed").fill("")
    expect(page.locator("#rx-note")).to_contain_text("seed must be")
    page.get_by_role("button", name="3 Crop").click()
    page.wait_for_function(f"location.search.includes('seed={patching.SEED}&')")


def test_what_is_shown_is_what_is_given_on_also_where_a_bad_beta_is_typed(page, services):
    beta = page.get_by_role("textbox", name="β")
    beta.fill("x")
    expect(page.locator("#rx-note")).to_contain_text("beta must be")
    page.locator("#rx-gallery").get_by_role("button", name="tench").first.click()
    expect(page.get_by_role("button", name="Slot 1: tench")).to_be_visible()
    assert "tench" in check_pixels(page, services)["slots"][0]
    knob(page).press("ArrowLeft")
    page.wait_for_function("document.rxPatch.state.moved")
    check_pixels(page, services)
    expect(beta).to_have_value(patching.BETA)  # what is moved is a draw of the last good one
    expect(page.locator("#rx-note")).not_to_be_visible()


def test_a_link_opens_another_tab(page):
    page.goto("/?tab=cam")
    expect(page.get_by_role("tab", name="CAM")).to_have_attribute("aria-selected", "true")
    expect(page.locator("#rx-looks .rx-model")).to_have_count(2)


def test_a_link_for_a_slide_shows_the_figure_alone(page, services):
    page.locator("#rx-take").scroll_into_view_if_needed()
    page.get_by_label("without gallery, tabs and sections, for a slide").check()
    link = page.locator('#rx-take [data-text="link"]').text_content()
    assert link == page.url + "&view=plain"
    page.goto(link)
    page.locator("#rx-patch [data-ready]").wait_for()
    check_pixels(page, services)
    for hidden in ("header.rx-header", "#rx-gallery", "#rx-take", "#rx-link", '#rx-tabs [role="tab"] >> nth=0'):
        expect(page.locator(hidden)).to_be_hidden()
    page.get_by_role("button", name="New draw").click()
    page.wait_for_function(f"!/seed={patching.SEED}&/.test(location.search) && /view=plain/.test(location.search)")


def test_a_figure_in_a_low_frame_is_drawn_smaller_and_can_still_be_dragged(page, services):
    page.set_viewport_size({"width": 960, "height": 540})
    for tab, drawn in (("cam", "#rx-looks .rx-model"), ("patch", "#rx-patch [data-ready]")):
        page.goto(f"/?tab={tab}&view=plain")
        page.locator(drawn).first.wait_for()
        page.wait_for_function("document.documentElement.scrollHeight <= innerHeight")
    at = middle(knob(page))
    page.mouse.move(*at)
    page.mouse.down()
    page.mouse.move(at[0] - 40, at[1] + 20, steps=4)
    page.mouse.up()
    page.wait_for_function("document.rxPatch.state.moved")
    assert middle(knob(page)) == pytest.approx((at[0] - 40, at[1] + 20), abs=1.5)
    check_pixels(page, services)


def test_back_returns_to_the_tab_before_and_loses_nothing(page):
    entries = page.evaluate("history.length")
    for name in ("CAM", "Lesson"):
        page.get_by_role("tab", name=name).click()
        page.wait_for_url(f"**tab={name.lower()}*")
    page.get_by_role("tab", name="CAM").click()
    page.locator("#rx-models input").nth(1).uncheck()
    page.wait_for_function("!location.search.includes('_ricap_')")
    page.go_back()
    expect(page.get_by_role("tab", name="Lesson")).to_have_attribute("aria-selected", "true")
    page.go_back()
    expect(page.get_by_role("tab", name="CAM")).to_have_attribute("aria-selected", "true")
    page.wait_for_function("location.search.includes('tab=cam') && !location.search.includes('_ricap_')")
    expect(page.locator("#rx-looks .rx-model")).to_have_count(1)
    page.go_forward()
    expect(page.get_by_role("tab", name="Lesson")).to_have_attribute("aria-selected", "true")
    assert page.evaluate("history.length") == entries + 3


def test_a_plan_comes_back_and_a_bad_one_is_told(page, services):
    section = page.locator("#rx-take")
    section.scroll_into_view_if_needed()
    expect(section.locator("pre").first).to_contain_text(f"draw_one(beta=0.3, seed={patching.SEED}, side=320)")
    plan = patching.plan_of("1", "5")
    answers = (("{", "alert", "a plan must be a JSON object"), (plan.to_json(), "status", "The plan is shown"))
    for text, role, told in answers:
        section.get_by_role("textbox", name="Bring a plan back in").fill(text)
        section.get_by_role("button", name="Use this plan").click()
        expect(section.get_by_role(role)).to_contain_text(told)
    page.wait_for_function("document.rxPatch.state.moved")
    assert tuple(check_pixels(page, services)["moved"]["boundary"]) == plan.boundary
    section.scroll_into_view_if_needed()  # the page went to the picture that the plan gave
    expect(section.locator("pre").last).to_contain_text("--plan plan.json")
    page.route(SERVER, lambda route: route.fulfill(body=""))  # as where the network is away
    section.get_by_role("button", name="Use this plan").click()
    expect(section.get_by_role("alert")).to_contain_text("the server did not answer")


def test_lines_are_of_the_draw_that_is_shown_and_none_where_the_server_is_away(page):
    section, held, away = page.locator("#rx-take"), [], []
    lines, alert = section.locator('[data-text="shell"]'), section.locator(".rx-alert")
    section.scroll_into_view_if_needed()
    expect(lines).to_contain_text(f"--seed {patching.SEED} ")

    def answer(route):
        asked = route.request.post_data or ""
        if away and '"lines"' in asked:
            route.fulfill(body="")  # as where the network is away: no answer to read
        elif not held and '"lines"' in asked:
            held.append(route)
        else:
            route.continue_()

    def type_seed(seed: str) -> None:
        """Without a focus, which would scroll there."""
        field = page.get_by_role("textbox", name="Seed")
        field.evaluate("(field, seed) => { field.value = seed; field.dispatchEvent(new Event('input')); }", seed)

    page.route(SERVER, answer)
    with page.expect_request(lambda request: '"lines"' in (request.post_data or "")):
        type_seed("5")
    type_seed("6")
    expect(lines).to_contain_text("--seed 6 ")
    with page.expect_response(SERVER):
        held[0].continue_()
    page.evaluate("() => new Promise(done => setTimeout(done, 100))")
    expect(lines).to_contain_text("--seed 6 ")
    away.append(True)
    type_seed("7")
    expect(alert).to_contain_text("the server did not answer")
    expect(lines).to_be_empty()
    away.clear()
    type_seed("8")
    expect(lines).to_contain_text("--seed 8 ")
    expect(alert).to_be_empty()
