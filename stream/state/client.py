"""The client of the store: of one Redis, or of a cluster of them, as the URL says. Nothing is opened here."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

import hiredis
from redis.asyncio import Redis

from stream.settings_addresses import is_cluster, redis_nodes
from stream.state.cluster import Cluster, Node
from stream.state.slots import Address


class Packed:
    """Commands packed by hiredis: an asyncio connection of redis-py does it in Python, argument by argument."""

    def pack_command(self, *args: str | bytes | int) -> list[bytes]:
        """The command in the protocol; its name may be two words."""
        if isinstance(args[0], str) and " " in args[0]:
            args = (*args[0].split(), *args[1:])
        return [hiredis.pack_command(args)]  # type: ignore[arg-type]


def client_of(url: str, **options: Any) -> Redis:
    """Of what `redis://…`, `rediss://…`, `redis+cluster://…` or `rediss+cluster://…` names; answers are bytes.

    `options`: of redis-py's connections, for each node the same.
    """
    parts = urlsplit(url)
    if not is_cluster(url):
        return _packed(Redis.from_url(url, **options))
    who = f"{parts.netloc.rpartition('@')[0]}@" if "@" in parts.netloc else ""

    def connect(address: Address) -> Redis:
        host = f"[{address.host}]" if ":" in address.host else address.host
        single = parts._replace(
            scheme=parts.scheme.removesuffix("+cluster"), netloc=f"{who}{host}:{address.port}", path=""
        )
        return _packed(Redis.from_url(single.geturl(), **options))

    return Cluster([Address(*node) for node in redis_nodes(url)], connect)


async def nodes(redis: Redis) -> list[Node]:
    """The nodes that hold the data, and their replicas; one Redis is one node."""
    if isinstance(redis, Cluster):
        return await redis.nodes()
    told = redis.connection_pool.connection_kwargs
    return [Node(Address(told.get("host", ""), told.get("port", 0)), redis, replica=False)]


def _packed(redis: Redis) -> Redis:
    pool = redis.connection_pool
    pool.connection_class = type("PackedConnection", (Packed, pool.connection_class), {})
    return redis
