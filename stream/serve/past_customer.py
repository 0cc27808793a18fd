"""What an interaction counts through its customer: first contact or repeat, and of which interactions. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from schemas.events import Digest
from stream.core.customers.journey import matches
from stream.core.customers.state import Customer
from stream.core.customers.surveys import located
from stream.core.measures import CODES
from stream.core.named import pairs
from stream.core.rules import Rules
from stream.core.scope import place
from stream.core.stage import Stamp
from stream.serve.past import contribution, text

NEAR = 100
_AT_START = CODES["identified"]
_AT_END = frozenset((CODES["first_contacts"], CODES["bot_contained"]))

Key = tuple[str, str]


def by_interaction(state: Customer, stamps: Iterable[Stamp]) -> Iterator[tuple[Key, Stamp]]:
    """Whose each of a customer's stamps is: (channel, interaction id).

    A stamp says where and when only. Of interactions of one channel and one instant each has its share. What is of no
    interaction, an order say, or of several, has none (""). What is counted once more by something else, a reason or an
    agent, is left out.
    """
    owners: dict[tuple[str, bool, int], list[str]] = {}
    for d in state.digests().values():
        owners.setdefault((d.channel, True, d.started_at), []).append(d.interaction_id)
        if d.ended_at:
            owners.setdefault((d.channel, False, d.ended_at[0]), []).append(d.interaction_id)
    said: dict[Stamp, list[Key]] = {}
    answers = (told for told in state.events() if told.kind == "survey_answered")
    for of, found in located(answers, list(state.digests().values())):
        for stamp in found:
            said.setdefault(stamp, []).append(("", "") if of is None else (of.channel, of.interaction_id))
    for stamp in stamps:
        at, scope, increments = stamp
        if said.get(stamp) and not place(scope).agents:
            yield said[stamp].pop(), stamp
            continue
        if not place(scope).summed:
            continue
        channel, codes = place(scope).channel, increments[::2]
        is_of_one = _AT_START in codes or not _AT_END.isdisjoint(codes)
        names = owners.get((channel, _AT_START in codes, at), [""]) if is_of_one else [""]
        yield (channel, names.pop(0) if len(names) > 1 else names[0]), stamp


def of_customer(state: Customer, rules: Rules, key: Key) -> dict[str, Any] | None:
    """What the customer's shard knows and counts of an interaction; None when it has not heard of it.

    `customer_id`: whose it is, also if the interaction names an alias.
    `near`: the customer's other interactions that start or end within the repeat window of it, and may be one matter.
    """
    digests = state.digests()
    own = digests.get(key)
    if own is None:
        return None
    stamps = [stamp for owner, stamp in by_interaction(state, state.stamps) if owner == key]
    others = (d for d in digests.values() if d is not own)
    near = sorted((d for d in others if _near(own, d, rules.repeat_window_ms)), key=lambda d: d.started_at)
    return {
        "customer_id": state.id,
        "served": own.served,
        "stamps": [contribution(at, scope, pairs(increments)) for at, scope, increments in sorted(stamps)],
        "near": [
            {
                "channel": d.channel,
                "id": d.interaction_id,
                "direction": "inbound" if d.inbound else "outbound",
                "started_at": text(d.started_at),
                "ended_at": [text(at) for at in d.ended_at],
                "reason": d.reason,
                "served": d.served,
                "same_matter": own.inbound and d.inbound and matches(own.reason, d.reason),
            }
            for d in near[-NEAR:]
        ],
    }


def _near(own: Digest, other: Digest, window_ms: int) -> bool:
    before = any(0 <= own.started_at - end <= window_ms for end in other.ended_at)
    return before or any(0 <= other.started_at - end <= window_ms for end in own.ended_at)
