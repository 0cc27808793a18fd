"""What is to be explained: a figure, over a window, of a channel and a queue, each checked."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from difflib import get_close_matches
from typing import NamedTuple

from schemas.events import CHANNELS
from stream.core.figures import explained
from stream.core.figures.explained import Figure
from stream.core.figures.measure_words import NOW, TIMES
from stream.core.rules import Rules
from stream.core.scope import CUSTOMERS, Place, place
from stream.core.times.window import Window
from stream.serve.kpis import DIRECTIONS, Direction
from stream.serve.query import BadRequest, direction_of, instant, only, window_of
from stream.state.snapshot import Snapshot

_EXAMPLES = "asa, aht, service_level, service_level.strict, fcr, wait_quantile.p90, offered"
_OF_AGENTS = ("occupancy", "concurrency", *TIMES)
_OF_CENTER = ("clv", "service_cost", "service_cost_per_interaction", "service_cost_per_resolved")


class ExplainQuery(NamedTuple):
    """A request to explain. `channel` None: all. `by_queue`: only `queue`, None being work that no queue sent.

    `at_ms` None: now.
    """

    figure: Figure
    window: Window
    channel: str | None
    queue: str | None
    by_queue: bool
    at_ms: int | None
    direction: Direction

    @property
    def labels(self) -> dict[str, str | None]:
        """The labels of the row of `/api/v1/kpis` that the figure is in."""
        channel: dict[str, str | None] = {} if self.channel is None else {"channel": self.channel}
        return channel | ({"queue": self.queue} if self.by_queue else {})

    def covers(self, scope: str) -> bool:
        """Whether a scope's cells are in that row."""
        at = place(scope)
        if self.figure.name in explained.OF_SURVEYS:
            return at.direction in DIRECTIONS[self.direction] and self._says(scope, at)
        return (
            at.summed
            and at.direction in DIRECTIONS[self.direction]
            and self.channel in (None, at.channel)
            and not (self.by_queue and (at.whole or at.queue != self.queue))
        )

    def _says(self, scope: str, at: Place) -> bool:
        """Whether a scope holds the answers to surveys of that row."""
        if scope == CUSTOMERS:
            return self.channel is None and not self.by_queue
        if self.channel not in (None, at.channel):
            return False
        return at.beside == "s" and at.name == self.queue if self.by_queue else at.summed and at.whole


def explain_query(parameters: Mapping[str, str], variant: Callable[[str, str | None], str]) -> ExplainQuery:
    """Read the parameters of `/api/v1/explain`. Raises BadRequest.

    `variant`: channel and queue -> the service-level formula of that queue, which `service_level` alone means.

    >>> explain_query({"figure": "service_level", "channel": "phone", "queue": ""}, lambda *_: "strict")[0].variant
    'strict'
    """
    only(parameters, "figure", "window", "channel", "queue", "at", "direction")
    channel, queue = parameters.get("channel") or None, parameters.get("queue") or None
    figure = _figure(parameters.get("figure", ""), variant(channel or "", queue))
    if channel is not None and channel not in CHANNELS:
        raise BadRequest("channel", f"{channel!r} is no channel", f"channel= one of {', '.join(CHANNELS)}; absent: all")
    by_queue = "queue" in parameters
    if by_queue and explained.OF_CHANNELS.intersection(figure.terms):
        hint = "leave queue out: it is counted of interactions, and those have queues only through their segments"
        raise BadRequest("queue", f"{figure.key} belongs to a channel as a whole", hint)
    at = parameters.get("at")
    return ExplainQuery(
        figure, window_of(parameters, "1h"), channel, queue, by_queue, None if not at else instant(at),
        direction_of(parameters),
    )  # fmt: skip


def _figure(asked: str, variant: str) -> Figure:
    figure = explained.figure(f"service_level.{variant}" if asked == "service_level" else asked)
    if figure is not None and figure.name not in explained.OF_CUSTOMERS - explained.OF_SURVEYS:
        return figure
    if not asked:
        raise BadRequest("figure", "is missing", f"figure= a key of a row of /api/v1/kpis: {_EXAMPLES}")
    if asked in NOW:
        hint = "/api/v1/queues has it, and /api/v1/queues/<channel>/<queue>/waiting who waits"
        raise BadRequest("figure", f"{asked!r} is of this moment, not of a window", hint)
    if asked in _OF_AGENTS:
        hint = "/api/v1/kpis?by=agent has it with what it is made of"
        raise BadRequest("figure", f"{asked!r} is of agents' time, not of interactions", hint)
    if figure is not None or asked in _OF_CENTER:
        hint = "/api/v1/kpis has it with what it is made of"
        raise BadRequest("figure", f"{asked!r} is of customers and costs, not of interactions", hint)
    names = {*explained.FIGURES, *(each.name for each in explained.FIGURES.values())}
    near = get_close_matches(asked, sorted(names), 3, 0.4)
    known = ", ".join(near) if near else _EXAMPLES
    raise BadRequest(
        "figure", f"there is no figure {asked!r}", f"figure= a key of a row of /api/v1/kpis, such as {known}"
    )


def known_queue(query: ExplainQuery, snapshot: Snapshot, rules: Rules) -> None:
    """Refuse a queue that is neither configured nor has ever counted anything. Raises BadRequest."""
    if query.queue is None:
        return
    places = (place(scope) for scope in snapshot.scopes())
    known = rules.queues.keys() | {(at.channel, at.queue) for at in places if at.queue is not None}
    names = {queue for channel, queue in known if query.channel in (None, channel)}
    if query.queue not in names:
        near = get_close_matches(query.queue, sorted(names), 5, 0.3) or sorted(names)[:5]
        there_are = f"such as {', '.join(near)}" if near else "there is none yet"
        where = f" of {query.channel}" if query.channel else ""
        hint = f"queue= a queue{where} that is configured or has been used, {there_are}; queue= alone: no queue"
        raise BadRequest("queue", f"there is no queue {query.queue!r}{where}", hint)
