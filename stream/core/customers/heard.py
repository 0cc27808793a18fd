"""What a customer's shard keeps of what it has heard: digests and events, each on its route, and claims to a name."""

from __future__ import annotations

from msgspec import Struct

from schemas.events import Digest, Said

Place = tuple[str, str]
"""(channel, interaction_id)."""


def last_of(d: Digest) -> int:
    """The last instant that a digest tells of (ms)."""
    return max((d.started_at, *d.ended_at, *d.reopened_at))


class Heard(Struct, array_like=True, gc=False, frozen=True):
    """A digest on a route. `revision`: by which it replaces; `first`: the first stage's, by which it is chosen."""

    route: str
    channel: str
    interaction_id: str
    revision: int
    first: int
    digest: Digest


class Told(Struct, array_like=True, gc=False, frozen=True):
    """An event as heard on a route. `revision`: by which a routed one replaces; `gone`: withdrawn on that route."""

    route: str
    source: str
    id: str
    revision: int
    said: Said
    gone: bool = False


class Claim(Struct, array_like=True, gc=False, frozen=True):
    """Who claims this alias, by which event; `at` None: no longer."""

    by: str
    revision: int
    at: int | None
    source: str
    id: str
