"""Evidence as HTML: every question as a card with its charts, and what the numbers say of it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from html import escape

from ..cards import holdout
from ..evidence.measures import ALL, CROPS, FAITH, HIDDEN, NOTHING, SECTION_TITLES, SOURCES, SQUARES
from ..evidence.record import Evidence, Network
from ..evidence.verdicts import Glimpse, all_compared, glance, verdicts
from ..titles import data_title
from ..words import unbroken, upper
from .intervals import Line, dot_chart, line_chart, reliability_chart
from .scrolled import scrolled
from .strips import reach, strip

TONES = ("better", "worse")
NONE = (
    '<p class="rx-hint">Nobody has measured these networks yet: <code>python -m ricap_explorer evidence</code> '
    "does.</p>"
)
READ = {
    "hide": "A network whose map misses what it needs bears the loss of that part well, and seems to lean on "
    "none. Of what all networks’ maps together call hottest every network loses the same."
}  # what a question's numbers do not tell by themselves


def evidence_section(found: Sequence[Evidence]) -> str:
    """Every file of evidence as HTML, the first one open, or a sentence where there is none."""
    head = (
        '<h2 class="rx-heading">Evidence <small>does RICAP do what is said of it? Measured on trained networks'
        "</small></h2>"
    )
    parts = "".join(
        f'<details class="rx-measured"{"" if place else " open"}><summary>{escape(one.title)}</summary>{about(one)}'
        f'<div class="rx-evidences">{at_a_glance(one)}{sections(one)}</div></details>'
        for place, one in enumerate(found)
    )
    return head + (parts or NONE)


def sections(evidence: Evidence) -> str:
    """Every question as a card: its charts, and what the numbers say, in a sentence each."""
    told = [(one, verdicts(evidence, one)) for one in all_compared(evidence)]
    drawn = {
        "maps": _dots(evidence, ("area", "entropy", "focus")),
        "hide": _hiding(evidence),
        "faith": _dots(evidence, tuple(FAITH), tuple(SOURCES)),
        "robust": _robust(evidence),
        "calibration": reliability_chart(evidence) + _dots(evidence, ("surplus", "ece", "loss", "confidence")),
    }
    return "".join(
        f'<section class="rx-card rx-evidence"><h3>{title}</h3>{_read(name)}'
        f'<div class="rx-charts rx-proofs">{drawn[name]}</div>'
        f"{_sentences(evidence, [(one, sentences[title]) for one, sentences in told])}</section>"
        for name, title in SECTION_TITLES.items()
    )


def _read(section: str) -> str:
    return f'<p class="rx-hint">{READ[section]}</p>' if section in READ else ""


def about(evidence: Evidence) -> str:
    """What was measured, on what, how, and the command that measures it again."""
    card = evidence.card
    split = "training set, held out from training" if holdout(card) else "validation set"
    made = f"{card['images']:,} images of {data_title(card)}’s {split}"
    made += f" and {card['patches']:,} fixed patches" if card["patches"] else ""
    note = escape(f" {card['note']}" if card.get("note") else "")
    return (
        f'<p class="rx-hint">{escape(made)}, the same for all networks; intervals are 95 % bootstrap intervals over '
        f"images{_groups(evidence)} {_runs(evidence)}.{note}</p>"
        '<details class="rx-how"><summary>How it was measured</summary><p>Of many such statements some are wrong '
        "by chance. Hidden pixels and squares get the mean colour, as cutout’s do in training; the areas of "
        "insertion and deletion are in probability: a less sure network has less to lose."
        f"{_partners(evidence)}{_crops(evidence)}{_sizes(evidence)}{_precision(evidence)}</p>"
        f"<code>{escape(card.get('command', ''))}</code></details>"
    )


def at_a_glance(evidence: Evidence) -> str:
    """A table of all networks: number, better or worse than its partner's, and the interval of the difference; of two
    networks the differences are drawn, too."""
    rows, drawn = glance(evidence), len(evidence.networks) == 2
    heads = "".join(f'<th scope="col">{_headed(evidence, place)}</th>' for place in range(len(evidence.networks)))
    heads += '<th scope="col" class="rx-drawn">left: less, right: more</th>' * drawn
    gaps = [cell.gap for cells in rows.values() for cell in cells if cell.gap]
    most = reach(end for gap in gaps for end in (gap.low, gap.high))
    body = "".join(
        f'<tr><th scope="row">{unbroken(upper(title))}</th>{"".join(map(_glanced, cells))}'
        f"{_drawn(cells[-1], most) * drawn}</tr>"
        for title, cells in rows.items()
    )
    told = "in % and points" + ", with the interval of the difference" * (len(evidence.networks) > 1)
    table = f"<table><thead><tr><td></td>{heads}</tr></thead><tbody>{body}</tbody></table>"
    return (
        f'<section class="rx-card rx-evidence"><h3>At a glance <small>{told}</small></h3>'
        f"{scrolled(table, 'At a glance', 'rx-result-table rx-glance')}</section>"
    )


def _drawn(cell: Glimpse, most: float) -> str:
    """A difference on its interval; an empty cell where it has none."""
    gap, tone = cell.gap, cell.word if cell.word in TONES else ""
    return strip(gap.value, gap.low, gap.high, most, tone) if gap else '<td class="rx-drawn"></td>'


def _headed(evidence: Evidence, place: int) -> str:
    """A network's title, and whom it is set beside."""
    network = evidence.networks[place]
    beside = f" <small>beside {unbroken(evidence.partner(place).title)}</small>" if network.beside != place else ""
    return unbroken(network.title) + beside


def _glanced(cell: Glimpse) -> str:
    tone = f' class="rx-{cell.word}"' if cell.word in TONES else ""
    told = f" <small><b{tone}>{cell.word}</b> {cell.ends}</small>" if cell.word else ""
    return f"<td><b>{cell.number}</b>{told}</td>"


def _groups(evidence: Evidence) -> str:
    """What Focus's intervals are over."""
    groups = evidence.numbers["focus"][0].count
    return f" (of Focus over {groups:,} groups of patches, for patches share images)" * bool(groups)


def _runs(evidence: Evidence) -> str:
    """What the intervals say of training again with another seed."""
    counts = [len(network.names) for network in evidence.networks]
    if max(counts) == 1:
        return "(not over training runs: another seed may say otherwise)"
    if min(counts) == max(counts):
        return f"and over the {counts[0]} training runs of each method, whose mean is shown"
    several = [f"{n.title}: {count}" for n, count in zip(evidence.networks, counts, strict=True) if count > 1]
    rest = "of the others there is one, and another seed may say otherwise"
    return f"and over training runs, whose mean is shown ({escape(', '.join(several))}; {rest})"


def _partners(evidence: Evidence) -> str:
    """Where it is not one for all: whom a network is set beside."""
    several = len({network.beside for network in evidence.networks}) > 1
    own = "of its own size, learning rate and length of training"
    return f" A network is set beside the standard one {own}, else the first." * several


def _sizes(evidence: Evidence) -> str:
    """What it means where networks see images of different sizes."""
    sizes = _differing(evidence, lambda network: f"{network.image_size} px")
    apart = "their maps have grids of different sizes, so area and entropy are not comparable"
    if evidence.one_grid:
        apart = f"area and entropy alone are of maps of images of {evidence.card.get('map_size')} px"
    return sizes and escape(f" Each network sees the size that it was tested at ({sizes}); {apart}.")


def _precision(evidence: Evidence) -> str:
    """What it means where numbers were computed in half precision."""
    half = evidence.card.get("computed_in") in ("bf16", "fp16")
    return (
        " Computed in half precision: an image in a thousand may be answered otherwise than for the networks’ cards."
        * half
    )


def _crops(evidence: Evidence) -> str:
    """Where it differs, what the networks saw of an image in training: centre crops are judged by it."""
    if any(network.crop_scale is None for network in evidence.networks):
        return ""
    least = _differing(evidence, lambda network: f"{100 * network.crop_scale:.0f} %")
    return least and escape(
        f" What a network loses to centre crops is a matter of the crops in training more than of mixing; they kept at "
        f"least this share of an image’s area ({least})."
    )


def _differing(evidence: Evidence, tell: Callable[[Network], str]) -> str:
    """What is told of every network, by its name; '' where it is the same of all."""
    told = [tell(network) for network in evidence.networks]
    named = (f"{network.title}: {text}" for network, text in zip(evidence.networks, told, strict=True))
    return "; ".join(named) if len(set(told)) > 1 else ""


def _sentences(evidence: Evidence, told: Sequence[tuple[int, Sequence[str]]]) -> str:
    """What is told of each network beside its partner, under their names; of other methods than RICAP at a click."""
    lists = ""
    for one, sentences in told:
        items = "".join(f"<li>{unbroken(sentence)}</li>" for sentence in sentences)
        names = f"<b>{escape(evidence.networks[one].title)} beside {escape(evidence.partner(one).title)}</b>"
        if items and evidence.networks[one].method == "ricap":
            lists += f'<div><p class="rx-said-of">{names}</p><ul>{items}</ul></div>'
        elif items:
            lists += f'<details><summary class="rx-said-of">{names}</summary><ul>{items}</ul></details>'
    return f'<div class="rx-told">{lists}</div>' if lists else ""


def _dots(evidence: Evidence, names: Sequence[str], sources: Sequence[str] = ()) -> str:
    return "".join(
        dot_chart(evidence, [f"{name}.{source}" for source in sources] if sources else [name]) for name in names
    )


def _hiding(evidence: Evidence) -> str:
    """Error against the hidden share, in the order of its own map, of all networks', of a blob and of a random map."""
    own, *others = SOURCES.items()
    charts = {
        title: _lines(evidence, [(NOTHING, 0)] + [(f"hidden.{source}.{share}", share) for share in HIDDEN])
        for source, title in (own, (ALL, "all networks’ maps together"), *others)
        if evidence.numbers[f"hidden.{source}.{HIDDEN[0]}"][0].count
    }
    most = max((mean.high for lines in charts.values() for _, points in lines for _, mean in points), default=None)
    return "".join(
        line_chart(evidence, lines, f"Error in %, hottest pixels of {title} hidden", "% hidden", most)
        for title, lines in charts.items()
    )


def _robust(evidence: Evidence) -> str:
    crops = _lines(evidence, [(NOTHING, 0)] + [(f"crop.{side}", 100 - side) for side in CROPS])
    squares = _lines(evidence, [(NOTHING, 0)] + [(f"grey.{side}", side) for side in SQUARES])
    return line_chart(evidence, crops, "Error in %, centre crop", "% of side cut") + line_chart(
        evidence, squares, "Error in %, grey square", "% of side"
    )


def _lines(evidence: Evidence, names: Sequence[tuple[str, float]]) -> list[Line]:
    """Every network's means along an axis, as far as they were measured."""
    taken = [(name, place) for name, place in names if all(mean.count for mean in evidence.numbers[name])]
    return [(m, [(place, evidence.numbers[name][m]) for name, place in taken]) for m in range(len(evidence.networks))]
