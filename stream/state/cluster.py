"""Redis Cluster behind the face of one Redis: each command goes to the node that has the slot of its first key.

Slots are learnt from any node that answers, anew after a failure, and one by one when a node says that it has moved.
What a command may wait for (a slot on its way, a node that is gone, a failover) is raised: who asks has the patience.
`docs/decisions/cluster.md` says why redis-py's own client of clusters is not used.
"""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING, Any, NamedTuple

from redis.asyncio import Redis
from redis.asyncio.client import Pipeline
from redis.crc import key_slot
from redis.exceptions import AskError, ClusterDownError, MovedError, ReadOnlyError, RedisError, TryAgainError
from redis.exceptions import ConnectionError as RedisConnectionError
from redis.exceptions import TimeoutError as RedisTimeoutError

from stream.state.slots import Address, Slots, for_all_nodes, slot_of

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

REDIRECTIONS = 8
_AGAIN_SECONDS = 0.1
_DOUBT = (RedisConnectionError, RedisTimeoutError, ClusterDownError, ReadOnlyError, OSError, RuntimeError)


class Node(NamedTuple):
    """One node, and its client."""

    address: Address
    client: Redis
    replica: bool


async def asked(client: Redis, *args: Any, **options: Any) -> Any:
    """The answer to one command."""
    return await client.execute_command(*args, **options)  # type: ignore[no-untyped-call]


class Cluster(Redis):
    """All of a cluster. `starts`: nodes to ask first; `connect`: makes the client of a node.

    `redirected` is called with "moved" or "ask" at each redirection.
    """

    def __init__(self, starts: Sequence[Address], connect: Callable[[Address], Redis]) -> None:
        super().__init__()
        self._starts, self._connect = list(starts), connect
        self._clients: dict[Address, Redis] = {}
        self._slots = Slots()
        self._stale, self._looked_at = True, float("-inf")
        self._looking = asyncio.Lock()
        self._doubted: Address | None = None
        self.redirected: Callable[[str], None] = lambda _: None

    async def aclose(self, close_connection_pool: bool | None = None) -> None:
        """Close all connections."""
        clients, self._clients, self._stale = list(self._clients.values()), {}, True
        await asyncio.gather(*(client.aclose(close_connection_pool) for client in clients))
        await super().aclose(close_connection_pool)

    async def nodes(self) -> list[Node]:
        """Those that have slots, and their replicas, as is known now."""
        await self._know()
        slots = self._slots
        each = (*slots.masters(), *sorted(slots.replicas))
        return [Node(address, self._client(address), replica=address in slots.replicas) for address in each]

    async def node_of(self, key: str) -> Redis:
        """The client of the node that has a key."""
        await self._know()
        return self._client(self._owner(key_slot(key.encode())))

    async def execute_command(self, *args: Any, **options: Any) -> Any:
        """The answer of the node that has the key; of a command for all nodes, the last one's."""
        await self._know()
        slot = slot_of(args)
        if slot is not None:
            return await self._of_owner(slot, args, options)
        if for_all_nodes(args):
            each = [asked(node.client, *args, **options) for node in await self.nodes() if not node.replica]
            return (await asyncio.gather(*each))[-1]
        return await asked((await self.nodes())[0].client, *args, **options)

    def pipeline(self, transaction: bool = True, shard_hint: str | None = None) -> Pipeline:
        """Commands that are sent together, to each node its own. With `transaction` none is one: nothing of ours is."""
        del transaction, shard_hint
        return Commands(self)

    async def together(self, commands: Sequence[tuple[tuple[Any, ...], Mapping[str, Any]]]) -> list[Any]:
        """The answer to each command, or what failed: one look at each node that has some of the keys."""
        await self._know()
        by_node: dict[Address | None, list[int]] = {}
        for n, (args, _) in enumerate(commands):
            slot = slot_of(args)
            by_node.setdefault(None if slot is None else self._slots.owners[slot], []).append(n)
        answers: list[Any] = [None] * len(commands)
        unsettled = by_node.pop(None, [])
        groups = [(address, [commands[n] for n in numbers]) for address, numbers in by_node.items() if address]
        told = await asyncio.gather(*(self._at_once(*group) for group in groups))
        for numbers, found in zip(by_node.values(), told, strict=True):
            for n, answer in zip(numbers, found, strict=True):
                answers[n] = answer
                if isinstance(answer, AskError):
                    unsettled.append(n)
        again = [self.execute_command(*commands[n][0], **commands[n][1]) for n in unsettled]
        for n, answer in zip(unsettled, await asyncio.gather(*again, return_exceptions=True), strict=True):
            answers[n] = answer
        return answers

    async def _of_owner(self, slot: int, args: Sequence[Any], options: Mapping[str, Any]) -> Any:
        at, asking = self._owner(slot), False
        for _ in range(REDIRECTIONS):
            try:
                if not asking:
                    return await asked(self._client(at), *args, **options)
                _, answer = await self._pipelined(at, [(("ASKING",), {}), (args, options)])
                if not isinstance(answer, Exception):
                    return answer
                raise answer
            except MovedError as moved:
                at, asking = Address(moved.host or at.host, moved.port), False
                self._slots.owners[moved.slot_id] = at
                self._stale = True
                self.redirected("moved")
            except AskError as ask:
                at, asking = Address(ask.host or at.host, ask.port), True
                self.redirected("ask")
            except _DOUBT:
                self._doubt(at)
                raise
        raise TryAgainError("sent to and fro between nodes")

    async def _at_once(self, at: Address, commands: Sequence[tuple[Sequence[Any], Mapping[str, Any]]]) -> list[Any]:
        try:
            answers = await self._pipelined(at, commands)
        except _DOUBT as error:
            self._doubt(at)
            return [error] * len(commands)
        if any(isinstance(answer, _DOUBT) for answer in answers):
            self._doubt(at)
        return answers

    async def _pipelined(self, at: Address, commands: Sequence[tuple[Sequence[Any], Mapping[str, Any]]]) -> list[Any]:
        async with self._client(at).pipeline(transaction=False) as pipeline:
            for args, options in commands:
                pipeline.execute_command(*args, **options)
            answers: list[Any] = await pipeline.execute(raise_on_error=False)
        return answers

    def _client(self, address: Address) -> Redis:
        client = self._clients.get(address)
        if client is None:
            client = self._clients[address] = self._connect(address)
        return client

    def _owner(self, slot: int) -> Address:
        owner = self._slots.owners[slot]
        if owner is None:
            self._stale = True
            raise ClusterDownError("Hash slot not served")
        return owner

    def _doubt(self, address: Address) -> None:
        self._stale, self._doubted = True, address

    async def _know(self) -> None:
        """Learn anew who has which slots, if that may have changed; what is known stands when nobody answers."""
        if not self._outdated():
            return
        async with self._looking:
            if not self._outdated():
                return
            self._stale, self._looked_at = False, time.monotonic()
            try:
                await self._learn()
            except BaseException as error:
                self._stale = True
                if not (self._slots.known and isinstance(error, RedisError | OSError)):
                    raise

    def _outdated(self) -> bool:
        waited = time.monotonic() - self._looked_at >= _AGAIN_SECONDS
        return self._stale and (waited or not self._slots.known)

    async def _learn(self) -> None:
        candidates = list(dict.fromkeys([*reversed(self._clients), *self._starts]))
        candidates.sort(key=lambda address: (address == self._doubted, address in self._slots.replicas))
        failure: Exception = ClusterDownError("no node knows of any slot")
        for address in candidates:
            self._clients = {address: self._client(address)} | self._clients  # next time it is the last to be asked
            try:
                told = await asked(self._client(address), "CLUSTER", "SLOTS")
            except (RedisError, OSError, RuntimeError) as error:
                failure = error
                continue
            if told:
                gone = self._clients.keys() - self._slots.take(told, address) - {*self._starts}
                self._doubted = None
                for client in [self._clients.pop(each) for each in gone]:
                    await client.aclose()
                return
        raise failure


class Commands(Pipeline):
    """Commands for several nodes. As redis-py's own pipeline, but for what is not one: a transaction."""

    def __init__(self, cluster: Cluster) -> None:
        super().__init__(cluster.connection_pool, cluster.response_callbacks, transaction=False, shard_hint=None)
        self._cluster = cluster

    async def execute(self, raise_on_error: bool = True) -> list[Any]:
        """The answers in their order. Raises the first failure, unless told to give them as answers."""
        commands, self.command_stack = self.command_stack, []
        answers = await self._cluster.together(commands)
        failure = next((answer for answer in answers if isinstance(answer, Exception)), None)
        if failure is not None and raise_on_error:
            raise failure
        return answers
