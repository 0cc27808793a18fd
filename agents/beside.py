"""A worker that counts a namespace beside the live one: it tells nobody, and stays behind the live one.

Who has started it says in Redis where each input begins (`starts`) and how far it may be counted (`bounds`). When that
process is gone, so is this worker.
"""

from __future__ import annotations

import asyncio
import os
from typing import TYPE_CHECKING, Any

from agents.deadletters import Brake
from agents.partition import Partition
from agents.records import Batch
from stream.state.namespace_keys import beside_keys

if TYPE_CHECKING:
    from stream.settings import Settings
    from stream.state.store import Store

FAR = 2**62
_LOOK_SECONDS = 0.1


class Deserted(Exception):
    """Who has started us is gone."""


class Beside:
    """What this worker is told."""

    def __init__(self, store: Store, settings: Settings) -> None:
        self._store, self._keys = store, beside_keys(settings.store_prefix)
        self._parent = os.getppid()
        self._starts: dict[str, int] = {}
        self._bounds: dict[str, int] = {}

    async def run(self) -> None:
        """Look until cancelled. Raises Deserted."""
        while os.getppid() == self._parent:
            await self.look()
            await asyncio.sleep(_LOOK_SECONDS)
        raise Deserted("the command that counted beside the live figures is gone")

    async def look(self) -> None:
        """Look once."""
        self._bounds = await self._told(self._keys.bounds)
        self._starts = self._starts or await self._told(self._keys.starts)

    async def _told(self, key: str) -> dict[str, int]:
        told = await self._store.command("HGETALL", key)
        pairs = told.items() if isinstance(told, dict) else zip(told[::2], told[1::2], strict=True)
        return {name.decode(): int(offset) for name, offset in pairs}

    def start(self, name: str, first: int) -> int:
        """Where a partition begins whose log begins at `first`."""
        return max(first, self._starts.get(name, 0))

    def bound(self, name: str, *, inside: bool) -> int:
        """How far a partition may be counted; `inside`: it is one of ours, and has no bound."""
        return FAR if inside else self._bounds.get(name, 0)


class Unbraked(Brake):
    """No brake: what was rejected has been, and was released."""

    def rejected(self, ahead: int) -> bool:
        """Never trips."""
        super().rejected(ahead)
        return False

    @property
    def tripped(self) -> bool:
        """Never."""
        return False


class BesidePartition(Partition):
    """A partition of such a worker. `inside`: of a topic between our stages."""

    def __init__(self, beside: Beside, inside: bool, *of: Any) -> None:
        super().__init__(*of)
        self._beside, self._inside = beside, inside

    async def _work(self, batch: Batch) -> None:
        rest: Batch | None = batch
        while rest is not None:
            now, rest = _cut(rest, self._beside.bound(self.shard.name, inside=self._inside))
            if now is not None:
                await super()._work(now)
            if rest is not None:
                if self.shard.offset != rest.base:
                    await self._source.place(self.tp, self.shard.offset)
                    return
                self.standing = "waiting"
                await asyncio.sleep(_LOOK_SECONDS)
                self.standing = "reading"


def _cut(batch: Batch, at: int) -> tuple[Batch | None, Batch | None]:
    """What of a batch is before an offset, and what is not."""
    if at <= batch.base:
        return None, batch
    if at >= batch.end:
        return batch, None
    before = [record for record in batch.records if record.offset < at]
    after = [record for record in batch.records if record.offset >= at]
    return Batch(batch.tp, batch.base, at, before), Batch(batch.tp, at, batch.end, after)
