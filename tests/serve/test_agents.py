"""Agents over HTTP: live state, rows by agent and team, metrics; also what no worker has written yet."""

from __future__ import annotations

import gc
from itertools import pairwise
from typing import Any

import pytest

from stream.core.agents.row import AgentRow
from stream.core.rules import MINUTE
from stream.core.scope import time_scope
from stream.core.times.window import RINGS, window
from stream.serve.agents_live import rows
from stream.serve.staffing import Staffing
from stream.state.snapshot import ShardId, Snapshot
from tests.core.agent_words import Books, beat, clock, part, told
from tests.core.test_agent_laws import END, RULES, Recount, history

PREFIX = "agents.timeline"


def snapshot_of(books: Books) -> Snapshot:
    snapshot = Snapshot()
    shard = ShardId(PREFIX, 0)
    snapshot.replace(shard, fields(books))
    snapshot.progress(shard, 1, books.ledger.stream_time, {})
    return snapshot


def fields(books: Books) -> dict[bytes, bytes]:
    return {
        name.encode(): value if isinstance(value, bytes) else str(value).encode()
        for name, value in books.shard.fields.items()
        if not name.startswith("ch")
    }


def afternoon() -> Books:
    """Anna is in wrap-up after a call, bert in a chat while not ready, carl has been silent, dora is gone."""
    books = Books()
    for name, queues, slots in (
        ("anna", ["support", "sales"], {"phone": 1}), ("bert", ["support"], {"chat": 3}), ("carl", None, None),
        ("dora", ["sales"], {"phone": 1}),
    ):  # fmt: skip
        books.take(told(name, clock("14:00"), "available", queues=queues, slots=slots))
    books.take(beat("carl", clock("14:10")), told("dora", clock("14:20"), "logged_out", reason="shift over"))
    work = {"talk_ms": 480_000, "wrap_up_ms": 0, "handle_ms": 480_000}
    books.take(
        part("anna", "p1", 0, clock("14:40"), queue="support", rang_at=clock("14:31"), answered_at=clock("14:32"),
             over_at=clock("14:40"), free_at=clock("15:10"), **work),
        part("bert", "c1", 0, clock("14:30"), channel="chat", queue="support", answered_at=clock("14:30")),
        told("bert", clock("14:35"), "not_ready", reason="lunch"),
        part("dora", "p2", 0, clock("14:11"), queue="sales", rang_at=clock("14:10"), rang_until=clock("14:11"),
             declined=True, result="no_answer"),
    )  # fmt: skip
    return books.take(told("tick", clock("14:41"), "logged_out", name="tick"))


def test_what_an_agent_was_is_not_remembered():
    books = afternoon()
    snapshot = snapshot_of(books)
    for minute in range(100):
        at = clock("14:42") + minute * MINUTE
        books.take(beat("bert", at, "not_ready", reason="lunch"))
        snapshot.feed(ShardId(PREFIX, 0), [], fields(books).items())
        assert rows(snapshot, at)["bert"].heard_at == at
    assert sum(isinstance(each, AgentRow) for each in gc.get_objects()) < 50


@pytest.fixture
async def served(shard, view, browse):
    """The afternoon at any instant, read by a service."""

    async def at(text: str, **settings: Any):
        one = shard(PREFIX)
        await one.declare(1)
        books = afternoon()
        written = {name.decode(): value for name, value in fields(books).items()}
        await one.commit(written, stream_time=books.ledger.stream_time)
        chosen = view(now=clock(text), **settings)
        for _ in range(100):
            if await chosen.reader.poll():
                return browse(chosen)
        raise AssertionError("never complete")

    return at


async def test_agents_are_shown_as_they_are_now(served):
    client = await served("14:41", teams={"first": ["anna", "bert"]})
    found = {agent["agent"]: agent for agent in (await client.get("/api/v1/agents")).json()}
    seen = {name: (agent["presence"], agent["activity"], agent["reason"]) for name, agent in found.items()}
    assert seen == {
        "anna": ("available", "wrap_up", None), "bert": ("not_ready", "on_interaction", "lunch"),
        "carl": ("unknown", "none", None), "dora": ("logged_out", "none", "shift over"),
        "tick": ("logged_out", "none", None),
    }  # fmt: skip
    assert found["carl"]["since_at"] == "2026-03-02T14:20:00.000Z"
    assert found["anna"]["interactions"] == [
        {"channel": "phone", "interaction_id": "p1", "queue": "support", "activity": "wrap_up",
         "since_at": "2026-03-02T14:40:00.000Z", "until_at": "2026-03-02T15:10:00.000Z"}
    ]  # fmt: skip
    assert found["anna"]["slots"] == {"phone": {"slots": 1, "used": 1, "free": 0}}
    assert found["bert"]["slots"] == {"chat": {"slots": 3, "used": 1, "free": 0}}, "not ready, and still in a chat"
    assert [agent["agent"] for agent in (await client.get("/api/v1/agents?queue=sales")).json()] == ["anna", "dora"]
    assert [agent["agent"] for agent in (await client.get("/api/v1/agents?team=first")).json()] == ["anna", "bert"]
    assert (await client.get("/api/v1/agents?agent=anna")).status_code == 400


@pytest.mark.parametrize(("asked", "known"), [("queue=suport", "sales, support"), ("team=frist", "first")])
async def test_a_queue_or_team_that_nobody_knows_is_no_empty_answer(served, asked, known):
    client = await served("14:41", teams={"first": ["anna"]})
    answer = await client.get(f"/api/v1/agents?{asked}")
    assert (answer.status_code, answer.json()["parameter"]) == (400, asked.partition("=")[0])
    assert known in answer.json()["hint"]


async def test_a_queue_that_is_configured_but_nobody_serves_has_no_agents(served):
    client = await served("14:41", queues=[{"channel": "phone", "name": "new"}], teams={"empty": []})
    assert (await client.get("/api/v1/agents?queue=new")).json() == []
    assert (await client.get("/api/v1/agents?team=empty")).json() == []


async def test_what_time_ends_is_over_at_its_instant_though_nobody_wrote_it(served):
    client = await served("15:20")
    found = {agent["agent"]: agent for agent in (await client.get("/api/v1/agents")).json()}
    assert (found["anna"]["activity"], found["anna"]["interactions"]) == ("available", [])
    rows = {row["agent"]: row for row in (await client.get("/api/v1/kpis?by=agent&window=1h")).json()}
    # the window of 15:20 begins at 14:20:10 and lasts to the present
    anna = rows["anna"]
    assert (anna["engaged_ms"], anna["idle_ms"]) == (38 * 60_000, (650 + 600) * 1000)
    assert rows["bert"]["engaged_ms"] == rows["bert"]["session_ms"] == 50 * 60_000
    assert "carl" not in rows, "unknown from 14:20 on"


async def test_rows_by_agent_and_team_have_work_and_time(served):
    client = await served("14:50", teams={"first": ["anna", "bert"], "voice": ["anna", "dora"]})
    rows = {row["agent"]: row for row in (await client.get("/api/v1/kpis?by=agent&window=1h")).json()}
    anna = rows["anna"]
    assert (anna["handled"], anna["handle_ms"], anna["aht_seconds"]) == (1, 480_000, 480.0)
    assert (rows["dora"]["declined"], rows["dora"]["declined_by"]) == (1, {"no_answer": 1})
    assert (anna["engaged_ms"], anna["idle_ms"]) == (18 * 60_000, 31 * 60_000)
    assert anna["occupancy"] == 18 / 49
    teams = {row["team"]: row for row in (await client.get("/api/v1/kpis?by=team&window=1h")).json()}
    assert set(teams) == {"first", "voice", None}
    assert teams["voice"]["staffed_ms"] == anna["staffed_ms"] + rows["dora"]["staffed_ms"]
    assert teams[None]["idle_ms"] == rows["carl"]["idle_ms"] == 20 * 60_000
    split = (await client.get("/api/v1/kpis?by=agent,channel&window=1h")).json()
    by_channel = {(row["agent"], row["channel"]): row for row in split}
    assert by_channel["anna", "phone"]["engaged_ms"] == 18 * 60_000
    assert by_channel["anna", "phone"]["staffed_ms"] is None
    assert ("anna", "chat") not in by_channel
    answer = await client.get("/api/v1/kpis?by=agent,queue")
    assert (answer.status_code, answer.json()["parameter"]) == (400, "by")


async def test_metrics_count_agents_by_activity_queue_and_slot(served):
    queues = [{"channel": "phone", "name": "support"}, {"channel": "chat", "name": "support"}]
    client = await served("14:41", queues=queues, not_ready_reasons=["lunch"], windows=["1h"])
    lines = (await client.get("/metrics")).text.splitlines()
    values = dict(line.rsplit(" ", 1) for line in lines if not line.startswith("#"))
    assert values['contact_center_agents{activity="wrap_up",presence="available"}'] == "1.0"
    assert values['contact_center_agents{activity="on_interaction",presence="not_ready"}'] == "1.0"
    assert values['contact_center_agents_not_ready{reason="lunch"}'] == "1.0"
    states = {
        (channel, state): values[f'contact_center_queue_agents{{channel="{channel}",queue="support",state="{state}"}}']
        for channel in ("phone", "chat")
        for state in ("staffed", "available", "on_interaction", "wrap_up")
    }
    assert {key for key, n in states.items() if n == "1.0"} == {
        ("phone", "staffed"), ("phone", "wrap_up"), ("chat", "staffed"), ("chat", "on_interaction"),
    }  # fmt: skip
    assert values['contact_center_queue_slots{channel="phone",queue="support",state="used"}'] == "1.0"
    # by 14:41 anna 9 min engaged and 31 idle, bert 11 engaged and 30 idle, carl 20 idle, dora 19 idle
    assert float(values['contact_center_occupancy_ratio{channel="",window="1h"}']) == 20 / 120
    assert float(values['contact_center_concurrency{channel="chat",window="1h"}']) == 1.0


@pytest.mark.parametrize("seed", range(8))
@pytest.mark.parametrize(("name", "ago"), [("5m", 0), ("1h", 0), ("1h", 37), ("24h", 0), ("today", 100), ("2d", 0)])
def test_times_are_those_of_a_naive_recount_however_far_the_workers_are_behind(seed: int, name: str, ago: int) -> None:
    events = sorted(history(seed, hours=29), key=lambda event: event.at)
    books = Books(RULES).take(*events)
    at = END - ago * MINUTE
    staffing = Staffing(snapshot_of(books), RULES, window(name), at, END)
    first = staffing.span.first * 1000
    last = min(staffing.span.last * 1000 + RINGS[staffing.span.ring].size_ms, END)
    everybody: dict[tuple[str, str], int] = {}
    for agent in sorted({event.data.agent_id for event in events}):
        recount = Recount(agent, events)
        edges = sorted({first, last} | {edge for edge in recount.edges() if first < edge < last})
        sums: dict[tuple[str, str], int] = {}
        for begin, end in pairwise(edges):
            for key, n in recount.levels(begin).items():
                sums[key] = sums.get(key, 0) + n * (end - begin)
        for (channel, level), ms in sums.items():
            everybody[channel, level] = everybody.get((channel, level), 0) + ms
            if level != "sessions":
                assert staffing.of(channel, agent).get(level, 0) == ms, (agent, channel, level)
        assert staffing.of("*", agent)["sessions"] == sum(ms for (_, level), ms in sums.items() if level == "sessions")
    for (channel, level), ms in everybody.items():
        assert staffing.of(channel, None).get(level, 0) == ms, time_scope(channel, None)
