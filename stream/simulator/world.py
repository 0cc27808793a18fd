"""What everybody in the simulation shares: time, chance, the journal. Knows no channel."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING

import simpy

from stream.simulator.journal import Journal

if TYPE_CHECKING:
    from collections.abc import Callable

    from stream.simulator.profile import Profile

HOUR_MS = 3_600_000


class World:
    """Simulated time in epoch milliseconds, one source of chance, one journal."""

    def __init__(self, profile: Profile, seed: int, start_ms: int) -> None:
        self.profile = profile
        self.env = simpy.Environment(initial_time=start_ms)
        self.rng = random.Random(seed)
        self.run = f"{seed}-{start_ms // 1000:x}"
        self.journal = Journal(self.run, self.env)

    def now(self) -> int:
        """The simulated instant, epoch milliseconds."""
        return int(self.env.now)

    def hour(self) -> int:
        """Hour of the day, 0-23, UTC."""
        return self.now() // HOUR_MS % 24

    def later(self, ms: float, act: Callable[[], None]) -> None:
        """Does something after a while."""
        self.env.timeout(int(ms)).callbacks.append(lambda _: act())

    def pause(self, seconds: float) -> simpy.Timeout:
        """A wait of exactly this long, at least a millisecond."""
        return self.env.timeout(max(1, int(seconds * 1000)))

    def about(self, seconds: float, shape: float = 3.0) -> simpy.Timeout:
        """A wait of this long on average (gamma; a higher shape scatters less)."""
        return self.pause(self.rng.gammavariate(shape, seconds / shape))

    def chance(self, share: float) -> bool:
        """True in this share of cases."""
        return self.rng.random() < share
