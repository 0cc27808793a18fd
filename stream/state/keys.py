"""The names of all that is stored: seven keys a shard, all on one slot, seven for the whole store, three for alerts,
and one that expires for each webhook that was taken.
"""

from __future__ import annotations

from typing import NamedTuple

import msgspec


class ShardKeys(NamedTuple):
    """The keys of one shard. The order is the one that the scripts know.

    `head` hash: offset, seq, epoch, run, stream_time, counts, rules, floor, lost · `state` hash: entity -> packed ·
    `read` hash: field -> what readers see · `changed` zset: field -> seq · `gone` zset: removed field -> seq ·
    `due`, `expiry` zsets: member -> instant in stream time (ms).
    """

    head: str
    state: str
    read: str
    changed: str
    gone: str
    due: str
    expiry: str


class AlertKeys(NamedTuple):
    """The keys of alerts, on one slot. `lease`: who decides, a token that expires · `requests` list: what people want
    of queues, by the command line · `mirror` hash: version and body of what has been decided, and a beat.
    """

    lease: str
    requests: str
    mirror: str


class StoreKeys(NamedTuple):
    """The keys of the whole store. `braked` hash: partition -> why it stands; removing the field releases it.

    `rebuilt` hash: partition -> up to where its outputs had been told when it was counted again from the log.
    `began` hash: partition -> where its log began when its shard was first opened, or earlier.
    `members` hash: member of the workers' group -> its connection to Redis, for the others to see it die; expires.
    """

    incarnation: str
    topics: str
    rules: str
    braked: str
    rebuilt: str
    began: str
    members: str


def shard_keys(prefix: str, topic: str, partition: int) -> ShardKeys:
    """The keys of the shard of one input partition; `topic` with its prefix.

    >>> shard_keys("c:", "interactions.phone", 3).head
    'c:{interactions.phone:3}:head'
    """
    at = f"{prefix}{{{partition_name(topic, partition)}}}:"
    return ShardKeys(*(at + name for name in ShardKeys._fields))


def alert_keys(prefix: str) -> AlertKeys:
    """The keys of alerts.

    >>> alert_keys("c:").lease
    'c:{alerts}:lease'
    """
    return AlertKeys(*(f"{prefix}{{alerts}}:{name}" for name in AlertKeys._fields))


def store_keys(prefix: str) -> StoreKeys:
    """The keys of the whole store."""
    return StoreKeys(*(prefix + name for name in StoreKeys._fields))


def webhook_key(prefix: str, digest: bytes) -> str:
    """The key of a webhook that was taken.

    >>> webhook_key("c:", bytes(2))
    'c:webhook:0000'
    """
    return f"{prefix}webhook:{digest.hex()}"


def partition_name(topic: str, partition: int) -> str:
    """How a partition is called in keys, fields and logs.

    >>> partition_name("interactions.phone", 3)
    'interactions.phone:3'
    """
    return f"{topic}:{partition}"


class Braked(msgspec.Struct, frozen=True, kw_only=True):
    """Why a partition stands: `rejected` of the last `records` were rejected, seen at `since` (ms)."""

    rejected: int
    records: int
    since: int


encode_braked = msgspec.msgpack.Encoder().encode
decode_braked = msgspec.msgpack.Decoder(Braked).decode
