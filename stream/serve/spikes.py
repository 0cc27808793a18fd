"""Reasons with more contacts than usual, told on `customers.insights` as soon as they are: once a half-hour each.

Only the service sees all shards, so it is the one to tell. Two services, or one that was started again, tell the same
`id`. While Kafka or Redis is away nothing is told; a spike that still is one afterwards is told then.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable
from typing import TYPE_CHECKING, NoReturn

import msgspec
import structlog
from aiokafka.errors import KafkaError
from redis.exceptions import RedisError

from schemas.insights import ReasonSpike, SpikeData
from stream.core.customers.insight_data import moment
from stream.core.customers.insights import TOPIC
from stream.core.measures import CODES
from stream.core.stage import Output
from stream.core.times.window import Span
from stream.serve import reasons
from stream.serve.past import text
from stream.state.half_hours import TooMany, half_hours

if TYPE_CHECKING:
    from stream.serve.view import View

_LOOK_SECONDS, _FIVE_MINUTES = 1.0, 300
_encode = msgspec.json.Encoder().encode
_log = structlog.get_logger()


class Spikes:
    """`send` takes what is to be told. `told`: the reasons of the half-hour that begins at `_start` (ms)."""

    def __init__(self, view: View, send: Callable[[Iterable[Output]], Awaitable[None]]) -> None:
        self._view, self._send = view, send
        self._start = -1
        self._told: set[str] = set()
        self._seen: tuple[int, int] | None = None

    async def run(self) -> NoReturn:
        """Look, until cancelled."""
        while True:
            try:
                await self.look()
            except (KafkaError, RedisError, OSError, TooMany) as error:
                _log.warning("spikes of reasons cannot be told", error=str(error))
            await asyncio.sleep(_LOOK_SECONDS)

    async def look(self) -> None:
        """Tell what has become a spike since the last look. Raises KafkaError, RedisError, OSError, TooMany."""
        view = self._view
        seen = view.snapshot.version, view.now() // 60_000
        if not view.loaded or seen == self._seen:
            return
        of = reasons.half_hour(view.snapshot, view.rules, view.now())
        if of.start_ms != self._start:
            self._start, self._told = of.start_ms, set()
        busy = self._busy(of)
        if busy and of.earlier:
            earlier = [at // 1000 for at in of.earlier]
            scopes = {scope: earlier for reason in busy for scope in busy[reason][1]}
            found = await half_hours(view.reader, scopes)
            spikes = []
            for reason, (n, own) in sorted(busy.items()):
                now = reasons.count(own, of, found, view.settings, contacts=n)
                if now.spike:
                    spikes.append((reason, _output(reason, of, now, view.now())))
            if spikes:
                await self._send([output for _, output in spikes])
                self._told.update(reason for reason, _ in spikes)
        self._seen = seen

    def _busy(self, of: reasons.HalfHour) -> dict[str, tuple[int, list[str]]]:
        """Reason -> contacts in the half-hour and scopes, where these are enough for a spike, and not told yet."""
        view = self._view
        span = Span("m", of.start_ms // 1000, of.end_ms // 1000 - _FIVE_MINUTES)
        found = {}
        for reason, scopes in reasons.scopes_of(view.snapshot, None).items():
            if reason not in self._told:
                cells = (view.snapshot.cell(scope, span, view.rules.zone) for scope in scopes)
                n = sum(cell.get(CODES["identified"], 0) for cell in cells)
                if n >= view.settings.reason_spike_contacts:
                    found[reason] = n, scopes
        return found


def _output(reason: str, of: reasons.HalfHour, now: reasons.Count, now_ms: int) -> Output:
    assert now.usual is not None
    spike = ReasonSpike(
        id=f"reason/{text(of.start_ms)}/{reason}", source="centralino", specversion="1.0", time=moment(now_ms),
        data=SpikeData(
            reason=reason, starts_at=moment(of.start_ms), ends_at=moment(of.end_ms), contacts=now.contacts,
            usual=now.usual,
        ),
    )  # fmt: skip
    return Output(TOPIC, reason.encode(), _encode(spike))
