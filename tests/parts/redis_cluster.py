"""A Redis Cluster of Debian's redis-server: three masters on loopback, with a replica each where a test needs them."""

from __future__ import annotations

import time
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

import redis
from redis.crc import REDIS_CLUSTER_HASH_SLOTS, key_slot

from stream.child import HOST, free_port
from tests.parts.redis import Redis

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

MASTERS = 3
_HANG_SECONDS = 30.0
_TIMEOUT_MS = 4000
"""After so long a master is taken to be gone."""


class _Node(Redis):
    """One of its nodes; a restart keeps its ports, its slots and its data."""

    def __init__(self, folder: Path, options: Sequence[str] = ()) -> None:
        super().__init__(folder, options=options)
        self._bus = 0

    def prepare(self) -> None:
        """Before it has ever come up, each attempt has a port for the bus, too."""
        super().prepare()
        if not self._fixed_port:
            self._bus = free_port()

    def command(self) -> Sequence[str]:
        """The server, with a bus on a free port of its own."""
        return [
            *super().command(), "--cluster-enabled", "yes", "--cluster-port", str(self._bus),
            "--cluster-node-timeout", str(_TIMEOUT_MS), "--cluster-config-file", "nodes.conf",
        ]  # fmt: skip

    @property
    def bus(self) -> int:
        """Where it listens to the other nodes."""
        return self._bus

    def ask(self, *parts: str | int) -> Any:
        """The answer of this node, whatever slot it is about."""
        with redis.Redis(host=HOST, port=self.port, decode_responses=True, socket_timeout=10) as client:
            return client.execute_command(*parts)


class RedisCluster:
    """Started and stopped as one; `nodes` are killed, paused and restarted each for itself, the masters first."""

    name = "redis-cluster"

    def __init__(self, folder: Path, *, replicas: bool = False, options: Sequence[str] = ()) -> None:
        self.folder = folder
        self.nodes = [_Node(folder / f"node{n}", options) for n in range(MASTERS * (2 if replicas else 1))]
        self._running, self._dealt = ExitStack(), False

    @property
    def url(self) -> str:
        """`redis+cluster://host:port,host:port,…`, of its masters."""
        return f"redis+cluster://{','.join(node.address for node in self.nodes[:MASTERS])}"

    def start(self) -> str:
        """Start all nodes, the first time deal out the slots, and wait until all agree."""
        for node in self.nodes:
            self._running.enter_context(node)
        if not self._dealt:
            self._deal()
            self._dealt = True
        self.agree()
        return self.url

    def _deal(self) -> None:
        ends = [REDIS_CLUSTER_HASH_SLOTS * n // MASTERS for n in range(MASTERS + 1)]
        for n, node in enumerate(self.nodes):
            node.ask("CLUSTER", "SET-CONFIG-EPOCH", n + 1)
            if n < MASTERS:
                node.ask("CLUSTER", "ADDSLOTSRANGE", ends[n], ends[n + 1] - 1)
            if n:
                node.ask("CLUSTER", "MEET", HOST, self.nodes[0].port, self.nodes[0].bus)
        self.agree()
        for n, node in enumerate(self.nodes[MASTERS:]):
            self._until(lambda node=node, n=n: _obeys(node, self.id_of(self.nodes[n])), "replicas")  # type: ignore[misc]
        self._until(lambda: all(_linked(node) for node in self.nodes[MASTERS:]), "copies of all data")

    def stop(self) -> None:
        """Stop all nodes."""
        self._running.close()

    def kill(self) -> None:
        """Kill -9 all nodes."""
        for node in self.nodes:
            node.kill()

    def restart(self) -> str:
        """Start all nodes again, with the same data."""
        self.stop()
        return self.start()

    def pause(self) -> None:
        """SIGSTOP to all nodes."""
        for node in self.nodes:
            node.pause()

    def resume(self) -> None:
        """SIGCONT to all nodes."""
        for node in self.nodes:
            node.resume()

    @property
    def running(self) -> bool:
        """Whether all nodes are there."""
        return all(node.running for node in self.nodes)

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def agree(self) -> None:
        """Wait until all nodes that run know each other and all slots."""
        running = [node for node in self.nodes if node.running]

        def agreed() -> bool:
            told = [node.ask("CLUSTER", "INFO") for node in running]
            wanted = {"cluster_state:ok", f"cluster_known_nodes:{len(self.nodes)}"}
            return all(wanted <= set(each.splitlines()) for each in told)

        self._until(agreed, "a cluster that agrees")

    def id_of(self, node: _Node) -> str:
        """How the cluster calls a node."""
        return str(node.ask("CLUSTER", "MYID"))

    def owner(self, slot: int) -> _Node:
        """The node that has a slot now, as the first one that runs knows."""
        asked = next(node for node in self.nodes if node.running)
        for line in asked.ask("CLUSTER", "NODES").splitlines():
            _, address, flags, *_rest = line.split()
            ranges = [part.split("-") for part in line.split()[8:] if not part.startswith("[")]
            if "fail" not in flags and any(int(first) <= slot <= int((*last, first)[0]) for first, *last in ranges):
                port = int(address.partition("@")[0].rpartition(":")[2])
                return next(node for node in self.nodes if node.port == port)
        raise AssertionError(f"nobody has slot {slot}")

    def begin_move(self, slot: int, to: _Node) -> _Node:
        """Let a slot be on its way to another master; returns where it is."""
        source = self.owner(slot)
        to.ask("CLUSTER", "SETSLOT", slot, "IMPORTING", self.id_of(source))
        source.ask("CLUSTER", "SETSLOT", slot, "MIGRATING", self.id_of(to))
        return source

    def move_keys(self, slot: int, source: _Node, to: _Node, at_most: int = 1) -> int:
        """Move some keys of a slot that is on its way; how many there were."""
        with redis.Redis(host=HOST, port=source.port, socket_timeout=30) as client:
            keys: Any = client.execute_command("CLUSTER", "GETKEYSINSLOT", slot, at_most)
            if keys:
                client.execute_command("MIGRATE", HOST, to.port, "", 0, 20_000, "KEYS", *keys)
        return len(keys)

    def end_move(self, slot: int, to: _Node) -> None:
        """The slot has arrived: say so to all masters, the new owner first."""
        others = [node for node in self.nodes[:MASTERS] if node is not to and node.running]
        for node in (to, *others):
            node.ask("CLUSTER", "SETSLOT", slot, "NODE", self.id_of(to))

    def move(self, slot: int, to: _Node) -> None:
        """Move a slot as redis-cli does: key by key, under load."""
        source = self.begin_move(slot, to)
        while self.move_keys(slot, source, to):
            pass
        self.end_move(slot, to)

    def _until(self, true: Callable[[], bool], what: str) -> None:
        deadline = time.monotonic() + _HANG_SECONDS
        while time.monotonic() < deadline:
            try:
                if true():
                    return
            except (redis.RedisError, OSError):
                pass
            time.sleep(0.02)
        raise AssertionError(f"there was no {what} in {_HANG_SECONDS:.0f} s")


def slot_of(key: str) -> int:
    """The slot of a key."""
    return key_slot(key.encode())


def _obeys(node: _Node, master: str) -> bool:
    node.ask("CLUSTER", "REPLICATE", master)
    return True


def _linked(node: _Node) -> bool:
    return bool(node.ask("INFO", "replication")["master_link_status"] == "up")
