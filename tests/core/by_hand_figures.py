"""Figures of customers, worked out by hand: a few lines of history, a question, and what the row must say.

A line of `told` is one event: a day and a time (UTC), a customer, what happened, words; or an event of an interaction
as `by_hand` has them, which begins with its channel and id.

    2026-03-02 10:00:00 anna joined
    2026-03-02 10:00:00 anna bought o1 1999 EUR           an order, and an amount in minor units
    2026-03-02 10:00:00 anna sent_back o1
    2026-03-02 10:00:00 anna answered nps 9 phone/7       about that interaction; /7: without telling its channel
    2026-03-02 10:00:00 anna complained phone public
    2026-03-02 10:00:00 anna reviewed 2
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from tests.core.by_hand import CHANNELS, History, instant, lines, steps, written

Row = dict[str, Any]


@dataclass(frozen=True)
class Figures:
    """`asked`: window, `by` (`-` for none), and `at`; `says`: keys of the one row, those of `customers` told alike."""

    told: str
    asked: str
    says: Row
    zone: str = "UTC"
    rates: dict[str, int] = field(default_factory=dict)


TYPES = {"bought": "purchased", "sent_back": "returned", "answered": "survey_answered"}


def records(told: str) -> list[dict[str, Any]]:
    """The records of a history."""
    found = []
    for number, line in enumerate(lines(told)):
        words = line.split()
        if words[2].partition("/")[0] in CHANNELS:
            (record,) = steps(History("phone", line, ""))
            assert isinstance(record, dict)
            record["value"]["id"] = f"e{number}"
        else:
            record = _of_customer(f"e{number}", instant(words), *words)
        found.append(record)
    return found


def _of_customer(event_id: str, at: int, customer: str, what: str, *words: str) -> dict[str, Any]:
    value = {
        "specversion": "1.0", "source": "/by-hand", "id": event_id, "type": f"customer.{TYPES.get(what, what)}",
        "time": written(at), "data": {"customer_id": customer} | _data(what, words),
    }  # fmt: skip
    return {"topic": "customers.events", "key": customer, "timestamp_ms": at, "value": value}


def _data(what: str, words: tuple[str, ...]) -> Row:
    match what:
        case "bought":
            return {"order_id": words[0], "amount": int(words[1]), "currency": words[2]}
        case "sent_back":
            return {"order_id": words[0]}
        case "reviewed":
            return {"rating": int(words[0])}
        case "complained":
            return {"channel": next((word for word in words if word in CHANNELS), None), "public": "public" in words}
        case "answered":
            channel, _, id_ = words[2].partition("/") if len(words) > 2 else ("", "", "")
            return {
                "survey": words[0],
                "score": int(words[1]),
                "channel": channel or None,
                "interaction_id": id_ or None,
            }
    return {}


CALL = """
2026-03-02 10:00:00 phone/7 queued support customer=anna
2026-03-02 10:00:10 phone/7 answered ada
2026-03-02 10:05:10 phone/7 ended customer
"""
SCORES = """
2026-03-02 11:00:00 anna answered nps 10
2026-03-02 11:00:01 bert answered nps 9
2026-03-02 11:00:02 carl answered nps 8
2026-03-02 11:00:03 dora answered nps 7
2026-03-02 11:00:04 emil answered nps 6
2026-03-02 11:00:05 emil answered csat 1
2026-03-02 11:00:06 dora answered csat 3
2026-03-02 11:00:07 carl answered csat 4
2026-03-02 11:00:08 bert answered csat 5
2026-03-02 11:00:09 anna answered csat 5
2026-03-02 11:00:10 anna answered ces 7
2026-03-02 11:00:11 bert answered ces 4
"""
COHORT = """
2026-01-01 12:00:00 anna joined
2026-01-01 12:00:00 bert joined
2026-01-01 12:00:00 carl joined
2026-01-01 12:00:00 dora joined
2026-01-01 12:00:00 emil joined
2026-03-31 12:00:00 anna left
2026-04-01 12:00:00 bert left
2026-04-01 12:00:00.001 carl left
2026-04-02 12:00:00 dora left
"""

FIGURES: dict[str, Figures] = {
    "NPS: two of five promote, one detracts, 7 and 8 do neither": Figures(
        SCORES, "24h - 2026-03-02 12:00:00",
        {"nps_answers": 5, "nps_promoters": 2, "nps_detractors": 1, "nps": 20.0},
    ),
    "CSAT: 4 and 5 of 1 3 4 5 5 are satisfied": Figures(
        SCORES, "24h - 2026-03-02 12:00:00",
        {"csat_answers": 5, "csat_satisfied": 3, "csat_sum": 18, "csat": 0.6, "csat_mean": 3.6},
    ),
    "CES: the mean of 7 and 4": Figures(
        SCORES, "24h - 2026-03-02 12:00:00", {"ces_answers": 2, "ces_sum": 11, "ces": 5.5}
    ),
    "an answer outside of the window is not in it": Figures(
        SCORES, "today - 2026-03-03 12:00:00", {"nps_answers": 0, "nps": None, "csat": None, "ces": None}
    ),
    "an answer counts for the queue, the channel and all, of the interaction that it is about": Figures(
        CALL + "2026-03-02 11:00:00 anna answered csat 5 /7", "today channel,queue 2026-03-02 12:00:00",
        {"channel": "phone", "queue": "support", "csat_answers": 1, "csat": 1.0},
    ),
    "of the channel it is one answer, not two": Figures(
        CALL + "2026-03-02 11:00:00 anna answered csat 5 /7", "today channel 2026-03-02 12:00:00",
        {"channel": "phone", "csat_answers": 1, "interactions": 1, "complaints_per_1000": 0.0},
    ),
    "an answer for another channel is not about the call": Figures(
        CALL + "2026-03-02 11:00:00 anna answered csat 5 chat/7", "today channel,queue 2026-03-02 12:00:00",
        {"channel": "phone", "queue": "support", "csat_answers": 0, "csat": None},
    ),
    "what somebody else says of the call counts for no channel": Figures(
        CALL + "2026-03-02 11:00:00 bert answered csat 2 /7", "today - 2026-03-02 12:00:00",
        {"csat_answers": 1, "csat_sum": 2, "csat": 0.0},
    ),
    "two complaints, one in public and on no channel, and one call: two thousand a thousand": Figures(
        CALL + """
        2026-03-02 11:00:00 anna complained phone
        2026-03-02 11:00:00 bert complained public
        """,
        "today - 2026-03-02 12:00:00", {"complaints": 2, "public_complaints": 1, "complaints_per_1000": 2000.0},
    ),
    "of the channel it is one complaint": Figures(
        CALL + """
        2026-03-02 11:00:00 anna complained phone
        2026-03-02 11:00:00 bert complained public
        """,
        "today channel 2026-03-02 12:00:00",
        {"channel": "phone", "complaints": 1, "public_complaints": 0, "complaints_per_1000": 1000.0},
    ),
    "reviews of 1, 2, 3 and 5 stars: two are bad": Figures(
        """
        2026-03-02 11:00:00 anna reviewed 1
        2026-03-02 11:00:00 bert reviewed 2
        2026-03-02 11:00:00 carl reviewed 3
        2026-03-02 11:00:00 dora reviewed 5
        """,
        "today - 2026-03-02 12:00:00",
        {"reviews": 4, "reviews_sum": 11, "bad_reviews": 2, "reviews_mean": 2.75, "bad_review_share": 0.5},
    ),
    "early churn: left on day 89 and 90, to the millisecond, is early; later it is not": Figures(
        COHORT, "365d - 2026-04-03 12:00:00",
        {"customers_joined": 5, "customers_left": 4, "left_early": 2, "early_churn": 0.4, "customers_at_start": 0,
         "customers_at_end": 1, "churn": None, "retention": None},
    ),
    "early churn belongs to the day of joining: a window in which they leave has none": Figures(
        COHORT, "30d - 2026-04-03 12:00:00",
        {"customers_joined": 0, "customers_left": 4, "left_early": 0, "early_churn": None, "customers_at_start": 5,
         "customers_at_end": 1, "churn": 0.8, "retention": 0.2},
    ),
    "who comes and goes in the window is churn, and no less retained": Figures(
        """
        2026-02-01 12:00:00 anna joined
        2026-02-01 12:00:00 bert joined
        2026-03-01 12:00:00 carl joined
        2026-03-02 12:00:00 carl left
        2026-03-03 12:00:00 bert left
        2026-03-04 12:00:00 bert joined
        """,
        "7d - 2026-03-05 12:00:00",
        {"customers_at_start": 2, "customers_at_end": 2, "customers_joined": 2, "customers_left": 2,
         "customers_kept": 1, "churn": 1.0, "retention": 0.5, "left_early": 1, "early_churn": 0.5},
    ),
    "who was there long, leaves and comes back in minutes was not kept": Figures(
        """
        2026-02-01 12:00:00 anna joined
        2026-03-02 11:30:00 anna left
        2026-03-02 11:31:00 anna joined
        2026-03-02 11:32:00 bert joined
        2026-03-02 11:33:00 bert left
        """,
        "1h - 2026-03-02 12:00:00",
        {"customers_at_start": 1, "customers_at_end": 1, "customers_joined": 2, "customers_left": 2,
         "customers_kept": 0, "churn": 2.0, "retention": 0.0},
    ),
    "joining twice is once, leaving without having joined is nothing; of one instant joining is first": Figures(
        """
        2026-03-02 10:00:00 anna joined
        2026-03-02 10:30:00 anna joined
        2026-03-02 10:00:00 bert left
        2026-03-02 10:00:00 carl left
        2026-03-02 10:00:00 carl joined
        """,
        "today - 2026-03-02 12:00:00",
        {"customers_at_start": 0, "customers_at_end": 1, "customers_joined": 2, "customers_left": 1, "left_early": 1},
    ),
    "an order is one however often it is told, and returned whenever it comes back": Figures(
        """
        2026-03-02 10:00:00 anna bought o1 1999 EUR
        2026-03-02 10:00:01 anna bought o1 2999 EUR
        2026-03-02 10:00:00 anna bought o2 500 EUR
        2026-03-02 10:00:00 bert bought o1 700 EUR
        2026-03-05 10:00:00 anna sent_back o1
        2026-03-05 10:00:00 bert sent_back o9
        """,
        "50d - 2026-03-05 12:00:00", {"orders": 3, "orders_returned": 1, "return_rate": 1 / 3},
    ),
    "repeat purchase: 364 days apart is in one year of 365 days": Figures(
        """
        2025-03-03 23:00:00 anna bought o1 1 EUR
        2026-03-02 01:00:00 anna bought o2 1 EUR
        2026-03-02 01:00:00 bert bought o3 1 EUR
        """,
        "today - 2026-03-02 12:00:00", {"orders": 2, "buyers": 2, "repeat_buyers": 1, "repeat_purchase": 0.5},
    ),
    "repeat purchase: 365 days apart is not": Figures(
        """
        2025-03-02 23:00:00 anna bought o1 1 EUR
        2026-03-02 01:00:00 anna bought o2 1 EUR
        """,
        "today - 2026-03-02 12:00:00", {"buyers": 1, "repeat_buyers": 0, "repeat_purchase": 0.0},
    ),
    "a year later nobody has bought, and the day before everybody had": Figures(
        """
        2025-03-02 23:00:00 anna bought o1 1 EUR
        2025-03-01 01:00:00 bert bought o2 1 EUR
        2026-03-01 12:00:00 emil joined
        """,
        "today - 2026-03-01 12:00:00", {"orders": 0, "buyers": 1, "repeat_buyers": 0, "repeat_purchase": 0.0},
    ),
    "a year has 365 days of the center, also from one change of clocks to the next": Figures(
        """
        2025-03-29 23:30:00 anna bought o1 1 EUR
        2025-03-29 22:30:00 bert bought o2 1 EUR
        2026-03-29 12:00:00 anna bought o3 1 EUR
        2026-03-29 12:00:00 bert bought o4 1 EUR
        """,
        "today - 2026-03-29 13:00:00", {"buyers": 2, "repeat_buyers": 1, "repeat_purchase": 0.5}, zone="Europe/Rome",
    ),
    "and half an hour after the midnight of summer time": Figures(
        """
        2025-03-30 22:30:00 anna bought o1 1 EUR
        2025-03-30 21:30:00 bert bought o2 1 EUR
        2026-03-29 22:30:00 anna bought o3 1 EUR
        2026-03-29 22:30:00 bert bought o4 1 EUR
        """,
        "today - 2026-03-29 22:30:00", {"buyers": 2, "repeat_buyers": 1, "repeat_purchase": 0.5}, zone="Europe/Rome",
    ),
    "CLV: 100.00 EUR and 10.00 USD of two buyers, half of the customers leave in a year": Figures(
        """
        2025-01-01 12:00:00 anna joined
        2025-01-01 12:00:00 bert joined
        2025-12-01 12:00:00 bert left
        2025-12-01 12:00:00 anna bought o1 4000 EUR
        2026-01-01 12:00:00 anna bought o2 4000 EUR
        2026-01-01 12:00:00 carl bought o3 2000 EUR
        2026-01-01 12:00:00 carl bought o4 1000 USD
        """,
        # EUR: a mean order of 3333.33, 1.5 orders for each buyer, 2 years; USD: 1000, 0.5, 2 years
        "today - 2026-01-02 12:00:00", {"buyers": 2, "EUR": 10000.0, "USD": 1000.0},
    ),
    "CLV: where nobody leaves, life has no known end": Figures(
        """
        2025-01-01 12:00:00 anna joined
        2026-01-01 12:00:00 anna bought o1 4000 EUR
        """,
        "today - 2026-01-02 12:00:00", {"buyers": 1, "clv": None},
    ),
    "cost: five minutes on the phone at 24.00 an hour, for one call that was resolved": Figures(
        CALL, "today - 2026-03-02 12:00:00",
        {"service_cost": 200.0, "service_cost_per_interaction": 200.0, "service_cost_per_resolved": 200.0},
        rates={"phone": 2400},
    ),
    "cost: no rate for the channel, no cost of all": Figures(
        CALL, "today - 2026-03-02 12:00:00",
        {"service_cost": None, "service_cost_per_interaction": None, "service_cost_per_resolved": None},
        rates={"chat": 2400},
    ),
}  # fmt: skip
