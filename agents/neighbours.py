"""Workers see each other die: each holds a connection to Redis, which the kernel closes with its process.

Kafka's group misses a killed worker only once its session is over. So each member notes in a hash which connection is
its own. Whose connection is gone in two looks is dead, and who sees that tells the group in its name that it leaves.

Who is taken for dead and lives joins again at its next heartbeat: no figure rests on this. What keeps its connection
(a stopped process, a machine without power) is left to the session.
"""

from __future__ import annotations

import asyncio
from contextlib import suppress
from functools import partial
from typing import TYPE_CHECKING, Any

import structlog
from aiokafka.errors import KafkaError, NoError, UnknownMemberIdError, for_code
from aiokafka.protocol.group import LeaveGroupRequest
from redis.exceptions import ConnectionError as RedisConnectionError
from redis.exceptions import RedisError, ResponseError

from stream.state.store import passes

if TYPE_CHECKING:
    from collections.abc import Mapping

    from aiokafka import AIOKafkaConsumer
    from redis.asyncio import Redis

    from agents.app import StreamApp
    from stream.state.store import Store

log = structlog.get_logger()

_LOOK_SECONDS, _ANSWER_SECONDS = 0.5, 5.0
_FORGET_SECONDS = 3600
_WATCHED = 8


class Neighbours:
    """Those of one process. `key`: of the hash, member → `<run of Redis>:<number of its connection>`."""

    def __init__(self, app: StreamApp, store: Store, key: str) -> None:
        self._app, self._store, self._key = app, store, key
        self._member = self._run = self._number = ""
        self._node: Redis | None = None
        self._line: Redis | None = None
        self._missed: dict[str, str] = {}
        self._blind = False

    async def run(self) -> None:
        """Look until cancelled, or until Redis does not let us."""
        try:
            while await self._looked():
                await asyncio.sleep(_LOOK_SECONDS)
        finally:
            await self._withdraw()

    async def _looked(self) -> bool:
        """Look once, as far as Redis is there. False: it does not let us."""
        try:
            await self._look()
        except (RedisError, OSError, RuntimeError) as error:
            await self._hang_up()
            if passes(error) is not None:
                if not self._blind:
                    log.info("neighbours are out of sight", error=str(error))
                self._blind = True
                return True
            if not isinstance(error, ResponseError):
                raise
            log.warning(
                "Redis does not show us our neighbours' connections: of a killed one, Kafka's session decides",
                error=str(error),
            )
            return False
        self._blind = False
        return True

    async def _look(self) -> None:
        member = await self._app.batches.ask(_member)
        told: Mapping[Any, Any] = await self._store.client.hgetall(self._key)
        noted = {name.decode(): value.decode() for name, value in told.items()}
        line = await self._call()
        run = f"{self._run}:"
        others = [name for name, value in noted.items() if name != member and value.startswith(run)]
        watched = sorted(others, key=lambda name: (name < member, name))[:_WATCHED]
        numbers = {name: noted[name].removeprefix(run) for name in watched}
        there = {each["id"] for each in await line.client_list(client_id=[self._number, *numbers.values()])}
        if self._number not in there:
            raise RedisConnectionError("the connection is another one")
        await self._note(member, noted.get(member))
        missing = {name: noted[name] for name, number in numbers.items() if number not in there}
        for name, value in missing.items():
            if self._missed.get(name) == value and await self._app.batches.ask(partial(_drop, name)):
                log.warning("a neighbour is gone, and out of the group", member=name)
                await self._store.client.hdel(self._key, name)
        self._missed = missing

    async def _call(self) -> Redis:
        """The connection of our own, to the node that has the hash."""
        node = await self._store.node(self._key)
        if self._line is None or node is not self._node:
            await self._hang_up()
            self._node, self._line = node, node.client()
            self._run = (await self._line.info("server"))["run_id"]
            self._number = str(await self._line.client_id())
        return self._line

    async def _hang_up(self) -> None:
        line, self._line, self._missed = self._line, None, {}
        if line is not None:
            await line.aclose()

    async def _note(self, member: str, noted: str | None) -> None:
        if self._member != member:
            await self._forget()
        self._member = member
        ours = f"{self._run}:{self._number}"
        if member and noted != ours:
            await self._store.client.hset(self._key, member, ours)
            await self._store.client.expire(self._key, _FORGET_SECONDS)

    async def _forget(self) -> None:
        if self._member:
            await self._store.client.hdel(self._key, self._member)

    async def _withdraw(self) -> None:
        try:
            with suppress(RedisError, OSError, RuntimeError):
                await self._forget()
        finally:
            await self._hang_up()


async def _member(consumer: AIOKafkaConsumer[Any, Any]) -> str:
    """What the group calls us; empty: nothing yet."""
    return str(consumer._coordinator.member_id)


async def _drop(member: str, consumer: AIOKafkaConsumer[Any, Any]) -> bool:
    """Take a member out of the group; False: try again. Not by the connection on which we may wait to join."""
    coordinator = consumer._coordinator
    if coordinator.coordinator_id is None:
        return False
    try:
        async with asyncio.timeout(_ANSWER_SECONDS):
            request = LeaveGroupRequest(coordinator.group_id, member)
            answer = await consumer._client.send(coordinator.coordinator_id, request)
    except (KafkaError, TimeoutError) as error:
        log.info("the group did not take a neighbour's leave", member=member, error=repr(error))
        return False
    return for_code(answer.error_code) in (NoError, UnknownMemberIdError)
