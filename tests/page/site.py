"""The service's own app over real Redis, in this process, so that a test says what happens and when the service stops.

What decides states is left out: a test says them as it would have. tests/page/test_event_to_pixel.py has all of it.
"""

from __future__ import annotations

import asyncio
import time
from datetime import UTC, datetime
from typing import Any

import uvicorn

from stream.child import HOST, free_port
from stream.core.agents.row import AgentRow, OpenPart
from stream.core.sla.known import Known
from stream.core.sla.state import AT_RISK, CLOSED, OK, Standing
from stream.serve.app import app
from stream.serve.view import View
from stream.settings import Settings
from stream.state.client import client_of
from tests.serve.shards import WrittenShard, pack
from tests.serve.told import Told

MINUTE, HOUR = 60_000, 3_600_000
QUEUES = [("phone", "support"), ("phone", "sales"), ("chat", "web"), ("email", "care"), ("video", "advice")]


def now_ms() -> int:
    return time.time_ns() // 1_000_000


def iso(at_ms: int) -> str:
    return datetime.fromtimestamp(at_ms / 1000, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def story(channel: str, name: str, begun_ms: int, *told: tuple[float, str, dict[str, Any]]) -> list[dict[str, Any]]:
    """Records of one interaction: (seconds after its begin, type, more data)."""
    return [
        {
            "topic": f"interactions.{channel}", "key": name, "timestamp_ms": begun_ms + int(after * 1000),
            "value": {
                "specversion": "1.0", "id": f"{name}-{number}", "source": "/test", "type": f"interaction.{kind}",
                "time": iso(begun_ms + int(after * 1000)),
                "data": {"interaction_id": name, "channel": channel} | data,
            },
        }
        for number, (after, kind, data) in enumerate(told)
    ]  # fmt: skip


def served(channel: str, queue: str, name: str, begun_ms: int, wait: float, customer: str) -> list[dict[str, Any]]:
    """One who waits, is answered, and ends."""
    return story(
        channel, name, begun_ms,
        (0, "started", {"customer_id": customer, "reason": "delivery"}), (1, "queued", {"queue": queue}),
        (1 + wait, "answered", {"agent_id": "ada"}), (61 + wait, "ended", {"by": "customer", "resolved": True}),
        (71 + wait, "wrapped_up", {"agent_id": "ada"}),
    )  # fmt: skip


def waits(channel: str, queue: str, name: str, since_ms: int, customer: str = "c-9") -> list[dict[str, Any]]:
    """One who waits still."""
    return story(
        channel, name, since_ms - 1000, (0, "started", {"customer_id": customer}), (1, "queued", {"queue": queue})
    )


def writes(name: str, at_ms: int, customer: str) -> list[dict[str, Any]]:
    """A thread that waits for its first response."""
    return story(
        "email", name, at_ms, (0, "started", {"customer_id": customer}),
        (0, "message", {"author": "customer"}), (1, "queued", {"queue": "care"}),
    )  # fmt: skip


def day(at: int) -> list[dict[str, Any]]:
    """What has happened until `at`: a good queue, a bad one, chats, threads."""
    records: list[dict[str, Any]] = []
    for n in range(24):
        records += served("phone", "support", f"s{n}", at - (25 - n) * MINUTE, 5 if n % 6 else 30, f"c-{n}")
        records += served("phone", "sales", f"b{n}", at - (25 - n) * MINUTE, 5 if n % 2 else 45, f"c-{30 + n}")
        records += served("chat", "web", f"w{n}", at - (25 - n) * MINUTE, 5, f"c-{n}")
    records += waits("phone", "sales", "late", at - 3 * MINUTE, "c-1") + waits("phone", "support", "new", at - 5000)
    for n in range(3):
        records += writes(f"e{n}", at - (n + 1) * 20 * MINUTE, f"c-{n}")
    return sorted(records, key=lambda record: record["timestamp_ms"])


def agent(presence: str, since: int, queues: list[str], *parts: OpenPart, reason: str | None = None) -> bytes:
    soon = since + 12 * HOUR
    return pack(AgentRow(presence, reason, since, queues, {"phone": 1, "chat": 3}, since, soon, list(parts), since))


class Site:
    """One service. `view` is its view; `started_ms`: of what its day is told."""

    def __init__(
        self, redis_url: str, key_prefix: str, queues: list[tuple[str, str]] = QUEUES, **settings: Any
    ) -> None:
        self.redis = client_of(redis_url)
        chosen = Settings(
            redis_url=redis_url, key_prefix=key_prefix,
            queues=[{"channel": channel, "name": name} for channel, name in queues], **settings,
        )  # fmt: skip
        self.view = View.over(self.redis, chosen)
        self.told = Told(redis_url, key_prefix, chosen.rules())
        self.staff = WrittenShard(self.redis, key_prefix, "agents.timeline", 0)
        self.port = free_port()
        self.url = f"http://{HOST}:{self.port}"
        self.stale: tuple[str, ...] = ()
        self.view.freshness.reasons = lambda: self.stale  # type: ignore[method-assign]
        self._ended = asyncio.Event()
        self._server: uvicorn.Server | None = None
        self._tasks: list[asyncio.Task[Any]] = []
        self.known: dict[tuple[str, str], Known] = {}

    async def open(self) -> None:
        """Serve."""
        self._tasks = [asyncio.create_task(self.view.reader.run(self._ended))]
        await self.start()

    async def tell_a_day(self) -> None:
        """Tell what happened until now, and who is there."""
        at = self.started_ms = now_ms()
        await self.told.declare(phone=1, chat=1, email=1, video=1)
        await self.told.take(day(at))
        await self.staff.declare(1)
        busy = OpenPart("phone", "late", "sales", "ring", at - MINUTE, None)
        await self.staff.commit(
            {
                "wada": agent("available", at - HOUR, ["support", "web"]),
                "wbob": agent("not_ready", at - 10 * MINUTE, ["support", "sales"], reason="lunch"),
                "wcarla": agent("available", at - HOUR, ["sales"], busy),
            },
            stream_time=at,
        )
        self.states({("phone", "support"): AT_RISK, ("video", "advice"): CLOSED})

    def states(self, said: dict[tuple[str, str], int], told: tuple[bytes, ...] = (), **more: Any) -> None:
        """Say the states of queues, as who decides would; those not named are ok. `told`: of `queues.alerts`."""
        self.known = {
            queue: Known(standing=Standing(state=said.get(queue, OK), since=now_ms() - 95_000), **more)
            for queue in QUEUES
        }
        self.view.sla.show(self.known, told)

    async def start(self) -> None:
        """Serve."""
        config = uvicorn.Config(app(self.view), host=HOST, port=self.port, log_level="error", lifespan="off")
        server = self._server = uvicorn.Server(config)
        server.install_signal_handlers = lambda: None  # type: ignore[method-assign]
        self._tasks.append(asyncio.create_task(server.serve()))
        while not server.started:
            await asyncio.sleep(0.01)

    async def stop(self) -> None:
        """Stop serving, as a process does that dies: connections are cut. What was told stays."""
        assert self._server is not None
        self._server.should_exit = self._server.force_exit = True
        for connection in list(self._server.server_state.connections):
            connection.transport.abort()  # type: ignore[union-attr]
        await self._tasks.pop()

    async def close(self) -> None:
        """End it all."""
        await self.stop()
        self._ended.set()
        await asyncio.gather(*self._tasks)
        await self.told.store.aclose()
        await self.redis.aclose()
