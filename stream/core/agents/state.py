"""One agent's state: what was told, packed, and the time line that it makes.

Kept: three days; if the newest 500 words reach back further, these, so that partitions of one log may be read at
different paces; of an agent with more than 5,000 words in three days, so many. The `horizon` is where that begins: what
lies wholly before it is unknown, except parts on asynchronous channels, which are kept as long as their interactions.
"""

from __future__ import annotations

from stream.core.agents import part as parts
from stream.core.agents import presence, stays
from stream.core.agents.levels import Levels
from stream.core.agents.presence import Fact, Rank, Turn
from stream.core.agents.time import AgentTime, Limits, Stay
from stream.core.agents.told import Head, Told, decode_head, encode_head
from stream.core.rules import DAY

KEEP_MS = 3 * DAY
KEEP_WORDS = 500
MOST_WORDS = 5000


class Agent:
    """One agent's state. `told`: facts and parts. `time`: the line that they make.

    `base`, `base_word`: the turn and the word that stood before the horizon. `upto`: until when the levels are
    written. `room`: so many words make it look what can be forgotten. `newest`: the rank of the last fact.
    `busy`: parts that are not over at `upto`, with their ends. `last_at`: the latest event. `due`: the first instant
    after `upto` at which the levels change though nothing more is heard, None never.
    """

    __slots__ = (
        "_head", "base", "base_word", "busy", "due", "horizon", "id", "last_at", "levels", "newest", "room", "scopes",
        "time", "told", "upto",
    )  # fmt: skip

    def __init__(self, agent_id: str, levels: Levels, limits: Limits) -> None:
        self.id = agent_id
        self.levels = levels
        self.scopes = levels.scopes(agent_id)
        self.told = Told()
        self.busy: dict[str, tuple[int, parts.Kept]] = {}
        self.time = AgentTime(levels, limits)
        self.base: Turn | None = None
        self.base_word: int | None = None
        self.horizon = 0
        self.upto = -1
        self.due: int | None = None
        self.room = 2 * KEEP_WORDS
        self.last_at = -1
        self.newest: Rank | None = None
        self._head: Head | None = None

    def load(self, blob: bytes) -> None:
        """Take over what `dump` wrote. Call `complete` before anything else."""
        head = self._head = decode_head(blob)
        self.last_at, self.upto, self.horizon, self.room = head.last_at, head.upto, head.horizon, head.room
        self.time.limits, self.base, self.base_word = head.limits, head.base, head.base_word

    def complete(self, pieces: list[bytes | None]) -> None:
        """Take over the pieces. ValueError: one is missing."""
        time, told = self.time, self.told
        assert self._head is not None
        told.load(self._head, pieces)
        self._head = None
        ranked = self.ranked()
        self.newest = max((rank for rank, _ in ranked), default=None)
        time.turns = presence.turns(self.base, ranked)
        heard = [f.at for _, f in ranked] if self.base_word is None else [self.base_word, *(f.at for _, f in ranked)]
        found: list[Stay] = []
        for key, packed in told.parts.items():
            part = parts.unpack(packed)
            heard += parts.words(part, self.horizon)
            lane = self.levels.lanes.get(parts.named(key).channel)
            found += stays.of_part(part, lane, self.levels, self.horizon)
            ends = part.ends()
            if ends > self.upto:
                self.busy[key] = ends, part
        time.hear((), sorted(heard))
        time.stays = sorted(found)
        self.due = time.next_change(self.upto)

    def dump(self) -> bytes:
        """Until when what was told is counted, with which limits of silence; and what was told last."""
        return encode_head(
            Head(self.last_at, self.upto, self.horizon, self.room, self.time.limits, self.base, self.base_word,
                 *self.told.dump())
        )  # fmt: skip

    def ranked(self) -> list[tuple[Rank, Fact]]:
        """All facts with their ranks, in no order."""
        found = []
        for key, packed in self.told.facts.items():
            f = presence.unpack(packed)
            found.append((presence.rank(key, f), f))
        return found

    def settle(self, now: int) -> None:
        """Let go of the parts that are over, and look ahead. The levels must be written up to `now`."""
        if self.busy:
            for key in [key for key, (ends, _) in self.busy.items() if ends <= now]:
                del self.busy[key]
        self.due = self.time.next_change(self.upto)

    def kept_from(self, channel: str, now: int, keep_ms: int) -> int:
        """Where what is kept of a channel begins: at the horizon; on asynchronous ones `keep_ms` ago."""
        return self.horizon if channel in self.levels.lanes else min(self.horizon, now - keep_ms)

    def forget(self, now: int, keep_ms: int) -> None:
        """Move the horizon, and drop what lies before it. The levels must be written up to `now`."""
        time, told = self.time, self.told
        wanted = min(now - KEEP_MS, time.words[-KEEP_WORDS])
        if len(time.words) > MOST_WORDS:
            wanted = max(wanted, time.words[-MOST_WORDS])
        horizon = self.horizon = max(self.horizon, wanted)
        time.cut(horizon)
        self.base = time.turns[0] if time.turns and time.turns[0].at < horizon else None
        self.base_word = time.words[0] if time.words[0] < horizon else None
        facts = {key: packed for key, packed in told.facts.items() if presence.unpack(packed).at >= horizon}
        kept, over, over_at, since = {}, {}, 0, now - keep_ms
        for key, packed in told.parts.items():
            last = parts.unpack(packed).lasts()
            if last >= horizon:
                kept[key] = packed
            elif last >= since and parts.named(key).channel not in self.levels.lanes:
                over[key] = packed
                over_at = max(over_at, last)
        told.keep(facts, kept)
        told.past.forget(since)
        if over:
            told.past.lay(over, over_at)
        self.room = len(time.words) + KEEP_WORDS
