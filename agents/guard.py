"""Whose fault it is: the one place that catches everything.

Data at fault is a dead letter. A bug of ours that a record or an entity brings out is one too, with the stack in the
log: one record must not stop a partition. Anything else is the world's fault or ours, and ends the process.
"""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, TypeVar

import structlog

from agents.deadletters import Brake, DeadLetter
from schemas.rejected import Rejected, Skipped

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from agents.books import Books
    from agents.records import Record
    from schemas.codec import Decode
    from stream.core.books.ledger import Events

log = structlog.get_logger()

FUTURE_MS = 300_000
T = TypeVar("T")


class Bug(Exception):
    """A record (by offset) or an entity (by name) brings out a bug of ours."""

    def __init__(self, culprit: int | str, detail: str) -> None:
        super().__init__(detail)
        self.culprit = culprit
        self.detail = detail


@dataclass(slots=True)
class Reading:
    """What has been read of a batch. `taken` records were; what follows must wait: `future_at` (ms) is the time of the
    event to wait for.

    `bugs`: detail by offset of the records that have brought out a bug before. `seen`: records that the brake knows.
    """

    taken: int = 0
    letters: list[DeadLetter] = field(default_factory=list)
    skipped: int = 0
    future_at: int | None = None
    stopped: bool = False
    bugs: dict[int, str] = field(default_factory=dict)
    seen: int = 0

    def again(self) -> None:
        """Begin from the first record, knowing what is known."""
        self.taken, self.letters, self.skipped, self.future_at, self.stopped = 0, [], 0, None, False


class Guard:
    """Reads a partition's records. `reject_future`: an event ahead of our clock is rejected; else it is waited for."""

    def __init__(
        self, decode: Decode, brake: Brake, *, reject_future: bool, clock: Callable[[], float] = time.time
    ) -> None:
        self._decode = decode
        self._brake = brake
        self._reject_future = reject_future
        self._clock = clock
        self.bugs = 0

    def read(self, records: Sequence[Record], reading: Reading) -> Events:
        """Decode the next piece of a batch, in order, up to a record that must wait or that trips the brake."""
        events: Events = []
        decode, bugs, latest = self._decode, reading.bugs, int(self._clock() * 1000) + FUTURE_MS
        take = events.append
        for record in records:
            try:
                if bugs and record.offset in bugs:
                    raise Rejected("bug", bugs[record.offset])
                event: Any = decode(record.key, record.value, record.timestamp)
                if type(event) is Skipped:
                    reading.skipped += 1
                elif event.at <= latest:
                    take((record.offset, event))
                elif self._reject_future:
                    raise Rejected("time_in_future", f"time {event.at} ms is more than 5 minutes ahead of our clock")
                else:
                    reading.future_at, reading.stopped = event.at, True
                    break
            except Rejected as rejected:
                reading.letters.append(DeadLetter(record, rejected.reason, rejected.detail))
                reading.stopped = self._note(reading)
            except Exception as error:
                self._log(error, offset=record.offset)
                reading.letters.append(DeadLetter(record, "bug", _detail(error)))
                reading.stopped = self._note(reading)
            reading.taken += 1
            if reading.stopped:
                break
        reading.seen = max(reading.seen, reading.taken)
        return events

    def _note(self, reading: Reading) -> bool:
        """Tell the brake that the record after those taken was rejected, once; whether it has tripped there."""
        if reading.taken >= reading.seen:
            return self._brake.rejected(reading.taken)
        return self._brake.tripped and reading.taken == reading.seen - 1

    def step(self, books: Books, step: Callable[[], T]) -> T:
        """A step of the books. Raises Bug when a record or an entity is the culprit."""
        try:
            return step()
        except Exception as error:
            if books.handling is None:
                raise
            at_fault = books.handling if isinstance(books.handling, int) else "an entity's silence"
            self._log(error, culprit=at_fault)
            raise Bug(books.handling, _detail(error)) from error

    def _log(self, error: Exception, **where: int | str) -> None:
        self.bugs += 1
        log.error("bug", exc_info=error, **where)


def _ahead(at: int) -> Rejected:
    return Rejected("time_in_future", f"time {at} ms is more than 5 minutes ahead of our clock, as is the record")


def _detail(error: Exception) -> str:
    return f"{type(error).__name__}: {error}".replace("\n", " ")
