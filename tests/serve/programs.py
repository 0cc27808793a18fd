"""The service in a process of its own."""

from __future__ import annotations

import asyncio
import json
import os
import sys
from contextlib import asynccontextmanager, suppress

import httpx

from stream.child import free_port
from tests.parts import packages


@asynccontextmanager
async def serving_program(redis_server, key_prefix, folder):
    """`centralino serve` in a process of its own, with many queues and nobody at Kafka's address."""
    port = free_port()
    queues = [{"channel": "phone", "name": f"queue{n}"} for n in range(500)]
    environment = {
        "REDIS_URL": redis_server.url, "KAFKA_BOOTSTRAP_SERVERS": f"127.0.0.1:{free_port()}",
        "CENTRALINO_KEY_PREFIX": key_prefix, "CENTRALINO_CLOCK": "event", "CENTRALINO_QUEUES": json.dumps(queues),
        "PYTHONPATH": packages.path(),
    }  # fmt: skip
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "stream.cli", "serve", "--port", str(port), cwd=folder, env={**os.environ, **environment},
        stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT,
    )  # fmt: skip
    try:
        async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", timeout=20) as client:
            async with asyncio.timeout(30):
                while True:
                    with suppress(httpx.ConnectError):
                        if (await client.get("/readyz")).status_code == 200:
                            break
                    await asyncio.sleep(0.02)
            yield process, client
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
