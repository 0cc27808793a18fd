"""An answer to a survey, whatever the tool: who gave it, about what, and its score on our scale."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Any, NamedTuple, cast

import msgspec
import xxhash

from schemas import events as e
from schemas.envelope import CHANNELS, Channel
from schemas.rejected import Rejected
from schemas.sources.options import Options, Question
from schemas.sources.payload import Node
from schemas.sources.people import email, known_as, phone
from schemas.sources.scale import scale, scaled

MAX_ID = 128
_WORDS: dict[str, Channel] = {
    "voice": "phone", "call": "phone", "telephone": "phone", "mail": "email", "webchat": "chat", "messaging": "chat",
}  # fmt: skip
_NO_NAME = re.compile(r"[^a-z0-9]+")
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class Response(NamedTuple):
    """One customer's answers to one survey. `changed_at`: when they were changed last; `hints`: see `hints_of`.

    `person`: the customer as the tool numbers them.
    """

    tool: str
    id: str
    at: datetime
    changed_at: datetime
    hints: Mapping[str, str]
    person: str | None = None


class Score(NamedTuple):
    """An answer to one question. `part` tells it from the other answers of the response, empty when it is alone."""

    part: str
    question: Question
    told: float
    place: str


def hints_of(*nodes: Node) -> dict[str, str]:
    """What a company has sent along with a survey, by name: `Customer ID` is `customer_id`. The first that tells it."""
    found: dict[str, str] = {}
    for node in nodes:
        for name in node:
            told = node.raw(name)
            if isinstance(told, str | int) and not isinstance(told, bool):
                found.setdefault(_NO_NAME.sub("_", name.lower()).strip("_"), str(told).strip())
    return found


def answered(response: Response, scores: Iterable[Score], options: Options) -> list[e.Event]:
    """The events of a response: who it is, and each answer. Raises `Rejected` for a score that the scale has not."""
    channel = _channel(response.hints.get("channel"), options)
    customer_id, aliases = _who(response, channel)
    envelope = _envelope(response, options)
    found: list[e.Event] = []
    if aliases:
        data = e.IdentifiedData(customer_id=customer_id, aliases=aliases)
        id_ = f"identified:{xxhash.xxh3_64_hexdigest(msgspec.json.encode(data))}"
        found.append(e.Identified(**envelope, id=id_, data=data))
    for part, question, told, place in scores:
        answer = e.SurveyData(
            customer_id=customer_id, survey=question.survey, score=_score(question, told, place),
            interaction_id=_short(response.hints.get("interaction_id")), channel=channel,
        )  # fmt: skip
        id_ = f"{response.id}:{part}" if part else response.id
        revision = (response.changed_at - _EPOCH) // (datetime.resolution * 1000)
        found.append(e.SurveyAnswered(**envelope, id=id_, revision=revision, data=answer))
    return found


def _score(question: Question, told: float, place: str) -> int:
    found = scaled(question, told)
    if found is None:
        lowest, highest = scale(question)
        raise Rejected("invalid_field", f"{place} is {told!r}: the scale goes from {lowest} to {highest}")
    return found


def _envelope(response: Response, options: Options) -> dict[str, Any]:
    source = f"/surveys/{response.tool}" + (f"/{options.instance}" if options.instance else "")
    return {"source": source, "specversion": "1.0", "time": response.at}


def _who(response: Response, channel: Channel | None) -> tuple[str, list[str]]:
    hints = response.hints
    tel, mailto = phone(hints.get("phone") or hints.get("phone_number")), email(hints.get("email"))
    aliases = [alias for alias in (tel, mailto) if alias is not None]
    told = _short(hints.get("customer_id"))
    if told is not None:
        return told, aliases
    order = (tel, mailto) if channel == "phone" else (mailto, tel)
    found = next((alias for alias in order if alias is not None), None)
    unknown = xxhash.xxh3_64_hexdigest(response.id.encode())
    found = found or known_as(response.tool, response.person) or known_as(response.tool, response.id)
    return found or f"{response.tool}:{unknown}", []


def _channel(told: str | None, options: Options) -> Channel | None:
    if told is None:
        return None
    if told in options.channels:
        return options.channels[told]
    word = told.lower()
    return cast("Channel", word) if word in CHANNELS else _WORDS.get(word)


def _short(told: str | None) -> str | None:
    return told if told and len(told) <= MAX_ID else None
