"""The one exception for what a user can mend; anything else is a bug."""

from collections.abc import Iterable, Sequence

MANY = 10  # names that a sentence lists


class InputError(ValueError):
    """Bad input, told in one sentence: what, allowed, got. A toast on the page, exit 2 on the command line."""


class UnreadableImage(InputError):
    """A file of a data set is no whole image."""


class MissingImages(InputError):
    """The images of a data set cannot be opened: no run on them can begin."""


def choose(what: str, name: str, allowed) -> str:
    """`name` if it is one of `allowed`, else an InputError that lists them."""
    if not isinstance(name, str) or name not in allowed:
        raise InputError(f"{what} must be one of {_listed(list(allowed))}; got {name!r}")
    return name


def only(whose: str, what: str, names: Iterable[str], allowed: Sequence[str]) -> None:
    """InputError for a name that is not allowed; what: the names' kind, in the plural."""
    takes = f"the {what} {_listed(allowed)}" if allowed else f"no {what}"
    for name in names:
        if name not in allowed:
            raise InputError(f"{whose} takes {takes}; got {name}")


def _listed(names: Sequence[str]) -> str:
    more = len(names) - MANY
    return ", ".join(names) if more <= 0 else f"{', '.join(names[:MANY])} and {more} more"
