"""Whether the books balance: the residual of each identity of `stream.core.figures.balance`, as samples."""

from __future__ import annotations

from collections import Counter
from functools import lru_cache
from typing import TYPE_CHECKING

from stream.core.figures.balance import difference, parts_residual, shares_residual, sketches_residual
from stream.core.figures.metrics import RECORD_RESULTS
from stream.core.measures import CODES, Cell
from stream.core.rules import MINUTE
from stream.core.scope import place
from stream.core.times.window import Window
from stream.serve.families import Run, Samples

if TYPE_CHECKING:
    from stream.serve.view import View
    from stream.state.snapshot import Snapshot

_QUEUES = "queues"
_BALANCES = (_QUEUES, "parts", "shares", "rings", "sketches")
_LEFT = tuple(CODES[name] for name in ("offered", "answered", "abandoned", "flowed_out", "timed_out"))
_RINGS = Window("balance", "f", 30 * MINUTE), Window("balance", "m", 30 * MINUTE)


def balances(samples: Samples, view: View, now: int) -> None:
    """Put the residuals of all partitions, queues and channels; both directions together."""
    snapshot = view.snapshot
    for shard, known in snapshot.shards.items():
        if "records" in known.counts:
            residual = known.counts["records"] - sum(known.counts.get(result, 0) for result in RECORD_RESULTS)
            samples.put("stream_balance_residual", ("records", shard.topic, str(shard.partition), "", ""), residual)
    found = residuals(snapshot, now)
    names = tuple(sorted(found))
    samples.run("stream_balance_residual", (), _named(names), [found[name] for name in names])


@lru_cache(maxsize=4)
def _named(names: tuple[tuple[str, str, str], ...]) -> Run:
    return Run([("", (balance, "", "", channel, queue), ()) for balance, channel, queue in names])


def residuals(snapshot: Snapshot, now: int) -> dict[tuple[str, str, str], int]:
    """Residuals by balance, channel and queue: "" is what no queue sent and what belongs to the channel as a whole."""
    found: Counter[tuple[str, str, str]] = Counter()
    latest = present(snapshot, now)
    for scope in snapshot.scopes():
        at = place(scope)
        if at.summed:
            for balance, residual in zip(_BALANCES, of_scope(snapshot, scope, latest), strict=True):
                if balance != _QUEUES or not at.whole:
                    found[balance, at.channel, at.queue or ""] += residual
    return dict(found)


def of_scope(snapshot: Snapshot, scope: str, latest: int) -> tuple[int, ...]:
    """The residuals of a scope, `_BALANCES` in turn. `rings`, `sketches`: of half an hour, to the last five minutes."""
    end = latest - latest % (5 * MINUTE) - 1
    left, parts, shares = snapshot.totals.told(_of_totals, scope)
    rings, sketches = snapshot.told(_of_rings, scope, _RINGS, end, "UTC")
    return left - len(snapshot.open.queued.get(scope, ())), parts, shares, rings, sketches


def present(snapshot: Snapshot, now: int) -> int:
    """Now, or the stream time (ms) where sources' clocks run ahead: what is dropped is counted back from there."""
    return max(now, snapshot.stream_time or 0)


def _of_totals(gained: Cell, retracted: Cell) -> tuple[int, int, int]:
    offered, *left = (gained.get(code, 0) - retracted.get(code, 0) for code in _LEFT)
    return offered - sum(left), parts_residual(gained, retracted), shares_residual(gained, retracted)


def _of_rings(fine: Cell, middle: Cell) -> tuple[int, int]:
    return difference(fine, middle), sketches_residual(fine)
