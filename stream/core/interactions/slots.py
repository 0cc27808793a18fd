"""Where an interaction's stamps stand: numbered slots, so that a step of its life costs what it changes.

Four slots a segment (number * 4 + slot). Below zero those of the interaction: fixed ones, then one for each thing that
can happen repeatedly. `added` and `removed` note what has changed; what stands is packed, as it is kept.
"""

from __future__ import annotations

from typing import Any, Final

from stream.core.interactions import stamps
from stream.core.interactions.desks import Desk, Desks
from stream.core.stage import Stamp

SEGMENT_OFFERED: Final = 0
SEGMENT_LEFT: Final = 1
SEGMENT_HANDLED: Final = 2
SEGMENT_TIMED_OUT: Final = 3
FIRST_OFFERED: Final = -1
FIRST_ANSWERED: Final = -2
LOST: Final = -3
UNIDENTIFIED: Final = -4
STARTED: Final = -5
BOT: Final = -6
CONTAINED: Final = -7
REPEATABLE: Final = -10


class Slots:
    """See the module. `stamps`: entries of `stamps`. `whole`: the scope of what belongs to the channel."""

    __slots__ = ("added", "channel", "desks", "inbound", "marks", "removed", "rules", "stamps", "whole")

    def __init__(self, desks: Desks) -> None:
        self.desks = desks
        self.channel = desks.channel
        self.rules = desks.rules
        self.inbound = desks.inbound
        self.whole = desks.whole
        self.marks = REPEATABLE
        self.stamps = b""
        self.added: list[Stamp] = []
        self.removed: list[Stamp] = []

    def add(self, slot: int, at: int, where: str, increments: tuple[int, ...]) -> None:
        """Let a stamp stand in a slot that is empty."""
        stamp: Any = (at, where, increments)
        self.stamps += stamps.entry(slot, stamp)
        self.added.append(stamp)

    def put(self, slot: int, at: int, where: str, increments: tuple[int, ...]) -> None:
        """Let a stamp stand in a slot, instead of the one that may stand there."""
        stamp: Any = (at, where, increments)
        entry, found = stamps.entry(slot, stamp), stamps.find(self.stamps, slot)
        if found is None:
            self.stamps += entry
            self.added.append(stamp)
            return
        begin, end = found
        before = self.stamps[begin:end]
        if before != entry:
            self.stamps = self.stamps[:begin] + entry + self.stamps[end:]
            self.added.append(stamp)
            self.removed.append(stamps.unpack(before[stamps.HEAD :]))

    def drop(self, slot: int) -> None:
        """Empty a slot."""
        found = stamps.find(self.stamps, slot)
        if found is not None:
            begin, end = found
            self.removed.append(stamps.unpack(self.stamps[begin + stamps.HEAD : end]))
            self.stamps = self.stamps[:begin] + self.stamps[end:]

    def mark(self, at: int, where: str, increments: tuple[int, ...]) -> int:
        """Let a stamp stand in a slot of its own; returns the slot."""
        self.marks -= 1
        self.add(self.marks, at, where, increments)
        return self.marks

    def desk(self, queue: str | None) -> Desk:
        """What a queue of this channel and direction is counted by; None: work that no queue sent."""
        return self.desks.desk(queue)

    def scope(self, queue: str | None) -> str:
        """The scope of a queue of this channel and direction."""
        return self.desks.desk(queue).scope
