"""Seeded logs of nasty days, for comparing the fast code with the oracle. Same seed, same log; no clock.

Every interaction of a live channel keeps its events within two days, so that a log in the order of `nasty`, or mixed up
by `disordered` with less than half a day, loses nothing to expiry.
"""

from __future__ import annotations

import copy
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta, timezone
from random import Random
from typing import Any

from tests.oracle.defaults import CHANNELS, DAY, HOUR, MINUTE
from tests.oracle.lives import SCALES, lives
from tests.oracle.records import Record
from tests.oracle.scenarios import QUEUES, SCENARIOS, Play

START = 1_772_409_600_000  # 2026-03-02T00:00:00Z
REPEAT_WINDOW = 7 * DAY
REASONS = (None, None, "billing", "fault")


def nasty(
    seed: int,
    *,
    interactions: int = 60,
    scenarios: Sequence[str] = tuple(SCENARIOS),
    channels: Sequence[str] = CHANNELS,
    start: int = START,
    days: int = 10,
    repeats: bool = True,
    customer_events: bool = True,
    junk: bool = False,
) -> list[Record]:
    """About so many interactions over so many days, in order of arrival (bounded disorder), some events twice.

    `repeats`: customers come back on any channel, around the edges of the repeat window. `junk`: among them records
    that are to be rejected or skipped (their value may be a plain string: bytes that are no JSON).
    """
    rng = Random(seed)
    log = Log(rng)
    number = 0
    taken: set[tuple[str, str]] = set()  # one id on two channels is two interactions
    while number < interactions:
        at = start + rng.randrange(days * DAY)
        customer = rng.choice([None, f"c{rng.randint(1, 20)}", f"tel:+39{rng.randint(1, 9)}"])
        for _ in range(rng.randint(1, 4) if repeats and customer else 1):
            number += 1
            channel = rng.choice(list(channels))
            play = Play(rng, channel, at)
            begin(play, customer)
            SCENARIOS[rng.choice(list(scenarios))](play)
            learn_late(play, customer)
            distort(play)
            id_ = f"i{number}-{seed}"
            if number > 1 and rng.random() < 0.1 and (channel, f"i{number - 1}-{seed}") not in taken:
                id_ = f"i{number - 1}-{seed}"
            taken.add((channel, id_))
            log.interaction(channel, id_, play)
            if customer and customer_events:
                log.surveys(customer, channel, id_, play.at)
            ends = [when for when, name, _ in play.events if name in ("ended", "abandoned")] or [play.at]
            edge = rng.choice([0, 1, REPEAT_WINDOW - 1, REPEAT_WINDOW, REPEAT_WINDOW + 1, rng.randrange(9 * DAY)])
            at = rng.choice(ends) + edge
    if customer_events:
        log.identities(start, days)
        lives(rng, log.customer, log.interactions, start, max(record["timestamp_ms"] for record in log.records))
    log.corrections()
    if junk:
        log.junk()
    return disordered(log.records, seed, within=MINUTE)


def disordered(records: Sequence[Record], seed: int, *, within: int = 6 * HOUR) -> list[Record]:
    """The same records by time, each late by up to so many ms."""
    rng = Random(seed)
    late = [(record["timestamp_ms"] + rng.randint(0, within), rng.random(), record) for record in records]
    return [record for _, _, record in sorted(late, key=lambda each: each[:2])]


def begin(play: Play, customer: str | None) -> None:
    """The start, where there is one."""
    if play.maybe(0.8):
        direction = play.rng.choice([None, None, None, None, "inbound", "outbound"])
        play.tell(
            "started",
            customer_id=customer if play.maybe(0.7) else None,
            reason=play.rng.choice(REASONS),
            direction=direction,
            initiation=play.rng.choice([None, "customer", "callback", "agent"]) if direction else None,
        )
        play.wait(MINUTE)


def learn_late(play: Play, customer: str | None) -> None:
    """Metadata that `updated` or any other event tells."""
    rng = play.rng
    _, _, data = rng.choice(play.events) if play.events else (0, "", {})
    if customer and play.maybe(0.4):
        data["customer_id"] = customer
    if play.maybe(0.2):
        data["reason"] = rng.choice(REASONS[2:])
    if play.maybe(0.25) or not play.events:
        instants = [at for at, _, _ in play.events] or [play.at]
        told = {
            "customer_id": rng.choice([None, customer, f"c{rng.randint(1, 20)}"]),
            "reason": rng.choice(REASONS),
            "queue": rng.choice([None, None, *QUEUES]),
            "direction": rng.choice([None, None, None, "inbound", "outbound"]),
            "segment_id": play.named(),
        }
        data = {key: value for key, value in told.items() if value is not None}
        play.events.append((rng.choice(instants) + rng.choice([0, 0, 1, HOUR]), "updated", data))


def distort(play: Play) -> None:
    """Clocks that disagree, events of one instant, events that never came."""
    rng = play.rng
    events = play.events
    if play.maybe(0.15) and len(events) > 1:
        events.remove(rng.choice(events))
    if play.maybe(0.15):
        at, name, data = events.pop(rng.randrange(len(events)))
        events.append((at + rng.choice([-5001, -5000, -1, 1, 4999, 5000, 5001]), name, data))
    if play.maybe(0.2):
        first = rng.randrange(len(events))
        instant = events[first][0]
        for position in range(first, min(len(events), first + 3)):
            events[position] = (instant, *events[position][1:])


class Log:
    """The records while they are gathered."""

    def __init__(self, rng: Random) -> None:
        self.rng = rng
        self.records: list[Record] = []
        self.ids = 0

    def tell(self, topic: str, key: str, type_: str, at: int, data: dict[str, Any]) -> None:
        """One record."""
        self.ids += 1
        value = {
            "specversion": "1.0",
            "id": f"e{self.rng.randrange(1_000_000)}-{self.ids}",
            "source": self.rng.choice(["/acd/1", "/acd/2"]),
            "type": type_,
            "time": self.written(at),
            "data": data,
        }
        record = {"topic": topic, "key": key, "timestamp_ms": at + self.rng.randint(0, 2000), "value": value}
        self.records.append(record)
        if self.rng.random() < 0.1:
            self.records.append(record | {"timestamp_ms": at + self.rng.randint(0, HOUR)})

    def written(self, at: int) -> str:
        """An instant in one of the ways in which sources write it."""
        zone = self.rng.choice([UTC, UTC, timezone(timedelta(hours=1)), timezone(-timedelta(hours=5, minutes=30))])
        when = datetime.fromtimestamp(at // 1000, zone) + timedelta(
            milliseconds=at % 1000, microseconds=self.rng.choice([0, 0, 999])
        )
        text = when.isoformat(timespec=self.rng.choice(["microseconds", "auto"]))
        return text.replace("+00:00", "Z") if self.rng.random() < 0.5 else text

    def interaction(self, channel: str, id_: str, play: Play) -> None:
        """All events of an interaction."""
        for at, name, data in play.events:
            told = {"interaction_id": id_, "channel": channel} | data
            self.tell(f"interactions.{channel}", id_, f"interaction.{name}", at, told)

    @property
    def interactions(self) -> list[str]:
        """The ids told so far."""
        return sorted({record["key"] for record in self.records if record["topic"].startswith("interactions.")})

    def customer(self, customer: str, name: str, at: int, data: dict[str, Any]) -> None:
        """One event of a customer."""
        self.tell("customers.events", customer, f"customer.{name}", at, {"customer_id": customer} | data)

    def surveys(self, customer: str, channel: str, id_: str, at: int) -> None:
        """Now and then the customer is asked, and answers more than once."""
        for _ in range(self.rng.choice([0, 0, 0, 0, 1, 2])):
            survey = self.rng.choice(list(SCALES))
            score = self.rng.randint(*SCALES[survey])
            data = {"customer_id": customer, "survey": survey, "score": score, "interaction_id": id_}
            data["resolved"] = self.rng.choice([True, False])
            if self.rng.random() < 0.5:
                data["channel"] = channel
            self.tell("customers.events", customer, "customer.survey_answered", at + self.rng.randrange(HOUR), data)

    def identities(self, start: int, days: int) -> None:
        """Aliases that are claimed, some by two customers."""
        for number in range(1, 10):
            for _ in range(self.rng.choice([0, 1, 2])):
                customer = f"c{self.rng.randint(1, 20)}"
                data = {"customer_id": customer, "aliases": [f"tel:+39{number}", f"mailto:{number}@example.org"]}
                at = start + self.rng.randrange(days * DAY)
                self.tell("customers.events", customer, "customer.identified", at, data)

    def corrections(self) -> None:
        """Some records are sent again, corrected; some of these with a revision that is no higher."""
        for record in self.rng.sample(self.records, len(self.records) // 12):
            corrected = copy.deepcopy(record)
            value = corrected["value"]
            at = int(datetime.fromisoformat(value["time"]).timestamp()) * 1000 + self.rng.choice([0, 1000, 30_000])
            value["time"] = self.written(at)
            value["revision"] = self.rng.choice([0, 1, 1, 2, 3])
            if "queue" in value["data"]:
                value["data"]["queue"] = self.rng.choice(QUEUES)
            if "score" in value["data"]:
                value["data"]["score"] = self.rng.randint(*SCALES[value["data"]["survey"]])
            if "amount" in value["data"]:
                value["data"]["amount"] += 1
            corrected["timestamp_ms"] = max(at, record["timestamp_ms"]) + self.rng.randrange(HOUR)
            self.records.append(corrected)

    def junk(self) -> None:
        """Records that count nowhere."""
        for record in self.rng.sample(self.records, len(self.records) // 20):
            bad = copy.deepcopy(record)
            value = bad["value"]
            value["id"] += "-bad"
            match self.rng.randrange(6):
                case 0:
                    bad["value"] = "{" + str(value)
                case 1:
                    value["type"] = "interaction.sneezed"
                case 2:
                    value["specversion"] = "0.3"
                case 3:
                    del value["time"]
                case 4:
                    bad["key"] = "somebody-else"
                case _:
                    bad["timestamp_ms"] -= DAY
            self.records.append(bad)
