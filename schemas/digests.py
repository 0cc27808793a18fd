"""Internal: what the first stage tells the second of an interaction."""

from __future__ import annotations

from msgspec import Struct

from schemas.envelope import Channel, EntityId, Envelope


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
