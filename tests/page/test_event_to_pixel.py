"""The whole way: an event in Kafka, a worker, Redis, the service, who decides states, a browser."""

from __future__ import annotations

import json
from asyncio import to_thread

import pytest
from playwright.async_api import expect

from tests.e2e.conftest import new_plant, real_plant
from tests.page.site import now_ms, served, waits

__all__ = ["new_plant", "real_plant"]
pytestmark = pytest.mark.asyncio(loop_scope="session")


def sent(records):
    return [(each["key"].encode(), json.dumps(each["value"]).encode(), each["timestamp_ms"]) for each in records]


async def test_an_event_in_kafka_is_a_pixel_and_a_breach_turns_the_tile(window, real_plant):
    worker = real_plant.worker()
    try:
        service = await to_thread(real_plant.service)
        page = await window(base=f"http://127.0.0.1:{service.port}")
        await expect(page.get_by_role("heading", name="No queue yet")).to_be_visible()
        tile = page.locator('[data-queue="phone/support"]')
        waiting = tile.locator(".waiting .value")
        await real_plant.produce("interactions.phone", 0, sent(waits("phone", "support", "first", now_ms())))
        await expect(waiting).to_have_text("1", timeout=60_000)

        await real_plant.produce("interactions.phone", 1, sent(waits("phone", "support", "second", now_ms())))
        await expect(waiting).to_have_text("2", timeout=60_000)

        late = [
            record for n in range(20) for record in served("phone", "support", f"l{n}", now_ms() - 120_000, 40, "c")
        ]
        await real_plant.produce("interactions.phone", 2, sent(late))
        await expect(tile).to_have_attribute("data-state", "breached", timeout=60_000)
        await expect(tile.locator(".level .value")).to_have_text("0%")
        await expect(page.locator("[aria-live=polite]")).to_contain_text("Phone support: Breached.")
        await page.context.close()
        await to_thread(service.stop)
    finally:
        await to_thread(worker.stop)
