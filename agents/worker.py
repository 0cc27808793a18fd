"""A worker: one process, one Faust app, the chosen processors. Crash means exit: nothing is restarted inside."""

from __future__ import annotations

import asyncio
import gc
import signal
from contextlib import AsyncExitStack, suppress
from typing import TYPE_CHECKING, Any

import structlog
import uvloop
from aiokafka.errors import KafkaError
from redis.exceptions import RedisError

from agents import customers, delivery, forward, intake, interactions, staff, topics
from agents.app import StreamApp, new_app
from agents.beside import Beside
from agents.metrics import Metrics
from agents.neighbours import Neighbours
from agents.outputs import new_producer
from agents.owner import Partitions, cancelled
from agents.watchdog import Watchdog
from stream.allocator import give_back_big_blocks, giving_back
from stream.connections import redis_options
from stream.settings_names import FIRST
from stream.state import incarnation, namespaces
from stream.state.keys import store_keys
from stream.state.namespace_keys import beside_keys
from stream.state.refused import Refused
from stream.state.shard import Shard
from stream.state.store import Store

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine, Iterable, Sequence

    from faust.types import TP

    from agents.processor import Processor
    from stream.settings import Settings

log = structlog.get_logger()

PROCESSORS: dict[str, Processor] = {
    each.name: each
    for each in (
        *interactions.PROCESSORS,
        forward.PROCESSOR,
        customers.PROCESSOR,
        forward.PRESENCE,
        staff.PROCESSOR,
        *intake.PROCESSORS,
    )
}
_STOP_SECONDS = 10.0
_TELL_SECONDS = 2.0


def run(
    settings: Settings, processors: Iterable[str] | None = None, *, rebuild: bool = False, accept_loss: bool = False
) -> int:
    """Work until SIGTERM or SIGINT; returns the exit code. `processors`: names in PROCESSORS, None for all.

    Raises Refused when store and log do not fit, KafkaError or RedisError when one cannot be reached.
    """
    chosen = [PROCESSORS[name] for name in processors] if processors is not None else list(PROCESSORS.values())
    return run_processors(settings, chosen, rebuild=rebuild, accept_loss=accept_loss)


def run_processors(
    settings: Settings, processors: Sequence[Processor], *, rebuild: bool = False, accept_loss: bool = False,
    beside: bool = False, new_shard: Callable[[Store, str, str, int], Shard] = Shard,
) -> int:  # fmt: skip
    """As `run`, with processors of any kind, and shards of any kind. `beside`: see `agents.beside`."""
    give_back_big_blocks()
    return uvloop.run(
        _work(settings, processors, rebuild=rebuild, accept_loss=accept_loss, beside=beside, new_shard=new_shard)
    )


async def _work(
    settings: Settings, processors: Sequence[Processor], *, rebuild: bool, accept_loss: bool, beside: bool,
    new_shard: Callable[[Store, str, str, int], Shard],
) -> int:  # fmt: skip
    async with AsyncExitStack() as stack:
        producer = new_producer(settings)
        await producer.start()
        stack.push_async_callback(producer.stop)
        metrics = Metrics()
        store = Store(redis_options(settings), retried=metrics.store_retried)
        stack.push_async_callback(store.aclose)
        settings = await _named(settings, store, beside=beside)
        admitted, taken_in = await _admit(settings, store, processors, rebuild=rebuild, beside=beside)
        tellers = await delivery.tellers(settings, producer, stack)
        app, told = new_app(settings), None
        if beside:
            told = Beside(store, settings)
            await told.look()
        if settings.worker_port is not None:
            metrics.serve(settings.host, settings.worker_port)
        owner = Partitions(
            app, settings, store, producer, tellers, processors, admitted, metrics, accept_loss=accept_loss,
            rebuild=rebuild or beside, taken_in=taken_in, beside=told, new_shard=new_shard,
        )  # fmt: skip
        app.owner = owner
        for processor in processors:
            _consume(app, owner, processor, settings.topic(processor.topic))
        neighbours = Neighbours(app, store, store_keys(settings.store_prefix).members)
        watching = [Watchdog(app, owner, metrics, settings.watchdog_seconds).run(), giving_back()]
        return await _until_stopped(app, owner, neighbours, watching if told is None else [*watching, told.run()])


async def _named(settings: Settings, store: Store, *, beside: bool) -> Settings:
    """The settings, of the namespace that is worked on. Raises Refused when a worker's is not the live one."""
    live = await namespaces.live(store, settings.key_prefix)
    if not beside and settings.namespace not in (None, live):
        raise Refused(
            f"the namespace {settings.namespace} is not live, {live} is, and workers count that one: unset `namespace`"
            " (CENTRALINO_NAMESPACE). `centralino rebuild` counts others."
        )
    return settings.within(settings.namespace or live)


async def _admit(
    settings: Settings, store: Store, processors: Sequence[Processor], *, rebuild: bool, beside: bool
) -> tuple[str, dict[TP, int]]:
    """The store's incarnation; and how far payloads had been taken in before, which the store may have lost."""
    if settings.apply_topics:
        await topics.apply(settings)
    async with topics.administration(settings) as admin:
        found = await topics.fixed(admin, [settings.topic(each.topic) for each in processors])
        offsets = await topics.group_offsets(admin, settings.workers_group)
        rebuilt = settings.namespace == FIRST and await topics.were_rebuilt(admin, settings.topic_prefix)
    rules = settings.rules()
    admitted = await incarnation.admit(
        store, settings.store_prefix, rules=rules.fingerprint(), topics=found,
        group_has_commits=not beside and (rebuilt or any(tp.topic in found for tp in offsets)), rebuild=rebuild,
    )  # fmt: skip
    await store.command("SET", beside_keys(settings.store_prefix).definitions, namespaces.encode(rules))
    return admitted, topics.taken_in(offsets, settings.topic_prefix)


def _consume(app: StreamApp, owner: Partitions, processor: Processor, named: str) -> None:
    topic = app.topic(named, key_serializer="raw", value_serializer="raw", acks=False)

    async def hand_over(batches: Any) -> None:
        async for batch in batches:
            owner.offer(batch)

    app.agent(topic, name=f"agents.{processor.name}")(hand_over)


async def _until_stopped(
    app: StreamApp, owner: Partitions, neighbours: Neighbours, watching_too: Iterable[Coroutine[Any, Any, None]]
) -> int:
    loop, told = asyncio.get_running_loop(), asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, told.set)
    looking = asyncio.create_task(neighbours.run())  # a dead one may be what we wait for to be let in
    try:
        await app.start()
    except BaseException:
        await cancelled([looking])
        raise
    _spare_the_collector()
    watchers = [looking, *map(asyncio.create_task, watching_too)]
    watching: asyncio.Future[Any] = asyncio.gather(*watchers)
    ended: asyncio.Task[Any] = asyncio.create_task(app.wait_until_stopped())
    stopped: asyncio.Task[Any] = asyncio.create_task(told.wait())
    await asyncio.wait({watching, ended, stopped}, return_when=asyncio.FIRST_COMPLETED)
    reason: BaseException | None = app.crash_reason
    if watching.done() and reason is None:
        reason = None if watching.cancelled() else watching.exception()
    if reason is None:
        await _tell_group(app)
    try:
        await owner.leave()
    finally:  # or its thread keeps the process
        await cancelled((*watchers, ended, stopped))
        await asyncio.gather(watching, return_exceptions=True)
        await _stop(app)
    if reason is None:
        return 0
    if isinstance(reason, Refused | KafkaError | RedisError):
        raise reason
    log.error("the worker failed", exc_info=reason)
    return 1


async def _stop(app: StreamApp) -> None:
    try:
        async with asyncio.timeout(_STOP_SECONDS):
            await app.stop()
    except TimeoutError:
        log.warning("Faust did not stop in time")


async def _tell_group(app: StreamApp) -> None:
    """Kafka's group hears of the last commits too: lag tools show none, and an emptied store is noticed next time."""
    with suppress(TimeoutError):
        async with asyncio.timeout(_TELL_SECONDS):
            await app.batches.commit()


def _spare_the_collector() -> None:
    """Entities are many and have no cycles: looking for those in them all the time takes as long as the counting."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(2_000_000, 50, 100)
