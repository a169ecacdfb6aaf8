"""Numbers of several networks with their intervals as SVG: a dot for each, lines along an axis, calibration."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

from ..bootstrap import Mean
from ..evidence.measures import MEASURES, Measure
from ..evidence.record import Evidence, Network
from ..evidence.verdicts import as_number, ends_of
from ..words import upper
from .axes import LEFT, Scale, along, bars, chart, frame, mark, names_beside, right_end, value_scale
from .colour import method_colour

FEW = 20  # answers: what a bin of fewer says of how often they are right is chance
BRIEF = (("learning rate", "rate"), ("of at least", "≥"), (" only β", ", β"))  # titles below a name
BRIEFEST = (*BRIEF, (", β =", ""), (" β =", ""), ("crops ≥", "≥"), ("whole images", "whole"))  # and beside a line
Line = tuple[int, list[tuple[float, Mean]]]  # a network's place, and its means along an axis


def dot_chart(evidence: Evidence, names: Sequence[str]) -> str:
    """One measure of every network: a dot on its interval, the number beside it; further ones of `names` hollow."""
    measure = MEASURES[names[0]]
    means = [evidence.numbers[name] for name in names]
    if not any(mean.count for mean in means[0]):
        return ""
    seen = [mean.value for row in means for mean in row if mean.count]
    seen += [end for mean in means[0] if mean.has_interval for end in (mean.low, mean.high)]
    low, high = min(seen), max(seen)
    air = 0.08 * (high - low) or 0.1
    x = Scale(low - air, high + air, 0, 100)
    rows = "".join(
        _dot_row(network, [row[m] for row in means], names, x) for m, network in enumerate(evidence.networks)
    )
    spoken = "; ".join(
        f"{network.title} {as_number(mean.value, measure)}"
        for network, mean in zip(evidence.networks, means[0], strict=True)
    )
    title, unit = measure.title.partition(", its own map")[0], " <small>%</small>" if measure.share else ""
    hint = {"more": "more is better", "less": "less is better", "zero": "nearer 0 is better", "": ""}[measure.better]
    return (
        f"<figure><figcaption>{escape(upper(title))}{unit} <small>{hint}</small></figcaption>"
        f'<div class="rx-dot-rows" role="img" aria-label="{escape(f"{title}: {spoken}")}">{rows}</div>'
        f"{_key(names)}</figure>"
    )


def _key(names: Sequence[str]) -> str:
    if len(names) == 1:
        return ""
    return '<p class="rx-hint">● its own map &ensp; □ a blob in the centre &ensp; △ a random map</p>'


def _dot_row(network: Network, means: Sequence[Mean], names: Sequence[str], x: Scale) -> str:
    """Name, dots, number; x: from a measure to % of the line."""
    others = "".join(
        _dot(k, x(mean.value), f"{MEASURES[name].title}: {as_number(mean.value, MEASURES[name])}")
        for k, (mean, name) in enumerate(zip(means[1:], names[1:], strict=True), 1)
        if mean.count
    )
    own, number = _interval(means[0], MEASURES[names[0]], x)
    return (
        f'<div class="rx-dot-row" style="--c:{method_colour(network.method)}">{_name(network.title)}'
        f'<span class="rx-dot-line">{own}{others}</span><span>{number}</span></div>'
    )


def _dot(shape: int, place: float, said: str = "") -> str:
    """A mark, hollow but for the first, at a place in % of its line."""
    title, hollow = (f"<title>{escape(said)}</title>", ' class="rx-hollow"') if said else ("", "")
    return f'<svg{hollow} viewBox="-8 -8 16 16" style="left:{place:.1f}%">{mark(shape, 0, 0, 5)}{title}</svg>'


def _name(title: str) -> str:
    """A network's name; what tells it from another of its method below it."""
    name, _, more = _in_short(title, BRIEF).partition(", ")
    return f"<span><b>{escape(name)}</b>{f'<small>{escape(more)}</small>' if more else ''}</span>"


def _interval(mean: Mean, measure: Measure, x: Scale) -> tuple[str, str]:
    """The dot on its interval, and both in numbers; – where there is none."""
    if not mean.count:
        return "", "–"
    low, high = x(mean.low), x(mean.high)
    ends = ends_of(mean, measure)
    bar = f'<s style="left:{low:.1f}%;width:{high - low:.1f}%"></s>' if ends else ""
    return bar + _dot(0, x(mean.value)), f"<b>{as_number(mean.value, measure)}</b>{ends}"


def line_chart(evidence: Evidence, lines: Sequence[Line], title: str, axis: str, most: float | None = None) -> str:
    """Shares in % along an axis, a line for each network, intervals as bars; `most` is the scale's upper end."""
    if len(lines[0][1]) < 2:
        return ""
    ends = [100 * end for _, points in lines for _, mean in points for end in (mean.low, mean.high)]
    y = value_scale([0.0, *ends, 100 * most if most else 0.0], log=False)
    places = [place for place, _ in lines[0][1]]
    titles = [_short(evidence, m) for m, _ in lines]
    x = Scale(places[0], places[-1], LEFT + 6, right_end([*titles, axis + "   "]))
    body = frame(x, y, places, axis) + "".join(_line(evidence, line, x, y) for line in lines)
    last = [(method_colour(evidence.networks[m].method), y(100 * points[-1][1].value)) for m, points in lines]
    body += names_beside([(name, *end) for name, end in zip(titles, last, strict=True)], x.end)
    said = "; ".join(
        f"{evidence.networks[m].title} " + ", ".join(f"{100 * mean.value:.1f} at {place:g}" for place, mean in points)
        for m, points in lines
    )
    return f"<figure><figcaption>{escape(title)}</figcaption>{chart(body, escape(f'{title}: {said}'))}</figure>"


def _line(evidence: Evidence, line: Line, x: Scale, y: Scale) -> str:
    m, points = line
    path = along(((place, 100 * mean.value) for place, mean in points), x, y)
    ends = bars(((place, 100 * mean.low, 100 * mean.high) for place, mean in points), x, y)
    shape = evidence.networks_of(evidence.networks[m].method).index(m)  # another one for another network of a method
    marks = "".join(
        f"<g>{mark(shape, x(place), y(100 * mean.value), 4)}<title>{escape(evidence.networks[m].title)}, {place:g}: "
        f"{100 * mean.value:.1f} %</title></g>"
        for place, mean in points
    )
    own = method_colour(evidence.networks[m].method)
    return f'<g class="rx-ours" style="--c:{own}"><polyline points="{path}"/>{ends}{marks}</g>'


def reliability_chart(evidence: Evidence) -> str:
    """Share of right answers against confidence, a line for each network; on the diagonal confidence is honest.

    Bins of a few answers say nothing and are left out, where there are larger ones."""
    x = Scale(0.0, 100.0, LEFT + 6, right_end([*(_short(evidence, m) for m in range(len(evidence.networks)))]))
    y = value_scale([0.0, 100.0], log=False)
    body = frame(x, y, [0, 20, 40, 60, 80, 100], "% sure")
    body += f'<line class="rx-honest" x1="{x(0):.1f}" y1="{y(0):.1f}" x2="{x(100):.1f}" y2="{y(100):.1f}"/>'
    ends = []
    for m, (network, rows) in enumerate(zip(evidence.networks, evidence.reliability, strict=True)):
        least = min(FEW, max(count for *_, count in rows))
        points = [(100 * sure, 100 * right, count) for sure, right, count in rows if count >= least]
        body += _bins(network.title, method_colour(network.method), points, x, y)
        ends.append((_short(evidence, m), method_colour(network.method), y(points[-1][1])))
    body += names_beside(ends, x.end)
    title = "How often it is right, by how sure it is"
    said = "; ".join(
        f"{n.title}: calibration error {as_number(mean.value, MEASURES['ece'])} %"
        for n, mean in zip(evidence.networks, evidence.numbers["ece"], strict=True)
    )
    return (
        f"<figure><figcaption>{title} <small>dashed: exactly as often; below: too sure; bins of {FEW} answers or more"
        "</small></figcaption>"
        f"{chart(body, escape(f'{title}. {said}'))}</figure>"
    )


def _bins(title: str, own: str, points: Sequence[tuple[float, float, int]], x: Scale, y: Scale) -> str:
    path = along(((sure, right) for sure, right, _ in points), x, y)
    marks = "".join(
        f"<g>{mark(0, x(sure), y(right), 3.5)}<title>{escape(title)}: {sure:.0f} % sure, {right:.0f} % right, "
        f"{count:.0f} answers</title></g>"
        for sure, right, count in points
    )
    return f'<g class="rx-ours" style="--c:{own}"><polyline points="{path}"/>{marks}</g>'


def _short(evidence: Evidence, m: int) -> str:
    return _in_short(evidence.networks[m].title, BRIEFEST)


def _in_short(title: str, pairs: Sequence[tuple[str, str]]) -> str:
    for words, shorter in pairs:
        title = title.replace(words, shorter)
    return title
