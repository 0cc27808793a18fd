"""Which interactions a figure is made of: stamps in, those of the figure counted, the newest ones shown. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from heapq import nlargest
from typing import Any, NamedTuple

from stream.core.figures.explained import LIVE, Figure, total
from stream.core.named import CODE_OF, measures, pairs, where
from stream.core.stage import Stamp
from stream.serve.past import text

SHOWN = 100

Bounds = Callable[[str], tuple[int, int] | None]
"""Scope -> the window in which it counts (ms, the end excluded); None: not in the figure."""


Key = tuple[str, str]
"""Channel and id of an interaction."""


class Part(NamedTuple):
    """What an interaction counts at one instant (ms) and scope, by name."""

    at: int
    scope: str
    measures: dict[str, int]


class Search:
    """One figure's parts, as they are found. `expected`: its measures as the row has them; `found`: those found.

    `live`: what no stamp says: who waits or is overdue now, or is silent for too long and not yet written as such.
    """

    def __init__(self, figure: Figure, bounds: Bounds, expected: dict[str, int], live: dict[Key, list[Part]]) -> None:
        self.figure = figure
        self.expected = expected
        self.found: Counter[str] = Counter()
        self._bounds = bounds
        self._known: dict[str, tuple[int, int] | None] = {}
        self._codes = frozenset(CODE_OF[name] for name in figure.terms if name not in LIVE)
        self._parts: dict[Key, list[Part]] = {}
        self._customers: dict[Key, str] = {}
        for key, parts in live.items():
            self.take(key, parts)

    @property
    def interactions(self) -> int:
        """How many have been found."""
        return len(self._parts)

    def all_found(self) -> bool:
        """Whether nothing that is still to be looked at can belong to the figure."""
        return all(self.found[name] >= n for name, n in self.expected.items())

    def of_the_figure(self, stamps: Iterable[Stamp]) -> list[Part]:
        """Those stamps that the figure counts."""
        known, codes, parts = self._known, self._codes, []
        for at, scope, increments in stamps:
            if scope not in known:
                known[scope] = self._bounds(scope)
            bounds = known[scope]
            if bounds is not None and bounds[0] <= at < bounds[1] and not codes.isdisjoint(increments[::2]):
                parts.append(Part(at, scope, measures(pairs(increments))))
        return parts

    def take(self, key: Key, parts: list[Part], customer_id: str | None = None) -> None:
        """Parts of an interaction; those of one may come in several times, from several shards."""
        for part in parts:
            for name in self.expected:
                self.found[name] += part.measures.get(name, 0)
        self._parts.setdefault(key, []).extend(parts)
        if customer_id is not None:
            self._customers[key] = customer_id

    def newest(self) -> list[dict[str, Any]]:
        """The newest interactions, the newest first, with what each adds to numerator and denominator.

        What is of none, as an answer about nothing in particular, is found and not shown.
        """
        at = {key: max(part.at for part in parts) for key, parts in self._parts.items() if key[1]}
        return [self._shown(key) for key in nlargest(SHOWN, at, key=lambda key: (at[key], key))]

    def _shown(self, key: Key) -> dict[str, Any]:
        figure, parts = self.figure, sorted(self._parts[key], key=lambda part: part[:2])
        sums: Counter[str] = Counter()
        for part in parts:
            sums.update(part.measures)
        shown: dict[str, Any] = {"channel": key[0], "id": key[1]}
        if key in self._customers:
            shown["customer_id"] = self._customers[key]
        shown["at"] = text(parts[-1].at)
        shown["numerator"] = total(figure.numerator, sums) if figure.numerator else None
        shown["denominator"] = total(figure.denominator, sums) if figure.denominator else None
        if figure.population is not None:
            shown[figure.population] = sums[figure.population]
        shown["parts"] = [{"at": text(at), **where(scope), "measures": counted} for at, scope, counted in parts]
        return shown
