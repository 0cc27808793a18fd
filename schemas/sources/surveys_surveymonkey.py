"""SurveyMonkey: a response as its API gives it (`…/responses/{id}/details?simple=true`), one or a page of them.

Its webhook tells only that there is a response: who receives it fetches that, and sends it here.
"""

from __future__ import annotations

from collections.abc import Iterator

from schemas import events as e
from schemas.rejected import Rejected, Skipped
from schemas.sources.conversion import Converted
from schemas.sources.options import Options, Question
from schemas.sources.payload import Node
from schemas.sources.surveys_answer import Response, Score, answered, hints_of

NOT_COUNTED = frozenset({"disqualified", "overquota"})


def convert(payload: Node, options: Options) -> Converted:
    """The answers of a response, or of a page of them, to questions that are known. Raises `Rejected`."""
    if "pages" not in payload and "data" not in payload:
        kind = payload.text("event_type") or "webhook"
        return Skipped(f"surveymonkey {kind}: it has no score, fetch the response and send that"[:100])
    responses = [payload] if "pages" in payload else payload.nodes("data")
    found: list[e.Event] = []
    for each in responses:
        found += _response(each, options)
    return found or Skipped("surveymonkey response without a question that is set")


def _response(told: Node, options: Options) -> list[e.Event]:
    if told.text("response_status") in NOT_COUNTED:
        return []
    id_ = told.needed("id")
    at = told.instant("date_created", "date_modified")
    if at is None:
        raise told.missing("date_created")
    scores = {score.part: score for score in _scores(told, options)}
    if not scores:
        return []
    changed_at = max(told.instant("date_modified") or at, at)
    contact = told.node("metadata.contact")
    fields = {name: contact.raw(f"{name}.value") for name in ("email", "phone", "phone_number")}
    known = Node(fields | ({} if fields["email"] else {"email": told.raw("email_address")}))
    person = told.text("recipient_id")
    response = Response(
        "surveymonkey", id_, at, changed_at, hints_of(told.node("custom_variables"), known),
        None if person == "0" else person,
    )  # fmt: skip
    return answered(response, scores.values(), options)


def _scores(told: Node, options: Options) -> Iterator[Score]:
    for page in told.nodes("pages"):
        for asked in page.nodes("questions"):
            for answer in asked.nodes("answers"):
                names = [name for name in (answer.text("row_id"), asked.text("id")) if name is not None]
                name = next((name for name in names if name in options.questions), None)
                if name is not None:
                    question = options.questions[name]
                    yield Score(name, question, _number(answer, question), answer.path)


def _number(answer: Node, question: Question) -> float:
    for name in ("simple_text", "text"):
        try:
            told = answer.number(name)
        except Rejected:
            continue
        if told is not None:
            return told
    if question.survey == "nps":
        raise answer.invalid("simple_text", "the score: fetch with simple=true, since weights of an NPS are no scores")
    weight = answer.number("choice_metadata.weight")
    if weight is None:
        raise answer.missing("simple_text", "choice_metadata.weight")
    return weight
