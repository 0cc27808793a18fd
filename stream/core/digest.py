"""What the second stage hears of an interaction: a digest when its customer is known, when it closes, on a change.

The digest of an open interaction says only that it has started; `served` and `resolved` are told from its first end on.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec

from schemas.events import Digest, Digested
from stream.core.stage import Output

if TYPE_CHECKING:
    from stream.core.interaction import Interaction
    from stream.core.life import Life

Content = tuple[str | None, int, bool, str | None, bool, bool | None, tuple[int, ...], tuple[int, ...]]
"""A digest as sent: customer_id, started_at, inbound, reason, served, resolved, ended_at, reopened_at."""

TOPIC = "customers.timeline"
_pack = msgspec.msgpack.Encoder().encode
_unpack = msgspec.msgpack.Decoder(Content).decode
_encode = msgspec.json.Encoder().encode


def served(life: Life) -> bool:
    """An agent handled it, or a bot ended it as resolved."""
    return life.served or (life.ended_by_bot and life.resolved is True)


def outputs(state: Interaction, event: Any, revision: int) -> list[Output]:
    """What has changed since the digest as sent; remembers it as sent."""
    life, told = state.life, state.told
    ended = bool(life.ended_at)
    now: Content = (
        told.customer_id, life.started_at, life.inbound, told.reason, ended and served(life),
        life.resolved if ended else None, life.ended_at, life.reopened_at,
    )  # fmt: skip
    packed = _pack(now)
    if packed == state.sent or (state.sent is None and now[0] is None):
        return []
    before = None if state.sent is None else _unpack(state.sent)
    sends = []
    if before is not None and before[0] is not None and before[0] != now[0]:
        sends.append(_output(state, event, revision, before, withdrawn=True))
    if now[0] is not None:
        sends.append(_output(state, event, revision, now, withdrawn=False))
    state.sent = packed
    return sends


def _output(state: Interaction, event: Any, revision: int, content: Content, *, withdrawn: bool) -> Output:
    customer_id, started_at, inbound, reason, was_served, resolved, ended_at, reopened_at = content
    assert customer_id is not None
    data = Digest(
        customer_id=customer_id, channel=state.channel, interaction_id=state.id, started_at=started_at,  # type: ignore[arg-type]
        inbound=inbound, reason=reason, served=was_served, resolved=resolved,
        ended_at=ended_at, reopened_at=reopened_at, withdrawn=withdrawn,
    )  # fmt: skip
    digested = Digested(
        id=f"{state.channel}/{state.id}", source="centralino", specversion="1.0", time=event.time,
        revision=revision, data=data,
    )  # fmt: skip
    return Output(TOPIC, customer_id.encode(), _encode(digested))
