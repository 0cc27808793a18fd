"""An agent's part in an interaction, as an agent's state keeps it: its stays on the time line, its words, its work.

The measures come with the part: the first stage counted them. A part of another revision replaces it as a whole.
"""

from __future__ import annotations

from typing import NamedTuple

import msgspec
from msgspec import Struct

from schemas.events import Part, Parted
from stream.core.agents.time import FOREVER
from stream.core.measures import CODES, DECLINE_CODES, DECLINED_UNTOLD, Cell
from stream.core.scope import agent_scope
from stream.core.stage import Stamp

RING, ON, WRAP_UP = "ring", "on", "wrap_up"
_TALK, _HOLD, _WRAP_UP, _HANDLE = (CODES[name] for name in ("talk_ms", "hold_ms", "wrap_up_ms", "handle_ms"))
_HANDLED, _TRANSFERRED, _HELD = CODES["handled"], CODES["transferred"], CODES["held"]
_DECLINED, _KNOWN, _RESOLVED = CODES["declined"], CODES["resolved_known"], CODES["resolved"]


class Kept(Struct, array_like=True, gc=False, frozen=True):
    """A part without its names. `at`: of the event that caused it (ms). `free_at`: by the event or by the cap.

    `withdrawn`: there is no such part any longer; the revision stays, so that what it replaced cannot come back.
    """

    revision: int
    at: int
    withdrawn: bool
    queue: str | None
    inbound: bool
    rang_at: int | None
    rang_until: int | None
    declined: bool
    result: str | None
    answered_at: int | None
    over_at: int | None
    free_at: int | None
    wrapped: bool
    timed_out: bool
    talk_ms: int
    hold_ms: int
    wrap_up_ms: int
    handle_ms: int
    transferred: bool
    held: bool
    closings: tuple[tuple[int, bool | None], ...]

    def ends(self) -> int:
        """When the last of ring and session ends: FOREVER while one is open, -1 when there is neither."""
        if self.answered_at is not None:
            return FOREVER if self.free_at is None else self.free_at
        if self.rang_at is None:
            return -1
        return FOREVER if self.rang_until is None else self.rang_until

    def words(self) -> list[int]:
        """The instants at which something was heard of the agent, ascending. Silence is no word."""
        over_at = None if self.timed_out else self.over_at
        free_at = self.free_at if self.wrapped and not self.timed_out else None
        heard: list[int] = []
        for at in (self.rang_at, self.rang_until, self.answered_at, over_at, free_at):
            if at is not None and at not in heard:
                heard.append(at)
        heard.sort()
        return heard

    def last(self) -> int:
        """Its last instant."""
        told = (*self.words(), *(at for at, _ in self.closings), self.over_at, self.free_at)
        return max((at for at in told if at is not None), default=self.at)

    def lasts(self) -> int:
        """Until when it matters: its last instant, or the end of ring and session, FOREVER while one is open."""
        return max(self.last(), self.ends())


_encode = msgspec.msgpack.Encoder().encode
_decode = msgspec.msgpack.Decoder(Kept).decode


class Named(NamedTuple):
    """What a part's key says: its channel, interaction and number."""

    channel: str
    interaction_id: str
    number: int


def key_of(part: Part) -> str:
    """A part's identity.

    >>> key_of(Part(agent_id="anna", channel="phone", interaction_id="a/1", number=0)), named("phone/a/1/0")
    ('phone/a/1/0', Named(channel='phone', interaction_id='a/1', number=0))
    """
    return f"{part.channel}/{part.interaction_id}/{part.number}"


def named(key: str) -> Named:
    """Read a part's key."""
    channel, _, rest = key.partition("/")
    interaction_id, _, number = rest.rpartition("/")
    return Named(channel, interaction_id, int(number))


def pack(kept: Kept) -> bytes:
    """A part as it is stored."""
    return _encode(kept)


def unpack(packed: bytes) -> Kept:
    """A part as it was packed."""
    return _decode(packed)


def kept(event: Parted) -> Kept:
    """What is kept of a part."""
    d = event.data
    return Kept(
        event.revision or 0, event.at, d.withdrawn, d.queue, d.inbound, d.rang_at, d.rang_until, d.declined, d.result,
        d.answered_at, d.over_at, d.free_at, d.wrapped, d.timed_out, d.talk_ms, d.hold_ms, d.wrap_up_ms, d.handle_ms,
        d.transferred, d.held, d.closings,
    )  # fmt: skip


def words(part: Kept | None, horizon: int) -> list[int]:
    """The words of a part from the horizon (ms) on."""
    if part is None or part.withdrawn:
        return []
    heard = part.words()
    return heard if not heard or heard[0] >= horizon else [at for at in heard if at >= horizon]


def work(channel: str, part: Kept | None, agent_id: str) -> list[Stamp]:
    """What a part counts for its agent: handled work when it is over, declined offers, closings that say resolved."""
    if part is None or part.withdrawn or (part.over_at is None and not part.declined and not part.closings):
        return []
    scope = agent_scope(channel, part.inbound, agent_id)
    found: list[Stamp] = []
    if part.declined and part.rang_until is not None:
        found.append((part.rang_until, scope, (_DECLINED, 1, DECLINE_CODES.get(part.result, DECLINED_UNTOLD), 1)))
    if part.answered_at is not None and part.over_at is not None and not part.timed_out:
        increments: tuple[int, ...] = (_HANDLED, 1)
        if part.talk_ms:
            increments += (_TALK, part.talk_ms)
        if part.hold_ms:
            increments += (_HOLD, part.hold_ms)
        if part.wrap_up_ms:
            increments += (_WRAP_UP, part.wrap_up_ms)
        if part.handle_ms:
            increments += (_HANDLE, part.handle_ms)
        if part.transferred:
            increments += (_TRANSFERRED, 1)
        if part.held:
            increments += (_HELD, 1)
        found.append((part.over_at, scope, increments))
    for at, resolved in part.closings:
        if resolved is not None:
            found.append((at, scope, (_KNOWN, 1, _RESOLVED, 1) if resolved else (_KNOWN, 1)))
    return found


def replaced(old: list[Stamp], new: list[Stamp]) -> list[Stamp]:
    """What to add to turn old stamps into new ones; what went down is negative.

    >>> replaced([(5, "s", (1, 1, 2, 30))], [(5, "s", (1, 1, 2, 20)), (9, "s", (3, 1))])
    [(5, 's', (2, -10)), (9, 's', (3, 1))]
    """
    if not old or old == new:
        return [] if old else new
    cells: dict[tuple[int, str], Cell] = {}
    for sign, stamps in ((-1, old), (1, new)):
        for at, scope, increments in stamps:
            cell = cells.setdefault((at, scope), {})
            for code, n in zip(increments[::2], increments[1::2], strict=True):
                cell[code] = cell.get(code, 0) + sign * n
    found = []
    for (at, scope), cell in cells.items():
        increments = tuple(x for code, n in cell.items() if n for x in (code, n))
        if increments:
            found.append((at, scope, increments))
    return found
