"""What a center tells downstream services, with all that a tolerant reader lives with; and what is to come of it."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple

import msgspec

from schemas.alerts import AlertData, Breached, Drivers, Muted, MutedData
from schemas.enriched import ENRICHED_TYPES, Closed, ClosedData, ClosedSegment, Measures, Sla

MONDAY = datetime(2026, 3, 2, 8, tzinfo=UTC)
ALERTS, ENRICHED = "queues.alerts", "interactions.enriched"


class Told(NamedTuple):
    """A record. `line`: what is to be done of it, once; empty: nothing."""

    topic: str
    key: str
    value: bytes
    line: str = ""


def closed(name: str, revision: int, key: str = "", **more: Any) -> Told:
    """A phone call that was answered and is over; its handle time is in its revision."""
    at, handle_ms = MONDAY + timedelta(seconds=revision), 1000 + revision
    measures = Measures(
        segments=1,
        handled=1,
        transferred=0,
        wait_ms=2500,
        talk_ms=handle_ms,
        hold_ms=0,
        wrap_up_ms=0,
        handle_ms=handle_ms,
    )
    data = ClosedData(
        channel="phone", interaction_id=name, direction="inbound", started_at=MONDAY, ended_at=at, closings=1,
        reopened=0, outcome="answered", bot=False, contained=False,
        segments=[ClosedSegment(number=0, outcome="answered", queue="support")], measures=measures,
        sla=Sla(threshold_ms=20_000, target=0.8, state="met"), revision=revision,
    )  # fmt: skip
    event = Closed(
        id=f"closed/phone/{name}", source="centralino", subject=key or name, specversion="1.0", time=at,
        revision=revision, data=data,
    )  # fmt: skip
    return Told(
        ENRICHED, key or name, _wire(event, more), f"phone {name} answered: wait 2500 ms, handle {handle_ms} ms"
    )


def ended(name: str, revision: int) -> Told:
    """An enriched event that the examples have no use for."""
    event: dict[str, Any] = {
        "type": "enriched.interaction.ended", "id": f"{name}-ended", "source": "centralino", "subject": name,
        "origin": "/pbx", "specversion": "1.0", "time": MONDAY, "revision": revision,
        "data": {"interaction_id": name, "channel": "phone", "by": "customer", "segment": 0, "revision": revision,
                 "measures": {"segments": 1, "handled": 1, "transferred": 0, "wait_ms": 2500, "talk_ms": 1,
                              "hold_ms": 0, "wrap_up_ms": 0, "handle_ms": 1},
                 "sla": {"threshold_ms": 20_000, "target": 0.8, "state": "met"}},
    }  # fmt: skip
    msgspec.convert(event, ENRICHED_TYPES["enriched.interaction.ended"])
    return Told(ENRICHED, name, msgspec.json.encode(event))


def breached(queue: str, n: int, **more: Any) -> Told:
    """The n-th alert of a queue."""
    data = AlertData(
        channel="phone", queue=queue, state="breached", previous="ok", since=MONDAY, figure="service_level_live",
        value=0.5, numerator=n, denominator=2 * n, target=0.8, threshold_ms=20_000, minimum_sample=20, window="30m",
        waiting=3, waiting_past_threshold=1, drivers=Drivers(arrivals=2 * n, agents_staffed=2, agents_available=0),
    )  # fmt: skip
    event = Breached(id=f"{queue}-{n}", source="centralino", specversion="1.0", time=MONDAY, data=data)
    line = f"phone/{queue} breached: {n} of {2 * n} in time, 3 waiting"
    return Told(ALERTS, f"phone/{queue}", _wire(event, more), line)


def muted(queue: str, n: int) -> Told:
    """What somebody wanted: no alert."""
    data = MutedData(channel="phone", queue=queue, by="anna", at=MONDAY, until=MONDAY)
    event = Muted(id=f"muted-{queue}-{n}", source="centralino", specversion="1.0", time=MONDAY, data=data)
    return Told(ALERTS, f"phone/{queue}", msgspec.json.encode(event))


def unknown(n: int) -> Told:
    """A type that is not invented yet."""
    event = {"type": "queue.sla.foreseen", "id": f"new-{n}", "source": "centralino", "specversion": "1.0", "data": [n]}
    return Told(ALERTS, "phone/support", msgspec.json.encode(event))


def history(part: int, calls: int) -> list[Told]:
    """A part of what is told: doubles, revisions, stale revisions, unknown types and fields among it."""
    found: list[Told] = []
    for n in range(part * calls, (part + 1) * calls):
        name = f"c{n}"
        first = closed(name, 10 * n, unheard={"of": [n]})
        found += [ended(name, 10 * n), first]
        if n % 3 == 0:
            found += [closed(name, 10 * n + 7), first._replace(key=f"anna-{n}"), closed(name, 10 * n + 7)]
        if n % 4 == 0:
            found += [first, breached(f"q{n % 5}", n), muted(f"q{n % 5}", n), breached(f"q{n % 5}", n), unknown(n)]
    return found


def expected(told: list[Told]) -> Counter[str]:
    """What is to be done: each line once."""
    return Counter({each.line for each in told if each.line})


def _wire(event: Any, more: dict[str, Any]) -> bytes:
    raw = msgspec.to_builtins(event)
    return msgspec.json.encode({**raw, **more, "data": {**raw["data"], **more}})
