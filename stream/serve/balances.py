"""Whether the books balance: the residual of each identity of `stream.core.figures.balance`, as samples."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from stream.core.figures.balance import difference, parts_residual, shares_residual, sketches_residual
from stream.core.figures.metrics import RECORD_RESULTS
from stream.core.measures import CODES, Cell
from stream.core.rules import MINUTE
from stream.core.scope import place
from stream.core.times.window import Window
from stream.serve.families import Samples

if TYPE_CHECKING:
    from stream.serve.view import View
    from stream.state.snapshot import Snapshot

_LEFT = tuple(CODES[name] for name in ("offered", "answered", "abandoned", "flowed_out", "timed_out"))
_RINGS = Window("balance", "f", 30 * MINUTE), Window("balance", "m", 30 * MINUTE)


def balances(samples: Samples, view: View, now: int) -> None:
    """Put the residuals of all partitions, queues and channels; both directions together."""
    snapshot = view.snapshot
    for shard, known in snapshot.shards.items():
        if "records" in known.counts:
            residual = known.counts["records"] - sum(known.counts.get(result, 0) for result in RECORD_RESULTS)
            samples.put("stream_balance_residual", ("records", shard.topic, str(shard.partition), "", ""), residual)
    for (balance, channel, queue), residual in sorted(residuals(snapshot, now).items()):
        samples.put("stream_balance_residual", (balance, "", "", channel, queue), residual)


def residuals(snapshot: Snapshot, now: int) -> dict[tuple[str, str, str], int]:
    """Residuals by balance, channel and queue: "" is what no queue sent and what belongs to the channel as a whole."""
    found: Counter[tuple[str, str, str]] = Counter()
    latest = present(snapshot, now)
    for scope in snapshot.scopes():
        at = place(scope)
        if not at.summed:
            continue
        gained, retracted = snapshot.totals.get(scope, ({}, {}))
        queue = at.queue or ""
        if not at.whole:
            offered, *left = (gained.get(code, 0) - retracted.get(code, 0) for code in _LEFT)
            waiting = len(snapshot.open.queued.get(scope, ()))
            found["queues", at.channel, queue] += offered - sum(left) - waiting
        found["parts", at.channel, queue] += parts_residual(gained, retracted)
        found["shares", at.channel, queue] += shares_residual(gained, retracted)
        fine, middle = rings(snapshot, scope, latest)
        found["rings", at.channel, queue] += difference(fine, middle)
        found["sketches", at.channel, queue] += sketches_residual(fine)
    return dict(found)


def present(snapshot: Snapshot, now: int) -> int:
    """Now, or the stream time (ms) where sources' clocks run ahead: what is dropped is counted back from there."""
    return max(now, snapshot.stream_time or 0)


def rings(snapshot: Snapshot, scope: str, present: int) -> list[Cell]:
    """The same half hour of a scope by ten seconds and by five minutes: up to the last whole five minutes."""
    return [snapshot.running(scope, window, present - present % (5 * MINUTE) - 1, "UTC") for window in _RINGS]
