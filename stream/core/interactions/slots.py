"""Where an interaction's stamps stand: numbered slots, so that a step of its life costs what it changes.

Four slots a segment (number * 4 + slot). Below zero those of the interaction: fixed ones, then one for each thing that
can happen repeatedly. `added` and `removed` note what has changed; what stands is packed, as it is kept. `cuts`
counts how often entries have moved.
"""

from __future__ import annotations

from stream.core.interactions import stamps
from stream.core.scope import channel_scope, scope
from stream.core.stage import Stamp

SEGMENT_OFFERED, SEGMENT_LEFT, SEGMENT_HANDLED, SEGMENT_TIMED_OUT = range(4)
FIRST_OFFERED, FIRST_ANSWERED, LOST, UNIDENTIFIED = -1, -2, -3, -4
STARTED, BOT, CONTAINED = -5, -6, -7
REPEATABLE = -10
_MOST = 10_000
_scopes: dict[tuple[str, bool], dict[str | None, str]] = {}


class Slots:
    """See the module. `stamps`: entries of `stamps`. `whole`: the scope of what belongs to the channel."""

    __slots__ = ("added", "channel", "cuts", "inbound", "marks", "removed", "scopes", "stamps", "whole")

    def __init__(self, channel: str, *, inbound: bool) -> None:
        self.marks = REPEATABLE
        self.stamps = b""
        self.cuts = 0
        self.channel = channel
        self.inbound = inbound
        self.scopes = _scopes.setdefault((channel, inbound), {})
        self.whole = channel_scope(channel, inbound)
        self.added: list[Stamp] = []
        self.removed: list[Stamp] = []

    def add(self, slot: int, at: int, where: str, increments: tuple[int, ...]) -> None:
        """Let a stamp stand in a slot that is empty."""
        stamp = (at, where, increments)
        self.stamps += stamps.entry(slot, stamp)
        self.added.append(stamp)

    def put(self, slot: int, at: int, where: str, increments: tuple[int, ...], hint: int = 0) -> int:
        """Let a stamp stand in a slot, instead of the one that may stand there; returns where its entry begins.

        `hint`: such a place, as long as `cuts` has not changed since.
        """
        stamp = (at, where, increments)
        found = stamps.find(self.stamps, slot, hint)
        entry = stamps.entry(slot, stamp)
        self.added.append(stamp)
        if found is None:
            self.stamps += entry
            return len(self.stamps) - len(entry)
        begin, end = found
        before = self.stamps[begin:end]
        if before == entry:
            self.added.pop()
            return begin
        self.removed.append(stamps.unpack(before[stamps.HEAD :]))
        self.stamps = self.stamps[:begin] + entry + self.stamps[end:]
        if len(before) != len(entry):
            self.cuts += 1
        return begin

    def drop(self, slot: int) -> None:
        """Empty a slot."""
        found = stamps.find(self.stamps, slot)
        if found is not None:
            self.removed.append(stamps.unpack(self.stamps[found[0] + stamps.HEAD : found[1]]))
            self.cuts += 1
            self.stamps = self.stamps[: found[0]] + self.stamps[found[1] :]

    def mark(self, at: int, where: str, increments: tuple[int, ...]) -> int:
        """Let a stamp stand in a slot of its own; returns the slot."""
        self.marks -= 1
        self.add(self.marks, at, where, increments)
        return self.marks

    def scope(self, queue: str | None) -> str:
        """The scope of a queue of this channel and direction."""
        found = self.scopes.get(queue)
        if found is None:
            if len(self.scopes) > _MOST:
                self.scopes.clear()
            found = self.scopes[queue] = scope(self.channel, self.inbound, queue)
        return found
