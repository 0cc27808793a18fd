"""`centralino rebuild`: count the log again by the definitions that are set now, beside the figures that are live."""

from __future__ import annotations

import asyncio
import json
import re
import sys
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Annotated, NamedTuple

import typer

from stream.cli import options
from stream.cli.console import err, out
from stream.cli.problem import Problem, explaining
from stream.connections import redis_options

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from stream.cli.rebuild_count import Count
    from stream.settings import Settings
    from stream.state.store import Store

WINDOWS = "today 7d 30d 365d"
_PATIENCE_SECONDS = 10.0
_NAME = re.compile("[a-z0-9][a-z0-9-]{0,31}")


class Wanted(NamedTuple):
    """What is to be done. `since` (ms): None, all of the log; `name`: None, a new one, or the one that was begun."""

    since: int | None
    name: str | None
    switch: bool
    as_json: bool
    windows: tuple[str, ...]


def rebuild(
    from_: Annotated[
        str | None, typer.Option("--from", help="Count what Kafka has from this instant on, 2026-03-02T08:00:00Z.")
    ] = None,
    name: Annotated[
        str | None, typer.Option("--as", help="Its name: v2, say. `first` is the one from the start.")
    ] = None,
    switch: Annotated[bool, typer.Option("--switch", help="Make it live when it has caught up, unasked.")] = False,
    drop: Annotated[bool, typer.Option("--drop", help="Delete it: its keys and topics. Never the live one.")] = False,
    windows: Annotated[str, typer.Option("--windows", help="Windows whose figures are compared.")] = WINDOWS,
    as_json: Annotated[bool, typer.Option("--json", help="The differences as JSON, all of them.")] = False,
) -> None:
    """Count the log again by the definitions that are set now, beside the live figures; show what differs; switch over.

    The live figures stay as they are until the switch, which is at once. Call it again to go on where it was, also
    after it was killed. What Kafka no longer has, or lies before --from, is not in the new figures.
    """
    wanted = Wanted(_since(from_), _named(name), switch, as_json, _windows(windows))
    settings = options.settings()
    if settings.namespace is not None:
        raise Problem("`namespace` (CENTRALINO_NAMESPACE) is set: say the name with --as instead", 2)
    with explaining(settings):
        asyncio.run(_drop(settings, wanted.name) if drop else _rebuild(settings, wanted))


def _since(text: str | None) -> int | None:
    try:
        return None if text is None else options.moment(text)
    except ValueError as error:
        raise Problem(f"--from: {error}", 2) from None


def _named(name: str | None) -> str | None:
    if name is not None and not _NAME.fullmatch(name):
        raise Problem(f"--as: {name!r} is no name: lower-case letters, digits and hyphens, at most 32", 2)
    return name


def _windows(text: str) -> tuple[str, ...]:
    from stream.core.times.window import window  # noqa: PLC0415

    try:
        return tuple(window(name).name for name in text.replace(",", " ").split())
    except ValueError as error:
        raise Problem(f"--windows: {error}", 2) from None


@asynccontextmanager
async def _opened(settings: Settings) -> AsyncIterator[tuple[Store, Settings]]:
    """The store, and the settings of the live namespace."""
    from stream.state import namespaces  # noqa: PLC0415
    from stream.state.store import Store  # noqa: PLC0415

    store = Store(redis_options(settings), patience=_PATIENCE_SECONDS)
    try:
        yield store, settings.within(await namespaces.live(store, settings.key_prefix))
    finally:
        await store.aclose()


async def _rebuild(settings: Settings, wanted: Wanted) -> None:
    from stream.cli import rebuild_made  # noqa: PLC0415
    from stream.cli.progress import metered  # noqa: PLC0415
    from stream.cli.rebuild_child import worker  # noqa: PLC0415
    from stream.cli.rebuild_count import Count, total  # noqa: PLC0415
    from stream.cli.rebuild_switch import switch  # noqa: PLC0415
    from stream.serve.log_ends import LogEnds  # noqa: PLC0415
    from stream.serve.view import topics_of  # noqa: PLC0415

    async with _opened(settings) as (store, live):
        other = await rebuild_made.found_or_new(store, live, wanted.name)
        name, topics = str(other.namespace), {*topics_of(live), *topics_of(other)}
        async with LogEnds.of(settings, sorted(topics)) as logs:
            count = Count(store, logs, live, other)
            await rebuild_made.make(count, wanted.since)
            with worker(other) as process:
                bounds, starts = await count.counted(), await count.starts()
                _say(f"counting as {name}, beside {live.namespace}")
                with metered(f"counting as {name}", total(bounds, starts)) as meter:
                    await count.caught_up(process, bounds, meter)
                _say(f"{meter.records:,} records in {meter.seconds:.1f} s ({meter.rate:,.0f}/s)")
                await _compare(count, process, wanted)
                if not (wanted.switch or _agreed(name)):
                    _say(
                        f"{name} stays beside {live.namespace}: `centralino rebuild --as {name} --switch` switches over"
                    )
                    return
                await switch(count, process, _say)
    _say(f"{name} is live; workers end now and begin with it, {live.namespace} stays until it is dropped")


async def _compare(count: Count, process: object, wanted: Wanted) -> None:
    from stream.cli.rebuild_compare import compared  # noqa: PLC0415
    from stream.cli.rebuild_differences import as_json, show  # noqa: PLC0415
    from stream.state.client import client_of  # noqa: PLC0415

    redis = client_of(**redis_options(count.live), socket_timeout=_PATIENCE_SECONDS)
    try:
        found = await compared(count, process, redis, wanted.windows)  # type: ignore[arg-type]
    finally:
        await redis.aclose()
    if wanted.as_json:
        out.print(
            json.dumps(as_json(found, str(count.other.namespace), str(count.live.namespace))),
            soft_wrap=True, markup=False,
        )  # fmt: skip
    else:
        show(found, count.live.service_level_variant, wanted.windows)


def _agreed(name: str) -> bool:
    """Whether somebody at a terminal wants the switch."""
    return sys.stdin.isatty() and err.is_terminal and typer.confirm(f"Make {name} live now?", err=True)


async def _drop(settings: Settings, name: str | None) -> None:
    from stream.cli import rebuild_made  # noqa: PLC0415

    if name is None:
        raise Problem("--drop: say which one with --as", 2)
    async with _opened(settings) as (store, live):
        await rebuild_made.drop(store, live, name)
    _say(f"{name} is gone")


def _say(text: str) -> None:
    err.print(text, soft_wrap=True, markup=False)
