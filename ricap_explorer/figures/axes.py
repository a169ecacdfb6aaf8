"""Scales, ticks and the frame of a chart as SVG."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from html import escape

from ..words import MINUS

WIDTH, HEIGHT = 560, 330
LEFT, TOP, BOTTOM = 48, 12, 34  # margins: numbers at the left and below
LETTER = 11  # about the width of a bold one, also on a phone
MOST = 6  # ticks of an axis
LINE = 22  # height of a name


@dataclass(frozen=True)
class Scale:
    """Numbers from low to high to places from start to end, evenly or by their logarithm."""

    low: float
    high: float
    start: float
    end: float
    log: bool = False

    def __call__(self, value: float) -> float:
        low, high, value = (math.log10(v) if self.log else v for v in (self.low, self.high, value))
        return self.start + (value - low) / (high - low) * (self.end - self.start)

    def ticks(self) -> list[float]:
        """Round numbers from low to high, 2 to 6 of them."""
        if self.log:
            for digits in ((1, 2, 3, 5, 7), (1, 2, 5), (1, 3), (1,)):
                found = [v for v in _decades(self.low, self.high, digits) if self.low <= v <= self.high]
                if 2 <= len(found) <= MOST:
                    return found
        step = _step((self.high - self.low) / MOST)
        first = math.ceil(self.low / step - 1e-9)
        return [i * step for i in range(first, math.floor(self.high / step + 1e-9) + 1)]


def _decades(low: float, high: float, digits: Sequence[int]) -> list[float]:
    exponents = range(math.floor(math.log10(low)), math.ceil(math.log10(high)) + 1)
    return [float(f"{digit}e{exponent}") for exponent in exponents for digit in digits]


def _step(least: float) -> float:
    """The smallest of 1, 2, 5 times a power of ten that is at least `least`."""
    power = 10.0 ** math.floor(math.log10(least))
    return next(digit * power for digit in (1, 2, 5, 10) if digit * power >= least * (1 - 1e-9))


def value_scale(values: Sequence[float], log: bool) -> Scale:
    """An upright scale with a little air around the values; a logarithmic one is for positive values only."""
    low, high = min(values), max(values)
    if log:
        low, high = low / 1.1, high * 1.1
    else:
        air = 0.06 * (high - low) or 0.1 * abs(high) or 1.0
        low, high = max(low - air, min(low, 0.0)), high + air
    return Scale(low, high, HEIGHT - BOTTOM, TOP, log)


def right_end(names: Sequence[str]) -> float:
    """Where a chart ends, so that there is room for these names at its right."""
    return WIDTH - 16 - LETTER * max(map(len, [*names, "   epoch"]))


def _tick(value: float, form: str) -> str:
    """A number at an axis."""
    return format(value, form).translate(MINUS)


def frame(x: Scale, y: Scale, x_ticks: Sequence[float], x_name: str) -> str:
    """Grid lines with their numbers, and the name of the horizontal axis."""
    right = x.end
    rows = "".join(
        f'<line class="rx-grid" x1="{LEFT}" x2="{right:.1f}" y1="{y(v):.1f}" y2="{y(v):.1f}"/>'
        f'<text x="{LEFT - 8}" y="{y(v):.1f}" dy=".35em" text-anchor="end">{_tick(v, ".4g")}</text>'
        for v in y.ticks()
    )
    columns = "".join(
        f'<line class="rx-tick" x1="{x(v):.1f}" x2="{x(v):.1f}" y1="{HEIGHT - BOTTOM}" y2="{HEIGHT - BOTTOM + 5}"/>'
        f'<text x="{x(v):.1f}" y="{HEIGHT - 10}" text-anchor="middle">{_tick(v, "g")}</text>'
        for v in x_ticks
    )
    base = f'<line class="rx-axis" x1="{LEFT}" x2="{right:.1f}" y1="{HEIGHT - BOTTOM}" y2="{HEIGHT - BOTTOM}"/>'
    return f'{rows}{base}{columns}<text x="{right + 22:.1f}" y="{HEIGHT - 10}">{x_name}</text>'


def spread(places: Sequence[float], gap: float, low: float, high: float) -> list[float]:
    """The places moved as little as it takes to be `gap` apart and between low and high, in the order given."""
    order = sorted(range(len(places)), key=lambda i: places[i])
    moved = list(places)
    floor = low
    for i in order:
        moved[i] = floor = max(moved[i], floor)
        floor += gap
    ceiling = high
    for i in reversed(order):
        moved[i] = ceiling = min(moved[i], ceiling)
        ceiling -= gap
    return moved


def along(points: Iterable[tuple[float, float]], x: Scale, y: Scale) -> str:
    """(place, value) of a line as the points of an SVG polyline."""
    return " ".join(f"{x(place):.1f},{y(value):.1f}" for place, value in points)


def bars(ends: Iterable[tuple[float, float, float]], x: Scale, y: Scale) -> str:
    """(place, low, high) of intervals as upright lines."""
    return "".join(
        f'<line x1="{x(place):.1f}" x2="{x(place):.1f}" y1="{y(low):.1f}" y2="{y(high):.1f}"/>'
        for place, low, high in ends
    )


def names_beside(lines: Sequence[tuple[str, str, float]], end: float) -> str:
    """(name, CSS colour, place) of every line as texts right of a chart's end, moved apart where they would touch."""
    places = spread([place for _, _, place in lines], LINE, TOP + 6, HEIGHT - BOTTOM)
    return "".join(
        f'<text class="rx-run-name" x="{end + 10:.1f}" y="{place:.1f}" dy=".35em" style="fill:{colour}">'
        f"{escape(name)}</text>"
        for (name, colour, _), place in zip(lines, places, strict=True)
    )


def mark(shape: int, x: float, y: float, size: float = 4.5) -> str:
    """A small circle, square, triangle or diamond."""
    s = size
    if shape % 4 == 0:
        return f'<circle cx="{x:.1f}" cy="{y:.1f}" r="{s}"/>'
    corners = (
        [(-s, -s), (s, -s), (s, s), (-s, s)],
        [(0, -1.2 * s), (1.2 * s, s), (-1.2 * s, s)],
        [(0, -1.4 * s), (1.4 * s, 0), (0, 1.4 * s), (-1.4 * s, 0)],
    )[shape % 4 - 1]
    return f'<polygon points="{" ".join(f"{x + dx:.1f},{y + dy:.1f}" for dx, dy in corners)}"/>'


def chart(body: str, spoken: str) -> str:
    """The SVG around a chart's parts; `spoken` is what a screen reader says."""
    return f'<svg class="rx-chart" viewBox="0 0 {WIDTH} {HEIGHT}" role="img" aria-label="{spoken}">{body}</svg>'
