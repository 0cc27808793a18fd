"""Made-up lives of few customers who have many names: nearly every name is claimed, by several, and disowned again."""

from __future__ import annotations

import copy
from random import Random
from typing import TYPE_CHECKING, Any

from tests.core.by_hand import MONDAY, instant, written
from tests.oracle.defaults import DAY, HOUR, MINUTE

if TYPE_CHECKING:
    from tests.oracle.records import Record

NAMES = ("c1", "c2", "c3", "tel:1", "tel:2", "mailto:3")
"""Who one may be told to be, and who may be an alias: customers, too, who then are merged."""
REASONS = (None, None, "bill", "fault")
START = instant([MONDAY.isoformat(), "08:00:00"])
SPAN = 20 * DAY


class Lives:
    """The records while they are gathered, in order of time."""

    def __init__(self, seed: int) -> None:
        self.rng = Random(seed)
        self.records: list[Record] = []

    def at(self) -> int:
        """Any instant, many of them on a grid, so that things meet and ends lie at edges."""
        any_at = START + self.rng.randrange(SPAN)
        return any_at if self.rng.random() < 0.5 else any_at - any_at % (DAY // 2)

    def tell(self, topic: str, key: str, type_: str, at: int, data: dict[str, Any], **more: Any) -> None:
        """One record."""
        value = {
            "specversion": "1.0", "id": f"e{len(self.records)}", "source": self.rng.choice(["/a", "/b"]), "type": type_,
            "time": written(at), "data": {name: told for name, told in data.items() if told is not None},
        }  # fmt: skip
        self.records.append({"topic": topic, "key": key, "timestamp_ms": at, "value": value | more})

    def interaction(self, number: int) -> None:
        """One interaction: served or not, closed once or more often, known from the start, late, or as two people."""
        rng, at, id_ = self.rng, self.at(), f"i{number}"
        channel = rng.choice(["phone", "chat", "email"])

        def say(name: str, **data: Any) -> None:
            told = {"interaction_id": id_, "channel": channel} | data
            self.tell(f"interactions.{channel}", id_, f"interaction.{name}", at, told)

        direction = rng.choice([None, None, None, "outbound"])
        known = rng.choice(NAMES)
        early = rng.random() < 0.7
        say("started", customer_id=known if early else None, reason=rng.choice(REASONS), direction=direction)
        if rng.random() < 0.8:
            say("queued", queue=rng.choice(["sales", "support"]))
        at += rng.choice([0, 1, MINUTE])
        if rng.random() < 0.8:
            say("answered", agent_id="anna")
            at += rng.choice([0, MINUTE, 3 * HOUR, DAY])
        if rng.random() < 0.9:
            say("ended", by=rng.choice(["customer", "agent", "bot"]), resolved=rng.choice([None, None, True, False]))
        if rng.random() < 0.2:
            at += rng.choice([HOUR, 3 * DAY])
            say("reopened")
            at += HOUR
            say("ended")
        if not early or rng.random() < 0.2:
            at += rng.choice([0, DAY])
            say("updated", customer_id=rng.choice(NAMES), reason=rng.choice(REASONS))

    def identified(self) -> None:
        """A claim to some names."""
        by = self.rng.choice(NAMES)
        aliases = self.rng.sample(NAMES, self.rng.randint(0, 2))
        data = {"customer_id": by, "aliases": aliases}
        self.tell("customers.events", by, "customer.identified", self.at(), data)

    def said(self, interactions: int) -> None:
        """What is told under some name, of an interaction or not."""
        rng, who, at = self.rng, self.rng.choice(NAMES), self.at()
        name, data = rng.choice([
            ("joined", {}), ("left", {}), ("complained", {"channel": "chat"}), ("reviewed", {"rating": 2}),
            ("purchased", {"order_id": f"o{rng.randint(1, 4)}", "amount": 100, "currency": "EUR"}),
            ("returned", {"order_id": f"o{rng.randint(1, 4)}"}),
            *[(
                "survey_answered",
                {
                    "survey": "csat", "score": rng.randint(1, 5), "resolved": rng.choice([None, True, False]),
                    "interaction_id": rng.choice([None, *[f"i{rng.randrange(interactions)}"] * 4]),
                    "channel": rng.choice([None, "phone", "chat", "email"]),
                },
            )] * 6,
        ])  # fmt: skip
        self.tell("customers.events", who, f"customer.{name}", at, {"customer_id": who} | data)

    def corrections(self) -> None:
        """Some events are told again, otherwise: at another time, with other aliases, with a revision that counts."""
        for record in self.rng.sample(self.records, len(self.records) // 6):
            corrected = copy.deepcopy(record)
            value = corrected["value"]
            value["revision"] = self.rng.choice([0, 1, 2])
            if "aliases" in value["data"]:
                value["data"]["aliases"] = self.rng.sample(NAMES, self.rng.randint(0, 2))
            at = max(START, record["timestamp_ms"] + self.rng.choice([0, -HOUR, HOUR, DAY]))
            value["time"] = written(at)
            self.records.append(corrected | {"timestamp_ms": at})


def lives(seed: int, interactions: int = 10) -> list[Record]:
    """The records of some weeks, as they arrive when nothing is late."""
    life = Lives(seed)
    for number in range(interactions):
        life.interaction(number)
    for _ in range(life.rng.randint(0, 6)):
        life.identified()
    for _ in range(interactions):
        life.said(interactions)
    life.corrections()
    return sorted(life.records, key=lambda record: record["timestamp_ms"])
