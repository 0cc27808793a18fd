"""What the agents' shards hear of an interaction: each agent's part in it, and each offer, whenever one changes.

A segment with an agent is a part under its own number; the n-th offer has the number -n, and is withdrawn once it has
become part of the segment of the agent who answered. What there is to tell is a pure function of the life.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

import msgspec

from schemas.events import Part, Parted
from stream.core.segment import work_of
from stream.core.stage import Output

if TYPE_CHECKING:
    from stream.core.known import Interaction
    from stream.core.life import Life
    from stream.core.segment import Segment

Content = tuple[
    str, str | None, bool, int | None, int | None, bool, str | None, int | None, int | None, int | None, bool,
    int, int, int, int, bool, bool, bool, tuple[tuple[int, bool | None], ...], bool,
]  # fmt: skip
"""A part as sent: the fields of `Part` from `queue` on, in its order, after agent_id."""
Contents = dict[int, Content]

TOPIC = "agents.timeline"
_pack = msgspec.msgpack.Encoder().encode
_unpack = msgspec.msgpack.Decoder(Contents).decode
_encode = msgspec.json.Encoder().encode
_NO_WORK = (False, 0, 0, 0, 0, False, False)


def keys(life: Life) -> frozenset[tuple[int, str]]:
    """(number, agent) of all that there is to tell."""
    segments = {(segment.number, segment.agent) for segment in life.segments if segment.agent is not None}
    return frozenset(segments | {(-n, offer.agent) for n, offer in enumerate(life.offers.all, 1)})


def contents(life: Life, silent_at: int | None) -> Contents:
    """All parts by number. `silent_at`: when silence has ended what is open, None while it has not."""
    found: Contents = {}
    for segment in life.segments:
        if segment.agent is not None:
            found[segment.number] = _stay(life, segment, segment.agent, silent_at)
    for n, offer in enumerate(life.offers.all, 1):
        if offer.taken:
            found[-n] = _withdrawn(offer.agent)
        else:
            rang_until = silent_at if offer.rang_until is None else offer.rang_until
            found[-n] = (
                offer.agent, offer.queue, life.inbound, offer.rang_at, rang_until, offer.declined, offer.result,
                None, None, None, *_NO_WORK, False, (), False,
            )  # fmt: skip
    return found


def _stay(life: Life, segment: Segment, agent: str, silent_at: int | None) -> Content:
    over_at, free_at, work, timed_out = segment.over_at, None, _NO_WORK, False
    if over_at is not None:
        own = life.rules.queue(life.channel, segment.queue)
        talk, hold, wrap_up, handle, held = work_of(segment, own, parked=life.parked)
        wrapped = segment.wrapped_at is not None
        free_at = over_at + (wrap_up if wrapped else own.wrap_up_cap_ms)
        work = wrapped, talk, hold, wrap_up, handle, segment.over_by == "transferred", held
    elif silent_at is not None:
        over_at = free_at = silent_at
        timed_out = True
    closings = tuple([(at, resolved) for at, resolved, number in life.closings if number == segment.number])
    return (
        agent, segment.queue, life.inbound, segment.rang_at, None, False, None, segment.answered_at, over_at, free_at,
        *work, timed_out, closings, False,
    )  # fmt: skip


def _withdrawn(agent: str) -> Content:
    return agent, None, True, None, None, False, None, None, None, None, *_NO_WORK, False, (), True


def outputs(state: Interaction, silent_at: int | None, time: datetime, revision: int) -> list[Output]:
    """What has changed since the parts as sent; remembers them as sent.

    Of what stood in between, and another run may have sent, the agents hear too that it no longer stands.
    """
    now = contents(state.life, silent_at)
    packed = _pack(now) if now else b""
    if packed == state.parts and not state.anew and not state.ghosts:
        return []
    before = _unpack(state.parts) if state.parts else {}
    gone = {(number, content[0]) for number, content in before.items()} | state.ghosts
    sends = []
    for number, agent in sorted(gone):
        standing = now.get(number)
        if standing is None or standing[0] != agent:
            sends.append(_output(state, time, revision, number, _withdrawn(agent)))
    for number, content in now.items():
        if state.anew or before.get(number) != content:
            sends.append(_output(state, time, revision, number, content))
    state.parts = packed
    return sends


def instant(at_ms: int) -> datetime:
    """Epoch milliseconds as the time of an event."""
    return datetime.fromtimestamp(at_ms / 1000, UTC)


def _output(state: Interaction, time: datetime, revision: int, number: int, content: Content) -> Output:
    (
        agent_id, queue, inbound, rang_at, rang_until, declined, result, answered_at, over_at, free_at, wrapped,
        talk_ms, hold_ms, wrap_up_ms, handle_ms, transferred, held, timed_out, closings, withdrawn,
    ) = content  # fmt: skip
    data = Part(
        agent_id=agent_id, channel=state.channel, interaction_id=state.id, number=number, queue=queue,  # type: ignore[arg-type]
        inbound=inbound, rang_at=rang_at, rang_until=rang_until, declined=declined, result=result,
        answered_at=answered_at, over_at=over_at, free_at=free_at, wrapped=wrapped, talk_ms=talk_ms, hold_ms=hold_ms,
        wrap_up_ms=wrap_up_ms, handle_ms=handle_ms, transferred=transferred, held=held, timed_out=timed_out,
        closings=closings, withdrawn=withdrawn,
    )  # fmt: skip
    parted = Parted(
        id=f"{state.channel}/{state.id}/{number}", source="centralino", specversion="1.0", time=time,
        revision=revision, data=data,
    )  # fmt: skip
    return Output(TOPIC, agent_id.encode(), _encode(parted))
