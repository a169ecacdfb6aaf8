"""Tables of results and the cards of checkpoints as HTML. A cell that nobody measured is empty."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from html import escape
from typing import Any

from ..experiments.report import OURS, Block, Group, fill
from ..experiments.results import Result
from ..experiments.status import duration
from ..experiments.tables import Table
from ..titles import data_title, fewer_images, length_title, millions, model_title, several
from .words import unbroken


def table_card(table: Table, results: Sequence[Result]) -> str:
    """A table: the paper's numbers, and ours beside them, with how many runs, epochs and what hardware each took; ''
    where it has neither. What all of ours share is told above, what a column's share in its heading."""
    blocks = fill(table, results)
    groups = [group for block in blocks for group in block.groups]
    if not any(text for group in groups for row in group.rows for text in row):
        return ""
    shared = _shared([row for group in groups for row in _ours(group)])
    columns = [_column(block, group, shared) for block in blocks for group in block.groups]
    head = _titles([(block.title, len(block.groups)) for block in blocks]) if len(blocks) > 1 else ""
    head += f"<tr>{_corner(blocks)}{''.join(column.heading for column in columns)}</tr>"
    rows = "".join(_row(row.title, [column.cells[i] for column in columns]) for i, row in enumerate(table.rows))
    what = "; each of ours: ".join(filter(None, (table.what, _told(filter(None, shared)))))
    return (
        f'<section class="rx-card rx-results"><h3>{escape(table.title)} <small>{escape(what)}</small></h3>'
        f'<div class="rx-result-table" role="region" tabindex="0" aria-label="{escape(table.title)}"><table>'
        f"<thead>{head}</thead><tbody>{rows}</tbody></table></div></section>"
    )


def _titles(spans: Sequence[tuple[str, int]]) -> str:
    """A line of headings over the parts of a table."""
    cells = "".join(f'<th scope="colgroup" colspan="{width}">{escape(title)}</th>' for title, width in spans)
    return f"<tr><td></td>{cells}</tr>"


def _corner(blocks: Sequence[Block]) -> str:
    title = blocks[0].title if len(blocks) == 1 else ""
    return f'<th scope="col">{escape(title)}</th>' if title else "<td></td>"


def _row(title: str, cells: Sequence[str]) -> str:
    return f'<tr><th scope="row">{unbroken(title)}</th>{"".join(cells)}</tr>'


@dataclass(frozen=True)
class _Column:
    """A column as HTML: its heading, and a cell for each row."""

    heading: str
    cells: list[str]


def _column(block: Block, group: Group, shared: Sequence[str]) -> _Column:
    """A paper's numbers, or ours: with the recipe in the heading, and what `shared` and it leave open in the cells."""
    if group.heads != OURS:
        heading = f'<th scope="col">{escape(group.title or group.heads[0])}</th>'
        return _Column(heading, [f"<td>{escape(text)}</td>" for (text,) in group.rows])
    known = {*shared, *block.title.split(", "), *group.title.split(", ")}
    common = [fact for fact in _shared(_ours(group)) if fact and fact not in known]
    title = ", ".join(filter(None, (group.title, _told(common))))
    heading = f'<th scope="col" class="rx-our">ours <small>{escape(title)}</small></th>'
    return _Column(heading, [_cell(row, known.union(common)) for row in group.rows])


def _ours(group: Group) -> list[tuple[str, ...]]:
    """The cells of a column of ours that were measured."""
    return [row for row in group.rows if group.heads == OURS and row[0]]


def _facts(row: Sequence[str]) -> list[str]:
    """How a number of ours was made: runs, epochs, image size ('' where unknown), hardware."""
    _, runs, epochs, pixels, hardware = row
    return [
        several(runs, "run"),
        several(epochs, "epoch"),
        f"{pixels} px" if pixels else "",
        hardware,
    ]


def _told(facts: Iterable[str]) -> str:
    """Facts above a column or a table, where an image size alone might be that of training."""
    return ", ".join(f"tested at {fact}" if fact.endswith(" px") else fact for fact in facts)


def _shared(rows: Sequence[Sequence[str]]) -> list[str]:
    """What is the same of several cells, '' for what is not."""
    told = [set(facts) for facts in zip(*map(_facts, rows), strict=True)] if len(rows) > 1 else []
    return [facts.pop() if len(facts) == 1 else "" for facts in told]


def _cell(row: Sequence[str], known: Collection[str]) -> str:
    if not row[0]:
        return "<td></td>"
    made = escape(", ".join(fact for fact in _facts(row) if fact and fact not in known))
    return f"<td><b>{escape(row[0])}</b>{f' <small>{made}</small>' if made else ''}</td>"


def checkpoint_card(title: str, name: str, card: dict[str, Any]) -> str:
    """A published checkpoint: its score, what it is, and at a click how it was made, with the command that makes it
    again."""
    network = f"{model_title(card)}{_millions(card.get('parameters'))}"
    short = f"{network}, {data_title(card)}, {card['image_size']} px, {card['hardware'].partition(':')[0]}"
    facts = {
        "name": name,
        "network": network,
        "trained on": f"{_images(card)}, {length_title(card)}{_batches(card)}, seed {card['seed']}",
        "image size": f"{card['image_size']} px",
        "computed by": card["hardware"] + _time(card.get("wall_time_s")),
        "made from": _versions(card),
        "tested anew": _tested(card),
    }
    rows = "".join(f"<dt>{term}</dt><dd>{escape(text)}</dd>" for term, text in facts.items() if text)
    command = card.get("command")
    code = f"<code>{escape(command)}</code>" if isinstance(command, str) and command else ""
    return (
        f'<details class="rx-card rx-made"><summary><h3>{escape(title)} <b>{card["test_error"]:.2f} %</b></h3>'
        f'<span class="rx-hint">{escape(short)}</span></summary><dl>{rows}</dl>{code}</details>'
    )


def _tested(card: dict[str, Any]) -> str:
    """By what a run was tested after its end, at another image size than its command says."""
    tested = card.get("tested_by")
    if not isinstance(tested, dict):
        return ""
    commit = f", by commit {tested['commit']}" if tested.get("commit") else ""
    return f"at {card['image_size']} px after its training{commit}"


def _millions(parameters: Any) -> str:
    return f", {millions(parameters)}" if isinstance(parameters, int) else ""


def _images(card: dict[str, Any]) -> str:
    return ", ".join(filter(None, (data_title(card), fewer_images(card))))


def _batches(card: dict[str, Any]) -> str:
    return f" of batches of {card['batch_size']}" if "batch_size" in card else ""


def _time(seconds: Any) -> str:
    return f", {duration(seconds)}" if isinstance(seconds, int | float) else ""


def _versions(card: dict[str, Any]) -> str:
    versions = card.get("versions")
    torch = f"torch {versions['torch']}" if isinstance(versions, dict) and "torch" in versions else ""
    commit = f"commit {card['commit']}" if card.get("commit") else ""
    return ", ".join(filter(None, (commit, torch)))
