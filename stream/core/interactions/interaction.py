"""The first stage: interactions as sets of facts, whatever the order in which, and how often, the facts arrive.

What an interaction contributes is `fold(facts)`. A fact that is the next in order is stepped onto the life as it stands
(the fast path); any other one makes the life anew, and the difference to the stamps *as applied* is what changes.
"""

from __future__ import annotations

from collections import Counter
from datetime import datetime
from typing import Any, Final

import msgspec

from stream.core.interactions import digest, enriched, forgotten, log, parts, stamps, unidentified, waiting
from stream.core.interactions.desks import Desks
from stream.core.interactions.fact import (
    DECLINED,
    HELD,
    MESSAGE,
    OFFERED,
    REOPENED,
    RESUMED,
    STARTED,
    UNNAMED,
    UPDATED,
    Fact,
    canonical,
    fact,
)  # fmt: skip
from stream.core.interactions.fold import fold
from stream.core.interactions.known import Interaction
from stream.core.interactions.segment import TIMED_OUT, TIMED_OUT_CONNECTED
from stream.core.interactions.slots import SEGMENT_TIMED_OUT
from stream.core.open_row import Open
from stream.core.rules import Rules
from stream.core.stage import Change, Output

__all__ = ["Interaction", "Interactions"]

_encode: Final = msgspec.msgpack.Encoder().encode
_decode: Final = msgspec.msgpack.Decoder(tuple[bytes, bytes, bytes | None, bytes, int, bool]).decode
_QUIET: Final = frozenset({OFFERED, DECLINED, RESUMED, HELD})
"""Kinds that change nothing that the customer's shard hears of, unless they tell of whom, why or which way."""
_STILL: Final = frozenset({STARTED, MESSAGE, REOPENED, UPDATED})
"""Kinds that, in order, change no agent's part."""


class Interactions:
    """The stage of one channel's topic. See `stage.Stage`. `enriched`: whether each event is told with its measures."""

    weight = 5
    pieces = None

    def __init__(self, rules: Rules, channel: str, *, enriched: bool = False) -> None:
        self.rules = rules
        self.enriched = enriched
        self.channel = channel
        self.row = rules.channels[channel]
        self.desks = Desks(channel, rules, inbound=True)
        self.idle_ms: int | None = self.row.idle_limit_ms
        self.most_events: int = rules.max_events
        limits = (self.row.idle_limit_ms, self.row.keep_closed_ms, rules.keep_open_ms)
        self.quiet_ms = min(limit for limit in limits if limit is not None)

    def key(self, event: Any) -> str:
        """The interaction that an event is about."""
        return event.data.interaction_id  # type: ignore[no-any-return]

    def new(self, entity_id: str) -> Interaction:
        """An interaction without events."""
        return Interaction(entity_id, self.desks)

    def load(self, entity_id: str, blob: bytes) -> Interaction:
        """As `dump` wrote it. Where settings have changed since, the difference is owed to the next change."""
        state = Interaction(entity_id, self.desks)
        state.log, applied, state.sent, state.parts, state.offset, timed_out = _decode(blob)
        facts = log.facts(state.log)
        state.count, state.firsts = len(facts), log.firsts(state.log)
        state.last_at = max(f.at for f in facts)
        state.life, state.told = fold(facts, self.desks)
        due_at = self.due_at(state)
        if timed_out and applied and due_at is not None:
            self._time_out(state, due_at)
        unidentified.count(state)
        state.life.added, state.life.removed = [], []
        if applied != state.life.stamps:
            standing = Counter(stamps.entries(applied).values())
            folded = Counter(stamps.entries(state.life.stamps).values())
            if standing != folded:
                state.owed = (
                    [stamps.unpack(stamp) for stamp in (folded - standing).elements()],
                    [stamps.unpack(stamp) for stamp in (standing - folded).elements()],
                )
        return state

    def dump(self, state: Interaction) -> bytes:
        """The facts, the stamps as applied; then what was sent, of which record, and whether it has timed out."""
        if state.owed is not None:
            msg = "an interaction whose stamps are owed has not changed, and is not written"
            raise AssertionError(msg)
        return _encode((state.log, state.life.stamps, state.sent, state.parts, state.offset, state.timed_out))

    def apply(self, state: Interaction, event: Any, now: int) -> Change:
        """Take in one event; see `stage.Stage`."""
        f = fact(event)
        if f is None:
            return self._forget(state, event.data.customer_id, now)
        if f.customer_id is not None and state.told.customer_id == UNNAMED:
            f.customer_id = UNNAMED
        if not self.enriched:
            return self._take(state, f, event.identity, now)
        was_closed = state.life.closed and enriched.known(state)
        change = self._take(state, f, event.identity, now)
        if change.result == "applied":
            change.tell = enriched.telling(state, event, f, was_closed)
        return change

    def _take(self, state: Interaction, f: Fact, identity: bytes, now: int) -> Change:
        if identity[0] in state.firsts and identity in state.log:
            place = log.place(state.log, identity)
            if place is not None:
                return self._replace(state, f, place, now)
        if state.count >= self.most_events:
            return Change("skipped", anomalies=("too_many",))
        stirred, state.stirred = state.stirred, False
        state.log += log.entry(identity, f)
        state.firsts += identity[:1]
        state.count += 1
        late = f.at < state.last_at
        if not state.step(f):
            state.refold()
        else:
            if f.kind not in _STILL:
                state.moved = True
            if state.life.ended_at and f.kind not in _QUIET:
                state.stirred = True
        if not late:
            state.last_at = f.at
        return self._settled(state, now, late, stirred)

    def _replace(self, state: Interaction, f: Fact, place: tuple[int, int], now: int) -> Change:
        """The same identity again: a duplicate, unless its revision is higher, or it wins against a different twin."""
        standing = log.fact_at(state.log, place)
        if f.customer_id is not None and standing.customer_id == UNNAMED:
            f.customer_id = UNNAMED
        if f.revision < standing.revision or (f.revision == standing.revision and canonical(f) >= canonical(standing)):
            return Change("duplicate")
        stirred = state.stirred
        state.log = log.replaced(state.log, place, f)
        state.refold()
        state.last_at = max(x.at for x in log.facts(state.log))
        return self._settled(state, now, late=False, stirred=stirred)

    def _forget(self, state: Interaction, customer_id: str, now: int) -> Change:
        """No longer name a customer; what is counted stays."""
        if not state.count:
            return Change("skipped")
        if not forgotten.erase(state, customer_id):
            return Change("duplicate")
        stirred = state.stirred
        state.refold()
        state.former, state.closed = state.former.difference((customer_id,)), None
        return self._settled(state, now, late=False, stirred=stirred)

    def _settled(self, state: Interaction, now: int, late: bool, stirred: bool) -> Change:
        """The change, after what depends on the whole and on the time: time-outs, and who is without a customer.

        `stirred`: whether an earlier change has stirred what the customer's shard hears of, and is not told yet.
        """
        life = state.life
        if stirred:
            state.again |= state.stirred
            state.stirred = True
        state.untold = True
        state.silent = False
        if state.timed_out:
            state.timed_out = False
            state.anew = state.moved = True
            for segment in life.segments:
                life.drop(segment.number * 4 + SEGMENT_TIMED_OUT)
        limit = self.idle_ms
        if limit is not None and not life.closed and state.last_at + limit <= now:
            self._time_out(state, state.last_at + limit)
        if life.ended_at or state.alone:
            unidentified.count(state)
        added, removed = life.added, life.removed
        life.added, life.removed = [], []
        if state.owed is not None:
            added, removed = state.owed[0] + added, state.owed[1] + removed
            state.owed = None
        return Change("applied", added, removed, state.found, late)

    def _time_out(self, state: Interaction, at: int) -> None:
        life = state.life
        state.timed_out = state.moved = True
        for segment, code in ((life.waiting, TIMED_OUT), (life.on, TIMED_OUT_CONNECTED)):
            if segment is not None:
                life.put(segment.number * 4 + SEGMENT_TIMED_OUT, at, life.scope(segment.queue), (code, 1))

    def elapse(self, state: Interaction, now: int) -> Change:
        """Time out what is open, when the interaction has been silent for its channel's limit."""
        state.found = ()
        change = self._settled(state, now, late=False, stirred=False)
        state.silent = True
        return change

    def due_at(self, state: Interaction) -> int | None:
        """Last event + the channel's idle limit, while it is not closed; None once it has timed out."""
        limit = self.idle_ms
        if limit is None or state.timed_out or state.life.closed:
            return None
        return state.last_at + limit

    def keep_until(self, state: Interaction) -> int:
        """After its last event: 400 days while open, else as long as its channel keeps closed ones."""
        return state.last_at + (self.row.keep_closed_ms if state.life.closed else self.rules.keep_open_ms)

    def horizon(self, now: int) -> int:
        """An unknown interaction's event older than a closed one would be kept is `expired`."""
        return now - self.row.keep_closed_ms

    def over(self, state: Interaction) -> bool:
        """See `Whole.complete`."""
        return state.life.complete()

    def view(self, state: Interaction) -> Open | None:
        """What waits, for whom, until when; nothing once it is closed or has timed out."""
        if state.timed_out or state.life.closed:
            return None
        return waiting.row(state.life, self.due_at(state))

    def outputs(self, state: Interaction, time: datetime | None, revision: int) -> list[Output]:
        """The digests and parts that the customers' and the agents' shards lack; see `stage.Stage`."""
        silent_at = None
        if time is None:
            time = parts.instant(state.last_at)
        else:
            state.offset = revision
        sends: list[Output] = []
        if state.stirred:
            sends += digest.outputs(state, time, state.offset)
        if state.moved:
            if state.timed_out:
                silent_at = state.last_at + (self.idle_ms or 0)
            if state.silent and silent_at is not None:
                time = parts.instant(silent_at)
            sends += parts.outputs(state, silent_at, time, 2 * state.offset + state.silent)
        state.stirred = state.moved = False
        state.known_as_told()
        return sends
