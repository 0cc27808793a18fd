"""Rows of figures by agent or by team: counted work and time. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any

from schemas.events import CHANNELS
from stream.core.figures import agents as agent_figures
from stream.core.figures import common as figures
from stream.core.figures import outcomes
from stream.core.figures.customer_row import survey_row
from stream.core.figures.row import fcr
from stream.core.measures import CODES, DECLINE_CODES, LEVELS, Cell, add
from stream.core.rules import Rules
from stream.core.scope import ALL, agent_scope, place
from stream.core.times.window import Window
from stream.serve.kpis import DIRECTIONS, Direction, Spans
from stream.serve.staffing import Staffing
from stream.state.snapshot import Snapshot

BY = ("channel", "agent", "team")
Teams = Mapping[str, list[str]]
Labels = tuple[str | None, ...]

_MEASURES = (
    "handled", "talk_ms", "hold_ms", "wrap_up_ms", "handle_ms", "declined", "transferred", "held", "resolved_known",
    "resolved",
)  # fmt: skip
_FIGURES = (figures.aht_seconds, figures.transfer_rate, figures.hold_rate, outcomes.resolution_rate)
_KEYS = {"sessions": "session_ms"}


def rows(
    snapshot: Snapshot,
    rules: Rules,
    teams: Teams,
    window: Window,
    by: tuple[str, ...],
    at_ms: int,
    direction: Direction,
    now_ms: int,
) -> list[dict[str, Any]]:
    """One row per agent or team, and channel (`by`: any of BY, agent or team among them), that has anything to show.

    Who is in no team has the team None; who is in several counts in each. Time knows no direction; on one channel
    there is none of `staffed_ms` and `not_ready_ms`, and none at all on email and social. Raises NotKept.
    """
    staffing = Staffing(snapshot, rules, window, at_ms, now_ms)
    matured = Spans(window, at_ms, rules, snapshot.stream_time).matured
    cells: dict[Labels, Cell] = {}
    moved: dict[Labels, Cell] = {}
    spent: dict[Labels, Counter[str]] = {}
    channels = CHANNELS if "channel" in by else (ALL,)
    for agent_id in _agents(snapshot):
        for channel in channels:
            cell: Cell = {}
            earlier: Cell = {}
            for of in CHANNELS if channel == ALL else (channel,):
                for scope in (agent_scope(of, way == "i", agent_id) for way in DIRECTIONS[direction]):
                    add(cell, snapshot.cell(scope, staffing.span, rules.zone))
                    if matured is not None:
                        add(earlier, snapshot.cell(scope, matured, rules.zone))
            timed = channel == ALL or channel in staffing.levels.lanes
            times = staffing.of(channel, agent_id) if timed else {}
            for team in _teams_of(teams, agent_id) if "team" in by else (None,):
                labels = tuple({"channel": channel, "agent": agent_id, "team": team}[label] for label in by)
                add(cells.setdefault(labels, {}), cell)
                add(moved.setdefault(labels, {}), earlier)
                spent.setdefault(labels, Counter()).update(times)
    answer = []
    for labels in sorted(cells, key=lambda labels: tuple(label or "" for label in labels)):
        named = dict(zip(by, labels, strict=True))
        if cells[labels] or any(spent[labels].values()):
            row = named | _row(cells[labels]) | _times(spent[labels], named.get("channel"), staffing)
            row["fcr"] = {"provisional": _fcr(cells[labels]), "matured": _fcr(moved[labels]) if matured else None}
            answer.append(row | {"customers": survey_row(cells[labels])})
    return answer


def _agents(snapshot: Snapshot) -> list[str]:
    """All agents who have ever counted anything, or are there."""
    found = {at.agent for at in map(place, snapshot.scopes()) if at.agent is not None}
    return sorted(found | snapshot.agents.keys())


def _teams_of(teams: Teams, agent_id: str) -> Iterator[str | None]:
    found = [team for team, members in teams.items() if agent_id in members]
    yield from found
    if not found:
        yield None


def _row(cell: Cell) -> dict[str, Any]:
    row: dict[str, Any] = {name: cell.get(CODES[name], 0) for name in _MEASURES}
    row["declined_by"] = {result: cell[code] for result, code in DECLINE_CODES.items() if result and code in cell}
    return row | {figure.__name__: figure(cell) for figure in _FIGURES}


def _fcr(cell: Cell) -> dict[str, int | float | None]:
    """Of contacts whose last agent it was; whose customer nobody knows is told by channel alone."""
    return {key: value for key, value in fcr(cell).items() if key != "unidentified"}


def _times(spent: Counter[str], channel: str | None, staffing: Staffing) -> dict[str, Any]:
    """The keys of time: None where a channel has no such time."""
    whole = ("sessions", "engaged", "idle") if channel in staffing.levels.lanes else ()
    told = LEVELS if channel is None else whole
    row: dict[str, Any] = {_KEYS.get(name, f"{name}_ms"): spent[name] if name in told else None for name in LEVELS}
    row["occupancy"] = agent_figures.occupancy(spent) if told else None
    row["concurrency"] = agent_figures.concurrency(spent) if told else None
    return row
