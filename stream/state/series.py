"""One ring of one scope: its buckets, and the running sums over them, which changes of cells keep right.

Cells stay packed, bucket by bucket, until a window needs them: most never do. What lies long back goes to an archive.
Where cells change, differences to buckets inside are added to a running sum when it is asked for.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from stream.core.measures import Cell
from stream.core.times.window import Window
from stream.state.archive import Archive
from stream.state.bucket import Bucket, Cells, cell, cells, joined, packed, unpacked
from stream.state.running import Running, decode, exchange, total_of

MOST_STALE = 50
"""Cells of a shard, on average."""
MOST_CHANGING = 4
"""Buckets of a series that are kept as dictionaries."""
ARCHIVED = {"m": (3 * 3600, 4 * 3600), "d": (86_400, 86_400)}
"""By ring: how long (s) before the latest bucket the archive begins, and the width (s) of its blocks."""


class Series:
    """One ring of one scope: its buckets by start (epoch seconds), of all shards, and the running sums over them.

    `stale`: by start and shard, cells that the running sums hold as they were, None was not there; looked at when a sum
    is asked for, since between two looks the same ones change many times. Where nobody looks for long, the running sums
    are given up.
    `version`: another one whenever a cell is another one. `shards`: a bit for each shard that ever had a cell.
    A bucket is either in `buckets` or in the archive.
    """

    __slots__ = (
        "_archive", "_changing", "_latest", "_ready", "_stale", "buckets", "running", "shards", "stale", "version",
    )  # fmt: skip

    def __init__(self, ring: str) -> None:
        self.version = self.shards = 0
        self.buckets: dict[int, Bucket] = {}
        self.running: dict[Window, Running] = {}
        self.stale: dict[int, dict[int, bytes | None]] = {}
        self._stale = 0
        self._changing: list[int] = []
        self._ready, width = ARCHIVED.get(ring, (0, 0))
        self._archive = Archive(width) if width else None
        self._latest = 0

    def put(self, shard: int, start: int, value: bytes | None) -> None:
        """A cell as it is now; None is gone."""
        found = self.buckets.get(start)
        if not isinstance(found, dict):
            archived = {}
            if found is None and self._archive is not None and start <= self._archive.until:
                archived = self._archive.take(start)
            if not archived and value == (None if found is None else cell(found, shard)):
                return
            found = self._change(start, archived or found)
        before = found.get(shard)
        if before == value:
            return
        if value is not None:
            found[shard] = value
            self.shards |= 1 << shard
        else:
            del found[shard]
            if not found:
                del self.buckets[start]
                self._changing.remove(start)
        self._changed(shard, start, before)

    def replace(self, shard: int, cells_: Mapping[int, bytes]) -> None:
        """All cells of a shard, by start, as they are now. Nobody will change most of them soon."""
        had = self.shards >> shard & 1
        self._latest = max(self._latest, max(cells_, default=0))
        before = self._latest - self._ready
        ready, old = cells_, {}
        if self._archive is not None:
            old = {start: value for start, value in cells_.items() if start < before and start not in self.buckets}
            ready = {start: value for start, value in cells_.items() if start not in old} if old else cells_
            if self._archive.replace(shard, old):
                self._give_up()
                self.version += 1
        if had:
            gone = [at for at, each in self.buckets.items() if at not in ready and cell(each, shard) is not None]
            for start in gone:
                self.put(shard, start, None)
        for start, value in ready.items():
            if had:
                self.put(shard, start, value)
            else:
                self._join(shard, start, value)
        if cells_:
            self.shards |= 1 << shard

    def _join(self, shard: int, start: int, value: bytes) -> None:
        """A cell of a shard of which the bucket has none."""
        bucket = self.buckets.get(start)
        if isinstance(bucket, dict):
            bucket[shard] = value
        else:
            self.buckets[start] = packed({shard: value}) if bucket is None else joined(bucket, shard, value)
        self._changed(shard, start, None)

    def _change(self, start: int, bucket: Bucket | None) -> Cells:
        """A bucket as a dictionary; who has been one for longest becomes a string again, or goes to the archive."""
        if len(self._changing) == MOST_CHANGING:
            longest = self._changing.pop(0)
            self.buckets[longest] = packed(self.among(longest))
            self._put_away([longest])
        if start > self._latest:
            self._latest = start
            self._put_away([at for at in self.buckets if at not in self._changing])
        self._changing.append(start)
        found = {} if bucket is None else bucket if isinstance(bucket, dict) else unpacked(bucket)
        self.buckets[start] = found
        return found

    def _put_away(self, starts: Sequence[int]) -> None:
        """Of these buckets, which nobody changes, put those into the archive that lie long back."""
        if self._archive is not None:
            for start in starts:
                if start < self._latest - self._ready:
                    for shard, value in self.among(start).items():
                        self._archive.add(shard, start, value)
                    del self.buckets[start]

    def settle(self) -> None:
        """Take as little memory as may be, once a store was read."""
        if self._archive is not None:
            self._archive.settle()

    def among(self, start: int) -> Cells:
        """The cells of a bucket, not to be changed."""
        bucket = self.buckets.get(start)
        if bucket is None:
            archived = () if self._archive is None else self._archive.between(start, start)
            return {shard: value for _, shard, value in archived}
        return bucket if isinstance(bucket, dict) else unpacked(bucket)

    def first(self) -> int | None:
        """The start of the earliest bucket that has a cell; None: there is none."""
        archived = None if self._archive is None else self._archive.first()
        return min(self.buckets, default=None) if archived is None else min(archived, *self.buckets)

    def cells(self, start: int) -> list[bytes]:
        """The cells of a bucket, without their shards."""
        bucket = self.buckets.get(start)
        return list(self.among(start).values()) if bucket is None else cells(bucket)

    def _changed(self, shard: int, start: int, before: bytes | None) -> None:
        """Tell the running sums that a cell was another one; None: there was none."""
        self.version += 1
        if not self.running:
            return
        stale = self.stale.get(start)
        if stale is None:
            stale = self.stale[start] = {}
        if shard not in stale:
            stale[shard] = before
            self._stale += 1
            if self._stale > MOST_STALE * self.shards.bit_count():
                self._give_up()

    def _give_up(self) -> None:
        self.running.clear()
        self._forget_stale()

    def _forget_stale(self) -> None:
        self.stale.clear()
        self._stale = 0

    def refresh(self) -> None:
        """Bring the running sums up to date, each over its span."""
        changes: dict[tuple[Window, ...], Cell] = {}
        for start, stale in self.stale.items():
            within = tuple(of for of, sum_ in self.running.items() if sum_.span.first <= start <= sum_.span.last)
            if within:
                change, now = changes.setdefault(within, {}), self.among(start)
                for shard, before in stale.items():
                    after = now.get(shard)
                    exchange(change, {} if before is None else decode(before), {} if after is None else decode(after))
        self._forget_stale()
        for within, added in changes.items():
            for window in within:
                self.running[window].add(added)

    def between(self, first: int, last: int | None, size: int) -> Cell:
        """The sum of the buckets of `size` seconds from `first` to `last`, both included; None: to the end."""
        if last is None or not size or (last - first) // size >= len(self.buckets):
            starts: Sequence[int] = [at for at in self.buckets if first <= at and (last is None or at <= last)]
        else:
            starts = range(first, last + 1, size)
        found = [each for start in starts if start in self.buckets for each in cells(self.buckets[start])]
        if self._archive is not None and first <= self._archive.until:
            until = self._archive.until if last is None else last
            found += [value for _, _, value in self._archive.between(first, until)]
        return total_of(found)

    def at(self, buckets: Sequence[int]) -> Cell:
        """The sum of the buckets with these starts."""
        return total_of([each for start in buckets for each in self.cells(start)])
