"""What is told of a contact of Amazon Connect, by whichever feed: the events, their ids and their revisions.

An id is the contact's and the fact's, so that all feeds that tell a fact tell the same event. Which of them stands is
said by the revision, from the lowest:

- a record's instants, since they are cut to whole seconds: they stand in for what was lost, and make no wait worse;
- the agent event stream's, which does not say who ended it;
- the contact events', revision 0;
- what the contact after it says of its end: that it was passed on, and the customer was not gone;
- what only a record knows (holds, transfers), by its `LastUpdateTimestamp`.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from enum import IntEnum
from functools import cache
from typing import Any

from schemas import events as e
from schemas.catalogue import data_of
from schemas.faults import EPOCH, MILLISECOND
from schemas.sources.amazon_connect_contact import Contact
from schemas.sources.options import Options

FACTS = ("queued", "answered", "flowed_out", "transferred", "ended", "wrapped_up")
"""What live feeds may have told of a contact that a record says was none of the customer's."""

_CUT = 10**11
"""Seconds: puts a record's instants behind all live feeds, and a later record's before an earlier one's."""
_CLAIM, _DENIAL, _PASSED_ON = -10, -1, 1
_SECOND = timedelta(seconds=1)
_data_of = cache(data_of)
_BY: dict[str, e.EndedBy] = {
    "CUSTOMER_DISCONNECT": "customer", "CUSTOMER_NEVER_ARRIVED": "customer", "THIRD_PARTY_DISCONNECT": "customer",
    "CUSTOMER_CONNECTION_NOT_ESTABLISHED": "customer", "TELECOM_ORIGINATOR_CANCEL": "customer",
    "AGENT_DISCONNECT": "agent", "AGENT_COMPLETED": "agent", "AGENT_NETWORK_DISCONNECT": "agent", "BARGED": "agent",
}  # fmt: skip
"""Who ended it; for all other reasons the system did."""
_OUTCOMES: dict[str, e.FlowOutcome] = {
    "EXPIRED": "timeout", "IDLE_DISCONNECT": "timeout", "QUEUE_TRANSFER": "overflow", "TRANSFERRED": "overflow",
    "CALLBACK": "callback",
}  # fmt: skip


class Feed(IntEnum):
    """Who tells, the less exact first."""

    RECORD = 0
    AGENT = 1
    LIVE = 2


class Telling:
    """Takes what one feed tells of one contact, in `events`. `revision`: of a record, when it was last updated."""

    def __init__(self, contact: Contact, feed: Feed, options: Options, revision: int = 0) -> None:
        self.events: list[e.Event] = []
        self.contact = contact
        self.revision = revision
        self._feed = feed
        self._options = options
        self._stand_in = {Feed.RECORD: revision - _CUT, Feed.AGENT: -1, Feed.LIVE: 0}[feed]

    def tell(
        self, kind: Any, fact: str, at: datetime, *, of: str | None = None, revision: int | None = None, **data: Any
    ) -> None:
        """An event of this contact, or `of` another one of its interaction, of which less is known."""
        contact = self.contact
        common: dict[str, Any] = {
            "interaction_id": contact.interaction_id,
            "channel": contact.channel,
            "segment_id": of or contact.id,
        }
        if of is None:
            common["customer_id"] = contact.company_id or contact.customer
        told = _data_of(kind)(**{**common, **data})
        revision = self._stand_in if revision is None else revision
        id_ = f"{of or contact.id}:{fact}"
        self.events.append(
            kind(id=id_, source=contact.source, specversion="1.0", time=at, revision=revision, data=told)
        )

    def take_back(self, fact: str, at: datetime, revision: int, of: str | None = None) -> None:
        """What was told of it is not so."""
        self.tell(e.Updated, fact, at, of=of or self.contact.id, revision=revision, segment_id=None)

    def begin(self) -> None:
        """How it came: the interaction's start, or what it was passed on from."""
        contact = self.contact
        if contact.initiated is None:
            return
        if contact.parent is None:
            way, by = contact.direction, contact.initiation
            self.tell(e.Started, "started", contact.initiated, segment_id=None, direction=way, initiation=by)
        else:
            self.follow(contact.parent, contact.initiated)
        if contact.company_id is not None and contact.customer is not None:
            self._identify(contact.company_id, contact.customer, contact.initiated)

    def follow(self, parent: str, at: datetime) -> None:
        """The contact before it was not over when it was disconnected: it was passed on.

        The agent event stream tells the first contact of the chain for the one before, so what it claims is another
        event, which the other feeds take back.
        """
        method, passed_on = self.contact.method, _PASSED_ON + self._feed
        if method == "TRANSFER" and self._feed is Feed.AGENT:
            self.tell(e.Transferred, "passed_on", at, segment_id=parent)
        elif method == "TRANSFER":
            self.tell(e.Transferred, "transferred", at, of=parent, revision=_CLAIM + self._feed)
        elif method in {"QUEUE_TRANSFER", "CALLBACK"}:
            self.tell(e.FlowedOut, "flowed_out", at, of=parent, revision=passed_on, outcome=self._outcome(method))
        else:
            return
        self.take_back("ended", at, passed_on, of=parent)
        if method == "TRANSFER" and self._feed is not Feed.AGENT:
            self.take_back("passed_on", at, passed_on)

    def not_passed_on(self, parent: str, at: datetime) -> None:
        """The agent before asked somebody, and the customer stayed with that agent."""
        self.take_back("transferred", at, _DENIAL, of=parent)
        self.take_back("passed_on", at, self.revision)

    def wait(self) -> None:
        """Into the queue, and out of it to an agent."""
        contact = self.contact
        if contact.enqueued is not None:
            self.tell(e.Queued, "queued", contact.enqueued, queue=contact.queue)
        if contact.connected is not None and contact.agent is not None:
            told: dict[str, Any] = {"queue": contact.queue, "agent_id": contact.agent}
            if self._feed is Feed.AGENT and contact.parent is None and contact.direction == "outbound":
                told |= {"direction": contact.direction, "initiation": contact.initiation}
            self.tell(e.Answered, "answered", contact.connected, **told)

    def end(self, revision: int | None = None, *, parted: bool = False) -> None:
        """How it was disconnected, and by whom. `revision`: only of what an agent had, who had `parted` as was told.

        A record's end in the second of its beginning is told as that second's end: what live feeds say of the beginning
        is no later.
        """
        contact, at = self.contact, self.contact.over
        if at is None:
            return
        if self._feed is Feed.RECORD and at in {contact.enqueued, contact.connected}:
            at = at.replace(microsecond=999_000)
        by = None if contact.reason is None else _BY.get(contact.reason, "system")
        if contact.connected is not None:
            if not parted and contact.work_from is not None and at - contact.work_from > _SECOND:
                self.part(contact.work_from, revision)
            self.tell(e.Ended, "ended", at, agent_id=contact.agent, by=by, hold_ms=contact.hold_ms, revision=revision)
        elif contact.enqueued is None:
            if contact.method != "DISCONNECT":
                by = "bot" if contact.reason == "CONTACT_FLOW_DISCONNECT" else by
                self.tell(e.Ended, "ended", at, by=by, segment_id=None)
        elif by in {None, "customer"} and contact.reason not in self._options.outcomes:
            self.tell(e.Abandoned, "ended", at, queue=contact.queue)
        else:
            outcome = self._outcome(contact.reason or "")
            self.tell(e.FlowedOut, "flowed_out", at, queue=contact.queue, outcome=outcome)
            self.tell(e.Ended, "ended", at, by=by)

    def part(self, at: datetime, revision: int | None = None) -> None:
        """The agent left, the customer stayed."""
        self.tell(e.Transferred, "transferred", at, agent_id=self.contact.agent, revision=revision)

    def wrap_up(self, left: datetime | None = None, **sums: Any) -> None:
        """The agent's work after it, or after the agent `left`; of none that is told, that there was none.

        A contact event knows then how long the agent was on a call, whatever began meanwhile: one who was only asked.
        """
        contact = self.contact
        at = contact.work_until
        if at is None and contact.work_from is None:
            at, sums = left or contact.over, {"wrap_up_ms": 0, **sums}
            if self._feed is Feed.LIVE and contact.channel == "phone" and contact.connected and contact.over:
                sums["handle_ms"] = (contact.over - contact.connected) // MILLISECOND
        if at is not None and contact.answered:
            self.tell(e.WrappedUp, "wrapped_up", at, agent_id=contact.agent, **sums)

    def _identify(self, company_id: str, alias: str, at: datetime) -> None:
        data = e.IdentifiedData(customer_id=company_id, aliases=[alias])
        id_ = f"{company_id}:{alias}"
        source, revision = self.contact.source, self._stand_in
        self.events.append(
            e.Identified(id=id_, source=source, specversion="1.0", time=at, revision=revision, data=data)
        )

    def _outcome(self, word: str) -> e.FlowOutcome:
        return self._options.outcomes.get(word) or _OUTCOMES.get(word, "other")


def milliseconds(at: datetime) -> int:
    """Since 1970, floored: names what happens several times to one contact."""
    return (at - EPOCH) // MILLISECOND
