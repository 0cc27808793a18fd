"""The pictures of docs/scaling.md: what was measured at three sizes, what the model says between them, the fourth size.

Written by hand as SVG, the same for the same measurements. Colours are legible on white and on black.
"""

from __future__ import annotations

from math import log10
from typing import TYPE_CHECKING, NamedTuple

from msgspec import structs

from bench.cost.model import Fitted, drawn, of
from bench.cost.sizes import FACTORS, Factor
from bench.cost.workload import QUEUES

if TYPE_CHECKING:
    from collections.abc import Sequence

    from stream.capacity.plan import Measured

WIDTH, HEIGHT, LEFT, TOP, BETWEEN = 150, 96, 64, 40, 44
STEPS, LABEL = 24, 34
_HEAD = """<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {w} {h}" width="{w}" height="{h}" role="img">
<title>{title}</title>
<style>
text {{ font: 11px system-ui, sans-serif; fill: #57606a }} .name {{ font-weight: 600; fill: #24292f }}
.axis {{ stroke: #8c959f; stroke-width: 1 }} .said {{ fill: none; stroke: #3b82f6; stroke-width: 2 }}
.found {{ fill: #e8590c }} .fourth {{ fill: none; stroke: #e8590c; stroke-width: 2 }}
@media (prefers-color-scheme: dark) {{ text {{ fill: #9da7b3 }} .name {{ fill: #e6edf3 }} }}
</style>
"""


class Row(NamedTuple):
    """A row of panels: a quantity of each factor. `scale`: what one of its unit is."""

    quantity: str
    words: str
    scale: float


COSTS = (
    Row("worker", "worker, µs an event", 1e-6),
    Row("redis", "Redis, µs an event", 1e-6),
    Row("net_in", "to Redis, kB an event", 1e3),
)
KEPT = (Row("cells", "cells kept, thousands", 1e3), Row("memory", "memory of Redis, MB", 1e6))


def pictures(told: Measured) -> dict[str, str]:
    """File name -> SVG."""
    fit = of(told)
    costs = [factor for factor in FACTORS if factor.costs]
    kept = [factor for factor in FACTORS if not factor.costs or factor.field in ("rate", "partitions", "queues")]
    return {
        "scaling-costs.svg": _picture("What an event costs, by the size of things", COSTS, costs, told, fit),
        "scaling-kept.svg": _picture("What Redis keeps, by the size of things", KEPT, kept, told, fit),
    }


def _picture(title: str, rows: Sequence[Row], factors: Sequence[Factor], told: Measured, fit: Fitted) -> str:
    width = LEFT + len(factors) * (WIDTH + BETWEEN)
    parts = [_HEAD.format(w=width, h=TOP + len(rows) * (HEIGHT + BETWEEN), title=title)]
    for x, factor in enumerate(factors):
        left = LEFT + x * (WIDTH + BETWEEN)
        parts.append(f'<text class="name" x="{left}" y="16">{factor.name}</text>')
        for y, row in enumerate(rows):
            top = TOP + y * (HEIGHT + BETWEEN)
            if not x:
                parts.append(f'<text class="name" x="4" y="{top - 8}">{row.words}</text>')
            parts += _panel(left, top, row, factor, told, fit)
    return "\n".join([*parts, "</svg>"]) + "\n"


def _panel(left: int, top: int, row: Row, factor: Factor, told: Measured, fit: Fitted) -> list[str]:
    found = [(at, values[row.quantity] / row.scale) for at, values in told.points[factor.name]]
    low, high = min(at for at, _ in found), max(at for at, _ in found)
    line = []
    for step in range(STEPS + 1):
        at = low * (high / low) ** (step / STEPS)
        if factor.field == "queues":
            at = QUEUES * round(at / QUEUES)
        size = structs.replace(factor.fourth, **{factor.field: at})
        line.append((at, drawn(fit, size)[row.quantity] / row.scale))
    most = _round(max(value for _, value in [*line, *found]) * 1.05)

    def place(at: float, value: float) -> tuple[str, str]:
        share = log10(at / low) / log10(high / low)
        return f"{left + 8 + share * (WIDTH - 16):.1f}", f"{top + HEIGHT * (1 - value / most):.1f}"

    points = " ".join(",".join(place(*each)) for each in line)
    bottom = top + HEIGHT
    parts = [
        f'<path class="axis" fill="none" d="M{left} {top}V{bottom}H{left + WIDTH}"/>',
        f'<text x="{left - 4}" y="{top + 8}" text-anchor="end">{most:g}</text>',
        f'<text x="{left - 4}" y="{bottom}" text-anchor="end">0</text>',
        f'<polyline class="said" points="{points}"/>',
    ]
    free = 0.0
    for each in sorted(found):
        x, y = place(*each)
        kind = "fourth" if each == found[-1] else "found"
        parts.append(f'<circle class="{kind}" cx="{x}" cy="{y}" r="4"/>')
        if float(x) >= free:
            parts.append(f'<text x="{x}" y="{bottom + 14}" text-anchor="middle">{_short(each[0])}</text>')
            free = float(x) + LABEL
    return parts


def _round(value: float) -> float:
    """Up to a number that reads well."""
    power = float(f"1e{int(f'{value:e}'.partition('e')[2])}")
    return next(each * power for each in (1, 1.5, 2, 3, 4, 5, 6, 8, 10) if each * power >= value)


def _short(value: float) -> str:
    return f"{value / 1000:g}k" if value >= 1000 else f"{value:g}"
