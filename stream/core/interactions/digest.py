"""What the second stage hears of an interaction: a digest when its customer is known, when it closes, on a change.

The digest of an open interaction says only that it has started; `served` and `resolved` are told from its first end on.
"""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

import msgspec

from schemas.events import Digest, Digested
from stream.core.interactions.fact import UNNAMED
from stream.core.stage import Output

if TYPE_CHECKING:
    from stream.core.interactions.known import Interaction
    from stream.core.interactions.life import Life


Content = tuple[Any, ...]
"""A digest as sent: customer, started_at, inbound, reason, served, resolved, ended_at, reopened_at, bot, contained,
queue, agent_id, outcome, wait_ms, handled, handle_ms, transferred; see `schemas.digests.Digest`."""

TOPIC = "customers.timeline"
_pack = msgspec.msgpack.Encoder().encode
_unpack = msgspec.msgpack.Decoder(list[Any]).decode
_encode = msgspec.json.Encoder().encode


def served(life: Life) -> bool:
    """An agent handled it, or a bot ended it as resolved."""
    return life.served or (life.ended_by_bot and life.resolved is True)


def content(state: Interaction) -> Content:
    """What there is to tell now."""
    life, told = state.life, state.told
    if not life.ended_at:
        return (
            told.customer_id, life.started_at, life.inbound, told.reason, False, None, (), life.reopened_at, False,
            False, None, None, None, None, 0, 0, 0,
        )  # fmt: skip
    agent_id, handled, handle_ms, transferred = None, 0, 0, 0
    for segment in life.segments:
        agent_id = segment.agent or agent_id
        if segment.over_at is not None:
            handled += 1
            handle_ms += segment.work[3]
            transferred += segment.over_by == "transferred"
    return (
        told.customer_id, life.started_at, life.inbound, told.reason, served(life), life.resolved, life.ended_at,
        life.reopened_at, life.bot, life.contained, life.last_queue(), agent_id, outcome(life), waited(life), handled,
        handle_ms, transferred,
    )  # fmt: skip


def outcome(life: Life) -> str:
    """How an interaction that has ended did so: see `schemas.digests.Outcome`."""
    if life.first_answer is not None:
        return "answered"
    return "contained" if life.contained else life.left or "unanswered"


def waited(life: Life) -> int | None:
    """From its first queue to the first answer (ms), or to its first end when nobody answered; None without a queue."""
    for segment in life.segments:
        if (queued_at := segment.queued_at) is not None:
            first = life.ended_at[0] if life.first_answer is None else life.first_answer
            return max(first - queued_at, 0)
    return None


def outputs(state: Interaction, time: datetime, revision: int) -> list[Output]:
    """What has changed since the digest as sent; remembers it as sent.

    Customers who may have heard of it in between hear too that it is not theirs.
    """
    if state.sent is None and not state.told.customer_id and not state.former:
        return []
    now = content(state)
    customer_id, packed = now[0] or None, _pack(now)
    if packed == state.sent and not state.again and not state.former:
        return []
    before = None if state.sent is None else _unpack(state.sent)[0] or None
    sends = []
    if state.former or (before is not None and before != customer_id):
        gone = state.former if before is None else state.former.union((before,))
        others = sorted(gone.difference((customer_id, UNNAMED)))
        sends = [_output(state, time, revision, customer, now, withdrawn=True) for customer in others]
    if customer_id is not None:
        sends.append(_output(state, time, revision, customer_id, now, withdrawn=False))
    if customer_id is not None or sends or state.sent is not None:
        state.sent = packed
    return sends


def without(sent: bytes | None, customer_id: str) -> bytes | None:
    """A digest as sent, with `UNNAMED` in the place of a customer."""
    if sent is None or (told := _unpack(sent))[0] != customer_id:
        return sent
    return _pack([UNNAMED, *told[1:]])


def _output(
    state: Interaction, time: datetime, revision: int, customer_id: str, told: Content, *, withdrawn: bool
) -> Output:
    (
        _, started_at, inbound, reason, served_, resolved, ended_at, reopened_at, bot, contained, queue, agent_id, left,
        wait_ms, handled, handle_ms, transferred,
    ) = told  # fmt: skip
    channel: Any = state.channel
    data = Digest(
        customer_id, channel, state.id, started_at, inbound, reason, served_, resolved, ended_at, reopened_at,
        withdrawn, bot, contained, queue, agent_id, left, wait_ms, handled, handle_ms, transferred,
    )  # fmt: skip
    digested = Digested(
        id=f"{state.channel}/{state.id}", source="centralino", specversion="1.0", time=time,
        revision=revision, data=data,
    )  # fmt: skip
    return Output(TOPIC, customer_id.encode(), _encode(digested))
