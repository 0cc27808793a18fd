"""What a processor is: a topic, and the books that its partitions keep."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable

    from agents.books import Books
    from schemas.codec import Decode
    from stream.core.books.room import Room
    from stream.settings import Settings


class Processor(NamedTuple):
    """One Faust agent. `topic` without prefix; `books` makes the books of one partition, in a room that it
    shares with the process's other ones.

    `decode` reads records that are no events of ours; unset: the topic's own way.
    """

    name: str
    topic: str
    books: Callable[[Settings, Room], Books]
    decode: Callable[[Settings], Decode] | None = None
