"""The processors that forward what is said of customers and agents to the timelines, where digests and parts are.

Their shards hold an offset and counts, no entities: what is forwarded again after a crash has the same identity, and
the second stage drops it.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from functools import partial
from operator import attrgetter
from typing import TYPE_CHECKING, Any

from agents.processor import Processor
from schemas.codec import encode as encode_event
from stream.core.books.cells import encode
from stream.core.books.ledger import Counts, decode_counts
from stream.core.books.writes import Writes
from stream.core.stage import Output

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from stream.core.books.entry import Field
    from stream.core.books.ledger import Events
    from stream.core.books.room import Room
    from stream.settings import Settings


class Passage(ABC):
    """Books without entries: `sent` says what of each event goes on, and where to."""

    crowded = False

    def __init__(self) -> None:
        self.handling: int | str | None = None
        self.hold = False
        self.told_from = 0
        self.outputs: list[Output] = []
        self.stream_time = 0
        self._counts: Counts = {}
        self._saved: tuple[int, bytes] = (0, encode({}))

    def open(self, stream_time: int, counts: bytes | None) -> None:
        """Start from a shard's head."""
        self._saved = (stream_time, counts or encode({}))
        self.drop()

    def drop(self) -> None:
        """Forget everything since the last commit."""
        self.stream_time, self._counts = self._saved[0], decode_counts(self._saved[1])
        self.outputs = []

    def count(self, kind: str, n: int = 1) -> None:
        """Count records that do not become events."""
        self._counts[kind] = self._counts.get(kind, 0) + n

    def ask(self, names: Iterable[str]) -> list[Field]:  # noqa: ARG002 - as Books has it
        """Nothing to load."""
        return []

    def learn(self, fields: Sequence[Field], blobs: Sequence[bytes | None]) -> None:  # noqa: B027 - as Books has it
        """Nothing was asked for."""

    def lacking(self, events: Events) -> list[Field]:  # noqa: ARG002 - as Books has it
        """Nothing to load."""
        return []

    def bring(self, fields: Sequence[Field], blobs: Sequence[bytes | None]) -> None:  # noqa: B027 - as Books has it
        """Nothing was lacking."""

    def take_in(self, due: list[str], expired: list[str]) -> list[Field]:  # noqa: ARG002 - as Books has it
        """Nothing is ever due."""
        return []

    def apply(self, events: Events) -> None:
        """Send the events on."""
        for offset, event in events:
            self.handling = offset
            self.outputs += self.sent(event)
            self.stream_time = max(self.stream_time, event.at)
        self.handling = None
        if events:
            self.count("applied", len(events))

    @abstractmethod
    def sent(self, event: Any) -> list[Output]:
        """What goes on."""

    def finish(self, spared: Iterable[str]) -> list[str]:  # noqa: ARG002 - as Books has it
        """Nothing to load."""
        return []

    def learn_fields(self, names: list[str], values: list[bytes | None]) -> None:  # noqa: B027 - as Books has it
        """Nothing was asked for."""

    def writes(self) -> Writes:
        """The counts alone."""
        return Writes(stream_time=self.stream_time, counts=encode(self._counts))

    def committed(self) -> None:
        """The writes are stored."""
        self._saved = (self.stream_time, encode(self._counts))
        self.outputs = []


class Forward(Passage):
    """Each event is sent on to the topic `to`, under the key that `key` reads from it."""

    def __init__(self, to: str, key: Callable[[Any], str]) -> None:
        super().__init__()
        self._to, self._key = to, key

    def sent(self, event: Any) -> list[Output]:
        """The event itself."""
        return [Output(self._to, self._key(event).encode(), encode_event(event))]


def _books(to: str, key: str, settings: Settings, room: Room) -> Forward:
    del settings, room
    return Forward(to, attrgetter(f"data.{key}"))


PROCESSOR = Processor("forward", "customers.events", partial(_books, "customers.timeline", "customer_id"))
PRESENCE = Processor("presence", "agents.presence", partial(_books, "agents.timeline", "agent_id"))
