"""Genesys Cloud's detail events of a conversation, one by one → ours.

They come in any order, and those of one instant some ms apart: none waits for another. Of holds they know the length.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

from schemas import events as e
from schemas.sources.genesys_happenings import Conversation, microseconds
from schemas.sources.genesys_words import DECLINES, TRANSFERS, aliases_of, channel_of, direction_of, ended_by, word
from schemas.sources.options import Options, pick
from schemas.sources.payload import Node

OF_NO_MATTER = frozenset(
    {"flow.start", "flow.end", "flow.outcome", "wrapup", "voicemail.end", "outbound", "contact", "attributes"}
)
"""Topics whose facts other topics tell, or that none of our figures needs."""

_LEFT = frozenset({"PEER", "ENDPOINT", "CLIENT"})


class _Detail:
    def __init__(self, body: Node, conversation: Conversation, options: Options, at: datetime) -> None:
        self.body = body
        self.conversation = conversation
        self.options = options
        self.at = at
        self.session = body.needed("sessionId")
        self.queue = pick(options.queues, body.text("queueId"), None)
        self.disconnected = word(body.raw("disconnectType"))

    def agent(self, name: str = "userId") -> str:
        return self.body.needed(name)


def detail(kind: str, body: Node, options: Options) -> list[e.Event] | None:
    """The events of a topic's `eventBody`; `kind` is the end of the topic. None: not known. Raises `Rejected`."""
    step = _STEPS.get(kind)
    if step is None:
        return [] if kind in OF_NO_MATTER else None
    channel = channel_of(body, options)
    if channel is None:
        return []
    at = body.epoch("eventTime", unit=1000)
    if at is None:
        raise body.missing("eventTime")
    customer_id = direction = contact = None
    if kind.partition(".")[0] in {"customer", "acd"}:
        direction = direction_of(body.raw("direction"))
        address, contact = aliases_of(body, channel, _contact(body))
        customer_id = address or contact
    conversation = Conversation(
        body.needed("conversationId"), channel, options, customer_id=customer_id, direction=direction
    )  # fmt: skip
    told = _Detail(body, conversation, options, at)
    found = step(told)
    return [*found, *conversation.identified(told.session, at, contact)] if kind == "customer.start" else found


def _contact(body: Node) -> str | None:
    told = body.raw("conversationExternalContactIds")
    first = told[0] if isinstance(told, list) and told else None
    return body.words("externalContactId") or (first if isinstance(first, str) else None)


def _customer_start(told: _Detail) -> list[e.Event]:
    callback = word(told.body.raw("mediaType")) == "CALLBACK"
    return [told.conversation.started(told.session, told.at, callback=callback)]


def _customer_end(told: _Detail) -> list[e.Event]:
    """Only the customer is told to have ended it: the end of a stay in a queue may come some ms after, and know why."""
    by = ended_by(told.disconnected, customer=True)
    return [told.conversation.ended(told.at, by if by == "customer" else None, 0)]


def _acd_start(told: _Detail) -> list[e.Event]:
    return [told.conversation.queued(told.session, told.at, told.queue)]


def _acd_end(told: _Detail) -> list[e.Event]:
    conversation, outcome = told.conversation, word(told.body.raw("acdOutcome"))
    if outcome == "ANSWERED":
        return [conversation.taken(told.session, told.at, told.queue, told.agent("answeredUserId"))]
    if outcome == "ABANDON" or (outcome != "FLOW_OUT" and told.disconnected in _LEFT):
        return [conversation.abandoned(told.session, told.at, told.queue)]
    own = {word(name): each for name, each in told.options.outcomes.items()}
    default: e.FlowOutcome = "timeout" if told.disconnected == "TIMEOUT" else "overflow"
    flow = own.get(told.disconnected) or own.get(outcome) or (default if outcome == "FLOW_OUT" else "other")
    return [conversation.flowed_out(told.session, told.at, told.queue, flow)]


def _user_start(told: _Detail) -> list[e.Event]:
    if direction_of(told.body.raw("direction")) == "outbound":
        return []
    return [told.conversation.offered(told.session, told.at, told.queue, told.agent())]


def _user_end(told: _Detail) -> list[e.Event]:
    body, conversation, agent = told.body, told.conversation, told.agent()
    outbound = direction_of(body.raw("direction")) == "outbound"
    talk_ms = body.duration_ms("interactingDurationMs", unit=1) or 0
    hold_ms = body.duration_ms("heldDurationMs", unit=1) or 0
    if not talk_ms and not hold_ms:
        result = DECLINES.get(told.disconnected, "no_answer")
        if outbound or result is None:
            return []
        return [conversation.declined(told.session, told.at, told.queue, agent, result)]
    found: list[e.Event] = []
    if outbound or told.queue is None:
        since = told.at - timedelta(milliseconds=talk_ms + hold_ms)
        found.append(conversation.connected(told.session, since, told.queue, agent))
    if told.disconnected not in TRANSFERS:
        by = ended_by(told.disconnected, customer=False)
        return [*found, conversation.ended(told.at, by, microseconds(told.at) // 1000, hold_ms)]
    if hold_ms:
        since = told.at - timedelta(milliseconds=hold_ms)
        found += conversation.hold(told.session, 1, since, told.at, agent)
    return [*found, conversation.transferred(told.session, told.at, told.queue, agent, TRANSFERS[told.disconnected])]


def _acw(told: _Detail) -> list[e.Event]:
    length_ms = told.body.duration_ms("wrapupDurationMs", unit=1)
    code = told.body.text("wrapupCode")
    return [told.conversation.wrapped_up(told.session, told.at, told.queue, told.agent(), length_ms, None, code)]


def _voicemail_start(told: _Detail) -> list[e.Event]:
    return [told.conversation.flowed_out(told.session, told.at, told.queue, "voicemail")]


_STEPS: dict[str, Callable[[_Detail], list[e.Event]]] = {
    "customer.start": _customer_start, "customer.end": _customer_end, "acd.start": _acd_start, "acd.end": _acd_end,
    "user.start": _user_start, "user.end": _user_end, "acw": _acw, "voicemail.start": _voicemail_start,
}  # fmt: skip
