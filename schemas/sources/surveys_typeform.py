"""Typeform's webhooks: `form_response`, one payload a response, with all its answers."""

from __future__ import annotations

from schemas.rejected import Skipped
from schemas.sources.conversion import Converted
from schemas.sources.options import Options, Question
from schemas.sources.payload import Node
from schemas.sources.surveys_answer import Response, Score, answered, hints_of

_NPS = Question(survey="nps")
"""The one type of question whose scale is the same everywhere."""


def convert(payload: Node, options: Options) -> Converted:
    """The answers of a webhook to questions that are known. Raises `Rejected`."""
    kind = payload.needed("event_type")
    if kind != "form_response":
        return Skipped(f"typeform {kind}"[:100])
    told = payload.node("form_response")
    id_ = told.needed("token")
    at = told.instant("submitted_at")
    if at is None:
        raise told.missing("submitted_at")
    scores = [score for answer in told.nodes("answers") if (score := _score(answer, options)) is not None]
    if not scores:
        return Skipped("typeform form_response without a question that is set")
    return answered(Response("typeform", id_, at, at, hints_of(told.node("hidden"))), scores, options)


def _score(answer: Node, options: Options) -> Score | None:
    names = [name for name in (answer.text("field.ref"), answer.text("field.id")) if name is not None]
    question = next((options.questions[name] for name in names if name in options.questions), None)
    if question is None and answer.text("field.type") == "nps":
        question = _NPS
    if question is None or not names:
        return None
    place = "number" if answer.raw("number") is not None else "choice.label"
    score = answer.number(place)
    if score is None:
        raise answer.missing("number")
    return Score(names[-1], question, score, f"{answer.path}.{place}")
