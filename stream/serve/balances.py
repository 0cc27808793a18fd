"""Whether the books balance: the residual of each identity of `stream.core.balance`, as samples."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from stream.core.balance import difference, parts_residual, shares_residual
from stream.core.measures import CODES, Cell, add
from stream.core.metrics import RECORD_RESULTS
from stream.core.rules import HOUR, MINUTE
from stream.core.scope import place
from stream.core.window import Window
from stream.serve.families import Samples

if TYPE_CHECKING:
    from stream.serve.view import View
    from stream.state.snapshot import Snapshot

_LEFT = tuple(CODES[name] for name in ("answered", "abandoned", "flowed_out", "timed_out"))
_FINE, _MIDDLE = Window("balance", "f", HOUR), Window("balance", "m", HOUR)


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
    last = max(now, snapshot.stream_time or 0)
    last -= last % (5 * MINUTE) + 1
    for scope in snapshot.scopes():
        at = place(scope)
        if at.agents:
            continue
        gained, retracted = snapshot.totals.get(scope, ({}, {}))
        net: Cell = dict(gained)
        add(net, retracted, -1)
        queue = at.queue or ""
        if at.queue is not None:
            left = sum(net.get(code, 0) for code in _LEFT) + len(snapshot.open.queued.get(scope, ()))
            found["queues", at.channel, queue] += net.get(CODES["offered"], 0) - left
        found["parts", at.channel, queue] += parts_residual(net)
        found["shares", at.channel, queue] += shares_residual(net)
        fine, middle = (snapshot.running(scope, window, last, "UTC") for window in (_FINE, _MIDDLE))
        found["rings", at.channel, queue] += difference(fine, middle)
    return dict(found)
