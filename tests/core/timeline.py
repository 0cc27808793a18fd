"""A timeline of customers, told by hand, and one shard that takes it in: what it sends on comes back to it."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING, Any

import msgspec

from schemas.codec import decode
from schemas.topics import TOPICS
from stream.core.books.ledger import Ledger
from stream.core.customers.customer import Customers
from stream.core.rules import DAY, HOUR, MINUTE, Rules
from stream.core.times.window import zone_of
from tests.core.memory_shard import MemoryShard

if TYPE_CHECKING:
    from collections.abc import Iterable

    from stream.core.stage import Output

NOON = int(datetime(2026, 3, 2, 12, tzinfo=UTC).timestamp() * 1000)
SPEC = TOPICS["customers.timeline"]
Record = tuple[bytes, bytes]


def text(at: int) -> str:
    return (datetime(1970, 1, 1, tzinfo=UTC) + timedelta(milliseconds=at)).isoformat().replace("+00:00", "Z")


def record(kind: str, name: str, at: int, customer: str, revision: int = 0, **data: Any) -> Record:
    value = {
        "specversion": "1.0", "id": name, "source": "/crm", "type": kind, "time": text(at), "revision": revision,
        "data": {"customer_id": customer, **data},
    }  # fmt: skip
    return customer.encode(), msgspec.json.encode(value)


def said(kind: str, name: str, at: int, customer: str = "c", **data: Any) -> Record:
    """A customer's event."""
    return record(f"customer.{kind}", name, at, customer, **data)


def contact(
    name: str, at: int, end: int | None = None, customer: str = "c", channel: str = "phone", **data: Any
) -> list[Record]:
    """The digests of an inbound interaction: one when it starts, and one when it has ended, served unless told."""
    begun = {"channel": channel, "interaction_id": name, "started_at": at}
    begun |= {key: data[key] for key in ("inbound", "reason") if key in data}
    found = [record("interaction.digest", f"{channel}/{name}", at, customer, 1, **begun)]
    if end is not None:
        over = {"served": True, "outcome": "answered", "handled": 1} | begun | data | {"ended_at": [end]}
        found.append(record("interaction.digest", f"{channel}/{name}", end, customer, 2, **over))
    return found


class Timeline:
    """`reload`: nothing is remembered between batches. `log`: all that was taken in, what came back too; `sent`: all
    insights in the order in which they were sent.
    """

    def __init__(self, rules: Rules | None = None, *, reload: bool = False) -> None:
        self.rules = rules or Rules()
        self.shard, self.offset, self.reload = MemoryShard(), 0, reload
        self.log: list[Record] = []
        self.sent: list[dict[str, Any]] = []
        self._new_ledger()

    def _new_ledger(self) -> None:
        self.ledger = Ledger(Customers(self.rules), partial(zone_of, self.rules))
        self.ledger.open(*self.shard.head)

    def take(self, records: Iterable[Record], size: int = 1) -> Timeline:
        """Take in records, so many a batch."""
        log = list(records)
        while log:
            batch, log = log[:size], log[size:]
            log += [(output.key, output.value) for output in self.fold(batch) if output.topic == SPEC.name]
        return self

    def again(self, log: list[Record], size: int) -> Timeline:
        """Take in a log as it was, so many a batch: what comes back is in it."""
        for first in range(0, len(log), size):
            self.fold(log[first : first + size])
        return self

    def fold(self, batch: list[Record]) -> list[Output]:
        """One batch; what it sends."""
        if self.reload:
            self._new_ledger()
        events = [(self.offset + i, decode(SPEC, *each, 1 << 60)) for i, each in enumerate(batch)]
        self.offset += len(batch)
        self.log += batch
        before = len(self.shard.outputs)
        self.shard.fold(self.ledger, events)
        new = self.shard.outputs[before:]
        self.sent += [msgspec.json.decode(output.value) for output in new if output.topic == "customers.insights"]
        return new

    def ids(self) -> Counter[str]:
        return Counter(each["id"] for each in self.sent)

    def one(self, name: str) -> dict[str, Any]:
        """The `data` of the only insight whose id begins so."""
        (found,) = [each for each in self.sent if each["id"].startswith(name)]
        data: dict[str, Any] = found["data"]
        return data


__all__ = ["DAY", "HOUR", "MINUTE", "NOON", "Record", "Timeline", "contact", "record", "said", "text"]
