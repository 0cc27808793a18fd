"""`centralino forget`: what it sends, of whom, and as of when."""

from __future__ import annotations

import msgspec
import pytest

from schemas.codec import decode
from schemas.pseudonyms import Pseudonyms
from schemas.topics import TOPICS
from stream.state.client import client_of
from stream.state.keys import shard_keys, store_keys
from tests.cli.conftest import Run, everything

KEY = "a key of the house, that nobody else knows"
MON = 1_772_438_400_000


@pytest.mark.parametrize("key", [None, KEY])
async def test_the_word_is_sent_under_the_name_that_the_store_knows(
    run: Run, kfake, valkey, topic_prefix: str, key_prefix: str, key: str | None
) -> None:
    settings = {
        "KAFKA_BOOTSTRAP_SERVERS": kfake.address, "REDIS_URL": valkey.url, "CENTRALINO_TOPIC_PREFIX": topic_prefix,
        "CENTRALINO_KEY_PREFIX": key_prefix, "CENTRALINO_CLOCK": "event",
    } | ({"CENTRALINO_PSEUDONYM_KEY": key} if key else {})  # fmt: skip
    topic = f"{topic_prefix}customers.timeline"
    client = client_of(valkey.url)
    await client.hset(store_keys(key_prefix).topics, topic, msgspec.msgpack.encode((1, "")))
    await client.hset(shard_keys(key_prefix, topic, 0).head, "stream_time", str(MON))
    await client.aclose()
    ended = run("forget", "customer-anna", **settings)
    assert ended.returncode == 0, ended.stderr
    assert "nothing is kept of customer-anna" in ended.stdout
    ((record,),) = [of for name, of in (await everything(kfake.address, topic_prefix)).items() if of]
    name = Pseudonyms(KEY.encode()).of("customer-anna") if key else "customer-anna"
    assert (b"customer-anna" in record.value) == (key is None)
    event = decode(TOPICS["customers.events"], record.key, record.value, record.timestamp)
    assert (event.at, event.data.customer_id, record.key) == (MON, name, name.encode())  # type: ignore[union-attr]
