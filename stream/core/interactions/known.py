"""One interaction as it is known: its facts, the life that follows from them, and what downstream has been told of it.

What was told since the last commit may be told differently by another run, which cut its batches elsewhere. So beside
what was sent stands what may have been sent since: it is told again, or withdrawn, even if all is as it was before.
"""

from __future__ import annotations

from collections import Counter
from typing import Final

from stream.core.interactions import log, parts, stamps
from stream.core.interactions.desks import Desks
from stream.core.interactions.fact import ENDED, QUEUED, STARTED, TRANSFERRED, UPDATED, Fact
from stream.core.interactions.fold import Told, fold
from stream.core.interactions.life import Life
from stream.core.interactions.order import Rank, rank, would_go_before
from stream.core.stage import Stamp

NOBODY: Final[frozenset[str]] = frozenset()
NOTHING: Final[frozenset[tuple[int, str]]] = frozenset()


class Interaction:
    """One interaction's state. `log`: its facts, packed, in order of arrival; `count`: how many; `firsts`: see there.

    `latest`: the facts of the last instant, and what was open before each of them; None where not known. `found`: the
    anomalies of the last change. `owed`: stamps to add and to take back, since settings changed after they were
    applied. `alone`: whether a stamp of those without a customer stands. `offset`: of the record that was applied last;
    `silent`: silence has changed it since.

    `sent`, `parts`: the digest and the agents' parts as sent, packed. `stirred`, `moved`: the digest, the parts may
    have changed since. What may have been told in between: `untold`, an event or silence at all; `again`, digests that
    may differ from the last one; `anew`, parts that may; `former`, to other customers; `ghosts`, (number, agent) of
    parts that may be gone.

    `closed`: a digest of what was told of it as it is closed; None where not known, or it is open.
    """

    __slots__ = (
        "again", "alone", "anew", "channel", "closed", "count", "firsts", "former", "found", "ghosts", "id", "last_at",
        "latest", "life", "log", "moved", "offset", "owed", "parts", "sent", "silent", "stirred", "timed_out",
        "told", "untold",
    )  # fmt: skip

    def __init__(self, interaction_id: str, desks: Desks) -> None:
        self.id = interaction_id
        self.channel = desks.channel
        self.life = Life(desks)
        self.told = Told()
        self.log = self.firsts = b""
        self.count = 0
        self.last_at = -1
        self.latest: tuple[tuple[int, Rank], ...] | None = None
        self.owed: tuple[list[Stamp], list[Stamp]] | None = None
        self.found: tuple[str, ...] = ()
        self.timed_out = False
        self.alone = False
        self.offset = -1
        self.silent = False
        self.sent: bytes | None = None
        self.parts = b""
        self.closed: int | None = None
        self.stirred = False
        self.moved = False
        self.known_as_told()

    def known_as_told(self) -> None:
        """Downstream knows all, or will once the commit stands."""
        self.untold = self.again = self.anew = False
        self.former = NOBODY
        self.ghosts = NOTHING

    def step(self, f: Fact) -> bool:
        """Step a fact that is the next in order. False: it is not, or it changes the past."""
        life, told = self.life, self.told
        if f.at > self.last_at:
            self.latest = ((life.phase(), (f.kind, f.source, f.id)),)
        else:
            if f.at < self.last_at or self.latest is None:
                return False
            own = rank(f)
            for phase, other in self.latest:
                if would_go_before(own, other, phase):
                    return False
            self.latest += ((life.phase(), own),)
        if f.customer_id is not None or f.reason is not None or f.direction is not None or f.initiation is not None:
            before = told.customer_id
            if told.tell(f):
                self.stirred = True
                if self.untold and before is not None:
                    self.former |= {before}
                if told.inbound != life.inbound:
                    return False
        if (f.kind == UPDATED and f.queue is not None) or (f.kind == STARTED and life.late_start(f.at)):
            return False
        if f.kind == QUEUED and life.segments and life.late_queue(f):
            return False
        if (f.kind == ENDED and life.closed) or (f.kind == TRANSFERRED and life.wraps):
            self.anew = True
        known = len(life.anomalies)
        life.step(f)
        self.found = tuple(life.anomalies[known:]) if len(life.anomalies) > known else ()
        return True

    def refold(self) -> None:
        """Make the life anew from the facts; `added` and `removed` say how its stamps differ from before."""
        if self.untold:
            self.anew = True
            self.ghosts = self.ghosts.union(parts.contents(self.life, None))
            if self.told.customer_id is not None:
                self.former |= {self.told.customer_id}
        before, known = stamps.entries(self.life.stamps), Counter(self.life.anomalies)
        life, told = fold(log.facts(self.log), self.life.desks)
        after = stamps.entries(life.stamps)
        life.removed = [stamps.unpack(stamp) for slot, stamp in before.items() if after.get(slot) != stamp]
        life.added = [stamps.unpack(stamp) for slot, stamp in after.items() if before.get(slot) != stamp]
        self.found = tuple((Counter(life.anomalies) - known).elements())
        self.life, self.told, self.latest, self.timed_out = life, told, None, False
        self.stirred = self.moved = True
        self.alone = False
