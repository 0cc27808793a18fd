"""What the figures must be: a naive recount of each partition's events; and how what a path has kept differs."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

import msgspec

from stream.core.measures import CODES, DECLINE_CODES, FLOW_CODES
from stream.state.keys import shard_keys
from tests.oracle import totals

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from redis import Redis

    from stream.simulator import Record

Figures = dict[str, dict[str, int]]
"""Scope -> measure -> n, without what is 0."""

_OF_THE_SECOND_STAGE = (
    "first_contacts", "resolved_contacts", "repeated_contacts", "identified", "repeats", "bot_contained",
    "repeats_caused",
)  # fmt: skip
_OF_CUSTOMERS = ("first_contacts", "resolved_contacts", "repeated_contacts", "identified", "repeats")
_NOT_IN_THE_CONTRACT = ("flow_wait_ms", "abandon_wait_ms")
_NAMES = {code: name for name, code in CODES.items() if name not in _OF_THE_SECOND_STAGE + _NOT_IN_THE_CONTRACT}
_NAMES |= {code: f"declined_by.{result}" for result, code in DECLINE_CODES.items() if result}
_NAMES |= {code: f"flowed_out_by.{outcome}" for outcome, code in FLOW_CODES.items()}
_total = msgspec.msgpack.Decoder(tuple[dict[int, int], dict[int, int]]).decode
_cell = msgspec.msgpack.Decoder(dict[int, int]).decode


class Wrong(Exception):
    """A path has not counted what there was: its time is worth nothing."""


def expected(records: Sequence[Record]) -> Figures:
    """The oracle's figures of a partition, seen at its last event."""
    told = (
        {"topic": each.topic, "key": each.key.decode(), "timestamp_ms": each.timestamp_ms, "value": each.value}
        for each in records
    )
    at = max((each.at_ms for each in records), default=0)
    figures: Figures = {}
    for (channel, direction, place), measures in totals(told, at).items():
        of_stage_one = {name: n for name, n in measures.items() if name not in _OF_THE_SECOND_STAGE}
        if of_stage_one:
            figures[f"{channel}|{direction[0]}|{place}"] = of_stage_one
    return figures


def verify(store: Redis, key_prefix: str, topic: str, partitions: Iterable[Figures]) -> None:
    """Compare every shard's totals, and the sums of each ring's cells, with what is expected. Raises Wrong."""
    for partition, wanted in enumerate(partitions):
        fields: Any = store.hgetall(shard_keys(key_prefix, topic, partition).read)
        sums: dict[str, dict[str, Counter[int]]] = {}
        for field, value in fields.items():
            kind, _, rest = field.decode().partition("|")
            if kind == "t":
                gained, retracted = _total(value)
                into = sums.setdefault("totals", {}).setdefault(rest, Counter())
                into.update(gained)
                into.subtract(retracted)
            elif kind[0] == "c":
                scope = rest.partition("|")[2]
                sums.setdefault(f"ring {kind[1]}", {}).setdefault(scope, Counter()).update(_cell(value))
        for where, found in sums.items():
            _compare(f"{topic}:{partition}, {where}", _named(found), wanted)
        if len(sums) != 5:
            raise Wrong(f"{topic}:{partition} has no more than {', '.join(sums) or 'nothing'}")


def of_customers(records: Sequence[Record]) -> Figures:
    """The oracle's figures of all partitions' customers: first contacts, repeats."""
    told = (
        {"topic": each.topic, "key": each.key.decode(), "timestamp_ms": each.timestamp_ms, "value": each.value}
        for each in records
    )
    figures: Figures = {}
    for (channel, direction, place), measures in totals(told, max(each.at_ms for each in records)).items():
        own = {name: n for name, n in measures.items() if name in _OF_CUSTOMERS}
        if own and place == "*":
            figures[f"{channel}|{direction[0]}|*"] = own
    return figures


def verify_customers(store: Redis, key_prefix: str, topic: str, partitions: int, wanted: Figures) -> None:
    """Compare the totals of all customers' shards with what is expected. Raises Wrong."""
    sums: dict[str, Counter[int]] = {}
    for partition in range(partitions):
        fields: Any = store.hgetall(shard_keys(key_prefix, topic, partition).read)
        for field, value in fields.items():
            kind, _, scope = field.decode().partition("|")
            if kind == "t" and scope in wanted:
                gained, retracted = _total(value)
                sums.setdefault(scope, Counter()).update(gained)
                sums[scope].subtract(retracted)
    found = {scope: {name: cell[CODES[name]] for name in _OF_CUSTOMERS if cell[CODES[name]]} for scope, cell in
             sums.items()}  # fmt: skip
    _compare(topic, found, wanted)


def _named(sums: dict[str, Counter[int]]) -> Figures:
    named = {
        scope: {_NAMES[code]: n for code, n in cell.items() if n and code in _NAMES} for scope, cell in sums.items()
    }
    return {scope: measures for scope, measures in named.items() if measures}


def _compare(where: str, found: Figures, wanted: Figures) -> None:
    for scope in sorted(found.keys() | wanted.keys()):
        ours, theirs = found.get(scope, {}), wanted.get(scope, {})
        if ours != theirs:
            name = next(name for name in sorted(ours.keys() | theirs.keys()) if ours.get(name) != theirs.get(name))
            raise Wrong(f"{where}, {scope}: {name} is {ours.get(name, 0)}, it should be {theirs.get(name, 0)}")
