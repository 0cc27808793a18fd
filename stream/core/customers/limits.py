"""How much of a customer is taken in: so many interactions, and as many events, beside those that last.

What is known may change whatever the limit. What went to somebody else since is none of the customer's.
"""

from __future__ import annotations

from typing import Any

from schemas.events import Digest, Digested, Routed
from stream.core.customers.said import LASTING, kind_of
from stream.core.customers.state import OWN, Customer


def is_too_many(state: Customer, event: Any, limit: int) -> bool:
    """Whether a digest or an event, the customer's own or one that an alias's shard sends on, is one too many."""
    data = event.data
    if isinstance(event, Digested):
        return _is_another(state, OWN, data, limit)
    if not isinstance(event, Routed):
        return kind_of(event) not in LASTING and _is_more(state, OWN, event, limit)
    if data.digest is not None:
        return _is_another(state, data.route, data.digest, limit)
    return data.said.kind not in LASTING and _is_more(state, data.route, data.said, limit)


def _is_another(state: Customer, route: str, digest: Digest, limit: int) -> bool:
    if len(state.heard) < limit or (route, digest.channel, digest.interaction_id) in state.heard:
        return False
    return sum(not one.digest.withdrawn for one in state.heard.values()) >= limit


def _is_more(state: Customer, route: str, event: Any, limit: int) -> bool:
    if len(state.told) < limit or (route, event.source, event.id) in state.told:
        return False
    return sum(not one.gone and one.said.kind not in LASTING for one in state.told.values()) >= limit
