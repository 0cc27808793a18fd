"""A partition that stands still with lag ends the process; one that is braked, or has nothing to do, does not."""

from __future__ import annotations

import asyncio
from types import SimpleNamespace
from typing import Any

import pytest
from faust.types import TP

from agents.metrics import Metrics
from agents.owner import Partitions
from agents.watchdog import StoodStill, Watchdog
from stream.settings import Settings

AT = TP("interactions.phone", 0)


class Surroundings:
    """An app and its partitions, as far as the watchdog looks at them."""

    def __init__(self, offset: int, end: int, standing: str = "reading") -> None:
        shard = SimpleNamespace(offset=offset, name="interactions.phone:0")
        self.partition = SimpleNamespace(tp=AT, shard=shard, standing=standing)
        self.owned = {AT: self.partition}
        self.end, self.position, self.batches = end, offset, self

    async def know_topics(self) -> None: ...

    def let_go(self, reached: dict[TP, int]) -> None: ...

    async def reached(self, applied: dict[TP, int]) -> dict[TP, int]:
        return {tp: max(offset, self.position) for tp, offset in applied.items()}

    async def bounds(self, tps: list[TP]) -> tuple[dict[TP, int], dict[TP, int]]:
        return dict.fromkeys(tps, 0), dict.fromkeys(tps, self.end)


async def watch(around: Any, seconds: float = 0.5) -> None:
    watchdog = Watchdog(around, around, Metrics(), limit=0.2)
    async with asyncio.timeout(seconds):
        await watchdog.run()


async def test_a_partition_with_lag_that_stands_still_ends_the_process() -> None:
    with pytest.raises(StoodStill, match="stands at 5 with a lag of 5"):
        await watch(Surroundings(5, 10), 5)


@pytest.mark.parametrize("standing", ["braked", "waiting"])
async def test_a_partition_that_must_wait_does_not(standing: str) -> None:
    with pytest.raises(TimeoutError):
        await watch(Surroundings(5, 10, standing))


async def test_a_trailing_marker_is_no_lag() -> None:
    around = Surroundings(9, 10)
    around.position = 10
    with pytest.raises(TimeoutError):
        await watch(around)


async def test_a_partition_that_moves_does_not() -> None:
    around = Surroundings(0, 1_000_000)

    async def move() -> None:
        while True:
            around.partition.shard.offset += 1
            await asyncio.sleep(0.02)

    moving = asyncio.create_task(move())
    with pytest.raises(TimeoutError):
        await watch(around)
    moving.cancel()


async def test_while_it_owns_nothing_a_rebuild_goes_on_holding_what_it_holds(
    capsys: pytest.CaptureFixture[str],
) -> None:
    nobody: Any = None
    owner = Partitions(nobody, Settings(), nobody, nobody, nobody, [], "", Metrics(), accept_loss=False, rebuild=True)
    around = Surroundings(0, 0)
    around.owned, around.let_go = {}, owner.let_go  # type: ignore[method-assign]
    with pytest.raises(TimeoutError):
        await watch(around)
    assert "rebuilt" not in capsys.readouterr().out
