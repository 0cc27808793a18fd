"""What the queues of a channel are counted by: found once for each queue and direction, and remembered."""

from __future__ import annotations

from bisect import bisect_left
from typing import Final

from stream.core.rules import QueueRules, Rules
from stream.core.scope import channel_scope, scope

_MOST: Final = 10_000


class Desk:
    """One queue, or the work that no queue sent: its scope, its rules, and of these what most events ask for (ms)."""

    __slots__ = ("own", "scope", "short_abandon_ms", "threshold_ms", "wrap_up_cap_ms")

    def __init__(self, name: str, own: QueueRules) -> None:
        self.scope = name
        self.own = own
        self.threshold_ms: int = own.threshold_ms
        self.short_abandon_ms: int = own.short_abandon_ms
        self.wrap_up_cap_ms: int = own.wrap_up_cap_ms


class Desks:
    """A channel's desks, of one direction. `whole`: the scope of what belongs to the channel.

    `other`: those of the other direction, once asked for.
    """

    __slots__ = (
        "_bounds_ms", "_known", "channel", "clock_skew_ms", "inbound", "other", "parked", "rules", "threaded", "whole",
    )  # fmt: skip

    def __init__(self, channel: str, rules: Rules, *, inbound: bool) -> None:
        self.channel = channel
        self.rules = rules
        self.inbound = inbound
        self.whole = channel_scope(channel, inbound)
        self.clock_skew_ms: int = rules.clock_skew_ms
        self.parked: bool = rules.channels[channel].parked
        self.threaded: bool = rules.channels[channel].threaded
        self._bounds_ms: tuple[int, ...] = rules.bounds_ms
        self._known: dict[str | None, Desk] = {}
        self.other: Desks | None = None

    def of(self, inbound: bool) -> Desks:
        """Those of a direction."""
        if inbound == self.inbound:
            return self
        if self.other is None:
            self.other = Desks(self.channel, self.rules, inbound=inbound)
            self.other.other = self
        return self.other

    def desk(self, queue: str | None) -> Desk:
        """That of a queue; None: of work that no queue sent."""
        found = self._known.get(queue)
        if found is None:
            if len(self._known) > _MOST:
                self._known.clear()
            own = self.rules.queue(self.channel, queue)
            found = self._known[queue] = Desk(scope(self.channel, self.inbound, queue), own)
        return found

    def bound(self, value_ms: int) -> int:
        """As `Rules.bound`."""
        return bisect_left(self._bounds_ms, value_ms)
