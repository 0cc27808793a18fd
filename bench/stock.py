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
from typing import Any

import faust
import msgspec
import uvloop
from redis.asyncio import Redis

from bench.process import peak_bytes
from bench.steps import Interaction, cell, decode_event, step

KEEP_SECONDS = 14_400

_encode = msgspec.msgpack.Encoder().encode
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
        counted = step(state, event)
        pipeline = self._redis.pipeline(transaction=False)
        if counted:
            key = "figures:" + cell(event.data.channel, counted.queue, counted.at)
            for measure, n in counted.measures.items():
                pipeline.hincrby(key, measure, n)
        pipeline.set(f"interaction:{name}", _encode(state), ex=KEEP_SECONDS)
        await pipeline.execute()


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
            await figures.take(decode_event(value))
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
