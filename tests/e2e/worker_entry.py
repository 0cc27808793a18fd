"""A worker of the tests: the real one, and with UNGUARDED set, one whose shards have a comparison taken out.

UNGUARDED=base: the commit no longer compares the stored offset with the batch's base, nor does a load with what is
believed. UNGUARDED=owner: nor the run and the epoch. What goes wrong in telling: `tests.e2e.faults`.
SAYS_HELD=1: whenever Kafka's group is told of offsets, how many things Faust's consumer holds.
"""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Collection, Mapping
from functools import partial
from typing import TYPE_CHECKING, Any

from agents.processor import Processor
from agents.transport import BatchConsumer
from agents.worker import PROCESSORS, run_processors
from stream.core.books.ledger import Ledger
from stream.core.books.room import Room
from stream.core.interactions.interaction import Interaction, Interactions
from stream.core.times.window import zone_of
from stream.settings import Settings
from stream.state.shard import COMMIT, Shard
from stream.state.store import Script, Store
from tests.e2e import faults

if TYPE_CHECKING:
    from stream.core.stage import Change

TAKEN_OUT = os.environ.get("UNGUARDED", "")


class UnguardedScript(Script):
    """The commit's script without a comparison."""

    def __init__(self) -> None:
        super().__init__(COMMIT.name)
        parts = ("base", "owner") if TAKEN_OUT == "owner" else ("base",)
        for part in parts:
            self.text, n = re.subn(rf"-- {part}: begin.*?-- {part}: end", "", self.text, flags=re.DOTALL)
            assert n == 1
        self.digest = "0" * 40


class UnguardedShard(Shard):
    """A shard that believes its own memory."""

    def __init__(self, store: Store, key_prefix: str, topic: str, partition: int) -> None:
        super().__init__(store, key_prefix, topic, partition, UnguardedScript())

    def _verify(self, head: list[bytes | None]) -> None:
        """Never looks."""


class Faulty(Interactions):
    """A stage with a bug: queue `bug` brings it out."""

    def apply(self, state: Interaction, event: Any, now: int) -> Change:
        change = super().apply(state, event, now)
        if event.data.queue == "bug":
            raise ZeroDivisionError("a bug of ours")
        return change


def faulty(settings: Settings, room: Room) -> Ledger:
    """Books of the faulty stage."""
    rules = settings.rules()
    return Ledger(Faulty(rules, "phone"), partial(zone_of, rules), room)


def held(consumer: BatchConsumer) -> int:
    """How many things are in what a consumer keeps, and in those of them that keep some."""
    kept = [each for each in vars(consumer).values() if isinstance(each, Collection) and not isinstance(each, str)]
    inner = [thing for each in kept if isinstance(each, Mapping) for thing in each.values()]
    return sum(map(len, kept)) + sum(len(each) for each in inner if isinstance(each, Collection))


def say_held() -> None:
    """Says it from now on."""
    commit = BatchConsumer.commit

    async def committing(self: BatchConsumer, *given: Any, **more: Any) -> bool:
        sys.stdout.write(f"held: {held(self)}\n")
        sys.stdout.flush()
        return await commit(self, *given, **more)

    BatchConsumer.commit = committing  # type: ignore[method-assign]


if __name__ == "__main__":
    faults.install()
    if "SAYS_HELD" in os.environ:
        say_held()
    known = PROCESSORS | {"faulty": Processor("faulty", "interactions.phone", faulty)}
    chosen = [known[name] for name in sys.argv[1:] if name in known]
    code = run_processors(
        Settings(),
        chosen,
        rebuild="--rebuild" in sys.argv,
        accept_loss="--accept-loss" in sys.argv,
        new_shard=UnguardedShard if TAKEN_OUT else faults.FaultyShard,
    )
    sys.exit(code)
