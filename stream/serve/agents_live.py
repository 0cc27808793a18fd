"""Agents as they are at an instant: each, counted by presence and activity, by queue; their slots. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from stream.core.agents.presence import AVAILABLE, LOGGED_OUT, NOT_READY, PRESENCES, UNKNOWN
from stream.core.agents.row import ACTIVITIES, NONE, AgentRow
from stream.core.rules import DAY, Rules
from stream.core.scope import place
from stream.serve.past import text
from stream.state.snapshot import Snapshot

Queue = tuple[str, str]
Rows = dict[str, AgentRow]
OTHER = "other"
STATES = ("staffed", AVAILABLE, *ACTIVITIES.values(), NOT_READY)
"""Of agents in a queue: all who are logged in and heard of, and each of these by what they do."""
SLOT_STATES = ("used", "free")
_SHOWN_MS = 3 * DAY


def rows(snapshot: Snapshot, at_ms: int) -> Rows:
    """The agents to show: those heard of in the last three days, or at work."""
    return {
        agent_id: row
        for agent_id, row in sorted(snapshot.agent_rows().items())
        if row.heard_at > at_ms - _SHOWN_MS or row.parts_at(at_ms)
    }


def agents(found: Rows, teams: Mapping[str, list[str]], at_ms: int) -> list[dict[str, Any]]:
    """The live state of each agent, by name. Instants as text; `slots`: told, in use, and
    free, by channel; only who is available has free ones.
    """
    return [
        {
            "agent": agent_id,
            "teams": [team for team, members in teams.items() if agent_id in members],
            "presence": row.presence_at(at_ms),
            "reason": row.reason if row.presence_at(at_ms) == row.presence else None,
            "activity": row.activity_at(at_ms),
            "since_at": text(row.unknown_at if row.presence_at(at_ms) == UNKNOWN else row.since),
            "heard_at": text(row.heard_at),
            "queues": row.queues,
            "slots": _slots(row, at_ms),
            "interactions": [
                {
                    "channel": part.channel, "interaction_id": part.interaction_id, "queue": part.queue,
                    "activity": ACTIVITIES[part.kind], "since_at": text(part.since),
                    "until_at": text(part.until),
                }
                for part in row.parts_at(at_ms)
            ],
        }
        for agent_id, row in found.items()
    ]  # fmt: skip


def _slots(row: AgentRow, at_ms: int) -> dict[str, dict[str, int]]:
    live, used = row.slots_at(at_ms), Counter(part.channel for part in row.parts_at(at_ms))
    return {
        channel: {"slots": n, "used": used[channel], "free": live.get(channel, (0, 0))[1]}
        for channel, n in (row.slots or {}).items()
    }


def by_activity(found: Rows, at_ms: int) -> Counter[tuple[str, str]]:
    """How many agents by (presence, activity); what could be is there with 0."""
    counts: Counter[tuple[str, str]] = Counter()
    for presence in PRESENCES:
        idle = NONE if presence in (LOGGED_OUT, UNKNOWN) else presence
        counts.update({(presence, activity): 0 for activity in (*ACTIVITIES.values(), idle)})
    counts.update((row.presence_at(at_ms), row.activity_at(at_ms)) for row in found.values())
    return counts


def not_ready(found: Rows, reasons: Iterable[str], at_ms: int) -> Counter[str]:
    """How many agents are not ready, by reason: those that are listed, else `other`."""
    counts = Counter(dict.fromkeys((*reasons, OTHER), 0))
    for row in found.values():
        if row.presence_at(at_ms) == NOT_READY:
            counts[row.reason if row.reason in counts and row.reason else OTHER] += 1
    return counts


def queues_of(row: AgentRow, queues: Mapping[str, list[str]]) -> Iterator[Queue]:
    """The (channel, queue) that an agent serves: queues told by name, on the channels of the slots.

    `queues`: the channels that have a queue of a name. Without slots, all of them.
    """
    for name in row.queues or ():
        for channel in queues.get(name) or row.slots or ():
            if row.slots is None or row.slots.get(channel, 0) > 0:
                yield channel, name


def channels_of(snapshot: Snapshot, rules: Rules) -> dict[str, list[str]]:
    """Channels by name of queue: of queues that are configured or have ever been used."""
    seen = {(at.channel, at.queue) for at in map(place, snapshot.scopes()) if at.queue is not None}
    found: dict[str, list[str]] = {}
    for channel, queue in sorted(seen | rules.queues.keys()):
        found.setdefault(str(queue), []).append(channel)
    return found


def by_queue(found: Rows, queues: Mapping[str, list[str]], at_ms: int) -> dict[Queue, Counter[str]]:
    """Per queue how many agents by STATES; an agent of several queues counts in each."""
    counts: dict[Queue, Counter[str]] = {}
    for row in found.values():
        if row.presence_at(at_ms) in (AVAILABLE, NOT_READY):
            for queue in queues_of(row, queues):
                counts.setdefault(queue, Counter()).update(("staffed", row.activity_at(at_ms)))
    return counts


def slots(found: Rows, queues: Mapping[str, list[str]], at_ms: int) -> dict[Queue, Counter[str]]:
    """Per queue the slots of its channel that its available agents have in use, and free ones."""
    counts: dict[Queue, Counter[str]] = {}
    for row in found.values():
        by_channel = row.slots_at(at_ms)
        for channel, queue in queues_of(row, queues):
            used, free = by_channel.get(channel, (0, 0))
            counts.setdefault((channel, queue), Counter()).update(used=used, free=free)
    return counts
