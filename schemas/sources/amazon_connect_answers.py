"""Answers to a survey, which a flow of Amazon Connect leaves among the attributes of a contact → our events.

Attributes go from contact to contact of a chain, and a survey is asked in one of its own after the agent has left: so
an answer is the interaction's, however many records tell it. Which attributes are answers is said by the options.
"""

from __future__ import annotations

from datetime import datetime

from schemas import events as e
from schemas.rejected import Rejected
from schemas.sources.amazon_connect_contact import Contact
from schemas.sources.options import Options, Question
from schemas.sources.payload import Node
from schemas.sources.people import known_as
from schemas.sources.scale import scaled


def answers(contact: Contact, node: Node, options: Options, at: datetime, revision: int) -> list[e.Event]:
    """What the customer answered; what is no answer (nothing, a word, off the scale) is none."""
    told = node.node("attributes")
    customer_id = contact.company_id or contact.customer or known_as("amazon_connect", contact.interaction_id)
    found: list[e.Event] = []
    for name, question in options.questions.items():
        score = _score(told, name, question)
        if score is not None and customer_id is not None:
            data = e.SurveyData(
                customer_id=customer_id, survey=question.survey, score=score,
                interaction_id=contact.interaction_id, channel=contact.channel,
            )  # fmt: skip
            id_ = f"{contact.interaction_id}:survey:{name}"
            found.append(
                e.SurveyAnswered(
                    id=id_, source=contact.source, specversion="1.0", time=at, revision=revision, data=data
                )
            )
    return found


def _score(told: Node, name: str, question: Question) -> int | None:
    try:
        number = told.number(name)
    except Rejected:
        return None
    return None if number is None else scaled(question, number)
