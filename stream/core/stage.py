"""What a shard's state machine looks like to the kernel: the one interface between the domain and the plumbing.

A shard is one input partition. A *stage* says how its events change its entities (interactions, customers) and what
those contribute to the figures. Stages are pure: time comes in as `now`, the shard's stream time in milliseconds.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from typing import Any, Literal, Protocol

Stamp = tuple[int, str, tuple[int, ...]]
"""A contribution: (instant in ms, scope, (code, n, code, n, ...)). Codes are those of `measures`."""

Result = Literal["applied", "duplicate", "skipped"]


class Change:
    """What one event, or the passing of time, did to an entity: stamps to add and to take back.

    `tell`: what downstream must hear of this very event, made when the offset of its record is told.
    """

    __slots__ = ("added", "anomalies", "out_of_order", "removed", "result", "tell")

    def __init__(
        self, result: Result = "applied", added: list[Stamp] | None = None, removed: list[Stamp] | None = None,
        anomalies: tuple[str, ...] = (), out_of_order: bool = False,
        tell: Callable[[int], list[Output]] | None = None,
    ) -> None:  # fmt: skip
        self.result = result
        self.added = [] if added is None else added
        self.removed = [] if removed is None else removed
        self.anomalies = anomalies
        self.out_of_order = out_of_order
        self.tell = tell


class Output:
    """A record to send before the commit that covers it: topic without prefix, key, value.

    `everywhere`: to all partitions, since others than we have chosen by the key where what it is about lies.
    """

    __slots__ = ("everywhere", "key", "topic", "value")

    def __init__(self, topic: str, key: bytes, value: bytes, *, everywhere: bool = False) -> None:
        self.topic = topic
        self.key = key
        self.value = value
        self.everywhere = everywhere

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Output) and repr(self) == repr(other)

    def __hash__(self) -> int:
        return hash(self.value)

    def __repr__(self) -> str:
        return f"Output(topic={self.topic!r}, key={self.key!r}, value={self.value!r}, everywhere={self.everywhere!r})"


View = tuple[Any, ...]
"""What readers see of an entity that is live: a flat row, written with the entity and gone with it."""


class Pieces(Protocol):
    """For entities that grow large: beside what `dump` makes, they are stored in pieces, of which few change at a time.

    `always`: pieces 0 to `always` - 1 are loaded with their entity. Others are when an event needs them.
    """

    always: int

    def complete(self, state: Any, blobs: Sequence[bytes | None]) -> None:
        """The pieces that are always loaded, of an entity as `load` made it. ValueError: one is missing."""

    def lacks(self, state: Any, event: Any) -> Iterable[int]:
        """Pieces to `bring` before an event is applied."""

    def bring(self, state: Any, piece: int, blob: bytes) -> None:
        """One of these, as it is stored."""

    def changed(self, state: Any) -> dict[int, bytes | None]:
        """What must be stored beside what `dump` has just made; None: is no more."""

    def follow(self, state: Any, before: Any) -> None:
        """An entity is new in the place of one that is past its keep, whose pieces are still stored."""

    def stored(self, state: Any) -> Iterable[int]:
        """All pieces that may be stored."""

    def length(self, state: Any) -> int:
        """Bytes of those that are always loaded, as they are at hand."""


class Stage(Protocol):
    """A shard's state machine. `state` is opaque to the kernel and mutated in place by `apply` and `elapse`.

    `quiet_ms`: for so long after any of its events an entity is neither due nor past its keep. `weight`: bytes that it
    takes in memory for each that is loaded of it, about.
    """

    quiet_ms: int
    weight: int

    @property
    def pieces(self) -> Pieces | None:
        """How entities are stored in pieces; None: they are stored whole."""

    def key(self, event: Any) -> str:
        """The entity that an event is about."""

    def new(self, entity_id: str) -> Any:
        """An entity that has no event yet."""

    def load(self, entity_id: str, blob: bytes) -> Any:
        """The entity as `dump` wrote it."""

    def dump(self, state: Any) -> bytes:
        """The entity as bytes."""

    def apply(self, state: Any, event: Any, now: int) -> Change:
        """Take in one event. `now`: the shard's stream time, this event included."""

    def elapse(self, state: Any, now: int) -> Change:
        """Take in that it is `now`, and no event came."""

    def due_at(self, state: Any) -> int | None:
        """When `elapse` will next change something (ms), None never."""

    def keep_until(self, state: Any) -> int:
        """Stream time (ms) after which the entity is unknown."""

    def horizon(self, now: int) -> int:
        """An event older than this (ms) of an unknown entity is `expired`."""

    def over(self, state: Any) -> bool:
        """Whether nothing more is expected of the entity: it is then remembered as `dump` wrote it."""

    def view(self, state: Any) -> View | None:
        """What readers see of the entity while it is live; None when it is not."""

    def outputs(self, state: Any, time: datetime | None, revision: int) -> list[Output]:
        """What downstream must hear; `time` is that of the last event applied, `revision` its record's offset.

        Asked once a commit for each entity that an event or silence has changed in it, so what stood in between is not
        told. `time` None: silence alone has changed it in this commit, and `revision` is -1.
        """
