"""One customer as everything in this stage sees them: interactions on all channels, and events, by time. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from schemas.events import Digest, Said
from stream.core.customers.journey import Journey


class Person:
    """`journey`: the interactions; `said`: the events, by instant, then source and id; `contacts`: see `contacts`.

    `known_since`: the first instant of all (ms), that of what is no longer kept included.
    """

    __slots__ = ("_by_kind", "contacts", "id", "journey", "known_since", "said")

    def __init__(
        self, customer_id: str, digests: Iterable[Digest], said: Iterable[Said], window_ms: int,
        known_since: int = 1 << 62,
    ) -> None:  # fmt: skip
        self.id = customer_id
        self.journey = Journey(digests, window_ms)
        self.contacts: list[Any] | None = None
        self.said = sorted(said, key=lambda one: (one.at, one.source, one.id))
        firsts = [*(d.started_at for d in self.journey.all[:1]), *(one.at for one in self.said[:1])]
        self.known_since = min([known_since, *firsts])
        self._by_kind: dict[str, list[Said]] = {}
        for one in self.said:
            self._by_kind.setdefault(one.kind, []).append(one)

    def events(self, kind: str) -> list[Said]:
        """The events of a kind (their type without `customer.`), in order."""
        return self._by_kind.get(kind, [])
