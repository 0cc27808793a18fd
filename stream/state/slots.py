"""Which slot a command is about, and which node of a cluster has it: as one of them has told."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from redis.crc import REDIS_CLUSTER_HASH_SLOTS, key_slot

if TYPE_CHECKING:
    from collections.abc import Sequence

_SCRIPTS = {"EVAL", "EVALSHA"}
_ANY_NODE = {"PING", "INFO", "CONFIG", "CLUSTER", "TIME"}
_ALL_NODES = {"SCRIPT", "FLUSHALL"}


class Address(NamedTuple):
    """Where a node listens."""

    host: str
    port: int


def for_all_nodes(parts: Sequence[Any]) -> bool:
    """Whether each node is to be told a command, and not only one."""
    return _word(parts) in _ALL_NODES


def slot_of(parts: Sequence[Any]) -> int | None:
    """The slot of a command by its first key; None: it has no key.

    >>> slot_of(["HGET", "c:{interactions.phone:3}:head", "offset"]) == slot_of(["GET", b"{interactions.phone:3}"])
    True
    >>> slot_of(["EVALSHA", "0a4d", 2, "{alerts}", "{alerts}:x", "word"]) == slot_of(["GET", "{alerts}"])
    True
    >>> slot_of(["PING"])
    """
    word = _word(parts)
    if word in _ANY_NODE or word in _ALL_NODES:
        return None
    key = parts[3 if word in _SCRIPTS else 1]
    return key_slot(key if isinstance(key, bytes) else str(key).encode())


def _word(parts: Sequence[Any]) -> str:
    return str(parts[0]).partition(" ")[0]


class Slots:
    """Who has which slot; at first, nobody. `replicas`: who has none, and a copy of all of somebody's."""

    def __init__(self) -> None:
        self.owners: list[Address | None] = [None] * REDIS_CLUSTER_HASH_SLOTS
        self.replicas: set[Address] = set()

    @property
    def known(self) -> bool:
        """Whether anybody has any."""
        return any(self.owners)

    def masters(self) -> list[Address]:
        """Who has slots."""
        return sorted({owner for owner in self.owners if owner is not None})

    def take(self, told: Sequence[Sequence[Any]], asked: Address) -> set[Address]:
        """Believe the answer of a node to CLUSTER SLOTS; all nodes that are in it."""
        owners: list[Address | None] = [None] * REDIS_CLUSTER_HASH_SLOTS
        replicas: set[Address] = set()
        for first, last, master, *others in told:
            owners[int(first) : int(last) + 1] = [_address(master, asked)] * (int(last) - int(first) + 1)
            replicas.update(_address(each, asked) for each in others)
        self.owners = owners
        self.replicas = replicas.difference(self.masters())
        return replicas.union(self.masters())


def _address(told: Sequence[Any], asked: Address) -> Address:
    """Of a node; one that does not know how it is called is called as the one that was asked."""
    host = told[0].decode() if isinstance(told[0], bytes) else told[0]
    return Address(host or asked.host, int(told[1]))
