"""Delighted's webhooks: `survey_response.created` and `.updated`, one question a response."""

from __future__ import annotations

from schemas import events as e
from schemas.rejected import Rejected, Skipped
from schemas.sources.conversion import Converted
from schemas.sources.options import Options, Question
from schemas.sources.payload import Node
from schemas.sources.surveys_answer import Response, Score, answered, hints_of

TOLD = frozenset({"survey_response.created", "survey_response.updated"})
_USUAL = {"nps": Question(survey="nps"), "csat": Question(survey="csat")}
"""Types that have one scale everywhere, which is ours."""


def convert(payload: Node, options: Options) -> Converted:
    """The answer of a webhook. Raises `Rejected`."""
    kind = payload.needed("event_type")
    if kind not in TOLD:
        return Skipped(f"delighted {kind}"[:100])
    told = payload.node("event_data")
    survey = told.needed("survey_type")
    question = options.questions.get(survey) or _USUAL.get(survey)
    if question is None:
        if survey == "ces":
            detail = "event_data.survey_type is ces, which has no one scale: set [sources.surveys.questions.ces]"
            raise Rejected("invalid_field", detail)
        return Skipped(f"delighted {survey}"[:100])
    score = told.number("score")
    at = told.epoch("created_at")
    if score is None or at is None:
        raise told.missing("score" if score is None else "created_at")
    id_ = told.needed("id")
    changed_at = told.epoch("updated_at") or at
    person = told.node("person")
    person_id = person.text("id") if isinstance(told.raw("person"), dict | list) else told.text("person")
    response = Response("delighted", id_, at, changed_at, hints_of(told.node("person_properties"), person), person_id)
    events: list[e.Event] = answered(response, [Score("", question, score, "event_data.score")], options)
    return events
