"""What does not become an event: a closed list of reasons, the exception that tells one, and what is skipped."""

from __future__ import annotations

from typing import Literal, get_args

from msgspec import Struct

Reason = Literal[
    "too_large",
    "not_json",
    "not_an_event",
    "missing_field",
    "invalid_field",
    "wrong_topic",
    "time_in_future",
    "bug",
]
REASONS: tuple[Reason, ...] = get_args(Reason)


class Rejected(Exception):
    """The data is at fault. `reason` is one of `REASONS`; `detail` says what, where and what to do, in one line."""

    def __init__(self, reason: Reason, detail: str) -> None:
        super().__init__(f"{reason}: {detail}")
        self.reason: Reason = reason
        self.detail = detail


class Skipped(Struct, frozen=True):
    """A record of a type that we do not know: counted, neither applied nor rejected."""

    type: str
