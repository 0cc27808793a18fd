"""Genesys Cloud's analytics: a conversation's whole record → all that has happened in it so far, as far as it tells.

A record is made again until the conversation is over. What detail events told has the same ids and is replaced. Holds
stand in it one by one, and agents that only gave advice can be told from those who took the customer over.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from schemas import events as e
from schemas.sources.genesys_happenings import Conversation, microseconds
from schemas.sources.genesys_sessions import SAME, Session, latest_of, sessions_of
from schemas.sources.genesys_words import DECLINES, TRANSFERS, aliases_of, direction_of, ended_by, word
from schemas.sources.options import Options
from schemas.sources.payload import Node

_LEFT = frozenset({"PEER", "ENDPOINT", "CLIENT"})
_HIGHEST = 10


def record(told: Node, options: Options) -> list[e.Event]:
    """The events of a record. Raises `Rejected`."""
    id_, sessions = told.needed("conversationId"), sessions_of(told, options)
    latest = latest_of(told, sessions)
    if latest is None:
        raise told.missing("conversationStart")
    over = told.instant("conversationEnd")
    found: list[e.Event] = []
    for channel in dict.fromkeys(each.channel for each in sessions):
        if channel is not None:
            own = [each for each in sessions if each.channel == channel]
            found += _Record(told, id_, channel, own, options, microseconds(latest), over).events()
    return sorted(found, key=lambda each: each.time)


class _Record:
    """Of one conversation and channel. `taken`: queue's session → the session of the agent whom it led to."""

    def __init__(
        self, told: Node, id_: str, channel: e.Channel, sessions: list[Session], options: Options, revision: int,
        over: datetime | None,
    ) -> None:  # fmt: skip
        self.told = told
        self.over = over
        self.options = options
        self.customers = [each for each in sessions if each.side == "customer"]
        if not self.customers:  # of whom an agent has called outside, one who came by no queue
            self.customers = [each for each in sessions if each.side == "external"][:1]
        self.queues = [each for each in sessions if each.side == "queue"]
        self.agents = [each for each in sessions if each.side == "agent"]
        self.voicemails = [each for each in sessions if each.side == "voicemail"]
        customer_id, self.contact = self._customer(channel)
        direction = direction_of(told.raw("originatingDirection"))
        if direction is None and self.customers:
            direction = direction_of(self.customers[0].node.raw("direction"))
        self.conversation = Conversation(
            id_, channel, options, revision, customer_id=customer_id or self.contact, direction=direction
        )  # fmt: skip
        self.taken = self._taken()

    def _customer(self, channel: e.Channel) -> tuple[str | None, str | None]:
        address = contact = None
        for each in self.customers:
            id_ = each.participant.words("externalContactId")
            found = aliases_of(each.node, channel, id_)
            address, contact = address or found[0], contact or found[1]
        return address, contact

    def _taken(self) -> dict[str, Session]:
        found: dict[str, Session] = {}
        free = list(self.agents)
        for waited in self.queues:
            until = waited.until
            near = [each for each in free if each.took(waited)]
            if until is None or not near:
                continue
            taker = min(near, key=lambda each: abs(each.talk[0].since - until))
            found[waited.id] = taker
            free.remove(taker)
        return found

    def events(self) -> Iterator[e.Event]:
        for each in self.customers:
            callback = word(each.node.raw("mediaType")) == "CALLBACK"
            since = each.spans[0].since
            yield self.conversation.started(each.id, since, callback=callback)
            yield from self.conversation.identified(each.id, since, self.contact)
        for each in self.queues:
            yield from self._stay(each)
        for each in self.agents:
            yield from self._part(each)
        yield from self._end()
        for survey in self.told.nodes("surveys"):
            yield from self._survey(survey)

    def _stay(self, waited: Session) -> Iterator[e.Event]:
        if self._advised(waited):
            yield from self.conversation.taken_back(waited.id, waited.spans[0].since, "queued", "left")
            return
        yield self.conversation.queued(waited.id, waited.spans[0].since, waited.queue)
        until, taker = waited.until, self.taken.get(waited.id)
        if until is None:
            return
        until = min([until, *(each.spans[0].since for each in self.queues if each.relieved(waited))])
        if taker is not None:
            yield self.conversation.taken(waited.id, until, waited.queue, taker.agent)
        elif waited.metric("tAbandon") or (not waited.metric("tFlowOut") and waited.disconnected in _LEFT):
            yield self.conversation.abandoned(waited.id, until, waited.queue)
        else:
            yield self.conversation.flowed_out(waited.id, until, waited.queue, self._outcome(waited))

    def _outcome(self, waited: Session) -> e.FlowOutcome:
        own = {word(name): each for name, each in self.options.outcomes.items()}
        if waited.disconnected in own:
            return own[waited.disconnected]
        if any(each.begun_when_left(waited) for each in self.voicemails):
            return "voicemail"
        if waited.disconnected == "TIMEOUT":
            return "timeout"
        return "overflow" if waited.metric("tFlowOut") or waited.disconnected in TRANSFERS else "other"

    def _part(self, part: Session) -> Iterator[e.Event]:
        conversation, agent, queue = self.conversation, part.agent, part.queue
        outbound = direction_of(part.node.raw("direction")) == "outbound"
        rang = part.of("ALERT")
        if self._advised(part):
            yield from conversation.taken_back(part.id, part.talk[0].since, "offered", "connected")
            return
        if rang and not outbound:
            yield conversation.offered(part.id, rang[0].since, queue, agent)
        if not part.talk:
            result = DECLINES.get(part.disconnected, "no_answer")
            if part.metric("tNotResponding"):
                result = "no_answer"
            if rang and rang[-1].until is not None and not outbound and result is not None:
                yield conversation.declined(part.id, rang[-1].until, queue, agent, result)
            return
        if part not in self.taken.values():
            yield conversation.connected(part.id, part.talk[0].since, queue, agent)
        for number, hold in enumerate(part.of("HOLD"), 1):
            yield from conversation.hold(part.id, number, hold.since, hold.until, agent)
        until, kind = part.until, TRANSFERS.get(part.talk[-1].disconnected)
        if until is not None and kind is not None:
            yield conversation.transferred(part.id, until, queue, agent, kind)
        yield from self._work_after(part)

    def _advised(self, session: Session) -> bool:
        """Whether it is of one whom an agent asked who had the customer before and after, or of the way there."""
        return any(session.within(each) for each in self.agents)

    def _work_after(self, part: Session) -> Iterator[e.Event]:
        """The work after it, and how long all work on it took where that is told, even when there was none after."""
        wraps, handled, length = part.of("WRAPUP"), part.metric("tHandle"), part.metric("tAcw")
        handle_ms, told_at = handled or (None, None)
        if wraps and wraps[-1].until is not None:
            at = wraps[-1].until
            length_ms = length[0] if length else sum(_length_ms(each.since, each.until or each.since) for each in wraps)
        elif not wraps and part.until is not None and told_at is not None:
            at, length_ms = max(told_at, part.until), length[0] if length else 0
        else:
            return
        code = next((each.code for each in reversed(wraps) if each.code), None)
        yield self.conversation.wrapped_up(part.id, at, part.queue, part.agent, length_ms, handle_ms, code)

    def _end(self) -> Iterator[e.Event]:
        """With the last agent's part, as detail events tell it too; of one without an agent with the customer's."""
        if self.over is None:
            return
        served = [each for each in self.agents if each.talk and not self._advised(each)]
        ends = [(each.until, each) for each in served if each.until is not None]
        stayed = [(at, each) for at, each in ends if each.talk[-1].disconnected not in TRANSFERS]
        left = [(each.until, each) for each in self.customers if each.until is not None]
        at, by = self.over, None
        if left:
            at, whose = max(left, key=lambda each: each[0])
            by = ended_by(whose.disconnected, customer=True)
        if stayed:
            at, last = max(stayed, key=lambda each: each[0])
            by = by or ended_by(last.talk[-1].disconnected, customer=False)
        stays = [each.until for each in self.queues if each.until is not None and each.until - at <= SAME]
        yield self.conversation.ended(max([at, *stays]), by, self.conversation.revision)

    def _survey(self, survey: Node) -> list[e.Event]:
        score = survey.whole("surveyPromoterScore")
        at = survey.instant("surveyCompletedDate", "eventTime")
        if score is None or at is None or word(survey.raw("surveyStatus")) not in {"", "FINISHED"}:
            return []
        if not 0 <= score <= _HIGHEST:
            raise survey.invalid("surveyPromoterScore", "a number from 0 to 10")
        return self.conversation.promoter_score(survey.needed("surveyId"), at, score)


def _length_ms(since: datetime, until: datetime) -> int:
    return (microseconds(until) - microseconds(since)) // 1000
