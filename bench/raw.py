"""The limit: aiokafka's `getmany` and the codec, nothing else. `python -m bench.raw ADDRESS TOPIC RECORDS`."""

from __future__ import annotations

import json
import sys
import time

import uvloop
from aiokafka import AIOKafkaConsumer

from bench.process import peak_bytes
from schemas.codec import decoder
from schemas.topics import TOPICS

FETCH_BYTES = 4 * 1024 * 1024


async def read(address: str, topic: str, total: int) -> dict[str, float]:
    """Read and decode the whole topic. The clock runs once the consumer is connected."""
    decode = decoder(TOPICS["interactions.phone"])
    consumer = AIOKafkaConsumer(
        topic, bootstrap_servers=address, auto_offset_reset="earliest", enable_auto_commit=False,
        max_partition_fetch_bytes=FETCH_BYTES,
    )  # fmt: skip
    await consumer.start()
    try:
        done = 0
        began, cpu = time.perf_counter(), time.process_time()
        while done < total:
            for records in (await consumer.getmany(timeout_ms=1000)).values():
                for record in records:
                    decode(record.key, record.value, record.timestamp)
                done += len(records)
        seconds, cpu = time.perf_counter() - began, time.process_time() - cpu
    finally:
        await consumer.stop()
    return {"records": done, "seconds": seconds, "cpu": cpu, "peak_bytes": peak_bytes()}


if __name__ == "__main__":
    print(json.dumps(uvloop.run(read(sys.argv[1], sys.argv[2], int(sys.argv[3])))))
