"""The same day's work as often as one likes: payloads whose interactions have ids of their own in each copy."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from typing import Any

import msgspec

from schemas.rejected import Skipped
from tests.schemas.payloads import Taker

SHORTEST = 4
"""An id that is shorter may be any number, and stays."""
_PARTS = re.compile(r"[-:/]")
_BEFORE = rb"(?<![0-9A-Za-z])|(?<=%[0-9A-Fa-f]{2})"


class Copies:
    """Of a vendor's payloads."""

    def __init__(self, taker: Taker, payloads: Sequence[bytes]) -> None:
        self._payloads = payloads
        self.ids = sorted({each for payload in payloads for each in ids_in(taker, payload)}, key=len, reverse=True)
        """What the vendor calls the interactions."""

    def copy(self, number: int) -> list[bytes]:
        """All payloads, with other ids in each."""
        if not self.ids:
            return list(self._payloads)
        others = {own.encode(): other(own, number).encode() for own in self.ids}
        places = re.compile(rb"(?:%s)(?:%s)(?![0-9A-Za-z])" % (_BEFORE, b"|".join(map(re.escape, others))))
        return [places.sub(lambda found: others[found[0]], payload) for payload in self._payloads]


def ids_in(taker: Taker, payload: bytes) -> set[str]:
    """The ids of the interactions that a payload tells of, as they stand in it."""
    told = taker.take(payload)
    found = set()
    for each in () if isinstance(told, Skipped) else told:
        data: dict[str, Any] = msgspec.json.decode(each.value)["data"]
        own = _within(data.get("interaction_id") or "", payload)
        if len(own) >= SHORTEST:
            found.add(own)
    return found


def other(own: str, number: int) -> str:
    """An id of the same look: its digits are others.

    >>> other("WT12ab34cd5678", 1), other("1795312591.2", 1), other("481516", 7)
    ('WT26ab74cd8641', '3531977365.2', '7000481516')
    """
    if own.isdigit():
        return f"{number}{own:0>9}"
    digits = iter(str(int(hashlib.sha256(f"{own} {number}".encode()).hexdigest(), 16)))
    return re.sub(r"\d", lambda _: next(digits).replace("0", "9"), own)


def _within(name: str, payload: bytes) -> str:
    """The longest end of an interaction's id that stands in the payload: ours may begin with the account."""
    starts = [0, *(found.end() for found in _PARTS.finditer(name))]
    return next((name[start:] for start in starts if name[start:].encode() in payload), "")
