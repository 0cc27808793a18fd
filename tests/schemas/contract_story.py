"""A short history in which a source says each type of the contract at least once.

A chat is abandoned, the customer calls, is transferred twice and complains; a mail goes to and fro.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import msgspec

from stream.core.customers.insight_data import moment

CUSTOMER = "c-1042"
NINE = int(datetime(2026, 3, 2, 9, tzinfo=UTC).timestamp() * 1000)

Told = list[tuple[str, dict[str, Any]]]
"""Topic and event, in the order in which they are told."""


def _event(topic: str, kind: str, seconds: float, name: str, /, **data: Any) -> tuple[str, dict[str, Any]]:
    at = moment(NINE + round(seconds * 1000))
    return topic, {
        "specversion": "1.0", "id": f"{name}/{kind.partition('.')[2]}/{seconds:g}", "source": "/acd/1", "type": kind,
        "time": msgspec.to_builtins(at), "data": data,
    }  # fmt: skip


def _on(channel: str, name: str, *steps: tuple[str, float, dict[str, Any]]) -> Told:
    return [
        _event(f"interactions.{channel}", f"interaction.{kind}", at, name, interaction_id=name, channel=channel, **more)
        for kind, at, more in steps
    ]


def _of_customer(kind: str, seconds: float, **data: Any) -> tuple[str, dict[str, Any]]:
    return _event("customers.events", f"customer.{kind}", seconds, CUSTOMER, customer_id=CUSTOMER, **data)


def sent() -> Told:
    """What the sources send."""
    web = {"queue": "web", "customer_id": CUSTOMER, "reason": "delivery"}
    anna, bob = {"agent_id": "anna"}, {"agent_id": "bob"}
    presence = {"presence": "available", "queues": ["support", "billing"], "slots": {"phone": 1, "chat": 2}}
    return [
        _event("agents.presence", "agent.state_changed", -600, "anna", **anna, **presence),
        _event("agents.presence", "agent.heartbeat", -300, "anna", **anna, presence="available"),
        _of_customer("joined", -8 * 24 * 3600),
        _of_customer("identified", -7200, aliases=["tel:+390550001042", "mailto:gina@example.com"]),
        _of_customer("purchased", -3600, order_id="o-7", amount=8900, currency="EUR"),
        *_on(
            "chat", "chat-1",
            ("started", 0, {**web, "initiation": "customer"}), ("queued", 5, {**web, "segment_id": "1"}),
            ("abandoned", 215, {}),
        ),
        *_on(
            "phone", "call-1",
            ("started", 400, {"customer_id": "tel:+390550001042", "initiation": "customer"}),
            ("updated", 405, {"customer_id": CUSTOMER, "reason": "delivery"}),
            ("queued", 410, {"queue": "support", "segment_id": "1", "attributes": {"ivr": "3"}}),
            ("offered", 412, bob), ("declined", 420, {**bob, "result": "no_answer"}), ("offered", 421, anna),
            ("answered", 425, anna), ("held", 440, anna), ("resumed", 455, anna),
            ("transferred", 500, {**anna, "to_queue": "billing", "kind": "blind"}),
            ("queued", 500, {"queue": "billing", "segment_id": "2"}), ("answered", 530, bob),
            ("transferred", 560, {**bob, "to_queue": "support", "kind": "blind"}),
            ("queued", 560, {"queue": "support", "segment_id": "3"}), ("answered", 566, anna),
            ("ended", 700, {"by": "customer", "resolved": True}),
            ("wrapped_up", 730, {**anna, "disposition": "sent again"}),
        ),
        *_on(
            "phone", "call-2", ("started", 800, {}), ("queued", 801, {"queue": "support", "segment_id": "1"}),
            ("flowed_out", 920, {"outcome": "voicemail"}), ("ended", 930, {"by": "system"}),
        ),
        *_on(
            "email", "mail-1", ("started", 1000, {"customer_id": CUSTOMER, "reason": "invoice"}),
            ("queued", 1000, {"queue": "office"}), ("message", 1000, {"author": "customer"}),
            ("answered", 1900, anna), ("message", 2000, {"author": "agent", **anna}), ("ended", 2010, {"by": "agent"}),
            ("reopened", 9000, {}), ("message", 9000, {"author": "customer"}),
        ),
        *_on(
            "phone", "call-3",
            ("started", 8000, {"customer_id": CUSTOMER, "reason": "delivery"}), ("queued", 8001, {"queue": "support"}),
            ("answered", 8010, anna), ("ended", 8200, {"by": "agent", "resolved": True}),
        ),
        _of_customer("survey_answered", 3000, survey="nps", score=3, interaction_id="call-1", channel="phone"),
        _of_customer("complained", 3100, about="delivery", channel="social", public=True),
        _of_customer("reviewed", 3200, rating=2, site="reviews.example"),
        _of_customer("touched", 3300, touchpoint="delivery", outcome="late", phase="after"),
        _of_customer("returned", 3400, order_id="o-7", amount=8900, currency="EUR"),
        _of_customer("updated", 3500, segment="returning"),
        _of_customer("left", 9100),
    ]  # fmt: skip
