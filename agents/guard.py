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

    from aiokafka.structs import ConsumerRecord

    from agents.books import Books
    from schemas.codec import Decode

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
    """Records, read. `taken` of them were; the rest must wait. `future_at` (ms): the event to wait for."""

    taken: int = 0
    events: list[tuple[int, Any]] = field(default_factory=list)
    letters: list[DeadLetter] = field(default_factory=list)
    skipped: int = 0
    future_at: int | None = None

    def reject(self, records: Sequence[ConsumerRecord[bytes | None, bytes | None]], bug: Bug) -> None:
        """The event of one of these records brings out a bug: it becomes a dead letter."""
        record = next(record for record in records if record.offset == bug.culprit)
        self.events = [(offset, event) for offset, event in self.events if offset != bug.culprit]
        self.letters.append(DeadLetter(record, "bug", bug.detail))


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

    def read(self, records: Sequence[ConsumerRecord[bytes | None, bytes | None]]) -> Reading:
        """Decode records in order, up to one that must wait or that trips the brake."""
        reading, decode = Reading(), self._decode
        events, latest = reading.events, int(self._clock() * 1000) + FUTURE_MS
        for ahead, record in enumerate(records):
            try:
                event: Any = decode(record.key, record.value, record.timestamp)
                if type(event) is Skipped:
                    reading.skipped += 1
                    continue
                if event.at > latest:
                    if not self._reject_future:
                        reading.future_at, reading.taken = event.at, ahead
                        break
                    raise _ahead(event.at)  # noqa: TRY301 - judged like what decoding finds
            except Rejected as rejected:
                reading.letters.append(DeadLetter(record, rejected.reason, rejected.detail))
            except Exception as error:  # noqa: BLE001 - the one place
                self._log(error, offset=record.offset)
                reading.letters.append(DeadLetter(record, "bug", _detail(error)))
            else:
                events.append((record.offset, event))
                continue
            if self._brake.rejected(ahead):
                reading.taken = ahead + 1
                break
        else:
            reading.taken = len(records)
        return reading

    def step(self, books: Books, step: Callable[[], T]) -> T:
        """A step of the books. Raises Bug when a record or an entity is the culprit."""
        try:
            return step()
        except Exception as error:
            if books.handling is None:
                raise
            self._log(error, culprit=books.handling)
            raise Bug(books.handling, _detail(error)) from error

    def _log(self, error: Exception, **where: int | str) -> None:
        self.bugs += 1
        log.error("bug", exc_info=error, **where)


def _ahead(at: int) -> Rejected:
    return Rejected("time_in_future", f"time {at} ms is more than 5 minutes ahead of our clock, as is the record")


def _detail(error: Exception) -> str:
    return f"{type(error).__name__}: {error}".replace("\n", " ")
