"""The Results tab by hand: an experiment's runs, their curves, and the link that brings both back."""

import pytest
from playwright.sync_api import Page, expect

pytestmark = pytest.mark.browser


def test_another_experiment_shows_its_runs_and_the_link_brings_them_back(page: Page):
    page.get_by_role("tab", name="Results").click()
    menu, legend = page.locator("#rx-experiment input"), page.locator(".rx-legend li")
    menu.click()
    page.get_by_role("option", name="all runs").click()
    runs = page.locator("#rx-runs label")
    expect(runs.nth(40)).to_be_attached()
    before = runs.count()
    menu.click()
    page.get_by_role("option", name="Length of training").click()
    expect(runs.filter(has_text="whole images, 48 epochs").first).to_be_visible()
    assert runs.count() < before
    expect(legend.filter(has_text="whole images, 48 epochs").first).to_be_visible()
    runs.filter(has_text="RICAP, β = 0.3, whole images, 48 epochs").click()
    expect(legend.filter(has_text="RICAP, β = 0.3, whole images")).to_have_count(0)
    left = legend.all_inner_texts()
    assert left
    page.wait_for_url("**experiment=length**")
    page.reload()
    expect(menu).to_have_value("Length of training, LookNet of 1.0 M parameters at 64 px")
    expect(legend).to_have_text(left)
    page.wait_for_timeout(3000)  # nothing that comes late takes them away
    expect(legend).to_have_text(left)
    assert "experiment=length" in page.url and runs.locator("input:checked").count() == len(left)


def test_the_link_carries_what_the_curves_were_measured_on(page: Page):
    page.get_by_role("tab", name="Results").click()
    dashed, training = page.locator("#rx-run-curves .rx-train"), page.get_by_label("training", exact=True)
    expect(dashed.first).to_be_attached()
    assert "measured" not in page.url
    training.uncheck()
    expect(dashed).to_have_count(0)
    page.wait_for_url("**measured=test**")
    page.reload()
    expect(page.locator("#rx-run-curves .rx-test").first).to_be_attached()
    expect(training).not_to_be_checked()
    expect(dashed).to_have_count(0)
