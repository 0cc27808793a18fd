"""The rows of the bench's table, for people and for the README."""

from __future__ import annotations

from operator import attrgetter
from statistics import median
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from bench.memory import Size
    from bench.open_interactions import Told as Open
    from bench.process import Measured

NOTHING = "-"
READING_HEADINGS = ("reading", "by the clock, median", "least to most", "goal", "CPU", "longest stall")
VIEWERS_HEADINGS = ("watching", "median", "99 of 100", "at most", "goal", "how many")
MEMORY_HEADINGS = ("of", "how many", "bytes of Redis each")
LATENCY_HEADINGS = ("from before an event is sent to Kafka", "median", "99 of 100", "at most", "goal", "how many")
OPEN_HEADINGS = ("with many open", "records", "records/s", "records a CPU-second", "Redis included")
READING = (
    ("first", "first snapshot"),
    ("next", "each next one: a cell in 100 touched"),
    ("warm", "sums made ready, once"),
    ("first_metrics", "/metrics, first of a service"),
    ("metrics", "/metrics, after each"),
)
READING_GOALS = {
    "busy": {"first": "5,000 ms", "next": "100 ms", "metrics": "300 ms"},
    "wide": {"next": "150 ms", "metrics": "500 ms"},
}
LATENCY = (
    ("store", "to Redis", NOTHING),
    ("/metrics", "to /metrics", "150, 500 ms"),
    ("/events", "to the wallboard's stream", "150, 500 ms"),
)
VIEWERS = (
    ("delivered", "from the board to a viewer", "200 ms"),
    ("seen", "from the change in Redis to a viewer", NOTHING),
    ("scrapes", "/metrics beside them, once a second, but the first", "200 ms"),
)
GOALS_HEADINGS = ("goal: a ratio", "reached", "at least", "which is")
RAW, STOCK = "raw: getmany + decode", "stock Faust agent"
STREAMS, WARM = "Kafka Streams, exactly_once_v2", ", warm"
QUIX = "Quix Streams, tumbling window"
PEERS = {"Kafka Streams is 1": STREAMS + WARM, "Quix is 1": QUIX, "stock Faust is 1": STOCK, "raw is 1": RAW}
CLOCK_HEADINGS = ("records/s", "least", "median", "most", *PEERS)
CPU_HEADINGS = (
    "records a CPU-second, Redis included", "least", "median", "most", *PEERS, "a record: process", "Redis",
    "peak memory",
)  # fmt: skip

Runs = dict[str, "list[Measured]"]
rate, per_cpu, per_busiest, per_cpu_with_redis = map(
    attrgetter, ("rate", "per_cpu", "per_busiest", "per_cpu_with_redis")
)


class Goal(NamedTuple):
    """What a row is to reach: so many times what another has, both medians. Missed is no failure: clocks waver."""

    title: str
    row: str
    peer: str
    of: Callable[[Measured], float]
    at_least: float


def by_clock(runs: Runs) -> list[list[str]]:
    """A row a path: records a second, and ratios of medians. A disturbed machine shows in the range."""
    return [
        [name, *_spread(measured, rate), *_ratios(measured, runs, rate)] for name, measured in runs.items() if measured
    ]


def by_cpu(runs: Runs) -> list[list[str]]:
    """A row a path: records a CPU-second of the process and the store together, and what a record takes of each.

    What others do at the same time slows the records a second more than the records a CPU-second.
    """
    return [
        [
            name,
            *_spread(measured, per_cpu_with_redis),
            *_ratios(measured, runs, per_cpu_with_redis),
            f"{median(each.cpu / each.records for each in measured) * 1e6:.1f} µs",
            _redis(measured),
            f"{max(each.peak_bytes for each in measured) / 2**20:,.0f} MB",
        ]
        for name, measured in runs.items()
        if measured
    ]


def _redis(measured: Sequence[Measured]) -> str:
    if not any(each.redis_cpu for each in measured):
        return NOTHING
    return f"{median(each.redis_cpu / each.records for each in measured) * 1e6:.1f} µs"


def _spread(measured: Sequence[Measured], of: Callable[[Measured], float]) -> list[str]:
    found = [of(each) for each in measured]
    return [_thousands(each) for each in (min(found), median(found), max(found))]


def _thousands(rate: float) -> str:
    return f"{rate / 1000:.1f} k" if rate < 20_000 else f"{rate / 1000:.0f} k"


def _ratios(measured: Sequence[Measured], runs: Runs, of: Callable[[Measured], float]) -> list[str]:
    found = []
    for peer in PEERS.values():
        ratio = median(map(of, measured)) / median(map(of, runs[peer])) if runs.get(peer) else 0
        found.append(NOTHING if not ratio else f"{ratio:.2f}" if ratio < 9.995 else f"{ratio:.1f}")
    return found


def goals(runs: Runs, wanted: Sequence[Goal]) -> list[list[str]]:
    """A row a goal whose both sides have been measured: what was reached, and whether that is enough."""
    found = []
    for goal in wanted:
        if runs.get(goal.row) and runs.get(goal.peer):
            reached = median(map(goal.of, runs[goal.row])) / median(map(goal.of, runs[goal.peer]))
            told = "met" if reached >= goal.at_least else "missed"
            found.append([goal.title, f"{reached:.2f}", f"{goal.at_least:.2f}", told])
    return found


def reading(told: dict[str, Any], size: str) -> list[list[str]]:
    """The rows of `bench.reading`, each with its goal."""
    found = []
    for name, label in READING:
        took = told[name] if isinstance(told[name][0], list) else [told[name]]
        seconds = [each[0] for each in took]
        found.append(
            [
                label,
                _milliseconds(median(seconds)),
                NOTHING if len(seconds) == 1 else f"{_milliseconds(min(seconds))} to {_milliseconds(max(seconds))}",
                READING_GOALS[size].get(name, NOTHING),
                _milliseconds(median(each[1] for each in took)),
                _milliseconds(told["stalls"][name]),
            ]
        )
    return found


def viewers(told: dict[str, Any]) -> list[list[str]]:
    """The rows of `bench.viewers`, each with its goal for 99 of 100."""
    return _waits(told, VIEWERS)


def latency(told: dict[str, Any]) -> list[list[str]]:
    """The rows of `bench.latency`, each with its goals for the median and for 99 of 100."""
    return _waits(told, LATENCY)


def _waits(told: dict[str, Any], rows: Sequence[tuple[str, str, str]]) -> list[list[str]]:
    found = []
    for name, label, goal in rows:
        *seconds, n = told[name]
        found.append([label, *map(_milliseconds, seconds), goal, f"{n:,}"])
    return found


def phases(told: Open) -> list[list[str]]:
    """Rows of a worker with many open interactions."""
    return [
        [
            what, f"{phase.records:,}", f"{phase.records / phase.seconds:,.0f}", f"{phase.records / phase.cpu:,.0f}",
            f"{phase.records / (phase.cpu + phase.redis_cpu):,.0f}",
        ]
        for what, phase in (("while they are opened", told.opening), ("then, about any of them", told.loading))
    ]  # fmt: skip


def memory(sizes: Sequence[Size]) -> list[list[str]]:
    """The rows of `bench.memory`."""
    return [[each.what, f"{each.n:,}", f"{each.bytes / max(each.n, 1):,.0f}"] for each in sizes]


def _milliseconds(seconds: float) -> str:
    return f"{seconds * 1000:,.0f} ms"


def markdown(table: list[list[str]], headings: Sequence[str]) -> str:
    """As a table in Markdown."""
    lines = [list(headings), ["---"] + ["--:"] * (len(headings) - 1), *table]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def plain(table: list[list[str]], headings: Sequence[str]) -> str:
    """As columns for a terminal."""
    lines = [list(headings), *table]
    widths = [max(len(line[column]) for line in lines) for column in range(len(headings))]
    return "\n".join(
        "  ".join(text.ljust(width) if not column else text.rjust(width)
                  for column, (text, width) in enumerate(zip(line, widths, strict=True)))
        for line in lines
    )  # fmt: skip
