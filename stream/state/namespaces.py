"""Which namespaces there are, which of them is live, and how another one takes its place. `stream.settings_names`.

| step of a switch | what stops halfway there |
|---|---|
| `take`: one process at a time, for as long as it says that it lives | nothing has changed |
| `close`: no owner of a live shard commits any more, nor opens it | workers open it once nobody switches |
| `flip`: the other namespace is live, if nobody has opened a shard since | is one command |

Names, pointer and switch are one slot, so that scripts see them together.
"""

from __future__ import annotations

from secrets import token_hex
from typing import TYPE_CHECKING, Any, Protocol

import msgspec

from stream.settings_names import FIRST
from stream.state.keys import shard_keys
from stream.state.namespace_keys import namespace_keys
from stream.state.store import Script

if TYPE_CHECKING:
    from collections.abc import Iterable

    from stream.settings import Settings
    from stream.state.store import Store

SWITCH_MS = 15_000
_REOPEN_MS = 3_000
_REOPENING = "reopening"
_LUA = {name: Script(name) for name in ("close", "flip", "renew", "reopen", "copy")}


class Asked(Protocol):
    """What a command is asked with."""

    async def command(self, *parts: str | bytes | int) -> Any:
        """The answer."""


class Namespace(msgspec.Struct, frozen=True, kw_only=True):
    """What is known of one. `since`: from when on the log is counted (ms), None: all of it; `made_at` (ms)."""

    made_at: int
    since: int | None = None


encode = msgspec.msgpack.Encoder().encode
_decode = msgspec.msgpack.Decoder(Namespace).decode
_topic = msgspec.msgpack.Decoder(tuple[int, Any]).decode


async def live(store: Asked, key_prefix: str) -> str:
    """The live namespace."""
    told = await store.command("GET", namespace_keys(key_prefix).live)
    return FIRST if told is None else told.decode()


async def resolved(store: Asked, settings: Settings) -> Settings:
    """The settings, of the namespace that they name, else of the live one."""
    return settings.within(settings.namespace or await live(store, settings.key_prefix))


async def known(store: Asked, key_prefix: str) -> dict[str, Namespace]:
    """All that were made, without the first."""
    told = await store.command("HGETALL", namespace_keys(key_prefix).known)
    pairs = told.items() if isinstance(told, dict) else zip(told[::2], told[1::2], strict=True)
    return {name.decode(): _decode(packed) for name, packed in pairs}


def partitions(packed: bytes) -> int:
    """Of a topic, as a namespace's hash of topics has it."""
    return int(_topic(packed)[0])


class Switch:
    """Of this process, while it lives. `settings`: of the live namespace."""

    def __init__(self, store: Store, settings: Settings) -> None:
        self._store, self._settings = store, settings
        self._keys = namespace_keys(settings.key_prefix)
        self._token = token_hex(8)

    async def take(self) -> bool:
        """Be the one who switches; False: somebody else is."""
        told = await self._store.command("SET", self._keys.switch, self._token, "NX", "PX", SWITCH_MS)
        return told is not None

    async def renew(self) -> bool:
        """Say that we live; False: we have been taken for dead."""
        return bool(await self._store.run(_LUA["renew"], [self._keys.switch], [self._token, SWITCH_MS]))

    async def close(self, shards: Iterable[tuple[str, int]]) -> dict[tuple[str, int], int]:
        """Close live shards; where each stands from now on. One that nobody has opened stands nowhere."""
        found = {}
        for shard in shards:
            head = shard_keys(self._settings.store_prefix, *shard).head
            offset = await self._store.run(_LUA["close"], [head], [self._token])
            if offset is not None:
                found[shard] = int(offset)
        return found

    async def take_over(self, shards: Iterable[tuple[str, int]], other: Settings) -> None:
        """Copy closed shards, whole, to another namespace: of what is not counted again."""
        for shard in shards:
            pair = [*shard_keys(self._settings.store_prefix, *shard), *shard_keys(other.store_prefix, *shard)]
            await self._store.run(_LUA["copy"], pair, [])

    async def flip(self, other: str) -> bool:
        """Make another namespace live; False: we had been taken for dead, and nothing has changed."""
        keys = [self._keys.switch, self._keys.live]
        return bool(await self._store.run(_LUA["flip"], keys, [self._token, self._settings.namespace or FIRST, other]))

    async def leave(self) -> None:
        """Switch no more. What is closed is opened by its owners."""
        await self._store.run(_LUA["renew"], [self._keys.switch], [self._token, 0])


async def opened_again(store: Store, settings: Settings, shards: Iterable[tuple[str, int]]) -> bool:
    """Open closed shards of a namespace, unless a switch goes on; from then on that one can no longer end."""
    keys = namespace_keys(settings.key_prefix)
    ours: list[str | int] = [_REOPENING, _REOPEN_MS, settings.namespace or FIRST]
    if not await store.run(_LUA["reopen"], [keys.switch, keys.live], ours):
        return False
    await open_again(store, settings, shards)
    return True


async def open_again(store: Store, settings: Settings, shards: Iterable[tuple[str, int]]) -> None:
    """Open closed shards of a namespace that is not live."""
    for shard in shards:
        await store.command("HDEL", shard_keys(settings.store_prefix, *shard).head, "closed")
