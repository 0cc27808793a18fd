"""What an agent's platform says of presence: facts, and the turns that they make when put in order.

A state change tells the presence. A heartbeat tells it too, but never brings a logged-out agent back. Queues and slots
stand until others are told. Knows nothing of silence: see `time`.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, NamedTuple

import msgspec
from msgspec import Struct

from schemas.events import AgentHeartbeat

LOGGED_OUT, AVAILABLE, NOT_READY, UNKNOWN = "logged_out", "available", "not_ready", "unknown"
PRESENCES = (AVAILABLE, NOT_READY, LOGGED_OUT, UNKNOWN)

_encode = msgspec.msgpack.Encoder().encode


class Fact(Struct, array_like=True, gc=False, frozen=True):
    """One presence event. `at`: ms. `beat`: a heartbeat."""

    at: int
    beat: bool
    revision: int
    presence: str
    reason: str | None
    queues: list[str] | None
    slots: dict[str, int] | None


_decode = msgspec.msgpack.Decoder(Fact).decode
Rank = tuple[int, bool, str]


class Turn(NamedTuple):
    """What holds from `at` on. `since`: of presence and reason. `beats`: has sent heartbeats since the log-in."""

    at: int
    presence: str
    reason: str | None
    since: int
    queues: list[str] | None
    slots: dict[str, int] | None
    beats: bool


def fact(event: Any) -> Fact:
    """The fact of an `agent.*` event."""
    d = event.data
    beat = isinstance(event, AgentHeartbeat)
    return Fact(event.at, beat, event.revision or 0, d.presence, d.reason, d.queues, d.slots)


def fact_key(event: Any) -> str:
    """A fact's identity as text that sorts by source, then id."""
    return f"{event.source}\x00{event.id}"


def pack(f: Fact) -> bytes:
    """A fact as it is kept."""
    return _encode(f)


def unpack(packed: bytes) -> Fact:
    """A fact as it was packed."""
    return _decode(packed)


def stands(new: Fact, old: Fact) -> bool:
    """Whether `new`, of the same identity, replaces `old`: a higher revision, else the smaller by time and content."""
    if new.revision != old.revision:
        return new.revision > old.revision
    return _canonical(new) < _canonical(old)


def _canonical(f: Fact) -> tuple[int, bytes, bool]:
    told = {"presence": f.presence, "reason": f.reason, "queues": f.queues, "slots": f.slots}
    plain = {name: value for name, value in told.items() if value is not None}
    return f.at, msgspec.json.encode(plain, order="sorted"), f.beat


def rank(key: str, f: Fact) -> Rank:
    """Where a fact stands among all: by instant, state changes before heartbeats, then source and id."""
    return f.at, f.beat, key


def turned(turn: Turn | None, f: Fact) -> Turn | None:
    """What holds after a fact; the same turn when it changes nothing.

    >>> fact = Fact(5, False, 0, AVAILABLE, None, None, None)
    >>> turn = turned(None, fact)
    >>> turn, turned(turn, msgspec.structs.replace(fact, at=9)) is turn
    (Turn(at=5, presence='available', reason=None, since=5, queues=None, slots=None, beats=False), True)
    """
    if f.beat and turn is not None and turn.presence == LOGGED_OUT:
        return turn
    presence, reason, beats = f.presence, f.reason, f.beat and f.presence != LOGGED_OUT
    if turn is None:
        return Turn(f.at, presence, reason, f.at, f.queues, f.slots, beats)
    if f.beat and reason is None and presence == turn.presence:
        reason = turn.reason
    if presence != LOGGED_OUT:
        beats = beats or turn.beats
    queues = turn.queues if f.queues is None else f.queues
    slots = turn.slots if f.slots is None else f.slots
    since = turn.since if (presence, reason) == (turn.presence, turn.reason) else f.at
    found = Turn(f.at, presence, reason, since, queues, slots, beats)
    return turn if found[1:] == turn[1:] else found


def turns(base: Turn | None, facts: Iterable[tuple[Rank, Fact]]) -> list[Turn]:
    """All turns of a set of facts, ascending, after `base`, which stands first when there is one."""
    found = [] if base is None else [base]
    turn = base
    for _, f in sorted(facts, key=lambda pair: pair[0]):
        after = turned(turn, f)
        if after is not None and after is not turn:
            found.append(after)
            turn = after
    return found


def again_alike(one: list[Turn], two: list[Turn], never: int) -> int:
    """From when on (ms) two lists of turns say the same; `never` when they end differently."""
    n = 0
    while n < min(len(one), len(two)) and one[-1 - n] == two[-1 - n]:
        n += 1
    return one[len(one) - n].at if n else never
