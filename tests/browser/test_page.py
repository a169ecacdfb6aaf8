"""A visitor's walk through the page."""

import base64
import re
from io import BytesIO
from pathlib import Path

import pytest
from PIL import Image
from playwright.sync_api import Locator, Page, expect

from ricap_explorer.ui.patching import SEED

pytestmark = pytest.mark.browser
SERVER = re.compile("component_server")  # where the browser's questions go
FRAMES = "() => new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))"
SETTLED = """() => {
  const before = window.rxAsked;
  window.rxAsked = performance.getEntriesByType("resource").length;
  return before === window.rxAsked;
}"""  # asked twice with a pause, whether nothing was loaded meanwhile


@pytest.fixture
def png(picture) -> bytes:
    buffer = BytesIO()
    picture(200, 160, seed=5).save(buffer, "PNG")
    return buffer.getvalue()


def stage(page: Page) -> Locator:
    return page.locator("#rx-stage canvas")


def source(image: Locator) -> str:
    return image.get_attribute("src")


def patched(page: Page) -> str:
    """The patched image, every pixel of it."""
    return stage(page).evaluate("canvas => canvas.toDataURL()")


def wait_until_patched(page: Page, is_other: bool, than: str) -> None:
    """Until the patched image is another than this one, or is this one."""
    page.wait_for_function(
        "([other, than]) => (document.querySelector('#rx-stage canvas').toDataURL() !== than) === other",
        arg=[is_other, than],
    )


def beta_slider(page: Page) -> Locator:
    return page.get_by_role("slider", name="β, on a logarithmic scale")


def beta_text(page: Page) -> Locator:
    return page.get_by_role("textbox", name="β")


def slot(page: Page, k: int) -> Locator:
    return page.get_by_role("button", name=re.compile(f"^Slot {k}:"))


def tile(page: Page, k: int) -> Locator:
    return page.locator("#rx-sources .rx-tile").nth(k - 1)


def starting(text: str) -> re.Pattern:
    """A slot's whole name: this, and then its share, which changes with every draw."""
    return re.compile("^" + re.escape(text) + r"\s*[\d.]+ %$")


def thumb(page: Page, gallery: str, name: str) -> Locator:
    return page.locator(gallery).get_by_role("button", name=name).first


def open_cam(page: Page) -> None:
    page.get_by_role("tab", name="CAM").click()
    expect(page.locator("#rx-looks .rx-model")).to_have_count(2)


def choose(page: Page, dropdown: str, option: str) -> None:
    page.locator(f"{dropdown} input").click()
    page.get_by_role("option", name=option, exact=True).click()


def weights(page: Page) -> list[float]:
    return [float(text) for text in page.locator("#rx-evidence .rx-number").all_inner_texts()]


def upload(page: Page, gallery: str, name: str, content: bytes | Path) -> None:
    with page.expect_file_chooser() as chooser:
        page.locator(gallery).get_by_role("button", name="Upload").click()
    is_file = isinstance(content, Path)
    chooser.value.set_files(content if is_file else {"name": name, "buffer": content, "mimeType": "image/png"})


def pixel(image: Locator) -> list[int]:
    """The pixel in the middle of a picture, as the browser decodes it."""
    return image.evaluate(
        """image => {
          const canvas = Object.assign(document.createElement("canvas"), {width: 1, height: 1});
          const brush = canvas.getContext("2d");
          brush.drawImage(image, image.naturalWidth / 2, image.naturalHeight / 2, 1, 1, 0, 0, 1, 1);
          return [...brush.getImageData(0, 0, 1, 1).data].slice(0, 3);
        }"""
    )


def test_it_opens_with_a_worked_example(page):
    expect(page).to_have_title("RICAP Explorer")
    expect(stage(page)).to_have_accessible_name(re.compile("^Patched image: .*English springer"))
    assert stage(page).evaluate("canvas => canvas.width") == 320
    for k, name in enumerate(("English springer", "church", "gas pump", "parachute"), 1):
        expect(slot(page, k)).to_have_accessible_name(starting(f"Slot {k}: {name}"))
        expect(tile(page, k).locator("img")).to_be_visible()
        expect(tile(page, k).get_by_role("slider", name=f"Crop of slot {k}, {name}")).to_be_visible()
    expect(slot(page, 1)).to_have_attribute("aria-pressed", "true")
    assert len(weights(page)) == 4 and sum(weights(page)) == pytest.approx(1, abs=0.002)
    expect(page.get_by_role("img", name=re.compile("^Mixed label: "))).to_be_visible()
    expect(page.get_by_role("img", name=re.compile(r"^Density of Beta\(0.3, 0.3\)"))).to_be_visible()
    expect(page.locator("#rx-gallery .rx-thumbs button")).to_have_count(30)
    expect(page.locator("#rx-note")).not_to_be_visible()
    open_cam(page)
    expect(page.locator("#rx-target")).to_contain_text("English springer")
    expect(page.get_by_role("heading", name="Standard").first).to_be_visible()
    expect(page.get_by_role("heading", name="RICAP β = 0.3").first).to_be_visible()
    expect(page.locator("#rx-looks .rx-heat")).to_have_count(2)
    expect(page.get_by_text("Not loaded: broken.safetensors must be")).to_be_visible()


def test_beta_by_keys_by_typing_and_by_a_mark(page):
    before = patched(page)
    for _ in range(20):
        beta_slider(page).press("ArrowRight")
    expect(beta_text(page)).to_have_value("0.479")
    expect(beta_slider(page)).to_have_attribute("aria-valuetext", "β = 0.479")
    expect(page.locator("#rx-evidence")).to_contain_text("density of Beta(0.479, 0.479)")
    wait_until_patched(page, True, before)
    before, label = patched(page), weights(page)
    beta_text(page).fill("20,0")
    expect(page.locator("#rx-evidence")).to_contain_text("density of Beta(20, 20)")
    wait_until_patched(page, True, before)
    assert weights(page) != label and sum(weights(page)) == pytest.approx(1, abs=0.002)
    assert float(beta_slider(page).input_value()) == pytest.approx(1.3, abs=0.01)
    page.get_by_role("button", name="0.3", exact=True).click()
    expect(beta_text(page)).to_have_value("0.3")
    expect(page.locator("#rx-evidence")).to_contain_text("density of Beta(0.3, 0.3)")


def test_bad_beta_and_bad_seed_say_so_and_the_picture_stays(page):
    before, label, note = patched(page), weights(page), page.get_by_role("alert")
    for value in ("0", "-1", "text", ""):
        beta_text(page).fill(value)
        beta_text(page).press("Tab")  # "0" may be the beginning of 0.5
        expect(note.filter(has_text=f"beta must be a positive number; got '{value}'")).to_be_visible()
        wait_until_patched(page, False, before)
    beta_text(page).fill("0.3")
    expect(page.locator("#rx-note")).not_to_be_visible()
    page.get_by_role("textbox", name="Seed").fill("1.5")
    expect(note.filter(has_text="seed must be a whole number from 0; got '1.5'")).to_be_visible()
    wait_until_patched(page, False, before)
    assert weights(page) == label
    page.get_by_role("textbox", name="Seed").fill("8")
    wait_until_patched(page, True, before)
    expect(page.locator("#rx-note")).not_to_be_visible()


def test_a_beta_below_one_is_typed_without_a_complaint(page):
    text, alert = beta_text(page), page.locator("#rx-note .rx-alert")
    text.fill("")
    for key in "0.5":
        text.press(key)
        page.wait_for_timeout(150)
        expect(alert).to_be_empty()
    expect(beta_slider(page)).to_have_attribute("aria-valuetext", "β = 0.5")
    expect(text).to_have_attribute("aria-invalid", "false")
    text.fill("0")
    text.press("Tab")  # it is all there is
    expect(alert).to_contain_text("got '0'")
    expect(text).to_have_attribute("aria-invalid", "true")
    expect(beta_slider(page)).to_have_attribute("aria-valuetext", "β = 0.5")
    text.fill("0.3")
    expect(alert).to_be_empty()


def test_what_is_open_and_what_a_group_asks_is_heard(page):
    open_cam(page)
    panel = page.locator("#rx-tab-cam")
    expect(panel).to_have_attribute("aria-label", "CAM")
    assert panel.locator("fieldset").evaluate_all("all => all.map(one => one.ariaLabel)") == [
        "Networks",
        "Colour scale",
    ]
    fold = panel.locator(".rx-fold .label-wrap").first
    expect(fold).to_have_attribute("aria-expanded", "false")
    fold.click()
    expect(fold).to_have_attribute("aria-expanded", "true")


def test_new_draw_and_back(page):
    seed, first = page.get_by_role("textbox", name="Seed"), patched(page)
    page.get_by_role("button", name="New draw").click()
    expect(seed).not_to_have_value(SEED)
    wait_until_patched(page, True, first)
    seed.fill(SEED)
    wait_until_patched(page, False, first)


def test_fast_drag_ends_with_the_last_value(page):
    box = beta_slider(page).bounding_box()
    y = box["y"] + box["height"] / 2
    page.mouse.move(box["x"] + box["width"] * 0.37, y)
    page.mouse.down()
    for target in (0.95, 0.1, 0.8):
        page.mouse.move(box["x"] + box["width"] * target, y, steps=25)
    page.mouse.up()
    beta = float(beta_text(page).input_value())
    assert 10 < beta < 25
    expect(page.locator("#rx-evidence")).to_contain_text(f"density of Beta({beta:.3g}, {beta:.3g})")
    shown = patched(page)
    beta_text(page).fill("1")
    wait_until_patched(page, True, shown)
    beta_text(page).fill(f"{beta:g}")
    wait_until_patched(page, False, shown)


def test_a_slot_and_a_picture_of_the_gallery(page):
    before = patched(page)
    slot(page, 3).click()
    expect(slot(page, 3)).to_have_attribute("aria-pressed", "true")
    expect(slot(page, 1)).to_have_attribute("aria-pressed", "false")
    thumb(page, "#rx-gallery", "golf ball").click()
    expect(slot(page, 3)).to_have_accessible_name(starting("Slot 3: golf ball"))
    wait_until_patched(page, True, before)
    expect(slot(page, 3)).to_have_attribute("aria-pressed", "true")
    for k, name in ((1, "English springer"), (2, "church"), (4, "parachute")):
        expect(slot(page, k)).to_have_accessible_name(starting(f"Slot {k}: {name}"))
    expect(page.locator("#rx-evidence .rx-weights")).to_contain_text("golf ball")
    slot(page, 1).press("Enter")  # the same by keyboard
    thumb(page, "#rx-gallery", "golf ball").press("Enter")
    expect(slot(page, 1)).to_have_accessible_name(starting("Slot 1: golf ball"))
    shares = [float(b) for b in page.locator("#rx-evidence .rx-formula b").all_inner_texts()]
    assert len(shares) == 3 and sum(shares) == pytest.approx(1, abs=0.002)  # one class in two regions counts once


def test_what_is_chosen_while_an_answer_is_on_its_way_holds(page):
    """The answer to a picked picture comes late: it must undo neither the slot nor the beta chosen since."""
    held = []
    page.route(SERVER, lambda route: route.continue_() if held else held.append(route))
    with page.expect_request(SERVER):
        thumb(page, "#rx-gallery", "golf ball").click()
    slot(page, 2).click()
    beta_text(page).fill("20,0")
    page.evaluate(FRAMES)
    held[0].continue_()
    expect(page.locator("#rx-evidence")).to_contain_text("density of Beta(20, 20)")
    expect(page.locator("#rx-evidence .rx-weights")).to_contain_text("golf ball")
    expect(slot(page, 1)).to_have_accessible_name(starting("Slot 1: golf ball"))
    expect(slot(page, 2)).to_have_attribute("aria-pressed", "true")


def test_upload_into_a_slot(page, png, tmp_path):
    large = tmp_path / "big.png"
    large.write_bytes(bytes(9 * 2**20))
    slot(page, 2).click()
    upload(page, "#rx-gallery", "my cat.png", png)
    expect(slot(page, 2)).to_have_accessible_name(starting("Slot 2: my cat"))
    expect(page.locator("#rx-evidence")).to_contain_text("my cat")
    shown, before = patched(page), source(tile(page, 2).locator("img"))
    note = page.locator("#rx-gallery").get_by_role("alert")
    page.locator("#rx-gallery").scroll_into_view_if_needed()
    for name, content, sentence in (
        ("x.png", b"just words", "x.png must be one of JPEG, PNG"),
        ("cut.png", png[: len(png) // 2], "cut.png must be a whole image"),
        ("big.png", large, "an upload must have at most 8 MB; got 9.0 MB"),
    ):
        upload(page, "#rx-gallery", name, content)
        expect(note).to_contain_text(sentence)
        expect(slot(page, 2)).to_have_accessible_name(starting("Slot 2: my cat"))
        assert source(tile(page, 2).locator("img")) == before and patched(page) == shown
    upload(page, "#rx-gallery", "my dog.png", png)
    expect(slot(page, 2)).to_have_accessible_name(starting("Slot 2: my dog"))
    expect(note).to_be_hidden()


@pytest.mark.parametrize("name", ["<img src=x onerror=alert(1)>", "${7*6}{{7*6}}<b>&amp;'\""])
def test_a_file_s_name_is_only_text(name, page, png):
    upload(page, "#rx-gallery", name, png)
    expect(slot(page, 1)).to_have_accessible_name(starting(f"Slot 1: {name[:24]}"))
    expect(slot(page, 1).locator(".rx-name")).to_have_text(name[:24])
    expect(page.locator("#rx-evidence .rx-weights")).to_contain_text(name[:24])
    page.locator("#rx-look").click()
    expect(page.locator("#rx-looks")).to_contain_text(f"No map of {name[:24]}")
    expect(page.locator("img[src=x]")).to_have_count(0)


def bring(kind: str, target: Locator, colour: str, text: str = "", data: bytes = b"") -> bool:
    """Paste, drop or drag a picture, or a file of that data, with a text if there is one; whether the browser's own
    answer was prevented."""
    buffer, name = BytesIO(), "image.png" if kind == "paste" else f"{kind}ed.png"
    Image.new("RGB", (64, 64), colour).save(buffer, "PNG")
    return target.evaluate(
        """(target, [kind, name, data, text]) => {
          const bytes = Uint8Array.from(atob(data), (c) => c.charCodeAt(0));
          const carried = new DataTransfer();
          carried.items.add(new File([bytes], name, {type: "image/png"}));
          if (text) carried.setData("text/plain", text);
          const options = {bubbles: true, cancelable: true};
          return !target.dispatchEvent(kind === "paste"
            ? new ClipboardEvent(kind, {...options, clipboardData: carried})
            : new DragEvent(kind, {...options, dataTransfer: carried}));
        }""",
        [kind, name, base64.b64encode(data or buffer.getvalue()).decode(), text],
    )


def test_a_bad_picture_on_a_slot_is_told_where_the_slot_is(page):
    page.set_viewport_size({"width": 1366, "height": 640})
    told, own = page.locator("#rx-note .rx-alert"), page.locator("#rx-gallery .rx-alert")
    bring("drop", slot(page, 2), "red", data=b"no picture")
    expect(told).to_contain_text("must be one of JPEG, PNG")
    expect(told).to_be_in_viewport()
    expect(own).to_be_empty()
    bring("drop", slot(page, 2), "red")
    expect(slot(page, 2)).to_have_accessible_name(starting("Slot 2: droped"))
    expect(told).to_be_empty()
    page.locator("#rx-gallery").scroll_into_view_if_needed()
    bring("drop", page.locator("#rx-gallery .rx-thumbs"), "red", data=b"no picture")
    expect(own).to_contain_text("must be one of JPEG, PNG")
    expect(told).to_be_empty()


def test_paste_and_drop_fill_the_active_slot(page):
    slot(page, 4).click()
    bring("paste", page.locator("body"), "lime")
    expect(slot(page, 4)).to_have_accessible_name(starting("Slot 4: pasted picture"))
    assert pixel(tile(page, 4).locator("img")) == pytest.approx([0, 255, 0], abs=6)
    slot(page, 2).click()
    bring("drop", page.locator("#rx-gallery .rx-thumbs"), "red")
    expect(slot(page, 2)).to_have_accessible_name(starting("Slot 2: droped"))
    assert pixel(tile(page, 2).locator("img")) == pytest.approx([255, 0, 0], abs=6)
    shown = patched(page)
    open_cam(page)  # now a paste is for this tab
    bring("paste", page.locator("body"), "blue")
    expect(page.locator("#rx-target")).to_contain_text("pasted picture")
    page.get_by_role("tab", name="Patch").click()
    expect(slot(page, 2)).to_have_accessible_name(starting("Slot 2: droped"))
    assert patched(page) == shown


def test_a_picture_that_is_dropped_on_a_slot_goes_there_and_elsewhere_nowhere(page):
    assert all(bring(kind, page.locator(".rx-header"), "red") for kind in ("dragover", "drop"))
    assert bring("drop", tile(page, 3).get_by_role("slider"), "blue")
    expect(slot(page, 3)).to_have_accessible_name(starting("Slot 3: droped"))
    expect(slot(page, 3)).to_have_attribute("aria-pressed", "true")
    expect(slot(page, 1)).to_have_accessible_name(starting("Slot 1: English springer"))


@pytest.mark.parametrize(
    ("gallery", "far"), [("#rx-gallery", True), ("#rx-gallery", False), ("#rx-cam-gallery", False)]
)
def test_a_thumbnail_that_is_dragged_is_that_very_picture(gallery, far, page):
    """The browser hands it over as a file of 96 px; a click with a hand that shakes is such a drag, too."""
    page.set_viewport_size({"width": 1360, "height": 1500})
    if gallery == "#rx-cam-gallery":
        open_cam(page)
    thumb = page.locator(f"{gallery} .rx-thumbs button").nth(7)
    name, key = thumb.get_attribute("title"), thumb.get_attribute("data-id")
    thumb.scroll_into_view_if_needed()
    start = thumb.bounding_box()
    x, y = start["x"] + 20, start["y"] + 20
    end = tile(page, 3).bounding_box() if far else {"x": x - 30, "y": y - 35}
    mouse = page.context.new_cdp_session(page)  # Playwright's own mouse drags without the browser's files

    def act(kind: str, share: float, buttons: int = 1) -> None:
        at = {"x": x + share * (end["x"] + 40 - x), "y": y + share * (end["y"] + 40 - y)}
        mouse.send(
            "Input.dispatchMouseEvent", {"type": kind, **at, "button": "left", "buttons": buttons, "clickCount": 1}
        )
        page.wait_for_timeout(40)

    act("mouseMoved", 0, 0)
    act("mousePressed", 0)
    for step in range(1, 6):
        act("mouseMoved", step / 5)
    act("mouseReleased", 1, 0)
    if gallery == "#rx-gallery":
        k = 3 if far else 1
        expect(slot(page, k)).to_have_accessible_name(starting(f"Slot {k}: {name}"))
        page.wait_for_function("([k, key]) => document.rxPatch.state.slots[k] === key", arg=[k - 1, key])
    else:
        expect(page.locator("#rx-target")).to_contain_text(name)
    mouse.detach()


def test_a_thumbnail_goes_to_a_slot_also_where_the_browser_makes_no_file_of_it(page):
    """As in Firefox and Safari; Playwright's own drags have no file, either."""
    page.set_viewport_size({"width": 1360, "height": 1500})
    thumb = page.locator("#rx-gallery .rx-thumbs button").nth(7)
    name = thumb.get_attribute("title")
    thumb.drag_to(tile(page, 3))
    expect(slot(page, 3)).to_have_accessible_name(starting(f"Slot 3: {name}"))


def test_a_bad_picture_is_told_where_it_is_seen_also_from_below(page):
    """The place beside the slots and the gallery are both out of sight."""
    page.locator("#rx-take").scroll_into_view_if_needed()
    page.evaluate("scrollTo(0, document.body.scrollHeight)")
    bring("paste", page.locator("body"), "red", data=b"no picture")
    expect(page.locator("#rx-gallery .rx-alert")).to_contain_text("must be one of JPEG, PNG")
    expect(page.locator("#rx-gallery .rx-alert")).to_be_in_viewport()


def test_a_text_that_is_pasted_into_a_field_is_no_picture(page):
    """Tables and letters are copied as a picture, too."""
    note = page.locator("#rx-gallery .rx-alert")
    bring("paste", page.get_by_role("textbox", name="Seed"), "red", "77")
    assert note.text_content() == ""  # else what is read is told at once
    bring("paste", page.get_by_role("textbox", name="Seed"), "red")
    expect(slot(page, 1)).to_have_accessible_name(starting("Slot 1: pasted picture"))


def test_what_the_networks_see_in_the_patch(page):
    page.get_by_role("button", name="What do the networks see in it?").click()
    expect(page.get_by_role("tab", name="CAM")).to_have_attribute("aria-selected", "true")
    expect(page.locator("#rx-target")).to_contain_text("the patched image")
    parts = page.locator("#rx-looks .rx-part")
    expect(parts).to_have_count(4)
    for part, name in zip(parts.all(), ("English springer", "church", "gas pump", "parachute"), strict=True):
        expect(part.get_by_role("heading")).to_contain_text(name)
        expect(part.locator(".rx-heat")).to_have_count(2)
        for number in part.locator("dd").all_inner_texts():
            assert re.fullmatch(r"[\d.]+ %", number), number
    first = page.locator("#rx-looks .rx-model").first
    top = first.locator(".rx-scale span").last
    expect(first).to_contain_text("one scale for all, × mean")
    mean = float(top.inner_text())
    page.locator("#rx-scale").get_by_text("raw values").click()
    expect(first).to_contain_text("one scale for all, raw values")
    limit = float(top.inner_text())
    choose(page, "#rx-method", "Grad-CAM")  # in these networks the same picture, divided by the 6 x 6 cells
    expect(top).not_to_have_text(f"{limit:.3g}")
    assert float(top.inner_text()) == pytest.approx(limit / 36, rel=0.01)
    page.locator("#rx-scale").get_by_text("equal mass").click()
    expect(first).to_contain_text("× mean")
    assert float(top.inner_text()) == pytest.approx(mean, rel=0.01)
    choose(page, "#rx-class", "church")
    expect(page.get_by_text("The map is of church")).to_have_count(2)
    expect(page.get_by_text("one scale for all").first).to_be_visible()
    page.locator("#rx-scale").get_by_text("own maximum").click()
    expect(page.locator("#rx-looks .rx-model").get_by_text("own scale")).to_have_count(2)
    before = source(first.locator(".rx-heat"))
    choose(page, "#rx-colours", "magma")
    expect(first.locator(".rx-heat")).not_to_have_attribute("src", before)
    page.locator("#rx-models").get_by_label("RICAP β = 0.3").uncheck()
    expect(page.locator("#rx-looks .rx-model")).to_have_count(1)
    page.locator("#rx-models").get_by_label("Standard").uncheck()
    expect(page.locator("#rx-cam-note")).to_contain_text("choose 1 to 5 networks; got 0")
    expect(page.locator("#rx-looks .rx-model")).to_have_count(1)


def test_another_image_on_the_cam_tab(page, png):
    open_cam(page)
    thumb(page, "#rx-cam-gallery", "chain saw").click()
    expect(page.locator("#rx-target")).to_contain_text("chain saw")
    expect(page.locator("#rx-looks .rx-look > img").first).to_have_attribute("alt", re.compile("^chain saw; "))
    upload(page, "#rx-cam-gallery", "x.png", b"just words")
    expect(page.locator("#rx-cam-gallery").get_by_role("alert")).to_contain_text("x.png must be one of")
    expect(page.locator("#rx-target")).to_contain_text("chain saw")
    upload(page, "#rx-cam-gallery", "my cat.png", png)
    expect(page.locator("#rx-target")).to_contain_text("my cat")
    page.get_by_role("button", name="Look at the patched image").click()
    expect(page.locator("#rx-target")).to_contain_text("the patched image")
    expect(page.locator("#rx-looks .rx-part")).to_have_count(4)
    page.get_by_role("tab", name="Patch").click()
    expect(slot(page, 1)).to_have_accessible_name(starting("Slot 1: English springer"))


def test_a_bad_picture_on_the_cam_tab_is_told_where_it_is_seen(page):
    page.set_viewport_size({"width": 1366, "height": 640})
    open_cam(page)
    told = page.locator("#rx-cam-gallery").get_by_role("alert")
    expect(told).not_to_be_in_viewport()
    bring("paste", page.locator("body"), "red", data=b"no picture")
    expect(told).to_contain_text("must be one of JPEG, PNG")
    expect(told).to_be_in_viewport()


def test_a_setting_changed_while_a_network_works_is_for_the_new_image(page):
    open_cam(page)
    choose(page, "#rx-method", "Score-CAM (slow)")
    page.evaluate(FRAMES)
    thumb(page, "#rx-cam-gallery", "golf ball").click()
    choose(page, "#rx-class", "church")
    expect(page.get_by_text("The map is of church")).to_have_count(2)
    picture = page.locator("#rx-looks .rx-look > img").first
    expect(picture).to_have_attribute("alt", "golf ball; where Standard sees church")
    expect(page.locator("#rx-target")).to_contain_text("golf ball")


def test_networks_see_the_patch_that_is_shown_also_where_a_bad_beta_is_typed(page):
    beta_text(page).fill("-1")
    expect(page.locator("#rx-patch").get_by_role("alert")).to_contain_text("beta must be a positive number")
    page.get_by_role("button", name="What do the networks see in it?").click()
    expect(page.locator("#rx-looks .rx-part")).to_have_count(4)
    expect(page.locator("#rx-cam-note")).not_to_contain_text("beta")


def test_the_cam_tab_follows_the_patch_that_it_looks_at(page):
    page.get_by_role("button", name="What do the networks see in it?").click()
    expect(page.locator("#rx-looks .rx-part")).to_have_count(4)
    before = source(page.locator("#rx-target img"))
    page.get_by_role("tab", name="Patch").click()
    shown = patched(page)
    page.get_by_role("button", name="New draw").click()
    wait_until_patched(page, True, shown)
    page.get_by_role("tab", name="CAM").click()
    expect(page.locator("#rx-target img")).not_to_have_attribute("src", before)
    expect(page.locator("#rx-target")).to_contain_text("the patched image")


@pytest.mark.parametrize("width", [1440, 390])
def test_every_map_of_a_class_stands_below_the_name_of_its_network(page, width):
    page.set_viewport_size({"width": width, "height": 900})
    page.get_by_role("button", name="What do the networks see in it?").click()
    expect(page.locator("#rx-looks .rx-part")).to_have_count(4)
    for part in page.locator("#rx-looks .rx-part").all():
        names, maps = part.locator(".rx-whose").all(), part.locator(".rx-look").all()
        assert len(names) == len(maps) == 2
        for name, shown in zip(names, maps, strict=True):
            above, below = name.bounding_box(), shown.bounding_box()
            assert abs(above["x"] - below["x"]) < 4 and 0 <= below["y"] - above["y"] - above["height"] < 20
            assert below["width"] > 120


def test_an_upload_goes_into_the_slot_that_was_marked_when_it_began(page, png):
    held = []
    slot(page, 1).click()
    page.route(SERVER, lambda route: route.continue_() if held else held.append(route))
    with page.expect_request(SERVER):
        upload(page, "#rx-gallery", "late.png", png)
    slot(page, 3).click()
    page.evaluate(FRAMES)
    held[0].continue_()
    expect(slot(page, 1)).to_have_accessible_name(starting("Slot 1: late"))
    expect(slot(page, 3)).to_have_accessible_name(starting("Slot 3: gas pump"))
    expect(slot(page, 3)).to_have_attribute("aria-pressed", "true")


def test_uploads_into_several_slots_all_arrive_and_a_later_choice_for_a_slot_holds(page):
    held = []
    page.route(
        SERVER, lambda route: held.append(route) if "add_picture" in route.request.post_data else route.continue_()
    )
    for k, colour in enumerate(("red", "lime", "blue"), 1):
        with page.expect_request(lambda request: "add_picture" in (request.post_data or "")):
            bring("drop", slot(page, k), colour)
    slot(page, 2).click()
    thumb(page, "#rx-gallery", "golf ball").click()
    for route in reversed(held):
        route.continue_()
    for k, colour in ((1, [255, 0, 0]), (3, [0, 0, 255])):
        expect(slot(page, k)).to_have_accessible_name(starting(f"Slot {k}: droped" + " (2)" * (k == 3)))
        assert pixel(tile(page, k).locator("img")) == pytest.approx(colour, abs=6)
    expect(slot(page, 2)).to_have_accessible_name(starting("Slot 2: golf ball"))
    expect(page.locator("#rx-gallery .rx-alert")).to_be_empty()


def test_an_upload_on_its_way_does_not_overtake_what_is_chosen_elsewhere(page, png):
    held = []
    open_cam(page)
    page.route(
        SERVER, lambda route: held.append(route) if "add_picture" in route.request.post_data else route.continue_()
    )
    with page.expect_request(lambda request: "add_picture" in (request.post_data or "")):
        upload(page, "#rx-cam-gallery", "late.png", png)
    page.get_by_role("button", name="Look at the patched image").click()
    expect(page.locator("#rx-target")).to_contain_text("the patched image")
    with page.expect_response(SERVER):
        held[0].continue_()
    page.evaluate("() => new Promise(done => setTimeout(done, 1500))")  # as long as it would take to be looked at
    expect(page.locator("#rx-target")).to_contain_text("the patched image")
    expect(page.locator("#rx-cam-gallery").locator(".rx-alert")).to_be_empty()


def test_a_crop_of_an_empty_region_is_no_stop_of_the_keyboard(page):
    shown = patched(page)
    beta_text(page).fill("0.01")
    wait_until_patched(page, True, shown)
    stops = [tile(page, k).locator(".rx-window").get_attribute("tabindex") for k in range(1, 5)]
    empty = [float(text) == 0 for text in page.locator("#rx-evidence .rx-weights td.rx-number").all_inner_texts()]
    assert any(empty) and [stop == "-1" for stop in stops] == empty


def test_on_a_phone_a_picked_picture_is_seen(page):
    page.set_viewport_size({"width": 390, "height": 844})
    thumb(page, "#rx-gallery", "golf ball").click()
    expect(slot(page, 1)).to_have_accessible_name(starting("Slot 1: golf ball"))
    expect(page.locator("#rx-stage")).to_be_in_viewport()


def test_opacity_asks_nobody(page):
    open_cam(page)
    page.wait_for_function(SETTLED, polling=500)
    requests = []
    page.on("request", lambda request: request.method == "POST" and requests.append(request.url[:100]))
    for key, opacity in (("Home", "0"), ("End", "1")):
        page.locator("#rx-opacity").get_by_role("slider").press(key)
        expect(page.locator("#rx-looks .rx-heat").first).to_have_css("opacity", opacity)
    page.evaluate(FRAMES)
    assert requests == []


def test_a_phone_shows_everything_without_scrolling_sideways(page):
    page.set_viewport_size({"width": 390, "height": 844})
    wide = "() => document.documentElement.scrollWidth - document.documentElement.clientWidth"
    assert page.evaluate(wide) == 0
    order = ("#rx-stage", "#rx-controls", ".rx-steps", "#rx-evidence", "#rx-sources")
    tops = [page.locator(name).bounding_box()["y"] for name in order]
    assert tops == sorted(tops)  # the patched image comes first, and what moves it next to it
    for name in ("#rx-stage", "#rx-controls .rx-draw"):
        expect(page.locator(name)).to_be_in_viewport(ratio=1)
    page.get_by_role("button", name="What do the networks see in it?").click()
    expect(page.locator("#rx-looks .rx-part")).to_have_count(4)
    assert page.evaluate(wide) == 0


@pytest.mark.parametrize(("width", "height"), [(390, 844), (844, 390), (720, 450)])
def test_in_a_small_window_every_step_is_seen_with_its_words(page, width, height):
    page.set_viewport_size({"width": width, "height": height})
    for place in (".rx-step-sources", ".rx-where", ".rx-step-sources", "#rx-stage", ".rx-label"):
        page.get_by_role("button", name="Next step").click()
        for part in (place, ".rx-said", "[data-go=next]"):
            expect(page.locator(part)).to_be_in_viewport()


def test_of_a_dark_page_the_light_one_is_printed(page):
    is_dark = "() => document.body.classList.contains('dark')"
    for before in (True, False):
        page.evaluate("dark => document.body.classList.toggle('dark', dark)", before)
        page.evaluate("dispatchEvent(new Event('beforeprint'))")
        assert not page.evaluate(is_dark)
        page.evaluate("dispatchEvent(new Event('afterprint'))")
        assert page.evaluate(is_dark) is before


def test_the_end_of_a_page_is_printed_too(page):
    """On paper what must not be broken makes it longer than the frame knows."""
    overflow = page.locator(".gradio-container").evaluate("frame => getComputedStyle(frame).overflowY")
    assert overflow == "visible"


def test_what_was_never_scrolled_to_is_not_printed(page):
    section = page.locator(".rx-section", has=page.locator(".rx-waiting")).last
    expect(section).to_be_visible()
    page.emulate_media(media="print")
    expect(section).to_be_hidden()
    page.emulate_media(media="screen")


def test_on_paper_there_is_nothing_to_press(page):
    """Of the scales that which is chosen; no tabs, no gallery, no closed section."""
    page.get_by_role("tab", name="CAM").click()
    page.locator("#rx-looks .rx-look").first.wait_for()
    scales = page.locator("#rx-scale label:has(input)")
    expect(scales).to_have_count(3)
    page.emulate_media(media="print")
    shown = [scale for scale in scales.all() if scale.is_visible()]
    assert len(shown) == 1 and shown[0].locator(":checked").count() == 1
    for part in ("#rx-tabs [role=tab]", "#rx-own", "#rx-use-patch", "#rx-cam-gallery", "#rx-hide", "#rx-finer"):
        expect(page.locator(part).first).to_be_hidden()
    page.emulate_media(media="screen")
    expect(page.locator("#rx-hide")).to_be_visible()
