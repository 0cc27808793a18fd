"""The rows of the bench's table, for people and for the README."""

from __future__ import annotations

from operator import attrgetter
from statistics import median
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from bench.memory import Size
    from bench.process import Measured

HEADINGS = (
    "path", "records/s, median", "least to most", "of raw", "stock Faust is 1", "records a CPU-second", "of raw",
    "stock Faust is 1", "Redis included", "peak memory",
)  # fmt: skip
NOTHING = "-"
READING_HEADINGS = ("reading", "by the clock, median", "least to most", "goal", "CPU", "longest stall")
VIEWERS_HEADINGS = ("watching", "median", "99 of 100", "at most", "goal", "how many")
MEMORY_HEADINGS = ("of", "how many", "bytes of Redis each")
READING = (
    ("first", "first snapshot", "5,000 ms"),
    ("next", "each next one: a cell in 100 touched", "100 ms"),
    ("warm", "sums made ready, once", NOTHING),
    ("first_metrics", "/metrics, first of a service", NOTHING),
    ("metrics", "/metrics, after each", "300 ms"),
)
VIEWERS = (
    ("delivered", "from the board to a viewer", "200 ms"),
    ("seen", "from the change in Redis to a viewer", NOTHING),
    ("scrapes", "/metrics beside them, once a second, but the first", "200 ms"),
)
RAW, STOCK = "raw: getmany + decode", "stock Faust agent"

Runs = dict[str, "list[Measured]"]
_rate = attrgetter("rate")


def rows(runs: Runs) -> list[list[str]]:
    """A row a path: medians, and ratios of medians. A disturbed machine shows in the range.

    What others do at the same time slows the records a second more than the records a CPU-second.
    """
    return [_row(name, measured, runs) for name, measured in runs.items() if measured]


def _row(name: str, measured: Sequence[Measured], runs: Runs) -> list[str]:
    rates = [each.rate for each in measured]
    with_redis = median(each.per_cpu_with_redis for each in measured) if any(each.redis_cpu for each in measured) else 0
    return [
        name,
        _thousands(median(rates)),
        NOTHING if len(rates) == 1 else f"{_thousands(min(rates))} to {_thousands(max(rates))}",
        *_ratios(measured, runs, lambda each: each.rate),
        _thousands(median(each.per_cpu for each in measured)),
        *_ratios(measured, runs, lambda each: each.per_cpu),
        _thousands(with_redis) if with_redis else NOTHING,
        f"{max(each.peak_bytes for each in measured) / 2**20:.0f} MB",
    ]


def _thousands(rate: float) -> str:
    return f"{rate / 1000:.1f} k" if rate < 20_000 else f"{rate / 1000:.0f} k"


def _ratios(measured: Sequence[Measured], runs: Runs, of: Callable[[Measured], float]) -> list[str]:
    found = []
    for peer in (RAW, STOCK):
        ratio = median(map(of, measured)) / median(map(of, runs[peer])) if runs.get(peer) else 0
        found.append(NOTHING if not ratio else f"{ratio:.2f}" if ratio < 9.995 else f"{ratio:.1f}")
    return found


def ratio(runs: Sequence[Measured], peers: Sequence[Measured], of: Callable[[Measured], float] = _rate) -> str:
    """Of medians: records a second, unless told."""
    return f"{median(map(of, runs)) / median(map(of, peers)):.2f}"


def reading(told: dict[str, Any]) -> list[list[str]]:
    """The rows of `bench.reading`, each with its goal."""
    found = []
    for name, label, goal in READING:
        took = told[name] if isinstance(told[name][0], list) else [told[name]]
        seconds = [each[0] for each in took]
        found.append(
            [
                label,
                _milliseconds(median(seconds)),
                NOTHING if len(seconds) == 1 else f"{_milliseconds(min(seconds))} to {_milliseconds(max(seconds))}",
                goal,
                _milliseconds(median(each[1] for each in took)),
                _milliseconds(told["stalls"][name]),
            ]
        )
    return found


def viewers(told: dict[str, Any]) -> list[list[str]]:
    """The rows of `bench.viewers`, each with its goal for 99 of 100."""
    found = []
    for name, label, goal in VIEWERS:
        *seconds, n = told[name]
        found.append([label, *map(_milliseconds, seconds), goal, f"{n:,}"])
    return found


def memory(sizes: Sequence[Size]) -> list[list[str]]:
    """The rows of `bench.memory`."""
    return [[each.what, f"{each.n:,}", f"{each.bytes / max(each.n, 1):,.0f}"] for each in sizes]


def _milliseconds(seconds: float) -> str:
    return f"{seconds * 1000:,.0f} ms"


def markdown(table: list[list[str]], headings: Sequence[str] = HEADINGS) -> str:
    """As a table in Markdown."""
    lines = [list(headings), ["---"] + ["--:"] * (len(headings) - 1), *table]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def plain(table: list[list[str]], headings: Sequence[str] = HEADINGS) -> str:
    """As columns for a terminal."""
    lines = [list(headings), *table]
    widths = [max(len(line[column]) for line in lines) for column in range(len(headings))]
    return "\n".join(
        "  ".join(text.ljust(width) if not column else text.rjust(width)
                  for column, (text, width) in enumerate(zip(line, widths, strict=True)))
        for line in lines
    )  # fmt: skip
