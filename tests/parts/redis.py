"""Redis, the real one of Debian, with the options that the state needs."""

from __future__ import annotations

import shutil
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import redis
from redis.cluster import ClusterNode

from stream.child import Child
from stream.embedded import EmbeddedStore, redis_answers, store_options
from stream.settings_addresses import is_cluster, redis_nodes
from tests.parts.missing import program

if TYPE_CHECKING:
    from collections.abc import Sequence


_DATA = "appendonlydir"

AnyClient = redis.Redis | redis.RedisCluster


class Redis(Child):
    """One redis-server on loopback. `options` are added to its command line."""

    name = "redis"

    def __init__(self, folder: Path, port: int | None = None, options: Sequence[str] = ()) -> None:
        super().__init__(folder, port)
        self._server = program("redis-server")
        self._options = options

    @property
    def url(self) -> str:
        """`redis://host:port/0`."""
        return f"redis://{self.address}/0"

    def command(self) -> Sequence[str]:
        """The server on its port and folder."""
        return [self._server, *store_options(self.port, self.folder), *self._options]

    def ready(self) -> bool:
        """Whether it answers PING."""
        return redis_answers(self.port)


def blocking_client(url: str, **options: Any) -> AnyClient:
    """A client that waits for its answers, of one Redis or of a cluster."""
    if is_cluster(url):
        nodes = [ClusterNode(*node) for node in redis_nodes(url)]  # type: ignore[no-untyped-call]
        return redis.RedisCluster(startup_nodes=nodes, **options)
    return redis.Redis.from_url(url, **options)


def copied(part: Any, to: Path) -> None:
    """Copy what a store, or each node of a cluster, has on disk while it is at work, but not while it rewrites that."""
    for node in _nodes(part):
        with redis.Redis(port=node.port) as client:
            client.config_set("auto-aof-rewrite-percentage", 0)
            while cast("dict[str, int]", client.info("persistence"))["aof_rewrite_in_progress"]:
                time.sleep(0.02)
            shutil.copytree(node.folder / _DATA, to / node.folder.name)
            client.config_set("auto-aof-rewrite-percentage", 100)


def put_back(part: Any, copy: Path) -> None:
    """Have a store stand where it stood when it was `copied`."""
    part.kill()
    for node in _nodes(part):
        shutil.rmtree(node.folder / _DATA)
        shutil.copytree(copy / node.folder.name, node.folder / _DATA)
    part.restart()


def _nodes(part: Any) -> list[Child]:
    return getattr(part, "nodes", [part])


Store = Redis | EmbeddedStore
