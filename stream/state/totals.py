"""Totals of all shards, added up when somebody looks: between two looks a shard writes the same ones many times."""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Mapping

import msgspec

from stream.core.measures import Cell, add
from stream.state.sums import exchanged

_decode = msgspec.msgpack.Decoder(tuple[dict[int, int], dict[int, int]]).decode
Total = tuple[Cell, Cell]
"""What was gained, and what of it was retracted since."""


class _Scope:
    """`parts`: packed totals by shard; `added`: those of them that `total` holds, as they were when they were added."""

    __slots__ = ("added", "parts", "stale", "total")

    def __init__(self) -> None:
        self.parts: dict[Hashable, bytes] = {}
        self.added: dict[Hashable, bytes] = {}
        self.stale: set[Hashable] = set()
        self.total: Total = ({}, {})


class Totals(Mapping[str, Total]):
    """Scope -> totals, not to be changed by who reads them."""

    def __init__(self) -> None:
        self._scopes: dict[str, _Scope] = {}

    def put(self, scope: str, shard: Hashable, packed: bytes | None) -> None:
        """The totals of a scope in one shard; None: there are none."""
        known = self._scopes.get(scope)
        if known is None:
            known = self._scopes[scope] = _Scope()
        known.stale.add(shard)
        if packed is not None:
            known.parts[shard] = packed
        else:
            known.parts.pop(shard, None)
            if not known.parts:
                del self._scopes[scope]

    def __getitem__(self, scope: str) -> Total:
        known = self._scopes[scope]
        for shard in known.stale:
            before, after = known.added.pop(shard, None), known.parts.get(shard)
            old: Total = ({}, {}) if before is None else _decode(before)
            new: Total = ({}, {}) if after is None else _decode(after)
            for into, added, removed in zip(known.total, new, old, strict=True):
                add(into, exchanged(removed, added))
            if after is not None:
                known.added[shard] = after
        known.stale.clear()
        return known.total

    def __iter__(self) -> Iterator[str]:
        return iter(self._scopes)

    def __len__(self) -> int:
        return len(self._scopes)
