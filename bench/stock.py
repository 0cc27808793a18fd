"""The peer: a Faust agent as its documentation has it, keeping the same figures in Redis.

Written as one would who knows Faust and Redis but wants no kernel: `async for`, default settings, values decoded by
msgspec, an interaction's state remembered in the process and stored beside the figures, and one pipeline an event
without a transaction. It trusts the order of the log and counts twice what it reads twice.
`python -m bench.stock ADDRESS TOPIC REDIS_URL N`.
"""

from __future__ import annotations

import asyncio
import json
import os
import sys
import time
from typing import TYPE_CHECKING, Any

import faust
import msgspec
import uvloop
from redis.asyncio import Redis

from bench.process import peak_bytes
from schemas.events import InteractionEvent

if TYPE_CHECKING:
    from redis.asyncio.client import Pipeline

BUCKET_MS, THRESHOLD_MS, SHORT_MS, WRAP_UP_CAP_MS, KEEP_SECONDS = 10_000, 20_000, 5_000, 1_800_000, 14_400

_encode = msgspec.msgpack.Encoder().encode
_decode_event = msgspec.json.Decoder(InteractionEvent).decode


class Interaction(msgspec.Struct):
    """One interaction as it stands: instants in ms, None where it is not in that state."""

    queue: str | None = None
    queued_at: int | None = None
    answered_at: int | None = None
    agent: str | None = None
    held_at: int | None = None
    hold_ms: int = 0
    parts: dict[str, tuple[str | None, int]] = {}


_decode_state = msgspec.msgpack.Decoder(Interaction).decode


class Figures:
    """The figures by queue and ten seconds, and the interactions, in Redis."""

    def __init__(self, redis: Redis) -> None:
        self._redis = redis
        self._known: dict[str, Interaction] = {}

    async def take(self, event: Any) -> None:
        """Count one event, in one round trip (two for an interaction that this process has not seen)."""
        name = event.data.interaction_id
        state = self._known.get(name)
        if state is None:
            stored: Any = await self._redis.get(f"interaction:{name}") if type(event).__name__ != "Started" else None
            state = self._known[name] = Interaction() if stored is None else _decode_state(stored)
        at = int(event.time.timestamp() * 1000)
        pipeline = self._redis.pipeline(transaction=False)
        step = _STEPS.get(type(event).__name__)
        if step is not None:
            step(state, event.data, at, pipeline)
        pipeline.set(f"interaction:{name}", _encode(state), ex=KEEP_SECONDS)
        await pipeline.execute()


def _count(pipeline: Pipeline, queue: str | None, at: int, **measures: int) -> None:
    key = f"figures:{queue}:{at // BUCKET_MS}"
    for measure, n in measures.items():
        pipeline.hincrby(key, measure, n)


def _queued(state: Interaction, data: Any, at: int, pipeline: Pipeline) -> None:
    state.queue, state.queued_at = data.queue, at
    _count(pipeline, state.queue, at, offered=1)


def _answered(state: Interaction, data: Any, at: int, pipeline: Pipeline) -> None:
    if state.queued_at is None:
        state.queue = data.queue
    else:
        wait = at - state.queued_at
        _count(pipeline, state.queue, at, answered=1, wait_ms=wait, in_threshold=int(wait <= THRESHOLD_MS))
    state.queued_at, state.answered_at, state.agent, state.held_at, state.hold_ms = None, at, data.agent_id, None, 0


def _held(state: Interaction, _: Any, at: int, __: Pipeline) -> None:
    state.held_at = at


def _resumed(state: Interaction, _: Any, at: int, __: Pipeline) -> None:
    if state.held_at is not None:
        state.hold_ms += at - state.held_at
        state.held_at = None


def _part_over(state: Interaction, _: Any, at: int, pipeline: Pipeline) -> None:
    if state.answered_at is None:
        return
    if state.held_at is not None:
        state.hold_ms += at - state.held_at
    talk = at - state.answered_at - state.hold_ms
    _count(pipeline, state.queue, at, handled=1, talk_ms=talk, hold_ms=state.hold_ms, handle_ms=talk + state.hold_ms)
    state.parts[state.agent or ""] = (state.queue, at)
    state.answered_at = state.agent = state.held_at = None


def _left(state: Interaction, _: Any, at: int, pipeline: Pipeline) -> None:
    if state.queued_at is not None:
        wait = at - state.queued_at
        _count(pipeline, state.queue, at, abandoned=1, short_abandoned=int(wait <= SHORT_MS))
        state.queued_at = None


def _flowed_out(state: Interaction, _: Any, at: int, pipeline: Pipeline) -> None:
    if state.queued_at is not None:
        _count(pipeline, state.queue, at, flowed_out=1)
        state.queued_at = None


def _wrapped_up(state: Interaction, data: Any, at: int, pipeline: Pipeline) -> None:
    part = state.parts.pop(data.agent_id, None)
    if part is not None:
        wrap_up = min(at - part[1], WRAP_UP_CAP_MS)
        _count(pipeline, part[0], part[1], wrap_up_ms=wrap_up, handle_ms=wrap_up)


_STEPS = {
    "Queued": _queued, "Answered": _answered, "Held": _held, "Resumed": _resumed, "Transferred": _part_over,
    "Ended": _part_over, "Abandoned": _left, "FlowedOut": _flowed_out, "WrappedUp": _wrapped_up,
}  # fmt: skip


async def work(address: str, topic_name: str, redis_url: str, total: int) -> dict[str, Any]:
    """Count the first events that Faust hands over. The clock runs from the first of them on."""
    redis = Redis.from_url(redis_url)
    app = faust.App(f"stock-{time.time_ns()}", broker=f"kafka://{address}", store="memory://", web_enabled=False)
    topic = app.topic(topic_name, key_serializer="raw", value_serializer="raw", value_type=bytes)
    figures, finished = Figures(redis), asyncio.Event()
    read: dict[int, int] = {}
    spent = {"seconds": 0.0, "cpu": 0.0}

    @app.agent(topic)
    async def agent(stream: Any) -> None:
        done = -1
        async for value in stream:
            if done < 0:
                spent["seconds"], spent["cpu"] = time.perf_counter(), time.process_time()
                spent["redis_cpu"] = await redis_cpu(redis)
            await figures.take(_decode_event(value))
            message = stream.current_event.message
            read[message.partition] = message.offset + 1
            done += 1
            if done == total:
                spent["seconds"] = time.perf_counter() - spent["seconds"]
                spent["cpu"] = time.process_time() - spent["cpu"]
                spent["redis_cpu"] = await redis_cpu(redis) - spent["redis_cpu"]
                finished.set()
                await asyncio.Event().wait()

    await app.start()
    await finished.wait()
    return {"records": total, "peak_bytes": peak_bytes(), "read": read, **spent}


async def main(address: str, topic: str, redis_url: str, total: int) -> None:
    """Print what `work` measured, and leave without Faust's long good-bye: a stopped agent waits for its stream."""
    print(json.dumps(await work(address, topic, redis_url, total)), flush=True)
    os._exit(0)


async def redis_cpu(redis: Redis) -> float:
    """User and system time of Redis until now."""
    told = await redis.info("cpu")
    return float(told["used_cpu_user"] + told["used_cpu_sys"])


if __name__ == "__main__":
    uvloop.run(main(sys.argv[1], sys.argv[2], sys.argv[3], int(sys.argv[4])))
