"""Forgetting a customer: what is known of them until an instant goes, what they counted stays, and a tombstone says so.

What comes again and is no later than the tombstone is not looked at. What is later is a new customer's: the figures
are those of two customers, one after the other, also where it had come before the word to forget. An interaction is as
old as its start, an event as its time.

An alias is not forgotten alone: its shard hands the word on to the customer who holds it, and no further. The
customer's shard tells all the aliases that the customer claims; and every shard that forgets lets the interactions that
it heard of under its own name no longer name the customer, see `interactions.forgotten`.
"""

from __future__ import annotations

from datetime import datetime
from functools import partial
from typing import Any

import msgspec

from schemas.events import Claimed, CustomerForgotten, CustomerForgottenData, Digested, Forgotten, ForgottenData, Routed
from stream.core.customers.counted import difference, stamps_of
from stream.core.customers.heard import Heard, Told, last_of
from stream.core.customers.insight_data import moment
from stream.core.customers.state import OWN, Customer, Memory
from stream.core.customers.stored import FOREVER
from stream.core.rules import Rules
from stream.core.stage import Change, Output, Stamp

TIMELINE = "customers.timeline"
_encode = msgspec.json.Encoder().encode


def covers(state: Customer, event: Any) -> bool:
    """Whether an event tells of what was forgotten. A claim never does: its claimant's shard takes it back."""
    data = event.data
    if isinstance(event, Claimed):
        return False
    if isinstance(event, Digested):
        at: int = data.started_at
    elif isinstance(event, Routed):
        at = data.said.at if data.digest is None else data.digest.started_at
    else:
        at = event.at
    return at <= state.forgotten_at


def forget(state: Customer, event: CustomerForgotten, rules: Rules) -> Change:
    """Take in the word to forget; see the module."""
    at, by, former = event.at, event.data.by, state.holder()
    holder = None if event.data.handed else former
    if by is None and holder is not None:
        return Change("applied", tell=partial(_handed_on, event.time, holder))
    claim = None if by is None else state.claims.get(by)
    if claim is not None and claim.at is not None and claim.at > at:
        claim = None
    if holder is not None and holder != by:
        if claim is None:
            return Change("duplicate")
        del state.claims[claim.by]
        return Change("applied")
    if claim is None and at <= state.forgotten_at:
        return Change("duplicate")
    old, new = _split(state, at)
    apart = _stamps(state, old, rules) if any(new) else state.stamps
    if claim is not None:
        del state.claims[claim.by]
    state.known_since = FOREVER
    before, state.stamps = state.stamps, _stamps(state, new, rules)
    added, removed = difference(before, apart + state.stamps)
    state.insights = {name: told_at for name, told_at in state.insights.items() if told_at > at}
    state.forgotten_at = max(state.forgotten_at, at)
    aliases = {alias for one in old[1].values() if one.route == OWN for alias in one.said.aliases}
    if state.stirred is not None:
        state.stirred.aliases -= aliases
    state.stir(former)
    tell = partial(_told, state.id, event.time, sorted(aliases), [one for one in old[0].values() if one.route == OWN])
    return Change("applied", added, removed, tell=tell)


def _split(state: Customer, at: int) -> tuple[Memory, Memory]:
    """What is heard and told until an instant, and what after it."""
    heard: tuple[dict[Any, Heard], dict[Any, Heard]] = ({}, {})
    told: tuple[dict[Any, Told], dict[Any, Told]] = ({}, {})
    for place, one in state.heard.items():
        heard[one.digest.started_at > at][place] = one
    for name, each in state.told.items():
        told[each.said.at > at][name] = each
    return (heard[0], told[0]), (heard[1], told[1])


def _stamps(state: Customer, memory: Memory, rules: Rules) -> list[Stamp]:
    """Let the customer know this and no more; what is counted then."""
    state.remember(memory)
    return stamps_of(state.person(rules.repeat_window_ms), rules)


def _handed_on(time: datetime, holder: str, revision: int) -> list[Output]:
    return [_word(holder, None, time, revision, handed=True)]


def _told(customer_id: str, time: datetime, aliases: list[str], heard: list[Heard], revision: int) -> list[Output]:
    """To the aliases, and to the interactions. These hear it as of their own time: it ages nothing where they lie."""
    sends = [_word(alias, customer_id, time, revision) for alias in aliases]
    for one in heard:
        data = ForgottenData(interaction_id=one.interaction_id, channel=one.digest.channel, customer_id=customer_id)
        forgotten = Forgotten(
            id=f"{one.channel}/{one.interaction_id}/{revision}", source="centralino", specversion="1.0",
            time=moment(last_of(one.digest)), revision=revision, data=data,
        )  # fmt: skip
        topic, key = f"interactions.{one.channel}", one.interaction_id.encode()
        sends.append(Output(topic, key, _encode(forgotten), everywhere=True))
    return sends


def _word(customer_id: str, by: str | None, time: datetime, revision: int, *, handed: bool = False) -> Output:
    forgotten = CustomerForgotten(
        id=f"forgotten/{customer_id}/{revision}", source="centralino", specversion="1.0", time=time, revision=revision,
        data=CustomerForgottenData(customer_id=customer_id, by=by, handed=handed),
    )  # fmt: skip
    return Output(TIMELINE, customer_id.encode(), _encode(forgotten))
