"""`centralino forget`: let all that is known of a customer go; see docs/privacy.md."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import TYPE_CHECKING, Annotated

import typer

from schemas.codec import encode
from schemas.events import CustomerForgotten, CustomerForgottenData
from stream.cli import options
from stream.cli.clock import shards, stream_time, wall_clock_ms
from stream.cli.console import out
from stream.cli.feed import feeding
from stream.cli.problem import Problem
from stream.cli.store import Store, store
from stream.cli.topics import ensure
from stream.core.customers.customer import Customers
from stream.core.customers.state import OWN, Customer
from stream.state.keys import shard_keys
from stream.state.namespaces import resolved

if TYPE_CHECKING:
    from stream.settings import Settings

_LONGEST = 128


def forget(
    customer: Annotated[str, typer.Argument(help="The customer's id, or an alias of theirs; as sources write it.")],
    at: Annotated[
        str | None, typer.Option(help="Forget what is no later than this, 2026-03-02T08:00:00Z. Default: now.")
    ] = None,
) -> None:
    """Let all that is known of a customer go: interactions, events, aliases. What they count stays counted.

    Now is by the setting `clock`. What Kafka's topics hold goes with their retention.
    """
    settings = options.settings()
    if not 0 < len(customer) <= _LONGEST:
        raise Problem(f"a customer's id has 1 to {_LONGEST} characters", 2)
    try:
        told = None if at is None else options.moment(at)
    except ValueError as error:
        raise Problem(str(error), 2) from None
    if told is not None and told > wall_clock_ms():
        raise Problem("what is not yet cannot be forgotten: --at lies in the future", 2)
    asyncio.run(_forget(settings, customer, told))


async def _forget(settings: Settings, customer: str, at: int | None) -> None:
    pseudonyms = settings.pseudonyms()
    name = customer if pseudonyms is None else pseudonyms.of(customer)
    async with store(settings) as client:
        settings = await resolved(client, settings)
        known = await shards(settings, client)
        found = [state for shard in known if (state := await _known(settings, client, *shard, name)) is not None]
        if at is None:
            at = await stream_time(settings, client, known) if settings.clock == "event" else wall_clock_ms()
    await ensure(settings)
    async with feeding(settings) as feed:
        await feed.add("customers.events", name.encode(), encode(word(name, at)), None)
    out.print(_said(customer, found), soft_wrap=True, markup=False)


def word(name: str, at: int) -> CustomerForgotten:
    """What tells everybody to forget a customer up to an instant (ms)."""
    return CustomerForgotten(
        id=f"forgotten/{name}/{at}", source="centralino forget", specversion="1.0",
        time=options.EPOCH + timedelta(milliseconds=at), data=CustomerForgottenData(customer_id=name),
    )  # fmt: skip


async def _known(settings: Settings, client: Store, topic: str, partition: int, name: str) -> Customer | None:
    if topic != settings.topic("customers.timeline"):
        return None
    blob = await client.command("HGET", shard_keys(settings.store_prefix, topic, partition).state, name)
    return None if blob is None else Customers(settings.rules()).load(name, blob)


def _said(customer: str, found: list[Customer]) -> str:
    heard, told = sum(len(state.heard) for state in found), sum(len(state.told) for state in found)
    if not heard and not told:
        return f"nothing is kept of {customer}; what is sent again from before is not taken in"
    held = any(state.holder() is not None for state in found)
    of = f"{customer}, an alias: who holds it is forgotten with it;" if held else f"{customer}:"
    aliases = {
        alias for state in found for one in state.told.values() if one.route == OWN for alias in one.said.aliases
    }
    also = f", {len(aliases)} aliases" if aliases else ""
    return f"{of} {heard} interactions, {told} events{also} go as soon as the workers have read the word"
