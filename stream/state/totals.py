"""Totals of all shards, added up when somebody looks: between two looks a shard writes the same ones many times."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator, Mapping
from typing import Any, TypeVar

import msgspec

from stream.core.measures import Cell
from stream.state.running import exchange

_decode = msgspec.msgpack.Decoder(tuple[dict[int, int], dict[int, int]]).decode
T = TypeVar("T")
Total = tuple[Cell, Cell]
"""What was gained, and what of it was retracted since."""
_NOTHING: Total = ({}, {})


class _Scope:
    """`parts`: packed totals by shard; `stale`: what `total` still holds of those that have changed, None is nothing.

    `told`: what functions said of the total as it is.
    """

    __slots__ = ("parts", "stale", "told", "total")

    def __init__(self) -> None:
        self.parts: dict[Hashable, bytes] = {}
        self.stale: dict[Hashable, bytes | None] = {}
        self.total: Total = ({}, {})
        self.told: dict[Callable[[Cell, Cell], Any], Any] = {}


class Totals(Mapping[str, Total]):
    """Scope -> totals, not to be changed by who reads them."""

    def __init__(self) -> None:
        self._scopes: dict[str, _Scope] = {}

    def put(self, scope: str, shard: Hashable, packed: bytes | None) -> None:
        """The totals of a scope in one shard; None: there are none."""
        known = self._scopes.get(scope)
        if known is None:
            known = self._scopes[scope] = _Scope()
        known.stale.setdefault(shard, known.parts.get(shard))
        if packed is not None:
            known.parts[shard] = packed
        else:
            known.parts.pop(shard, None)
            if not known.parts:
                del self._scopes[scope]

    def __getitem__(self, scope: str) -> Total:
        return self._refreshed(self._scopes[scope]).total

    def told(self, tell: Callable[[Cell, Cell], T], scope: str) -> T:
        """What a function says of a scope's totals, remembered while these stay as they are."""
        known = self._scopes.get(scope)
        if known is None:
            return tell({}, {})
        told = self._refreshed(known).told
        if tell not in told:
            told[tell] = tell(*known.total)
        found: T = told[tell]
        return found

    def _refreshed(self, known: _Scope) -> _Scope:
        if not known.stale:
            return known
        for shard, before in known.stale.items():
            after = known.parts.get(shard)
            old, new = (_NOTHING if each is None else _decode(each) for each in (before, after))
            for into, added, removed in zip(known.total, new, old, strict=True):
                if added != removed:
                    exchange(into, removed, added)
        known.stale.clear()
        known.told.clear()
        return known

    def __iter__(self) -> Iterator[str]:
        return iter(self._scopes)

    def __len__(self) -> int:
        return len(self._scopes)
