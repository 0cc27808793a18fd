"""Internal: what the first stage tells the second, of interactions to customers, of parts of them to agents."""

from __future__ import annotations

from typing import Literal

from msgspec import Struct

from schemas.envelope import Channel, EntityId, Envelope

Outcome = Literal["answered", "abandoned", "flowed_out", "contained", "unanswered"]
"""How an interaction ended: an agent was on; the customer left a queue; a rule let it leave; a bot ended it; else."""


class Digest(Struct, omit_defaults=True, gc=False):
    """What a customer's shard needs to know of one interaction. Instants are epoch milliseconds.

    `served`: an agent handled it, or a bot ended it as resolved. `ended_at`: each time that it was closed, ascending,
    empty while it never was. `reopened_at`: reopenings on a closed interaction, ascending. `withdrawn`: the
    interaction is not (any longer) this customer's. `bot`: it met one; `contained`: a bot ended it
    and no agent was ever on.

    From its first end on also what happened inside: `queue`, the last one; `agent_id`, the last who was on; `outcome`;
    `wait_ms`: from its first queue to the first answer, or to its first end when nobody answered, None when it was in
    none; `handled`, `transferred`: segments; `handle_ms`: all work on it.
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
    bot: bool = False
    contained: bool = False
    queue: str | None = None
    agent_id: str | None = None
    outcome: Outcome | None = None
    wait_ms: int | None = None
    handled: int = 0
    handle_ms: int = 0
    transferred: int = 0


class Digested(Envelope, tag="interaction.digest"):
    """`id` = channel/interaction_id, `revision` = offset of the input record that caused it, `time` = that event's."""

    data: Digest


class Said(Struct, array_like=True, gc=False, frozen=True):
    """A customer's event, as it is kept and sent on. `kind`: its type without `customer.`; `at` in ms.

    `name`: the touchpoint, the segment, the site, what a complaint is about; `flag`: a survey's `resolved`, `public`.
    """

    kind: str
    at: int
    source: str
    id: str
    revision: int
    survey: str | None = None
    score: int | None = None
    channel: str | None = None
    interaction_id: str | None = None
    flag: bool | None = None
    order_id: str | None = None
    amount: int | None = None
    currency: str | None = None
    name: str | None = None
    outcome: str | None = None
    phase: str | None = None
    aliases: tuple[str, ...] = ()


class ClaimData(Struct, kw_only=True, omit_defaults=True, gc=False):
    """`customer_id`: the alias, whose shard is told; `by`: who claims it, by the event (`at`, `source`, `event_id`).

    `withdrawn`: no event of theirs names it (any longer).
    """

    customer_id: EntityId
    by: EntityId
    at: int = 0
    source: str = ""
    event_id: str = ""
    withdrawn: bool = False


class Claimed(Envelope, tag="alias.claimed"):
    """`id` = claimant; `revision` = offset of the record, in `customers.timeline`, that caused it."""

    data: ClaimData


class RoutedData(Struct, kw_only=True, omit_defaults=True, gc=False):
    """What came under an alias, for the customer who holds it: a digest, of that revision, or an event.

    `route`: the alias. `withdrawn`: it is not (any longer) this customer's by that route.
    """

    customer_id: EntityId
    route: EntityId
    digest: Digest | None = None
    digest_revision: int = 0
    said: Said | None = None
    withdrawn: bool = False


class Routed(Envelope, tag="alias.routed"):
    """`revision` = offset of the record, in `customers.timeline`, that caused it in the alias's shard."""

    data: RoutedData


class Part(Struct, omit_defaults=True, gc=False):
    """An agent's part in an interaction: a stay, or an offer that was not taken. Instants are epoch milliseconds.

    `number`: that of the segment, also for an agent's latest offer of it that nobody answered yet; -1, -2, … for offers
    before that and without a segment. `rang_at`: since when it rang at the agent, None
    when nobody said; `rang_until`: when it stopped without an answer, None while it rings. `declined`: the offer was
    not taken, `result` why. `answered_at`: connected since; `over_at`: the agent's part is over; `free_at`: the wrap-up
    is over too, by the event or by the cap; `wrapped`: by the event. The measures are those of the handled segment,
    `timed_out`: silence ended it at `over_at`, it counts as no work done. `closings`: (instant, resolved or None) of
    the closings that this agent, the last who was on, answers for. `withdrawn`: there is no such part (any longer).
    """

    agent_id: EntityId
    channel: Channel
    interaction_id: EntityId
    number: int
    queue: str | None = None
    inbound: bool = True
    rang_at: int | None = None
    answered_at: int | None = None
    over_at: int | None = None
    free_at: int | None = None
    wrapped: bool = False
    talk_ms: int = 0
    hold_ms: int = 0
    wrap_up_ms: int = 0
    handle_ms: int = 0
    transferred: bool = False
    held: bool = False
    timed_out: bool = False
    closings: tuple[tuple[int, bool | None], ...] = ()
    rang_until: int | None = None
    declined: bool = False
    result: str | None = None
    withdrawn: bool = False


class Parted(Envelope, tag="agent.part"):
    """`id` = channel/interaction_id/number, `time` = that of the event that caused it.

    `revision` = twice the offset of the input record that caused it, one more when silence after that record did.
    """

    data: Part
