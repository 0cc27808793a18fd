"""Counting settings: what a threshold is, and for whom. Pure data, made by `stream.settings`, passed in.

Durations in milliseconds. A queue that nobody configured has its channel's values. Two workers with different counting
settings must not share a store: `fingerprint` is what they compare.
"""

from __future__ import annotations

from bisect import bisect_left
from hashlib import blake2b

import msgspec
from msgspec import Struct

from stream.core.times.calendar import Calendar

SECOND, MINUTE, HOUR, DAY = 1000, 60_000, 3_600_000, 86_400_000


class QueueRules(Struct, frozen=True, kw_only=True):
    """How one queue is counted. `zone` is an IANA name: its local midnight starts its day buckets.

    `day_starts_ms`: how long after local midnight, by the local clock, its `today` begins. `calendar`: when it is
    open, and what business hours are; None: always.
    """

    threshold_ms: int
    target: float = 0.8
    short_abandon_ms: int = 5 * SECOND
    wrap_up_cap_ms: int = 30 * MINUTE
    zone: str = "UTC"
    day_starts_ms: int = 0
    calendar: Calendar | None = None


class ChannelRules(Struct, frozen=True, kw_only=True):
    """A channel's nature and defaults. `live`: phone, video, chat; `parked`: holds are nobody's work (email, social);
    `threaded`: responses are measured (chat too).

    `idle_limit_ms`: silence after which an interaction has timed out, None never.
    """

    live: bool
    parked: bool
    threaded: bool
    idle_limit_ms: int | None
    keep_closed_ms: int
    queue: QueueRules


CHANNEL_RULES: dict[str, ChannelRules] = {
    "phone": ChannelRules(live=True, parked=False, threaded=False, idle_limit_ms=4 * HOUR, keep_closed_ms=3 * DAY,
                          queue=QueueRules(threshold_ms=20 * SECOND)),
    "video": ChannelRules(live=True, parked=False, threaded=False, idle_limit_ms=4 * HOUR, keep_closed_ms=3 * DAY,
                          queue=QueueRules(threshold_ms=30 * SECOND)),
    "chat": ChannelRules(live=True, parked=False, threaded=True, idle_limit_ms=24 * HOUR, keep_closed_ms=3 * DAY,
                         queue=QueueRules(threshold_ms=60 * SECOND)),
    "email": ChannelRules(live=False, parked=True, threaded=True, idle_limit_ms=None, keep_closed_ms=35 * DAY,
                          queue=QueueRules(threshold_ms=8 * HOUR)),
    "social": ChannelRules(live=False, parked=True, threaded=True, idle_limit_ms=None, keep_closed_ms=35 * DAY,
                           queue=QueueRules(threshold_ms=HOUR)),
}  # fmt: skip

STATE_FORMAT = 3
"""Of what entities and cells are stored as. Another number refuses a store that was written in another format."""

TOUCHPOINTS = ("site", "app", "shop", "delivery", "invoice", "parcel", "letter", "event")
SEGMENTS = ("private", "business")
HIGH_VALUE = {"EUR": 100_000, "USD": 100_000, "GBP": 100_000}

HISTOGRAM_BOUNDS_MS = tuple(
    s * SECOND for s in (1, 5, 10, 15, 20, 30, 45, 60, 90, 120, 180, 300, 600, 900, 1800, 3600, 14400, 28800, 86400)
)


class Rules(Struct, frozen=True, kw_only=True):
    """All counting settings. `queues` is keyed by (channel, queue); `bounds_ms` ascends and holds every threshold.

    `zone`, `day_starts_ms`: of the center, for what has no queue. `agent_silence_ms`: so long after the last word of
    or about an agent the presence is unknown; `heartbeat_silence_ms`: of one who sends heartbeats.

    Of journeys: `touchpoints`, `segments` are those told apart by name, all others are `other`; `high_value`: currency
    -> minor units in a year from which a customer is of high value; `long_wait_factor`: how many thresholds are long.

    `keep_customers_ms`: of what is known of a customer. `pseudonyms`: a digest of their key, empty without.

    Of readers alone, so that another price needs no other store: `hourly_rates`: channel -> minor units of `currency`.
    """

    channels: dict[str, ChannelRules] = msgspec.field(default_factory=lambda: dict(CHANNEL_RULES))
    queues: dict[tuple[str, str], QueueRules] = msgspec.field(default_factory=dict)
    bounds_ms: tuple[int, ...] = HISTOGRAM_BOUNDS_MS
    zone: str = "UTC"
    day_starts_ms: int = 0
    agent_silence_ms: int = 12 * HOUR
    heartbeat_silence_ms: int = 10 * MINUTE
    repeat_window_ms: int = 7 * DAY
    clock_skew_ms: int = 5 * SECOND
    keep_open_ms: int = 400 * DAY
    keep_customers_ms: int = 400 * DAY
    pseudonyms: str = ""
    max_events: int = 5000
    max_interactions: int = 5000
    touchpoints: tuple[str, ...] = TOUCHPOINTS
    segments: tuple[str, ...] = SEGMENTS
    high_value: dict[str, int] = msgspec.field(default_factory=lambda: dict(HIGH_VALUE))
    long_wait_factor: float = 3.0
    hourly_rates: dict[str, int] = msgspec.field(default_factory=dict)
    currency: str = "EUR"

    def queue(self, channel: str, queue: str | None) -> QueueRules:
        """The rules of a queue: its own, else its channel's."""
        if queue is not None:
            own = self.queues.get((channel, queue))
            if own is not None:
                return own
        return self.channels[channel].queue

    def bound(self, value_ms: int) -> int:
        """Position of the classic histogram bucket (le) that holds a value; len(bounds_ms) is +Inf."""
        return bisect_left(self.bounds_ms, value_ms)

    def fingerprint(self) -> str:
        """The same for equal settings, whatever the order in which they were written, in one state format."""
        plain = msgspec.to_builtins(
            (self.channels, sorted((*k, v) for k, v in self.queues.items()), self.bounds_ms, self.zone,
             self.day_starts_ms, self.agent_silence_ms, self.heartbeat_silence_ms, self.repeat_window_ms,
             self.clock_skew_ms, self.keep_open_ms, self.max_events, self.max_interactions, sorted(self.touchpoints),
             sorted(self.segments), self.high_value, self.long_wait_factor, self.keep_customers_ms, self.pseudonyms)
        )  # fmt: skip
        digest = blake2b(msgspec.json.encode(plain, order="deterministic"), digest_size=8).hexdigest()
        return f"{STATE_FORMAT}-{digest}"
