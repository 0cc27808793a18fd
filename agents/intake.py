"""The intake: vendors' own payloads into events of ours, in the topics where sources that speak our language send them.

One processor a vendor. Its shards hold an offset and counts; and, of a vendor that tells of agents only in part, what
was told before. What is sent again after a crash has the same identity, and the next stage drops it.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

import structlog
from msgspec import Struct

from agents.forward import Passage
from agents.processor import Processor
from schemas.faults import MAX_AHEAD_MS
from schemas.rejected import Rejected, Skipped
from schemas.sources.conversion import Change, Memory, Sending, convert, sending
from schemas.sources.options import NONE
from schemas.sources.vendors import VENDORS
from stream.core.stage import Output

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from schemas.codec import Decode
    from schemas.sources.conversion import Pseudonym, Vendor
    from schemas.sources.options import Options
    from stream.core.books.entry import Field
    from stream.core.books.room import Room
    from stream.core.books.writes import Writes
    from stream.settings import Settings

log = structlog.get_logger()

_MEMORY = "memory"
_MOST_NAMED = 1000
_named: set[tuple[str, str]] = set()


class Payload(Struct, gc=False):
    """A payload, taken in. `at`: the time of the latest event in it, ms."""

    at: int
    told: list[Sending | Change]


class Intake(Passage):
    """The books of one partition of payloads."""

    def __init__(self, memory: Callable[[], Memory] | None) -> None:
        super().__init__()
        self._new_memory, self._memory = memory, None if memory is None else memory()
        self._loaded = memory is None
        self._changed = False
        self._taken_in = 0

    def go_on(self, first: int, taken_in: int) -> int:
        """Where to begin when the store knows nothing. What came of payloads before `taken_in` is in the input topics.

        A memory is made anew from the first one on, and of what it tells nothing is sent before `taken_in`.
        """
        self._taken_in = taken_in
        return taken_in if self._new_memory is None else first

    def drop(self) -> None:
        """Forget everything since the last commit; what agents were is asked for again."""
        super().drop()
        self._loaded, self._changed = self._memory is None, False

    def ask(self, names: Iterable[str]) -> list[Field]:  # noqa: ARG002 - as Books has it
        """The one entity that a partition may have."""
        return [] if self._loaded else [_MEMORY]

    def learn(self, fields: Sequence[Field], blobs: Sequence[bytes | None]) -> None:
        """What was told before."""
        if fields and self._new_memory is not None:
            self._memory = self._new_memory()
            self._memory.load(blobs[0])
            self._loaded = True

    def sent(self, payload: Any) -> list[Output]:
        """The events of a payload."""
        found = [self._settled(each) for each in payload.told]
        if isinstance(self.handling, int) and self.handling < self._taken_in:
            return []
        return [Output(each.topic, each.key, each.value) for each in found if each is not None]

    def writes(self) -> Writes:
        """The counts, and what agents are."""
        out = super().writes()
        if self._changed and self._memory is not None:
            out.states = [_MEMORY, self._memory.dump()]
        return out

    def committed(self) -> None:
        """The writes are stored."""
        super().committed()
        self._changed = False

    def _settled(self, told: Sending | Change) -> Sending | None:
        if isinstance(told, Sending):
            return told
        assert self._memory is not None
        event = self._memory.take(told)
        self._changed = True
        return None if event is None else sending(event, NONE)


def reader(vendor: Vendor, options: Options, pseudonym: Pseudonym | None = None) -> Decode:
    """Bytes of a record → `Payload`, or `Skipped`. Raises `Rejected`, also for an event of the record's future."""

    def decode_record(key: bytes | None, value: bytes | None, timestamp_ms: int) -> Any:
        del key
        told = convert(vendor, value or b"", options, pseudonym)
        if isinstance(told, Skipped):
            _name_once(vendor.name, told.type)
            return told
        if not told:
            return Skipped(vendor.name)
        at = max(each.at for each in told)
        if at - timestamp_ms > MAX_AHEAD_MS:
            raise Rejected("time_in_future", f"time {at} ms is more than 5 minutes ahead of the record's timestamp")
        return Payload(at, told)

    return decode_record


def _name_once(vendor: str, kind: str) -> None:
    """A kind that nobody knows, in the log; each once, since a platform may send millions."""
    if (vendor, kind) not in _named and len(_named) < _MOST_NAMED:
        _named.add((vendor, kind))
        log.warning("payloads of a kind that is not known are skipped", vendor=vendor, kind=kind)


def _books(vendor: Vendor, settings: Settings, room: Room) -> Intake:
    del settings, room
    return Intake(vendor.memory)


def _decode(vendor: Vendor, settings: Settings) -> Decode:
    pseudonyms = settings.pseudonyms()
    return reader(vendor, settings.source(vendor.name).options(), None if pseudonyms is None else pseudonyms.of)


PROCESSORS = tuple(
    Processor(f"intake-{each.name}", each.topic, partial(_books, each), partial(_decode, each))
    for each in VENDORS.values()
)
