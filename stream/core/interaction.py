"""The first stage: interactions as sets of facts, whatever the order in which, and how often, the facts arrive.

What an interaction contributes is `fold(facts)`. A fact that is the next in order is stepped onto the life as it stands
(the fast path); any other one makes the life anew, and the difference to the stamps *as applied* is what changes.
"""

from __future__ import annotations

from collections import Counter
from typing import Any

import msgspec

from schemas.codec import identity
from stream.core import digest
from stream.core.fact import UPDATED, Fact, canonical, fact, pack, unpack
from stream.core.life import SEGMENT_TIMED_OUT, UNIDENTIFIED, Life
from stream.core.measures import CODES
from stream.core.order import in_order, would_go_before
from stream.core.rules import Rules
from stream.core.segment import TIMED_OUT, TIMED_OUT_CONNECTED
from stream.core.stage import Change, Output, Stamp, Waiting, channel_scope

_encode = msgspec.msgpack.Encoder().encode
_decode = msgspec.msgpack.Decoder(
    tuple[list[bytes], list[tuple[int, str, tuple[int, ...]]], digest.Content | None]
).decode


class Told:
    """Who, why and which way: the latest told; what `updated` tells beats the rest."""

    __slots__ = ("customer_id", "direction", "initiation", "reason", "updated")

    def __init__(self) -> None:
        self.customer_id: str | None = None
        self.direction: str | None = None
        self.initiation: str | None = None
        self.reason: str | None = None
        self.updated: frozenset[str] = frozenset()

    def tell(self, f: Fact) -> bool:
        """Take in what a fact, the next in order, says; whether anything is new."""
        changed = False
        late = f.kind == UPDATED
        if f.customer_id is not None:
            changed |= self._set("customer_id", f.customer_id, late)
        if f.direction is not None:
            changed |= self._set("direction", f.direction, late)
        if f.initiation is not None:
            changed |= self._set("initiation", f.initiation, late)
        if f.reason is not None:
            changed |= self._set("reason", f.reason, late)
        return changed

    def _set(self, name: str, value: str, late: bool) -> bool:  # noqa: FBT001 - private
        if late:
            self.updated |= {name}
        elif name in self.updated:
            return False
        if getattr(self, name) == value:
            return False
        setattr(self, name, value)
        return True

    @property
    def inbound(self) -> bool:
        """An outbound interaction with initiation `callback` serves the customer who asked: inbound."""
        return self.direction != "outbound" or self.initiation == "callback"


def fold(facts: list[Fact], channel: str, rules: Rules) -> tuple[Life, Told]:
    """The life of a set of facts, from scratch. Pure; the order of `facts` does not matter."""
    life, told = _walk(facts, Life(channel, rules, inbound=True))
    if life.told_queues or not told.inbound:
        life, told = _walk(facts, Life(channel, rules, inbound=told.inbound, queues=life.told_queues))
    return life, told


def _walk(facts: list[Fact], life: Life) -> tuple[Life, Told]:
    told = Told()
    for f in in_order(facts, life.phase):
        told.tell(f)
        life.step(f)
    return life, told


class Interaction:
    """One interaction's state. `log`: packed facts; `ids`: their 16-byte identities, in the same order."""

    __slots__ = ("channel", "found", "group", "id", "ids", "last_at", "life", "log", "owed", "sent", "timed_out", "told")

    def __init__(self, interaction_id: str, channel: str, rules: Rules) -> None:
        self.id = interaction_id
        self.channel = channel
        self.log: list[bytes] = []
        self.ids = b""
        self.last_at = -1
        self.life = Life(channel, rules, inbound=True)
        self.told = Told()
        self.group: list[tuple[Fact, int]] | None = None
        self.sent: digest.Content | None = None
        self.owed: tuple[list[Stamp], list[Stamp]] | None = None
        self.timed_out = False
        self.found: tuple[str, ...] = ()

    def facts(self) -> list[Fact]:
        """All facts, in order of arrival."""
        return [unpack(packed) for packed in self.log]

    def refold(self, rules: Rules) -> None:
        """Make the life anew from the facts; `added` and `removed` say how its stamps differ from before."""
        before, known = self.life.slots, Counter(self.life.anomalies)
        life, told = fold(self.facts(), self.channel, rules)
        after = life.slots
        life.removed = [stamp for slot, stamp in before.items() if after.get(slot) != stamp]
        life.added = [stamp for slot, stamp in after.items() if before.get(slot) != stamp]
        self.found = tuple((Counter(life.anomalies) - known).elements())
        self.life, self.told, self.group, self.timed_out = life, told, None, False


class Interactions:
    """The stage of one channel's topic. See `stage.Stage`."""

    def __init__(self, rules: Rules, channel: str) -> None:
        self.rules = rules
        self.channel = channel
        self.row = rules.channels[channel]

    def key(self, event: Any) -> str:
        """The interaction that an event is about."""
        return event.data.interaction_id  # type: ignore[no-any-return]

    def new(self, entity_id: str) -> Interaction:
        """An interaction without events."""
        return Interaction(entity_id, self.channel, self.rules)

    def load(self, entity_id: str, blob: bytes) -> Interaction:
        """As `dump` wrote it. Where settings have changed since, the difference is owed to the next change."""
        log, stamps, sent = _decode(blob)
        state = Interaction(entity_id, self.channel, self.rules)
        state.log, state.sent = log, sent
        facts = state.facts()
        state.ids = b"".join(identity(f.source, f.id) for f in facts)
        state.last_at = max(f.at for f in facts)
        state.life, state.told = fold(facts, self.channel, self.rules)
        due_at = self.due_at(state)
        if due_at is not None and any(TIMED_OUT in s[2][::2] or TIMED_OUT_CONNECTED in s[2][::2] for s in stamps):
            self._time_out(state, due_at)
        self._identify(state)
        applied, folded = Counter(stamps), Counter(state.life.slots.values())
        if applied != folded:
            state.owed = list((folded - applied).elements()), list((applied - folded).elements())
        return state

    def dump(self, state: Interaction) -> bytes:
        """The facts, the stamps as applied, and the digest as sent."""
        stamps = list(state.life.slots.values())
        if state.owed is not None:
            standing = Counter(stamps)
            standing.subtract(state.owed[0])
            standing.update(state.owed[1])
            stamps = list((+standing).elements())
        return _encode((state.log, stamps, state.sent))

    def apply(self, state: Interaction, event: Any, now: int) -> Change:
        """Take in one event; see `stage.Stage`."""
        f = fact(event)
        place = self._place(state, event.identity)
        late = f.at < state.last_at
        if place is not None:
            standing = unpack(state.log[place])
            if f.revision < standing.revision or (
                f.revision == standing.revision and canonical(f) >= canonical(standing)
            ):
                return Change("duplicate")
            state.log[place] = pack(f)
            state.refold(self.rules)
            state.last_at = max(x.at for x in state.facts())
        elif len(state.log) >= self.rules.max_events:
            return Change("skipped", anomalies=("too_many",))
        else:
            state.log.append(pack(f))
            state.ids += event.identity
            if not self._step(state, f):
                state.refold(self.rules)
            state.last_at = max(state.last_at, f.at)
        self._settle(state, now)
        return self._change(state, out_of_order=late and place is None)

    def _place(self, state: Interaction, wanted: bytes) -> int | None:
        at = state.ids.find(wanted)
        while at >= 0:
            if at % 16 == 0:
                return at // 16
            at = state.ids.find(wanted, at + 1)
        return None

    def _step(self, state: Interaction, f: Fact) -> bool:
        """The fast path: step a fact that is the next in order. False: it is not, or it changes the past."""
        life = state.life
        if f.at > state.last_at:
            state.group = []
        elif f.at < state.last_at or state.group is None:
            return False
        elif any(would_go_before(f, other, phase) for other, phase in state.group):
            return False
        life.added, life.removed = [], []
        state.told.tell(f)
        if state.told.inbound != life.inbound or (f.kind == UPDATED and f.queue is not None):
            return False
        assert state.group is not None
        state.group.append((f, life.phase()))
        known = len(life.anomalies)
        life.step(f)
        state.found = tuple(life.anomalies[known:])
        return True

    def _settle(self, state: Interaction, now: int) -> None:
        """What depends on the whole and on the time: time-outs, and who is unidentified."""
        life = state.life
        if state.timed_out:
            state.timed_out = False
            for segment in life.segments:
                life.drop(segment.number * 4 + SEGMENT_TIMED_OUT)
        due_at = self.due_at(state)
        if due_at is not None and due_at <= now:
            self._time_out(state, due_at)
        if life.ended_at:
            self._identify(state)

    def _time_out(self, state: Interaction, at: int) -> None:
        life = state.life
        state.timed_out = True
        for segment, code in ((life.waiting, TIMED_OUT), (life.on, TIMED_OUT_CONNECTED)):
            if segment is not None:
                life.put(segment.number * 4 + SEGMENT_TIMED_OUT, at, life.scope(segment.queue), (code, 1))

    def _identify(self, state: Interaction) -> None:
        life = state.life
        if life.ended_at and life.inbound and digest.served(life) and state.told.customer_id is None:
            where = channel_scope(self.channel, inbound=True)
            life.put(UNIDENTIFIED, life.ended_at[0], where, (CODES["unidentified"], 1))
        else:
            life.drop(UNIDENTIFIED)

    def _change(self, state: Interaction, *, out_of_order: bool) -> Change:
        life = state.life
        added, removed = life.added, life.removed
        if state.owed is not None:
            added, removed = state.owed[0] + added, state.owed[1] + removed
            state.owed = None
        return Change("applied", added, removed, state.found, out_of_order)

    def elapse(self, state: Interaction, now: int) -> Change:
        """Time out what waits or is connected, when the interaction has been silent for its channel's limit."""
        life = state.life
        life.added, life.removed, state.found = [], [], ()
        self._settle(state, now)
        return self._change(state, out_of_order=False)

    def due_at(self, state: Interaction) -> int | None:
        """Last event + the channel's idle limit, while something waits or is connected."""
        limit = self.row.idle_limit_ms
        if limit is None or (state.life.waiting is None and state.life.on is None):
            return None
        return state.last_at + limit

    def keep_until(self, state: Interaction) -> int:
        """After its last event: 400 days while open, else as long as its channel keeps closed ones."""
        return state.last_at + (self.row.keep_closed_ms if state.life.closed else self.rules.keep_open_ms)

    def horizon(self, now: int) -> int:
        """An unknown interaction's event older than a closed one would be kept is `expired`."""
        return now - self.row.keep_closed_ms

    def view(self, state: Interaction) -> Waiting | None:
        """Who waits, since when."""
        segment = state.life.waiting
        if segment is None:
            return None
        assert segment.queued_at is not None
        return Waiting(state.life.scope(segment.queue), segment.queued_at, self.due_at(state))

    def outputs(self, state: Interaction, event: Any, revision: int) -> list[Output]:
        """The digests that the customer's shard lacks after this event."""
        return digest.outputs(state, event, revision)

