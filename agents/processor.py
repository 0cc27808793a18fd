"""What a processor is: a topic, and the books that its partitions keep."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable

    from agents.books import Books
    from stream.settings import Settings


class Processor(NamedTuple):
    """One Faust agent. `topic` without prefix; `books` makes the books of one partition."""

    name: str
    topic: str
    books: Callable[[Settings], Books]
