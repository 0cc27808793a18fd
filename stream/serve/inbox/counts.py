"""What became of webhooks in this process, counted for `/metrics`."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator

RESULTS = (
    "accepted", "repeated", "unsigned", "stale", "malformed", "too_large", "unavailable", "closed",
)  # fmt: skip
"""Acknowledged by Kafka · taken before · no right signature · signed too long ago · nothing that a vendor would send ·
over the limit · Kafka away, or too much at once · no secret is set for the vendor."""


class Counts:
    """Counts by vendor and result. `open_to`: vendors who may send; their counts are there from the start."""

    def __init__(self, open_to: Iterable[str]) -> None:
        self._counts = Counter({(vendor, result): 0 for vendor in open_to for result in RESULTS})

    def add(self, vendor: str, result: str) -> None:
        """One more. Raises KeyError for a result that is none."""
        if result not in RESULTS:
            raise KeyError(result)
        self._counts[vendor, result] += 1

    def total(self) -> int:
        """All of them."""
        return self._counts.total()

    def __iter__(self) -> Iterator[tuple[tuple[str, str], int]]:
        return iter(sorted(self._counts.items()))
