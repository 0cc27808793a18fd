"""What readers see of an agent: a flat row. What it says at a later instant needs no further event."""

from __future__ import annotations

from typing import NamedTuple

import msgspec

from stream.core.agents.levels import AWAY, Levels, Trace
from stream.core.agents.part import ON, RING, WRAP_UP
from stream.core.agents.presence import AVAILABLE, LOGGED_OUT, UNKNOWN

ACTIVITIES = {ON: "on_interaction", WRAP_UP: "wrap_up", RING: "ringing"}
"""By kind of part, the first that an agent has."""
NONE = "none"
EXCLUSIVE = ("phone", "video")
"""Who is on one of these has no free slot on any channel."""


class OpenPart(NamedTuple):
    """What an agent is busy with: `kind` ring, on or wrap_up; from `since` to `until` (ms), None: nobody knows."""

    channel: str
    interaction_id: str
    queue: str | None
    kind: str
    since: int
    until: int | None


class AgentRow(NamedTuple):
    """One agent. Instants in ms; a row is stored, so only append fields.

    `presence` None: only work was heard of. `since`: of presence and reason. `queues` None, `slots` None: nobody told.
    `unknown_at`: when silence makes the presence unknown; None when logged out. `parts` ascend by `since`. `as_of`:
    until when the shard's cells know it.
    """

    presence: str | None
    reason: str | None
    since: int | None
    queues: list[str] | None
    slots: dict[str, int] | None
    heard_at: int
    unknown_at: int | None
    parts: list[OpenPart]
    as_of: int

    def presence_at(self, at: int) -> str:
        """Presence at an instant: unknown after silence, and of one who never told any."""
        if self.presence is None or (self.unknown_at is not None and self.unknown_at <= at):
            return UNKNOWN
        return self.presence

    def parts_at(self, at: int) -> list[OpenPart]:
        """What is still open at an instant."""
        return [part for part in self.parts if part.until is None or part.until > at]

    def activity_at(self, at: int) -> str:
        """What the agent does, by precedence: on_interaction > wrap_up > ringing > not_ready > available.

        Every channel counts, and work goes on whatever the presence. Who is logged out or unknown and has no work does
        `none`.

        >>> busy = OpenPart("chat", "1", "web", "on", 0, None)
        >>> row = AgentRow("not_ready", "lunch", 0, None, None, 0, 99, [busy], 0)
        >>> row.activity_at(50), row._replace(parts=[]).activity_at(50), row._replace(parts=[]).activity_at(99)
        ('on_interaction', 'not_ready', 'none')
        """
        kinds = {part.kind for part in self.parts_at(at)}
        for kind, activity in ACTIVITIES.items():
            if kind in kinds:
                return activity
        presence = self.presence_at(at)
        return NONE if presence in (UNKNOWN, LOGGED_OUT) else presence

    def slots_at(self, at: int) -> dict[str, tuple[int, int]]:
        """By channel: (slots in use, free slots) of one who is available; no slots while not, or when nobody told.

        A part takes one slot of its channel, its ringing and wrap-up too. An agent on the phone or in a video
        interaction has no free slot on any channel.

        >>> call = OpenPart("phone", "1", "support", "on", 0, None)
        >>> row = AgentRow("available", None, 0, None, {"phone": 1, "chat": 3}, 0, 99, [call], 0)
        >>> row.slots_at(50), row._replace(parts=[call._replace(channel="chat")]).slots_at(50)
        ({'phone': (1, 0), 'chat': (0, 0)}, {'phone': (0, 1), 'chat': (1, 2)})
        """
        if self.slots is None or self.presence_at(at) != AVAILABLE:
            return {}
        open_parts = self.parts_at(at)
        taken = any(part.channel in EXCLUSIVE for part in open_parts)
        found = {}
        for channel, slots in self.slots.items():
            used = sum(part.channel == channel for part in open_parts)
            found[channel] = used, 0 if taken else max(slots - used, 0)
        return found

    def ends(self, last: int) -> list[int]:
        """The instants after `as_of`, until `last`, at which something ends though nothing more is heard."""
        ends = {part.until for part in self.parts} | {self.unknown_at}
        return sorted(at for at in ends if at is not None and self.as_of < at <= last)

    def trace(self, levels: Levels, last: int) -> Trace:
        """How the levels go on from `as_of`, to `last`, if nothing more is heard."""
        return [(at, self._values(levels, at)) for at in (self.as_of, *self.ends(last))]

    def _values(self, levels: Levels, at: int) -> tuple[int, ...]:
        counts = [0] * (levels.rings + 1)
        for part in self.parts_at(at):
            lane = levels.lanes.get(part.channel)
            if lane is not None:
                counts[levels.rings if part.kind == RING else lane] += 1
        presence = self.presence_at(at)
        return levels.values(counts, AWAY if presence == UNKNOWN else levels.standing(presence, self.slots))


decode = msgspec.msgpack.Decoder(AgentRow).decode
