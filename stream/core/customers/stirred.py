"""What of a customer's state others must hear at the next commit; see `routes`."""

from __future__ import annotations

from stream.core.customers.heard import Place
from stream.core.customers.said import Identity


class Stirred:
    """Own interactions and events that have changed, aliases that are claimed or no longer; `holders`: of this alias.

    What is heard while nobody claims this alias is not noted: all of it is told once somebody does.
    """

    __slots__ = ("aliases", "heard", "holders", "told")

    def __init__(self) -> None:
        self.heard: set[Place] = set()
        self.told: set[Identity] = set()
        self.aliases: set[str] = set()
        self.holders: set[str] = set()
