"""One customer's reach, as the simulation sees it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


@dataclass(slots=True)
class Contact:
    """An interaction to be. `attempt` counts the contacts about the same matter, from 1."""

    id: str
    channel: str
    topic: str
    customer: str | None
    reason: str | None
    attempt: int = 1
    initiation: str = "customer"

    @property
    def outbound(self) -> bool:
        """Whether we called."""
        return self.initiation in ("agent", "callback")

    def opening(self) -> dict[str, Any]:
        """What `started` says."""
        told: dict[str, Any] = {"initiation": self.initiation}
        if self.outbound:
            told["direction"] = "outbound"
        if self.customer is not None:
            told["customer_id"] = self.customer
        if self.reason is not None:
            told["reason"] = self.reason
        return told
