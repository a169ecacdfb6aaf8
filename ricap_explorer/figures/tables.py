"""Tables of results and the cards of checkpoints as HTML. A cell that nobody measured is empty."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from html import escape
from typing import Any

from ..cards import hardware
from ..experiments.report import Block, Cell, Group, fill
from ..experiments.results import Result
from ..experiments.status import duration
from ..experiments.tables import Table
from ..titles import data_title, fewer_images, length_title, millions, model_title
from ..words import several, unbroken
from .scrolled import scrolled


def table_card(table: Table, results: Sequence[Result]) -> str:
    """A table: the paper's numbers, and ours beside them, with how many runs, epochs and what hardware each took; ''
    where it has neither. What all of ours share is told above, what a column's share in its heading."""
    blocks = fill(table, results)
    groups = [group for block in blocks for group in block.groups]
    if not any(cell for group in groups for cell in group.cells):
        return ""
    shared = _shared([cell for group in groups for cell in _ours(group)])
    columns = [_column(block, group, shared, table.decimals) for block in blocks for group in block.groups]
    head = _titles([(block.title, len(block.groups)) for block in blocks]) if len(blocks) > 1 else ""
    head += f"<tr>{_corner(blocks)}{''.join(column.heading for column in columns)}</tr>"
    rows = "".join(_row(row.title, [column.cells[i] for column in columns]) for i, row in enumerate(table.rows))
    what = "; each of ours: ".join(filter(None, (table.what, _told(filter(None, shared)))))
    return (
        f'<section class="rx-card rx-results"><h3>{escape(table.title)} <small>{escape(what)}</small></h3>'
        f"{scrolled(f'<table><thead>{head}</thead><tbody>{rows}</tbody></table>', table.title)}</section>"
    )


def _titles(spans: Sequence[tuple[str, int]]) -> str:
    """A line of headings over the parts of a table."""
    cells = "".join(f'<th scope="colgroup" colspan="{width}">{unbroken(title)}</th>' for title, width in spans)
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


def _column(block: Block, group: Group, shared: Sequence[str], decimals: int) -> _Column:
    """The paper's numbers, or ours: with the recipe above, and in the cells what `shared` and it leave open."""
    if not group.ours:
        heading = f'<th scope="col">{escape(group.title or "paper")}</th>'
        return _Column(heading, [f"<td>{cell.text(decimals) if cell else ''}</td>" for cell in group.cells])
    known = {*shared, *block.title.split(", "), *group.title.split(", ")}
    common = [fact for fact in _shared(_ours(group)) if fact and fact not in known]
    title = ", ".join(filter(None, (group.title, _told(common))))
    heading = f'<th scope="col" class="rx-our">ours <small>{unbroken(title)}</small></th>'
    return _Column(heading, [_cell(cell, known.union(common), decimals) for cell in group.cells])


def _ours(group: Group) -> list[Cell]:
    """The cells of a column of ours that were measured."""
    return [cell for cell in group.cells if group.ours and cell]


def _facts(cell: Cell) -> list[str]:
    """How a number of ours was made: runs, epochs, image size ('' where unknown), hardware."""
    pixels = ", ".join(map(str, cell.pixels))
    return [cell.count, several(cell.epochs, "epoch"), f"{pixels} px" if pixels else "", ", ".join(cell.hardware)]


def _told(facts: Iterable[str]) -> str:
    """Facts above a column or a table, where an image size alone might be that of training."""
    return ", ".join(f"tested at {fact}" if fact.endswith(" px") else fact for fact in facts)


def _shared(cells: Sequence[Cell]) -> list[str]:
    """What is the same of several cells, '' for what is not."""
    told = [set(facts) for facts in zip(*map(_facts, cells), strict=True)] if len(cells) > 1 else []
    return [facts.pop() if len(facts) == 1 else "" for facts in told]


def _cell(cell: Cell | None, known: Collection[str], decimals: int) -> str:
    if not cell:
        return "<td></td>"
    made = escape(", ".join(fact for fact in _facts(cell) if fact and fact not in known))
    return f"<td><b>{cell.text(decimals)}</b>{f' <small>{made}</small>' if made else ''}</td>"


def checkpoint_card(title: str, name: str, card: dict[str, Any]) -> str:
    """A published checkpoint: its score, what it is, and at a click how it was made, with the command that makes it
    again."""
    network = f"{model_title(card)}{_millions(card.get('parameters'))}"
    short = f"{network}, {data_title(card)}, {card['image_size']} px, {hardware(card)}"
    facts = {
        "name": name,
        "network": network,
        "trained on": f"{_images(card)}, {length_title(card)}{_batches(card)}, seed {card['seed']}",
        "began with": f"the weights of {card['weights']}" if card.get("weights") else "",
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
