"""Which stores a worker refuses."""

from __future__ import annotations

from collections.abc import AsyncIterator
from functools import partial

import pytest

from stream.state import incarnation
from stream.state.incarnation import Topic
from stream.state.refused import Refused
from stream.state.store import Store
from tests.parts.redis import Store as StorePart

PHONE = {"interactions.phone": Topic(8, "id-1")}


@pytest.fixture
async def client(store: StorePart) -> AsyncIterator[Store]:
    client = Store({"url": store.url}, patience=5)
    yield client
    await client.aclose()


def admitting(client: Store, key_prefix: str) -> partial:  # type: ignore[type-arg]
    return partial(
        incarnation.admit, client, key_prefix, rules="r", topics=PHONE, group_has_commits=False, rebuild=False
    )


async def test_a_new_store_is_admitted_and_known_again(client: Store, key_prefix: str) -> None:
    admit = admitting(client, key_prefix)
    first = await admit()
    assert await admit(group_has_commits=True) == first
    await incarnation.still(client, key_prefix, first)


async def test_an_emptied_store_is_refused_until_it_is_rebuilt(client: Store, key_prefix: str) -> None:
    admit = admitting(client, key_prefix)
    with pytest.raises(Refused, match="--rebuild"):
        await admit(group_has_commits=True)
    assert await admit(group_has_commits=True, rebuild=True)


async def test_a_store_that_is_emptied_while_we_work_is_noticed(client: Store, key_prefix: str) -> None:
    admitted = await admitting(client, key_prefix)()
    await client.command("DEL", f"{key_prefix}incarnation")
    with pytest.raises(Refused, match="emptied"):
        await incarnation.still(client, key_prefix, admitted)


async def test_other_rules_are_refused(client: Store, key_prefix: str) -> None:
    admit = admitting(client, key_prefix)
    await admit()
    with pytest.raises(Refused, match="other rules"):
        await admit(rules="other")


async def test_another_number_of_partitions_is_refused(client: Store, key_prefix: str) -> None:
    admit = admitting(client, key_prefix)
    await admit()
    with pytest.raises(Refused, match="9 partitions"):
        await admit(topics={"interactions.phone": Topic(9, "id-1")})


async def test_a_recreated_topic_is_refused(client: Store, key_prefix: str) -> None:
    admit = admitting(client, key_prefix)
    await admit()
    with pytest.raises(Refused, match="created anew"):
        await admit(topics={"interactions.phone": Topic(8, "id-2")})


async def test_a_rebuild_empties_what_is_ours_and_nothing_else(client: Store, key_prefix: str) -> None:
    admit = admitting(client, key_prefix)
    await admit()
    await client.command("SET", f"{key_prefix}x", "1")
    await client.command("SET", f"other-{key_prefix}", "1")
    await admit(rules="other", rebuild=True)
    assert await client.command("EXISTS", f"{key_prefix}x") == 0
    assert await client.command("EXISTS", f"other-{key_prefix}") == 1


async def test_a_store_that_evicts_is_refused(own_store: StorePart, key_prefix: str) -> None:
    client = Store({"url": own_store.url}, patience=5)
    await client.command("CONFIG", "SET", "maxmemory-policy", "allkeys-lru")
    with pytest.raises(Refused, match="noeviction"):
        await admitting(client, key_prefix)()
    await client.aclose()
