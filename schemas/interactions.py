"""Events of an interaction: one customer's reach on one channel, from start to end."""

from __future__ import annotations

from typing import Literal, get_args

from msgspec import Struct

from schemas.envelope import Channel, EntityId, Envelope, Milliseconds, Name

Direction = Literal["inbound", "outbound"]
Initiation = Literal["customer", "agent", "callback", "transfer", "api"]
DeclineResult = Literal["no_answer", "rejected", "busy", "error"]
FlowOutcome = Literal["voicemail", "callback", "overflow", "timeout", "closed", "full", "no_agents", "bot", "other"]
Author = Literal["customer", "agent", "bot", "system"]
EndedBy = Literal["customer", "agent", "system", "bot"]
TransferKind = Literal["blind", "attended"]

DECLINE_RESULTS: tuple[str, ...] = get_args(DeclineResult)
FLOW_OUTCOMES: tuple[str, ...] = get_args(FlowOutcome)


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
    """`data` of what an agent does: it names the agent."""

    agent_id: Name


class DeclinedData(ByAgent, kw_only=True):
    """Why an offer was not taken."""

    result: DeclineResult | None = None


class MessageData(Told, kw_only=True):
    """Who wrote; `public` is true unless told otherwise."""

    author: Author
    public: bool | None = True


class ForgottenData(Told, kw_only=True):
    """Whom it forgets."""

    customer_id: EntityId


class TransferredData(Told, kw_only=True):
    """Where the customer goes."""

    to_queue: str | None = None
    to_agent: str | None = None
    kind: TransferKind | None = None


class FlowedOutData(Told, kw_only=True):
    """How the customer left the queue."""

    outcome: FlowOutcome


class EndedData(Told, kw_only=True):
    """Who ended it; `resolved` is absent while unknown."""

    by: EndedBy | None = None
    resolved: bool | None = None
    hold_ms: Milliseconds | None = None


class WrappedUpData(ByAgent, kw_only=True):
    """Lengths, where a source knows no instants."""

    disposition: str | None = None
    wrap_up_ms: Milliseconds | None = None
    handle_ms: Milliseconds | None = None


class Started(Envelope, tag="interaction.started"):
    """The customer reached us: IVR, bot, inbox."""

    data: Told


class Queued(Envelope, tag="interaction.queued"):
    """Entered `queue`; opens a segment."""

    data: Told


class Offered(Envelope, tag="interaction.offered"):
    """Ringing at, or reserved for, `agent_id`."""

    data: ByAgent


class Declined(Envelope, tag="interaction.declined"):
    """That offer was not taken."""

    data: DeclinedData


class Answered(Envelope, tag="interaction.answered"):
    """`agent_id` is connected."""

    data: ByAgent


class Held(Envelope, tag="interaction.held"):
    """The customer is put on hold."""

    data: Told


class Resumed(Envelope, tag="interaction.resumed"):
    """The hold is over."""

    data: Told


class Message(Envelope, tag="interaction.message"):
    """One message of a thread."""

    data: MessageData


class Transferred(Envelope, tag="interaction.transferred"):
    """The agent's part of the segment is over, the customer goes on."""

    data: TransferredData


class Abandoned(Envelope, tag="interaction.abandoned"):
    """The customer left while waiting in a queue."""

    data: Told


class FlowedOut(Envelope, tag="interaction.flowed_out"):
    """Left the queue by rule, not by the customer."""

    data: FlowedOutData


class Ended(Envelope, tag="interaction.ended"):
    """The customer's part is over; `hold_ms`: the segment's total, where a source knows no single holds."""

    data: EndedData


class WrappedUp(Envelope, tag="interaction.wrapped_up"):
    """`agent_id`'s work after the interaction is over; `handle_ms`: the whole work, as the source reports it."""

    data: WrappedUpData


class Reopened(Envelope, tag="interaction.reopened"):
    """A closed thread was opened again."""

    data: Told


class Updated(Envelope, tag="interaction.updated"):
    """Metadata learned late."""

    data: Told


class Forgotten(Envelope, tag="interaction.forgotten"):
    """Internal: the customer is forgotten, and this interaction no longer names them. See `centralino forget`."""

    data: ForgottenData


InteractionEvent = (
    Started | Queued | Offered | Declined | Answered | Held | Resumed | Message | Transferred | Abandoned
    | FlowedOut | Ended | WrappedUp | Reopened | Updated | Forgotten
)  # fmt: skip
