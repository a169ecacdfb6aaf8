"""What the page's server functions answer to the browser."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ..errors import InputError


def answered(compute: Callable[..., dict[str, Any]], *arguments: Any) -> dict[str, Any]:
    """The answer, or the visitor's sentence as {"error"}."""
    try:
        return compute(*arguments)
    except InputError as error:
        return {"error": str(error)}
