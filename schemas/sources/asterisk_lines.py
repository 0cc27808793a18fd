"""A line of Asterisk's `queue_log`, taken apart."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import NamedTuple

_NOTHING = frozenset({"", "NONE"})


class Line(NamedTuple):
    """A parsed line. `at` is UTC; `call`, `queue` and `agent` are None where the log says NONE or nothing."""

    at: datetime
    call: str | None
    queue: str | None
    agent: str | None
    kind: str
    parameters: tuple[str, ...]
    offset: int

    def parameter(self, place: int) -> str:
        """A parameter by its place, negative from the right; empty when it is not there."""
        try:
            return self.parameters[place]
        except IndexError:
            return ""


def parse(line: bytes, offset: int) -> Line | None:
    """A line taken apart; None when it is none of a queue_log."""
    fields = line.decode(errors="replace").rstrip("\r\n").split("|")
    if len(fields) < 5 or not (fields[0].isascii() and fields[0].isdigit()) or len(fields[0]) > 11 or not fields[4]:
        return None
    at = datetime.fromtimestamp(int(fields[0]), UTC)
    call, queue, agent = (None if field in _NOTHING else field for field in fields[1:4])
    return Line(at, call, queue, agent, fields[4], tuple(fields[5:]), offset)
