"""What became of a file's payloads, for who reads it: the first that were rejected, then counts. On stderr."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from schemas.rejected import Rejected, Skipped
from stream.cli.console import err

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from schemas.sources.conversion import Sending
    from stream.cli.vendors import Outcome

LISTED = 20
NAMED_KINDS = 5
MAX_KINDS = 200
WIDTH = 300


class Report:
    """Counts what is taken. Each rejected payload has a line at once, up to `LISTED`; `close` says the rest.

    `what` one of them is called.
    """

    def __init__(self, what: str = "payload") -> None:
        self._what = what
        self.payloads = self.events = self.without = 0
        self.rejected: Counter[str] = Counter()
        self.skipped: Counter[str] = Counter()

    def take(self, outcomes: Iterable[Outcome]) -> Iterator[list[Sending]]:
        """The records of each payload in turn, none for one that is rejected or skipped."""
        for place, told in outcomes:
            self.payloads += 1
            if isinstance(told, Rejected):
                self.rejected[told.reason] += 1
                if self.rejected.total() <= LISTED:
                    say(f"{place}: {told.reason}: {told.detail}")
                yield []
            elif isinstance(told, Skipped):
                self.skipped[told.type if len(self.skipped) < MAX_KINDS else "(more)"] += 1
                yield []
            else:
                self.events += len(told)
                self.without += not told
                yield told

    def close(self, name: str) -> None:
        """Says how many there were of each. `name`: of the file."""
        more = self.rejected.total() - LISTED
        if more > 0:
            say(f"… and {more:,} more rejected; in all {_counts(self.rejected)}")
        if self.skipped:
            say(f"{name}: skipped, of kinds that have no event: {_counts(self.skipped)}")
        parts = [_number(self.events, "event")]
        parts += [f"{self.rejected.total():,} rejected"] if self.rejected else []
        parts += [f"{self.skipped.total():,} skipped"] if self.skipped else []
        parts += [f"{self.without:,} without an event"] if self.without else []
        say(f"{name}: {_number(self.payloads, self._what)}: {', '.join(parts)}")


def _number(count: int, what: str) -> str:
    return f"{count:,} {what}" if count == 1 else f"{count:,} {what}s"


def _counts(counted: Counter[str]) -> str:
    named = ", ".join(f"{kind} {count:,}" for kind, count in counted.most_common(NAMED_KINDS))
    return named + (", …" if len(counted) > NAMED_KINDS else "")


def say(line: str) -> None:
    """One line, whatever the payload had in it that a terminal would act on."""
    line = "".join(each if each.isprintable() else f"\\x{ord(each):02x}" for each in line)
    err.print(line if len(line) <= WIDTH else line[: WIDTH - 1] + "…", markup=False, soft_wrap=True)
