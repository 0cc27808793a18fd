"""A service's part in alerts, as a process of its own that sends itself a signal at a step of the first telling.

STEP: `before` the transaction; `inside`, all is sent and nothing committed; `committed`, and not mirrored; `mirrored`.
"""

from __future__ import annotations

import asyncio
import os
import signal
from typing import Any

from aiokafka import AIOKafkaProducer

from stream.cli import logs
from stream.serve.alerts import decider, lease
from stream.serve.alerts.decider import Decider
from stream.serve.alerts.mirror import Stored
from stream.serve.alerts.topic import Topic
from stream.serve.view import View
from stream.settings import Settings
from stream.state.client import client_of
from stream.state.keys import alert_keys

lease.LEASE_SECONDS, lease.RENEW_SECONDS = 2.0, 0.4
decider.RETRY_SECONDS = 0.2


def _stop_at(step: str | None, number: int) -> None:
    """Let the step of the first telling send the signal."""
    tell, write, commit = Topic.tell, Stored.write, AIOKafkaProducer.commit_transaction
    told: list[str] = []

    def stop(at: str) -> None:
        if at == step and step not in told:
            told.append(at)
            os.kill(os.getpid(), number)

    async def stopping_tell(self: Topic, events: Any) -> Any:
        stop("before")
        answer = await tell(self, events)
        stop("committed")
        told.append("tell")
        return answer

    async def stopping_commit(self: Any) -> None:
        stop("inside")
        await commit(self)

    async def stopping_write(self: Stored, *content: Any) -> bool:
        answer = await write(self, *content)
        if "tell" in told:
            stop("mirrored")
        return answer

    Topic.tell, Stored.write = stopping_tell, stopping_write  # type: ignore[assignment,method-assign]
    AIOKafkaProducer.commit_transaction = stopping_commit


async def _run() -> None:
    settings = Settings()
    redis = client_of(settings.redis_url)
    view = View.over(redis, settings)
    watching = view.sla.watch(redis, alert_keys(settings.key_prefix))
    await asyncio.gather(view.reader.run(asyncio.Event()), watching, Decider(view).run())


if __name__ == "__main__":
    logs.for_machines()
    _stop_at(os.environ.get("STEP"), getattr(signal, os.environ.get("SIGNAL", "SIGKILL")))
    asyncio.run(_run())
