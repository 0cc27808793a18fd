"""What a simulated center is like, as tables: its queues, its day, its customers' habits. Durations in seconds."""

from __future__ import annotations

from dataclasses import dataclass, field

REPLIES = {"email": 1500.0, "social": 240.0}
"""Channels of threads: how long customers take to reply."""
REOPENED, NOTE, NOTE_WORK, MORE, MORE_WORK = 0.05, 0.15, 1 / 3, 0.35, 0.7
"""Shares of threads that are reopened, have a note, need a second reply; shares of `work` that note and reply take."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Queue:
    """One queue. Times are means in seconds; shares are between 0 and 1.

    `arrivals`: an hour at scale 1, mean of the day. `spare`: agents beyond the load, in square roots of the load.
    `patience` None: nobody gives up waiting. `limit`: the longest wait before the queue lets go, None never.
    `callback`: share of those who wait long that ask to be called back. `sessions`: contacts an agent serves at once.
    """

    channel: str
    name: str
    arrivals: float
    work: float
    wrap_up: float = 40
    patience: float | None = 150
    limit: float | None = 600
    spare: float = 0.6
    sessions: int = 1
    declined: float = 0.03
    held: float = 0.18
    transferred: float = 0.07
    callback: float = 0.0
    bot: float = 0.0
    contained: float = 0.0
    unresolved: float = 0.14
    reasons: tuple[str, ...] = ("question", "order", "complaint")

    @property
    def seconds(self) -> float:
        """What a contact takes of agents' sessions, without ringing: who wraps up a thread serves the next one."""
        if self.channel in REPLIES:
            return self.work * (1 + NOTE * NOTE_WORK + MORE * MORE_WORK) * (1 + REOPENED)
        return self.work * (1 + 0.6 * self.transferred) + 40 * self.held + self.wrap_up


@dataclass(frozen=True, slots=True, kw_only=True)
class Profile:
    """A center. `events_per_second`: what it yields at scale 1, mean of a day (measured, checked by a test).

    `presence`: agents' states are told, with a heartbeat every two minutes. `habits`: customers come back, answer
    surveys, buy.
    """

    name: str
    queues: tuple[Queue, ...]
    events_per_second: float
    customers: int = 20_000
    presence: bool = True
    habits: bool = True
    outbound: float = 0.03
    unidentified: float = 0.08
    day: tuple[float, ...] = field(default=())

    def demand(self, hour: int) -> float:
        """How busy an hour of the day (0-23, UTC) is; the mean of the day is 1."""
        return self.day[hour] * len(self.day) / sum(self.day) if self.day else 1.0


OFFICE_DAY = (
    0.45, 0.42, 0.40, 0.40, 0.42, 0.50, 0.65, 0.90, 1.20, 1.45, 1.55, 1.50,
    1.35, 1.30, 1.40, 1.45, 1.40, 1.30, 1.20, 1.05, 0.90, 0.75, 0.60, 0.50,
)  # fmt: skip
"""Relative demand by hour: two humps and a quiet, never empty, night."""

SALES = ("offer", "contract", "price")
SUPPORT = ("login", "outage", "set-up", "delivery")
BILLING = ("invoice", "payment", "reminder")

CENTER = Profile(
    name="center",
    day=OFFICE_DAY,
    events_per_second=1.59,
    queues=(
        Queue(channel="phone", name="sales", arrivals=40, work=280, reasons=SALES),
        Queue(channel="phone", name="support", arrivals=75, work=340, spare=0.2, callback=0.4, reasons=SUPPORT),
        Queue(channel="phone", name="billing", arrivals=45, work=240, spare=0.5, callback=0.2, reasons=BILLING),
        Queue(channel="video", name="advice", arrivals=10, work=600, patience=90, reasons=SALES),
        Queue(
            channel="chat", name="web", arrivals=60, work=420, patience=240, sessions=3, bot=0.6, contained=0.35,
            held=0, reasons=SUPPORT,
        ),
        Queue(
            channel="chat", name="app", arrivals=40, work=360, patience=200, sessions=3, bot=0.8, contained=0.4,
            held=0, spare=0.3, reasons=BILLING,
        ),
        Queue(
            channel="email", name="support", arrivals=40, work=300, wrap_up=20, patience=None, limit=None, held=0,
            spare=0.2, reasons=SUPPORT,
        ),
        Queue(
            channel="email", name="orders", arrivals=25, work=220, wrap_up=20, patience=None, limit=None, held=0,
            spare=0.2, reasons=SALES,
        ),
        Queue(
            channel="social", name="public", arrivals=20, work=150, wrap_up=10, patience=None, limit=None, held=0,
            spare=0.3, unresolved=0.2, reasons=SUPPORT,
        ),
        Queue(
            channel="social", name="messages", arrivals=15, work=180, wrap_up=10, patience=None, limit=None, held=0,
            reasons=BILLING,
        ),
    ),
)  # fmt: skip

PHONE = Profile(
    name="phone",
    events_per_second=1.67,
    presence=False,
    habits=False,
    outbound=0.0,
    queues=tuple(
        Queue(
            channel="phone",
            name=f"{line}-{language}",
            arrivals=arrivals,
            work=work,
            spare=spare,
            callback=0.1,
            reasons=reasons,
        )
        for line, arrivals, work, spare, reasons in (
            ("sales", 30, 280, 0.7, SALES),
            ("support", 60, 340, 0.3, SUPPORT),
            ("billing", 40, 240, 0.5, BILLING),
            ("claims", 20, 420, 0.4, ("damage", "theft", "status")),
        )
        for language in ("en", "it", "de", "fr", "es", "pl")
    ),
)

PROFILES: dict[str, Profile] = {profile.name: profile for profile in (CENTER, PHONE)}
