"""One customer's interactions on all channels, and which of them come after which: what repeats and issues are made of.

An interaction that was closed several times has several ends, and each of them counts. Both ends of a window are in it.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable

from schemas.events import Digest


def matches(one: str | None, other: str | None) -> bool:
    """Whether two contact reasons may be one matter: unknown matches all.

    >>> matches("bill", "bill"), matches("bill", None), matches("bill", "delivery")
    (True, True, False)
    """
    return one is None or other is None or one == other


class Journey:
    """`all`: what is this customer's, by start; `inbound`: of these what counts as inbound. `window_ms`: of repeats.

    `repeats`: whether each inbound one starts in the window after an end of another, served, matching one.
    """

    __slots__ = ("_ends", "_starts", "all", "inbound", "repeats", "window_ms")

    def __init__(self, digests: Iterable[Digest], window_ms: int) -> None:
        self.window_ms = window_ms
        self.all = sorted((d for d in digests if not d.withdrawn), key=lambda d: d.started_at)
        self.inbound = [d for d in self.all if d.inbound]
        self._starts = [d.started_at for d in self.inbound]
        self._ends = sorted([(at, i) for i, d in enumerate(self.inbound) if d.served for at in d.ended_at])
        self.repeats = [self._is_repeat(i) for i in range(len(self.inbound))]

    def _is_repeat(self, i: int) -> bool:
        d = self.inbound[i]
        low = bisect_left(self._ends, (d.started_at - self.window_ms, -1))
        high = bisect_right(self._ends, (d.started_at, len(self.inbound)))
        return any(j != i and matches(d.reason, self.inbound[j].reason) for _, j in self._ends[low:high])

    def is_followed(self, i: int) -> bool:
        """Whether a matching one starts, or it is reopened, in the window after an end of the i-th inbound one."""
        d, starts, window_ms = self.inbound[i], self._starts, self.window_ms
        return any(
            any(end <= at <= end + window_ms for at in d.reopened_at)
            or any(
                j != i and matches(d.reason, self.inbound[j].reason)
                for j in range(bisect_left(starts, end), bisect_right(starts, end + window_ms))
            )
            for end in d.ended_at
        )

    def is_left_alone(self, of: Digest, length_ms: int) -> bool:
        """Whether no other interaction, of any direction or matter, starts so long after an end of this one."""
        return not any(
            other is not of and any(end <= other.started_at <= end + length_ms for end in of.ended_at)
            for other in self.all
        )
