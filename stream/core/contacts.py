"""First-contact resolution: which interactions of one customer are first contacts, and which of these stood.

Definition (contract, section 4): an inbound, served interaction is a *first contact* when no other served inbound
interaction of the customer, on any channel, ended in the repeat window before its start with a matching reason (equal,
or missing on either side). It is resolved unless `resolved` is false, a matching inbound interaction, served or not,
starts in the repeat window after its end, or it is reopened in it. Both ends of the window are included. An
interaction that was closed several times has several ends, and each of them counts; the stamp is the first.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable

from msgspec import Struct

from schemas.events import Digest

Key = tuple[str, str]
"""(channel, interaction_id)."""


class Contact(Struct, frozen=True):
    """A first contact: `at` its first end, in ms; `repeated`: somebody had to come back, or it was reopened."""

    key: Key
    at: int
    resolved: bool
    repeated: bool


def matches(one: str | None, other: str | None) -> bool:
    """Whether two contact reasons may be one matter: unknown matches all.

    >>> matches("bill", "bill"), matches("bill", None), matches("bill", "delivery")
    (True, True, False)
    """
    return one is None or other is None or one == other


def first_contacts(digests: Iterable[Digest], window_ms: int) -> list[Contact]:
    """The first contacts among one customer's interactions. Pure; order of `digests` does not matter."""
    inbound = sorted((d for d in digests if d.inbound and not d.withdrawn), key=lambda d: d.started_at)
    starts = [d.started_at for d in inbound]
    ends = sorted(((at, i) for i, d in enumerate(inbound) if d.served for at in d.ended_at))
    found = []
    for i, d in enumerate(inbound):
        if not d.served or not d.ended_at:
            continue
        low = bisect_left(ends, (d.started_at - window_ms, -1))
        high = bisect_right(ends, (d.started_at, len(inbound)))
        if any(j != i and matches(d.reason, inbound[j].reason) for _, j in ends[low:high]):
            continue
        repeated = any(
            any(end <= at <= end + window_ms for at in d.reopened_at)
            or any(
                j != i and matches(d.reason, inbound[j].reason)
                for j in range(bisect_left(starts, end), bisect_right(starts, end + window_ms))
            )
            for end in d.ended_at
        )
        end = d.ended_at[0]
        found.append(Contact((d.channel, d.interaction_id), end, d.resolved is not False and not repeated, repeated))
    return found
