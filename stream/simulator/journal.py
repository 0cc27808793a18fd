"""What happens, written down: events in the wire's form, each at the simulated instant, with an id of its own."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, NamedTuple

import msgspec

if TYPE_CHECKING:
    from simpy import Environment

    from stream.simulator.contact import Contact

_ENCODER = msgspec.json.Encoder()


class Record(NamedTuple):
    """A Kafka record to be: topic without prefix, key, JSON value, record timestamp and event time (epoch ms)."""

    topic: str
    key: bytes
    value: bytes
    timestamp_ms: int
    at_ms: int


class Journal:
    """Collects records in the order in which they happen."""

    def __init__(self, run: str, env: Environment) -> None:
        """`env` runs in epoch milliseconds, always whole; `run` tells this simulation's ids from those of any other."""
        self.source = f"/simulator/{run}"
        self.records: list[Record] = []
        self._env = env
        self._written = 0
        self._second = -1
        self._second_text = ""

    def interaction(self, contact: Contact, kind: str, /, **data: Any) -> None:
        """Tells `interaction.<kind>` of a contact, now. `data` holds only what is said."""
        self._write(
            contact.topic,
            contact.id,
            f"interaction.{kind}",
            {"interaction_id": contact.id, "channel": contact.channel, **data},
        )

    def agent(self, agent_id: str, kind: str, /, **data: Any) -> None:
        """Tells `agent.<kind>`, now."""
        self._write("agents.presence", agent_id, f"agent.{kind}", {"agent_id": agent_id, **data})

    def customer(self, customer_id: str, kind: str, /, **data: Any) -> None:
        """Tells `customer.<kind>`, now."""
        self._write("customers.events", customer_id, f"customer.{kind}", {"customer_id": customer_id, **data})

    def take(self) -> list[Record]:
        """What was written since the last call."""
        taken, self.records = self.records, []
        return taken

    def _write(self, topic: str, key: str, kind: str, data: dict[str, Any]) -> None:
        at_ms = int(self._env.now)
        self._written = number = self._written + 1
        value = _ENCODER.encode(
            {
                "specversion": "1.0",
                "id": f"{number:x}",
                "source": self.source,
                "type": kind,
                "time": self._instant(at_ms),
                "data": data,
            }
        )
        delay_ms = 20 + (number * 2_654_435_761 >> 8) % 280
        self.records.append(Record(topic, key.encode(), value, at_ms + delay_ms, at_ms))

    def _instant(self, at_ms: int) -> str:
        second, milli = divmod(at_ms, 1000)
        if second != self._second:
            self._second = second
            self._second_text = instant(second * 1000)[:19]
        return f"{self._second_text}.{milli:03d}Z"


def instant(at_ms: int) -> str:
    """RFC 3339 in UTC, with milliseconds.

    >>> instant(1_772_463_600_123)
    '2026-03-02T15:00:00.123Z'
    """
    moment = datetime.fromtimestamp(at_ms // 1000, UTC)
    return f"{moment:%Y-%m-%dT%H:%M:%S}.{at_ms % 1000:03d}Z"
