"""Zendesk's people → our events: agents' states, who users are, how satisfied they were.

Satisfaction ratings come by no webhook: their records are taken as the REST API gives them. They are good or bad: 5 and
1 of 5 with us, so that the share of the satisfied is Zendesk's own; their mean is of no scale.
"""

from __future__ import annotations

from schemas import events as e
from schemas.sources.options import Options
from schemas.sources.payload import Node
from schemas.sources.people import email, known_as
from schemas.sources.threads import identified, milliseconds, source_of
from schemas.sources.zendesk_reading import person, word

_PRESENCE: dict[str, e.Presence] = {"online": "available", "offline": "logged_out"}
_SCORES = {"good": 5, "good_with_comment": 5, "bad": 1, "bad_with_comment": 1}


def agent_state(node: Node, options: Options) -> list[e.Event]:
    """An agent's status over all channels; what is neither online nor offline is its own reason not to be ready."""
    state = (node.needed("event.new_unified_state.name", "event.new_unified_state")).lower()
    agent, at = node.needed("detail.agent_id"), node.instant("event.updated_at", "time")
    if at is None:
        raise node.missing("event.updated_at")
    presence = _PRESENCE.get(state, "not_ready")
    data = e.AgentData(agent_id=agent, presence=presence, reason=state if presence == "not_ready" else None)
    id_ = f"agent/{agent}/{milliseconds(at)}"
    source = source_of("zendesk", _account(node, options))
    return [e.AgentStateChanged(id=id_, source=source, specversion="1.0", time=at, data=data)]


def user(node: Node, options: Options) -> list[e.Event]:
    """An end user who turns out to be somebody: by the company's own id, else by a mail address."""
    detail = node.node("detail")
    number, external = detail.text("id"), detail.text("external_id")
    address = email(detail.text("email"))
    customer = external if external is not None and len(external) <= 128 else address
    at = detail.instant("updated_at") or node.instant("time")
    if word(detail, "role") != "end_user" or None in {number, customer, at}:
        return []
    assert number is not None
    assert customer is not None
    assert at is not None
    source = source_of("zendesk", _account(node, options))
    aliases = [address, known_as("zendesk", number)]
    return identified(source, f"user/{number}/{milliseconds(at)}", at, customer, aliases)


def ratings(node: Node, options: Options) -> list[e.Event]:
    """A record of the API, or a page of them; what was offered and not answered gives nothing."""
    found = (_rating(each, options) for each in node.nodes("satisfaction_rating", "satisfaction_ratings"))
    return [each for each in found if each is not None]


def _rating(node: Node, options: Options) -> e.Event | None:
    score = _SCORES.get(word(node, "score") or "")
    if score is None:
        return None
    at = node.instant("updated_at", "created_at")
    if at is None:
        raise node.missing("updated_at")
    customer = known_as("zendesk", person(node, "requester_id"))
    if customer is None:
        raise node.missing("requester_id")
    ticket, account = node.text("ticket_id"), options.instance
    data = e.SurveyData(
        customer_id=customer, survey="csat", score=score,
        interaction_id=f"{account}-{ticket}" if account and ticket else ticket,
    )  # fmt: skip
    return e.SurveyAnswered(
        id=f"rating/{node.needed('id')}", source=source_of("zendesk", account), specversion="1.0",
        time=at, revision=milliseconds(at), data=data,
    )  # fmt: skip


def _account(node: Node, options: Options) -> str | None:
    return node.text("account_id", "detail.account_id") or options.instance
