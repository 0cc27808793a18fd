"""A queue_log that is written to, followed into Kafka by a process that is stopped, killed and started again."""

from __future__ import annotations

import json
import random
import resource
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from aiokafka import ConsumerRecord

from schemas.sources.asterisk_lines import generation, wrapped
from schemas.sources.conversion import Sending, convert
from schemas.sources.options import NONE
from schemas.sources.vendors import VENDORS
from tests.cli.conftest import Run, environment, everything
from tests.parts.fixtures import Broker, Kafka

HOST = "pbx1"
TOPIC = "sources.asterisk"


class Pbx:
    """A log that is written to: the payloads that its lines must become, in their order."""

    def __init__(self, folder: Path) -> None:
        self.log = folder / "queue_log"
        self.wanted: list[bytes] = []
        self._file = ""
        self._offset = 0
        self._second = 1_772_000_000

    def write(self, n: int = 1) -> None:
        """So many lines of a second each."""
        with self.log.open("ab") as file:
            for _ in range(n):
                self._second += 1
                line = b"%d|%d.1|q|A|CONNECT|%d|\xc3\xa8" % (self._second, self._second, len(self.wanted))
                if not self._offset:
                    self._file = generation(line)
                self.wanted.append(wrapped(HOST, self._file, self._offset, line))
                file.write(line + b"\n")
                self._offset += len(line) + 1

    def rotate(self) -> None:
        """As logrotate does with dateext; none is ever removed."""
        self.log.rename(self.log.with_name(f"queue_log-{self._second}"))
        self._offset = 0


class Tail:
    """`centralino tail` as a process."""

    def __init__(self, pbx: Pbx, address: str, prefix: str, *, state: Path | None = None, **settings: str) -> None:
        self.state = state or pbx.log.with_name("state")
        self._log = pbx.log.with_name(f"tail-{time.monotonic_ns()}.out")
        with self._log.open("wb") as out:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "stream.cli", "tail", "queue_log", str(pbx.log), "--host", HOST,
                 "--state", str(self.state)],
                stdin=subprocess.DEVNULL, stdout=out, stderr=subprocess.STDOUT,
                env=environment(KAFKA_BOOTSTRAP_SERVERS=address, CENTRALINO_TOPIC_PREFIX=prefix, **settings),
            )  # fmt: skip

    def said(self) -> str:
        return self._log.read_text()

    def until(self, condition: Callable[[], Any], seconds: float = 40) -> None:
        end = time.monotonic() + seconds
        while not condition():
            assert self.process.poll() is None, self.said()
            assert time.monotonic() < end, self.said()
            time.sleep(0.05)

    def until_sent(self, pbx: Pbx) -> None:
        """Wait until the state says that all of the log is sent."""
        self.until(lambda: self.at(pbx.log))

    def at(self, log: Path) -> bool:
        """Whether the state is at the end of the log."""
        if not self.state.exists() or not log.exists():
            return False
        told = json.loads(self.state.read_bytes())
        return bool((told["inode"], told["offset"]) == (log.stat().st_ino, log.stat().st_size))

    def stop(self, number: int = signal.SIGTERM) -> None:
        """It ends well."""
        self.process.send_signal(number)
        assert self.process.wait(20) == 0, self.said()
        assert "Traceback" not in self.said()
        assert "lines sent" in self.said()

    def kill(self) -> None:
        self.process.kill()
        self.process.wait()


@pytest.fixture
def pbx(tmp_path: Path) -> Pbx:
    return Pbx(tmp_path)


Start = Callable[..., Tail]


@pytest.fixture
def start(pbx: Pbx, topic_prefix: str) -> Iterator[Start]:
    """Starts a tail; all are gone with the test."""
    started: list[Tail] = []

    def begin(broker: Broker, **more: Any) -> Tail:
        started.append(Tail(pbx, broker.address, topic_prefix, **more))
        return started[-1]

    yield begin
    for tail in started:
        if tail.process.poll() is None:
            tail.kill()


async def arrived(broker: Broker, prefix: str) -> list[ConsumerRecord]:
    """What came, in one partition and under one key."""
    records = (await everything(broker.address, prefix)).get(TOPIC, [])
    assert len({record.partition for record in records}) <= 1
    assert {record.key for record in records} <= {HOST.encode()}
    return records


def in_order_once(records: list[ConsumerRecord]) -> list[bytes]:
    """The payloads without what was sent again."""
    return list(dict.fromkeys(record.value for record in records))


async def test_a_log_that_grows_and_is_rotated_arrives_line_by_line(
    start: Start, pbx: Pbx, broker: Broker, topic_prefix: str
) -> None:
    pbx.write(3)
    tail = start(broker)
    tail.until_sent(pbx)
    pbx.write(500)
    tail.until_sent(pbx)
    pbx.rotate()
    time.sleep(0.5)
    pbx.write(4)
    tail.until_sent(pbx)
    tail.stop()
    assert [record.value for record in await arrived(broker, topic_prefix)] == pbx.wanted


async def test_stopping_and_starting_again_sends_each_line_once(
    start: Start, pbx: Pbx, kfake: Broker, topic_prefix: str
) -> None:
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGTERM):
        pbx.write(10)
        tail = start(kfake)
        tail.until_sent(pbx)
        tail.stop(number)
        pbx.write(5)
        pbx.rotate()
        pbx.write(5)
    tail = start(kfake)
    tail.until_sent(pbx)
    tail.stop()
    assert [record.value for record in await arrived(kfake, topic_prefix)] == pbx.wanted


async def test_after_kill_9_nothing_is_lost_and_what_is_sent_again_has_the_same_identity(
    start: Start, pbx: Pbx, kafka: Kafka, topic_prefix: str
) -> None:
    draw = random.Random(9)
    tail = start(kafka)
    pbx.write(20)
    tail.until_sent(pbx)  # the first one knows of no file before those that it finds
    tail.kill()
    for turn in range(4):
        tail = start(kafka)
        for _ in range(draw.randint(75, 150)):
            pbx.write(draw.randint(10, 300))
            if draw.random() < 0.04:
                pbx.rotate()
            time.sleep(0.02)
        tail.kill()
        assert "missing" not in tail.said()
        if turn % 2:
            pbx.write(20)
            pbx.rotate()
        pbx.write(20)
    tail = start(kafka)
    tail.until_sent(pbx)
    tail.stop()
    records = await arrived(kafka, topic_prefix)
    assert in_order_once(records) == pbx.wanted
    assert len(pbx.wanted) > 10_000
    assert len({event.identity_of() for event in Events.of(records)}) == len(pbx.wanted)


class Events:
    """What the intake makes of payloads."""

    def __init__(self, value: bytes) -> None:
        self._told = json.loads(value)

    def identity_of(self) -> tuple[str, str]:
        return self._told["source"], self._told["id"]

    @classmethod
    def of(cls, records: list[ConsumerRecord]) -> Iterator[Events]:
        for record in records:
            told = convert(VENDORS["asterisk"], record.value, NONE)
            assert isinstance(told, list)
            for each in told:
                assert isinstance(each, Sending)
                yield cls(each.value)


async def test_what_was_followed_and_what_is_replayed_have_the_same_identities(
    run: Run, start: Start, pbx: Pbx, kfake: Broker, topic_prefix: str
) -> None:
    pbx.write(20)
    tail = start(kfake)
    tail.until_sent(pbx)
    tail.stop()
    followed = {event.identity_of() for event in Events.of(await arrived(kfake, topic_prefix))}
    again = f"{topic_prefix}again."
    done = run(
        "replay", "--source", "asterisk", "--host", HOST, pbx.log,
        KAFKA_BOOTSTRAP_SERVERS=kfake.address, CENTRALINO_TOPIC_PREFIX=again,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    replayed = (await everything(kfake.address, again))["interactions.phone"]
    assert {Events(record.value).identity_of() for record in replayed} == followed
    assert len(followed) == 20


async def test_while_kafka_is_away_it_waits_and_says_so_once(
    start: Start, pbx: Pbx, own_broker: Broker, topic_prefix: str
) -> None:
    pbx.write(5)
    tail = start(own_broker)
    tail.until_sent(pbx)
    own_broker.kill()
    pbx.write(5)
    tail.until(lambda: "no Kafka broker answers" in tail.said())
    pbx.write(5)
    pbx.rotate()
    pbx.write(5)
    time.sleep(5.5)
    assert tail.said().count("no Kafka broker answers") == 1
    own_broker.start()
    tail.until_sent(pbx)
    tail.until(lambda: "Kafka answers again" in tail.said())
    tail.stop()
    assert in_order_once(await arrived(own_broker, topic_prefix)) == pbx.wanted


def test_it_can_be_stopped_and_started_while_kafka_is_away(start: Start, pbx: Pbx, own_kfake: Broker) -> None:
    own_kfake.kill()
    pbx.write(5)
    tail = start(own_kfake)
    tail.until(lambda: "no Kafka broker answers" in tail.said())
    tail.stop()
    assert not tail.state.exists()
    own_kfake.start()
    tail = start(own_kfake)
    tail.until_sent(pbx)
    tail.stop()


async def test_a_log_that_is_not_there_yet_is_waited_for(
    start: Start, pbx: Pbx, kfake: Broker, topic_prefix: str
) -> None:
    tail = start(kfake)
    tail.until(lambda: "not there yet, waiting for it" in tail.said())
    pbx.write(2)
    tail.until_sent(pbx)
    tail.stop()
    assert [record.value for record in await arrived(kfake, topic_prefix)] == pbx.wanted


async def test_a_state_that_cannot_be_written_ends_it_with_a_word_and_loses_nothing(
    start: Start, pbx: Pbx, kfake: Broker, topic_prefix: str
) -> None:
    folder = pbx.log.with_name("states")
    folder.mkdir()
    pbx.write(2)
    tail = start(kfake, state=folder / "state")
    tail.until_sent(pbx)
    kept = (folder / "state").read_bytes()
    resource.prlimit(tail.process.pid, resource.RLIMIT_FSIZE, (0, 0))  # as a full disk does, writing fails
    pbx.write(2)
    assert tail.process.wait(20) == 1
    assert (folder / "state").read_bytes() == kept
    tail = start(kfake, state=folder / "state")
    tail.until_sent(pbx)
    tail.stop()
    assert in_order_once(await arrived(kfake, topic_prefix)) == pbx.wanted


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (["fax_log", "x", "--state", "s"], 2, "there is no format 'fax_log'"),
        (["queue_log", "x"], 2, "state"),
        (["queue_log", ".", "--state", "s"], 1, "Is a directory"),
        (["queue_log", "no/such/queue_log", "--state", "s"], 1, "there is no such folder"),
        (["queue_log", "x", "--state", "no/such/state"], 1, "the state cannot be written"),
        (["queue_log", "x", "--state", "bad"], 1, "it is no state of ours"),
        (["queue_log", "x", "--state", "s", "--host", "h" * 129], 2, "at most 128"),
    ],
)
def test_what_cannot_be_followed_is_said_in_one_line(
    run: Run, tmp_path: Path, arguments: list[str], code: int, words: str
) -> None:
    (tmp_path / "bad").write_text("this is no state")
    ended = run("tail", *arguments, KAFKA_BOOTSTRAP_SERVERS="127.0.0.1:1")
    assert (ended.returncode, ended.stderr.count("centralino: ")) == (code, 1), ended.stderr
    assert words in ended.stderr
