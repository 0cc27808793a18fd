"""Agents' time as levels: how many sessions are open, who is engaged, idle, staffed, not ready, at an instant.

A level is kept as its changes: `level` sums them, `level_moment` change x instant, so that cells add up as others do.
Its time in a window is an integral, exact in milliseconds on any ring, what is open included.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from itertools import pairwise

from stream.core.measures import CODES, LEVELS, Cell
from stream.core.rules import Rules
from stream.core.scope import ALL, time_scope
from stream.core.stage import Stamp

Values = tuple[int, ...]
"""The levels of one agent at one instant: over all channels engaged, idle, staffed, not ready; then for each live
channel sessions, engaged, idle."""
Trace = list[tuple[int, Values]]
"""How the levels go: (instant, values from then on), ascending, the first at the beginning of what was asked for."""

_Group = tuple[int, list[tuple[int, int]]]
_MOST_KNOWN = 5000
_OF_ALL = ("engaged", "idle", "staffed", "not_ready")
_OF_CHANNEL = ("sessions", "engaged", "idle")
AWAY, RESTING = 0, -1
"""Standings: not staffed; not ready. Positive: available, `standing >> 1` has a bit for each live channel taken; who
takes none of them, only email, is not idle."""


class Levels:
    """The levels that one set of rules has. `channels`: the live ones, in the order of their lanes."""

    def __init__(self, rules: Rules) -> None:
        self.channels = tuple(channel for channel, row in rules.channels.items() if row.live)
        self.rings = len(self.channels)
        self.lanes = {channel: lane for lane, channel in enumerate(self.channels)}
        groups = [(ALL, _OF_ALL), *((channel, _OF_CHANNEL) for channel in self.channels)]
        self._groups: list[tuple[str, list[tuple[int, int]]]] = []
        index = 0
        for channel, names in groups:
            self._groups.append((channel, [(index + i, CODES[name]) for i, name in enumerate(names)]))
            index += len(names)
        self.names = [(channel, name) for channel, names in groups for name in names]
        self._known: dict[tuple[tuple[int, ...], int, tuple[int, int]], list[_Group]] = {}

    def scopes(self, agent_id: str) -> list[tuple[str, str]]:
        """Where an agent's levels count, group by group: the agent's own scope and that of all agents."""
        return [(time_scope(channel, agent_id), time_scope(channel, None)) for channel, _ in self._groups]

    def standing(self, presence: str, slots: Mapping[str, int] | None) -> int:
        """The standing of a presence. Slots that nobody told: every live channel is taken.

        >>> levels = Levels(Rules())
        >>> levels.channels, levels.standing("available", {"chat": 3}), levels.standing("not_ready", None)
        (('phone', 'video', 'chat'), 9, -1)
        """
        if presence == "available":
            taken = sum(1 << lane for channel, lane in self.lanes.items() if slots is None or slots.get(channel, 0) > 0)
            return 1 + 2 * taken
        return RESTING if presence == "not_ready" else AWAY

    def values(self, counts: Sequence[int], standing: int) -> Values:
        """The levels out of open sessions by lane, rings as the last count, and the standing.

        >>> levels = Levels(Rules())
        >>> levels.values([0, 0, 2, 0], levels.standing("available", None))
        (1, 0, 1, 0, 0, 0, 0, 0, 0, 0, 2, 1, 0)
        >>> levels.values([0, 0, 0, 1], RESTING)
        (0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0)
        """
        rings = self.rings
        busy = 0
        for lane in range(rings):
            if counts[lane]:
                busy = 1
                break
        free = not busy and not counts[rings]
        idle = 1 if free and standing > 1 else 0
        found = [busy, idle, 1 if standing else 0, 1 if free and standing == RESTING else 0]
        for lane in range(rings):
            n = counts[lane]
            found.append(n)
            found.append(1 if n else 0)
            found.append(idle & standing >> (lane + 1))
        return tuple(found)

    def stamps(self, scopes: list[tuple[str, str]], changes: Iterable[tuple[int, Sequence[int]]]) -> list[Stamp]:
        """Changes of levels as stamps, for the agent and for all agents."""
        found: list[Stamp] = []
        for at, change in changes:
            for (own, all_agents), (_, members) in zip(scopes, self._groups, strict=True):
                increments: tuple[int, ...] = ()
                for index, code in members:
                    n = change[index]
                    if n:
                        increments += (code, n, code + 1, n * at)
                if increments:
                    found.append((at, own, increments))
                    found.append((at, all_agents, increments))
        return found

    def moved(
        self, scopes: list[tuple[str, str]], at: int, counts: tuple[int, ...], standing: int, lanes: tuple[int, int]
    ) -> list[Stamp]:
        """Stamps of one stay that moves from a lane to another one (-1: none) at `at`, beside all the others.

        >>> levels = Levels(Rules())
        >>> [scope for _, scope, _ in levels.moved(levels.scopes("anna"), 5, (0, 0, 0, 0), AWAY, (-1, 0))]
        ['*|*|aanna', '*|*|@', 'phone|*|aanna', 'phone|*|@']
        """
        key = counts, standing, lanes
        groups = self._known.get(key)
        if groups is None:
            if len(self._known) >= _MOST_KNOWN:
                self._known.clear()
            groups = self._known[key] = self._difference(counts, standing, lanes)
        found: list[Stamp] = []
        for group, pairs in groups:
            increments: tuple[int, ...] = ()
            for code, n in pairs:
                increments += (code, n, code + 1, n * at)
            own, all_agents = scopes[group]
            found.append((at, own, increments))
            found.append((at, all_agents, increments))
        return found

    def _difference(self, counts: tuple[int, ...], standing: int, lanes: tuple[int, int]) -> list[_Group]:
        one, two = [self.values([n + (i == lane) for i, n in enumerate(counts)], standing) for lane in lanes]
        pairs = [
            (group, [(code, two[index] - one[index]) for index, code in members if one[index] != two[index]])
            for group, (_, members) in enumerate(self._groups)
        ]
        return [pair for pair in pairs if pair[1]]


def changes(trace: Trace) -> list[tuple[int, list[int]]]:
    """What changes along a trace, after its beginning.

    >>> changes([(5, (0, 1)), (7, (1, 0))])
    [(7, [1, -1])]
    """
    return [(at, [n - m for n, m in zip(values, before, strict=True)]) for (_, before), (at, values) in pairwise(trace)]


def difference(before: Trace, after: Trace) -> list[tuple[int, list[int]]]:
    """What to add to turn one trace into another one of the same span.

    >>> difference([(5, (1,))], [(5, (0,)), (8, (1,))])
    [(5, [-1]), (8, [1])]
    """
    if len(before) == 1 == len(after):
        (at, old), (_, new) = before[0], after[0]
        return [] if old == new else [(at, [n - m for n, m in zip(new, old, strict=True)])]
    found: dict[int, list[int]] = {}
    for sign, trace in ((-1, before), (1, after)):
        last: Sequence[int] = (0,) * len(trace[0][1])
        for at, values in trace:
            known = found.setdefault(at, [0] * len(values))
            for i, n in enumerate(values):
                known[i] += sign * (n - last[i])
            last = values
    return [(at, change) for at, change in sorted(found.items()) if any(change)]


def times(total: Cell, since: Cell, window: Cell, first_ms: int, end_ms: int) -> dict[str, int]:
    """The time (ms) of each level from `first_ms` to `end_ms`.

    `total`: all changes ever; `since`: those from `first_ms` on; `window`: of these, the ones before `end_ms`.

    >>> engaged = CODES["engaged"]
    >>> began, ended = {engaged: 1, engaged + 1: 1000}, {engaged: -1, engaged + 1: -61_000}
    >>> times(began, {}, {}, 10_000, 20_000)["engaged"], times({}, ended, ended, 10_000, 70_000)["engaged"]
    (10000, 51000)
    """
    found = {}
    for name in LEVELS:
        code = CODES[name]
        before = total.get(code, 0) - since.get(code, 0)
        found[name] = before * (end_ms - first_ms) + end_ms * window.get(code, 0) - window.get(code + 1, 0)
    return found
