"""The page's own HTML, JavaScript and CSS, as they lie in static/."""

from pathlib import Path

STATIC = Path(__file__).parent / "static"


def static(*names: str) -> str:
    """The text of these files, one below the other."""
    return "\n".join((STATIC / name).read_text(encoding="utf-8") for name in names)
