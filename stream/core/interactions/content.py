"""What a digest says of an interaction, as it was sent: small in memory, and ready to be kept."""

from __future__ import annotations

from msgspec import Struct


class Content(Struct, array_like=True, gc=False, frozen=True):
    """A digest as sent: see `schemas.digests.Digest`."""

    customer_id: str | None
    started_at: int
    inbound: bool
    reason: str | None
    served: bool = False
    resolved: bool | None = None
    ended_at: tuple[int, ...] = ()
    reopened_at: tuple[int, ...] = ()
    bot: bool = False
    contained: bool = False
    queue: str | None = None
    agent_id: str | None = None
    outcome: str | None = None
    wait_ms: int | None = None
    handled: int = 0
    handle_ms: int = 0
    transferred: int = 0
