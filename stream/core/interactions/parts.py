"""What the agents' shards hear of an interaction: each agent's part in it, and each offer, whenever one changes.

A segment with an agent is a part under its own number. So is the latest offer of a segment to an agent who has not
answered it; an earlier one, the n-th of all offers, has the number -n. As long as events come in their order, no part
that was told is ever withdrawn. What there is to tell is a pure function of the life.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import msgspec

from schemas.events import Part, Parted
from stream.core.stage import Output

if TYPE_CHECKING:
    from stream.core.interactions.known import Interaction
    from stream.core.interactions.life import Life
    from stream.core.interactions.segment import Segment

Content = tuple[Any, ...]
"""A part as sent: number, agent. A stay: queue, inbound, rang_at, answered_at; once it is over too: over_at, free_at,
wrapped, talk_ms, hold_ms, wrap_up_ms, handle_ms, transferred, held, timed_out, then instant and word of each closing.
An offer: queue, inbound, rang_at, rang_until, declined, result. What is withdrawn: nothing more."""
Key = tuple[int, str]
"""(number, agent)."""

TOPIC = "agents.timeline"
_pack = msgspec.msgpack.Encoder().encode
_unpack = msgspec.msgpack.Decoder(list[Content]).decode
_encode = msgspec.json.Encoder().encode
_WITHDRAWN, _OFFER, _OVER = 2, 8, 16
"""How long contents are: withdrawn, an offer, a stay that is over (and its closings). A stay's are `Part`'s fields."""


def contents(life: Life, silent_at: int | None) -> dict[Key, Content]:
    """All parts. `silent_at`: when silence has ended what is open, None while it has not."""
    found: dict[Key, Content] = {}
    for segment in life.segments:
        if segment.agent is not None:
            found[segment.number, segment.agent] = _stay(life, segment, silent_at)
    offers = life.offers.all
    for offer in reversed(offers):
        if not offer.taken:
            number = offer.number if (offer.number, offer.agent) not in found else -1 - offers.index(offer)
            rang_until = silent_at if offer.rang_until is None else offer.rang_until
            found[number, offer.agent] = (
                number, offer.agent, offer.queue, life.inbound, offer.rang_at, rang_until, offer.declined,
                offer.result,
            )  # fmt: skip
    return found


def _stay(life: Life, segment: Segment, silent_at: int | None) -> Content:
    number, over_at = segment.number, segment.over_at
    if over_at is None:
        begun = number, segment.agent, segment.queue, life.inbound, segment.rang_at, segment.answered_at
        if silent_at is None:
            return begun
        return *begun, silent_at, silent_at, False, 0, 0, 0, 0, False, False, True
    own = life.rules.queue(life.channel, segment.queue)
    talk, hold, wrap_up, handle, held = segment.work
    wrapped = segment.wrapped_at is not None
    content: Content = (
        number, segment.agent, segment.queue, life.inbound, segment.rang_at, segment.answered_at, over_at,
        over_at + (wrap_up if wrapped else own.wrap_up_cap_ms), wrapped, talk, hold, wrap_up, handle,
        segment.over_by == "transferred", held, False,
    )  # fmt: skip
    for at, resolved, last in life.closings:
        if last == number:
            content += (at, resolved)
    return content


def outputs(state: Interaction, silent_at: int | None, time: datetime, revision: int) -> list[Output]:
    """What has changed since the parts as sent; remembers them as sent.

    Of what stood in between, and another run may have sent, the agents hear too that it does no longer.
    """
    now = contents(state.life, silent_at)
    packed = _pack([*now.values()]) if now else b""
    if packed == state.parts and not state.anew and not state.ghosts:
        return []
    if not state.parts and not state.ghosts:
        sends = [_output(state, time, revision, content) for content in now.values()]
    else:
        before = {(each[0], each[1]): each for each in _unpack(state.parts)} if state.parts else {}
        gone = state.ghosts.union(before).difference(now)
        sends = [_output(state, time, revision, key) for key in sorted(gone)]
        for key, content in now.items():
            if state.anew or before.get(key) != content:
                sends.append(_output(state, time, revision, content))
    state.parts = packed
    return sends


def instant(at_ms: int) -> datetime:
    """Epoch milliseconds as the time of an event."""
    return datetime.fromtimestamp(at_ms / 1000, UTC)


def _output(state: Interaction, time: datetime, revision: int, content: Content) -> Output:
    number, agent_id = content[0], content[1]
    name = f"{state.channel}/{state.id}/{number}"
    data = _part(state, content)
    parted = Parted(id=name, source="centralino", specversion="1.0", time=time, revision=revision, data=data)
    return Output(TOPIC, agent_id.encode(), _encode(parted))


def _part(state: Interaction, content: Content) -> Part:
    channel: Any = state.channel
    length, number, agent_id = len(content), content[0], content[1]
    if length == _OFFER:
        _, _, queue, inbound, rang_at, rang_until, declined, result = content
        return Part(
            agent_id, channel, state.id, number, queue, inbound, rang_at, rang_until=rang_until, declined=declined,
            result=result,
        )  # fmt: skip
    if length == _WITHDRAWN:
        return Part(agent_id, channel, state.id, number, withdrawn=True)
    if length <= _OVER:
        return Part(agent_id, channel, state.id, number, *content[2:])
    closings = content[_OVER:]
    over = *content[2:_OVER], tuple(zip(closings[::2], closings[1::2], strict=True))
    return Part(agent_id, channel, state.id, number, *over)
