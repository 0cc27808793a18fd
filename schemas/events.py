"""Input events: CloudEvents 1.0 in structured JSON, one msgspec Struct a type.

The wire event *is* the domain event. Instants on the wire are RFC 3339 with a zone; `codec` floors them to
integer milliseconds since the epoch (`at`) and fills `identity`; nothing else is added. Unknown attributes and
unknown fields are ignored, `null` means absent. Types are data: a type's wire name is its Struct's tag.
"""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, ClassVar, Literal, get_args

from msgspec import Meta, Struct, field

Channel = Literal["phone", "email", "chat", "social", "video"]
CHANNELS: tuple[str, ...] = get_args(Channel)

Name = Annotated[str, Meta(min_length=1)]
EntityId = Annotated[str, Meta(min_length=1, max_length=128)]
Instant = Annotated[datetime, Meta(tz=True)]
Whole = Annotated[int, Meta(ge=-(2**63), le=2**63 - 1)]
Money = Annotated[int, Meta(ge=-(2**53), le=2**53)]
Milliseconds = Annotated[int, Meta(ge=0, le=10**12)]

Slots = Annotated[int, Meta(ge=0, le=10**6)]

Direction = Literal["inbound", "outbound"]
Initiation = Literal["customer", "agent", "callback", "transfer", "api"]
DeclineResult = Literal["no_answer", "rejected", "busy", "error"]
FlowOutcome = Literal["voicemail", "callback", "overflow", "timeout", "closed", "full", "no_agents", "bot", "other"]
Author = Literal["customer", "agent", "bot", "system"]
EndedBy = Literal["customer", "agent", "system", "bot"]
TransferKind = Literal["blind", "attended"]
Presence = Literal["logged_out", "available", "not_ready"]
Survey = Literal["csat", "nps", "ces"]
Phase = Literal["before", "during", "after"]

DECLINE_RESULTS: tuple[str, ...] = get_args(DeclineResult)
FLOW_OUTCOMES: tuple[str, ...] = get_args(FlowOutcome)


class Envelope(Struct, tag_field="type", kw_only=True, omit_defaults=True, gc=False):
    """What every event has. `at` is `time` in milliseconds, floored; `identity` 16 bytes of (source, id)."""

    id: Name
    source: Name
    specversion: Literal["1.0"]
    time: Instant
    revision: Whole | None = 0
    at: int = field(name="(at)", default=0)
    identity: bytes = field(name="(identity)", default=b"")


# --- interactions -----------------------------------------------------------------------------------------------


class Told(Struct, kw_only=True, omit_defaults=True, gc=False):
    """`data` that every interaction event may carry."""

    interaction_id: EntityId
    channel: Channel
    queue: str | None = None
    agent_id: str | None = None
    customer_id: EntityId | None = None
    segment_id: str | None = None
    direction: Direction | None = None
    initiation: Initiation | None = None
    reason: str | None = None
    attributes: dict[str, str | None] | None = None


class ByAgent(Told, kw_only=True):
    agent_id: Name


class DeclinedData(ByAgent, kw_only=True):
    result: DeclineResult | None = None


class MessageData(Told, kw_only=True):
    author: Author
    public: bool | None = True


class TransferredData(Told, kw_only=True):
    to_queue: str | None = None
    to_agent: str | None = None
    kind: TransferKind | None = None


class FlowedOutData(Told, kw_only=True):
    outcome: FlowOutcome


class EndedData(Told, kw_only=True):
    by: EndedBy | None = None
    resolved: bool | None = None
    hold_ms: Milliseconds | None = None


class WrappedUpData(ByAgent, kw_only=True):
    disposition: str | None = None
    wrap_up_ms: Milliseconds | None = None
    handle_ms: Milliseconds | None = None


class Started(Envelope, tag="interaction.started"):
    data: Told


class Queued(Envelope, tag="interaction.queued"):
    data: Told


class Offered(Envelope, tag="interaction.offered"):
    data: ByAgent


class Declined(Envelope, tag="interaction.declined"):
    data: DeclinedData


class Answered(Envelope, tag="interaction.answered"):
    data: ByAgent


class Held(Envelope, tag="interaction.held"):
    data: Told


class Resumed(Envelope, tag="interaction.resumed"):
    data: Told


class Message(Envelope, tag="interaction.message"):
    data: MessageData


class Transferred(Envelope, tag="interaction.transferred"):
    data: TransferredData


class Abandoned(Envelope, tag="interaction.abandoned"):
    data: Told


class FlowedOut(Envelope, tag="interaction.flowed_out"):
    data: FlowedOutData


class Ended(Envelope, tag="interaction.ended"):
    data: EndedData


class WrappedUp(Envelope, tag="interaction.wrapped_up"):
    data: WrappedUpData


class Reopened(Envelope, tag="interaction.reopened"):
    data: Told


class Updated(Envelope, tag="interaction.updated"):
    data: Told


InteractionEvent = (
    Started | Queued | Offered | Declined | Answered | Held | Resumed | Message | Transferred | Abandoned
    | FlowedOut | Ended | WrappedUp | Reopened | Updated
)  # fmt: skip

# --- agents -----------------------------------------------------------------------------------------------------


class AgentData(Struct, kw_only=True, omit_defaults=True, gc=False):
    agent_id: EntityId
    presence: Presence
    reason: str | None = None
    queues: list[str] | None = None
    slots: dict[str, Slots] | None = None


class AgentStateChanged(Envelope, tag="agent.state_changed"):
    data: AgentData


class AgentHeartbeat(Envelope, tag="agent.heartbeat"):
    data: AgentData


AgentEvent = AgentStateChanged | AgentHeartbeat

# --- customers --------------------------------------------------------------------------------------------------


class CustomerData(Struct, kw_only=True, omit_defaults=True, gc=False):
    customer_id: EntityId


class SurveyData(CustomerData, kw_only=True):
    """Scales: csat 1-5, nps 0-10, ces 1-7; `codec` checks the range."""

    RANGE: ClassVar[dict[str, tuple[int, int]]] = {"csat": (1, 5), "nps": (0, 10), "ces": (1, 7)}

    survey: Survey
    score: Whole
    interaction_id: EntityId | None = None
    channel: Channel | None = None
    resolved: bool | None = None


class PurchasedData(CustomerData, kw_only=True):
    order_id: Name
    amount: Money
    currency: Name


class ReturnedData(CustomerData, kw_only=True):
    order_id: Name
    amount: Money | None = None
    currency: str | None = None


class ComplainedData(CustomerData, kw_only=True):
    about: str | None = None
    channel: Channel | None = None
    public: bool | None = None


class ReviewedData(CustomerData, kw_only=True):
    rating: Annotated[int, Meta(ge=1, le=5)]
    site: str | None = None


class TouchedData(CustomerData, kw_only=True):
    touchpoint: str | None = None
    outcome: str | None = None
    phase: Phase | None = None


class CustomerUpdatedData(CustomerData, kw_only=True):
    segment: str | None = None


class IdentifiedData(CustomerData, kw_only=True):
    aliases: list[EntityId]


class SurveyAnswered(Envelope, tag="customer.survey_answered"):
    data: SurveyData


class Purchased(Envelope, tag="customer.purchased"):
    data: PurchasedData


class Returned(Envelope, tag="customer.returned"):
    data: ReturnedData


class Complained(Envelope, tag="customer.complained"):
    data: ComplainedData


class Reviewed(Envelope, tag="customer.reviewed"):
    data: ReviewedData


class Joined(Envelope, tag="customer.joined"):
    data: CustomerData


class Left(Envelope, tag="customer.left"):
    data: CustomerData


class Touched(Envelope, tag="customer.touched"):
    data: TouchedData


class CustomerUpdated(Envelope, tag="customer.updated"):
    data: CustomerUpdatedData


class Identified(Envelope, tag="customer.identified"):
    data: IdentifiedData


CustomerEvent = (
    SurveyAnswered | Purchased | Returned | Complained | Reviewed | Joined | Left | Touched | CustomerUpdated
    | Identified
)  # fmt: skip

# --- digests (internal: first stage to second) -------------------------------------------------------------------


class Digest(Struct, kw_only=True, omit_defaults=True, gc=False):
    """What a customer's shard needs to know of one interaction. Instants are epoch milliseconds.

    `served`: an agent handled it, or a bot ended it as resolved. `ended_at`: each time that it was closed, ascending,
    empty while it never was. `reopened_at`: reopenings on a closed interaction, ascending. `withdrawn`: the
    interaction is not (any longer) this customer's.
    """

    customer_id: EntityId
    channel: Channel
    interaction_id: EntityId
    started_at: int
    inbound: bool = True
    reason: str | None = None
    served: bool = False
    resolved: bool | None = None
    ended_at: tuple[int, ...] = ()
    reopened_at: tuple[int, ...] = ()
    withdrawn: bool = False


class Digested(Envelope, tag="interaction.digest"):
    """`id` = channel/interaction_id, `revision` = offset of the input record that caused it, `time` = that event's."""

    data: Digest


TimelineEvent = Digested | CustomerEvent
Event = InteractionEvent | AgentEvent | CustomerEvent | Digested
