"""What the service itself tells subscribers, beside events: messages whose names are none of a type of event."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import orjson

from stream.serve.subscription.event import frame

if TYPE_CHECKING:
    from stream.serve.subscription.log import Gap

RETRY = b"retry: 2000\n\n"
TOO_SLOW = b": too far behind; come back with the id of the last message\n\n"


def position(token: bytes) -> bytes:
    """Nothing before this is missing: to begin with, and when long nothing was for this subscriber."""
    return b"id: " + token + b"\n" + frame("position", b"{}")


def waiting(why: str, *_: str) -> bytes:
    """Nothing comes for now, and nothing will be missing."""
    return frame("waiting", orjson.dumps({"why": why}))


def gap(gaps: Sequence[Gap]) -> bytes:
    """What was to be told and is there no more."""
    missing = [
        {"topic": each.topic, "partition": each.partition, "from": each.at, "to": each.to, "why": each.why}
        for each in gaps
    ]
    return frame("gap", orjson.dumps({"missing": missing}))
