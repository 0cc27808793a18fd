"""Commands on real parts, as processes."""

from __future__ import annotations

import json
import socket
from pathlib import Path

import pytest
from aiokafka import AIOKafkaProducer

from checks.cli_page import PAGE, page
from schemas.topics import TOPICS
from stream.child import free_port
from stream.state.client import client_of
from stream.state.keys import Braked, encode_braked, store_keys
from tests.cli.conftest import Run, everything
from tests.parts.fixtures import Broker, Redis
from tests.parts.redis import Store

QUEUE_LOG = """\
1767139200|1767139200.1|support|NONE|ENTERQUEUE||+390551234567|1
1767139205|1767139200.1|support|PJSIP/100|CONNECT|5|1767139205.2|4
1767139265|1767139200.1|support|PJSIP/100|COMPLETECALLER|5|60|1
"""


async def test_a_simulated_file_arrives_in_kafka_as_it_is(
    run: Run, broker: Broker, topic_prefix: str, tmp_path: Path
) -> None:
    path = tmp_path / "day.jsonl.gz"
    made = run("simulate", "--out", path, "--events", "3000", "--seed", "5", "--start", "2026-03-02T09:00:00Z")
    assert "3,000 events" in made.stderr
    assert made.returncode == 0
    settings = {"KAFKA_BOOTSTRAP_SERVERS": broker.address, "CENTRALINO_TOPIC_PREFIX": topic_prefix}
    sent = run("replay", path, **settings)
    assert sent.returncode == 0, sent.stderr
    assert "3,000 records" in sent.stderr
    plain = run("simulate", "--out", "-", "--events", "3000", "--seed", "5", "--start", "2026-03-02T09:00:00Z")
    lines = [json.loads(line) for line in plain.stdout.splitlines()]
    wanted = sorted((each["topic"], each["key"], each["timestamp_ms"], json.dumps(each["value"])) for each in lines)
    arrived = await everything(broker.address, topic_prefix)
    assert wanted == sorted(
        (topic, record.key.decode(), record.timestamp, json.dumps(json.loads(record.value)))
        for topic, records in arrived.items()
        for record in records
    )
    of_key: dict[bytes, set[int]] = {}
    for records in arrived.values():
        for record in records:
            of_key.setdefault(record.key, set()).add(record.partition)
    assert all(len(partitions) == 1 for partitions in of_key.values())


async def test_simulated_events_go_to_kafka_at_the_clocks_pace(run: Run, kfake: Broker, topic_prefix: str) -> None:
    ended = run(
        "simulate", "--rate", "200", "--speed", "2", "--duration", "4s",
        KAFKA_BOOTSTRAP_SERVERS=kfake.address, CENTRALINO_TOPIC_PREFIX=topic_prefix,
    )  # fmt: skip
    assert ended.returncode == 0, ended.stderr
    arrived = await everything(kfake.address, topic_prefix)
    times = [record.timestamp for records in arrived.values() for record in records]
    assert len(times) > 50
    assert max(times) - min(times) < 4500


def test_topics_are_made_once(run: Run, broker: Broker, topic_prefix: str) -> None:
    settings = {"KAFKA_BOOTSTRAP_SERVERS": broker.address, "CENTRALINO_TOPIC_PREFIX": topic_prefix}
    first, second = run("topics", "apply", **settings), run("topics", "apply", **settings)
    assert f"{len(TOPICS)} created, 0 were there" in first.stdout
    assert second.stdout == f"0 created, {len(TOPICS)} were there\n"
    assert first.returncode == second.returncode == 0


async def test_a_queue_log_arrives_as_events_and_says_what_it_left_out(
    run: Run, kfake: Broker, topic_prefix: str, tmp_path: Path
) -> None:
    path = tmp_path / "queue_log"
    path.write_text(QUEUE_LOG + "what is this\n")
    ended = run(
        "replay", "--source", "asterisk", "--host", "pbx-1", path,
        KAFKA_BOOTSTRAP_SERVERS=kfake.address, CENTRALINO_TOPIC_PREFIX=topic_prefix,
    )  # fmt: skip
    assert ended.returncode == 1, ended.stderr
    assert "queue_log:4: not_an_event: 'what is this' is no line of a queue_log" in ended.stderr
    assert "4 payloads: 5 events, 1 rejected" in ended.stderr
    arrived = (await everything(kfake.address, topic_prefix))["interactions.phone"]
    kinds = [json.loads(record.value)["type"].partition(".")[2] for record in arrived]
    assert kinds == ["started", "updated", "queued", "answered", "ended"]
    assert [record.timestamp for record in arrived[:3]] == [1_767_139_200_000] * 3


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (["replay", "nowhere.jsonl"], 1, "nowhere.jsonl: No such file"),
        (["replay", "."], 1, "Is a directory"),
        (["replay", "--check", "bad.jsonl"], 1, "bad.jsonl:2: not JSON"),
        (["replay", "bad.jsonl", "--source", "fax"], 2, "there is no source 'fax'"),
        (["replay", "bad.jsonl"], 1, "no Kafka broker answers at 127.0.0.1:1"),
        (["simulate", "--events", "5"], 1, "no Kafka broker answers at 127.0.0.1:1"),
        (["simulate", "--rate", "much"], 2, "Invalid value for '--rate'"),
        (["simulate", "--duration", "soon"], 2, "'soon' is no duration"),
        (["simulate", "--start", "yesterday"], 2, "'yesterday' is no instant"),
        (["simulate", "--profile", "zoo"], 2, "there is no profile 'zoo'"),
        (["simulate", "--out", "no/such/folder.jsonl", "--events", "5"], 1, "No such file or directory"),
        (["topics", "apply"], 1, "no Kafka broker answers"),
        (["dlq", "list"], 1, "no Kafka broker answers"),
        (["dlq", "replay"], 2, "say which"),
        (["resume", "interactions.phone", "0"], 1, "Redis at 127.0.0.1:1/0"),
        (["resume", "interactions.phone", "zero"], 2, "Invalid value"),
        (["forget", "c1"], 1, "Redis at 127.0.0.1:1/0"),
        (["forget", ""], 2, "1 to 128 characters"),
        (["forget", "c1", "--at", "yesterday"], 2, "'yesterday' is no instant"),
        (["forget", "c1", "--at", "2999-01-01T00:00:00Z"], 2, "lies in the future"),
        (["worker", "--processors", "fax"], 2, "there is no processor fax"),
        (["worker"], 1, "no Kafka broker answers"),
        (["demo", "--window", "long"], 2, "long"),
        (["conquer"], 2, "No such command 'conquer'"),
    ],
)
def test_what_cannot_be_done_is_said_in_one_line(
    run: Run, tmp_path: Path, arguments: list[str], code: int, said: str
) -> None:
    event = {"specversion": "1.0", "type": "interaction.started", "time": "2026-03-02T15:00:00Z",
             "data": {"interaction_id": "1", "channel": "phone"}}  # fmt: skip
    (tmp_path / "bad.jsonl").write_text(json.dumps(event) + "\n{\n")
    ended = run(*arguments, KAFKA_BOOTSTRAP_SERVERS="127.0.0.1:1", REDIS_URL="redis://127.0.0.1:1/0")
    lines = [line for line in ended.stderr.splitlines() if line.startswith("centralino: ")]
    assert len(lines) == 1, ended.stderr
    assert said in lines[0]
    assert ended.returncode == code


def test_a_port_that_is_taken_is_named(run: Run) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        ended = run("serve", "--port", str(taken.getsockname()[1]))
    assert ended.returncode == 1
    assert "cannot be listened on: take another one with --port" in ended.stderr


def test_a_wrong_setting_is_named(run: Run) -> None:
    ended = run("topics", "apply", CENTRALINO_PARTITIONS="many")
    assert ended.returncode == 2
    assert "CENTRALINO_PARTITIONS" in ended.stderr
    assert len(ended.stderr.splitlines()) == 1


Laid = tuple[bytes | None, bytes, str, list[tuple[str, bytes]]]


async def lay_aside(address: str, prefix: str, *letters: Laid) -> None:
    producer = AIOKafkaProducer(bootstrap_servers=address)
    await producer.start()
    for key, value, reason, more in letters:
        headers = [
            ("reason", reason.encode()), ("detail", b"what was wrong"),
            ("topic", f"{prefix}interactions.chat".encode()), ("partition", b"3"), ("offset", b"17"), *more,
        ]  # fmt: skip
        await producer.send_and_wait(prefix + "dead-letters", value, key, partition=0, headers=headers)
    await producer.stop()


async def test_dead_letters_are_listed_shown_and_sent_again_once(
    run: Run, broker: Broker, redis_server: Redis, topic_prefix: str, key_prefix: str
) -> None:
    settings = {
        "KAFKA_BOOTSTRAP_SERVERS": broker.address, "REDIS_URL": redis_server.url,
        "CENTRALINO_TOPIC_PREFIX": topic_prefix, "CENTRALINO_KEY_PREFIX": key_prefix,
    }  # fmt: skip
    run("topics", "apply", **settings)
    assert run("dlq", "list", **settings).stdout == "0 dead letters\n"
    bad = b'\xff\x1b[2J{"half'
    await lay_aside(
        broker.address, topic_prefix, (b"c-1", bad, "not_json", []), (None, b"{}", "not_an_event", []),
        (b"c-2", b"{", "too_large", [("truncated", b"99999999")]),
    )  # fmt: skip
    listed = run("dlq", "list", **settings).stdout
    assert "3 dead letters: not_an_event 1, not_json 1, too_large 1" in listed
    assert f"{topic_prefix}interactions.chat 3:17" in listed
    assert run("dlq", "list", "--reason", "not_json", **settings).stdout.endswith("1 dead letters: not_json 1\n")
    shown = run("dlq", "show", "0:0", **settings).stdout
    assert "what was wrong" in shown
    assert '\\xff\\x1b[2J{"half' in shown
    assert run("dlq", "show", "0:99", **settings).returncode == 1

    first = run("dlq", "replay", "0:0", **settings)
    assert first.stderr.startswith("1 sent again, 0 left out"), first.stderr
    second = run("dlq", "replay", "--all", **settings)
    assert second.stderr.startswith("1 sent again, 1 left out since they were before, 1 cannot"), second.stderr
    assert run("dlq", "replay", "--all", **settings).stderr.startswith("0 sent again, 2 left out")
    arrived = (await everything(broker.address, topic_prefix))["interactions.chat"]
    assert sorted((record.key or b"", record.value) for record in arrived) == [(b"", b"{}"), (b"c-1", bad)]
    assert run("dlq", "replay", "0:0", "--again", **settings).stderr.startswith("1 sent again, 0 left out")
    assert run("dlq", "replay", "5:5", **settings).returncode == 1


async def test_a_stopped_partition_is_let_go(run: Run, store: Store, key_prefix: str) -> None:
    settings = {"REDIS_URL": store.url, "CENTRALINO_KEY_PREFIX": key_prefix, "CENTRALINO_TOPIC_PREFIX": "p."}
    client = client_of(store.url)
    braked = store_keys(key_prefix).braked
    why = Braked(rejected=501, records=1000, since=1_772_463_600_000)
    await client.hset(braked, "p.interactions.phone:3", encode_braked(why))
    assert "stopped: p.interactions.phone:3" in run("resume", "interactions.phone", "4", **settings).stderr
    ended = run("resume", "interactions.phone", "3", **settings)
    assert ended.returncode == 0, ended.stderr
    assert "501 of its last 1,000 records were rejected" in ended.stdout
    assert not await client.exists(braked)
    await client.aclose()


def test_check_says_that_all_is_well_or_what_is_not(
    run: Run, broker: Broker, redis_server: Redis, topic_prefix: str, key_prefix: str
) -> None:
    settings = {
        "KAFKA_BOOTSTRAP_SERVERS": broker.address, "REDIS_URL": redis_server.url,
        "CENTRALINO_TOPIC_PREFIX": topic_prefix, "CENTRALINO_KEY_PREFIX": key_prefix,
    }  # fmt: skip
    missing = run("check", CENTRALINO_HOST="0.0.0.0", **settings)
    assert missing.returncode == 0, missing.stdout
    assert "note  topics" in missing.stdout
    assert "note  access" in missing.stdout
    assert run("check", CENTRALINO_APPLY_TOPICS="false", **settings).returncode == 1
    run("topics", "apply", **settings)
    well = run("check", **settings)
    assert well.returncode == 0
    assert f"all {len(TOPICS)} there" in well.stdout
    assert "access" not in well.stdout
    away = run("check", **{**settings, "KAFKA_BOOTSTRAP_SERVERS": f"127.0.0.1:{free_port()}"})
    assert away.returncode == 1
    assert "wrong broker" in away.stdout
    assert "ok    store" in away.stdout
    assert "wrong settings" in run("check", CENTRALINO_PORT="door", **settings).stdout


def test_the_page_of_the_command_line_is_what_it_says() -> None:
    assert PAGE.read_text() == page(), "run `make docs-write`"
