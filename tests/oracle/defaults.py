"""The contract's defaults, written down once more: nothing here is taken from the product.

All durations are milliseconds. `Settings` lets a test give a queue values of its own.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Protocol

SECOND, MINUTE, HOUR, DAY = 1_000, 60_000, 3_600_000, 86_400_000

CHANNELS = ("phone", "email", "chat", "social", "video")
THREADED = ("email", "social", "chat")
PARKED = ("email", "social")
FLOW_OUTCOMES = ("voicemail", "callback", "overflow", "timeout", "closed", "full", "no_agents", "bot", "other")
DECLINE_RESULTS = ("no_answer", "rejected", "busy", "error")
FORCED_OUTCOMES = ("timeout", "full", "no_agents", "overflow", "other")

THRESHOLD = {
    "phone": 20 * SECOND,
    "video": 30 * SECOND,
    "chat": 60 * SECOND,
    "email": 8 * HOUR,
    "social": HOUR,
}
IDLE_LIMIT: dict[str, int | None] = {
    "phone": 4 * HOUR,
    "video": 4 * HOUR,
    "chat": 24 * HOUR,
    "email": None,
    "social": None,
}


class Calendar(Protocol):
    """When a queue is open: `spans` ("09:00", "17:00") of the local clock of `zone`, on the days that `weekday` says.

    A span may end at "24:00". `holidays` are ISO dates of that zone.
    """

    @property
    def zone(self) -> str: ...
    @property
    def spans(self) -> tuple[tuple[str, str], ...]: ...
    @property
    def holidays(self) -> tuple[str, ...]: ...
    def __hash__(self) -> int: ...

    def weekday(self, number: int) -> bool:
        """Whether it is open on that weekday (Monday is 0)."""


@dataclass(frozen=True)
class QueueSettings:
    """One queue's values; None means the channel's default."""

    threshold: int | None = None
    short_abandon: int = 5 * SECOND
    wrap_up_cap: int = 30 * MINUTE
    zone: str = "UTC"
    calendar: Calendar | None = None


@dataclass(frozen=True)
class Settings:
    """All counting settings that the oracle knows; `queues` by (channel, queue)."""

    queues: dict[tuple[str, str], QueueSettings] = field(default_factory=dict)
    zone: str = "UTC"
    repeat_window: int = 7 * DAY
    clock_skew: int = 5 * SECOND
    hourly_rates: dict[str, int] = field(default_factory=dict)

    def of(self, channel: str, queue: str | None) -> QueueSettings:
        """The values of a queue, or of no queue at all."""
        return self.queues.get((channel, queue or ""), QueueSettings())

    def threshold(self, channel: str, queue: str | None) -> int:
        """Longest wait, in ms, that is still in threshold."""
        own = self.of(channel, queue).threshold
        return THRESHOLD[channel] if own is None else own


DEFAULTS = Settings()
