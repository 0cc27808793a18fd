"""One agent's state: what was told, packed, and the time line that it makes.

Kept: three days; if the newest 500 words reach back further, these, so that partitions of one log may be read at
different paces; of an agent with more than 5,000 words in three days, so many. Parts on asynchronous channels are kept
as long as their interactions. The `horizon` is where that begins: what lies wholly before it is unknown.
"""

from __future__ import annotations

import msgspec

from stream.core.agents import part as parts
from stream.core.agents import presence, stays
from stream.core.agents.levels import Levels
from stream.core.agents.presence import Fact, Rank, Turn
from stream.core.agents.time import AgentTime, Limits, Stay
from stream.core.rules import DAY

KEEP_MS = 3 * DAY
KEEP_WORDS = 500
MOST_WORDS = 5000
CHUNK = 100

_Blob = tuple[int, int, int, int, Limits, Turn | None, int | None, list[bytes], list[bytes]]
_encode = msgspec.msgpack.Encoder().encode
_decode = msgspec.msgpack.Decoder(_Blob).decode
_open = msgspec.msgpack.Decoder(dict[str, bytes]).decode


class Packed:
    """Packed things by identity, `all` of them. What `dump` has sealed is not encoded again."""

    __slots__ = ("_fresh", "_sealed", "all")

    def __init__(self, chunks: list[bytes]) -> None:
        self.all: dict[str, bytes] = {}
        for chunk in chunks:
            self.all.update(_open(chunk))
        self._sealed = chunks[:-1]
        self._fresh: dict[str, bytes] = _open(chunks[-1]) if chunks else {}

    def put(self, key: str, packed: bytes) -> None:
        """Keep it, in place of an earlier one."""
        self.all[key] = self._fresh[key] = packed

    def keep(self, found: dict[str, bytes]) -> None:
        """Keep these alone."""
        self.all, self._sealed, self._fresh = found, [], dict(found)

    def dump(self) -> list[bytes]:
        """All as chunks, of which later ones stand before earlier ones."""
        if len(self._fresh) > CHUNK:
            self._sealed.append(_encode(self._fresh))
            self._fresh = {}
        return [*self._sealed, _encode(self._fresh)]


class Agent:
    """One agent's state. `facts`, `parts`: packed, by identity. `time`: the line that they make.

    `base`, `base_word`: the turn and the word that stood before the horizon. `upto`: until when the levels are
    written. `room`: so many words make it look what can be forgotten. `newest`: the rank of the last fact.
    `busy`: parts that are not over at `upto`, with their ends. `last_at`: the latest event. `due`: the first instant
    after `upto` at which the levels change though nothing more is heard, None never.
    """

    __slots__ = (
        "base", "base_word", "busy", "due", "facts", "horizon", "id", "last_at", "levels", "newest", "parts", "room",
        "scopes", "time", "upto",
    )  # fmt: skip

    def __init__(self, agent_id: str, levels: Levels, limits: Limits) -> None:
        self.id = agent_id
        self.levels = levels
        self.scopes = levels.scopes(agent_id)
        self.facts = Packed([])
        self.parts = Packed([])
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

    def load(self, blob: bytes) -> None:
        """Take over what `dump` wrote."""
        time = self.time
        (self.last_at, self.upto, self.horizon, self.room, time.limits, self.base, self.base_word, facts,
         told) = _decode(blob)  # fmt: skip
        self.facts, self.parts = Packed(facts), Packed(told)
        ranked = self.ranked()
        self.newest = max((rank for rank, _ in ranked), default=None)
        time.turns = presence.turns(self.base, ranked)
        heard = [f.at for _, f in ranked] if self.base_word is None else [self.base_word, *(f.at for _, f in ranked)]
        found: list[Stay] = []
        for key, packed in self.parts.all.items():
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
        """Facts and parts, until when they are counted, and with which limits of silence."""
        return _encode(
            (self.last_at, self.upto, self.horizon, self.room, self.time.limits, self.base, self.base_word,
             self.facts.dump(), self.parts.dump())
        )  # fmt: skip

    def ranked(self) -> list[tuple[Rank, Fact]]:
        """All facts with their ranks, in no order."""
        found = []
        for key, packed in self.facts.all.items():
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
        time = self.time
        wanted = min(now - KEEP_MS, time.words[-KEEP_WORDS])
        if len(time.words) > MOST_WORDS:
            wanted = max(wanted, time.words[-MOST_WORDS])
        horizon = self.horizon = max(self.horizon, wanted)
        time.cut(horizon)
        self.base = time.turns[0] if time.turns and time.turns[0].at < horizon else None
        self.base_word = time.words[0] if time.words[0] < horizon else None
        facts = self.facts.all.items()
        self.facts.keep({key: packed for key, packed in facts if presence.unpack(packed).at >= horizon})
        kept = {}
        for key, packed in self.parts.all.items():
            part = parts.unpack(packed)
            if max(part.last(), part.ends()) >= self.kept_from(parts.named(key).channel, now, keep_ms):
                kept[key] = packed
        self.parts.keep(kept)
        self.room = len(time.words) + KEEP_WORDS
