"""The gallery that both tabs share: thumbnails, upload, drop and paste."""

from __future__ import annotations

import base64
from collections import Counter
from collections.abc import Callable
from html import escape

import gradio as gr

from .answers import answered
from .pictures import MAX_UPLOAD_MB, SAMPLE, Pictures
from .static_files import static

TEMPLATE = """
<div class="rx-picker">
  <div class="rx-picker-head">
    <h2>${title}</h2>
    <div class="rx-picker-actions">
      ${kinds.map(kind => '<button type="button" class="rx-chip" data-kind="' + kind.id + '" aria-pressed="' +
        (value.kind === kind.id) + '">' + (value.kind === kind.id ? kind.more : kind.title) + '</button>').join('')}
      <button type="button" class="rx-chip rx-upload">Upload</button>
      <input type="file" accept="image/*" hidden aria-label="Upload a picture">
      <span class="rx-hint rx-paste">or paste, or drop a picture here; its middle square is used</span>
    </div>
  </div>
  <p class="rx-alert" role="alert"></p>
  <div class="rx-thumbs">${thumbs}</div>
  <p class="rx-hint">${source}</p>
</div>
"""


def picker(pictures: Pictures, title: str, elem_id: str, kind: str = SAMPLE) -> gr.HTML:
    """The gallery as a component: `.pick` after a choice (value["picked"] is the id), `.browse` for other pictures.

    kind: the part of it that is open at first.
    """

    def add_picture(upload: dict[str, str]) -> dict[str, str]:
        """Take in an upload {"name", "data": a data URI}: its id, or the sentence that says what is wrong with it."""
        content = base64.b64decode(upload["data"].partition(",")[2])
        return answered(lambda: {"id": pictures.add(content, upload["name"]).id})

    return gr.HTML(
        {"picked": None, "kind": kind, "page": 0},
        title=title,
        kinds=[
            {"id": key, "title": escape(one.title), "more": escape(one.more)} for key, one in pictures.kinds.items()
        ],
        thumbs=thumbnails(pictures, kind),
        source=escape(pictures.kinds[kind].source),
        limit=MAX_UPLOAD_MB,
        html_template=TEMPLATE,
        js_on_load=static("asked.js", "picker.js"),
        server_functions=[add_picture],
        apply_default_css=False,
        elem_id=elem_id,
    )


def thumbnails(pictures: Pictures, kind: str, page: int = 0) -> str:
    """The gallery's buttons as HTML."""
    shown, seen, buttons = pictures.thumbnails(kind, page), Counter(), []
    count = Counter(name for _, name, _ in shown)
    for key, name, uri in shown:
        seen[name] += 1
        spoken = f"{name}, {seen[name]} of {count[name]}" if count[name] > 1 else name
        buttons.append(
            f'<button type="button" data-id="{escape(key)}" title="{escape(name)}" aria-label="{escape(spoken)}">'
            f'<img src="{uri}" alt="" width="96" height="96"></button>'
        )
    return "".join(buttons)


def browse(pictures: Pictures) -> Callable[[dict], dict]:
    """Handler of `.browse`: other thumbnails for the kind and page in the value."""

    def show(value: dict) -> dict:
        kind = value.get("kind") if value.get("kind") in pictures.kinds else SAMPLE
        source = escape(pictures.kinds[kind].source)
        return gr.update(thumbs=thumbnails(pictures, kind, int(value.get("page") or 0)), source=source)

    return show
