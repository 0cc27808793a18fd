"""What the second stage hears of an interaction: a digest when its customer is known, when it closes, on a change.

The digest of an open interaction says only that it has started; `served` and `resolved` are told from its first end on.
"""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

import msgspec

from schemas.events import Digest, Digested
from stream.core.stage import Output

if TYPE_CHECKING:
    from stream.core.interactions.known import Interaction
    from stream.core.interactions.life import Life

Content = tuple[
    str | None, int, bool, str | None, bool, bool | None, tuple[int, ...], tuple[int, ...], bool, bool
]  # fmt: skip
"""A digest as sent: customer_id, started_at, inbound, reason, served, resolved, ended_at, reopened_at, bot, contained.
"""

TOPIC = "customers.timeline"
_pack = msgspec.msgpack.Encoder().encode
_unpack = msgspec.msgpack.Decoder(Content).decode
_encode = msgspec.json.Encoder().encode


def served(life: Life) -> bool:
    """An agent handled it, or a bot ended it as resolved."""
    return life.served or (life.ended_by_bot and life.resolved is True)


def content(state: Interaction) -> Content:
    """What there is to tell now."""
    life, told = state.life, state.told
    ended = bool(life.ended_at)
    return (
        told.customer_id, life.started_at, life.inbound, told.reason, ended and served(life),
        life.resolved if ended else None, life.ended_at, life.reopened_at, ended and life.bot,
        ended and life.contained,
    )  # fmt: skip


def outputs(state: Interaction, time: datetime, revision: int) -> list[Output]:
    """What has changed since the digest as sent; remembers it as sent.

    Customers who may have heard of it in between hear too that it is not theirs.
    """
    now = content(state)
    customer_id, packed = now[0], _pack(now)
    same = packed == state.sent or (state.sent is None and customer_id is None)
    if same and not state.again and not state.former:
        return []
    before = None if state.sent is None else _unpack(state.sent)[0]
    sends = []
    if state.former or (before is not None and before != customer_id):
        gone = state.former if before is None else state.former.union((before,))
        others = sorted(gone.difference((customer_id,)))
        sends = [_output(state, time, revision, customer, now, withdrawn=True) for customer in others]
    if customer_id is not None:
        sends.append(_output(state, time, revision, customer_id, now, withdrawn=False))
    if customer_id is not None or sends or state.sent is not None:
        state.sent = packed
    return sends


def _output(
    state: Interaction, time: datetime, revision: int, customer_id: str, told: Content, *, withdrawn: bool
) -> Output:
    _, started_at, inbound, reason, was_served, resolved, ended_at, reopened_at, bot, contained = told
    data = Digest(
        customer_id=customer_id, channel=state.channel, interaction_id=state.id, started_at=started_at,  # type: ignore[arg-type]
        inbound=inbound, reason=reason, served=was_served, resolved=resolved,
        ended_at=ended_at, reopened_at=reopened_at, withdrawn=withdrawn, bot=bot, contained=contained,
    )  # fmt: skip
    digested = Digested(
        id=f"{state.channel}/{state.id}", source="centralino", specversion="1.0", time=time,
        revision=revision, data=data,
    )  # fmt: skip
    return Output(TOPIC, customer_id.encode(), _encode(digested))
