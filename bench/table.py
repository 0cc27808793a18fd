"""The rows of the bench's table, for people and for the README."""

from __future__ import annotations

from statistics import median
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bench.process import Measured

HEADINGS = (
    "path", "records", "records/s, median", "least to most", "of raw", "stock Faust is 1", "records a CPU-second",
    "Redis included", "peak memory",
)  # fmt: skip
NOTHING = "-"
RAW, STOCK = "raw: getmany + decode", "stock Faust agent"


def rows(runs: dict[str, list[Measured]]) -> list[list[str]]:
    """A row a path. The ratios are of medians."""
    return [_row(name, measured, runs) for name, measured in runs.items() if measured]


def _row(name: str, measured: Sequence[Measured], runs: dict[str, list[Measured]]) -> list[str]:
    rates = [each.rate for each in measured]
    with_redis = any(each.redis_cpu for each in measured)
    return [
        name,
        f"{max(each.records for each in measured):,}",
        _thousands(median(rates)),
        NOTHING if len(rates) == 1 else f"{_thousands(min(rates))} to {_thousands(max(rates))}",
        _ratio(median(rates), runs.get(RAW)),
        _ratio(median(rates), runs.get(STOCK)),
        _thousands(median(each.per_cpu for each in measured)),
        _thousands(median(each.per_cpu_with_redis for each in measured)) if with_redis else NOTHING,
        f"{max(each.peak_bytes for each in measured) / 2**20:.0f} MB",
    ]


def _thousands(rate: float) -> str:
    return f"{rate / 1000:.1f} k" if rate < 20_000 else f"{rate / 1000:.0f} k"


def _ratio(rate: float, to: Sequence[Measured] | None) -> str:
    if not to:
        return NOTHING
    ratio = rate / median(each.rate for each in to)
    return f"{ratio:.2f}" if ratio < 9.995 else f"{ratio:.1f}"


def markdown(table: list[list[str]]) -> str:
    """As a table in Markdown."""
    lines = [HEADINGS, ["---"] + ["--:"] * (len(HEADINGS) - 1), *table]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def plain(table: list[list[str]]) -> str:
    """As columns for a terminal."""
    lines = [list(HEADINGS), *table]
    widths = [max(len(line[column]) for line in lines) for column in range(len(HEADINGS))]
    return "\n".join(
        "  ".join(text.ljust(width) if not column else text.rjust(width)
                  for column, (text, width) in enumerate(zip(line, widths, strict=True)))
        for line in lines
    )  # fmt: skip
