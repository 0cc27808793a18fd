"""Who may read: every route but /healthz, by token or user and password; all else is 401 and nothing else."""

from __future__ import annotations

import asyncio
import json
import re
from base64 import b64encode

import httpx
import pytest
from starlette.routing import Route

from stream.serve.access import Access
from stream.serve.app import app
from stream.settings_access import Credentials

TOKEN, USER, PASSWORD = "a-token-of-24-characters", "ada", "lovelace: ü"
ALL = {"access_token": TOKEN, "access_user": USER, "access_password": PASSWORD}


def basic(user, password):
    return f"Basic {b64encode(f'{user}:{password}'.encode()).decode()}"


RIGHT = [f"Bearer {TOKEN}", f"bearer {TOKEN}", f"Bearer  {TOKEN} ", basic(USER, PASSWORD), basic("any", TOKEN)]
RIGHT += [basic("", TOKEN), "b" + basic(USER, PASSWORD)[1:]]
WRONG = [
    None, "", "Bearer", "Bearer ", f"Bearer {TOKEN}x", f"Bearer {TOKEN[:-1]}", f"Bearer {TOKEN.upper()}", TOKEN,
    f"Token {TOKEN}", f"Bearer {PASSWORD}".encode(), f"Bearer {TOKEN}, Bearer {TOKEN}", "Basic", "Basic ", "Basic !!!",
    "Basic YQ", f"Basic {b64encode(TOKEN.encode()).decode()}", basic(USER, "wrong"), basic("bob", PASSWORD),
    basic(USER, ""), basic("", ""), basic(USER, PASSWORD) + "=", "Basic " + "A" * 5000, b"Bearer \xff\xfe",
    basic(USER, PASSWORD).replace(" ", "\t"), f"Digest username={USER}", f"Basic {USER}:{PASSWORD}".encode(),
]  # fmt: skip


def paths(view):
    for route in app(view).routes:
        assert isinstance(route, Route)
        if not route.path.startswith("/in/"):
            values = {"channel": "phone", "queue": "support", "id": "1", "path": "js/main.js"}
            yield re.sub(r":\w+}", "}", route.path).format(**values)


def is_refusal(answer):
    assert answer.status_code == 401
    assert json.loads(answer.content or b"{}").keys() <= {"error"}
    assert answer.headers.get_list("www-authenticate")[0].startswith("Basic realm=")
    assert set(answer.headers) == {
        "content-type", "cache-control", "x-content-type-options", "content-length", "www-authenticate",
    }  # fmt: skip
    return True


@pytest.fixture
async def loaded(view):
    made = view(clock="event", **ALL)
    while not await made.reader.poll():
        pass
    return made


async def test_every_route_but_health_wants_credentials(loaded, browse):
    client = browse(loaded)
    for path in [*paths(loaded), "/nowhere", "/healthz/", "/HEALTHZ", "/healthz/x", "/in", "/IN/twilio", "//in/twilio"]:
        if path == "/healthz":
            assert (await client.get(path)).json() == {"status": "ok"}
        else:
            for method in ("GET", "HEAD", "POST", "OPTIONS"):
                assert is_refusal(await client.request(method, path)), path


@pytest.mark.parametrize("shown", WRONG)
async def test_wrong_and_malformed_credentials_are_none(loaded, browse, shown):
    answer = await browse(loaded).get("/metrics", headers={} if shown is None else {"authorization": shown})
    assert is_refusal(answer)
    assert TOKEN.encode() not in answer.content


@pytest.mark.parametrize("shown", RIGHT)
async def test_right_ones_open_every_route(loaded, browse, shown):
    client = browse(loaded)
    for path in paths(loaded):
        if path not in ("/events", "/api/v1/stream"):
            answer = await client.get(path, headers={"authorization": shown})
            assert answer.status_code in (200, 400, 404), path


async def test_two_headers_are_malformed(loaded, browse):
    both = [("authorization", f"Bearer {TOKEN}"), ("authorization", f"Bearer {TOKEN}")]
    assert is_refusal(await browse(loaded).get("/metrics", headers=both))


@pytest.mark.parametrize(
    ("settings", "right", "wrong"),
    [
        ({"access_token": TOKEN}, [f"Bearer {TOKEN}", basic("x", TOKEN)], [basic(USER, PASSWORD), basic("x", "")]),
        ({"access_user": USER, "access_password": PASSWORD}, [basic(USER, PASSWORD)],
         [f"Bearer {PASSWORD}".encode(), f"Bearer {TOKEN}", basic("x", PASSWORD), basic(USER, TOKEN), "Bearer "]),
    ],
)  # fmt: skip
async def test_one_way_does_not_open_the_other(view, browse, settings, right, wrong):
    made = view(**settings)
    while not await made.reader.poll():
        pass
    client = browse(made)
    for shown in right:
        assert (await client.get("/metrics", headers={"authorization": shown})).status_code == 200
    for shown in wrong:
        assert is_refusal(await client.get("/metrics", headers={"authorization": shown}))
    asked = (await client.get("/metrics")).headers.get_list("www-authenticate")
    assert len(asked) == (2 if "access_token" in settings else 1)


async def test_without_a_setting_all_is_open(view, browse):
    assert (await browse(view()).get("/readyz")).status_code == 503


async def test_webhooks_are_let_through_to_their_signatures_and_read_nothing(loaded, browse):
    client = browse(loaded)
    assert (await client.post("/in/twilio", content=b"{}")).status_code == 403
    for path in (
        "/in/twilio/x",
        "/in/../metrics",
        "/in/%2e%2e/metrics",
        "/in/twilio/../../metrics",
        "/in/",
        "/in//metrics",
    ):
        for method in ("GET", "POST"):
            answer = await client.request(method, f"http://service{path}")
            assert answer.status_code in (401, 404), path
            assert b"contact_center" not in answer.content


async def test_events_are_refused_and_opened_alike(loaded, serving):
    async with serving(loaded) as client:
        answer = await client.get("/events")
        assert (answer.status_code, answer.json().keys()) == (401, {"error"})
        async with client.stream("GET", "/events", auth=(USER, PASSWORD)) as opened:
            assert opened.status_code == 200
            assert "event: board" in [line async for line in first(opened.aiter_lines(), 3)]


async def first(lines, n):
    async for line in lines:
        yield line
        n -= 1
        if not n:
            return


async def test_a_socket_is_closed():
    sent = []

    async def send(message):
        sent.append(message)

    async def receive():
        raise AssertionError("nothing is to be read")

    await Access(receive, Credentials(TOKEN, None, None))(
        {"type": "websocket", "path": "/", "headers": []}, receive, send
    )
    assert [message["type"] for message in sent] == ["websocket.close"]


async def test_prometheus_scrapes_with_a_token_and_with_a_password(loaded, serving, start_prometheus, tmp_path):
    (tmp_path / "token").write_text(TOKEN)
    ways = {
        "token": f"authorization: {{credentials_file: '{tmp_path / 'token'}'}}",
        "password": f"basic_auth: {{username: {USER}, password: '{PASSWORD}'}}",
        "nobody": "scheme: http",
    }
    async with serving(loaded) as client:
        target = f"static_configs: [{{targets: ['{client.base_url.host}:{client.base_url.port}']}}]"
        jobs = [f"{{job_name: {name}, scrape_interval: 100ms, {way}, {target}}}" for name, way in ways.items()]
        prometheus = await asyncio.to_thread(start_prometheus, f"scrape_configs: [{', '.join(jobs)}]")
        async with httpx.AsyncClient() as asking, asyncio.timeout(60):
            while True:
                answer = await asking.get(f"{prometheus.url}/api/v1/targets")
                found = {each["labels"]["job"]: each for each in answer.json()["data"]["activeTargets"]}
                if all(each["health"] != "unknown" for each in found.values()) and len(found) == 3:
                    break
                await asyncio.sleep(0.05)
    assert {name: each["health"] for name, each in found.items()} == {"token": "up", "password": "up", "nobody": "down"}
    assert "401" in found["nobody"]["lastError"]
