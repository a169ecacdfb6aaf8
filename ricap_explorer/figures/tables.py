"""Tables of results and the cards of checkpoints as HTML. A cell that nobody measured is empty."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from typing import Any

from ..experiments.report import OURS, Block, Group, fill
from ..experiments.results import Result
from ..experiments.status import duration
from ..experiments.tables import Table
from ..titles import data_title, fewer_images, model_title
from .words import unbroken


def table_card(table: Table, results: Sequence[Result]) -> str:
    """A table: the paper's numbers, and ours beside them, with how many runs, epochs and what hardware each took; ''
    where it has neither."""
    blocks = fill(table, results)
    groups = [group for block in blocks for group in block.groups]
    if not any(text for group in groups for row in group.rows for text in row):
        return ""
    head = _titles([(block.title, len(block.groups)) for block in blocks]) if len(blocks) > 1 else ""
    head += f"<tr>{_corner(blocks)}{''.join(_heading(group) for group in groups)}</tr>"
    rows = "".join(_row(row.title, groups, i) for i, row in enumerate(table.rows))
    return (
        f'<section class="rx-card rx-results"><h3>{escape(table.title)} <small>{escape(table.what)}</small></h3>'
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


def _heading(group: Group) -> str:
    """What a column holds: a paper's number, or ours with the recipe below."""
    if group.heads != OURS:
        return f'<th scope="col">{escape(group.title or group.heads[0])}</th>'
    return f'<th scope="col" class="rx-our">ours <small>{escape(group.title)}</small></th>'


def _row(title: str, groups: Sequence[Group], i: int) -> str:
    cells = "".join(_cell(group, group.rows[i]) for group in groups)
    return f'<tr><th scope="row">{unbroken(title)}</th>{cells}</tr>'


def _cell(group: Group, texts: Sequence[str]) -> str:
    if group.heads != OURS or not texts[0]:
        return f"<td>{escape(texts[0])}</td>"
    number, runs, epochs, pixels, hardware = map(escape, texts)
    made = f"{runs} run{'' if runs == '1' else 's'}, {epochs} epochs{f', {pixels} px' if pixels else ''}, {hardware}"
    return f"<td><b>{number}</b> <small>{made}</small></td>"


def checkpoint_card(title: str, name: str, card: dict[str, Any]) -> str:
    """A published checkpoint: its score, how it was made, and the command that makes it again."""
    facts = {
        "network": f"{model_title(card)}{_millions(card.get('parameters'))}",
        "trained on": f"{_images(card)}, {card['epochs']} epochs{_batches(card)}, seed {card['seed']}",
        "image size": f"{card['image_size']} px",
        "computed by": card["hardware"] + _time(card.get("wall_time_s")),
        "made from": _versions(card),
        "tested anew": _tested(card),
    }
    rows = "".join(f"<dt>{term}</dt><dd>{escape(text)}</dd>" for term, text in facts.items() if text)
    command = card.get("command")
    code = f"<code>{escape(command)}</code>" if isinstance(command, str) and command else ""
    return (
        f'<section class="rx-card rx-made"><h3>{escape(title)} <b>{card["test_error"]:.2f} %</b></h3>'
        f'<p class="rx-hint">{escape(name)}</p><dl>{rows}</dl>{code}</section>'
    )


def _tested(card: dict[str, Any]) -> str:
    """By what a run was tested after its end, at another image size than its command says."""
    tested = card.get("tested_by")
    if not isinstance(tested, dict):
        return ""
    commit = f", by commit {tested['commit']}" if tested.get("commit") else ""
    return f"at {card['image_size']} px after its training{commit}"


def _millions(parameters: Any) -> str:
    return f", {parameters / 1e6:.1f} M parameters" if isinstance(parameters, int) else ""


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
