"""One customer's interactions on all channels, and which of them come after which: what repeats and issues are made of.

An interaction that was closed several times has several ends, and each of them counts. Both ends of a window are in it.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable

from schemas.events import Digest

Instant = tuple[int, int]
"""(ms, number of the interaction that it is of)."""


def matches(one: str | None, other: str | None) -> bool:
    """Whether two contact reasons may be one matter: unknown matches all.

    >>> matches("bill", "bill"), matches("bill", None), matches("bill", "delivery")
    (True, True, False)
    """
    return one is None or other is None or one == other


def is_reopened(d: Digest, window_ms: int) -> bool:
    """Whether it is opened again in the window after one of its ends."""
    return any(end <= at <= end + window_ms for end in d.ended_at for at in d.reopened_at)


class Instants:
    """Instants of interactions, so kept that those of matching ones are found by search."""

    __slots__ = ("_all", "_by_reason", "_found")

    def __init__(self, found: Iterable[tuple[int, int, str | None]]) -> None:
        self._found = sorted(found)
        self._all = [(at, number) for at, number, _ in self._found]
        self._by_reason: dict[str | None, list[Instant]] | None = None

    def any_other(self, number: int, reason: str | None, first: int, last: int) -> bool:
        """Whether another interaction than this one, of a matching reason, has one from `first` to `last` (ms).

        >>> instants = Instants([(5, 0, "bill"), (7, 1, "delivery"), (9, 2, None)])
        >>> [instants.any_other(0, "bill", 0, last) for last in (5, 7, 9)], instants.any_other(0, None, 7, 7)
        ([False, False, True], True)
        """
        return self.latest_other(number, reason, first, last) is not None

    def latest_other(self, number: int, reason: str | None, first: int, last: int) -> Instant | None:
        """The latest of those from `first` to `last` (ms); of one instant that of the highest number.

        >>> Instants([(5, 0, "bill"), (7, 1, "delivery"), (9, 2, None)]).latest_other(0, "bill", 0, 9)
        (9, 2)
        """
        latest = _latest_other(self._all, number, first, last)
        if reason is None or latest is None:
            return latest
        if self._by_reason is None:
            self._by_reason = {}
            for at, each, of in self._found:
                self._by_reason.setdefault(of, []).append((at, each))
        named = _latest_other(self._by_reason.get(reason, []), number, first, last)
        unnamed = _latest_other(self._by_reason.get(None, []), number, first, last)
        return max((each for each in (named, unnamed) if each is not None), default=None)


def _latest_other(instants: list[Instant], number: int, first: int, last: int) -> Instant | None:
    place = bisect_left(instants, (last + 1, -1)) - 1
    while place >= 0 and instants[place][0] >= first:
        if instants[place][1] != number:
            return instants[place]
        place -= 1
    return None


_NONE = Instants(())
_SOME = 2


class Journey:
    """`all`: what is this customer's, by start; `inbound`: of these what counts as inbound. `window_ms`: of repeats.

    `causes`: of each inbound one the number of the latest other, served, matching one with an end in the window before
    its start, None when it comes after none; `repeats`: whether it comes after one. `starts`: of the inbound ones, of
    two or more.
    """

    __slots__ = ("_all_starts", "all", "causes", "inbound", "repeats", "starts", "window_ms")

    def __init__(self, digests: Iterable[Digest], window_ms: int) -> None:
        self.window_ms = window_ms
        self.all = [d for d in digests if not d.withdrawn]
        if len(self.all) > 1:
            self.all.sort(key=lambda d: (d.started_at, d.channel, d.interaction_id))
        self.inbound = [d for d in self.all if d.inbound]
        self._all_starts: Instants | None = None
        self.causes: list[int | None] = [None] * len(self.inbound)
        self.repeats = [False] * len(self.inbound)
        self.starts = _NONE
        if len(self.inbound) < _SOME:
            return
        self.starts = Instants((d.started_at, i, d.reason) for i, d in enumerate(self.inbound))
        ends = Instants((at, i, d.reason) for i, d in enumerate(self.inbound) if d.served for at in d.ended_at)
        before = [
            ends.latest_other(i, d.reason, d.started_at - window_ms, d.started_at) for i, d in enumerate(self.inbound)
        ]
        self.causes = [None if end is None else end[1] for end in before]
        self.repeats = [end is not None for end in before]

    def is_followed(self, i: int) -> bool:
        """Whether a matching one starts, or it is reopened, in the window after an end of the i-th inbound one."""
        d, window_ms, starts = self.inbound[i], self.window_ms, self.starts
        if d.reopened_at and is_reopened(d, window_ms):
            return True
        if starts is not _NONE:
            for end in d.ended_at:
                if starts.latest_other(i, d.reason, end, end + window_ms) is not None:
                    return True
        return False

    def is_left_alone(self, i: int, length_ms: int) -> bool:
        """Whether no other interaction, of any direction or matter, starts so long after an end of the i-th of all."""
        starts = self._all_starts
        if starts is None:
            starts = self._all_starts = Instants((d.started_at, i, None) for i, d in enumerate(self.all))
        return not any(starts.any_other(i, None, end, end + length_ms) for end in self.all[i].ended_at)
