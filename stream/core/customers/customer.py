"""The second stage: what interactions on all channels mean for one customer, out of the digests of the first stage.

A digest replaces the one with a lower revision; a withdrawn one stays, so that what it replaced cannot come back.
"""

from __future__ import annotations

from collections import Counter
from typing import Any

import msgspec

from schemas.events import Digest, Digested
from stream.core.customers.contacts import Contact, Key, first_contacts
from stream.core.customers.journey import Journey
from stream.core.measures import CODES
from stream.core.rules import DAY, Rules
from stream.core.scope import channel_scope
from stream.core.stage import Change, Output, Stamp, View

KEEP_MS = 400 * DAY
CONTAINED_MS = DAY
"""How long after the bot's end nobody may hear of the customer."""
_FIRST, _RESOLVED, _REPEATED = CODES["first_contacts"], CODES["resolved_contacts"], CODES["repeated_contacts"]

_IDENTIFIED, _REPEATS, _CONTAINED = CODES["identified"], CODES["repeats"], CODES["bot_contained"]

_Blob = tuple[int, list[tuple[int, Digest]], list[tuple[int, str, tuple[int, ...]]]]
_encode = msgspec.msgpack.Encoder().encode
_decode = msgspec.msgpack.Decoder(_Blob).decode


def stamp(contact: Contact) -> Stamp:
    """What a first contact counts: on its own channel, at its first end."""
    increments: tuple[int, ...] = (_FIRST, 1)
    if contact.resolved:
        increments += (_RESOLVED, 1)
    if contact.repeated:
        increments += (_REPEATED, 1)
    return contact.at, channel_scope(contact.key[0], inbound=True), increments


def stamps_of(journey: Journey) -> list[Stamp]:
    """All that a customer's interactions count in this stage.

    First contacts; each inbound interaction at its start, and whether it is a repeat; what a bot has contained.
    """
    found = [stamp(contact) for contact in first_contacts(journey)]
    for d, is_repeat in zip(journey.inbound, journey.repeats, strict=True):
        repeat = (_REPEATS, 1) if is_repeat else ()
        found.append((d.started_at, channel_scope(d.channel, inbound=True), (_IDENTIFIED, 1, *repeat)))
    for i, d in enumerate(journey.all):
        if d.contained and d.ended_at and journey.is_left_alone(i, CONTAINED_MS):
            found.append((d.ended_at[0], channel_scope(d.channel, d.inbound), (_CONTAINED, 1)))
    return found


class Customer:
    """One customer's state. `digests`: (revision, digest) by (channel, interaction_id); `stamps`: as applied."""

    __slots__ = ("digests", "last_at", "stamps")

    def __init__(self) -> None:
        self.digests: dict[Key, tuple[int, Digest]] = {}
        self.stamps: list[Stamp] = []
        self.last_at = -1


class Customers:
    """The stage of `customers.timeline`. See `stage.Stage`."""

    quiet_ms = KEEP_MS

    def __init__(self, rules: Rules) -> None:
        self.rules = rules

    def key(self, event: Any) -> str:
        """The customer that an event is about."""
        return event.data.customer_id  # type: ignore[no-any-return]

    def new(self, entity_id: str) -> Customer:  # noqa: ARG002 - as Stage has it
        """A customer without events."""
        return Customer()

    def load(self, entity_id: str, blob: bytes) -> Customer:  # noqa: ARG002 - as Stage has it
        """As `dump` wrote it."""
        state = Customer()
        state.last_at, digests, state.stamps = _decode(blob)
        state.digests = {(d.channel, d.interaction_id): (revision, d) for revision, d in digests}
        return state

    def dump(self, state: Customer) -> bytes:
        """The digests with their revisions, and the stamps as applied."""
        return _encode((state.last_at, list(state.digests.values()), state.stamps))

    def apply(self, state: Customer, event: Any, now: int) -> Change:
        """Take in a digest; other events of a customer change no figure of this stage and are skipped."""
        if not isinstance(event, Digested):
            return Change("skipped")
        new = event.data
        key = (new.channel, new.interaction_id)
        standing = state.digests.get(key)
        if standing is not None and (event.revision or 0) <= standing[0]:
            return Change("duplicate")
        if standing is None and len(state.digests) >= self.rules.max_interactions:
            self._forget(state, now)
            if len(state.digests) >= self.rules.max_interactions:
                return Change("skipped", anomalies=("too_many",))
        late = event.at < state.last_at
        state.last_at = max(state.last_at, event.at)
        state.digests[key] = (event.revision or 0, new)
        before = Counter(state.stamps)
        state.stamps = stamps_of(Journey([d for _, d in state.digests.values()], self.rules.repeat_window_ms))
        after = Counter(state.stamps)
        return Change("applied", list((after - before).elements()), list((before - after).elements()), (), late)

    def _forget(self, state: Customer, now: int) -> None:
        """Drop what is past its keep: no ring holds a bucket that old, so no figure changes."""
        old = [key for key, (_, d) in state.digests.items() if max(d.started_at, *d.ended_at, 0) < now - KEEP_MS]
        for key in old:
            del state.digests[key]

    def elapse(self, state: Customer, now: int) -> Change:  # noqa: ARG002 - as Stage has it
        """Nothing of a customer changes by time alone."""
        return Change()

    def due_at(self, state: Customer) -> int | None:  # noqa: ARG002 - as Stage has it
        """Never."""
        return None

    def keep_until(self, state: Customer) -> int:
        """400 days after the last event."""
        return state.last_at + KEEP_MS

    def horizon(self, now: int) -> int:
        """An unknown customer's digest from before the keep is `expired`."""
        return now - KEEP_MS

    def view(self, state: Customer) -> View | None:  # noqa: ARG002 - as Stage has it
        """A customer waits in no queue; their interactions do."""
        return None

    def outputs(self, state: Customer, event: Any, revision: int) -> list[Output]:  # noqa: ARG002 - as Stage has it
        """Nothing yet."""
        return []
