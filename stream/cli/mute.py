"""`centralino mute`, `unmute`, `ack`: what is not to be told of a queue, for now.

Each is left in Redis. The service that decides logs it, tells it on `queues.alerts`, and keeps to it.
"""

from __future__ import annotations

import asyncio
import getpass
from datetime import timedelta
from difflib import get_close_matches
from typing import TYPE_CHECKING, Annotated

import typer

from schemas.events import CHANNELS
from stream.cli import options
from stream.cli.clock import shards, stream_time, wall_clock_ms
from stream.cli.console import out
from stream.cli.problem import Problem
from stream.cli.store import Store, store
from stream.core.rules import DAY
from stream.core.sla.known import CALM, NOTHING, is_muted
from stream.core.sla.state import STATES
from stream.serve.alerts import mirror, requests
from stream.serve.alerts.requests import Kind, Request
from stream.state.keys import alert_keys
from stream.state.namespaces import resolved

if TYPE_CHECKING:
    from stream.serve.alerts.mirror import Body, Queue
    from stream.settings import Settings

_LONGEST_MS = 30 * DAY
_NEAR = 5
_QueueName = Annotated[str, typer.Argument(help="The queue's name.")]
_Channel = Annotated[str | None, typer.Option(help="Its channel, where several have a queue of that name.")]
_Note = Annotated[str | None, typer.Option(help="Why; told with it.")]
_By = Annotated[str | None, typer.Option(help="Who says so. Default: the name of the user.")]


def mute(
    queue: _QueueName,
    for_: Annotated[str, typer.Option("--for", help="For how long: 30m, 2h. At most 30d.")],
    channel: _Channel = None,
    note: _Note = None,
    by: _By = None,
) -> None:
    """Tell nothing of a queue for a while, on Kafka or by Prometheus; afterwards its state, if it is another one."""
    try:
        length_ms = round(options.duration(for_) * 1000)
    except (ValueError, OverflowError) as error:
        raise Problem(f"--for: {error}", 2) from None
    if length_ms > _LONGEST_MS:
        raise Problem("--for: at most 30d; a queue of which nobody wants to be told for longer needs another target", 2)
    asyncio.run(_ask(options.settings(), "mute", queue, channel, note, by, length_ms))


def unmute(queue: _QueueName, channel: _Channel = None, note: _Note = None, by: _By = None) -> None:
    """End a mute."""
    asyncio.run(_ask(options.settings(), "unmute", queue, channel, note, by))


def ack(queue: _QueueName, channel: _Channel = None, note: _Note = None, by: _By = None) -> None:
    """Take a queue that is at risk or breached in hand: until it has recovered, only its recovery is told."""
    asyncio.run(_ask(options.settings(), "ack", queue, channel, note, by))


async def _ask(
    settings: Settings,
    kind: Kind,
    name: str,
    channel: str | None,
    note: str | None,
    by: str | None,
    length_ms: int | None = None,
) -> None:
    if channel is not None and channel not in CHANNELS:
        raise Problem(f"--channel: {channel!r} is no channel; there are {', '.join(CHANNELS)}", 2)
    keys = alert_keys(settings.key_prefix)
    async with store(settings) as client:
        packed = await client.command("HGET", keys.mirror, "body")
        body = mirror.decode(packed)
        queue = _the_one(_queues(settings, body), name, channel)
        at = await _now(settings, client, body)
        waiting = [requests.decode(each) for each in await client.command("LRANGE", keys.requests, 0, -1)]
        _check(kind, queue, body, [each for each in waiting if (each.channel, each.queue) == queue], at)
        until = None if length_ms is None else at + length_ms
        request = Request(
            kind=kind, channel=queue[0], queue=queue[1], by=by or _user(),  # type: ignore[arg-type]
            at=at, until=until, note=note or None,
        )  # fmt: skip
        await client.command("RPUSH", keys.requests, requests.encode(request))
        decided = await client.command("EXISTS", keys.lease)
    later = "" if decided else ", as soon as a centralino serve decides: none does now"
    out.print(f"{'/'.join(queue)} {_said(request)}{later}", soft_wrap=True, markup=False)


def _queues(settings: Settings, body: Body | None) -> set[Queue]:
    configured = {(queue.channel, queue.name) for queue in settings.queues}
    return configured if body is None else configured | body.known.keys()


def _the_one(queues: set[Queue], name: str, channel: str | None) -> Queue:
    """The queue that is meant. Raises `Problem`."""
    found = sorted(queue for queue in queues if queue[1] == name and channel in (None, queue[0]))
    if len(found) == 1:
        return found[0]
    if found:
        raise Problem(f"{name!r} is a queue of {' and '.join(each for each, _ in found)}: say which with --channel")
    if not queues:
        raise Problem("no queue is known yet: none is configured, and no centralino serve has looked at any")
    names = sorted({each for _, each in queues})
    lowered = {each.lower(): each for each in names}
    near = [lowered[each] for each in get_close_matches(name.lower(), lowered, n=_NEAR, cutoff=0.5)] or names[:_NEAR]
    meant = ", ".join("/".join(queue) for queue in sorted(queues) if queue[1] in near)
    where = "" if channel is None else f" of {channel}"
    raise Problem(f"there is no queue {name!r}{where}; there are {meant}{', …' if len(near) < len(names) else ''}")


async def _now(settings: Settings, client: Store, body: Body | None) -> int:
    """By the clock of who decides."""
    if (settings.clock if body is None else body.clock) == "event":
        settings = await resolved(client, settings)
        return await stream_time(settings, client, await shards(settings, client)) or wall_clock_ms()
    return wall_clock_ms()


def _check(kind: Kind, queue: Queue, body: Body | None, waiting: list[Request], now_ms: int) -> None:
    """Whether there is anything to end or to take in hand. Raises `Problem`."""
    known = NOTHING if body is None else body.known.get(queue, NOTHING)
    if kind == "unmute":
        muted = next((each.kind == "mute" for each in reversed(waiting) if each.kind != "ack"), is_muted(known, now_ms))
        if not muted:
            raise Problem(f"{'/'.join(queue)} is not muted")
    if kind == "ack":
        if known.standing is None:
            raise Problem(f"nobody knows yet of what state {'/'.join(queue)} is: there is nothing to acknowledge")
        if known.standing.state in CALM:
            raise Problem(f"{'/'.join(queue)} is {STATES[known.standing.state]}: there is nothing to acknowledge")


def _user() -> str:
    try:
        return getpass.getuser()
    except (OSError, KeyError):
        return "somebody"


def _said(request: Request) -> str:
    match request.kind:
        case "mute":
            assert request.until is not None
            return f"is muted until {options.EPOCH + timedelta(milliseconds=request.until):%Y-%m-%d %H:%M:%SZ}"
        case "unmute":
            return "is not muted any more"
        case "ack":
            return f"is in the hands of {request.by}: only its recovery will be told"
