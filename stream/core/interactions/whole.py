"""What an interaction counts as a whole: its start, each time that it is closed or reopened, and whether a bot was met.

A closing is answered for by the agent of the last handled segment as of then. What it says about `resolved` may be
corrected by a later `ended` that closes nothing.
"""

from __future__ import annotations

from typing import Final

from stream.core.interactions.desks import Desks
from stream.core.interactions.legs import Legs
from stream.core.interactions.slots import BOT, LOST, STARTED
from stream.core.measures import CODES

_STARTED: Final[tuple[int, ...]] = (CODES["interactions_started"], 1)
_BOT: Final[tuple[int, ...]] = (CODES["bot_interactions"], 1)
_LOST: Final[tuple[int, ...]] = (CODES["interactions_lost"], 1)
_REOPENED: Final[tuple[int, ...]] = (CODES["reopened"], 1)
_ENDED: Final[dict[bool | None, tuple[int, ...]]] = {
    None: (CODES["ended"], 1),
    False: (CODES["ended"], 1, CODES["resolved_known"], 1),
    True: (CODES["ended"], 1, CODES["resolved_known"], 1, CODES["resolved"], 1),
}

Closing = tuple[int, bool | None, int]
"""(instant in ms, whether it was resolved if known, number of the last handled segment or -1)."""


class Whole(Legs):
    """See the module. `started_at`: the first `started`, else the first fact. `bot`: one was met.

    `ended_by_bot`: a bot's `ended` closed it. `resolved`: the latest told. `closings`: ascending, as `ended_at`.
    """

    __slots__ = (
        "bot", "closing", "closings", "ended_at", "ended_by_bot", "reopened_at", "resolved", "started_at",
    )  # fmt: skip

    def __init__(self, desks: Desks, queues: dict[int, str] | None) -> None:
        super().__init__(desks, queues)
        self.started_at = 0
        self.ended_at: tuple[int, ...] = ()
        self.closings: tuple[Closing, ...] = ()
        self.closing = (0, "")
        self.ended_by_bot = False
        self.bot = False
        self.resolved: bool | None = None
        self.reopened_at: tuple[int, ...] = ()

    def start(self, at: int) -> None:
        """The interaction starts at `at`; once."""
        self.started_at = at
        self.add(STARTED, at, self.whole, _STARTED)

    def meet_bot(self) -> None:
        """A bot has a part in it: counted once it is closed, at the first time."""
        if not self.bot:
            self.bot = True
            if self.ended_at:
                self._count_bot()

    def _count_bot(self) -> None:
        self.add(BOT, self.ended_at[0], self.whole, _BOT)

    def close(self, at: int, resolved: bool | None) -> None:
        """It is over: `resolved` is what the event says of that, None nothing."""
        self.closed = True
        if self.offers.ringing:
            self.offers.stop(at)
        self.ended_at += (at,)
        last = -1
        for segment in self.segments:
            if segment.over_at is not None:
                last = segment.number
                if segment.over_by in ("queued", "answered"):
                    segment.over_by = "ended"
        self.closings += ((at, resolved, last),)
        if self.was_offered and self.first_answer is None and not self.was_lost:
            self.was_lost = True
            self.add(LOST, at, self.whole, _LOST)
        where = self.scope(self.last_queue())
        self.closing = self.mark(at, where, _ENDED[resolved]), where
        if self.bot and len(self.ended_at) == 1:
            self._count_bot()

    def correct(self, resolved: bool) -> None:
        """A later word on the latest closing."""
        at, _, segment = self.closings[-1]
        self.closings = (*self.closings[:-1], (at, resolved, segment))
        slot, where = self.closing
        self.put(slot, at, where, _ENDED[resolved])

    def reopen(self, at: int) -> None:
        """It was closed, and is open again."""
        self.closed = False
        self.reopened_at += (at,)
        self.mark(at, self.scope(self.last_queue()), _REOPENED)

    def complete(self) -> bool:
        """Closed, and each agent's part wrapped up: nothing more is expected."""
        if not self.closed:
            return False
        return not [each for each in self.segments if each.over_at is not None and each.wrapped_at is None]

    @property
    def contained(self) -> bool:
        """A bot ended it, and no agent was ever on."""
        return self.ended_by_bot and self.first_answer is None
