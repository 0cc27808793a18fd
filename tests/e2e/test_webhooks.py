"""Platforms' days by webhook: signed, in any order, repeated, forged, through a service that is killed meanwhile."""

from __future__ import annotations

import asyncio
import hashlib
import json
import random
import time
from base64 import b64encode
from collections import Counter
from contextlib import ExitStack
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import httpx

from tests.e2e.plant import RESULTS, Plant, until
from tests.e2e.test_sources import DAYS, converted, day_of, logged, until_taken
from tests.serve.signing import mac

if TYPE_CHECKING:
    from collections.abc import Iterable

    from tests.e2e.plant import Service

SECRET, STRANGER = "a secret of the house", "a secret of somebody"
REPEATED, FORGED = 0.2, 0.2
JSON, FORM = "application/json", "application/x-www-form-urlencoded"


def request(name: str, body: bytes, base: str, secret: str) -> httpx.Request:
    """As the platform sends it."""
    url, kind, shown = f"{base}/in/{name}", JSON, {}
    stamp = str(int(time.time()))
    iso = datetime.now(UTC).isoformat()
    if name == "twilio" and body[:1] in b"[{":
        url += f"?bodySHA256={hashlib.sha256(body).hexdigest()}"
        shown = {"X-Twilio-Signature": text(mac("sha1", url.encode(), secret))}
    elif name == "twilio":
        kind, fields = FORM, b"".join(key + value for key, value in sorted(fields_of(body)))
        shown = {"X-Twilio-Signature": text(mac("sha1", url.encode() + fields, secret))}
    elif name == "chatwoot":
        signed = mac("sha256", f"{stamp}.".encode() + body, secret).hex()
        shown = {"X-Chatwoot-Signature": f"sha256={signed}", "X-Chatwoot-Timestamp": stamp}
    elif name == "zendesk":
        signed = text(mac("sha256", iso.encode() + body, secret))
        shown = {"X-Zendesk-Webhook-Signature": signed, "X-Zendesk-Webhook-Signature-Timestamp": iso}
    elif name == "intercom":
        shown = {"X-Hub-Signature": f"sha1={mac('sha1', body, secret).hex()}"}
    elif name == "surveys":
        shown = {"Typeform-Signature": f"sha256={text(mac('sha256', body, secret))}"}
    else:
        shown = {"Authorization": f"Bearer {secret}"}
    return httpx.Request("POST", url, content=body, headers={"Content-Type": kind, **shown})


def fields_of(body: bytes) -> Iterable[tuple[bytes, bytes]]:
    return [(key.encode(), value.encode()) for key, value in httpx.QueryParams(body).multi_items()]


def text(raw: bytes) -> str:
    return b64encode(raw).decode()


class Platforms:
    """Senders, ten at a time, of what is told. `base`: where the service is. `got`: statuses; 0: nobody answered."""

    def __init__(self, base: str) -> None:
        self.base, self.got = base, Counter[int]()
        self._draw, self._at_once = random.Random(7), asyncio.Semaphore(10)

    async def send(self, told: list[tuple[str, bytes]]) -> None:
        """Send all."""
        async with httpx.AsyncClient(timeout=10) as client:
            await asyncio.gather(*(self._one(client, name, body) for name, body in told))

    async def _one(self, client: httpx.AsyncClient, name: str, body: bytes) -> None:
        """Send it until it is taken, as platforms do; now and then once more, or by a stranger before."""
        async with self._at_once, asyncio.timeout(60):
            if self._draw.random() < FORGED:
                await self._status(client, request(name, body + b" ", self.base, STRANGER))
            while True:
                signed = request(name, body, self.base, SECRET)
                if await self._status(client, signed) in (200, 409):
                    break
                await asyncio.sleep(0.1)
            if self._draw.random() < REPEATED:
                await self._status(client, signed)

    async def _status(self, client: httpx.AsyncClient, asked: httpx.Request) -> int:
        try:
            status = (await client.send(asked)).status_code
        except httpx.TransportError:
            status = 0
        self.got[status] += 1
        return status


async def sent_through_a_kill(plant: Plant, told: list[tuple[str, bytes]], services: ExitStack) -> Counter[int]:
    """Send all; when half of it is taken, kill the service and start another one."""
    service = services.enter_context(plant.service())
    platforms = Platforms(address(service))
    sending = asyncio.create_task(platforms.send(told))
    while platforms.got[200] < len(told) // 2:
        await asyncio.sleep(0.01)
    service.kill()
    service = await asyncio.to_thread(plant.service)
    services.enter_context(service)
    platforms.base = address(service)
    await sending
    return platforms.got


def address(service: Service) -> str:
    return f"http://127.0.0.1:{service.port}"


def test_what_platforms_send_by_webhook_gives_their_events_and_nothing_else(real_plant: Plant) -> None:
    plant, days = real_plant, {name: day_of(name) for name in DAYS if name != "asterisk"}
    sources = {name: {**day.wanted["options"], "secrets": [SECRET]} for name, day in days.items()}
    plant.settings |= {"sources": json.dumps(sources)}
    told = [(name, body) for name, day in days.items() for body in day.payloads]
    random.Random(5).shuffle(told)
    with plant.worker() as worker, ExitStack() as services:
        until_taken(worker)
        got = asyncio.run(sent_through_a_kill(plant, told, services))
        plant.until_applied(worker)
        until(lambda: sum(plant.counts("sources.*")[each] for each in RESULTS) >= len(told), 30, plant.counts)
        assert asyncio.run(logged(plant)) == set().union(*(converted(day, day.payloads) for day in days.values()))
    assert set(got) == {0, 200, 401, 409}
    assert min(got[401], got[409]) > 10
