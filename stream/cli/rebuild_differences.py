"""What the figures of two namespaces differ in: read at one point of the log, each with its own definitions."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from rich.table import Table
from rich.text import Text

from stream.cli.console import out
from stream.core.times.window import window
from stream.serve import kpis
from stream.serve.view import View, topics_of
from stream.state.following import Follower

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from redis.asyncio import Redis

    from stream.settings import Settings

Value = int | float | None
LIVE = ("waiting", "waiting_past_threshold", "longest_wait_ms", "service_level_live", "response_level_live")
"""Of this very moment, and not of a namespace."""
MOST_ROWS = 60
_COUNTS = ("offered", "answered", "in_threshold", "abandoned", "short_abandoned", "flowed_out", "handled")
_HEAD = ("window", "channel", "queue", "figure", "old", "new", "difference")
_QUEUE, _NUMBERS_FROM = 2, 4
_FIGURES = ("response_level", "asa_seconds", "aht_seconds", "abandonment", "fcr.provisional.ratio", "fcr.matured.ratio")


class Place(NamedTuple):
    """Which figure of what; `queue` None: of the whole channel, empty: of no queue."""

    window: str
    channel: str
    queue: str | None
    figure: str


class Difference(NamedTuple):
    """One figure that differs. None: it has no value."""

    place: Place
    old: Value
    new: Value


class Differences(NamedTuple):
    """All that differ, of so many that were compared."""

    found: list[Difference]
    compared: int


Figures = dict[Place, Value]


class Reading:
    """The figures of one namespace, as they are at one look."""

    def __init__(self, redis: Redis, settings: Settings) -> None:
        self.follower = Follower(redis, settings, topics_of)
        self._view = View(settings, self.follower)

    async def read(self) -> None:
        """Look until all is read. Raises RedisError."""
        while not await self.follower.poll():
            pass

    def now(self) -> int:
        """Now, by the setting `clock`, in ms."""
        return self._view.now()

    def figures(self, windows: Iterable[str], at_ms: int) -> Figures:
        """All, at an instant."""
        snapshot, rules = self._view.snapshot, self._view.rules
        found: Figures = {}
        for name in windows:
            for by in (("channel",), ("channel", "queue")):
                for row in kpis.rows(snapshot, rules, window(name), by, at_ms, now=True):
                    queue = (row.pop("queue") or "") if "queue" in by else None
                    channel = row.pop("channel")
                    found |= {Place(name, channel, queue, figure): value for figure, value in flat(row)}
        return found


def flat(row: dict[str, Any], before: str = "") -> Iterator[tuple[str, Value]]:
    """The numbers of a row by their names, with those of what is around them.

    >>> list(flat({"offered": 3, "waiting": 1, "fcr": {"matured": {"ratio": None}}}))
    [('offered', 3), ('fcr.matured.ratio', None)]
    """
    for name, value in row.items():
        if isinstance(value, dict):
            yield from flat(value, f"{before}{name}.")
        elif before + name not in LIVE and (value is None or isinstance(value, int | float)):
            yield before + name, value


def differences(old: Figures, new: Figures) -> Differences:
    """Figure by figure; what only one of the two has stands against none."""
    places = sorted(old.keys() | new.keys(), key=lambda place: (place[:2], place.queue or "", place.figure))
    found = [Difference(place, old.get(place), new.get(place)) for place in places]
    return Differences([each for each in found if each.old != each.new], len(found))


def as_json(differing: Differences, name: str, live: str) -> dict[str, Any]:
    """All of them, for programs."""
    rows = [
        {**{key: value for key, value in each.place._asdict().items() if value is not None},
         "old": each.old, "new": each.new}
        for each in differing.found
    ]  # fmt: skip
    return {"live": live, "rebuilt": name, "compared": differing.compared, "differences": rows}


def show(differing: Differences, variant: str, windows: Sequence[str]) -> None:
    """The figures that people ask for, as a table."""
    wanted = [*_COUNTS, f"service_level.{variant}", *_FIGURES]
    rows = [each for each in differing.found if each.place.figure in wanted]
    order = {name: n for n, name in enumerate(windows)}
    rows.sort(
        key=lambda each: (order[each.place.window], each.place.channel, each.place.queue or "",
                          wanted.index(each.place.figure))
    )  # fmt: skip
    if not differing.found:
        out.print(f"no differences: {differing.compared:,} figures are the same")
        return
    table, lines = Table(box=None, pad_edge=False, show_edge=False, padding=(0, 1)), [_HEAD]
    for n, name in enumerate(_HEAD):
        table.add_column(name, justify="left" if n < _NUMBERS_FROM else "right", no_wrap=True)
    for each in rows[:MOST_ROWS]:
        queue = "(all)" if each.place.queue is None else each.place.queue or "(none)"
        figure = each.place.figure.removesuffix(f".{variant}")
        lines.append((each.place.window, each.place.channel, queue, figure, *_numbers(each)))
    widths = [max(map(len, column)) + 2 for column in zip(*lines, strict=True)]
    room = max(len("queue"), out.width - sum(widths) + widths[_QUEUE] - 2)
    for line in lines[1:]:
        cut = line[_QUEUE] if len(line[_QUEUE]) <= room else line[_QUEUE][: room - 1] + "…"
        table.add_row(*(Text(cut if n == _QUEUE else part) for n, part in enumerate(line)))
    out.print(table)
    more = len(differing.found) - min(len(rows), MOST_ROWS)
    also = f"; {more:,} more of them: --json has all" if more else ""
    out.print(f"{len(differing.found):,} of {differing.compared:,} figures differ{also}")


def _numbers(each: Difference) -> tuple[str, str, str]:
    apart = None if each.old is None or each.new is None else each.new - each.old
    return _number(each.old), _number(each.new), "" if apart is None else _number(apart, "+")


def _number(value: Value, sign: str = "") -> str:
    if value is None:
        return "-"
    return f"{value:{sign},}" if isinstance(value, int) else f"{value:{sign},.3f}"
