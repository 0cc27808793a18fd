"""A downstream service as docs/subscribe.md has it, to be killed, and its group as the broker sees it."""

from __future__ import annotations

import os
import signal
import sqlite3
import subprocess
from contextlib import closing, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Self

from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.protocol.group import LeaveGroupRequest

from tests.parts.fixtures import skipping
from tests.parts.subscribers import command

if TYPE_CHECKING:
    from collections.abc import Iterator

ENDED_BY_SIGTERM = {"python": 0, "node": 0, "java": 128 + signal.SIGTERM}
"""The exit code of who stopped as asked: the JVM says which signal it was."""
QUICK_START = {"JAVA_TOOL_OPTIONS": "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC"}


class Subscriber:
    """One process of an example. What it prints and keeps outlives it, in `folder`."""

    def __init__(self, language: str, kafka: str, topic_prefix: str, folder: Path) -> None:
        self.language, self.group = language, f"{topic_prefix}{language}"
        self._state, self._log = folder / f"{language}.db", folder / f"{language}.log"
        self._errors = folder / f"{language}.err"
        with skipping():
            line, where = command(language)
        settings = {"KAFKA_BOOTSTRAP_SERVERS": kafka, "TOPIC_PREFIX": topic_prefix, "GROUP": self.group}
        with self._log.open("ab") as log, self._errors.open("ab") as errors:
            self.process = subprocess.Popen(
                line, cwd=where, stdin=subprocess.DEVNULL, stdout=log, stderr=errors,
                env={**os.environ, **QUICK_START, **settings, "STATE": str(self._state)},
            )  # fmt: skip

    def printed(self) -> list[str]:
        """The lines that it and those before it printed."""
        return self._log.read_text(encoding="utf-8").splitlines()

    def done(self) -> list[str]:
        """What is stored of their work, in its order."""
        if not self._state.exists():
            return []
        with closing(sqlite3.connect(f"file:{self._state}?mode=ro", uri=True)) as db:
            if not db.execute("SELECT 1 FROM sqlite_master WHERE name = 'done'").fetchone():
                return []
            return [line for (line,) in db.execute("SELECT line FROM done ORDER BY rowid")]

    @contextmanager
    def held_back_from_storing(self) -> Iterator[None]:
        """Somebody reads its file, and does not end: it can do its work, and cannot complete its transaction."""
        with closing(sqlite3.connect(self._state, isolation_level=None)) as db:
            db.execute("BEGIN")
            db.execute("SELECT count(*) FROM done").fetchone()
            yield

    def lives(self) -> None:
        """AssertionError when it has ended."""
        assert self.process.poll() is None, f"{self.language} ended with {self.process.returncode}: {self.errors()}"

    def errors(self) -> str:
        """The end of what it complained of."""
        return self._errors.read_text(encoding="utf-8")[-3000:]

    def kill(self) -> None:
        """kill -9."""
        self.process.kill()
        self.process.wait()

    def stop(self) -> None:
        """SIGTERM; AssertionError when it does not end well, or not soon."""
        self.process.terminate()
        code = self.process.wait(20)
        assert code == ENDED_BY_SIGTERM[self.language], f"{self.language} ended with {code}: {self.errors()}"

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self.process.poll() is None:
            self.kill()


class Group:
    """A consumer group."""

    def __init__(self, kafka: str, name: str) -> None:
        self._kafka, self.name = kafka, name

    async def members(self) -> list[str]:
        """Who is in it."""
        async with _Admin(self._kafka) as admin:
            ((described,),) = [reply.groups for reply in await admin.describe_consumer_groups([self.name])]
        return [member[0] for member in described[5]]

    async def bury(self) -> None:
        """Do at once what Kafka does after the session timeout: count the killed out."""
        async with _Admin(self._kafka) as admin:
            coordinator = await admin.find_coordinator(self.name)
            for member in await self.members():
                await admin._send_request(LeaveGroupRequest(self.name, member), coordinator)

    async def committed(self) -> dict[TopicPartition, int]:
        """Where it stands."""
        async with _Admin(self._kafka) as admin:
            found = await admin.list_consumer_group_offsets(self.name)
        return {place: at.offset for place, at in found.items()}

    async def rewind(self) -> None:
        """Put it back to the beginning, as if nothing had ever been committed."""
        places = list(await self.committed())
        async with AIOKafkaConsumer(
            bootstrap_servers=self._kafka, group_id=self.name, enable_auto_commit=False
        ) as consumer:
            consumer.assign(places)
            await consumer.commit(dict.fromkeys(places, 0))


class _Admin(AIOKafkaAdminClient):
    def __init__(self, kafka: str) -> None:
        super().__init__(bootstrap_servers=kafka)

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()
