"""Who has had one interaction and said nothing, as most customers: what they count, in one pass.

`counted` is the definition, and a law holds this to it, the order of the stamps included.
"""

from __future__ import annotations

from schemas.events import Digest
from stream.core.customers.contacts import ALONE, CONTAINED, COUNTED
from stream.core.customers.friction import inside
from stream.core.customers.groups import NEW_MS
from stream.core.customers.journey import is_reopened
from stream.core.customers.journey_scopes import FRICTION, TOUCH
from stream.core.customers.journeys import BROKE, counts_of, scope_of, whole
from stream.core.customers.reasons import worked
from stream.core.customers.touchpoints import name_of, outcome_of
from stream.core.rules import Rules
from stream.core.scope import agent_scope, channel_scope, reason_scope
from stream.core.stage import Stamp

_NEW = ("new",)


def stamps(d: Digest, known_since: int, rules: Rules) -> list[Stamp]:
    """All stamps. `known_since`: the first instant of what is no longer kept (ms); after the start when all is."""
    at, ended_at, channel, inbound, first = d.started_at, d.ended_at, d.channel, d.inbound, None
    scope = channel_scope(channel, inbound)
    found: list[Stamp] = []
    if inbound:
        if ended_at and d.served:
            repeated = bool(d.reopened_at) and is_reopened(d, rules.repeat_window_ms)
            first = COUNTED[d.resolved is not False and not repeated, repeated]
            found.append((ended_at[0], scope, first))
            if d.agent_id is not None:
                found.append((ended_at[0], agent_scope(channel, inbound=True, agent_id=d.agent_id), first))
        found.append((at, scope, ALONE))
    if ended_at and d.contained:
        found.append((ended_at[0], scope, CONTAINED))
    found += _journey(d, _NEW if at - known_since <= NEW_MS else (), rules)
    if inbound and d.reason is not None:
        scope = reason_scope(channel, d.reason)
        found.append((at, scope, ALONE))
        if ended_at:
            done = worked(d)
            if first is not None:
                done += first
            if done:
                found.append((ended_at[0], scope, done))
    return found


def _journey(d: Digest, segments: tuple[str, ...], rules: Rules) -> list[Stamp]:
    """Those of a journey of one touchpoint."""
    at, name = d.started_at, name_of(d)
    touch = at, scope_of(TOUCH, segments, None, name), counts_of(outcome_of(d), d)
    kinds = inside(d, rules)
    if not kinds:
        return [touch, *whole(at, segments, None, ())]
    found: list[Stamp] = [touch]
    broken: list[tuple[str, str]] = []
    for why in kinds:
        found.append((at, scope_of(FRICTION, segments, None, why, name), BROKE))
        broken += (why, ""), (why, name)
    return found + whole(at, segments, None, broken)
