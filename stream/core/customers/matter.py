"""Which contact on a matter an inbound interaction is, and what is open: what somebody must know who answers it now."""

from __future__ import annotations

from schemas.events import Digest
from stream.core.customers.journey import Journey, matches
from stream.core.rules import Rules


def is_open(d: Digest, now: int, rules: Rules) -> bool:
    """Whether it was not closed since it began, or was last opened again.

    On a live channel one of which nothing more was heard for the channel's idle limit is taken to be over: its time-out
    is not told to customers' shards.
    """
    since = max((d.started_at, *d.reopened_at))
    if d.ended_at and max(d.ended_at) >= since:
        return False
    limit = rules.channels[d.channel].idle_limit_ms
    return limit is None or since + limit >= now


def earlier_contacts(journey: Journey, i: int, now: int, rules: Rules) -> list[Digest]:
    """The contacts on the same matter before the i-th inbound one, by start.

    Those whose reason matches its own that began before it, and started, ended or were opened again in the repeat
    window before its start, or are still open; and those before these likewise. Unlike for first-contact resolution
    they need not have been served: whoever gave up waiting and calls again calls for the second time.
    """
    own = journey.inbound[i]
    first, found = own.started_at, []
    for d in reversed(journey.inbound[:i]):
        if matches(d.reason, own.reason):
            last = max((d.started_at, *d.ended_at, *d.reopened_at))
            if last >= first - journey.window_ms or is_open(d, now, rules):
                found.append(d)
                first = d.started_at
    return found[::-1]


def issue(journey: Journey, i: int) -> list[Digest]:
    """The contacts that the i-th inbound one is a repeat of, as first-contact resolution has it: first contact first.

    Empty when it is none.
    """
    found: list[Digest] = []
    before = journey.causes[i]
    while before is not None and len(found) < len(journey.inbound):
        found.append(journey.inbound[before])
        before = journey.causes[before]
    return found[::-1]
