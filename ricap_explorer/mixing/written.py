"""Plans as JSON and back, the same way for all methods."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, ClassVar, Self

from ..errors import InputError
from .checks import parse_object


class Written:
    """What a plan with `to_dict` and `from_dict`, of and from JSON's values, is written and read by.

    method: the name that its JSON bears; '' for plans of several.
    """

    method: ClassVar[str] = ""

    def to_json(self) -> str:
        """The plan as one line of JSON. Boxes are [top, left, height, width] in pixels."""
        return json.dumps(self.to_dict())

    @classmethod
    def from_json(cls, text: str) -> Self:
        """The plan that `to_json` wrote; InputError where the text is none."""
        value = parse_object(text)
        if (method := value.get("method", "")) != cls.method:
            wanted = cls.method or "that of each sample"
            raise InputError(f"the method of this plan must be {wanted}; got {method!r}")
        return cls.from_dict(value)

    def to_dict(self) -> dict[str, Any]:
        """What `to_json` writes."""
        raise NotImplementedError

    @classmethod
    def from_dict(cls, value: dict[str, Any]) -> Self:
        """The plan that `to_dict` tells; InputError where the values make none."""
        raise NotImplementedError


@contextmanager
def needing(parts: str) -> Iterator[None]:
    """InputError, which names these parts of a plan, where one of them is missing or of another kind."""
    try:
        yield
    except KeyError as error:
        raise InputError(f"{parts}; {error.args[0]} is missing") from None
    except (TypeError, IndexError):
        raise InputError(f"{parts}; got values of another kind") from None
