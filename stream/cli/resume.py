"""`centralino resume`: let a partition go on that the brake has stopped."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated

import typer

from stream.cli import options
from stream.cli.console import out
from stream.cli.problem import Problem
from stream.cli.store import store
from stream.state.keys import decode_braked, partition_name, store_keys
from stream.state.namespaces import resolved

if TYPE_CHECKING:
    from stream.settings import Settings


def resume(
    topic: Annotated[str, typer.Argument(help="Topic, with or without its prefix.")],
    partition: Annotated[int, typer.Argument(min=0, help="Number of the partition.")],
) -> None:
    """Let a partition go on that stands since most of its records were rejected."""
    settings = options.settings()
    asyncio.run(_resume(settings, settings.topic_prefix + topic.removeprefix(settings.topic_prefix), partition))


async def _resume(settings: Settings, topic: str, partition: int) -> None:
    name = partition_name(topic, partition)
    async with store(settings) as client:
        key = store_keys((await resolved(client, settings)).store_prefix).braked
        told = await client.command("HGET", key, name)
        if told is None:
            braked = sorted(each.decode() for each in await client.command("HKEYS", key))
            raise Problem(f"{name} is not stopped; stopped: {', '.join(braked) or 'none'}")
        await client.command("HDEL", key, name)
    why = decode_braked(told)
    since = datetime.fromtimestamp(why.since / 1000, UTC)
    out.print(
        f"{name} goes on. It stood since {since:%Y-%m-%d %H:%M:%S}Z: "
        f"{why.rejected:,} of its last {why.records:,} records were rejected (centralino dlq list)",
        soft_wrap=True,
    )
