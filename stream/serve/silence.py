"""Which live channels are silent though people usually come: their source may have gone, and nobody would notice.

A channel is silent when nothing has come of it for `input_silence_seconds`, its queues have been open all that time,
and at least 10 interactions should have come since: by the usual of this half-hour, in a center that is too young for
that, and has opening hours, by the last 24 hours. So a channel on which three people a day call is never silent.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, NoReturn

import structlog
from redis.exceptions import RedisError

from stream.core.measures import CODES
from stream.core.rules import DAY, QueueRules
from stream.core.scope import scope as scope_of
from stream.core.times.calendar import business_ms
from stream.core.times.window import window
from stream.serve.forecasts.usual_arrivals import Usual, UsualArrivals
from stream.serve.live import known_queues
from stream.state.half_hours import TooMany

if TYPE_CHECKING:
    from stream.serve.view import View

Queue = tuple[str, str]
EXPECTED, LOOK_SECONDS = 10, 2.0
_LIMITS = (16, 8, 4, 2, 1)
_A_DAY, _OFFERED = window("24h"), CODES["offered"]
_log = structlog.get_logger()


class Silence:
    """What usually comes, looked up once a half-hour, and who has not come. `channels`: the silent ones, sorted."""

    def __init__(self, view: View) -> None:
        self._view = view
        self._usual_arrivals = UsualArrivals(view)
        self._usual: dict[Queue, Usual] = {}
        self.channels: list[str] = []
        self._failing = False

    async def run(self) -> NoReturn:
        """Look every few seconds, until cancelled; without Redis as far as is known."""
        while True:
            if self._view.loaded:
                await self.look()
            await asyncio.sleep(LOOK_SECONDS)

    async def look(self) -> None:
        """Look once."""
        try:
            self._usual = await self._usual_arrivals.around(self._queues(), self._view.now())
            self._failing = False
        except (RedisError, OSError, TooMany) as error:
            if not self._failing:
                _log.warning("what is usual cannot be looked up: silence goes by what is known", error=str(error))
            self._failing = True
        self.channels = self._silent()

    def _silent(self) -> list[str]:
        view, now = self._view, self._view.now()
        latest = {name: self._latest(f"interactions.{name}") for name, of in view.rules.channels.items() if of.live}
        expected = dict.fromkeys(latest, 0.0)
        for queue in self._queues():
            quiet_ms = self._quiet_ms(view.rules.queue(*queue), latest[queue[0]], now)
            if quiet_ms:
                expected[queue[0]] += quiet_ms * self._rate(queue, now)
        return sorted(channel for channel, n in expected.items() if n >= EXPECTED)

    def _queues(self) -> list[Queue]:
        view = self._view
        found = known_queues(view.snapshot, view.rules, "inbound")
        return [queue for queue in found if view.rules.channels[queue[0]].live]

    def _latest(self, topic: str) -> int:
        named = self._view.settings.topic(topic)
        shards = self._view.snapshot.shards.items()
        return max((known.stream_time for shard, known in shards if shard.topic == named), default=0)

    def _quiet_ms(self, own: QueueRules, latest: int, now: int) -> int:
        """For about how long the queue has been open, and nothing has come of its channel; 0: not for long."""
        limit = round(self._view.settings.input_silence_seconds * 1000)
        quiet = (n * limit for n in _LIMITS if latest <= now - n * limit)
        return next((ms for ms in quiet if business_ms(own.calendar, now - ms, now) == ms), 0)

    def _rate(self, queue: Queue, now: int) -> float:
        """How many usually come at this time, a millisecond; 0 where nobody can say."""
        usual = self._usual.get(queue, {})
        start = max((start for start in usual if start <= now), default=None)
        n = None if start is None else usual[start]
        if start is not None and n is not None:
            end = min((each for each in usual if each > start), default=start)
            return n / (end - start) if end > start else 0.0
        own = self._view.rules.queue(*queue)
        if own.calendar is None:
            return 0.0
        scope = scope_of(queue[0], inbound=True, queue=queue[1])
        cell = self._view.snapshot.running(scope, _A_DAY, now, own.zone, own.day_starts_ms)
        return cell.get(_OFFERED, 0) / max(business_ms(own.calendar, now - DAY, now), 1)
