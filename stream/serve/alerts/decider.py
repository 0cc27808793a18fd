"""Decides of what state each queue is, tells it on `queues.alerts`, and mirrors it: in one service of all.

Who takes the lease becomes the topic's one writer (which ends what the former one had begun), reads the mirror, and the
topic from where the mirror was, and so knows what was told, whatever the former one was at when it went. A state is
another one only once the topic has it: without a broker all states stay as they are. For how long a queue has been
better only who looks knows: it begins anew with each holder, and after each time in which the input was stale.
"""

from __future__ import annotations

import asyncio
from contextlib import suppress
from typing import TYPE_CHECKING, NoReturn

import structlog
from aiokafka.errors import KafkaError
from msgspec import MsgspecError
from redis.exceptions import RedisError

from stream.core.rules import MINUTE
from stream.core.sla.known import CALM, NOTHING, Known, heard, is_to_be_told, is_troubled, looked, unwatched
from stream.core.times.window import window
from stream.serve.alerts import requests
from stream.serve.alerts.alert import Setting, alert
from stream.serve.alerts.drivers import Why
from stream.serve.alerts.lease import Lease
from stream.serve.alerts.mirror import NEWEST, Stored, body
from stream.serve.alerts.seen import Sights
from stream.serve.alerts.topic import Topic
from stream.serve.background import end
from stream.settings_error import SettingsError
from stream.state.half_hours import TooMany
from stream.state.keys import alert_keys

if TYPE_CHECKING:
    from schemas.alerts import Alert
    from stream.serve.alerts.mirror import Queue
    from stream.serve.alerts.seen import Sight
    from stream.serve.view import View

CLOCKS_APART_MS = MINUTE
LOOK_SECONDS, RETRY_SECONDS, BEAT_LOOKS = 0.4, 1.0, 4
_WORLD = (KafkaError, RedisError, TimeoutError, OSError, SettingsError)
_log = structlog.get_logger()


class Decider:
    """One service's part: wait for the lease, decide while it is held."""

    def __init__(self, view: View) -> None:
        self._view, self._settings = view, view.settings
        self._redis, self._keys = view.reader.redis, alert_keys(view.settings.key_prefix)
        self._lease = Lease(self._redis, self._keys.lease)
        self._failing = False

    async def run(self) -> NoReturn:
        """Decide whenever nobody else does, until cancelled. What the world does wrong is logged once."""
        while True:
            try:
                if await self._lease.take():
                    await self._hold()
            except _WORLD as error:
                if not self._failing:
                    _log.warning("states of queues cannot be told, and stay as they are", error=_words(error))
                self._failing = True
            await asyncio.sleep(RETRY_SECONDS)

    async def _hold(self) -> None:
        keeping = asyncio.create_task(self._lease.keep())
        topic, stored = Topic(self._settings), Stored(self._redis, self._keys, self._lease.token)
        try:
            await topic.open()
            deciding = Deciding(self._view, topic, stored, self._lease)
            await deciding.recall()
            _log.info("states of queues are decided here")
            self._failing = False
            await deciding.run()
            _log.warning("states of queues are decided elsewhere: the lease is lost")
        finally:
            await end([keeping])
            await topic.close()
            with suppress(*_WORLD):
                await self._lease.release()


class Deciding:
    """While the lease is held: what is known of every queue, look after look."""

    def __init__(self, view: View, topic: Topic, stored: Stored, lease: Lease) -> None:
        self._view, self._topic, self._stored, self._lease = view, topic, stored, lease
        settings = view.settings
        self._rules, self._clock = settings.sla_rules(), settings.clock
        self._setting = Setting(settings.alert_window, settings.alert_minimum_sample)
        self._sights, self._why = Sights(lambda: view.rules, window(settings.alert_window)), Why(view)
        self._known: dict[Queue, Known] = {}
        self._positions: dict[int, int] = {}
        self._newest: list[bytes] = []
        self._ids: set[str] = set()

    async def recall(self) -> None:
        """Learn what was told before: from the mirror, and from the topic what that does not know."""
        stored = await self._stored.read()
        if stored is not None:
            self._known, self._positions, self._newest = stored.known, stored.positions, stored.newest
        records, self._positions = await self._topic.told_since(self._positions)
        for event, value in records:
            queue = event.data.channel, event.data.queue
            self._known[queue] = heard(self._known.get(queue, NOTHING), event)
            self._ids.add(event.id)
            self._newest.append(value)
        if records or stored is None:
            await self._mirror(0)

    async def run(self) -> None:
        """Look until the lease is lost. Raises KafkaError, RedisError, TimeoutError, OSError."""
        looks = 0
        while self._lease.held and await self.look():
            if looks % BEAT_LOOKS == 0:
                await self._topic.answers()
                if not await self._stored.beat():
                    return
            looks += 1
            await asyncio.sleep(LOOK_SECONDS)

    async def look(self) -> bool:
        """Judge every queue, take up what people want, tell it all, and mirror it; False: the lease is lost."""
        view, now = self._view, self._view.now()
        wanted = await self._stored.requests()
        known, changed = dict(self._known), bool(wanted)
        events: list[tuple[Queue, Alert]] = self._requested(wanted, known)
        if self._sees():
            troubled = [queue for queue, each in known.items() if is_troubled(each)]
            sights = dict(self._sights.all(view.snapshot, now, troubled))
            for queue in [each for each in sights if each[0] in view.freshness.silence.channels]:
                del sights[queue]
                known[queue] = unwatched(known.get(queue, NOTHING))
            for queue, sight in sights.items():
                before = known.get(queue, NOTHING)
                after = known[queue] = looked(before, sight.seen, self._rules, now)
                changed = changed or (after is not before and unwatched(after) != unwatched(before))
            due = {queue: sight for queue, sight in sights.items() if is_to_be_told(known[queue], now)}
            events += await self._alerts(due, known, now)
        else:
            known = {queue: unwatched(each) for queue, each in known.items()}
        if events:
            if not self._lease.held:
                return False
            values, ends = await self._topic.tell(events)
            self._newest = [*self._newest, *values][-NEWEST:]
            self._positions |= ends
            for event in events:
                _say(*event)
        self._known = known
        return await self._mirror(len(wanted)) if changed or events else True

    def _sees(self) -> bool:
        """Whether what is there to be seen is of now: a store that is empty, or not read up to now, says nothing."""
        view = self._view
        timed = self._clock == "wall" or view.snapshot.stream_time is not None
        fresh = view.freshness.known and not view.freshness.old
        return view.loaded and timed and bool(view.snapshot.shards) and fresh

    def _requested(self, wanted: list[bytes], known: dict[Queue, Known]) -> list[tuple[Queue, Alert]]:
        """The events that tell what people want; what a former holder has told already is not told again."""
        events: list[tuple[Queue, Alert]] = []
        for packed in wanted:
            try:
                request = requests.decode(packed)
            except MsgspecError as error:
                _log.warning("what is no request lies among the requests", error=str(error))
                continue
            event, queue = requests.told(request), (request.channel, request.queue)
            before = known.get(queue, NOTHING)
            standing = before.standing
            late = standing is None or standing.state in CALM or standing.since > request.at + CLOCKS_APART_MS
            if event.id in self._ids:
                continue
            if request.kind == "ack" and late:
                _log.info("nothing to acknowledge", channel=queue[0], queue=queue[1], by=request.by)
                continue
            known[queue] = heard(before, event)
            events.append((queue, event))
        return events

    async def _alerts(self, due: dict[Queue, Sight], known: dict[Queue, Known], now: int) -> list[tuple[Queue, Alert]]:
        """The events that tell states; `known` has heard them afterwards."""
        if not due:
            return []
        with suppress(TooMany):
            await self._why.look_up(due, now)
        drivers = self._why.of(due, now)
        events: list[tuple[Queue, Alert]] = []
        for queue, sight in due.items():
            event = alert(queue, known[queue], sight, drivers[queue], self._setting, now)
            known[queue] = heard(known[queue], event)
            events.append((queue, event))
        return events

    async def _mirror(self, requests_told: int) -> bool:
        content = body(self._known, self._positions, self._newest, self._clock)
        if not await self._stored.write(content, requests_told):
            return False
        self._view.sla.show(content.known, content.newest)
        return True


def _say(queue: Queue, event: Alert) -> None:
    told = type(event).__struct_config__.tag
    data = event.data
    more = {
        name: value if isinstance(value, str) else value.isoformat()
        for name in ("by", "until", "note", "previous", "state")
        if (value := getattr(data, name, None)) is not None
    }
    _log.info("told", type=told, channel=queue[0], queue=queue[1], **more)


def _words(error: BaseException) -> str:
    return str(error) or type(error).__name__
