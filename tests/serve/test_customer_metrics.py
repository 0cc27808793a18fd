"""Customers on /metrics and in the row of all channels: what shards say, and levels as they were at the edges."""

from __future__ import annotations

import pytest

from stream.core.rules import DAY, HOUR
from stream.core.scope import CUSTOMERS, YEAR, channel_scope, money_scope, survey_scope
from tests.serve.shards import cell, cells, merged, total
from tests.serve.test_metrics import of, values
from tests.serve.test_reading import loaded

AT = 1_772_463_600_000  # 2026-03-02T15:00:00Z
PHONE, EUROS, CARE = channel_scope("phone", inbound=True), money_scope("EUR"), "phone|i|qcare"


@pytest.fixture
async def center(shard, view):
    """100 members of long ago; 15 left 40 days ago, 5 in the last 30 days, in which 2 joined."""
    one = shard("customers.timeline")
    await one.declare(1)
    fields = merged(
        cells(CUSTOMERS, AT - 40 * DAY, cell(members=-15, customers_left=15)),
        cells(CUSTOMERS, AT - 3 * DAY, cell(members=-5, customers_left=5)),
        cells(CUSTOMERS, AT - 2 * DAY, cell(members=2, customers_joined=2, left_early=1)),
        cells(CUSTOMERS, AT - 2 * DAY, cell(orders=4, orders_returned=1)),
        cells(CUSTOMERS, AT - HOUR, cell(nps_answers=1, nps_detractors=1, csat_answers=1, csat_sum=2)),
        cells(PHONE, AT - HOUR, cell(nps_answers=3, nps_promoters=2, csat_answers=3, csat_satisfied=3, csat_sum=13)),
        cells(PHONE, AT - HOUR, cell(ces_answers=2, ces_sum=9, complaints=2, interactions_started=8)),
        cells(survey_scope("phone", "care"), AT - HOUR, cell(csat_answers=2, csat_satisfied=2, csat_sum=9)),
        cells(EUROS, AT - 2 * DAY, cell(orders=4, order_amount=6000)),
        cells(money_scope("no currency"), AT - 2 * DAY, cell(orders=1, order_amount=1)),
        cells(YEAR, AT - 2 * DAY, cell(buyers=3, repeat_buyers=1)),
        cells(YEAR, AT + 363 * DAY, cell(buyers=-3, repeat_buyers=-1)),
    ) | total(CUSTOMERS, cell(members=85), cell(members=3))
    for scope in (PHONE, YEAR, EUROS, money_scope("no currency"), CARE, survey_scope("phone", "care")):
        fields |= total(scope, {})
    await one.commit(fields, stream_time=AT)
    return await loaded(view(clock="event", queues=[{"channel": "phone", "name": "care"}]))


async def scrape(browse, view):
    return (await browse(view).get("/metrics")).text


async def test_what_customers_say_is_exported(center, browse):
    text = await scrape(browse, center)
    assert of(text, "customer_nps", window="30d") == 25.0
    assert of(text, "customer_csat_ratio", channel="phone", window="30d") == 1.0
    assert of(text, "customer_csat_ratio", window="365d") == 0.75
    assert of(text, "customer_ces_average", window="30d") == 4.5
    assert of(text, "customer_complaints", window="365d") == 2.0


async def test_whether_they_stay_and_buy_again_is_exported(center, browse):
    text = await scrape(browse, center)
    assert of(text, "customer_churn_ratio", window="30d") == 5 / 85
    assert of(text, "customer_churn_ratio", window="365d") == 20 / 100
    assert of(text, "customer_early_churn_ratio", window="30d") == 0.5
    assert of(text, "customer_retention_ratio", window="30d") == 80 / 85
    assert of(text, "customer_return_ratio", window="30d") == 0.25
    assert of(text, "customer_repeat_purchase_ratio") == 1 / 3
    assert of(text, "customer_lifetime_value", currency="EUR") == 6000 / 3 / 0.2
    assert [labels for name, labels in values(text) if name == "customer_lifetime_value"] == [(("currency", "EUR"),)]


async def test_the_row_of_all_channels_says_the_same_and_as_it_was(center, browse):
    client = browse(center)
    (now,) = (await client.get("/api/v1/kpis", params={"window": "30d"})).json()
    (then,) = (await client.get("/api/v1/kpis", params={"window": "30d", "at": "2026-02-27T23:59:59Z"})).json()
    (others,) = (await client.get("/api/v1/kpis", params={"window": "30d", "direction": "outbound"})).json()
    wanted = {"customers_at_start": 85, "customers_at_end": 82, "customers_left": 5, "churn": 5 / 85, "buyers": 3}
    assert {key: now["customers"][key] for key in wanted} == wanted
    assert (now["customers"]["nps"], now["customers"]["clv"]["EUR"]) == (25.0, 10_000.0)
    assert {key: then["customers"][key] for key in ("customers_at_end", "buyers", "repeat_purchase", "clv")} == {
        "customers_at_end": 80, "buyers": 0, "repeat_purchase": None, "clv": None,
    }  # fmt: skip
    assert (others["customers"]["nps_answers"], others["customers"]["customers_at_end"]) == (0, 82)


async def test_rows_of_channels_and_queues_have_what_is_theirs(center, browse):
    client = browse(center)
    rows = (await client.get("/api/v1/kpis", params={"window": "24h", "by": "channel"})).json()
    phone = next(row for row in rows if row["channel"] == "phone")
    assert {row["channel"] for row in rows} == {"phone", "chat", "email", "social", "video"}
    assert (phone["customers"]["csat_answers"], phone["customers"]["complaints_per_1000"]) == (3, 250.0)
    assert "churn" not in phone["customers"]
    (queue,) = (await client.get("/api/v1/kpis", params={"window": "24h", "by": "channel,queue"})).json()
    assert (queue["queue"], queue["customers"]["csat_mean"]) == ("care", 4.5)
    assert "complaints" not in queue["customers"]
