"""On a cluster a script's keys must lie in one slot: all of ours do, by their names."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from redis.crc import key_slot
from redis.exceptions import ClusterCrossSlotError

from schemas.topics import TOPICS
from stream.settings import Settings
from stream.state import shard
from stream.state.keys import alert_keys, shard_keys
from stream.state.namespace_keys import namespace_keys
from stream.state.slots import slot_of
from stream.state.store import Store

SCRIPTS = Path(shard.__file__).parent
PREFIXES = ("centralino:", "c", "a.b:", "test@2:")
ONE = ("head", "state", "read", "changed", "gone", "due", "expiry")
OF_A_SHARD = {
    "open": ("head",),
    "close": ("head",),
    "load": ("head", "state", "read", "due", "expiry"),
    "commit": ONE,
    "copy": ONE + ONE,
    "reader": ("head", "read", "changed", "gone"),
    "newest": ("state", "expiry"),
}
OF_NAMESPACES = {"flip": ("switch", "live"), "renew": ("switch",), "reopen": ("switch", "live")}


def slots(keys) -> set[int]:
    return {key_slot(key.encode()) for key in keys}


def test_each_script_is_known_by_what_it_takes() -> None:
    assert {path.stem for path in SCRIPTS.glob("*.lua")} == {*OF_A_SHARD, *OF_NAMESPACES}
    for name, keys in (OF_A_SHARD | OF_NAMESPACES).items():
        text = (SCRIPTS / f"{name}.lua").read_text()
        used = [int(n) for n in re.findall(r"KEYS\[(\d+)\]", text)]
        assert max(used, default=0) <= len(keys), name
        called = re.findall(r"redis\.call\((?:'\w+'|command), *([^,)]+)", text)
        assert {key for key in called if not key.startswith("KEYS[")} <= {"key", *ONE}, f"{name} makes up a key"


@pytest.mark.parametrize("prefix", PREFIXES)
def test_all_keys_of_a_shard_are_in_one_slot_in_every_namespace_that_shares_its_topic(prefix: str) -> None:
    first = Settings(key_prefix="centralino:", topic_prefix="p.")
    for topic in TOPICS:
        for number in (0, 7, 255):
            assert len(slots(shard_keys(prefix, first.topic(topic), number))) == 1
            if TOPICS[topic].role == "internal":
                continue
            both = [
                key
                for of in (first, first.within("v2"))
                for key in shard_keys(of.store_prefix, of.topic(topic), number)
            ]
            assert len(slots(both)) == 1, "copied by one script"


@pytest.mark.parametrize("prefix", PREFIXES)
def test_what_is_switched_together_and_what_alerts_have_is_in_one_slot(prefix: str) -> None:
    assert len(slots(namespace_keys(prefix))) == 1
    assert len(slots(alert_keys(prefix))) == 1


def test_partitions_are_dealt_out_over_all_of_a_cluster() -> None:
    thirds = [slot_of(["GET", shard_keys("c:", "interactions.phone", n).head]) * 3 // 16384 for n in range(256)]
    assert min(thirds.count(third) for third in range(3)) > 50


async def test_keys_in_two_slots_are_refused_at_once_and_not_waited_for(cluster, key_prefix) -> None:
    retried: list[str] = []
    store = Store({"url": cluster.url}, patience=60, retried=retried.append)
    keys = shard_keys(key_prefix, "a", 0)._replace(gone=shard_keys(key_prefix, "b", 0).gone)
    with pytest.raises(ClusterCrossSlotError):
        await store.run(shard.COMMIT, keys, [])
    assert not retried
    await store.aclose()
