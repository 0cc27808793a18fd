"""One namespace takes another's place, on both stores: what holds at each step, and who may undo it."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from stream.core.books.writes import Writes
from stream.settings import Settings
from stream.settings_error import SettingsError
from stream.state import incarnation, namespaces
from stream.state.keys import shard_keys
from stream.state.namespace_keys import namespace_keys
from stream.state.namespaces import Switch
from stream.state.shard import Closed, Shard
from stream.state.store import Store
from tests.parts.redis import Store as StorePart

PHONE, TWILIO = ("interactions.phone", 0), ("sources.twilio", 3)


@pytest.fixture
async def client(store: StorePart) -> AsyncIterator[Store]:
    client = Store({"url": store.url}, patience=20)
    yield client
    await client.aclose()


@pytest.fixture
def settings(key_prefix: str) -> Settings:
    return Settings(key_prefix=key_prefix).within("first")


def shard_of(client: Store, settings: Settings, shard: tuple[str, int]) -> Shard:
    return Shard(client, settings.store_prefix, *shard)


async def test_a_closed_shard_takes_no_commit_and_no_owner(client: Store, settings: Settings) -> None:
    shard = shard_of(client, settings, PHONE)
    await shard.open(100, "rules")
    switch = Switch(client, settings)
    assert await switch.take()
    assert await switch.close([PHONE, TWILIO]) == {PHONE: 100}
    assert (await shard.commit(100, 110, Writes())).word == "fenced"
    for each in (PHONE, TWILIO):
        with pytest.raises(Closed):
            await shard_of(client, settings, each).open(100, "rules")
    assert await shard.stored_offset() == 100


async def test_the_other_namespace_is_live_at_once(client: Store, settings: Settings) -> None:
    switch = Switch(client, settings)
    assert await namespaces.live(client, settings.key_prefix) == "first"
    assert await switch.take()
    assert await switch.flip("v2")
    resolved = await namespaces.resolved(client, Settings(key_prefix=settings.key_prefix))
    assert (resolved.namespace, resolved.store_prefix) == ("v2", settings.within("v2").store_prefix)
    back = Switch(client, resolved)
    assert await back.take()
    assert await back.flip("first")
    assert await namespaces.live(client, settings.key_prefix) == "first"


async def test_one_process_switches_at_a_time(client: Store, settings: Settings) -> None:
    one, other = Switch(client, settings), Switch(client, settings)
    assert await one.take()
    assert not await other.take()
    assert not await other.renew()
    assert not await other.flip("v2")
    await other.leave()
    assert await one.renew()
    await one.leave()
    assert await other.take()


async def test_what_a_dead_switch_closed_is_opened_and_it_cannot_end_then(client: Store, settings: Settings) -> None:
    switch, shard = Switch(client, settings), shard_of(client, settings, PHONE)
    await shard.open(100, "rules")
    assert await switch.take()
    await switch.close([PHONE])
    assert not await namespaces.opened_again(client, settings, [PHONE])
    await client.command("DEL", namespace_keys(settings.key_prefix).switch)  # its time is over
    assert await namespaces.opened_again(client, settings, [PHONE])
    assert (await shard.open(0, "rules")).offset == 100
    assert not await switch.renew()
    assert not await switch.flip("v2")
    assert await namespaces.live(client, settings.key_prefix) == "first"


async def test_what_was_closed_for_good_is_not_opened(client: Store, settings: Settings) -> None:
    switch = Switch(client, settings)
    assert await switch.take()
    await switch.close([PHONE])
    assert await switch.flip("v2")
    assert not await namespaces.opened_again(client, settings, [PHONE])
    with pytest.raises(Closed):
        await shard_of(client, settings, PHONE).open(0, "rules")


async def test_a_shard_is_taken_over_whole_and_open(client: Store, settings: Settings) -> None:
    other = settings.within("v2")
    shard, switch = shard_of(client, settings, TWILIO), Switch(client, settings)
    await shard.open(100, "rules")
    await shard_of(client, other, TWILIO).open(7, "rules")
    await shard.commit(100, 120, Writes(stream_time=5, states=["memory", b"m"]))
    assert await switch.take()
    await switch.close([TWILIO])
    await switch.take_over([TWILIO], other)
    taken = shard_of(client, other, TWILIO)
    head = await taken.open(0, "rules")
    assert (head.offset, head.stream_time) == (120, 5)
    assert (await taken.load(["memory"], ())).entities == [b"m"]
    assert await client.command("HEXISTS", shard_keys(settings.store_prefix, *TWILIO).head, "closed")


async def test_emptying_one_namespace_leaves_the_other_and_the_pointer(client: Store, settings: Settings) -> None:
    switch, other = Switch(client, settings), settings.within("v2")
    await client.command("SET", f"{settings.store_prefix}x", 1)
    await client.command("SET", f"{other.store_prefix}x", 1)
    assert await switch.take()
    assert await switch.flip("v2")
    await incarnation._empty(client, settings.store_prefix)
    assert await client.command("EXISTS", f"{settings.store_prefix}x") == 0
    assert await client.command("EXISTS", f"{other.store_prefix}x") == 1
    assert await namespaces.live(client, settings.key_prefix) == "v2"


@pytest.mark.parametrize("prefix", ["", "centralino"])
def test_keys_that_would_mix_are_refused(prefix: str) -> None:
    with pytest.raises(SettingsError, match="key_prefix"):
        Settings(key_prefix=prefix).within("v2")
    assert Settings(key_prefix=prefix).within("first").store_prefix == prefix
