"""What one payload tells of one thread: events that share a source, an interaction, its channel and its customer."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import xxhash

from schemas import events as e
from schemas.catalogue import data_of
from schemas.faults import EPOCH, MILLISECOND

NEXT = timedelta(milliseconds=1)
"""Between two things that one action does, where the later one takes up what the earlier one has left."""

ROUTED = timedelta(seconds=5)
"""What puts a thread into another queue so soon after its beginning is a rule: it never waited in the first one."""


def milliseconds(at: datetime) -> int:
    """An instant in ms since 1970, floored."""
    return (at - EPOCH) // MILLISECOND


def source_of(vendor: str, instance: str | None) -> str:
    """`source` of a platform's events.

    >>> source_of("chatwoot", "acme"), source_of("chatwoot", None)
    ('/chatwoot/acme', '/chatwoot')
    """
    return f"/{vendor}/{instance}" if instance else f"/{vendor}"


def identified(source: str, id_: str, at: datetime, customer: str, aliases: list[str | None]) -> list[e.Event]:
    """That these are the customer; nothing when none of them is anything else than the customer's name.

    What is told anew gets another id: a few bits of it are in there, too few to say who it is.
    """
    known = sorted({each for each in aliases if each is not None and each != customer})
    if not known:
        return []
    bits = xxhash.xxh32_hexdigest("\n".join((customer, *known)).encode())[:4]
    data = e.IdentifiedData(customer_id=customer, aliases=known)
    return [e.Identified(id=f"{id_}/{bits}", source=source, specversion="1.0", time=at, data=data)]


class Thread:
    """Takes what is told, in `events`. Ids of events begin with the interaction's."""

    def __init__(self, source: str, interaction_id: str, channel: e.Channel, customer_id: str | None) -> None:
        self.events: list[e.Event] = []
        self.source = source
        self.interaction_id = interaction_id
        self.channel = channel
        self.customer_id = customer_id

    def tell(self, kind: Any, name: str, at: datetime, *, revision: int = 0, **data: Any) -> None:
        """An event of the interaction; `data` has what is more than all events have."""
        common = {"interaction_id": self.interaction_id, "channel": self.channel, "customer_id": self.customer_id}
        self._add(kind, name, at, revision, data_of(kind)(**{**common, **data}))

    def rate(self, name: str, at: datetime, score: int, *, revision: int = 0) -> None:
        """How content the customer was, from 1 to 5. The customer must be known."""
        assert self.customer_id is not None
        data = e.SurveyData(
            customer_id=self.customer_id, survey="csat", score=score,
            interaction_id=self.interaction_id, channel=self.channel,
        )  # fmt: skip
        self._add(e.SurveyAnswered, name, at, revision, data)

    def identify(self, at: datetime, aliases: list[str | None]) -> None:
        """Who else the customer is."""
        if self.customer_id is not None:
            id_ = f"{self.interaction_id}/identified"
            self.events += identified(self.source, id_, at, self.customer_id, aliases)

    def _add(self, kind: Any, name: str, at: datetime, revision: int, data: Any) -> None:
        id_ = f"{self.interaction_id}/{name}"
        event = kind(id=id_, source=self.source, specversion="1.0", time=at, revision=revision, data=data)
        self.events.append(event)
