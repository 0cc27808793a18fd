"""A worker of the tests: the real one, and with UNGUARDED set, one whose shards have a comparison taken out.

UNGUARDED=base: the commit no longer compares the stored offset with the batch's base, nor does a load with what is
believed. UNGUARDED=owner: nor the run and the epoch.
"""

from __future__ import annotations

import os
import re
import sys

from agents.worker import PROCESSORS, run_processors
from stream.settings import Settings
from stream.state.shard import COMMIT, Shard
from stream.state.store import Script, Store

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


if __name__ == "__main__":
    chosen = [PROCESSORS[name] for name in sys.argv[1:]]
    sys.exit(run_processors(Settings(), chosen, new_shard=UnguardedShard if TAKEN_OUT else Shard))
