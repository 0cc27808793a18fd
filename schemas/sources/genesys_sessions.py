"""A conversation's record of Genesys Cloud's analytics, taken apart: who took part, from when to when."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import NamedTuple

from schemas import events as e
from schemas.sources.genesys_words import channel_of, word
from schemas.sources.options import Options, pick
from schemas.sources.payload import Node

_SIDES = {
    "CUSTOMER": "customer", "EXTERNAL": "external", "ACD": "queue", "AGENT": "agent", "USER": "agent",
    "VOICEMAIL": "voicemail",
}  # fmt: skip
_TALK = frozenset({"INTERACT", "HOLD", "PARKED"})
_LISTENING = ("monitoredParticipantId", "coachedParticipantId")
SAME = timedelta(seconds=5)
"""What lies no further apart may be told of one moment."""


class Span(NamedTuple):
    """A segment of a session; `until` is None while it lasts."""

    kind: str
    since: datetime
    until: datetime | None
    disconnected: str
    queue: str | None
    code: str | None


class Session:
    """One participant's. `side`: customer, external, queue, agent, voicemail, or other; `spans` in order of time."""

    def __init__(self, node: Node, participant: Node, options: Options) -> None:
        self.node = node
        self.participant = participant
        self.channel: e.Channel | None = channel_of(node, options)
        listens = any(node.raw(name) is not None for name in _LISTENING)
        self.side = "other" if listens else _side(word(participant.raw("purpose")))
        self.id = node.needed("sessionId") if self.side in {"customer", "external", "queue", "agent"} else ""
        self.agent = participant.needed("userId") if self.side == "agent" else ""
        self.spans = sorted((_span(each, options) for each in node.nodes("segments")), key=lambda each: each.since)
        self.queue = next((each.queue for each in self.spans if each.queue is not None), None)

    @property
    def since(self) -> datetime | None:
        """When it began."""
        return self.spans[0].since if self.spans else None

    @property
    def until(self) -> datetime | None:
        """When it was over, work after it left out; None while it lasts."""
        spans = [each for each in self.spans if each.kind != "WRAPUP"]
        ends = [each.until for each in spans if each.until is not None]
        return max(ends) if ends and len(ends) == len(spans) else None

    @property
    def disconnected(self) -> str:
        """How it ended."""
        return next((each.disconnected for each in reversed(self.spans) if each.disconnected), "")

    def of(self, *kinds: str) -> list[Span]:
        """Its segments of these kinds."""
        return [each for each in self.spans if each.kind in kinds]

    @property
    def talk(self) -> list[Span]:
        """The segments in which the agent had the customer, holds among them."""
        return self.of(*_TALK)

    def metric(self, name: str) -> tuple[int, datetime | None] | None:
        """The sum of a metric's values (ms, or how many), and when the last of them was told."""
        found = [each for each in self.node.nodes("metrics") if each.raw("name") == name]
        if not found:
            return None
        values = [each.duration_ms("value", unit=1) or 0 for each in found]
        told = [at for each in found if (at := each.instant("emitDate")) is not None]
        return sum(values), max(told) if told else None

    def took(self, waited: Session) -> bool:
        """Whether this agent's session may be what ended that stay in a queue."""
        until = waited.until
        if not self.talk or until is None or self.queue not in {waited.queue, None}:
            return False
        return abs(self.talk[0].since - until) <= SAME

    def relieved(self, waited: Session) -> bool:
        """Whether it is the next stay in a queue, and began a moment before that one was over."""
        since, until = self.spans[0].since, waited.until
        return until is not None and waited.spans[0].since < since < until <= since + SAME

    def begun_when_left(self, waited: Session) -> bool:
        """Whether it began as that stay in a queue was over."""
        return self.since is not None and waited.until is not None and abs(self.since - waited.until) <= SAME

    def within(self, other: Session) -> bool:
        """Whether it lies wholly within the part of an agent, who asked: the two only spoke with each other."""
        if self is other or not self.talk or not other.talk:
            return False
        mine, theirs = (self.talk[0].since, self.until), (other.talk[0].since, other.until)
        return mine[0] > theirs[0] and mine[1] is not None and (theirs[1] is None or mine[1] < theirs[1])


def sessions_of(conversation: Node, options: Options) -> list[Session]:
    """All of a conversation, those left out that carry nothing of a customer's own. Raises `Rejected`."""
    found = [
        Session(session, participant, options)
        for participant in conversation.nodes("participants")
        for session in participant.nodes("sessions")
    ]
    return [each for each in found if each.channel is not None and each.spans]


def latest_of(conversation: Node, sessions: list[Session]) -> datetime | None:
    """The latest instant that the record tells: it never goes back as the record is revised."""
    told = [conversation.instant("conversationStart"), conversation.instant("conversationEnd")]
    for session in sessions:
        told += [at for span in session.spans for at in (span.since, span.until)]
        told += [each.instant("emitDate") for each in session.node.nodes("metrics")]
    for survey in conversation.nodes("surveys"):
        told += [survey.instant("surveyCompletedDate"), survey.instant("eventTime")]
    return max((at for at in told if at is not None), default=None)


def _side(purpose: str) -> str:
    return _SIDES.get(purpose, "other")


def _span(node: Node, options: Options) -> Span:
    since, until = node.instant("segmentStart"), node.instant("segmentEnd")
    if since is None:
        raise node.missing("segmentStart")
    return Span(
        word(node.raw("segmentType")), since, until, word(node.raw("disconnectType")),
        pick(options.queues, node.text("queueId"), None), node.text("wrapUpCode"),
    )  # fmt: skip
