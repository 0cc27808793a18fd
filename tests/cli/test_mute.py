"""`centralino mute`, `unmute`, `ack`: what they leave for who decides, and what they say of wrong input."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

import msgspec
import pytest
from redis import Redis

from stream import cli
from stream.core.sla.known import Known
from stream.core.sla.state import AT_RISK, BREACHED, OK, Standing
from stream.serve.alerts import requests
from stream.serve.alerts.mirror import Body
from stream.state.keys import alert_keys, shard_keys, store_keys
from tests.parts.redis import Redis as Part
from tests.parts.redis import blocking_client

AT = 1_772_463_600_000
QUEUES = [
    ("chat", "support", Known(standing=Standing(state=OK, since=AT))),
    ("email", "billing", Known(standing=Standing(state=AT_RISK, since=AT), acknowledged_by="bert")),
    ("phone", "sales", Known(standing=Standing(state=BREACHED, since=AT), muted_until=AT + 60_000)),
    ("phone", "support", Known(standing=Standing(state=BREACHED, since=AT))),
]


class Ended(NamedTuple):
    """What a command gave and printed."""

    code: int
    out: str
    err: str


Run = Callable[..., Ended]


@pytest.fixture
def run(
    redis_server: Part, key_prefix: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> Run:  # fmt: skip
    """`run("mute", ...)`: the command, in this process."""
    monkeypatch.setattr(cli.logs, "for_people", lambda: None)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("REDIS_URL", redis_server.url)
    monkeypatch.setenv("CENTRALINO_KEY_PREFIX", key_prefix)

    def ran(*arguments: str) -> Ended:
        code = cli._run([*arguments])
        return Ended(code, *capsys.readouterr())

    return ran


class Center:
    """A mirror that somebody has written by the clock of events, and what is asked for."""

    def __init__(self, redis: Redis, prefix: str) -> None:
        self.redis, self.keys = redis, alert_keys(prefix)
        body = Body(queues=QUEUES, positions={}, newest=[], clock="event")
        redis.hset(self.keys.mirror, "body", msgspec.msgpack.encode(body))
        redis.hset(store_keys(prefix).topics, "interactions.phone", msgspec.msgpack.encode((1, "")))
        redis.hset(shard_keys(prefix, "interactions.phone", 0).head, "stream_time", str(AT))

    def decided(self) -> None:
        """Somebody decides."""
        self.redis.set(self.keys.lease, "somebody")

    def asked(self) -> list[requests.Request]:
        """What is left for who decides."""
        found = self.redis.lrange(self.keys.requests, 0, -1)
        return [requests.decode(each) for each in found]  # type: ignore[arg-type]


@pytest.fixture
def center(redis_server: Part, key_prefix: str) -> Iterator[Center]:
    with blocking_client(redis_server.url) as redis:
        yield Center(redis, key_prefix)


def test_a_mute_is_left_with_until_when_by_whom_and_why(run: Run, center: Center) -> None:
    ended = run("mute", "sales", "--for", "30m", "--note", "drill", "--by", "anna")
    assert ended.out == (
        "phone/sales is muted until 2026-03-02 15:30:00Z, as soon as a centralino serve decides: none does now\n"
    )
    assert center.asked() == [
        requests.Request(
            kind="mute", channel="phone", queue="sales", by="anna", at=AT, until=AT + 1_800_000, note="drill"
        )
    ]


def test_a_mute_can_be_ended_even_before_anybody_took_it_up_and_only_once(run: Run, center: Center) -> None:
    center.decided()
    assert run("unmute", "support", "--channel", "phone").err == "centralino: phone/support is not muted\n"
    assert run("mute", "support", "--channel", "phone", "--for", "90").code == 0
    assert run("unmute", "support", "--channel", "phone").out == "phone/support is not muted any more\n"
    assert run("unmute", "support", "--channel", "phone").code == 1
    assert [each.kind for each in center.asked()] == ["mute", "unmute"]
    assert all(each.by for each in center.asked())


def test_what_is_at_risk_or_breached_can_be_acknowledged(run: Run, center: Center) -> None:
    center.decided()
    ended = run("ack", "billing", "--by", "anna")
    assert ended.out == "email/billing is in the hands of anna: only its recovery will be told\n"
    ended = run("ack", "support", "--channel", "chat")
    assert (ended.code, ended.err) == (
        1, "centralino: chat/support is ok: there is nothing to acknowledge\n",
    )  # fmt: skip
    assert [each.kind for each in center.asked()] == ["ack"]


@pytest.mark.parametrize(
    ("arguments", "code", "says"),
    [
        (("mute", "suport", "--for", "30m"), 1, "no queue 'suport'; there are chat/support, phone/support, …"),
        (("mute", "support", "--for", "30m"), 1, "'support' is a queue of chat and phone: say which with --channel"),
        (("mute", "sales", "--channel", "email", "--for", "1h"), 1, "no queue 'sales' of email; there are phone/sales"),
        (("mute", "sales", "--channel", "fax", "--for", "1h"), 2, "'fax' is no channel; there are phone, email"),
        (("mute", "sales", "--for", "soon"), 2, "--for: 'soon' is no duration: write 90s, 30m, 2h or 1d"),
        (("mute", "sales", "--for", "31d"), 2, "--for: at most 30d"),
        (("mute", "sales"), 2, "--for"),
        (("ack", "zzz"), 1, "no queue 'zzz'; there are chat/support, email/billing, "),
    ],
)
def test_wrong_input_is_told_in_a_line(
    run: Run, center: Center, arguments: tuple[str, ...], code: int, says: str
) -> None:
    ended = run(*arguments)
    assert ended.code == code
    assert says in ended.err
    assert ended.err.count("\n") == 1
    assert center.asked() == []


def test_configured_queues_are_known_before_anybody_has_looked(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    assert "no queue is known yet" in run("mute", "vip", "--for", "1h").err
    monkeypatch.setenv("CENTRALINO_QUEUES", json.dumps([{"channel": "phone", "name": "vip"}]))
    assert run("mute", "vip", "--for", "1h").code == 0
    assert "nobody knows yet" in run("ack", "vip").err
