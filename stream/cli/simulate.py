"""`centralino simulate`: a contact center's events, into Kafka or a file."""

from __future__ import annotations

import asyncio
import contextlib
import gc
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from stream.cli import options
from stream.cli.console import err
from stream.cli.feed import feeding
from stream.cli.lines import STDIO, created, written
from stream.cli.pace import Pace, now_ms
from stream.cli.problem import Problem
from stream.cli.progress import Meter, metered
from stream.cli.topics import ensure
from stream.simulator import LEADS_IN, PROFILES, Simulation, script

if TYPE_CHECKING:
    from collections.abc import Iterator

    from stream.simulator import Record

GLANCE_MS = 100
HOUR_SECONDS = 3600.0


@dataclass(frozen=True, slots=True)
class Plan:
    """What is to be simulated. `events` and `seconds` None: without end; the first that is reached ends it."""

    simulation: Simulation
    speed: float
    events: int | None
    seconds: float | None

    @property
    def total(self) -> float | None:
        """Events, or else simulated seconds, of the whole."""
        return self.events if self.events is not None else self.seconds

    def batches(self) -> Iterator[list[Record]]:
        """The records, to the end of the plan."""
        left = self.events
        until_ms = None if self.seconds is None else self.simulation.start_ms + int(self.seconds * 1000)
        for batch in self.simulation.batches():
            kept = batch if until_ms is None else [record for record in batch if record.at_ms < until_ms]
            if left is not None:
                kept = list(islice(kept, left))
                left -= len(kept)
            yield kept
            if left == 0 or len(kept) < len(batch) or (until_ms is not None and self.simulation.now_ms >= until_ms):
                return

    def done(self, meter: Meter, at_ms: int) -> float:
        """In the unit of `total`."""
        return meter.records if self.events is not None else (at_ms - self.simulation.start_ms) / 1000


def simulate(
    out: Annotated[
        Path | None, typer.Option(help="Write JSON Lines to this file (.gz: packed; -: stdout), not to Kafka.")
    ] = None,
    seed: Annotated[int, typer.Option(help="The same seed and start give the same events.")] = 1,
    rate: Annotated[float, typer.Option(min=0.01, help="Events a second of simulated time, mean of a day.")] = 10.0,
    speed: Annotated[
        float | None,
        typer.Option(min=0, help="Simulated seconds a second; 0: as fast as it goes. Default: 1, to a file 0."),
    ] = None,
    events: Annotated[int | None, typer.Option(min=1, help="Stop after so many events.")] = None,
    duration: Annotated[
        str | None,
        typer.Option(help="Stop after so much simulated time: 90s, 30m, 2h, 1d. Default: never; at speed 0: 1h."),
    ] = None,
    start: Annotated[
        str | None,
        typer.Option(help="First instant (RFC 3339). Default: now; at speed 0 so early that it ends about now."),
    ] = None,
    profile: Annotated[str, typer.Option(help=f"Kind of center: {', '.join(PROFILES)}.")] = "center",
    customers: Annotated[
        int | None, typer.Option(min=1, help="How many customers there are. Default: as a center of this size has.")
    ] = None,
    story: Annotated[
        bool, typer.Option("--story", help="With a story: an abandoned chat, the call after it, a breach, a recovery.")
    ] = False,
) -> None:
    """Simulate a contact center: customers, queues, agents on all channels; into Kafka, or into a file."""
    plan = _plan(out, seed, rate, speed, events, duration, start, profile, customers, story=story)
    gc.freeze()
    gc.set_threshold(100_000, 20, 50)
    if out is None:
        asyncio.run(_to_kafka(plan))
    else:
        asyncio.run(_to_file(plan, out))


def _plan(
    out: Path | None,
    seed: int,
    rate: float,
    speed: float | None,
    events: int | None,
    duration: str | None,
    start: str | None,
    profile: str,
    customers: int | None,
    *,
    story: bool,
) -> Plan:
    if profile not in PROFILES:
        raise Problem(f"there is no profile {profile!r}: choose {' or '.join(PROFILES)}", 2)
    pace = speed if speed is not None else 1.0 if out is None else 0.0
    try:
        seconds = None if duration is None else options.duration(duration)
        if seconds is None and events is None and not pace:
            seconds = HOUR_SECONDS
        span = 0.0 if pace else seconds if seconds is not None else (events or 0) / rate
        start_ms = (now_ms() - int(span * 1000)) // 1000 * 1000 if start is None else options.moment(start)
    except ValueError as error:
        raise Problem(str(error), 2) from error
    story_ms = start_ms + int(LEADS_IN * 1000) if story else None
    for line in script(story_ms) if story_ms is not None else ():
        err.print(line)
    return Plan(Simulation(seed, start_ms, rate, PROFILES[profile], story_ms, customers), pace, events, seconds)


async def _to_file(plan: Plan, path: Path) -> None:
    pace = Pace(plan.simulation.start_ms, plan.speed)
    cancelled = contextlib.suppress(asyncio.CancelledError)
    with created(path) as file, metered("simulating", plan.total) as meter, cancelled:
        for batch in plan.batches():
            for group in _due(batch, plan.speed):
                await pace.wait(group[-1].at_ms)
                file.write(b"".join(written(each.topic, each.key, each.value, each.timestamp_ms) for each in group))
                _count(plan, meter, group)
    _say(meter, "stdout" if path == STDIO else str(path))


async def _to_kafka(plan: Plan) -> None:
    settings = options.settings()
    await ensure(settings)
    async with feeding(settings) as feed:
        pace = Pace(plan.simulation.start_ms, plan.speed)
        with metered("simulating", plan.total) as meter, contextlib.suppress(asyncio.CancelledError):
            for batch in plan.batches():
                for group in _due(batch, plan.speed):
                    await pace.wait(group[-1].at_ms)
                    for each in group:
                        await feed.add(each.topic, each.key, each.value, each.timestamp_ms)
                    if plan.speed:
                        await feed.flush()
                    _count(plan, meter, group)
    _say(meter, settings.kafka_bootstrap_servers)


def _due(batch: list[Record], speed: float) -> Iterator[list[Record]]:
    """Groups of records that are due together: all of them when nothing waits."""
    if not speed:
        if batch:
            yield batch
        return
    group: list[Record] = []
    for record in batch:
        if group and record.at_ms - group[0].at_ms > GLANCE_MS * speed:
            yield group
            group = []
        group.append(record)
    if group:
        yield group


def _count(plan: Plan, meter: Meter, group: list[Record]) -> None:
    meter.records += len(group)
    if meter.due():
        meter.show(plan.done(meter, group[-1].at_ms))


def _say(meter: Meter, where: str) -> None:
    err.print(f"{meter.records:,} events to {where} in {meter.seconds:.1f} s ({meter.rate:,.0f}/s)")
