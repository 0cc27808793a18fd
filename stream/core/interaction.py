"""The first stage: interactions as sets of facts, whatever the order in which, and how often, the facts arrive.

What an interaction contributes is `fold(facts)`. A fact that is the next in order is stepped onto the life as it stands
(the fast path); any other one makes the life anew, and the difference to the stamps *as applied* is what changes.
"""

from __future__ import annotations

from collections import Counter
from typing import Any

import msgspec

from stream.core import digest, log, stamps
from stream.core.fact import (
    DECLINED,
    FLOWED_OUT,
    HELD,
    MESSAGE,
    OFFERED,
    RESUMED,
    STARTED,
    UPDATED,
    WRAPPED_UP,
    Fact,
    canonical,
    fact,
)  # fmt: skip
from stream.core.fold import Told, fold
from stream.core.life import Life
from stream.core.measures import CODES
from stream.core.order import would_go_before
from stream.core.rules import Rules
from stream.core.scope import channel_scope
from stream.core.segment import TIMED_OUT, TIMED_OUT_CONNECTED
from stream.core.slots import SEGMENT_TIMED_OUT, UNIDENTIFIED
from stream.core.stage import Change, Open, Output, Stamp

_encode = msgspec.msgpack.Encoder().encode
_decode = msgspec.msgpack.Decoder(tuple[bytes, bytes, bytes | None]).decode
_UNCHANGED: list[Output] = []
_QUIET = frozenset({OFFERED, DECLINED, FLOWED_OUT, RESUMED, HELD, MESSAGE, WRAPPED_UP})
"""Kinds that change nothing that the customer's shard hears of, unless they tell of whom, why or which way."""


class Interaction:
    """One interaction's state. `log`: its facts, packed, in order of arrival; `count`: how many.

    `phases`: what was open before each of the facts of the last instant, which are the last ones of the log; None
    where not known. `found`: the anomalies of the last change. `owed`: stamps to add and to take back, since settings
    changed after they were applied. `stirred`: something changed that the customer's shard may have to hear of.
    `unidentified`: whether that stamp stands. `sent`: the digest as sent, packed.
    """

    __slots__ = (
        "channel", "count", "found", "id", "last_at", "life", "log", "owed", "phases", "sent", "stirred", "timed_out",
        "told", "unidentified",
    )  # fmt: skip

    def __init__(self, interaction_id: str, channel: str, rules: Rules) -> None:
        self.id = interaction_id
        self.channel = channel
        self.life = Life(channel, rules, inbound=True)
        self.told = Told()
        self.log = b""
        self.count = 0
        self.last_at = -1
        self.phases: tuple[int, ...] | None = None
        self.sent: bytes | None = None
        self.owed: tuple[list[Stamp], list[Stamp]] | None = None
        self.found: tuple[str, ...] = ()
        self.timed_out = False
        self.stirred = False
        self.unidentified = False

    def step(self, f: Fact) -> bool:
        """Step a fact that is the next in order. False: it is not, or it changes the past."""
        life, told = self.life, self.told
        if f.at > self.last_at:
            self.phases = (life.phase(),)
        else:
            if f.at < self.last_at or self.phases is None:
                return False
            for other, phase in zip(log.facts(self.log)[-1 - len(self.phases) : -1], self.phases, strict=True):
                if would_go_before(f, other, phase):
                    return False
            self.phases += (life.phase(),)
        if (
            f.customer_id is not None or f.reason is not None or f.direction is not None or f.initiation is not None
        ) and told.tell(f):
            self.stirred = True
            if told.inbound != life.inbound:
                return False
        if (f.kind == UPDATED and f.queue is not None) or (f.kind == STARTED and life.late_start(f.at)):
            return False
        life.added, life.removed = [], []
        known = len(life.anomalies)
        life.step(f)
        self.found = tuple(life.anomalies[known:]) if len(life.anomalies) > known else ()
        return True

    def refold(self, rules: Rules) -> None:
        """Make the life anew from the facts; `added` and `removed` say how its stamps differ from before."""
        before, known = stamps.entries(self.life.stamps), Counter(self.life.anomalies)
        life, told = fold(log.facts(self.log), self.channel, rules)
        after = stamps.entries(life.stamps)
        life.removed = [stamps.unpack(stamp) for slot, stamp in before.items() if after.get(slot) != stamp]
        life.added = [stamps.unpack(stamp) for slot, stamp in after.items() if before.get(slot) != stamp]
        self.found = tuple((Counter(life.anomalies) - known).elements())
        self.life, self.told, self.phases, self.timed_out, self.stirred = life, told, None, False, True
        self.unidentified = False


class Interactions:
    """The stage of one channel's topic. See `stage.Stage`."""

    def __init__(self, rules: Rules, channel: str) -> None:
        self.rules = rules
        self.channel = channel
        self.row = rules.channels[channel]
        limits = (self.row.idle_limit_ms, self.row.keep_closed_ms, rules.keep_open_ms)
        self.quiet_ms = min(limit for limit in limits if limit is not None)

    def key(self, event: Any) -> str:
        """The interaction that an event is about."""
        return event.data.interaction_id  # type: ignore[no-any-return]

    def new(self, entity_id: str) -> Interaction:
        """An interaction without events."""
        return Interaction(entity_id, self.channel, self.rules)

    def load(self, entity_id: str, blob: bytes) -> Interaction:
        """As `dump` wrote it. Where settings have changed since, the difference is owed to the next change."""
        state = Interaction(entity_id, self.channel, self.rules)
        state.log, applied, state.sent = _decode(blob)
        facts = log.facts(state.log)
        state.count = len(facts)
        state.last_at = max(f.at for f in facts)
        state.life, state.told = fold(facts, self.channel, self.rules)
        standing = Counter(stamps.entries(applied).values())
        due_at = self.due_at(state)
        if due_at is not None and any(_is_time_out(stamp) for stamp in standing):
            self._time_out(state, due_at)
        self._identify(state)
        folded = Counter(stamps.entries(state.life.stamps).values())
        if standing != folded:
            state.owed = (
                [stamps.unpack(stamp) for stamp in (folded - standing).elements()],
                [stamps.unpack(stamp) for stamp in (standing - folded).elements()],
            )
        return state

    def dump(self, state: Interaction) -> bytes:
        """The facts, the stamps as applied, and the digest as sent."""
        if state.owed is not None:
            msg = "an interaction whose stamps are owed has not changed, and is not written"
            raise AssertionError(msg)
        return _encode((state.log, state.life.stamps, state.sent))

    def apply(self, state: Interaction, event: Any, now: int) -> Change:
        """Take in one event; see `stage.Stage`."""
        f = fact(event)
        if event.identity in state.log:
            place = log.place(state.log, event.identity)
            if place is not None:
                return self._replace(state, f, place, now)
        if state.count >= self.rules.max_events:
            return Change("skipped", anomalies=("too_many",))
        state.log += log.entry(event.identity, f)
        state.count += 1
        late = f.at < state.last_at
        if not state.step(f):
            state.refold(self.rules)
        elif state.life.ended_at and f.kind not in _QUIET:
            state.stirred = True
        if not late:
            state.last_at = f.at
        return self._settled(state, now, late)

    def _replace(self, state: Interaction, f: Fact, place: tuple[int, int], now: int) -> Change:
        """The same identity again: a duplicate, unless its revision is higher, or it wins against a different twin."""
        standing = log.fact_at(state.log, place)
        if f.revision < standing.revision or (f.revision == standing.revision and canonical(f) >= canonical(standing)):
            return Change("duplicate")
        state.log = log.replaced(state.log, place, f)
        state.refold(self.rules)
        state.last_at = max(x.at for x in log.facts(state.log))
        return self._settled(state, now, late=False)

    def _settled(self, state: Interaction, now: int, late: bool) -> Change:
        """The change, after what depends on the whole and on the time: time-outs, and who is unidentified."""
        life = state.life
        if state.timed_out:
            state.timed_out = False
            for segment in life.segments:
                life.drop(segment.number * 4 + SEGMENT_TIMED_OUT)
        if life.waiting is not None or life.on is not None:
            due_at = self.due_at(state)
            if due_at is not None and due_at <= now:
                self._time_out(state, due_at)
        if life.ended_at or state.unidentified:
            self._identify(state)
        added, removed = life.added, life.removed
        if state.owed is not None:
            added, removed = state.owed[0] + added, state.owed[1] + removed
            state.owed = None
        return Change("applied", added, removed, state.found, late)

    def _time_out(self, state: Interaction, at: int) -> None:
        life = state.life
        state.timed_out = True
        for segment, code in ((life.waiting, TIMED_OUT), (life.on, TIMED_OUT_CONNECTED)):
            if segment is not None:
                life.put(segment.number * 4 + SEGMENT_TIMED_OUT, at, life.scope(segment.queue), (code, 1))

    def _identify(self, state: Interaction) -> None:
        life = state.life
        if life.ended_at and life.inbound and state.told.customer_id is None and digest.served(life):
            where = channel_scope(self.channel, inbound=True)
            life.put(UNIDENTIFIED, life.ended_at[0], where, (CODES["unidentified"], 1))
            state.unidentified = True
        elif state.unidentified:
            life.drop(UNIDENTIFIED)
            state.unidentified = False

    def elapse(self, state: Interaction, now: int) -> Change:
        """Time out what waits or is connected, when the interaction has been silent for its channel's limit."""
        state.life.added, state.life.removed, state.found = [], [], ()
        return self._settled(state, now, late=False)

    def due_at(self, state: Interaction) -> int | None:
        """Last event + the channel's idle limit, while something waits or is connected; None once it has timed out."""
        limit = self.row.idle_limit_ms
        if limit is None or state.timed_out or (state.life.waiting is None and state.life.on is None):
            return None
        return state.last_at + limit

    def keep_until(self, state: Interaction) -> int:
        """After its last event: 400 days while open, else as long as its channel keeps closed ones."""
        return state.last_at + (self.row.keep_closed_ms if state.life.closed else self.rules.keep_open_ms)

    def horizon(self, now: int) -> int:
        """An unknown interaction's event older than a closed one would be kept is `expired`."""
        return now - self.row.keep_closed_ms

    def view(self, state: Interaction) -> Open | None:
        """Who waits, since when, and what silence will end; nothing once the time-out is counted."""
        life = state.life
        if state.timed_out or (life.waiting is None and (life.on is None or self.row.idle_limit_ms is None)):
            return None
        due_at = self.due_at(state)
        connected = None if life.on is None or due_at is None else life.scope(life.on.queue)
        if life.waiting is None:
            assert connected is not None
            return Open(connected, None, due_at, connected)
        return Open(life.scope(life.waiting.queue), life.waiting.queued_at, due_at, connected)

    def outputs(self, state: Interaction, event: Any, revision: int) -> list[Output]:
        """The digests that the customer's shard lacks after this event."""
        if not state.stirred:
            return _UNCHANGED
        state.stirred = False
        return digest.outputs(state, event, revision)


def _is_time_out(packed: bytes) -> bool:
    code = stamps.unpack(packed)[2][0]
    return code in (TIMED_OUT, TIMED_OUT_CONNECTED)
