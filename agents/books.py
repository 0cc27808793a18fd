"""What a partition's task needs of its books: the ledger of a stage, or the forwarder's, which keeps none."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from stream.core.books.entry import Field
    from stream.core.books.ledger import Events
    from stream.core.books.writes import Writes
    from stream.core.stage import Output


class Books(Protocol):
    """The order of calls is that of `stream.core.books.ledger`."""

    handling: int | str | None
    hold: bool
    told_from: int
    outputs: list[Output]
    stream_time: int

    @property
    def crowded(self) -> bool:
        """Whether what was applied had better be committed before more is: it takes much memory until then."""

    def open(self, stream_time: int, counts: bytes | None) -> None:
        """Start from a shard's head."""

    def drop(self) -> None:
        """Forget everything since the last commit."""

    def count(self, kind: str, n: int = 1) -> None:
        """Count records that do not become events."""

    def ask(self, names: Iterable[str]) -> list[Field]:
        """Of these entities what to load."""

    def learn(self, fields: Sequence[Field], blobs: Sequence[bytes | None]) -> None:
        """Entities as stored."""

    def lacking(self, events: Events) -> list[Field]:
        """What else to load before a piece of the batch's events is applied."""

    def bring(self, fields: Sequence[Field], blobs: Sequence[bytes | None]) -> None:
        """What was lacking, as stored."""

    def take_in(self, due: list[str], expired: list[str]) -> list[Field]:
        """What is due and expired; what to load."""

    def apply(self, events: Events) -> None:
        """A piece of the batch's events."""

    def finish(self, spared: Iterable[str]) -> list[str]:
        """Fields to load."""

    def learn_fields(self, names: list[str], values: list[bytes | None]) -> None:
        """Fields as stored."""

    def writes(self) -> Writes:
        """All that the batch changes."""

    def committed(self) -> None:
        """The writes are stored."""
