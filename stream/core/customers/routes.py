"""Aliases: who claims one is told to its shard, and what came under it is sent on to the customer who holds it.

A claim goes from the customer's shard to the alias's; digests and events from there to the holder, one hop: what has
come by a route is not sent on again. Everything that has changed since the last commit is told, to all who may have
heard of it in a run that has died: what changes nothing is a duplicate, or no change, where it arrives.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

import msgspec

from schemas.events import ClaimData, Claimed, Routed, RoutedData
from stream.core.customers.state import OWN, Customer
from stream.core.customers.stirred import Stirred
from stream.core.stage import Output

TOPIC = "customers.timeline"
_encode = msgspec.json.Encoder().encode


def outputs(state: Customer, stirred: Stirred, time: datetime, revision: int) -> list[Output]:
    """What is to be told after a commit's last event, of that `time` and offset (`revision`)."""
    sends = [_claim(state, alias, time, revision) for alias in sorted(stirred.aliases)]
    if stirred.holders:
        holder = state.holder()
        for target in sorted(stirred.holders):
            held = _held(state, stirred, target, withdrawn=target != holder)
            sends += [_routed(data, time, revision) for data in held]
    return sends


def _claim(state: Customer, alias: str, time: datetime, revision: int) -> Output:
    """The latest of the customer's own events that names the alias; that there is none."""
    naming = (one.said for one in state.told.values() if one.route == OWN and alias in one.said.aliases)
    latest = max(naming, key=lambda one: (one.at, one.source, one.id), default=None)
    if latest is None:
        data = ClaimData(customer_id=alias, by=state.id, withdrawn=True)
    else:
        data = ClaimData(customer_id=alias, by=state.id, at=latest.at, source=latest.source, event_id=latest.id)
    claimed = Claimed(id=state.id, source="centralino", specversion="1.0", time=time, revision=revision, data=data)
    return Output(TOPIC, alias.encode(), _encode(claimed))


def _held(state: Customer, stirred: Stirred, target: str, *, withdrawn: bool) -> Iterator[RoutedData]:
    """All that has changed, for a holder, or for one who holds it no longer."""
    for channel, number in sorted(stirred.heard):
        heard = state.heard.get((OWN, channel, number))
        if heard is not None:
            yield RoutedData(
                customer_id=target, route=state.id, digest=heard.digest, digest_revision=heard.first,
                withdrawn=withdrawn or heard.digest.withdrawn,
            )  # fmt: skip
    for source, number in sorted(stirred.told):
        told = state.told.get((OWN, source, number))
        if told is not None and told.said.kind != "identified":
            yield RoutedData(customer_id=target, route=state.id, said=told.said, withdrawn=withdrawn)


def _routed(data: RoutedData, time: datetime, revision: int) -> Output:
    what = f"{data.digest.channel}/{data.digest.interaction_id}" if data.digest is not None else "event"
    if data.said is not None:
        what = f"{data.said.source}/{data.said.id}"
    routed = Routed(
        id=f"{data.route}/{what}", source="centralino", specversion="1.0", time=time, revision=revision, data=data
    )
    return Output(TOPIC, data.customer_id.encode(), _encode(routed))
