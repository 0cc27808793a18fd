"""What contacts are about, over HTTP: ranked by the repeats that they cause, and those with more than usual."""

from __future__ import annotations

import pytest

from stream.core.rules import DAY, HOUR, MINUTE
from tests.serve.shards import cell, cells, merged, total
from tests.serve.test_kpis import loaded

AT = 1_772_463_600_000 + 20 * MINUTE  # Monday, 2026-03-02T15:20:00Z
BILL, BILL_BY_CHAT, FAULT, PHONE = "phone|i|rbill", "chat|i|rbill", "phone|i|rfault", "phone|i|*"
EARLIER = [(1, 4), (2, 9), (3, 5), (4, 20)]
"""Weeks ago, contacts about bills in the half-hour that begins at three: 4 by phone in each, the rest by chat."""


@pytest.fixture
def reasons(shard, view, browse):
    """The answer of a center whose customers' shard holds these contributions."""

    async def asked(contributions, stream_time=AT, status=200, path="/api/v1/reasons", **parameters):
        settings = parameters.pop("settings", {})
        one = shard("customers.timeline")
        await one.declare(1)
        fields = merged(*(cells(scope, at, content) for scope, at, content in contributions))
        for scope in {each[0] for each in contributions}:
            fields |= total(scope, cell(identified=1))
        await one.commit(fields, stream_time=stream_time)
        client = browse(await loaded(view(clock="event", **settings)))
        answer = await client.get(path, params=parameters)
        assert answer.status_code == status, answer.text
        return answer.json()

    return asked


def history(now, weeks=4):
    """So many contacts about bills in this half-hour, and the usual ones before."""
    found = [(FAULT, AT - 29 * DAY, cell(identified=1))] if weeks == 4 else []
    found += [(BILL, AT - week * 7 * DAY, cell(identified=4)) for week, _ in EARLIER[:weeks]]
    found += [
        (BILL_BY_CHAT, AT - week * 7 * DAY + MINUTE, cell(identified=n - 4)) for week, n in EARLIER[:weeks] if n > 4
    ]
    return [*found, (BILL, AT, cell(identified=now))]


def row(answer, reason="bill"):
    return next(each for each in answer["reasons"] if each["reason"] == reason)


async def test_reasons_are_ranked_by_the_repeats_that_they_cause(reasons):
    answer = await reasons([
        (BILL, AT - DAY, cell(identified=5, handled=4, handle_ms=1_200_000, first_contacts=4, resolved_contacts=3,
                              repeated_contacts=1)),
        (BILL_BY_CHAT, AT, cell(identified=1, repeats=1, csat_answers=2, csat_satisfied=1, csat_sum=6)),
        (FAULT, AT, cell(identified=2, repeats_caused=3, complaints=1)),
        ("phone|i|rold", AT - 7 * DAY, cell(identified=7)), (PHONE, AT, cell(interactions_started=20, identified=9)),
    ])  # fmt: skip
    assert [each["reason"] for each in answer["reasons"]] == ["fault", "bill"]
    assert row(answer) == {
        "reason": "bill", "contacts": 6, "repeats": 1, "repeats_caused": 0, "handled": 4, "handle_ms": 1_200_000,
        "first_contacts": 4, "resolved": 3, "repeated": 1, "csat_answers": 2, "csat_satisfied": 1, "csat_sum": 6,
        "complaints": 0, "repeat_inflow": 1 / 6, "aht_seconds": 300.0, "fcr": 0.75, "csat": 0.5, "csat_mean": 3.0,
        "contacts_in_half_hour": 1, "usual_contacts": 0, "spike": False,
    }  # fmt: skip
    assert {name: answer[name] for name in ("interactions", "with_customer", "with_reason", "window", "total")} == {
        "interactions": 20, "with_customer": 9, "with_reason": 8, "window": "7d", "total": 2,
    }  # fmt: skip
    assert answer["includes"] == "inbound interactions with a customer and a reason"
    assert answer["half_hour"]["starts_at"] == "2026-03-02T15:00:00.000Z"


async def test_a_channel_has_its_own_reasons(reasons):
    told = [(BILL, AT, cell(identified=5)), (BILL_BY_CHAT, AT, cell(identified=2)), (FAULT, AT, cell(identified=1))]
    answer = await reasons(told, channel="chat", window="1h")
    assert [(each["reason"], each["contacts"]) for each in answer["reasons"]] == [("bill", 2)]


@pytest.mark.parametrize(("now", "spike"), [(14, False), (15, True)])
async def test_a_spike_is_three_roots_above_the_usual_of_that_half_hour(reasons, now, spike):
    """The median of 4, 9, 5 and 20 is 7: more than 7 + 3 x 2.65 = 14.9 is a spike."""
    found = row(await reasons(history(now)))
    assert (found["contacts_in_half_hour"], found["usual_contacts"], found["spike"]) == (now, 7, spike)


@pytest.mark.parametrize(("now", "settings", "spike"), [
    (9, {}, False), (10, {}, True), (9, {"reason_spike_contacts": 9}, True),
    (14, {"reason_spike_deviations": 5}, False),
])  # fmt: skip
async def test_few_contacts_are_no_spike_and_both_are_settings(reasons, now, settings, spike):
    quiet = [(FAULT, AT - 8 * DAY, cell(identified=1)), (BILL, AT, cell(identified=now))]
    quiet += [(BILL, AT - 7 * DAY, cell(identified=5))] if settings.get("reason_spike_deviations") else []
    found = row(await reasons(quiet, settings=settings))
    assert found["spike"] is spike


async def test_what_was_not_yet_counted_is_not_usual(reasons):
    assert row(await reasons([(BILL, AT, cell(identified=500))])) | {"usual_contacts": None, "spike": False} == row(
        await reasons([(BILL, AT, cell(identified=500))])
    )
    assert row(await reasons(history(15, weeks=1)))["usual_contacts"] == 4


async def test_an_earlier_instant_has_its_own_half_hour(reasons):
    answer = await reasons(history(15), stream_time=AT, at="2026-02-23T15:29:59Z")
    assert (row(answer)["contacts_in_half_hour"], row(answer)["usual_contacts"]) == (4, 9)
    assert answer["half_hour"]["ends_at"] == "2026-02-23T15:30:00.000Z"
    answer = await reasons(history(15), stream_time=AT + HOUR)
    assert row(answer)["contacts_in_half_hour"] == 0


@pytest.mark.parametrize(("parameters", "wrong"), [
    ({"channel": "fax"}, "channel"), ({"window": "1y"}, "window"), ({"at": "now"}, "at"), ({"by": "queue"}, "by"),
    ({"window": "1h", "at": "2025-12-01T00:00:00Z"}, "at"),
])  # fmt: skip
async def test_what_cannot_be_asked(reasons, parameters, wrong):
    assert (await reasons(history(1), status=400, **parameters))["parameter"] == wrong
