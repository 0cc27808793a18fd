"""What is so right now, as rows: queues open or closed, who waits and until when in time, threads by age. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from heapq import nsmallest
from typing import TYPE_CHECKING, Any

from stream.core.figures.backlog import Ages, Backlog, all_together, backlog, overdue_before, silent
from stream.core.figures.row import together
from stream.core.measures import CODES, Cell, add
from stream.core.scope import Place, place
from stream.core.scope import scope as scope_of
from stream.core.times.calendar import is_open, next_change
from stream.core.times.window import Window, day_of
from stream.serve import agents_live
from stream.serve.agents_live import SLOT_STATES, STATES, channels_of
from stream.serve.kpis import DIRECTIONS, Direction, Labels, Spans
from stream.serve.past import text

if TYPE_CHECKING:
    from collections.abc import Sequence

    from stream.core.open_row import Open
    from stream.core.rules import Rules
    from stream.state.snapshot import Snapshot

SHOWN = 500
"""So many of those who wait are listed, the longest first."""


def interactions_open(snapshot: Snapshot, scope: str, at_ms: int) -> int:
    """Interactions that are not over, counted where they wait or where their last segment was."""
    return snapshot.open.still_open(scope, at_ms)


def _places(snapshot: Snapshot, direction: Direction, *, whole: bool = False) -> Iterator[tuple[str, Place]]:
    """The scopes of queues, and of what no queue sent; `whole`: those of channels too."""
    for scope in snapshot.scopes():
        at = place(scope)
        if whole >= at.whole and at.summed and at.direction in DIRECTIONS[direction]:
            yield scope, at


def _scopes(channel: str, queue: str, direction: Direction) -> list[str]:
    return [scope_of(channel, inbound=one == "i", queue=queue) for one in DIRECTIONS[direction]]


def known_queues(snapshot: Snapshot, rules: Rules, direction: Direction) -> list[tuple[str, str]]:
    """Channel and name of every queue that is configured or has ever been used, sorted."""
    used = {(at.channel, at.queue) for _, at in _places(snapshot, direction) if at.queue is not None}
    return sorted(used | rules.queues.keys())


def queues(snapshot: Snapshot, rules: Rules, now_ms: int, direction: Direction = "inbound") -> list[dict[str, Any]]:
    """One row per queue that is configured or has ever been used. Instants in RFC 3339, durations in ms.

    `open`: by its calendar, always without one; `next_change_at`: when it next opens or closes, None never.
    `agents`, `slots`: of those who serve it, by what they do; an agent of several queues counts in each.
    """
    ages, agents, channels = Ages((), now_ms), agents_live.rows(snapshot, now_ms), channels_of(snapshot, rules)
    by_queue, slots = agents_live.by_queue(agents, channels, now_ms), agents_live.slots(agents, channels, now_ms)
    nobody: Counter[str] = Counter()
    answer = []
    for channel, queue in known_queues(snapshot, rules, direction):
        own = rules.queue(channel, queue)
        scopes = _scopes(channel, queue, direction)
        live = together([snapshot.live(scope, now_ms, own.threshold_ms) for scope in scopes])
        threads = [backlog(_asked(snapshot, scope), now_ms, own.calendar, ages) for scope in scopes]
        answer.append(
            {
                "channel": channel,
                "queue": queue,
                "open": is_open(own.calendar, now_ms),
                "next_change_at": text(next_change(own.calendar, now_ms)),
                "interactions_open": sum(interactions_open(snapshot, scope, now_ms) for scope in scopes),
                "waiting": live.waiting,
                "waiting_past_threshold": live.past_threshold,
                "longest_wait_ms": live.longest_wait_ms,
                "threads_waiting": sum(each.waiting for each in threads),
                "threads_past_due": sum(each.past_due for each in threads),
                "threshold_ms": own.threshold_ms,
                "target": own.target,
                "agents": {state: by_queue.get((channel, queue), nobody)[state] for state in STATES},
                "slots": {state: slots.get((channel, queue), nobody)[state] for state in SLOT_STATES},
            }
        )
    return answer


def _asked(snapshot: Snapshot, scope: str) -> list[Open]:
    return list(snapshot.open.asked.get(scope, {}).values())


def waiting(
    snapshot: Snapshot, rules: Rules, channel: str, queue: str, now_ms: int, direction: Direction = "inbound"
) -> dict[str, Any] | None:
    """Who waits in a queue, the longest first, at most `SHOWN` of `total`; None: there is no such queue.

    On live channels those who wait in the queue. A thread waits for a response, from the customer's message on, and
    is due when the threshold is over in business time; until there is a message it waits in its queue.
    """
    if (channel, queue) not in known_queues(snapshot, rules, "all"):
        return None
    own, live = rules.queue(channel, queue), rules.channels[channel].live
    overdue = overdue_before(own.calendar, now_ms)
    found = []
    for scope in _scopes(channel, queue, direction):
        rows = snapshot.open.queued.get(scope, {})
        for (_, field), row in (rows if live else {**rows, **snapshot.open.asked.get(scope, {})}).items():
            since, due_at, awaited = _waits(row, own.threshold_ms, live=live)
            if not silent(row, now_ms):
                late = due_at is not None and due_at < (now_ms if awaited == "agent" else overdue)
                found.append((since, field[1:].decode(), due_at, awaited, late, row.opened_at))
    return {
        "channel": channel,
        "queue": queue,
        "total": len(found),
        "waiting": [
            {
                "interaction_id": interaction_id,
                "waits_for": awaited,
                "since_at": text(since),
                "wait_ms": max(now_ms - since, 0),
                "past_threshold": late,
                "due_at": text(due_at),
                "opened_at": text(opened_at),
            }
            for since, interaction_id, due_at, awaited, late, opened_at in nsmallest(SHOWN, found)
        ],
    }


def _waits(row: Open, threshold_ms: int, *, live: bool) -> tuple[int, int | None, str]:
    """Since when, until when in time, and for what one waits."""
    if row.asked_at is not None and not (live and row.queued_at is not None):
        return row.asked_at, row.answer_due_at, "first_response" if row.first else "next_response"
    assert row.queued_at is not None
    return row.queued_at, row.queued_at + threshold_ms, "agent"


def threads(
    snapshot: Snapshot,
    rules: Rules,
    window: Window,
    by: tuple[str, ...],
    now_ms: int,
    edges_hours: Sequence[float],
    direction: Direction = "inbound",
) -> list[dict[str, Any]]:
    """Threads by channel and queue (`by`: any of these): who waits for a response, how old, what comes in and goes out.

    Ages are business time since the customer's oldest unanswered message. Over the window: `inflow`, offered and
    reopened (without `queue`: started and reopened); `outflow`, ended. Raises NotKept.
    """
    spans, ages = Spans(window, now_ms, rules, snapshot.stream_time), Ages(edges_hours, now_ms)
    threaded = {channel for channel, of in rules.channels.items() if of.threaded}
    begin = (
        [{"channel": c, "queue": q} for c, q in rules.queues] if "queue" in by else [{"channel": c} for c in threaded]
    )
    groups: dict[Labels, tuple[Cell, list[Backlog], list[int]]] = {
        tuple(names[label] for label in by): ({}, [], []) for names in begin if names["channel"] in threaded
    }
    by_queue = "queue" in by
    came = "offered" if by_queue else "interactions_started"
    for scope, at in _places(snapshot, direction, whole=not by_queue):
        if at.channel not in threaded:
            continue
        labels = tuple({"channel": at.channel, "queue": at.queue}[label] for label in by)
        cell, waiting, still_open = groups.setdefault(labels, ({}, [], []))
        zone, day_starts_ms = day_of(rules, scope)
        add(cell, snapshot.cell(scope, spans.of(zone, day_starts_ms), zone))
        if at.whole:
            continue
        calendar = rules.queue(at.channel, at.queue).calendar
        waiting.append(backlog(_asked(snapshot, scope), now_ms, calendar, ages))
        still_open.append(interactions_open(snapshot, scope, now_ms))
    return [
        {
            **dict(zip(by, labels, strict=True)),
            **_threads_row(*groups[labels], ages.names, came),
        }
        for labels in sorted(groups, key=lambda names: tuple(name or "" for name in names))
    ]


def _threads_row(
    cell: Cell, waiting: list[Backlog], still_open: list[int], bands: tuple[str, ...], came: str
) -> dict[str, Any]:
    found = all_together(waiting, len(bands))
    return {
        "interactions_open": sum(still_open),
        "waiting": found.waiting,
        "waiting_for_first_response": found.first,
        "waiting_for_next_response": found.next,
        "past_due": found.past_due,
        "due_within_hour": found.due_within_hour,
        "longest_wait_ms": found.longest_ms,
        "age_bands": dict(zip(bands, found.bands, strict=True)),
        "inflow": cell.get(CODES[came], 0) + cell.get(CODES["reopened"], 0),
        "outflow": cell.get(CODES["ended"], 0),
    }
