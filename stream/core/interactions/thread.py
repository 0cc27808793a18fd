"""The clocks of a thread (email, social, chat): first response, next response, resolution. Milliseconds.

A reply is either the first response or a next response. Only public messages of an agent answer; bots, systems and
private notes answer nothing. Every duration is kept elapsed and in business time, by the calendar of the queue that the
measure goes to; without a calendar both are equal.
"""

from __future__ import annotations

from typing import Final

from stream.core import measures as m
from stream.core.figures.sketch import bin_of
from stream.core.rules import QueueRules
from stream.core.times.calendar import business_ms

_FIRST_RESPONSE: Final = m.CODES["first_response"]
_FIRST_RESPONSE_MS: Final = m.CODES["first_response_ms"]
_FIRST_RESPONSE_BUSINESS_MS: Final = m.CODES["first_response_business_ms"]
_FIRST_RESPONSE_IN_THRESHOLD: Final = m.CODES["first_response_in_threshold"]
_NEXT_RESPONSE: Final = m.CODES["next_response"]
_NEXT_RESPONSE_MS: Final = m.CODES["next_response_ms"]
_NEXT_RESPONSE_BUSINESS_MS: Final = m.CODES["next_response_business_ms"]
_RESOLUTION: Final = m.CODES["resolution"]
_RESOLUTION_MS: Final = m.CODES["resolution_ms"]
_RESOLUTION_BUSINESS_MS: Final = m.CODES["resolution_business_ms"]
_CLOSED_UNANSWERED: Final = m.CODES["closed_unanswered"]
_RESPONSE_BINS: Final = m.RESPONSE_BINS


class Thread:
    """Instants in ms. `response_from`: where the first response's clock starts; `pending_at`: the oldest unanswered.

    `negative`: how many durations would have been. `first`: (elapsed, business ms) of the first response, once there is
    one; `next`: (how many, elapsed, business ms) of all next ones; `kept`: whether the latest of either came within its
    threshold, and the rules that say so.
    """

    __slots__ = (
        "bot_spoke", "ended_once", "first", "kept", "negative", "next", "pending_at", "resolution_from", "responded",
        "response_from",
    )  # fmt: skip

    def __init__(self) -> None:
        self.response_from = 0
        self.resolution_from = 0
        self.pending_at: int | None = None
        self.responded = False
        self.bot_spoke = False
        self.ended_once = False
        self.negative = 0
        self.first: tuple[int, int] | None = None
        self.next = (0, 0, 0)
        self.kept: tuple[bool, QueueRules] | None = None

    def start(self, at: int) -> None:
        """The thread starts (or turns out to have started) at `at`."""
        self.response_from = max(self.response_from, at)
        self.resolution_from = max(self.resolution_from, at)

    def hand_off(self, at: int) -> None:
        """A queue or an agent takes over from the bot, if one has spoken."""
        if self.bot_spoke:
            self.bot_spoke = False
            self.response_from = max(self.response_from, at)

    def reopen(self, at: int) -> None:
        """A closed thread was opened again: both clocks start anew."""
        self.response_from = max(self.response_from, at)
        self.resolution_from = at

    def _length(self, since: int, until: int) -> int:
        """Never negative: clocks that disagree give 0, and are counted."""
        if until >= since:
            return until - since
        self.negative += 1
        return 0

    def asked(self, inbound: bool) -> tuple[int | None, bool]:
        """Since when the customer waits for an agent's response, and whether it would be the first one."""
        if inbound and not self.responded:
            return self.response_from, True
        return self.pending_at, False

    def message(self, at: int, author: str | None, public: bool, inbound: bool, own: QueueRules) -> tuple[int, ...]:
        """One message; the increments of the response that it is, if it is one. `own`: the rules of its queue."""
        if author == "bot":
            self.bot_spoke = True
            return ()
        if author == "customer":
            if self.pending_at is None:
                self.pending_at = at
            return ()
        if author != "agent" or not public:
            return ()
        pending_at, self.pending_at = self.pending_at, None
        if inbound and not self.responded:
            self.responded = True
            length = self._length(self.response_from, at)
            open_ms = length if own.calendar is None else business_ms(own.calendar, self.response_from, at)
            self.first, self.kept = (length, open_ms), (open_ms <= own.threshold_ms, own)
            increments = (
                _FIRST_RESPONSE, 1, _FIRST_RESPONSE_MS, length, _FIRST_RESPONSE_BUSINESS_MS, open_ms,
                _RESPONSE_BINS + bin_of(length), 1,
            )  # fmt: skip
            return (*increments, _FIRST_RESPONSE_IN_THRESHOLD, 1) if open_ms <= own.threshold_ms else increments
        if pending_at is None:
            return ()
        length = at - pending_at
        open_ms = length if own.calendar is None else business_ms(own.calendar, pending_at, at)
        count, next_ms, next_open_ms = self.next
        self.next, self.kept = (count + 1, next_ms + length, next_open_ms + open_ms), (open_ms <= own.threshold_ms, own)
        return (
            _NEXT_RESPONSE, 1, _NEXT_RESPONSE_MS, length, _NEXT_RESPONSE_BUSINESS_MS, open_ms,
        )  # fmt: skip

    def close(self) -> None:
        """The thread is closed: nobody waits for a reply any more."""
        self.pending_at = None

    def end(self, at: int, inbound: bool, own: QueueRules) -> tuple[int, ...]:
        """An `ended` closed the thread: one resolution, and whether nobody had ever replied."""
        length = self._length(self.resolution_from, at)
        open_ms = length if own.calendar is None else business_ms(own.calendar, self.resolution_from, at)
        increments: tuple[int, ...] = (
            _RESOLUTION, 1, _RESOLUTION_MS, length, _RESOLUTION_BUSINESS_MS, open_ms,
        )  # fmt: skip
        if not self.ended_once and not self.responded and inbound:
            increments += (_CLOSED_UNANSWERED, 1)
        self.ended_once = True
        return increments
