"""A second count of the interactions, written for the demo's customers alone, to hold the product's against.

Shares no code with what it checks: own decoding, own rules, no shortcuts. Each event once, by source and id; each
interaction's events in the order in which they were written; what they say counted one after the other. Valid for what
the simulator sends and for the default settings; what it does not know it leaves out.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime

import msgspec

SHORT_ABANDON_MS = 5_000
SILENCE_MS = {"phone": 4 * 3_600_000, "video": 4 * 3_600_000, "chat": 24 * 3_600_000}

Figure = tuple[str, str, str]
"""Channel, queue (empty: none, or the channel's records), outcome."""
Place = tuple[str, int]
"""Topic with its prefix, partition."""


class _Data(msgspec.Struct):
    interaction_id: str
    queue: str | None = None
    agent_id: str | None = None
    to_queue: str | None = None
    direction: str | None = None
    initiation: str | None = None
    by: str | None = None


class _Event(msgspec.Struct):
    id: str
    source: str
    type: str
    time: datetime
    data: _Data
    revision: int = 0


class _Stay(msgspec.Struct):
    """An agent's part: who, for which queue, from, until (None: still on), wrap-up in ms (None: not over)."""

    agent: str | None
    queue: str
    since: int
    until: int | None = None
    wrap_up: int | None = None


@dataclass(slots=True)
class _Interaction:
    channel: str
    events: dict[tuple[str, str], _Event] = field(default_factory=dict)
    counts: Counter[Figure] = field(default_factory=Counter)
    waits_in: str | None = None
    last_at: int = 0


_decode = msgspec.json.Decoder(_Event).decode


class Recount:
    """Counts what is added. `records` per channel: "applied" and "duplicate", as the records were new or not."""

    def __init__(self) -> None:
        self._known: dict[tuple[Place, str], _Interaction] = {}
        self._changed: set[tuple[Place, str]] = set()
        self._latest: Counter[Place] = Counter()
        self._records: Counter[Figure] = Counter()

    def add(self, place: Place, channel: str, value: bytes) -> None:
        """One record of a partition of the channel's topic."""
        try:
            event = _decode(value)
        except msgspec.DecodeError:
            return
        key = place, event.data.interaction_id
        known = self._known.get(key)
        if known is None:
            known = self._known[key] = _Interaction(channel)
        before = known.events.get((event.source, event.id))
        if before is not None and event.revision <= before.revision:
            self._records[channel, "", "duplicate"] += 1
            return
        self._records[channel, "", "applied"] += 1
        known.events[event.source, event.id] = event
        self._changed.add(key)
        self._latest[place] = max(self._latest[place], _ms(event))

    def figures(self) -> Counter[Figure]:
        """All figures that are not 0: numbers of segments, `wait_ms` and `handle_ms`, records by result."""
        for key in self._changed:
            _count(self._known[key])
        self._changed.clear()
        total = Counter(self._records)
        for (place, _), known in self._known.items():
            total.update(known.counts)
            silence = SILENCE_MS.get(known.channel)
            if known.waits_in is not None and silence and known.last_at + silence <= self._latest[place]:
                total[known.channel, known.waits_in, "timed_out"] += 1
        return Counter({figure: number for figure, number in total.items() if number})


def _count(known: _Interaction) -> None:
    """What an interaction's events come to, from the first to the last."""
    events = sorted(known.events.values(), key=_turn)
    known.counts, known.waits_in, known.last_at = Counter(), None, _ms(events[-1])
    if _outbound(events):
        return
    waiting: tuple[str, int] | None = None
    stays: list[_Stay] = []
    passed_to = ""

    def count(queue: str, outcome: str, number: int = 1) -> None:
        known.counts[known.channel, queue, outcome] += number

    def agent_leaves(at: int) -> None:
        if stays and stays[-1].until is None:
            stays[-1].until = at

    for event in events:
        kind, at, data = event.type.removeprefix("interaction."), _ms(event), event.data
        if kind == "queued":
            waiting = data.queue or "", at
            count(waiting[0], "offered")
        elif kind == "answered":
            if waiting is not None:
                count(waiting[0], "answered")
                count(waiting[0], "wait_ms", at - waiting[1])
            stays.append(_Stay(data.agent_id, waiting[0] if waiting else data.queue or passed_to, at))
            waiting = None
        elif kind == "transferred":
            agent_leaves(at)
            passed_to = data.to_queue or ""
        elif kind == "wrapped_up":
            over = [stay for stay in stays if stay.agent == data.agent_id and stay.until and stay.wrap_up is None]
            if over:
                over[-1].wrap_up = at - (over[-1].until or at)
        elif kind in ("abandoned", "flowed_out", "ended"):
            if waiting is not None:
                left = kind == "abandoned" or (kind == "ended" and data.by in ("customer", None))
                count(waiting[0], "abandoned" if left else "flowed_out")
                if left and at - waiting[1] <= SHORT_ABANDON_MS:
                    count(waiting[0], "short_abandoned")
                waiting = None
            if kind == "ended":
                agent_leaves(at)
    for stay in stays:
        if stay.until is not None:
            count(stay.queue, "handled")
            count(stay.queue, "handle_ms", stay.until - stay.since + (stay.wrap_up or 0))
    known.waits_in = waiting[0] if waiting else None


def _outbound(events: list[_Event]) -> bool:
    """We called, and nobody had asked us to call back."""
    opening = next((event.data for event in events if event.type == "interaction.started"), None)
    return opening is not None and opening.direction == "outbound" and opening.initiation != "callback"


def _turn(event: _Event) -> tuple[datetime, int, str]:
    """Events of one instant stand in the order in which the simulator wrote them: their ids count up."""
    simulated = event.source.startswith("/simulator/")
    return event.time, int(event.id, 16) if simulated else 0, event.type if event.type != "interaction.ended" else "~"


def _ms(event: _Event) -> int:
    return round(event.time.timestamp() * 1000)
