"""What became of subscriptions in this process, counted for `/metrics`."""

from __future__ import annotations

from collections import Counter

from stream.serve.subscription.catalogue import TOPICS

ENDS = ("slow", "stuck", "refused")
"""Cut off, too far behind what is told · cut off, had not taken what was sent for too long · there are too many."""


class Counts:
    """`subscribers`: connected now. `sent`: events by topic. `ends`: subscriptions by ENDS."""

    def __init__(self) -> None:
        self.subscribers = 0
        self.sent: Counter[str] = Counter(dict.fromkeys(TOPICS, 0))
        self.ends: Counter[str] = Counter(dict.fromkeys(ENDS, 0))

    def total(self) -> tuple[int, int]:
        """Another one after every change."""
        return self.subscribers, self.sent.total() + self.ends.total()
