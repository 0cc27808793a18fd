"""Which partitions have records that the store has not counted, and for how long. Pure: told offsets, ends and times.

A partition is *behind* when its stored offset has stood still for 10 s before the end of its log, or has not yet
reached where that end was 30 s ago: some record has been there for so long without being counted. Who has looked for
less than 30 s, but 10 s, goes by the pace so far: at that it takes more than 30 s to where the end was at first. An end
alone proves no record, since markers of transactions and aborted ones stand there too: a *suspect* is behind once one
has been found, or nobody could say for 30 s. A log that has ended for 10 s before what had been counted was cut or made
anew: what comes there is not counted until it is as long again, so that is behind, too.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping

from stream.state.snapshot import ShardId as Partition

STILL_SECONDS, LATE_SECONDS = 10.0, 30.0


class Lag:
    """What was seen of all partitions. Times are seconds of a clock that only goes forward."""

    def __init__(self) -> None:
        self._offsets: dict[Partition, int] = {}
        self._looks: deque[tuple[float, dict[Partition, int], dict[Partition, int]]] = deque()
        self._still_since: dict[Partition, float] = {}
        self._nothing_before: dict[Partition, int] = {}
        self._record_before: dict[Partition, int] = {}
        self._suspect_since: dict[Partition, float] = {}
        self._first: tuple[float, dict[Partition, int]] | None = None
        self._cut_since: dict[Partition, float] = {}

    def look(self, at: float, offsets: Mapping[Partition, int], ends: Mapping[Partition, int]) -> None:
        """The stored offsets and the ends of the logs at an instant; a partition that is not stored stands at 0."""
        while len(self._looks) > 1 and self._looks[1][0] <= at - LATE_SECONDS:
            self._looks.popleft()
        before, self._offsets = self._offsets, {each: offsets.get(each, 0) for each in ends}
        self._looks.append((at, self._offsets, dict(ends)))
        for each, end in ends.items():
            if self._at(each) >= end:
                self._still_since.pop(each, None)
            elif before.get(each) != self._offsets[each]:
                self._still_since[each] = at
            else:
                self._still_since.setdefault(each, at)
        if self._first is None:
            self._first = at, dict(ends)
        cut = [each for each, end in ends.items() if before.get(each, 0) > end]
        self._cut_since = {each: self._cut_since.get(each, at) for each in cut}
        suspected = self.suspects(at)
        for found in (self._record_before, self._suspect_since):
            for each in found.keys() - suspected.keys():
                del found[each]
        for each in suspected:
            self._suspect_since.setdefault(each, at)
        for known in (self._still_since, self._nothing_before):
            for gone in known.keys() - ends.keys():
                del known[gone]

    def suspects(self, at: float) -> dict[Partition, tuple[int, int]]:
        """Partition -> (stored offset, end) of those in which a record between the two would be late."""
        ends = self._looks[-1][2] if self._looks else {}
        return {
            each: (offset, ends[each])
            for each, offset in self._offsets.items()
            if self._at(each) < ends[each]
            and (at - self._still_since.get(each, at) >= STILL_SECONDS or self._late(each, at, offset))
        }

    def _late(self, partition: Partition, at: float, offset: int) -> bool:
        """Whether it is more than 30 s late."""
        since, offsets, ends = self._looks[0]
        if at - since >= LATE_SECONDS:
            return self._at(partition) < ends.get(partition, 0)
        if at - since < STILL_SECONDS or partition not in offsets:
            return False
        return ends.get(partition, 0) - offset > (offset - offsets[partition]) / (at - since) * LATE_SECONDS

    def found(self, partition: Partition, end: int, *, record: bool) -> None:
        """Whether there is a record between the stored offset of a suspect and `end`."""
        if record:
            self._record_before[partition] = end
        else:
            self._nothing_before[partition] = end
            self._still_since.pop(partition, None)
            self._record_before.pop(partition, None)

    def unproven(self, at: float) -> dict[Partition, tuple[int, int]]:
        """The suspects, and what is awaited, of which nobody has said whether there is a record that is to come."""
        asked = self._awaited(at) | self.suspects(at)
        return {each: of for each, of in asked.items() if self._record_before.get(each, 0) <= of[0]}

    def settled(self, at: float) -> bool:
        """Whether it is known what is behind: who has just begun has seen no partition stand, nor go on."""
        return self._first is not None and not self._awaited(at)

    def put_back(self, offsets: Mapping[Partition, int]) -> bool:
        """Whether the store has counted less of some partition than at the last look."""
        return any(offsets.get(each, 0) < offset for each, offset in self._offsets.items())

    def _awaited(self, at: float) -> dict[Partition, tuple[int, int]]:
        """Partition -> (stored offset, end) of those that have not reached where the end was at the first look.

        After 10 s only suspects of which nobody has said that they are behind.
        """
        if self._first is None:
            return {}
        since, ends = self._first
        found = {
            each: (offset, ends[each]) for each, offset in self._offsets.items() if self._at(each) < ends.get(each, 0)
        }
        if at - since >= STILL_SECONDS and found:
            unsaid = self.suspects(at).keys() - set(self.behind(at))
            found = {each: of for each, of in found.items() if each in unsaid}
        return found

    def behind(self, at: float) -> list[Partition]:
        """The partitions that are behind, sorted; one that was stays so until it is no suspect, or has no record."""
        late = {
            each
            for each in self.suspects(at)
            if each in self._record_before or at - self._suspect_since.get(each, at) >= LATE_SECONDS
        }
        return sorted(late | {each for each, since in self._cut_since.items() if at - since >= STILL_SECONDS})

    def _at(self, partition: Partition) -> int:
        return max(self._offsets.get(partition, 0), self._nothing_before.get(partition, 0))
