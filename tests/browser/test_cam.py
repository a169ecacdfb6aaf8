"""The CAM tab's sections in a real browser: they open, follow their controls, and say what is missing."""

import re

import pytest
from playwright.sync_api import Page, expect

from ricap_explorer.zoo import read_checkpoint, write_checkpoint

from .test_page import SETTLED, choose, open_cam

pytestmark = pytest.mark.browser


def unfold(page: Page, section: str) -> None:
    page.locator(f"{section} > button").first.click()


def test_hiding_follows_the_slider_and_the_image(page):
    open_cam(page)
    unfold(page, "#rx-hide")
    falls = page.locator("#rx-hidden .rx-fall")
    expect(falls).to_have_count(2)
    left = page.locator("#rx-hidden img")
    sources = "nodes => new Set(nodes.map(node => node.src)).size"
    assert left.evaluate_all(sources) == 2
    first = left.first.get_attribute("src")
    page.get_by_label("all maps together").check()
    expect(left.first).not_to_have_attribute("src", first)
    assert left.evaluate_all(sources) == 1, "the same part is hidden from both"
    page.get_by_label("its own map").check()
    expect(left.first).to_have_attribute("src", first)
    before = falls.all_inner_texts()
    page.locator("#rx-hide-share").get_by_role("slider").press("End")
    expect(falls.first).not_to_have_text(before[0])
    page.locator("#rx-cam-gallery").get_by_role("button", name="church").first.click()
    expect(page.locator("#rx-target")).to_contain_text("church")
    expect(falls).to_have_count(2)


def test_the_line_between_two_maps_stays_where_it_was_dragged(page):
    open_cam(page)
    line = page.get_by_role("slider", name="Left Standard, right RICAP")
    box = line.bounding_box()
    line.click(position={"x": box["width"] / 4, "y": 20})
    second = page.locator("#rx-maps .rx-wipe .rx-heat").nth(1)
    share = "node => parseFloat(getComputedStyle(node).getPropertyValue('--at'))"
    assert second.evaluate(share) == pytest.approx(25, abs=2)
    before = second.get_attribute("src")
    choose(page, "#rx-colours", "magma")
    expect(second).not_to_have_attribute("src", before)
    assert second.evaluate(share) == float(line.input_value()) == pytest.approx(25, abs=2)
    line.press("End")
    assert second.evaluate(share) == 100


def test_what_the_networks_answer_is_spoken(page):
    open_cam(page)
    spoken = page.locator("#rx-looks [role=status]")
    answer = page.locator("#rx-looks .rx-model").first.locator(".rx-top b").first
    expect(spoken).to_contain_text(answer.inner_text())
    before = spoken.text_content()
    page.locator("#rx-cam-gallery").get_by_role("button", name="church").first.click()
    expect(spoken).not_to_have_text(before)
    expect(spoken).to_contain_text(answer.inner_text())


def test_the_crop_moves_by_keys_and_by_a_preset(page):
    open_cam(page)
    unfold(page, "#rx-crops")
    box = page.locator("#rx-crop .rx-crop-box")
    expect(page.locator("#rx-cropped .rx-model")).to_have_count(2)
    expect(page.locator("#rx-crop img")).to_be_visible()
    picture = page.locator("#rx-cropped .rx-look > img").first
    before, place = picture.get_attribute("src"), box.get_attribute("style")
    page.locator("#rx-crop .rx-crop-field").click(button="right")
    assert box.get_attribute("style") == place
    page.locator("#rx-crop").get_by_role("button", name="Lower right").click()
    expect(picture).not_to_have_attribute("src", before)
    assert box.evaluate("box => box.style.left") == "60%"
    box.press("Shift+ArrowLeft")
    moved = "50 % from the left, 60 % from the top"
    expect(box).to_have_attribute("aria-label", re.compile(moved))
    box.press("Alt+ArrowLeft")  # the browser's own
    expect(box).to_have_attribute("aria-label", re.compile(moved))


def test_the_crop_with_the_least_evidence_is_gone_to_unless_the_visitor_has_gone_on(page):
    open_cam(page)
    unfold(page, "#rx-crops")
    box, picture = page.locator("#rx-crop .rx-crop-box"), page.locator("#rx-cropped .rx-look > img").first
    page.locator("#rx-crop").get_by_role("button", name="Lower right").click()
    place, before = box.get_attribute("style"), picture.get_attribute("src")
    page.locator("#rx-crop").get_by_role("button", name="Least evidence").click()
    expect(box).not_to_have_attribute("style", place)
    expect(picture).not_to_have_attribute("src", before)
    page.locator("#rx-crop").evaluate(
        """crop => {
          const buttons = ["[data-corner='0,0']", ".rx-emptiest", "[data-corner='0,1']"];
          buttons.forEach(name => crop.querySelector(name).click());
          window.rxFound = 0;
          const shown = document.querySelector("#rx-cropped");
          new MutationObserver(() => window.rxFound++).observe(shown, { subtree: true, childList: true });
        }"""
    )
    page.wait_for_function("() => window.rxFound > 0")
    page.evaluate("() => new Promise(done => setTimeout(done, 500))")
    assert box.evaluate("box => [box.style.left, box.style.top]") == ["0%", "60%"]


def test_faithfulness_is_measured_when_its_section_opens(page):
    open_cam(page)
    expect(page.locator("#rx-truths table")).to_have_count(0)
    unfold(page, "#rx-truth")
    expect(page.locator("#rx-truths svg")).to_have_count(2)
    expect(page.locator("#rx-truths tbody tr")).to_have_count(5)


def test_many_images_without_a_data_set_are_one_sentence(page):
    open_cam(page)
    unfold(page, "#rx-many")
    held, cancel = [], page.get_by_role("button", name="Cancel")
    join = re.compile("queue/join")
    page.route(join, lambda route: route.continue_() if held else held.append(route))  # as while another's run goes on
    page.get_by_role("button", name="Run", exact=True).click()
    expect(page.locator("#rx-many-bar")).to_contain_text("Waiting for its turn")
    expect(cancel).to_be_enabled()
    held[0].continue_()
    expect(page.locator("#rx-many-bar").get_by_role("alert")).to_contain_text("imagenette2")
    expect(cancel).to_be_disabled()
    expect(page.locator("#rx-looks .rx-model")).to_have_count(2)


def test_what_was_cancelled_has_not_failed(page):
    open_cam(page)
    unfold(page, "#rx-many")
    page.wait_for_function(SETTLED, polling=1500)
    page.route(re.compile("queue/data"), lambda route: None)  # the server is never heard of again
    page.get_by_role("button", name="Run", exact=True).click()
    expect(page.locator("#rx-many-bar")).to_contain_text("Waiting for its turn")
    page.get_by_role("button", name="Cancel").click()
    expect(page.locator("#rx-many-bar")).to_contain_text("Cancelled.")
    page.wait_for_timeout(1500)  # Gradio tells of a failure, too, and not always first
    expect(page.locator("#rx-many-bar")).to_contain_text("Cancelled.")
    page.unroute_all()


def test_an_own_network_joins_and_a_foreign_file_is_one_sentence(page, checkpoints, tmp_path):
    open_cam(page)
    file = tmp_path / "mine.safetensors"
    file.write_text("no checkpoint")
    for content, count in ((None, 2), (next(checkpoints.glob("*ricap*")).read_bytes(), 3)):
        if content:
            file.write_bytes(content)
        with page.expect_file_chooser() as chooser:
            page.locator("#rx-own").click()
        chooser.value.set_files(file)
        if not content:
            expect(page.locator("[data-testid=toast-body]")).to_contain_text("mine.safetensors must be a whole")
        expect(page.locator("#rx-looks .rx-model")).to_have_count(count)
    expect(page.get_by_label("RICAP β = 0.3 (yours)")).to_be_checked()


def test_a_number_out_of_range_or_emptied_beside_a_slider_is_none(page):
    """Gradio's own answer would be an error at the server, and a box that says other than what is shown."""
    open_cam(page)
    unfold(page, "#rx-hide")
    expect(page.locator("#rx-hidden .rx-fall")).to_have_count(2)
    box = page.locator("#rx-hide-share input[type=number]")
    slider = page.locator("#rx-hide-share input[type=range]")
    for typed, kept in (("", "20"), ("200", "95"), ("-5", "0"), ("30", "30"), ("", "30")):
        box.fill(typed)
        box.blur()
        expect(box).to_have_value(kept)
    expect(slider).to_have_value("30")
    slider.press("Home")
    expect(box).to_have_value("0")
    box.fill("")
    box.blur()
    expect(box).to_have_value("0")
    expect(slider).to_have_value("0")
    expect(page.locator("[data-testid=toast-body]")).to_have_count(0)


def test_an_own_network_of_other_data_stands_alone_at_first(page, checkpoints, tmp_path):
    """What cannot be compared with it is no longer chosen; both together are one sentence."""
    found = read_checkpoint(next(checkpoints.glob("*ricap*")))
    write_checkpoint(tmp_path / "mine.safetensors", found.load(), found.card | {"dataset": "flowers"})
    open_cam(page)
    with page.expect_file_chooser() as chooser:
        page.locator("#rx-own").click()
    chooser.value.set_files(tmp_path / "mine.safetensors")
    expect(page.get_by_label("RICAP β = 0.3 (yours)")).to_be_checked()
    expect(page.locator("#rx-looks .rx-model")).to_have_count(1)
    page.get_by_label("Standard").first.check()
    expect(page.locator("#rx-cam-note")).to_contain_text(
        "got RICAP β = 0.3 of flowers (10 classes), Standard of Imagenette (10 classes)"
    )


def test_the_link_carries_the_menus(page):
    open_cam(page)
    page.locator("#rx-scale").get_by_label("own maximum").check()
    page.wait_for_url(re.compile("scale=own"))
    page.reload()
    expect(page.locator("#rx-looks .rx-model").get_by_text("own scale")).to_have_count(2)


def test_the_link_carries_how_maps_are_drawn(page):
    page.goto(page.url.partition("?")[0] + "?tab=cam&tour=off&cells=on&contour=0.5&opacity=0.2")
    expect(page.locator("#rx-looks .rx-model")).to_have_count(2)
    expect(page.locator("#rx-looks .rx-contour").first).to_be_attached()
    page.wait_for_function("getComputedStyle(document.documentElement).getPropertyValue('--heat').trim() === '0.2'")
    unfold(page, "#rx-finer")
    expect(page.locator("#rx-squares").get_by_role("checkbox")).to_be_checked()
    assert all(part in page.url for part in ("cells=on", "contour=0.5", "opacity=0.2"))


def test_the_link_carries_the_patch_that_is_looked_at(page):
    page.get_by_role("textbox", name="Seed").fill("9")
    page.wait_for_function("document.rxPatch.state.seed === '9'")
    page.get_by_role("button", name="What do the networks see in it?").click()
    expect(page.locator("#rx-looks .rx-parts")).to_be_visible()
    page.wait_for_url(re.compile("look=patch"))
    shown = page.locator("#rx-target img").get_attribute("src")
    page.reload()
    expect(page.locator("#rx-target")).to_contain_text("the patched image")
    expect(page.locator("#rx-target img")).to_have_attribute("src", shown)


def test_files_of_what_is_no_longer_shown_go_away(page):
    open_cam(page)
    unfold(page, "#rx-cam-take")
    page.locator("#rx-cam-files").click()
    links = page.locator("#rx-cam-links a")
    expect(links).to_have_count(4)
    choose(page, "#rx-colours", "magma")
    expect(links).to_have_count(0)


def test_maps_to_be_compared_stand_side_by_side_on_a_phone_too(page):
    """Wherever networks are compared; what is turned back is set as it was."""
    open_cam(page)
    unfold(page, "#rx-hide")
    page.locator("#rx-hide .rx-model").first.wait_for()
    tops = "row => [...row.children].map(card => card.getBoundingClientRect().top)"
    for width, paired in ((390, 1), (1440, 0), (390, 1)):
        page.set_viewport_size({"width": width, "height": 844})
        for place in ("#rx-looks", "#rx-hide"):
            expect(page.locator(f"{place} .rx-models.rx-paired")).to_have_count(paired)
            first, second = page.locator(f"{place} .rx-models").evaluate(tops)
            assert first == second
    overflow = page.evaluate("document.documentElement.scrollWidth - innerWidth")
    assert overflow <= 0
