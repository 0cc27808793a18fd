"""`POST /in/<vendor>`: what is signed is in Kafka before 2xx; what is not, or was, or cannot be, is nowhere."""

from __future__ import annotations

import asyncio
import time
from random import Random
from urllib.parse import unquote_to_bytes

import pytest

from schemas.sources.payload import MAX_BYTES
from schemas.topics import SOURCES
from stream.serve.inbox import inbox as inbox_module
from stream.serve.inbox.proof import CHECKS
from stream.state.client import client_of
from tests.parts.redis import blocking_client
from tests.parts.topics import create_topics
from tests.serve.inbox_parts import HANG_SECONDS, opened, post, records, settings_of
from tests.serve.signing import (
    FORM,
    HOST,
    JSON,
    OTHER,
    SECRET,
    SIGNED,
    STAMPED,
    WAYS,
    Signed,
    b64,
    chatwoot,
    mac,
    twilio,
)

ALL = pytest.mark.parametrize("way", WAYS)


@pytest.fixture
async def topics(kafka, topic_prefix):
    await create_topics(
        kafka.address, 2, *(f"{topic_prefix}sources.{vendor}" for vendor in CHECKS), max_message_bytes="2097152"
    )

    async def taken(vendor):
        return await records(kafka, f"{topic_prefix}sources.{vendor}")

    return taken


@pytest.fixture
def settings(kafka, redis_server, topic_prefix, key_prefix):
    return settings_of(kafka, redis_server, topic_prefix, key_prefix)


@pytest.fixture
async def client(settings, redis, topics):
    async with opened(settings, redis) as made:
        yield made


def is_refusal(answer, status, *words):
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/json"
    told = answer.json()
    assert told.keys() == {"error", "hint"}
    for word in words:
        assert word in told["error"] + told["hint"]
    assert SECRET not in answer.text
    assert OTHER not in answer.text
    return True


def test_every_platform_but_asterisk_has_a_webhook():
    assert set(CHECKS) == set(SOURCES) - {"asterisk"}
    assert {WAYS[way]().vendor for way in WAYS} == set(CHECKS)


@ALL
async def test_what_is_signed_is_in_its_topic_as_it_came_once_it_is_answered(client, topics, way):
    signed = WAYS[way]()
    answer = await post(client, signed)
    assert (answer.status_code, answer.json()) == (200, {"status": "accepted"})
    assert await topics(signed.vendor) == [signed.body]
    assert dict(client.counts)[signed.vendor, "accepted"] == 1


@ALL
async def test_while_a_secret_is_changed_both_are_right(client, topics, way):
    both = [WAYS[way](1, OTHER), WAYS[way](2, SECRET)]
    assert [(await post(client, each)).status_code for each in both] == [200, 200]
    assert sorted(await topics(both[0].vendor)) == sorted(each.body for each in both)


@ALL
async def test_who_is_not_known_changes_nothing(client, topics, way):
    right = WAYS[way]()
    shown = next(name for name in right.headers if name not in ("Content-Type", "Sm-Apikey"))
    without = {name: value for name, value in right.headers.items() if name != shown}
    wrong = [
        (right.body, without),
        (right.body, WAYS[way](0, "another secret").headers),
        (right.body, right.headers | {shown: ""}),
        (right.body, right.headers | {shown: right.headers[shown][:-1]}),
        (right.body, right.headers | {shown: right.headers[shown] + "x"}),
        (right.body, [*right.headers.items(), (shown, right.headers[shown][:-1] + "!")]),
    ]
    if way in SIGNED:
        wrong += [(WAYS[way](1).body, right.headers), (right.body + b" ", right.headers), (b"{}", right.headers)]
    for body, headers in wrong:
        assert is_refusal(await client.post(right.path, content=body, headers=headers), 401), headers
    assert await topics(right.vendor) == []
    assert dict(client.counts)[right.vendor, "unsigned"] == len(wrong)


@pytest.mark.parametrize("way", SIGNED)
async def test_any_change_of_a_signed_request_makes_it_nobodys(client, topics, way):
    random = Random(way)
    right = WAYS[way]()
    signatures = [name for name in right.headers if name not in ("Content-Type", "X-Chatwoot-Delivery")]
    for _ in range(60):
        body, headers = bytearray(right.body), dict(right.headers)
        part = random.choice(["body", *signatures])
        if part == "body":
            mutate(random, body, printable=False)
        else:
            value = bytearray(headers[part].encode())
            mutate(random, value, printable=True)
            headers[part] = value.decode()
        if way == "twilio" and same_fields(bytes(body), right.body) and headers == right.headers:
            continue
        if headers == right.headers and bytes(body) == right.body:
            continue
        answer = await client.post(right.path, content=bytes(body), headers=headers)
        assert answer.status_code == (401 if body else 400), (body, headers)
    assert await topics(right.vendor) == []
    assert (await post(client, right)).status_code == 200


def mutate(random, value, *, printable):
    kind, at = random.choice(["change", "add", "drop"]), random.randrange(len(value))
    new = random.choice(b"!#$%*+-.09AZaz~") if printable else random.randrange(256)
    if kind == "change":
        value[at] = new
    elif kind == "add":
        value.insert(at, new)
    else:
        del value[at]


def same_fields(one, other):
    """Twilio signs names and values in a row, decoded: that row may be the same of another spelling."""

    def row(body):
        pairs = [pair.partition(b"=")[::2] for pair in body.replace(b"+", b" ").split(b"&") if pair]
        return b"".join(sorted({unquote_to_bytes(name) + unquote_to_bytes(value) for name, value in pairs}))

    return row(one) == row(other)


@ALL
async def test_the_same_request_again_is_said_to_be_and_is_taken_once(client, topics, settings, redis, way):
    signed = WAYS[way]()
    assert (await post(client, signed)).status_code == 200
    assert is_refusal(await post(client, signed), 409, "nothing is lost")
    async with opened(settings, redis) as another_process:
        assert is_refusal(await post(another_process, signed), 409)
    assert (await post(client, WAYS[way](1))).status_code == 200
    assert len(await topics(signed.vendor)) == 2
    assert dict(client.counts)[signed.vendor, "repeated"] == 1


@ALL
async def test_of_requests_that_come_at_once_one_is_taken(client, topics, way):
    signed = WAYS[way]()
    answers = await asyncio.gather(*(post(client, signed) for _ in range(20)))
    assert sorted(answer.status_code for answer in answers) == [200] + [409] * 19
    assert await topics(signed.vendor) == [signed.body]


@pytest.mark.parametrize("way", STAMPED)
@pytest.mark.parametrize("off", [-310, 310, -86_400, 1e9])
async def test_what_was_signed_long_ago_or_in_the_future_is_refused(client, topics, way, off):
    signed = WAYS[way](at=time.time() + off)
    assert is_refusal(await post(client, signed), 401, "signed")
    assert await topics(signed.vendor) == []
    assert dict(client.counts)[signed.vendor, "stale"] == 1


@pytest.mark.parametrize("way", STAMPED)
@pytest.mark.parametrize("off", [-290, 290])
async def test_clocks_may_be_minutes_apart(client, way, off):
    assert (await post(client, WAYS[way](at=time.time() + off))).status_code == 200


async def test_redis_remembers_for_a_bounded_time_and_no_part_of_the_request(client, redis, redis_server, key_prefix):
    await post(client, chatwoot())
    await post(client, twilio())
    with blocking_client(redis_server.url) as blocking:
        keys = list(blocking.scan_iter(key_prefix + "webhook:*"))
    lives = sorted([await redis.pttl(key) for key in keys])
    assert len(lives) == 2
    assert 0 < lives[0] <= 600_000 < lives[1] <= 3_600_000
    assert [await redis.get(key) for key in keys] == [b"", b""]


async def test_without_redis_each_process_remembers_alone_and_says_so_once(settings, topics, own_redis, caplog, capsys):
    store = client_of(own_redis.url, socket_timeout=40, socket_connect_timeout=40)
    async with opened(settings, store) as client:
        first = chatwoot(1)
        assert (await post(client, first)).status_code == 200
        own_redis.kill()
        for n in range(2, 5):
            signed, began = chatwoot(n), time.monotonic()
            assert (await post(client, signed)).status_code == 200
            assert (await post(client, signed)).status_code == 409
            assert time.monotonic() - began < HANG_SECONDS
            client.inbox._memory._away_until = 0.0
        assert (await post(client, first)).status_code == 409
        assert capsys.readouterr().out.count("redis is away") == 1
        own_redis.start()
        client.inbox._memory._away_until = 0.0
        assert (await post(client, chatwoot(5))).status_code == 200
        with blocking_client(own_redis.url) as blocking:
            assert list(blocking.scan_iter("*webhook:*"))
    await store.aclose()
    assert len(await topics("chatwoot")) == 5


async def test_a_redis_that_hangs_holds_nobody_up(settings, topics, own_redis):
    store = client_of(own_redis.url, socket_timeout=40, socket_connect_timeout=40)
    async with opened(settings, store) as client:
        await post(client, chatwoot(1))
        own_redis.pause()
        try:
            began = time.monotonic()
            answers = await asyncio.gather(*(post(client, chatwoot(n)) for n in range(2, 100)))
            assert {answer.status_code for answer in answers} == {200}
            assert time.monotonic() - began < HANG_SECONDS
        finally:
            own_redis.resume()
    await store.aclose()


@pytest.mark.parametrize("body", [b"no JSON at all", b"\xff\xfe", b"[]", b"null", b'{"a":'])
async def test_what_is_signed_is_taken_whatever_it_is(client, topics, body):
    signed = WAYS["delighted"]()
    headers = signed.headers | {"X-Delighted-Webhook-Signature": "sha256=" + mac("sha256", body, SECRET).hex()}
    assert (await client.post("/in/surveys", content=body, headers=headers)).status_code == 200
    assert await topics("surveys") == [body]


async def test_a_body_of_the_limit_is_taken_and_no_larger_one(client, topics):
    signed = WAYS["amazon_connect"]()
    whole = b'{"a": "' + b"x" * (MAX_BYTES - 9) + b'"}'
    assert len(whole) == MAX_BYTES
    assert (await post(client, signed, content=whole)).status_code == 200
    assert is_refusal(await post(client, signed, content=whole + b" "), 413, str(MAX_BYTES))

    async def chunks():
        for _ in range(17):
            yield b" " * 65_536

    assert is_refusal(await post(client, signed, content=chunks()), 413)
    assert await topics("amazon_connect") == [whole]
    assert client.inbox._room._held == 0


async def test_what_all_requests_hold_is_bounded(client, monkeypatch):
    client.inbox._room._most = 100_000
    signed = WAYS["amazon_connect"]()
    answer = await post(client, signed, content=b" " * 100_001)
    assert is_refusal(answer, 503)
    assert answer.headers["retry-after"] == "5"
    assert (await post(client, signed)).status_code == 200


async def test_a_slow_body_is_not_waited_for(client, topics, monkeypatch):
    monkeypatch.setattr(inbox_module, "BODY_SECONDS", 0.2)

    async def slowly():
        yield b"{"
        await asyncio.sleep(2 * HANG_SECONDS)
        yield b"}"

    began = time.monotonic()
    assert is_refusal(await post(client, WAYS["amazon_connect"](), content=slowly()), 408)
    assert time.monotonic() - began < HANG_SECONDS
    assert await topics("amazon_connect") == []


async def test_only_posts_of_the_right_kind_are_looked_at(client, topics):
    signed = WAYS["zendesk"]()
    for method in ("GET", "HEAD", "PUT", "DELETE", "OPTIONS", "PATCH"):
        answer = await client.request(method, signed.path, headers=signed.headers)
        assert (answer.status_code, answer.headers["allow"]) == (405, "POST")
    for kind in ("text/plain", "application/x-www-form-urlencoded", "application/jsonx", "application/xml", ""):
        assert is_refusal(await post(client, signed, headers=signed.headers | {"Content-Type": kind}), 415, JSON)
    assert is_refusal(await post(client, signed, headers=signed.headers | {"Content-Encoding": "gzip"}), 415)
    assert is_refusal(await post(client, signed, content=b""), 400)
    assert (await post(client, signed, headers=signed.headers | {"Content-Encoding": "identity"})).status_code == 200
    assert await topics("zendesk") == [signed.body]


async def test_who_asks_first_whether_somebody_is_there_is_answered(client):
    for method, path in [("HEAD", "/in/intercom"), ("HEAD", "/in/surveys"), ("GET", "/in/surveys")]:
        answer = await client.request(method, path)
        assert (answer.status_code, answer.content) == (200, b"")


async def test_who_is_no_platform_is_told_which_are(client):
    answer = await client.post("/in/fax", content=b"{}")
    assert is_refusal(answer, 404, "/in/fax", "/in/twilio", "/in/amazon_connect")
    assert is_refusal(await client.post("/in/asterisk", content=b"{}"), 404, "centralino tail")


async def test_without_a_secret_nobody_may_send(kafka, redis_server, redis, topic_prefix, key_prefix, topics):
    settings = settings_of(kafka, redis_server, topic_prefix, key_prefix, {"twilio": {"instance": "AC1"}})
    async with opened(settings, redis) as client:
        for way in WAYS:
            signed = WAYS[way](secret="")
            assert is_refusal(await post(client, signed), 403, f"sources.{signed.vendor}.secrets")
            assert await topics(signed.vendor) == []
        assert is_refusal(await client.get("/in/surveys"), 403)


async def test_a_url_of_the_settings_is_the_one_that_is_signed(
    kafka, redis_server, redis, topic_prefix, key_prefix, topics
):
    url = "https://hooks.example.org:8443/centralino/in/twilio"
    sources = {"twilio": {"secrets": [SECRET], "url": url}}
    async with opened(settings_of(kafka, redis_server, topic_prefix, key_prefix, sources), redis) as client:
        assert (await post(client, twilio(1, url=url))).status_code == 200
        assert (await post(client, WAYS["twilio_json"](2, url=url))).status_code == 200
        assert (await post(client, twilio(3, url=url.replace(":8443", "")))).status_code == 200
        assert (await post(client, twilio(4))).status_code == 401
        there = {"X-Forwarded-Proto": "https", "X-Forwarded-Host": "else.example.org"}
        other = twilio(5, url="https://else.example.org/in/twilio")
        assert (await post(client, other, headers=other.headers | there)).status_code == 401


@pytest.mark.parametrize(
    "url",
    ["https://service/in/twilio", "https://service:443/in/twilio", "http://service:80/in/twilio",
     "https://hooks.example.org/in/twilio", "http://hooks.example.org:8080/in/twilio"],
)  # fmt: skip
async def test_behind_a_proxy_the_url_is_found(client, url):
    signed = twilio(url=url)
    proxied = {"X-Forwarded-Host": "hooks.example.org:8080, inner"} if "example" in url else {}
    assert (await post(client, signed, headers=signed.headers | proxied)).status_code == 200


async def test_a_signature_of_twilios_url_alone_takes_no_form(client, topics):
    """Twilio signs the URL alone where the body's hash is in it: nobody may put another body under that signature."""
    signed = WAYS["twilio_json"]()
    form = signed.headers | {"Content-Type": FORM}
    for body in (b"&&&", b"=&", b"a=b", b"[]"):
        assert (await post(client, signed, content=body, headers=form)).status_code == 401
        assert (await post(client, signed, content=body)).status_code == 401
    bare = Signed("twilio", b"&&", twilio_of_url_alone(), "")
    assert (await post(client, bare)).status_code == 401
    assert await topics("twilio") == []


def twilio_of_url_alone():
    return {"X-Twilio-Signature": b64(mac("sha1", f"{HOST}/in/twilio".encode(), SECRET)), "Content-Type": FORM}


async def test_a_wrong_signature_beside_a_right_one_is_refused(client):
    right, other = WAYS["intercom"](), WAYS["intercom_256"](1)
    assert (await post(client, right, headers=right.headers | other.headers)).status_code == 401
    right = WAYS["genesys_token"]()
    assert (await post(client, right, headers=right.headers | WAYS["genesys"](1).headers)).status_code == 401
    right = WAYS["amazon_connect"]()
    assert (await post(client, right, headers=right.headers | {"x-api-key": "wrong one"})).status_code == 401
    both = WAYS["intercom"]().headers | WAYS["intercom_256"]().headers
    assert (await post(client, WAYS["intercom"](), headers=both)).status_code == 200


async def test_no_log_has_a_secret_or_a_body(client, capsys):
    for way in WAYS:
        await post(client, WAYS[way](0, "another secret"))
        await post(client, WAYS[way]())
    told = capsys.readouterr().out
    assert told.count("webhooks are not taken") == len(CHECKS)
    assert "urls_tried" in told
    assert "secret" not in told.replace("sources", "")
    assert "EV000" not in told
