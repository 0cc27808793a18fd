"""What `centralino try` reads of a file: the events of its payloads, and what became of each payload, with places."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from schemas.rejected import Rejected, Skipped

if TYPE_CHECKING:
    from schemas.sources.conversion import Sending
    from stream.cli.lines import Line
    from stream.cli.vendors import Told

PLACES = 3
MAX_KINDS, MORE = 200, "(more)"
UNKNOWN = "unknown kind"
_VALUES = re.compile(r"'[^']*'|\"[^\"]*\"|\d+")
_DAY_MS = 86_400_000
_INTERACTIONS = "interactions."


@dataclass
class Lost:
    """Payloads of which nothing came, for one reason: how many, the first places, what the first one was at fault."""

    number: int = 0
    places: list[str] = field(default_factory=list)
    detail: str = ""


class Tally:
    """What became of payloads. `lost`: by reason and fault (whatever its values), or the kind that we do not know.

    `days`: events of interactions by UTC day since 1970; `first_at`: of these the first; `last_at`: of all events the
    last (ms), None before there is one.
    """

    def __init__(self) -> None:
        self.payloads = self.mapped = self.no_matter = 0
        self.topics: Counter[str] = Counter()
        self.lost: dict[tuple[str, str], Lost] = {}
        self.days: Counter[int] = Counter()
        self.first_at: int | None = None
        self.last_at: int | None = None

    @property
    def events(self) -> int:
        """How many events came of it all."""
        return self.topics.total()

    def take(self, place: str, told: Told) -> list[Sending]:
        """Counts one payload by what it gave; returns what is to be sent."""
        self.payloads += 1
        if isinstance(told, Skipped):
            return self._lose(place, UNKNOWN, told.type)
        if isinstance(told, Rejected):
            return self._lose(place, told.reason, _VALUES.sub("…", told.detail), told.detail)
        if not told:
            self.no_matter += 1
            return told
        self.mapped += 1
        for each in told:
            self._take_event(each.topic, each.at)
        return told

    def take_record(self, line: Line) -> None:
        """Counts a record that has an event of ours already."""
        self.payloads += 1
        self.mapped += 1
        self._take_event(line.topic, line.timestamp_ms)

    def before(self, at_ms: int) -> int:
        """How many events of interactions lie on days that are over by an instant."""
        return sum(number for day, number in self.days.items() if (day + 1) * _DAY_MS <= at_ms)

    def _take_event(self, topic: str, at_ms: int | None) -> None:
        self.topics[topic] += 1
        if at_ms is None:
            return
        if topic.startswith(_INTERACTIONS):
            self.days[at_ms // _DAY_MS] += 1
            self.first_at = at_ms if self.first_at is None else min(self.first_at, at_ms)
        self.last_at = at_ms if self.last_at is None else max(self.last_at, at_ms)

    def _lose(self, place: str, reason: str, kind: str, detail: str = "") -> list[Sending]:
        if (reason, kind) not in self.lost and len(self.lost) >= MAX_KINDS:
            kind, detail = MORE, ""
        lost = self.lost.setdefault((reason, kind), Lost(detail=detail))
        lost.number += 1
        if len(lost.places) < PLACES:
            lost.places.append(place)
        return []
