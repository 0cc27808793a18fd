"""The facts of one interaction, packed into one byte string: small in memory, and ready to be kept.

An entry is identity (16 bytes), length (4 bytes), fact (msgpack). Entries stand in order of arrival.
"""

from __future__ import annotations

from typing import Final

from stream.core.interactions.fact import UNNAMED, Fact, packed, unpacked

_HEAD: Final = 20


def entry(identity: bytes, f: Fact) -> bytes:
    """One fact as an entry; `identity` has 16 bytes."""
    fact = packed(f)
    return identity + len(fact).to_bytes(4, "big") + fact


def place(log: bytes, identity: bytes) -> tuple[int, int] | None:
    """Where the entry with this identity begins and ends; None when there is none."""
    at, end = 0, len(log)
    while at < end:
        after = at + _HEAD + int.from_bytes(log[at + 16 : at + _HEAD], "big")
        if log.startswith(identity, at):
            return at, after
        at = after
    return None


def firsts(log: bytes) -> bytes:
    """The first byte of each identity: what does not begin with one of them is not in the log."""
    found = bytearray()
    at, end = 0, len(log)
    while at < end:
        found.append(log[at])
        at += _HEAD + int.from_bytes(log[at + 16 : at + _HEAD], "big")
    return bytes(found)


def facts(log: bytes) -> list[Fact]:
    """All facts, in order of arrival."""
    found = []
    at, end = 0, len(log)
    while at < end:
        after = at + _HEAD + int.from_bytes(log[at + 16 : at + _HEAD], "big")
        found.append(unpacked(log[at + _HEAD : after]))
        at = after
    return found


def fact_at(log: bytes, where: tuple[int, int]) -> Fact:
    """The fact of the entry at a place."""
    return unpacked(log[where[0] + _HEAD : where[1]])


def without(log: bytes, customer_id: str) -> bytes:
    """The log with `UNNAMED` in the place of a customer."""
    found, at = b"", 0
    while at < len(log):
        after = at + _HEAD + int.from_bytes(log[at + 16 : at + _HEAD], "big")
        f = unpacked(log[at + _HEAD : after])
        if f.customer_id == customer_id:
            f.customer_id = UNNAMED
        found += entry(log[at : at + 16], f)
        at = after
    return found


def replaced(log: bytes, where: tuple[int, int], f: Fact) -> bytes:
    """The log with the fact at a place replaced by another one of the same identity."""
    return log[: where[0]] + entry(log[where[0] : where[0] + 16], f) + log[where[1] :]
