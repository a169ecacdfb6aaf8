"""Tables of results and the cards of checkpoints as HTML. A cell that nobody measured is empty."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from typing import Any

from ..experiments.report import Block, Group, fill
from ..experiments.results import Result
from ..experiments.status import duration
from ..experiments.tables import Table


def table_card(table: Table, results: Sequence[Result]) -> str:
    """A table: the paper's numbers, and ours beside them."""
    parts = "".join(_block(table, block) for block in fill(table, results))
    return (
        f'<section class="rx-card rx-results"><h3>{escape(table.title)} <small>{escape(table.what)}</small></h3>'
        f"{parts}</section>"
    )


def _block(table: Table, block: Block) -> str:
    name = escape(f"{table.title}, {block.title}" if block.title else table.title)
    groups = "".join(_heading(group.title, len(group.heads)) for group in block.groups)
    if table.recipes:
        heads = "".join(f'<th scope="col">{head}</th>' for group in block.groups for head in group.heads)
        top = f"<tr><td></td>{groups}</tr><tr>{_corner(block.title)}{heads}</tr>"
    else:
        top = f"<tr><td></td>{groups}</tr>"
    rows = "".join(_row(row.title, block.groups, i) for i, row in enumerate(table.rows))
    return (
        f'<div class="rx-result-table" role="region" tabindex="0" aria-label="{name}"><table>'
        f"<thead>{top}</thead><tbody>{rows}</tbody></table></div>"
    )


def _heading(title: str, columns: int) -> str:
    span = f'scope="colgroup" colspan="{columns}"' if columns > 1 else 'scope="col"'
    return f"<th {span}>{escape(title)}</th>" if title else "<td></td>"


def _corner(title: str) -> str:
    return f'<th scope="col">{escape(title)}</th>' if title else "<td></td>"


def _row(title: str, groups: Sequence[Group], i: int) -> str:
    cells = "".join(
        f"<td{' class=rx-our-number' if head == 'ours' else ''}>{escape(text)}</td>"
        for group in groups
        for head, text in zip(group.heads, group.rows[i], strict=True)
    )
    return f'<tr><th scope="row">{escape(title)}</th>{cells}</tr>'


def checkpoint_card(title: str, name: str, card: dict[str, Any]) -> str:
    """A published checkpoint: its score, how it was made, and the command that makes it again."""
    facts = {
        "network": f"{card['model']}{_millions(card.get('parameters'))}",
        "trained on": f"{card['dataset']}, {card['epochs']} epochs{_batches(card)}, seed {card['seed']}",
        "image size": f"{card['image_size']} px",
        "computed by": card["hardware"] + _time(card.get("wall_time_s")),
        "made from": _versions(card),
    }
    rows = "".join(f"<dt>{term}</dt><dd>{escape(text)}</dd>" for term, text in facts.items() if text)
    command = card.get("command")
    code = f"<code>{escape(command)}</code>" if isinstance(command, str) and command else ""
    return (
        f'<section class="rx-card rx-made"><h3>{escape(title)} <b>{card["test_error"]:.2f} %</b></h3>'
        f'<p class="rx-hint">{escape(name)}</p><dl>{rows}</dl>{code}</section>'
    )


def _millions(parameters: Any) -> str:
    return f", {parameters / 1e6:.1f} M parameters" if isinstance(parameters, int) else ""


def _batches(card: dict[str, Any]) -> str:
    return f" of batches of {card['batch_size']}" if "batch_size" in card else ""


def _time(seconds: Any) -> str:
    return f", {duration(seconds)}" if isinstance(seconds, int | float) else ""


def _versions(card: dict[str, Any]) -> str:
    versions = card.get("versions")
    torch = f"torch {versions['torch']}" if isinstance(versions, dict) and "torch" in versions else ""
    commit = f"commit {card['commit']}" if card.get("commit") else ""
    return ", ".join(filter(None, (commit, torch)))
