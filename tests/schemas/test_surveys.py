"""Answers to surveys: whose they are, what they count on our scales, and that a changed one replaces the first."""

from __future__ import annotations

import copy
import json
import random
from pathlib import Path
from typing import Any

import pytest

from schemas.codec import decode
from schemas.customers import Survey
from schemas.rejected import Rejected, Skipped
from schemas.sources.conversion import Sending, convert
from schemas.sources.options import NONE, Options, Question
from schemas.sources.surveys_answer import _score as scaled
from schemas.sources.vendors import VENDORS
from schemas.topics import TOPICS
from tests.e2e.agreement import differences
from tests.oracle import rows
from tests.schemas.payloads import files, options_of

SURVEYS = VENDORS["surveys"]
FOLDER = Path(__file__).parents[2] / "schemas" / "examples" / "sources.surveys"
LIFE_CYCLE = json.loads((Path(__file__).parents[1] / "e2e" / "sources" / "surveys.json").read_bytes())
SET = options_of(SURVEYS)


def example(name: str) -> Any:
    return json.loads((FOLDER / name).read_bytes().partition(b"\n{")[0])


def taken(payload: Any, options: Options = SET) -> Any:
    return convert(SURVEYS, json.dumps(payload).encode(), options)


def read(payload: Any, options: Options = SET) -> list[Any]:
    told = taken(payload, options)
    assert not isinstance(told, Skipped), told
    return [decode(TOPICS[each.topic], each.key, each.value, each.at) for each in told]


def answers(payload: Any, options: Options = SET) -> list[Any]:
    return [event.data for event in read(payload, options) if hasattr(event.data, "score")]


def refused(payload: Any, options: Options = SET) -> Rejected:
    with pytest.raises(Rejected) as caught:
        taken(payload, options)
    return caught.value


@pytest.mark.parametrize("seed", range(5))
def test_a_day_of_answers_in_any_order_gives_the_figures_worked_out_by_hand(seed: int) -> None:
    (file,) = (file for file in files(SURVEYS) if file.path.name == "life_cycle.jsonl")
    payloads = file.payloads()
    if seed:
        payloads += payloads[: seed * 2]
        random.Random(seed).shuffle(payloads)
    told = [
        {"topic": each.topic, "key": each.key.decode(), "timestamp_ms": each.at, "value": json.loads(each.value)}
        for payload in payloads
        for each in convert(SURVEYS, payload, SET)
        if isinstance(each, Sending)
    ]
    for by, name in (("channel", "by_channel"), ("", "total")):
        got = {row.get("channel"): row for row in rows(told, LIFE_CYCLE["window"], by, LIFE_CYCLE["at"])}
        for row in LIFE_CYCLE[name]:
            wanted = {key: value for key, value in row.items() if key != "why"}
            assert differences(got[row.get("channel")], wanted) == []


@pytest.mark.parametrize(
    ("survey", "lowest", "highest", "turned", "told", "ours"),
    [
        ("csat", None, None, False, 4, 4),
        ("nps", None, None, False, 0, 0),
        ("ces", None, None, True, 7, 1),
        ("csat", 1, 10, False, 1, 1),
        ("csat", 1, 10, False, 10, 5),
        ("csat", 1, 10, False, 5, 3),
        ("csat", 0, 10, False, 5, 3),
        ("csat", 1, 2, False, 2, 5),
        ("csat", 0, 100, False, 87.5, 5),
        ("csat", 0, 100, False, 87.4, 4),
        ("ces", 1, 5, False, 2, 3),
        ("ces", 1, 5, True, 2, 6),
        ("ces", 1, 5, False, 4, 6),
        ("nps", 1, 11, False, 1, 0),
        ("csat", -2, 2, False, 0, 3),
        ("csat", -2, 2, True, -2, 5),
    ],
)
def test_a_score_is_moved_to_our_scale_and_rounded_half_up(
    survey: Survey, lowest: int | None, highest: int | None, turned: bool, told: float, ours: int
) -> None:
    assert scaled(Question(survey=survey, lowest=lowest, highest=highest, reversed=turned), told, "it") == ours


@pytest.mark.parametrize("told", [0, 6, -1, 5.01, 1e300, 2**62])
def test_a_score_that_its_scale_has_not_is_rejected_with_the_scale(told: float) -> None:
    with pytest.raises(Rejected, match="from 1 to 5"):
        scaled(Question(survey="csat"), told, "it")


def test_a_changed_answer_has_the_first_ones_identity_and_a_higher_revision_whichever_comes_first() -> None:
    changed = example("delighted_survey_response_updated.json")
    first = copy.deepcopy(changed)
    first["event_type"] = "survey_response.created"
    first["event_data"] |= {"score": 3, "updated_at": None, "comment": None}
    (before,), (after,) = read(first), read(changed)
    assert (before.source, before.id, before.at) == (after.source, after.id, after.at)
    assert before.revision < after.revision
    assert (before.data.score, after.data.score) == (3, 8)


def test_the_same_response_delivered_again_is_the_same_event() -> None:
    first = example("typeform_form_response.json")
    again = copy.deepcopy(first) | {"event_id": "another delivery"}
    assert taken(first) == taken(again)


def test_each_question_of_a_response_is_an_answer_of_its_own() -> None:
    found = [event for event in read(example("typeform_form_response.json")) if hasattr(event.data, "score")]
    assert [(each.data.survey, each.data.score) for each in found] == [("nps", 9), ("csat", 5), ("ces", 6)]
    assert len({each.identity for each in found}) == 3


def test_a_question_is_known_by_its_reference_or_its_id_and_of_what_is_not_set_only_nps_counts() -> None:
    payload = example("typeform_form_response.json")
    assert [each.survey for each in answers(payload, NONE)] == ["nps"]
    by_id = Options(questions={"Fq2": Question(survey="csat", lowest=1, highest=10)})
    assert [each.survey for each in answers(payload, by_id)] == ["nps", "csat"]
    del payload["form_response"]["answers"][0]
    assert isinstance(taken(payload, NONE), Skipped)


def test_an_effort_is_never_guessed() -> None:
    payload = json.loads((FOLDER / "delighted_responses.jsonl").read_bytes().splitlines()[2])
    assert [each.score for each in answers(payload)] == [6]
    fault = refused(payload, NONE)
    assert fault.reason == "invalid_field"
    assert "sources.surveys.questions.ces" in fault.detail


@pytest.mark.parametrize(
    ("hidden", "customer_id", "aliases"),
    [
        (
            {"customer_id": "C1", "email": "A@b.example", "phone": "+39 06 1234"}, "C1",
            ["tel:+39061234", "mailto:a@b.example"],
        ),
        ({"Customer ID": "C1"}, "C1", None),
        ({"email": "a@b.example", "phone": "+39061234", "channel": "voice"}, "tel:+39061234", None),
        ({"email": "a@b.example", "phone": "+39061234", "channel": "chat"}, "mailto:a@b.example", None),
        ({"phone": "+39061234"}, "tel:+39061234", None),
        ({"email": "nobody", "phone": "secret"}, "typeform:tok9f2c1d4e8b7a6a51", None),
        ({}, "typeform:tok9f2c1d4e8b7a6a51", None),
        ({"customer_id": "x" * 129, "email": "a@b.example"}, "mailto:a@b.example", None),
        (None, "typeform:tok9f2c1d4e8b7a6a51", None),
    ],
)  # fmt: skip
def test_a_customer_is_the_companys_own_else_an_alias_else_this_response_alone(
    hidden: Any, customer_id: str, aliases: list[str] | None
) -> None:
    payload = example("typeform_form_response.json")
    payload["form_response"]["hidden"] = hidden
    events = read(payload)
    assert {event.data.customer_id for event in events} == {customer_id}
    assert [event.data.aliases for event in events if not hasattr(event.data, "score")] == (
        [aliases] if aliases else []
    )


def test_an_identification_is_one_however_often_and_whenever_it_is_told() -> None:
    payload = example("typeform_form_response.json")
    later = copy.deepcopy(payload)
    later["form_response"] |= {"token": "another", "submitted_at": "2026-03-09T09:00:00Z"}
    assert read(payload)[0].identity == read(later)[0].identity


@pytest.mark.parametrize(
    ("told", "channel"),
    [("voice", "phone"), ("Chat", "chat"), ("email", "email"), ("call-center", "phone"), ("fax", None), ("", None)],
)
def test_a_channel_is_what_the_company_calls_it(told: str, channel: str | None) -> None:
    payload = example("typeform_form_response.json")
    payload["form_response"]["hidden"]["channel"] = told
    assert {each.channel for each in answers(payload)} == {channel}


def test_a_respondent_without_a_name_is_known_by_the_number_that_the_tool_gives() -> None:
    payload = example("delighted_survey_response_updated.json")
    for person, customer_id in (({"id": 7}, "delighted:7"), ("8", "delighted:8"), (None, "delighted:88102")):
        payload["event_data"]["person"] = person
        assert [each.customer_id for each in answers(payload)] == [customer_id]


def test_a_response_of_surveymonkey_counts_by_its_text_and_an_nps_never_by_its_weight() -> None:
    page = example("surveymonkey_responses_bulk.json")
    assert [(each.survey, each.score) for each in answers(page)] == [("csat", 5), ("nps", 7), ("csat", 2)]
    response = page["data"][0]
    assert answers(response) == answers(page)[:2]
    response["pages"][0]["questions"][1]["answers"][0]["simple_text"] = "7 - likely"
    assert "simple=true" in refused(response).detail


def test_a_row_of_a_matrix_may_be_a_question_of_its_own_and_what_cannot_be_read_is_rejected() -> None:
    response = example("surveymonkey_responses_bulk.json")["data"][1]
    asked = response["pages"][0]["questions"][0]
    asked["answers"] = [{"row_id": "r1", "simple_text": "3"}, {"row_id": "r2", "choice_metadata": {"weight": "4"}}]
    by_row = Options(
        questions={"r1": Question(survey="csat"), "r2": Question(survey="ces"), "q": Question(survey="nps")}
    )
    found = read(response, by_row)
    assert [(event.id, event.data.survey, event.data.score) for event in found] == [
        ("118002:r1", "csat", 3), ("118002:r2", "ces", 4),
    ]  # fmt: skip
    assert isinstance(taken(response, NONE), Skipped)
    asked["answers"] = [{"row_id": "r1", "simple_text": "good"}]
    assert refused(response, by_row).reason == "missing_field"
    del response["date_created"], response["date_modified"]
    assert "date_created" in refused(response).detail


def test_a_respondent_of_surveymonkey_is_known_by_the_contact_else_by_the_address() -> None:
    response = example("surveymonkey_responses_bulk.json")["data"][1] | {"email_address": "Gina@example.org"}
    assert [each.customer_id for each in answers(response)] == ["mailto:gina@example.org"]
    response["metadata"] = {"contact": {"email": {"type": "string", "value": "other@example.org"}}}
    assert [each.customer_id for each in answers(response)] == ["mailto:other@example.org"]
    response |= {"email_address": "", "metadata": {}, "recipient_id": "77"}
    assert [each.customer_id for each in answers(response)] == ["surveymonkey:77"]


def test_an_answer_of_typeform_may_be_a_choice_whose_label_is_the_score() -> None:
    payload = example("typeform_form_response.json")
    answer = payload["form_response"]["answers"][1]
    del answer["number"]
    answer |= {"type": "choice", "choice": {"id": "c", "label": "10"}}
    assert [each.score for each in answers(payload)] == [9, 5, 6]
    del answer["choice"]
    assert refused(payload).reason == "missing_field"


def test_other_events_of_typeform_are_skipped_by_their_name() -> None:
    told = taken(example("typeform_form_response.json") | {"event_type": "form_response_partial"})
    assert told == Skipped("typeform form_response_partial")


def test_an_edited_response_of_surveymonkey_replaces_the_first() -> None:
    response = example("surveymonkey_responses_bulk.json")["data"][1]
    edited = copy.deepcopy(response) | {"date_modified": "2026-03-05T08:00:00+00:00"}
    (before,), (after,) = read(response), read(edited)
    assert (before.identity, before.at) == (after.identity, after.at)
    assert before.revision < after.revision


def test_who_says_that_there_is_a_response_and_not_what_is_skipped_with_what_to_do() -> None:
    told = taken(example("skipped/surveymonkey_webhook_without_a_score.json"))
    assert isinstance(told, Skipped)
    assert "fetch the response" in told.type


def test_two_accounts_of_one_tool_are_two_sources() -> None:
    payload = example("delighted_survey_response_updated.json")
    sources = [read(payload, Options(instance=name))[0].source for name in (None, "shop")]
    assert sources == ["/surveys/delighted", "/surveys/delighted/shop"]
