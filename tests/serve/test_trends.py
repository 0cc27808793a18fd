"""Trends over HTTP: each window against those before it, by channel and in all, and what is not kept."""

from __future__ import annotations

import pytest

from stream.core.rules import DAY, HOUR
from tests.serve.shards import cell, cells, merged, total
from tests.serve.test_kpis import loaded

AT = 1_772_463_600_000  # Monday, 2026-03-02T15:00:00Z
PHONE, CHAT, ALL = "phone|i|*", "chat|i|*", "*|i|*"


@pytest.fixture
def trends(shard, view, browse):
    """The answer of a center that has counted this: (scope, days ago, measures)."""

    async def asked(contributions, status=200, **parameters):
        one = shard("customers.timeline")
        await one.declare(1)
        fields = merged(*(cells(scope, AT - days * DAY, cell(**counts)) for scope, days, counts in contributions))
        for scope in {each[0] for each in contributions}:
            sums: dict[str, int] = {}
            for of, _, counts in contributions:
                for name, n in counts.items() if of == scope else ():
                    sums[name] = sums.get(name, 0) + n
            fields |= total(scope, cell(**sums))
        await one.commit(fields, stream_time=AT)
        answer = await browse(await loaded(view(clock="event"))).get("/api/v1/trends", params=parameters)
        assert answer.status_code == status, answer.text
        return answer.json()

    return asked


def contacts(n, resolved):
    return {"first_contacts": n, "resolved_contacts": resolved}


async def test_a_figure_stands_beside_that_of_as_many_days_before(trends):
    told = [(PHONE, 0, contacts(10, 8)), (PHONE, 6, contacts(10, 6)), (PHONE, 7, contacts(4, 1))]
    [row] = await trends(told, window="7d")
    assert row["figures"]["fcr"]["provisional"] == {
        "value": 0.7, "n": 20, "low": pytest.approx(0.4810, abs=5e-5), "high": pytest.approx(0.8545, abs=5e-5),
        "previous": 0.25, "previous_n": 4, "change": pytest.approx(0.45), "better": "higher", "declining": False,
    }  # fmt: skip
    matured = row["figures"]["fcr"]["matured"]
    assert (matured["value"], matured["n"], matured["previous"], matured["change"]) == (None, 0, None, None)


async def test_first_contacts_are_compared_where_they_are_mature(trends):
    told = [(PHONE, 8 + 7 * week, contacts(1000, 700 + 40 * week)) for week in range(4)]
    [row] = await trends([*told, (PHONE, 0, contacts(1000, 990))], window="7d")
    assert row["figures"]["fcr"]["matured"] | {"low": 0, "high": 0} == {
        "value": 0.7, "n": 1000, "low": 0, "high": 0, "previous": 0.74, "previous_n": 1000,
        "change": pytest.approx(-0.04), "better": "higher", "declining": True,
    }  # fmt: skip
    assert row["figures"]["fcr"]["provisional"]["declining"] is False


async def test_channels_have_their_own_and_all_of_them_what_belongs_to_none(trends):
    nps = {"nps_answers": 100, "nps_promoters": 50, "nps_detractors": 20}
    told = [
        (PHONE, 1, nps), (CHAT, 1, {"nps_answers": 100}), (ALL, 1, {"nps_answers": 100, "nps_detractors": 100}),
        (ALL, 390, {"members": 200, "customers_joined": 200}), (ALL, 3, {"members": -10, "customers_left": 10}),
        (ALL, 35, {"members": -40, "customers_left": 40}), ("*|i|$EUR", 1, {"orders": 7}),
        ("phone|i|rbill", 1, nps), ("phone|o|*", 1, nps),
    ]  # fmt: skip
    rows = {row["channel"]: row["figures"] for row in await trends(told, by="channel")}
    assert {name: of["nps"]["value"] for name, of in rows.items()} == {
        "phone": 30, "chat": 0, "email": None, "social": None, "video": None,
    }  # fmt: skip
    assert "churn" not in rows["phone"]
    [row] = await trends(told)
    assert (row["window"], row["figures"]["nps"]["n"]) == ("30d", 300)
    assert row["figures"]["nps"]["value"] == pytest.approx(100 * (50 - 20 - 100) / 300)
    churn = row["figures"]["churn"]
    assert (churn["value"], churn["n"], churn["previous"], churn["previous_n"]) == (10 / 160, 160, 40 / 200, 200)
    assert (row["figures"]["retention"]["value"], row["figures"]["retention"]["better"]) == (150 / 160, "higher")
    assert row["figures"]["return_rate"]["value"] is None


async def test_what_is_not_kept_any_more_is_not_compared(trends):
    told = [(PHONE, 90 * window, contacts(100, 50)) for window in range(5)]
    [row] = await trends(told, window="90d")
    assert row["figures"]["fcr"]["provisional"]["previous_n"] == 100
    [row] = await trends(told, window="365d")
    assert (row["figures"]["fcr"]["provisional"]["n"], row["figures"]["fcr"]["provisional"]["previous"]) == (500, None)
    assert (await trends(told, status=400, window="90d", at="2025-03-02T00:00:00Z"))["parameter"] == "at"


@pytest.mark.parametrize(("parameters", "wrong"), [
    ({"window": "1h"}, "window"), ({"window": "today"}, "window"), ({"by": "queue"}, "by"), ({"to": "1"}, "to"),
    ({"at": "x"}, "at"),
])  # fmt: skip
async def test_what_cannot_be_asked(trends, parameters, wrong):
    assert (await trends([(PHONE, HOUR // DAY, contacts(1, 1))], status=400, **parameters))["parameter"] == wrong
