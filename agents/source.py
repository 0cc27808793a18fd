"""What a partition's task asks of its surroundings."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from faust.types import TP

    from agents.partition import Partition


_POLL_SECONDS = 0.5


class Source(Protocol):
    """What a partition's task asks of its surroundings."""

    def full(self, tp: TP) -> None:
        """Hand on no more batches of this partition."""

    def hungry(self, tp: TP) -> None:
        """Hand on batches again."""

    async def place(self, tp: TP, offset: int) -> None:
        """Read on from here."""

    async def confirm(self, tp: TP, offset: int) -> bool:
        """Whether the group still takes this partition to be ours."""

    async def reopen(self, partition: Partition) -> None:
        """Take the shard anew."""

    async def may_open(self, partition: Partition) -> bool:
        """Whether a partition that was closed for a switch may be opened again. Raises Switched."""

    async def brake(self, partition: Partition) -> None:
        """Put up the sign that the partition stands."""

    async def is_braked(self, partition: Partition) -> bool:
        """Whether the sign is still there."""


async def opened(partition: Partition, source: Source) -> None:
    """Wait while other figures are to take the place of ours. Raises Switched when they have."""
    while partition.closed:
        partition.standing = "closed"
        if await source.may_open(partition):
            await source.reopen(partition)
        else:
            await asyncio.sleep(_POLL_SECONDS)
    if partition.standing == "closed":
        partition.standing = "reading"
