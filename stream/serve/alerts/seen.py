"""What a queue looks like at one instant: its live level over the window of alerts, and who waits. Pure.

The same snapshot gives the same figures as `/api/v1/kpis` does. What silence has ended and no worker has written yet
does not wait any more, and is part of neither level.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, NamedTuple

from stream.core.figures.explained import FIGURES, LIVE
from stream.core.measures import CODES, Cell
from stream.core.rules import QueueRules
from stream.core.scope import place
from stream.core.scope import scope as scope_of
from stream.core.sla.state import Seen
from stream.core.times.calendar import business_ms, is_open
from stream.core.times.window import Window, day_of

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator

    from stream.core.rules import Rules
    from stream.serve.alerts.mirror import Queue
    from stream.state.snapshot import Snapshot


_BESIDE = CODES["offered"], CODES["handled"], CODES["handle_ms"]


class Sight(NamedTuple):
    """A queue at one instant: what is judged, and what is told beside.

    `waiting`, `past_threshold`, `oldest_at` (ms): of those who wait for an agent; of threads, for a response. Over the
    window: `offered`, `handled`, `handle_ms`.
    """

    seen: Seen
    own: QueueRules
    waiting: int
    past_threshold: int
    oldest_at: int | None
    offered: int
    handled: int
    handle_ms: int


class Sights:
    """Looks at all queues."""

    def __init__(self, rules: Callable[[], Rules], window: Window) -> None:
        self._told, self._window, self._rules = rules, window, rules()
        self._scopes: set[str] = set()
        self._queues: list[tuple[Queue, str, tuple[str, int]]] = []

    def all(self, snapshot: Snapshot, now_ms: int, also: Collection[Queue] = ()) -> Iterator[tuple[Queue, Sight]]:
        """Every queue that is configured or had inbound work, sorted; `also` these, if they are there no more."""
        scopes = snapshot.scopes()
        if scopes != self._scopes or not self._queues or self._rules is not self._told():
            self._rules = self._told()
            used = {
                (at.channel, at.queue) for at in map(place, scopes) if at.queue is not None and at.inbound and at.summed
            }
            self._scopes = scopes
            self._queues = [self._scope(queue) for queue in sorted(used | self._rules.queues.keys())]
        there = {queue for queue, *_ in self._queues} if also else set()
        gone = [self._scope(queue) for queue in also if queue not in there and queue[0] in self._rules.channels]
        for (channel, queue), scope, day in [*self._queues, *gone]:
            own = self._rules.queue(channel, queue)
            cell = snapshot.running(scope, self._window, now_ms, *day)
            of = _live if self._rules.channels[channel].live else _threads
            yield (channel, queue), of(snapshot, own, scope, cell, now_ms)

    def _scope(self, queue: Queue) -> tuple[Queue, str, tuple[str, int]]:
        scope = scope_of(queue[0], inbound=True, queue=queue[1])
        return queue, scope, day_of(self._rules, scope)


def _live(snapshot: Snapshot, own: QueueRules, scope: str, cell: Cell, now_ms: int) -> Sight:
    """Of a channel on which somebody waits for an agent."""
    waiting, past, oldest_at = snapshot.open.waits(scope, now_ms, own.threshold_ms)
    waited = 0 if oldest_at is None else max(now_ms - oldest_at, 0)
    seen = Seen(
        is_open(own.calendar, now_ms), "service_level_live", *_level("service_level_live", cell, past), own.target,
        _share(waited, own.threshold_ms),
    )  # fmt: skip
    return Sight(seen, own, waiting, past, oldest_at, *(cell.get(code, 0) for code in _BESIDE))


def _threads(snapshot: Snapshot, own: QueueRules, scope: str, cell: Cell, now_ms: int) -> Sight:
    """Of a channel on which threads wait for a response: in business time."""
    waiting, past, first_past, oldest_at = snapshot.open.threads(scope, now_ms, own.calendar)
    waited = 0 if oldest_at is None else business_ms(own.calendar, oldest_at, now_ms)
    seen = Seen(
        is_open(own.calendar, now_ms), "response_level", *_level("response_level_live", cell, first_past), own.target,
        _share(waited, own.threshold_ms),
    )  # fmt: skip
    return Sight(seen, own, waiting, past, oldest_at, *(cell.get(code, 0) for code in _BESIDE))


def _level(figure: str, cell: Cell, misses: int) -> tuple[int, int]:
    """Numerator and denominator of a live level. `misses`: what its formula counts at the instant."""
    get = cell.get
    above, below = _codes(figure)
    return sum(sign * get(code, 0) for sign, code in above), misses + sum(sign * get(code, 0) for sign, code in below)


@cache
def _codes(figure: str) -> tuple[list[tuple[int, int]], list[tuple[int, int]]]:
    """(sign, code) of the measures above and below the line, without the one that is counted at the instant."""
    of = FIGURES[figure]
    above, below = (
        [(sign, CODES[name]) for sign, name in terms if name not in LIVE] for terms in (of.numerator, of.denominator)
    )
    return above, below


def _share(waited_ms: int, threshold_ms: int) -> float:
    if not waited_ms:
        return 0.0
    return waited_ms / threshold_ms if threshold_ms else float("inf")
