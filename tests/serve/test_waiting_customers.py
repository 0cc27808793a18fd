"""Who the waiting are, over HTTP: their customers, which contact on the matter it is, and aliases of somebody known."""

from __future__ import annotations

import pytest

from stream.core.rules import HOUR
from tests.serve.test_kpis import loaded
from tests.serve.test_past import iso
from tests.serve.told import START, Told, history

NOW = START + HOUR
NUMBER = "tel:+39021"


@pytest.fixture
async def told(redis_server, key_prefix):
    told = Told(redis_server.url, key_prefix)
    await told.declare(phone=2, chat=1)
    yield told
    await told.store.aclose()


def queued(name, at, customer=None, **more):
    data = {"queue": "support", **more} | ({} if customer is None else {"customer_id": customer})
    return history((at, "queued", data), id_=name)


async def test_those_who_wait_are_known(told, view, browse):
    chat = (0, "queued", {"queue": "web", "customer_id": "c1", "reason": "bill"}), (10, "answered", {"agent_id": "a"})
    await told.take(history(*chat, (60, "ended", {"by": "customer"}), channel="chat", id_="chat"))
    lost = (600, "queued", {"queue": "support", "customer_id": "c1", "reason": "bill"}), (700, "abandoned", {})
    await told.take(history(*lost, id_="gave-up"))
    await told.take(queued("again", 3000, "c1") + queued("new", 3001, "c2") + queued("nobody", 3002))
    await told.take(queued("other", 3003, "c1", reason="move") + queued("called", 3004, NUMBER, reason="bill"))
    event = {
        "specversion": "1.0", "id": "i", "source": "s", "type": "customer.identified", "time": iso(3010),
        "data": {"customer_id": "c1", "aliases": [NUMBER]},
    }  # fmt: skip
    await told.take([{"topic": "customers.timeline", "key": "c1", "value": event, "timestamp_ms": NOW}], partition=0)
    client = browse(await loaded(view(now=NOW)))
    answer = (await client.get("/api/v1/queues/phone/support/waiting")).json()
    found = {row["interaction_id"]: (row["customer_id"], row["contact"], row["repeat"]) for row in answer["waiting"]}
    assert found == {
        "again": ("c1", 3, True), "new": ("c2", 1, False), "nobody": (None, None, None), "other": ("c1", 2, False),
        "called": ("c1", 4, True),
    }  # fmt: skip


async def test_who_waits_is_shown_while_redis_is_away(told, view, browse, monkeypatch):
    async def away(*_):
        raise ConnectionError

    await told.take(queued("a", 3000, "c1"))
    client = browse(await loaded(view(now=NOW)))
    monkeypatch.setattr("stream.serve.waiting_customers.lookup_all", away)
    answer = await client.get("/api/v1/queues/phone/support/waiting")
    assert answer.status_code == 200
    [row] = answer.json()["waiting"]
    assert (row["interaction_id"], row["customer_id"], row["contact"], row["repeat"]) == ("a", None, None, None)
