"""The stage of agents: presence events and parts in interactions into levels of time and counted work.

What an agent contributes is a function of the set of presence facts and parts, whatever the order in which, and how
often, they came. What comes late changes the levels between the first and the last instant that it touches. All
contributions are added, corrections with negative numbers: levels go up and down, and no counter shows an agent's work.
What lies wholly before what is kept of an agent (`state`) is `expired`.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from schemas.events import Parted
from stream.core.agents import part as parts
from stream.core.agents import presence, stays
from stream.core.agents.levels import Levels, changes, difference
from stream.core.agents.part import ON, RING, WRAP_UP
from stream.core.agents.pieces import AgentPieces
from stream.core.agents.row import AgentRow, OpenPart
from stream.core.agents.state import Agent
from stream.core.agents.stays import Edge, apart
from stream.core.agents.time import FOREVER, Limits, Stay
from stream.core.rules import Rules
from stream.core.stage import Change, Output, Stamp, View


class Agents:
    """The stage of `agents.timeline`. See `stage.Stage`."""

    weight = 8
    pieces = AgentPieces()

    def __init__(self, rules: Rules) -> None:
        self.rules = rules
        self.levels = Levels(rules)
        self.limits: Limits = (rules.agent_silence_ms, rules.heartbeat_silence_ms)
        self.keep_ms = max(row.keep_closed_ms for row in rules.channels.values())
        self.quiet_ms = self.keep_ms

    def key(self, event: Any) -> str:
        """The agent that an event is about."""
        return event.data.agent_id  # type: ignore[no-any-return]

    def new(self, entity_id: str) -> Agent:
        """An agent of whom nothing was heard."""
        return Agent(entity_id, self.levels, self.limits)

    def load(self, entity_id: str, blob: bytes) -> Agent:
        """As `dump` wrote it; `pieces` completes it."""
        state = Agent(entity_id, self.levels, self.limits)
        state.load(blob)
        return state

    def dump(self, state: Agent) -> bytes:
        """See `state`."""
        return state.dump()

    def apply(self, state: Agent, event: Any, now: int) -> Change:
        """Take in a presence event or a part; see `stage.Stage`."""
        stamps = self._part(state, event, now) if isinstance(event, Parted) else self._fact(state, event, now)
        if isinstance(stamps, Change):
            return stamps
        late = event.at < state.last_at
        if not late:
            state.last_at = event.at
        state.settle(now)
        if len(state.time.words) > state.room:
            state.forget(now, self.keep_ms)
        return Change("applied", stamps, [], (), late)

    def _fact(self, state: Agent, event: Any, now: int) -> Change | list[Stamp]:
        time, key, new = state.time, presence.fact_key(event), presence.fact(event)
        standing, rank = state.told.facts.get(key), presence.rank(key, new)
        old = None if standing is None else presence.unpack(standing)
        if old is not None and not presence.stands(new, old):
            return Change("duplicate")
        if new.at < state.horizon:
            return Change("skipped", anomalies=("expired",))
        stamps = self._advance(state, now)
        state.told.put_fact(key, presence.pack(new))
        before = time.turns
        if old is None and (state.newest is None or rank > state.newest):
            last = before[-1] if before else None
            turn = presence.turned(last, new)
            turns = before if turn is last or turn is None else [*before, turn]
            state.newest = rank
        else:
            ranked = state.ranked()
            turns, state.newest = presence.turns(state.base, ranked), max(rank for rank, _ in ranked)
        gone, come = ([] if old is None else [old.at]), [new.at]
        if turns is before and not gone and time.steady(new.at, now):
            time.hear(gone, come)
            return stamps
        first, last_at = min(gone + come), time.after(max(gone + come))
        if turns is not before:
            last_at = max(last_at, presence.again_alike(before, turns, FOREVER))
        first, last_at = max(first, state.horizon), min(last_at, now)
        trace = time.trace(first, last_at)
        time.turns = turns
        time.hear(gone, come)
        return stamps + self.levels.stamps(state.scopes, difference(trace, time.trace(first, last_at)))

    def _part(self, state: Agent, event: Any, now: int) -> Change | list[Stamp]:
        time, key, channel = state.time, parts.key_of(event.data), event.data.channel
        old = self._standing(state, key, channel, now)
        if old is not None and (event.revision or 0) <= old.revision:
            return Change("duplicate")
        new, horizon = parts.kept(event), state.horizon
        if old is None and horizon and new.last() < state.kept_from(channel, now, self.keep_ms):
            return Change("skipped", anomalies=("expired",))
        stamps = self._advance(state, now)
        stamps += parts.replaced(parts.work(channel, old, state.id), parts.work(channel, new, state.id))
        state.told.put_part(key, parts.pack(new))
        state.busy[key] = new.ends(), new
        lane = self.levels.lanes.get(channel)
        before, after = stays.of_part(old, lane, self.levels, horizon), stays.of_part(new, lane, self.levels, horizon)
        gone, come = apart(parts.words(old, horizon), parts.words(new, horizon))
        time.work(before, ())
        steps = self._steps(state, apart(stays.edges(before), stays.edges(after)), gone, come, now)
        if steps is None:
            time.work((), before)
            return stamps + self._redraw(state, (before, after), gone, come, now)
        time.work((), after)
        time.hear((), come)
        return stamps + steps

    def _standing(self, state: Agent, key: str, channel: str, now: int) -> parts.Kept | None:
        packed = state.told.parts.get(key)
        if packed is not None:
            return parts.unpack(packed)
        if channel in self.levels.lanes or (packed := state.told.past.find(key)) is None:
            return None
        found = parts.unpack(packed)
        return found if found.lasts() >= now - self.keep_ms else None

    def _steps(
        self, state: Agent, edges: tuple[list[Edge], list[Edge]], gone: list[int], come: list[int], now: int
    ) -> list[Stamp] | None:
        """What edges that go and come change by `now`, on a line without their part; None: it takes a look at all."""
        if gone:
            return None
        time, levels, stamps = state.time, self.levels, []
        instants = [edge[0] for pair in edges for edge in pair]
        first = min(instants) if instants else FOREVER
        if first < state.horizon or not time.steady(min(first, come[0]) if come else first, now):
            return None
        if first > now:
            return []
        counts = time.beside(first, min(max(instants), now))
        if counts is None:
            return None
        standing = time.standing(first)
        for at, was, becomes in edges[0]:
            if at <= now:
                stamps += levels.moved(state.scopes, at, counts, standing, (becomes, was))
        for at, was, becomes in edges[1]:
            if at <= now:
                stamps += levels.moved(state.scopes, at, counts, standing, (was, becomes))
        return stamps

    def _redraw(
        self, state: Agent, changed: tuple[list[Stay], list[Stay]], gone: list[int], come: list[int], now: int
    ) -> list[Stamp]:
        """Change stays and words on the line, and compare it with what it was."""
        time = state.time
        first, last = stays.touched(*changed)
        if gone or (come and not time.steady(come[0], now)):
            differ = sorted((*gone, *come))
            first, last = min(first, differ[0]), max(last, time.after(differ[-1]))
        first, last = max(first, state.horizon), min(last, now)
        trace = time.trace(first, last) if first <= last else []
        time.work(*changed)
        time.hear(gone, come)
        if not trace:
            return []
        return self.levels.stamps(state.scopes, difference(trace, time.trace(first, last)))

    def _advance(self, state: Agent, now: int) -> list[Stamp]:
        """Write what the passing of time has changed, and what other limits of silence change."""
        time, stamps = state.time, []
        if state.upto < 0:
            state.upto = now
        if state.due is not None and state.due <= now:
            stamps = self.levels.stamps(state.scopes, changes(time.trace(state.upto, now)))
        state.upto = max(state.upto, now)
        if time.limits != self.limits:
            before = time.trace(state.horizon, now)
            time.limits = self.limits
            stamps += self.levels.stamps(state.scopes, difference(before, time.trace(state.horizon, now)))
        return stamps

    def elapse(self, state: Agent, now: int) -> Change:
        """Take in that wrap-ups have reached their caps, and that silence has lasted."""
        stamps = self._advance(state, now)
        state.settle(now)
        return Change(added=stamps)

    def due_at(self, state: Agent) -> int | None:
        """When a wrap-up reaches its cap, or silence makes the agent unknown."""
        return state.due

    def keep_until(self, state: Agent) -> int:
        """As long as the longest kept interaction after the last word; 400 days while anything is open."""
        last = max(state.last_at, state.time.words[-1] if state.time.words else 0)
        return last + (self.rules.keep_open_ms if self._open(state) else self.keep_ms)

    def _open(self, state: Agent) -> bool:
        return any(ends == FOREVER for ends, _ in state.busy.values())

    def horizon(self, now: int) -> int:
        """An unknown agent's event from before the longest keep is `expired`."""
        return now - self.keep_ms

    def over(self, state: Agent) -> bool:  # noqa: ARG002 - as Stage has it
        """Never: one who was heard of is heard of again."""
        return False

    def view(self, state: Agent) -> View | None:
        """Presence, and what is open; nothing of one of whom only work was heard that is over."""
        time, upto = state.time, state.upto
        turn = time.turn(upto)
        if turn is None and not state.busy:
            return None
        heard_at = time.words[-1] if time.words else state.last_at
        seen = [(key, _seen(key, part, upto)) for key, (_, part) in state.busy.items()]
        found = [part for _, part in sorted(seen, key=lambda pair: (pair[1].since, pair[0]))]
        if turn is None:
            return AgentRow(None, None, None, None, None, heard_at, None, found, upto)
        return AgentRow(
            turn.presence, turn.reason, turn.since, turn.queues, turn.slots, heard_at, time.unknown_at(upto), found,
            upto,
        )  # fmt: skip

    def outputs(self, state: Agent, time: datetime | None, revision: int) -> list[Output]:  # noqa: ARG002 - as Stage has it
        """Nothing."""
        return []


def _seen(key: str, part: parts.Kept, at: int) -> OpenPart:
    channel, interaction_id, _ = parts.named(key)
    if part.answered_at is None:
        return OpenPart(channel, interaction_id, part.queue, RING, part.rang_at or part.at, None)
    if part.over_at is None or part.over_at > at:
        return OpenPart(channel, interaction_id, part.queue, ON, part.answered_at, part.free_at)
    return OpenPart(channel, interaction_id, part.queue, WRAP_UP, part.over_at, part.free_at)
