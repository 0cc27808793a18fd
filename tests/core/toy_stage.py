"""A stage small enough to foresee: entities that count, fall silent and are forgotten."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any, NamedTuple

import msgspec

from stream.core.open_row import Open
from stream.core.stage import Change, Output

SILENCE_MS, KEEP_MS = 100_000, 1_000_000
SCOPE = "phone|i|qtoy"


class Toy(NamedTuple):
    """An event: n more for an entity."""

    identity: int
    name: str
    at: int
    n: int = 1

    @property
    def time(self) -> datetime:
        return datetime.fromtimestamp(self.at / 1000, UTC)


class ToyStage:
    """Adds `n` at code 1; counts a silence at code 8, and takes it back when an event comes after all."""

    weight = 1
    pieces = None

    def __init__(self, keep_ms: int = KEEP_MS) -> None:
        self.keep_ms = keep_ms
        self.quiet_ms = min(SILENCE_MS, keep_ms)

    def key(self, event: Toy) -> str:
        return event.name

    def new(self, entity_id: str) -> dict[str, Any]:
        return {"name": entity_id, "seen": [], "last": 0, "silent": False}

    def load(self, entity_id: str, blob: bytes) -> dict[str, Any]:  # noqa: ARG002 - as Stage has it
        state: dict[str, Any] = msgspec.msgpack.decode(blob)
        return state

    def dump(self, state: dict[str, Any]) -> bytes:
        return msgspec.msgpack.encode(state)

    def apply(self, state: dict[str, Any], event: Toy, now: int) -> Change:
        assert now >= event.at
        if event.n == 13:
            raise RuntimeError("a bug in the stage")
        if event.identity in state["seen"]:
            return Change("duplicate")
        change = Change(
            added=[(event.at, SCOPE, (1, event.n, 10, event.at % 7))], out_of_order=event.at < state["last"]
        )
        state["seen"].append(event.identity)
        if state["silent"]:
            change.removed.append((state["last"] + SILENCE_MS, SCOPE, (8, 1)))
            state["silent"] = False
        state["last"] = max(state["last"], event.at)
        return change

    def elapse(self, state: dict[str, Any], now: int) -> Change:
        assert now >= state["last"] + SILENCE_MS
        state["silent"] = True
        return Change(added=[(state["last"] + SILENCE_MS, SCOPE, (8, 1))])

    def due_at(self, state: dict[str, Any]) -> int | None:
        return None if state["silent"] else state["last"] + SILENCE_MS

    def keep_until(self, state: dict[str, Any]) -> int:
        return int(state["last"]) + self.keep_ms

    def horizon(self, now: int) -> int:
        return now - self.keep_ms

    def over(self, state: dict[str, Any]) -> bool:
        return len(state["seen"]) % 3 == 0

    def view(self, state: dict[str, Any]) -> Open | None:
        return Open(SCOPE, state["last"], None) if len(state["seen"]) % 2 else None

    def outputs(self, state: dict[str, Any], time: datetime | None, revision: int) -> list[Output]:
        if time is None:
            return []
        return [Output("customers.timeline", state["name"].encode(), b"%d:%d" % (revision, len(state["seen"])))]
