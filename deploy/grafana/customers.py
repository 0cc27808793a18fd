"""The board *Customer experience*: did it help, what do customers say, do they stay."""

from __future__ import annotations

from grafana_foundation_sdk.builders.dashboard import DashboardLink

from deploy.grafana import words
from deploy.grafana.board import Board, Rows, alerts, by_channel, filled, frame, over
from deploy.grafana.panels import Query, Said, figure, lines, number, sized, wallboard
from deploy.grafana.promql import now
from stream.core.figures import customers as figures
from stream.core.figures import outcomes, surveys

UID, TITLE = "centralino-customers", "Customer experience"
QUESTION = "Did it help, what do customers say of it, and do they stay?"
FCR = {"channel": "$channel", "window": "$fcr_window"}
SAID = {"channel": "$channel", "window": "$customer_window"}


def board() -> Board:
    """The board."""
    made = by_channel(frame(UID, TITLE, QUESTION, hours=7 * 24, refresh="5m"))
    made = over(made, "fcr_window", "Window of FCR", "contact_center_fcr_ratio", "7d")
    made = over(made, "customer_window", "Window of customers", "customer_complaints", "30d")
    made = alerts(made, "FCR falling", 'alertname="FcrFalling"', 'channel=~"$channel"')
    return Board(UID, TITLE, QUESTION, filled(made, _rows()))


def _rows() -> Rows:
    return (("Did it help", _outcomes()), ("What customers say", _said()), ("Do they stay", _stay()))


def _explained(name: str, window: str) -> DashboardLink:
    path = f"/explain?figure={name}&window=${{{window}}}&channel=${{__field.labels.channel}}"
    return wallboard(f"What it is made of: {name}", path)


def _outcomes() -> list[object]:
    fcr = "contact_center_fcr_ratio"
    contacts = Said(
        "First contacts that the ratio is of, matured and provisional: served inbound interactions that repeat none.",
        "Fewer than some fifty: the ratio moves by chance.",
    )
    return [
        sized(lines("First-contact resolution, matured", "percentunit", figure(
            outcomes.fcr_ratio, "The headline: what it says stays. Falling on one channel: read its repeats' reasons.",
            "Matured: over the same window moved back by the repeat window, so that no repeat can come any more.",
        ), Query(now(fcr, variables=FCR, stage="matured"), "{{channel}}")).max(1)
              .data_links([_explained("fcr.matured", "fcr_window")]), 8),
        sized(lines("First-contact resolution, provisional", "percentunit", figure(
            outcomes.fcr_ratio, "The first sign of a fall. It can only get worse until it is matured.",
            "Provisional: repeats may still come.",
        ), Query(now(fcr, variables=FCR, stage="provisional"), "{{channel}}")).max(1)
              .data_links([_explained("fcr.provisional", "fcr_window")]), 8),
        sized(lines("First contacts", "short", contacts,
                    Query(now("contact_center_fcr_contacts", variables=FCR), "{{channel}} {{stage}}")), 8),
    ]  # fmt: skip


def _said() -> list[object]:
    every = now("customer_csat_ratio", variables=SAID, channel="")
    return [
        sized(number("NPS", "none", figure(
            surveys.nps,
            "Read with its trend: a month of few answers moves by chance (`/api/v1/trends` says how much).",
        ), Query(now("customer_nps", variables=SAID), "NPS"), at=words.good_above(0, 30), trend=True), 6),
        sized(number("CSAT", "percentunit", figure(
            surveys.csat, "Answers on all channels. Below 70 %: read the newest bad ones with their journeys.",
        ), Query(every, "all channels"), at=words.good_above(0.7, 0.8), trend=True), 6),
        sized(number("CES", "none", figure(
            surveys.ces, "7 is the easiest. Low with a good FCR: solved, but at the customer's cost.",
        ), Query(now("customer_ces_average", variables=SAID), "CES"), at=words.good_above(4, 5), trend=True), 6),
        sized(number("Complaints", "short", Said(
            "Complaints in the window, on any channel or on none.",
            "Each has a journey: `/journeys` on the wallboard shows where it broke.",
        ), Query(now("customer_complaints", variables=SAID), "complaints"), trend=True)
              .data_links([wallboard("Journeys", "/journeys")]), 6),
        sized(lines("CSAT by channel", "percentunit", figure(
            surveys.csat, "A channel that is lower than the others: compare its waits and its FCR first.",
        ), Query(now("customer_csat_ratio", variables=SAID), "{{channel}}")).max(1)
              .data_links([_explained("csat", "customer_window")]), 24),
    ]  # fmt: skip


def _stay() -> list[object]:
    window = {"window": "$customer_window"}
    return [
        sized(lines("Churn, early churn, retention", "percentunit", Said(
            " ".join(figure(each, "").what for each in (figures.churn, figures.early_churn, figures.retention)),
            "Early churn is the first to move: what do those hear who joined in the last 90 days?",
        ), *(Query(now(f"customer_{name}_ratio", variables=window), name.replace("_", " "))
             for name in ("churn", "early_churn", "retention"))).max(1), 12),
        sized(lines("Orders that came back", "percentunit", figure(
            figures.return_rate, "Rising before contacts do: the reason is in the product or in its delivery.",
        ), Query(now("customer_return_ratio", variables=window), "returned")).max(1), 6),
        sized(number("Repeat purchase", "percentunit", figure(
            figures.repeat_purchase, "Over 365 days, so it is slow: compare with the same day of last month.",
        ), Query(now("customer_repeat_purchase_ratio"), "bought again")), 3),
        sized(number("Lifetime value", "suffix: minor units", figure(
            figures.clv, "What keeping one customer may cost at most. Each currency on its own; 100 minor units are"
            " one euro.",
        ), Query(now("customer_lifetime_value"), "{{currency}}")), 3),
    ]  # fmt: skip
