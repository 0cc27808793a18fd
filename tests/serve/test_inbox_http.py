"""Webhooks over sockets, through the whole service: what is too large or too slow, who may read, what is counted."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager

import httpx
import pytest
import uvicorn

from schemas.sources.payload import MAX_BYTES
from stream.child import free_port
from stream.serve.app import app
from stream.serve.inbox import inbox as inbox_module
from stream.serve.inbox.proof import CHECKS
from stream.serve.view import View
from tests.parts.topics import create_topics
from tests.serve.inbox_parts import post, records, settings_of
from tests.serve.signing import SECRET, WAYS, chatwoot, twilio

TOKEN = "a-token-of-24-characters"


@pytest.fixture
async def service(kafka, redis_server, redis, topic_prefix, key_prefix, shard):
    """The service with a token, all its parts running."""
    await create_topics(kafka.address, 1, *(f"{topic_prefix}sources.{vendor}" for vendor in CHECKS))
    one = shard()
    await one.declare(1)
    await one.commit({}, stream_time=1_772_463_600_000)
    settings = settings_of(
        kafka, redis_server, topic_prefix, key_prefix, access_token=TOKEN, clock="event"
    )  # fmt: skip
    async with running(View.over(redis, settings)) as client:
        yield client


@asynccontextmanager
async def running(view):
    server = uvicorn.Server(uvicorn.Config(app(view), port=free_port(), log_level="warning", lifespan="on"))
    task = asyncio.create_task(server.serve())
    try:
        while not server.started:
            await asyncio.sleep(0.01)
        async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{server.config.port}", timeout=20) as client:
            yield client
    finally:
        server.should_exit = True
        await task


async def answer_to(client, request, *more):
    """What is answered to bytes on a socket, and whether the connection is closed then."""
    reader, writer = await asyncio.open_connection(client.base_url.host, client.base_url.port)
    try:
        for part in (request, *more):
            writer.write(part)
            await writer.drain()
        head = await asyncio.wait_for(reader.readuntil(b"\r\n\r\n"), 20)
        return int(head.split()[1]), b"connection: close" in head.lower()
    finally:
        writer.close()


def head(*lines):
    shown = f"POST /in/amazon_connect HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {SECRET}\r\n"
    return (shown + "Content-Type: application/json\r\n" + "".join(f"{line}\r\n" for line in lines) + "\r\n").encode()


async def test_webhooks_pass_with_their_signatures_and_everything_else_wants_the_token(service):
    here = str(service.base_url).rstrip("/") + "/in/twilio"
    assert (await post(service, twilio(url=here))).status_code == 200
    assert (await post(service, chatwoot())).status_code == 200
    assert (await service.post("/in/twilio", headers={"authorization": f"Bearer {TOKEN}"})).status_code == 415
    assert (
        await service.post("/in/chatwoot", json={}, headers={"authorization": f"Bearer {TOKEN}"})
    ).status_code == 401
    for path in ("/metrics", "/api/v1/kpis", "/"):
        assert (await service.get(path)).status_code == 401


async def test_what_became_of_them_is_in_the_metrics_at_once(service):
    signed = chatwoot()
    async with asyncio.timeout(20):
        while (await service.get("/metrics", headers={"authorization": f"Bearer {TOKEN}"})).status_code != 200:
            await asyncio.sleep(0.05)

    async def counted():
        text = (await service.get("/metrics", headers={"authorization": f"Bearer {TOKEN}"})).text
        lines = [line for line in text.splitlines() if line.startswith("stream_webhooks_total{")]
        return {line.partition("{")[2].partition("}")[0]: float(line.split()[-1]) for line in lines}

    before = await counted()
    assert len(before) == len(CHECKS) * 8
    assert set(before.values()) == {0.0}
    for _ in range(3):
        await post(service, signed)
    await post(service, chatwoot(1, secret="another secret"))
    await post(service, chatwoot(2, at=1))
    after = await counted()
    assert {name: n for name, n in after.items() if n} == {
        f'result="{result}",vendor="chatwoot"': n
        for result, n in {"accepted": 1, "repeated": 2, "unsigned": 1, "stale": 1}.items()
    }


async def test_a_body_that_says_that_it_is_too_large_is_not_read(service):
    assert await answer_to(service, head(f"Content-Length: {MAX_BYTES + 1}")) == (413, True)
    assert await answer_to(service, head("Content-Length: 99999999999999999999")) == (413, True)


async def test_a_body_in_chunks_is_read_to_the_limit(service, kafka, topic_prefix):
    chunk = b"10000\r\n" + b" " * 65_536 + b"\r\n"
    assert await answer_to(service, head("Transfer-Encoding: chunked"), *[chunk] * 17) == (413, True)
    small = b'{"a": 1}'
    parts = [b"%x\r\n" % 1 + small[n : n + 1] + b"\r\n" for n in range(len(small))]
    assert (await answer_to(service, head("Transfer-Encoding: chunked"), *parts, b"0\r\n\r\n"))[0] == 200
    assert await records(kafka, f"{topic_prefix}sources.amazon_connect") == [small]


async def test_a_body_that_trickles_is_given_up_and_nobody_else_waits(service, monkeypatch):
    monkeypatch.setattr(inbox_module, "BODY_SECONDS", 5.0)
    slow = [asyncio.create_task(answer_to(service, head("Content-Length: 10"), b"{")) for _ in range(50)]
    await asyncio.sleep(0.1)
    assert (await post(service, WAYS["genesys"]())).status_code == 200
    assert not any(task.done() for task in slow)
    assert set(await asyncio.gather(*slow)) == {(408, True)}


async def test_without_any_signature_the_body_is_not_waited_for(service):
    for vendor in CHECKS:
        asked = (
            f"POST /in/{vendor} HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 10\r\n\r\n{{"
        )
        assert await answer_to(service, asked.encode()) == (401, True)


async def test_a_sender_that_goes_away_leaves_nothing(service, kafka, topic_prefix):
    for _ in range(5):
        _, writer = await asyncio.open_connection(service.base_url.host, service.base_url.port)
        writer.write(head("Content-Length: 10") + b'{"a"')
        await writer.drain()
        writer.close()
    assert (await post(service, WAYS["amazon_connect"]())).status_code == 200
    assert len(await records(kafka, f"{topic_prefix}sources.amazon_connect")) == 1
