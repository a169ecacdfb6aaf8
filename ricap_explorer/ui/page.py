"""The whole page: a header, the tabs, and what happens when it opens."""

from __future__ import annotations

import gradio as gr

from . import api, link, tour
from .events import LIVE
from .services import Services
from .static_files import static
from .tabs import cam, lesson, patch, patch_compare, patch_take, results
from .theme import mark

HEADER = f"""
<header class="rx-header">
  {mark([f"var(--r{k})" for k in range(1, 5)])}
  <div><h1>RICAP Explorer</h1>
  <p>Random image cropping and patching cuts one crop from each of four training images, patches them into one image,
  and mixes their labels by area
  <a href="https://arxiv.org/abs/1811.09030" target="_blank" rel="noopener">(Takahashi et al. 2018)</a>.</p></div>
</header>
"""

TO_CAM = """() => {
  document.querySelector("#rx-tabs").scrollIntoView();
  document.querySelector('#rx-tabs [data-tab-id="cam"]')?.focus({ preventScroll: true });
}"""  # the answer stands at its head


def build(services: Services) -> gr.Blocks:
    """The page, ready to launch."""
    with gr.Blocks(title="RICAP Explorer", analytics_enabled=False, delete_cache=(600, 3600)) as page:
        gr.HTML(HEADER, js_on_load=static("paper.js"), apply_default_css=False)
        tour.build()
        copy, note = link.copy_button(), link.note_place()
        with gr.Tabs(elem_id="rx-tabs") as tabs:
            with gr.Tab("Patch", id="patch", elem_id="rx-tab-patch"):
                patch_tab = patch.build(services)
                patch_compare.build(services)
                patch_take.build(services)
            with gr.Tab("CAM", id="cam", elem_id="rx-tab-cam"):
                cam_tab = cam.build(services)
            with gr.Tab("Results", id="results", elem_id="rx-tab-results"):
                results_parts = results.build(services)
            with gr.Tab("Lesson", id="lesson", elem_id="rx-tab-lesson"):
                lesson.build(services)
        api.build(services)
        tab_ids = ["patch", "cam", "results", "lesson"]
        linked = link.build(page, tabs, tab_ids, [patch_tab.part, *cam_tab.parts, *results_parts], note, copy)
        linked.opened.then(**cam_tab.show)
        linked.followed.then(**cam_tab.show)
        patched = {
            "fn": None,
            "inputs": patch_tab.state,
            "outputs": cam_tab.target,
            "js": cam.PATCH_SHOWN,
        }
        cam_tab.patched.click(**patched).then(**cam_tab.show)
        look = patch_tab.look(**patched)
        look.then(lambda: gr.update(selected="cam"), None, tabs, **LIVE)
        look.then(None, None, None, js=TO_CAM, api_visibility="private")
        look.then(**cam_tab.show)
    return page
