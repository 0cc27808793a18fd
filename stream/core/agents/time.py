"""An agent's time line: turns of presence, words heard, live work; and how the levels go along it.

Silence: from the last word + the limit on, presence is unknown, until the next word. The limit depends on whether the
agent has sent heartbeats since the last log-in.
"""

from __future__ import annotations

from array import array
from bisect import bisect_left, bisect_right, insort
from collections.abc import Iterable

from stream.core.agents.levels import AWAY, Levels, Trace
from stream.core.agents.presence import LOGGED_OUT, Turn

FOREVER = 1 << 62
Stay = tuple[int, int, int]
"""Work on a live channel: (end, start, lane), `end` FOREVER while it is open; rings have the lane after the last."""
Limits = tuple[int, int]
"""How long silence may last (ms): of agents without heartbeats, of agents with."""


class AgentTime:
    """`turns` ascend; `words`: instants at which something was heard, ascending, repeated; `stays` ascend by end."""

    __slots__ = ("_last", "_levels", "_nothing", "limits", "stays", "turns", "words")

    def __init__(self, levels: Levels, limits: Limits) -> None:
        self._levels = levels
        self._nothing = (0,) * (levels.rings + 1)
        self.limits = limits
        self.turns: list[Turn] = []
        self.words = array("q")
        self.stays: list[Stay] = []
        self._last: tuple[Turn | None, int] = (None, AWAY)

    def hear(self, gone: Iterable[int], come: Iterable[int]) -> None:
        """Take words out and in."""
        words = self.words
        for at in gone:
            words.pop(bisect_left(words, at))
        for at in come:
            if not words or at >= words[-1]:
                words.append(at)
            else:
                insort(words, at)

    def work(self, gone: Iterable[Stay], come: Iterable[Stay]) -> None:
        """Take stays out and in."""
        for stay in gone:
            del self.stays[bisect_left(self.stays, stay)]
        for stay in come:
            insort(self.stays, stay)

    def turn(self, at: int) -> Turn | None:
        """The turn that holds at an instant."""
        turns = self.turns
        if turns and turns[-1].at <= at:
            return turns[-1]
        place = bisect_left(turns, (at + 1,))
        return turns[place - 1] if place else None

    def unknown_at(self, at: int) -> int | None:
        """When silence makes, or has made, the agent unknown, by the words until `at`; None: not logged in then."""
        turn = self.turn(at)
        return None if turn is None else self._silent_at(turn, at)

    def _silent_at(self, turn: Turn, at: int) -> int | None:
        words = self.words
        if turn.presence == LOGGED_OUT or not words:
            return None
        word = words[-1]
        if word > at:
            place = bisect_right(words, at)
            if not place:
                return None
            word = words[place - 1]
        return word + self.limits[turn.beats]

    def steady(self, first: int, last: int) -> bool:
        """Whether the standing stays what it is from `first` to `last`, whatever words come in between.

        May say no where it does: silence that a word ends is not looked for.
        """
        turns = self.turns
        if turns and turns[-1].at > first:
            return False
        silent = self.unknown_at(first)
        return silent is None or silent > last

    def standing(self, at: int) -> int:
        """The standing at an instant, see `levels`."""
        turn = self.turn(at)
        if turn is None:
            return AWAY
        silent = self._silent_at(turn, at)
        if silent is None or silent <= at:
            return AWAY
        if turn is not self._last[0]:
            self._last = turn, self._levels.standing(turn.presence, turn.slots)
        return self._last[1]

    def beside(self, first: int, last: int) -> tuple[int, ...] | None:
        """The open work by lane, rings last, when it stays the same from `first` to `last`; None when it does not."""
        stays = self.stays
        if not stays or stays[-1][0] <= first:
            return self._nothing
        counts = [0] * len(self._nothing)
        for place in range(bisect_left(stays, (first + 1, -1, -1)), len(stays)):
            end, start, lane = stays[place]
            if start <= last:
                if start > first or end <= last:
                    return None
                counts[lane] += 1
        return tuple(counts)

    def trace(self, first: int, last: int) -> Trace:
        """How the levels go from `first` to `last`, both included."""
        levels = self._levels
        counts = [0] * (levels.rings + 1)
        moves: list[tuple[int, int, int]] = []
        stays = self.stays
        for place in range(bisect_left(stays, (first + 1, -1, -1)), len(stays)):
            end, start, lane = stays[place]
            if start > last:
                continue
            if start <= first:
                counts[lane] += 1
            else:
                moves.append((start, lane, 1))
            if end <= last:
                moves.append((end, lane, -1))
        standing = self.standing(first)
        found = [(first, levels.values(counts, standing))]
        if first == last:
            return found
        cuts: set[int] = set() if self.steady(first, last) else self._cuts(first, last)
        if not moves and not cuts:
            return found
        moves.sort()
        place = 0
        for at in sorted({move[0] for move in moves} | cuts):
            while place < len(moves) and moves[place][0] == at:
                counts[moves[place][1]] += moves[place][2]
                place += 1
            if at in cuts:
                standing = self.standing(at)
            values = levels.values(counts, standing)
            if values != found[-1][1]:
                found.append((at, values))
        return found

    def _cuts(self, first: int, last: int) -> set[int]:
        """Where the standing may change, after `first`."""
        turns, words = self.turns, self.words
        cuts = set()
        for place in range(bisect_left(turns, (first + 1,)), len(turns)):
            at = turns[place].at
            if at > last:
                break
            cuts.add(at)
        shortest = min(self.limits)
        for place in range(max(bisect_right(words, first) - 1, 0), len(words)):
            word = words[place]
            if word > last:
                break
            following = words[place + 1] if place + 1 < len(words) else FOREVER
            if following - word > shortest:
                silent = self.unknown_at(word)
                cuts.update(at for at in (silent, following) if at is not None and first < at <= last)
        return cuts

    def next_change(self, at: int) -> int | None:
        """The first instant after `at` at which the levels change though nothing more is heard; None: never."""
        stays, words = self.stays, self.words
        found = FOREVER
        if stays and stays[-1][0] > at:
            for place in range(bisect_left(stays, (at + 1, -1, -1)), len(stays)):
                end, start, _ = stays[place]
                found = min(found, start if start > at else end)
        if words and words[-1] > at:
            found = min(found, words[bisect_right(words, at)])
        silent = self.unknown_at(at)
        if silent is not None and at < silent < found:
            found = silent
        return None if found == FOREVER else found

    def after(self, word: int) -> int:
        """Until when at most a word matters: the next one, or the longest silence."""
        place = bisect_right(self.words, word)
        longest = word + max(self.limits)
        return min(self.words[place], longest) if place < len(self.words) else longest

    def cut(self, horizon: int) -> None:
        """Forget what no instant from `horizon` on depends on: the last turn and word before it stay."""
        place = bisect_left(self.turns, (horizon,))
        del self.turns[: max(place - 1, 0)]
        place = bisect_left(self.words, horizon)
        del self.words[: max(place - 1, 0)]
        del self.stays[: bisect_left(self.stays, (horizon + 1, -1, -1))]
