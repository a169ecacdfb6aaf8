"""Options of the page's events, by what they ask of the server."""

from typing import Any

QUIET: dict[str, Any] = {"queue": False, "show_progress": "hidden", "api_visibility": "private"}  # at once, every one
LIVE = QUIET | {"trigger_mode": "always_last"}  # at once; while one is under way only the latest waits
MODELS: dict[str, Any] = {
    "queue": True, "concurrency_id": "models", "concurrency_limit": 1, "trigger_mode": "always_last",
    "api_visibility": "private",
}  # fmt: skip  # networks compute, one after the other
