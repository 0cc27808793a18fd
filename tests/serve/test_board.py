"""`/events`: the whole board on connect, then what is new; made once for all who watch, whoever is slow or goes."""

from __future__ import annotations

import asyncio
import json
import random
import signal
import socket
from contextlib import AsyncExitStack

import pytest

from stream.core.agents.row import AgentRow
from stream.core.rules import DAY, HOUR, MINUTE, SECOND
from stream.core.sla.known import Known
from stream.core.sla.state import BREACHED, Standing
from stream.serve.board import changes
from stream.serve.board.changes import Board
from tests.serve.programs import serving_program
from tests.serve.shards import cell, cells, merged, pack, total, waiting

AT = 1_772_463_600_000  # Monday, 2026-03-02T15:00:00Z
SUPPORT, CARE = "phone|i|qsupport", "email|i|qcare"
DONE = cell(offered=4, answered=3, in_threshold=2, abandoned=1, wait_ms=36_000, handled=3, handle_ms=600_000)
EARLIER = cell(offered=2, answered=2, in_threshold=2)
REPLIED = cell(offered=2, first_response=3, first_response_in_threshold=3)


async def read(view):
    while not await view.reader.poll():
        pass


@pytest.fixture
async def center(shard, view):
    phone, email, staff, people = (
        shard(), shard("interactions.email"), shard("agents.timeline"), shard("customers.timeline")
    )  # fmt: skip
    for each in (phone, email, staff, people):
        await each.declare(1)
    await phone.commit(
        merged(cells(SUPPORT, AT - MINUTE, DONE), cells(SUPPORT, AT - 50 * MINUTE, EARLIER)) | total(SUPPORT, DONE)
        | waiting("a", SUPPORT, AT - 30 * SECOND, AT + HOUR, None, AT - MINUTE),
        stream_time=AT,
    )  # fmt: skip
    await email.commit(
        cells(CARE, AT - 20 * MINUTE, REPLIED) | total(CARE, REPLIED)
        | waiting("late", CARE, None, None, None, AT - 9 * HOUR, AT - 9 * HOUR, AT - HOUR, True)
        | waiting("next", CARE, None, None, None, AT - 2 * HOUR, AT - 2 * HOUR, AT - HOUR, False),
        stream_time=AT - 5 * MINUTE,
    )  # fmt: skip
    row = AgentRow("available", None, AT - HOUR, ["support"], {"phone": 1}, AT - HOUR, AT + HOUR, [], AT)
    away = AgentRow("not_ready", "lunch", AT - HOUR, ["support"], None, AT - HOUR, AT + HOUR, [], AT)
    await staff.commit({"wada": pack(row), "wbob": pack(away)}, stream_time=AT)
    first = cell(first_contacts=4, resolved_contacts=3)
    old = cell(first_contacts=10, resolved_contacts=6)
    await people.commit(
        merged(cells("phone|i|*", AT - HOUR, first), cells("phone|i|*", AT - 10 * DAY, old)), stream_time=AT
    )
    made = view(clock="event", queues=[{"channel": "phone", "name": "sales"}])
    await read(made)
    made.phone = phone
    return made


class Viewer:
    """Reads server-sent events line by line."""

    def __init__(self, answer):
        self._lines = answer.aiter_lines()

    async def next(self):
        async with asyncio.timeout(30):
            name, data = None, None
            async for line in self._lines:
                if line.startswith("event: "):
                    name = line.removeprefix("event: ")
                elif line.startswith("data: "):
                    data = json.loads(line.removeprefix("data: "))
                elif not line and name:
                    return name, data
        raise AssertionError("the stream has ended")


def event(told):
    """One event as bytes: its name and content."""
    lines = dict(line.split(": ", 1) for line in told.decode().strip().split("\n"))
    return lines["event"], json.loads(lines["data"])


@pytest.fixture
def quick(monkeypatch):
    monkeypatch.setattr(changes, "LEAST_SECONDS", 0.02)
    monkeypatch.setattr(changes, "TIME_SECONDS", 0.02)
    monkeypatch.setattr(changes, "LOOK_SECONDS", 0.005)


async def test_who_connects_gets_the_whole_board(center, serving):
    async with serving(center) as client, client.stream("GET", "/events") as answer:
        assert answer.headers["content-type"].startswith("text/event-stream")
        name, board = await Viewer(answer).next()
    assert name == "board"
    assert (board["at"], board["window"], board["stale"]) == ("2026-03-02T15:00:00.000Z", "30m", [])
    assert board["input_age_seconds"]["interactions.email"] == 300
    assert board["input_age_seconds"]["interactions.video"] is None
    assert {each["presence"]: each["count"] for each in board["agents"]["by"]} == {"available": 1, "not_ready": 1}
    assert board["agents"]["not_ready"] == {"other": 1}
    phone = next(each for each in board["channels"] if each["channel"] == "phone")
    assert {name: phone["fcr"]["provisional"][name] for name in ("window", "first_contacts", "ratio")} == {
        "window": "today", "first_contacts": 4, "ratio": 0.75,
    }  # fmt: skip
    assert (phone["fcr"]["matured"]["window"], phone["fcr"]["matured"]["ratio"]) == ("7d", 0.6)
    care, sales, support = board["queues"]
    assert (care["queue"], sales["queue"], support["queue"]) == ("care", "sales", "support")
    assert {name: value for name, value in support.items() if name not in ("agents", "sparks")} == {
        "channel": "phone", "queue": "support", "open": True, "next_change_at": None,
        "state": None, "state_since_at": None, "muted_until_at": None, "acknowledged_by": None,
        "waiting": 1, "waiting_past_threshold": 1, "longest_since_at": "2026-03-02T14:59:30.000Z",
        "threads_waiting": 0, "threads_past_due": 0, "interactions_open": 1, "threshold_ms": 20_000, "target": 0.8,
        "figure": "service_level_live", "level": 0.4, "numerator": 2, "denominator": 5,
        "offered": 4, "answered": 3, "abandoned": 1, "handled": 3,
        "asa_seconds": 12.0, "aht_seconds": 200.0, "abandonment": 0.25,
        "slots": {"used": 0, "free": 1}, "forecast": None,
    }  # fmt: skip
    assert (support["agents"]["staffed"], support["agents"]["available"], support["agents"]["not_ready"]) == (2, 1, 1)
    assert support["sparks"] == {"level": [None, 1.0, *[None] * 8, 0.5, None], "offered": [0, 2, *[0] * 8, 4, 0]}
    assert (care["figure"], care["numerator"], care["denominator"]) == ("response_level", 3, 4)
    assert (care["threads_waiting"], care["threads_past_due"]) == (2, 2)
    assert care["longest_since_at"] == "2026-03-02T06:00:00.000Z"
    assert (sales["level"], sales["offered"], sales["longest_since_at"]) == (None, 0, None)


async def test_then_only_what_is_new_is_told(center, quick):
    watching = Board(center).watch()
    name, _ = event((await anext(watching)).removeprefix(b"retry: 2000\n"))
    assert name == "board"
    await center.phone.commit(waiting("b", SUPPORT, AT - SECOND, AT + HOUR), stream_time=AT)
    await read(center)
    name, change = event(await anext(watching))
    assert (name, change.keys()) == ("change", {"at", "version", "input_age_seconds", "queues"})
    assert [(row["queue"], row["waiting"]) for row in change["queues"]] == [("support", 2)]
    center.sla.show({("phone", "sales"): Known(standing=Standing(state=BREACHED, since=AT))}, [])
    _, change = event(await anext(watching))
    assert [(row["queue"], row["state"], row["state_since_at"]) for row in change["queues"]] == [
        ("sales", "breached", "2026-03-02T15:00:00.000Z")
    ]
    center.snapshot.forget(next(shard for shard in center.snapshot.shards if "email" in shard.topic))
    _, change = event(await anext(watching))
    assert (change["gone"], "queues" in change) == ([["email", "care"]], False)
    await watching.aclose()


async def test_what_is_told_adds_up_to_the_whole(center):
    rng, board, now = random.Random(7), Board(center), [AT]
    center._clock, center.now = lambda: now[0], lambda: now[0]
    await board.look(board._version())
    _, kept = event(board._board().removeprefix(b"retry: 2000\n"))
    kept["queues"] = {(row["channel"], row["queue"]): row for row in kept["queues"]}
    for n in range(40):
        now[0] += rng.randrange(20 * SECOND)
        match rng.randrange(4):
            case 0:
                scope = f"phone|i|q{rng.choice('abc')}"
                await center.phone.commit(
                    total(scope, DONE) | cells(scope, now[0], DONE) | waiting(f"n{n}", scope, now[0], None),
                    stream_time=AT,
                )
            case 1:
                state = Standing(state=rng.randrange(4), since=now[0])
                center.sla.show({("phone", rng.choice("abc")): Known(standing=state)}, [])
            case 2:
                for shard in [each for each in center.snapshot.shards if "phone" in each.topic]:
                    center.snapshot.forget(shard)
                    center.reader._cursors.clear()
        await read(center)
        if await board.look(board._version()):
            _, change = event(board._told[-1])
            for queue in change.pop("gone", ()):
                del kept["queues"][tuple(queue)]
            kept["queues"].update({(row["channel"], row["queue"]): row for row in change.pop("queues", ())})
            kept.update(change)
            _, whole = event(board._board().removeprefix(b"retry: 2000\n"))
            whole["queues"] = {(row["channel"], row["queue"]): row for row in whole["queues"]}
            assert kept == whole
            fresh = Board(center)
            await fresh.look(fresh._version())
            _, anew = event(fresh._board().removeprefix(b"retry: 2000\n"))
            assert {(row["channel"], row["queue"]): row for row in anew["queues"]} == whole["queues"]


async def test_time_alone_changes_what_it_changes(shard, view, quick):
    now = [AT]
    made = view(clock="wall")
    made._clock = lambda: now[0]
    phone = shard()
    await phone.declare(1)
    await phone.commit(
        total(SUPPORT, DONE) | waiting("a", SUPPORT, AT, AT + HOUR, None, AT), stream_time=AT
    )  # fmt: skip
    await read(made)
    watching = Board(made).watch()
    _, board = event((await anext(watching)).removeprefix(b"retry: 2000\n"))
    assert board["queues"][0]["waiting_past_threshold"] == 0
    now[0] += 21 * SECOND
    _, change = event(await anext(watching))
    assert change["queues"][0]["waiting_past_threshold"] == 1
    await watching.aclose()


async def test_the_board_is_made_once_for_all_and_not_at_all_for_nobody(center, quick, monkeypatch):
    board, looks = Board(center), []
    look = Board.look

    async def counted(self, version):
        looks.append(version)
        return await look(self, version)

    monkeypatch.setattr(Board, "look", counted)
    viewers = [board.watch() for _ in range(50)]
    whole = await asyncio.gather(*(anext(each) for each in viewers))
    assert all(each is whole[0] for each in whole)
    await center.phone.commit(waiting("b", SUPPORT, AT - SECOND, AT + HOUR), stream_time=AT)
    await read(center)
    told = await asyncio.gather(*(anext(each) for each in viewers))
    assert all(each is told[0] for each in told)
    for each in viewers:
        await each.aclose()
    until = len(looks)
    await asyncio.sleep(0.1)
    assert len(looks) == until
    assert board._task is None


async def test_who_is_slow_gets_the_board_anew_and_nothing_is_kept_for_them(center, quick):
    board = Board(center)
    slow, fast = board.watch(), board.watch()
    await anext(slow)
    await anext(fast)
    for n in range(changes.REMEMBERED + 2):
        await center.phone.commit(waiting(f"n{n}", SUPPORT, AT - SECOND, AT + HOUR), stream_time=AT)
        await read(center)
        assert event(await anext(fast))[0] == "change"
    assert len(board._told) == changes.REMEMBERED
    name, whole = event((await anext(slow)).removeprefix(b"retry: 2000\n"))
    assert (name, whole["queues"][-1]["waiting"]) == ("board", changes.REMEMBERED + 3)
    await center.phone.commit(waiting("last", SUPPORT, AT - SECOND, AT + HOUR), stream_time=AT)
    await read(center)
    assert event(await anext(slow)) == event(await anext(fast))
    await slow.aclose()
    await fast.aclose()


async def test_before_the_shards_are_read_the_board_is_empty_and_says_why(view, shard, quick):
    made = view()
    watching = Board(made).watch()
    _, board = event((await anext(watching)).removeprefix(b"retry: 2000\n"))
    assert (board["queues"], board["stale"]) == ([], ["store"])
    phone = shard()
    await phone.declare(1)
    await phone.commit(total(SUPPORT, DONE), stream_time=AT)
    await read(made)
    change = {}
    while "queues" not in change:  # a busy machine may have time for a beat before
        _, change = event(await anext(watching))
    assert ([row["queue"] for row in change["queues"]], change["stale"]) == (["support"], [])
    await watching.aclose()


async def test_a_parameter_is_refused_and_head_ends(center, serving):
    async with serving(center) as client:
        assert (await client.get("/events?window=1h")).json()["parameter"] == "window"
        assert (await client.head("/events")).headers["content-type"].startswith("text/event-stream")


async def test_the_service_ends_at_once_with_viewers_connected(center, redis_server, key_prefix, tmp_path):
    async with (
        serving_program(redis_server, key_prefix, tmp_path) as (process, client),
        client.stream("GET", "/events") as one,
        client.stream("GET", "/events") as other,
    ):
        viewers = [Viewer(one), Viewer(other)]
        assert [(await each.next())[0] for each in viewers] == ["board", "board"]
        process.send_signal(signal.SIGTERM)
        async with asyncio.timeout(30):
            said, _ = await process.communicate()
    assert process.returncode == 0
    lines = said.decode().splitlines()
    assert [json.loads(line)["level"] for line in lines] == ["warning"] * len(lines), lines
    assert sum("kafka is away" in line for line in lines) == 1


async def test_the_service_ends_though_a_viewer_never_reads(center, redis_server, key_prefix, tmp_path):
    async with serving_program(redis_server, key_prefix, tmp_path) as (process, client):
        stuck = socket.create_connection((client.base_url.host, client.base_url.port))
        for _ in range(40):  # pipelined, so that what one socket takes in is not all of it
            stuck.sendall(b"GET /api/v1/queues HTTP/1.1\r\nHost: service\r\n\r\n")
        stuck.sendall(b"GET /events HTTP/1.1\r\nHost: service\r\n\r\n")
        async with client.stream("GET", "/events") as answer:
            assert (await Viewer(answer).next())[0] == "board"
            process.send_signal(signal.SIGTERM)
            async with asyncio.timeout(30):
                await process.communicate()
        stuck.close()
    assert process.returncode == 0


async def test_who_goes_is_forgotten(center, serving, monkeypatch):
    boards = []
    monkeypatch.setattr("stream.serve.board.events.Board", lambda view: boards.append(Board(view)) or boards[0])
    async with serving(center) as client:
        async with client.stream("GET", "/events") as answer:
            assert (await Viewer(answer).next())[0] == "board"
            assert (boards[0]._viewers, boards[0]._task is None) == (1, False)
        async with asyncio.timeout(30):
            while boards[0]._task is not None:
                await asyncio.sleep(0.01)
        assert boards[0]._viewers == 0


async def test_who_came_first_may_go_and_the_others_go_on(center, serving):
    async with serving(center) as client, AsyncExitStack() as leaving:
        first = Viewer(await leaving.enter_async_context(client.stream("GET", "/events")))
        assert (await first.next())[0] == "board"
        other = Viewer(await client.send(client.build_request("GET", "/events"), stream=True))
        assert (await other.next())[0] == "board"
        await leaving.aclose()
        await center.phone.commit(waiting("b", SUPPORT, AT - SECOND, AT + HOUR), stream_time=AT)
        await read(center)
        assert (await other.next())[1]["queues"][0]["waiting"] == 2


async def test_no_viewer_ever_sees_less_than_before(center, monkeypatch):
    monkeypatch.setattr(changes, "LEAST_SECONDS", 0)
    monkeypatch.setattr(changes, "LOOK_SECONDS", 0)
    monkeypatch.setattr(changes, "SHARE", 1)
    monkeypatch.setattr(changes, "_PIECE_SECONDS", 0)
    board, last = Board(center), 60

    async def write():
        for n in range(2, last + 1):
            await center.phone.commit(waiting(f"n{n}", SUPPORT, AT - SECOND, AT + HOUR), stream_time=AT)
            await read(center)

    async def watch():
        found, version = 0, 0
        async for told in board.watch():
            _, message = event(told.removeprefix(b"retry: 2000\n"))
            assert message["version"] >= version
            version = message["version"]
            for row in message.get("queues", ()):
                if row["queue"] == "support":
                    assert row["waiting"] >= found
                    found = row["waiting"]
            if found == last:
                return

    async with asyncio.timeout(60):
        await asyncio.gather(write(), *(watch() for _ in range(5)))
