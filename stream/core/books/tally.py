"""What a batch adds to the figures, and takes back: increments by ten seconds and scope."""

from __future__ import annotations

from typing import TYPE_CHECKING

from stream.core.measures import WAIT_BINS, is_bin

if TYPE_CHECKING:
    from stream.core.measures import Cell
    from stream.core.stage import Change, Stamp

TEN_SECONDS = 10_000
_PAIR = 2
Buckets = dict[tuple[int, str], "Cell"]


class Tally:
    """A batch's increments. `retracted`: by scope and code, what each event took back more than it added, summed."""

    __slots__ = ("buckets", "retracted")

    def __init__(self) -> None:
        self.buckets: Buckets = {}
        self.retracted: dict[str, Cell] = {}

    def take(self, change: Change) -> None:
        """Tally what one event, or the passing of time, adds and takes back."""
        buckets, added, removed = self.buckets, change.added, change.removed
        if removed and len(added) == 1 == len(removed) and added[0][:2] == removed[0][:2]:
            self._exchange(added[0], removed[0])
            return
        for at, scope, increments in added:
            key = (at // TEN_SECONDS, scope)
            cell = buckets.get(key)
            if cell is None:
                cell = buckets[key] = {}
            if len(increments) == _PAIR:
                code, n = increments
                cell[code] = cell.get(code, 0) + n
                continue
            for i in range(0, len(increments), 2):
                code = increments[i]
                cell[code] = cell.get(code, 0) + increments[i + 1]
        if removed:
            self._take_back(change)

    def _exchange(self, added: Stamp, removed: Stamp) -> None:
        """A stamp in place of another one of the same instant and scope: only what differs is looked at."""
        at, scope, increments = added
        gone, key = removed[2], (at // TEN_SECONDS, scope)
        net: Cell = {}
        for i in range(0, len(increments), 2):
            code = increments[i]
            net[code] = net.get(code, 0) + increments[i + 1]
        for i in range(0, len(gone), 2):
            code = gone[i]
            net[code] = net.get(code, 0) - gone[i + 1]
        cell = self.buckets.get(key)
        if cell is None:
            cell = self.buckets[key] = {}
        retracted: Cell | None = None
        for code, n in net.items():
            if n:
                cell[code] = cell.get(code, 0) + n
                if n < 0:
                    if retracted is None:
                        retracted = self.retracted.setdefault(scope, {})
                    retracted[code] = retracted.get(code, 0) - n

    def _take_back(self, change: Change) -> None:
        scopes = {stamp[1] for stamp in change.removed}
        if len(scopes) == len(change.removed) and scopes.isdisjoint([stamp[1] for stamp in change.added]):
            self._take_away(change.removed)
            return
        nets: dict[str, Cell] = {}
        for sign, stamps in ((1, change.added), (-1, change.removed)):
            for at, scope, increments in stamps:
                net = nets.setdefault(scope, {})
                cell = self.buckets.setdefault((at // TEN_SECONDS, scope), {})
                for code, n in zip(increments[::2], increments[1::2], strict=True):
                    net[code] = net.get(code, 0) + n * sign
                    if sign < 0:
                        cell[code] = cell.get(code, 0) - n
        for scope, net in nets.items():
            retracted = self.retracted.setdefault(scope, {})
            for code, n in net.items():
                if n < 0:
                    retracted[code] = retracted.get(code, 0) - n

    def _take_away(self, removed: list[Stamp]) -> None:
        """Take back stamps, each of a scope of its own, to which nothing was added."""
        buckets, lost = self.buckets, self.retracted
        for at, scope, increments in removed:
            cell = buckets.setdefault((at // TEN_SECONDS, scope), {})
            retracted = lost.setdefault(scope, {})
            for i in range(0, len(increments), 2):
                code, n = increments[i], increments[i + 1]
                cell[code] = cell.get(code, 0) - n
                if n > 0:
                    retracted[code] = retracted.get(code, 0) + n

    def totals(self, sums: Buckets) -> tuple[dict[str, Cell], dict[str, Cell]]:
        """By scope and code, what each event added more than it took back, summed; and what it took back more.

        `sums`: the increments, the fewer the better. Without sketch bins: quantiles are of windows, and bins are most
        of what a cell holds.
        """
        retracted = {
            scope: {code: n for code, n in cell.items() if not is_bin(code)} for scope, cell in self.retracted.items()
        }
        gained: dict[str, Cell] = {scope: dict(cell) for scope, cell in retracted.items()}
        for (_, scope), cell in sums.items():
            total = gained.setdefault(scope, {})
            for code, n in cell.items():
                if code < WAIT_BINS or not is_bin(code):
                    total[code] = total.get(code, 0) + n
        return gained, retracted
