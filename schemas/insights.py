"""What we tell of customers while it can still be acted on: `customers.insights`, keyed by customer.

Each insight has one `id`, whatever the order in which its causes came, and is told once; after a crash it may come
again, with that id and the same content. `revision` is the offset, in `customers.timeline`, of the record that caused
it, `time` that record's event's: what happened then may lie a little before it, see `happened_at`.
"""

from __future__ import annotations

from typing import Literal, get_args

from msgspec import Struct

from schemas.customers import Survey
from schemas.digests import Outcome
from schemas.envelope import Channel, EntityId, Envelope, Instant

Why = Literal["abandoned", "transferred_twice", "long_wait", "low_score", "complaint", "repeated_on_another_channel"]
"""What a customer met with."""
Risk = Literal["detractor", "complaint", "early_churn"]
"""Why a customer may leave: a low NPS; a complaint; trouble in the first days as a customer."""
Signal = Literal["complaint", "low_score", "returned", "repeat_contact"]
"""What trouble was, in those days."""
RISKS: tuple[str, ...] = get_args(Risk)


class InsightData(Struct, kw_only=True, omit_defaults=True, gc=False):
    """`data` of every insight."""

    customer_id: EntityId


class Contact(Struct, kw_only=True, omit_defaults=True, gc=False):
    """An interaction of the customer's. `ended_at` is the first end, absent while there is none."""

    channel: Channel
    interaction_id: EntityId
    started_at: Instant
    ended_at: Instant | None = None
    reason: str | None = None
    queue: str | None = None
    outcome: Outcome | None = None
    resolved: bool | None = None


class Score(Struct, kw_only=True, omit_defaults=True, gc=False):
    """The latest answer to a survey."""

    survey: Survey
    score: int
    at: Instant


class ContextData(InsightData, kw_only=True):
    """Who begins to speak: `contact`, which contact on this matter; `repeat`: as first-contact resolution counts it.

    `earlier`: those on this matter, the latest 20, oldest first. `open`: the customer's other open interactions, on any
    matter. `scores`: the latest answer to each survey. `at_risk`: why the customer may leave.
    """

    channel: Channel
    interaction_id: EntityId
    started_at: Instant
    contact: int
    repeat: bool
    reason: str | None = None
    earlier: list[Contact] = []
    open: list[Contact] = []
    scores: list[Score] = []
    orders: int = 0
    last_order_at: Instant | None = None
    at_risk: list[Risk] = []


class RepeatData(InsightData, kw_only=True):
    """Who comes back: `first`, the first contact of the issue; `previous`, the one before this; `gap_ms` since its end.

    `channels`: of the issue, in the order in which they came, this one's included. `contact`: see `ContextData`.
    """

    channel: Channel
    interaction_id: EntityId
    started_at: Instant
    contact: int
    first: Contact
    previous: Contact
    gap_ms: int
    channels: list[Channel]
    reason: str | None = None


class FrictionData(InsightData, kw_only=True):
    """What a customer met with, `why`, when, where it is known, and how much of it; `again`: who came back how.

    `wait_ms`: from the first queue to the answer, or the end. `score` without a `survey` are a review's stars.
    """

    why: Why
    happened_at: Instant
    channel: Channel | None = None
    interaction_id: EntityId | None = None
    queue: str | None = None
    reason: str | None = None
    wait_ms: int | None = None
    transferred: int | None = None
    survey: Survey | None = None
    score: int | None = None
    about: str | None = None
    again: Contact | None = None


class AtRiskData(InsightData, kw_only=True):
    """Why a customer may leave; of early churn since when they are one, and the `signal`."""

    why: Risk
    happened_at: Instant
    channel: Channel | None = None
    interaction_id: EntityId | None = None
    score: int | None = None
    about: str | None = None
    joined_at: Instant | None = None
    signal: Signal | None = None


class SpikeData(Struct, kw_only=True, omit_defaults=True, gc=False):
    """More contacts of a reason in a half-hour than it usually has at this time: over all channels, so far."""

    reason: str
    starts_at: Instant
    ends_at: Instant
    contacts: int
    usual: float


class CustomerContext(Envelope, tag="customer.context"):
    """An inbound interaction has begun, or it has turned out whose it is.

    `id`: `context/<channel>/<interaction>/<customer>`.
    """

    data: ContextData


class RepeatContact(Envelope, tag="customer.repeat_contact"):
    """The customer had to come back. `id`: `repeat/<channel>/<interaction>/<customer>`."""

    data: RepeatData


class Friction(Envelope, tag="customer.friction"):
    """The customer met with an obstacle. `id`: `friction/<why>/<channel>/<interaction>/<customer>`.

    Of what the customer said: `friction/<why>/<source>/<event>/<customer>`.
    """

    data: FrictionData


class AtRisk(Envelope, tag="customer.at_risk"):
    """The customer may leave. `id`: `at_risk/<why>/<source>/<event>/<customer>`; of early churn the joining event's."""

    data: AtRiskData


class ReasonSpike(Envelope, tag="reason_spike"):
    """A reason has more contacts than usual. `id`: `reason/<start of the half-hour>/<reason>`."""

    data: SpikeData


Insight = CustomerContext | RepeatContact | Friction | AtRisk
