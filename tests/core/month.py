"""A month of a contact center, made up: customers over all channels, under several names; late, doubled, corrected."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from heapq import heappop, heappush
from itertools import count
from random import Random
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator

SECOND, MINUTE, HOUR, DAY = 1000, 60_000, 3_600_000, 86_400_000
START_MS = int(datetime(2026, 3, 1, tzinfo=UTC).timestamp()) * 1000
LENGTH_MS = 31 * DAY
CHANNELS = {"phone": 45, "chat": 20, "email": 20, "social": 10, "video": 5}
"""How much of the traffic each has, in percent."""
QUEUES = ("sales", "support", "billing")
REASONS = (None, None, "bill", "fault", "order")
EVENTS_A_CUSTOMER = 40
"""About so many events are told of one customer."""


class Line(NamedTuple):
    """One record."""

    topic: str
    key: bytes
    value: bytes


class Month:
    """So many customers, each with up to two aliases; every twentieth alias is claimed by two of them."""

    def __init__(self, events: int, seed: int) -> None:
        self.rng = Random(seed)
        self.customers = max(events // EVENTS_A_CUSTOMER, 10)
        self.gap_ms = LENGTH_MS / (events / 5.2)
        self._ids = count()
        self._coming: list[tuple[int, int, Line]] = []

    def lines(self) -> Iterator[Line]:
        """In the order in which they arrive: 3 % late by up to a day, 3 % again within a day."""
        self._once()
        at = float(START_MS)
        for number in count():
            at += self.rng.expovariate(1 / self.gap_ms)
            if at >= START_MS + LENGTH_MS:
                break
            self._interaction(number, int(at))
            while self._coming and self._coming[0][0] < at:
                yield heappop(self._coming)[2]
        while self._coming:
            yield heappop(self._coming)[2]

    def who(self, customer: int) -> str:
        """One of the names of a customer."""
        return self.rng.choice([f"c{customer}", f"c{customer}", f"tel:{customer}", f"mailto:{customer}"])

    def tell(self, at: int, type_: str, key: str, data: dict[str, Any], *, revision: int = 0, id_: str = "") -> str:
        """One event, and how it arrives; its id."""
        rng, id_ = self.rng, id_ or f"e{next(self._ids)}"
        told = {"specversion": "1.0", "id": id_, "source": "/month", "type": type_, "time": written(at), "data": data}
        value = json.dumps(told | ({"revision": revision} if revision else {})).encode()
        topic = "customers.events" if type_.startswith("customer.") else f"interactions.{data['channel']}"
        line = Line(topic, key.encode(), value)
        arrival = at + (rng.randrange(DAY) if rng.random() < 0.03 else 0)
        heappush(self._coming, (arrival, next(self._ids), line))
        if rng.random() < 0.03:
            heappush(self._coming, (at + rng.randrange(DAY), next(self._ids), line))
        return id_

    def say(self, at: int, name: str, who: str, **data: Any) -> str:
        """One event of a customer."""
        told = {"customer_id": who} | {key: value for key, value in data.items() if value is not None}
        return self.tell(at, f"customer.{name}", who, told)

    def _once(self) -> None:
        """What happens but once or twice to each customer: names, membership, orders."""
        rng = self.rng
        for number in range(self.customers):
            who = f"c{number}"
            aliases = [f"{kind}:{number}" for kind in ("tel", "mailto") if rng.random() < 0.8]
            if rng.random() < 0.05:
                aliases.append(f"tel:{rng.randrange(self.customers)}")
            if rng.random() < 0.01:
                aliases.append(f"c{rng.randrange(self.customers)}")
            at = START_MS + rng.randrange(LENGTH_MS)
            if aliases:
                id_ = self.say(at, "identified", who, aliases=aliases)
                if rng.random() < 0.05:
                    self.tell(at, "customer.identified", who, {"customer_id": who, "aliases": aliases[1:]},
                              revision=1, id_=id_)  # fmt: skip
            if rng.random() < 0.7:
                joined = START_MS + rng.randrange(-350 * DAY, LENGTH_MS)
                self.say(joined, "joined", self.who(number))
                if rng.random() < 0.2:
                    self.say(max(joined, START_MS) + rng.randrange(20 * DAY), "left", self.who(number))
            for order in range(rng.choice([0, 0, 1, 2])):
                bought = START_MS + rng.randrange(LENGTH_MS)
                data = {"order_id": f"{number}-{order}", "amount": rng.randrange(10_000), "currency": "EUR"}
                self.say(bought, "purchased", self.who(number), **data)
                if rng.random() < 0.1:
                    self.say(bought + rng.randrange(DAY), "returned", self.who(number), order_id=data["order_id"])

    def _interaction(self, number: int, at: int) -> None:
        rng, id_ = self.rng, f"i{number}"
        channel = rng.choices(list(CHANNELS), list(CHANNELS.values()))[0]
        customer = rng.randrange(self.customers)
        who, reason = self.who(customer), rng.choice(REASONS)

        def tell(at: int, name: str, **data: Any) -> None:
            told = {"interaction_id": id_, "channel": channel}
            told |= {key: value for key, value in data.items() if value is not None}
            self.tell(at, f"interaction.{name}", id_, told)

        known = rng.random()
        direction = "outbound" if rng.random() < 0.04 else None
        tell(at, "started", customer_id=who if known < 0.85 else None, reason=reason, direction=direction)
        queue = rng.choice(QUEUES)
        tell(at := at + SECOND, "queued", queue=queue)
        at += rng.randrange(3 * MINUTE)
        if rng.random() < 0.1:
            tell(at, "abandoned")
        else:
            agent = f"a{rng.randrange(40)}"
            tell(at, "answered", agent_id=agent)
            tell(at := at + rng.randrange(1, HOUR), "ended", by="customer", resolved=rng.choice([None, True, False]))
            if rng.random() < 0.5:
                tell(at + rng.randrange(5 * MINUTE), "wrapped_up", agent_id=agent)
            if channel in {"email", "social"} and rng.random() < 0.1:
                reopened = at + rng.randrange(1, 9 * DAY)
                tell(reopened, "reopened")
                tell(reopened + rng.randrange(1, HOUR), "ended", by="agent")
        if 0.85 <= known < 0.95:
            tell(at + rng.randrange(HOUR), "updated", customer_id=who)
        elif known < 0.02:
            tell(at + rng.randrange(HOUR), "updated", customer_id=self.who(rng.randrange(self.customers)))
        self._afterwards(customer, channel, id_, at)

    def _afterwards(self, customer: int, channel: str, id_: str, at: int) -> None:
        """What the customer says about it: answers, of which some are corrected; a complaint; a review."""
        rng, who = self.rng, self.who(customer)
        if rng.random() < 0.2:
            survey, score = rng.choice([("csat", rng.randint(1, 5)), ("nps", rng.randint(0, 10))])
            told = {"customer_id": who, "survey": survey, "score": score, "interaction_id": id_}
            if rng.random() < 0.5:
                told["channel"] = channel
            if rng.random() < 0.5:
                told["resolved"] = rng.random() < 0.7
            answered = at + rng.randrange(2 * DAY)
            event = self.tell(answered, "customer.survey_answered", who, told)
            if rng.random() < 0.1:
                corrected = told | {"score": 1, "resolved": False}
                self.tell(answered, "customer.survey_answered", who, corrected, revision=1, id_=event)
        if rng.random() < 0.02:
            self.say(at + HOUR, "complained", who, channel=rng.choice([None, channel]), public=rng.random() < 0.5)
        if rng.random() < 0.02:
            self.say(at + HOUR, "reviewed", who, rating=rng.randint(1, 5))


def written(at: int) -> str:
    """An instant as the wire has it."""
    text = datetime.fromtimestamp(at // 1000, UTC).strftime("%Y-%m-%dT%H:%M:%S")
    return f"{text}.{at % 1000:03}Z"
