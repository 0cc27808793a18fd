"""How fast platforms' payloads become events of ours: each adapter by itself, and one through Kafka.

`python -m bench.adapters SECONDS`: pure CPU, one process; a platform's day of work, with other ids each time.
"""

from __future__ import annotations

import json
import sys
import time
from itertools import islice
from statistics import median
from typing import TYPE_CHECKING, NamedTuple

from schemas.rejected import Skipped
from schemas.sources.conversion import Sending, convert
from schemas.sources.vendors import VENDORS
from stream.simulator import Record
from tests.schemas.copies import Copies
from tests.schemas.payloads import Taker, files, options_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from bench.process import Measured
    from schemas.sources.conversion import Vendor

HEADINGS = (
    "adapter", "payloads/s, median", "least to most", "µs of CPU a payload", "events a payload", "bytes a payload",
)  # fmt: skip
THROUGH_KAFKA = "twilio"
COPIES = 20
ROUNDS = 5


class Speed(NamedTuple):
    """Of one adapter. `seconds`: of a payload, round by round; `events`, `bytes`: of a payload, on average."""

    title: str
    payloads: int
    events: float
    bytes: float
    seconds: list[float]

    @property
    def rate(self) -> float:
        """Payloads a second."""
        return 1 / median(self.seconds)


def days(vendor: Vendor) -> Iterator[list[bytes]]:
    """A platform's day of work, without end, with other ids each time; of a vendor without one all its examples."""
    own = files(vendor)
    life = [file for file in own if file.path.name.startswith("life_cycle.")] or own
    payloads = [payload for file in life for payload in file.payloads()]
    copies = Copies(Taker(vendor), payloads)
    number = 0
    while payloads:
        yield copies.copy(number)
        number += 1


def speed(vendor: Vendor, seconds: float) -> Speed:
    """How fast it goes, for about so many seconds."""
    options = options_of(vendor)
    own = [payload for day in islice(days(vendor), COPIES) for payload in day]
    took: list[float] = []
    events = 0
    while len(took) < ROUNDS or sum(took) * len(own) < seconds:
        began = time.process_time()
        told = [convert(vendor, payload, options) for payload in own]
        took.append((time.process_time() - began) / len(own))
        events = sum(len(each) for each in told if isinstance(each, list))
    return Speed(vendor.title, len(own), events / len(own), sum(map(len, own)) / len(own), took)


def log(vendor: Vendor, count: int) -> list[Record]:
    """So many payloads that become events, as records."""
    options, found, now_ms = options_of(vendor), list[Record](), int(time.time() * 1000)
    for day in days(vendor):
        for payload in day:
            told = convert(vendor, payload, options)
            if any(isinstance(each, Sending) for each in (() if isinstance(told, Skipped) else told)):
                found.append(Record(vendor.topic, b"%d" % len(found), payload, now_ms, now_ms))
        if len(found) >= count:
            break
    return found[:count]


def rows(told: Sequence[Speed], through_kafka: Sequence[Measured]) -> list[list[str]]:
    """A row an adapter, and one of the intake of `THROUGH_KAFKA`."""
    found = [
        [
            each.title, f"{each.rate:,.0f}", f"{1 / max(each.seconds):,.0f} to {1 / min(each.seconds):,.0f}",
            f"{median(each.seconds) * 1e6:.0f}", f"{each.events:.2f}", f"{each.bytes:,.0f}",
        ]
        for each in told
    ]  # fmt: skip
    if through_kafka:
        rates = [each.rate for each in through_kafka]
        cpu = median(each.cpu / each.records for each in through_kafka)
        found.append([
            f"{VENDORS[THROUGH_KAFKA].title}, Kafka to Kafka", f"{median(rates):,.0f}",
            "-" if len(rates) == 1 else f"{min(rates):,.0f} to {max(rates):,.0f}", f"{cpu * 1e6:.0f}", "-", "-",
        ])  # fmt: skip
    return found


def main(seconds: float) -> list[Speed]:
    """All adapters in turn."""
    return [speed(vendor, seconds) for vendor in VENDORS.values() if files(vendor)]


if __name__ == "__main__":
    print(json.dumps(main(float(sys.argv[1]))))
