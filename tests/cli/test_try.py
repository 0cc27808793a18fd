"""A history of one's own, counted in one command: what is printed is what the file says, worked out by hand."""

from __future__ import annotations

import asyncio
import json
import os
import re
import signal
import subprocess
import sys
import time
import urllib.request
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import msgspec
import pytest
from rich.console import Console

from schemas.rejected import Rejected, Skipped
from schemas.sources.conversion import Sending
from stream.child import free_port
from stream.cli import try_report, try_spool
from stream.cli.problem import Problem
from stream.cli.try_answers import Answers, covering
from stream.cli.try_life import Life, Wanted
from stream.cli.try_reading import MORE, Tally
from stream.cli.try_report import Report
from stream.cli.try_settled import progress
from stream.cli.try_spool import Record, Spool
from stream.core.figures.service_level import VARIANTS
from stream.core.rules import DAY, Rules
from stream.embedded import EmbeddedBroker, EmbeddedStore
from stream.state.snapshot import ShardId
from tests.cli.conftest import ROOT, Run, environment

EXAMPLES = ROOT / "schemas" / "examples"
NONE = "\N{EN DASH}"
LEVELS = "Service level"
CONTACTS = "First-contact resolution"


def cells(printed: str, chapter: str, label: str) -> list[str]:
    """The cells of a row: the first one after a chapter's title whose label that is."""
    after = printed[printed.index(chapter) :]
    line = next(line for line in after.splitlines() if line.startswith(f"{label} "))
    return re.sub(r"(\d) s\b", r"\1s", line.removeprefix(label)).split()


T0 = 1_267_624_800  # 2010-03-03 14:00 UTC
WEEKS = 20 * 86_400
QUEUE_LOG = [
    (T0, "A", "NONE", "ENTERQUEUE||0612345601|1"),
    (T0 + 10, "A", "Agent/ada", "CONNECT|10|1.1|2"),
    (T0 + 70, "A", "Agent/ada", "COMPLETECALLER|10|60|1"),
    (T0 + 100, "B", "NONE", "ENTERQUEUE||0612345602|1"),
    (T0 + 110, "D", "NONE", "ENTERQUEUE||0612345604|2"),
    (T0 + 113, "D", "NONE", "ABANDON|2|2|3"),
    (T0 + 130, "B", "Agent/ada", "CONNECT|30|1.2|2"),
    (T0 + 250, "B", "Agent/ada", "COMPLETEAGENT|30|120|1"),
    (T0 + 300, "E", "NONE", "ENTERQUEUE||0612345605|1"),
    (T0 + 310, "F", "NONE", "ENTERQUEUE||0612345606|2"),
    (T0 + 360, "E", "NONE", "ABANDON|1|1|60"),
    (T0 + 400, "F", "NONE", "EXITWITHTIMEOUT|1|2|90"),
    (T0 + 401, "F", "NONE", "SURVEY|5"),
    (T0 + 172_800, "C", "NONE", "ENTERQUEUE||0612345602|1"),
    (T0 + 172_805, "C", "Agent/ada", "CONNECT|5|1.3|2"),
    (T0 + 172_850, "C", "Agent/ada", "COMPLETECALLER|5|45|1"),
    (T0 + WEEKS, "G", "NONE", "ENTERQUEUE||0612345607|1"),
    (T0 + WEEKS + 15, "G", "Agent/ada", "CONNECT|15|1.4|2"),
    (T0 + WEEKS + 45, "G", "Agent/ada", "COMPLETECALLER|15|30|1"),
]
"""Seven calls of 2010. Waits of the answered: A 10 s, B 30 s (past the threshold of 20), C 5 s, G 15 s; talks 60, 120,
45 and 30 s. D leaves after 3 s, E after 60; F is put out after 90. C is B again, two days later."""


@pytest.mark.parametrize("newest_first", [False, True], ids=["as it was written", "newest first"])
def test_a_queue_log_of_years_ago_comes_to_what_it_says(
    run: Run, kfake: EmbeddedBroker, valkey: EmbeddedStore, tmp_path: Path, newest_first
):
    lines = [f"{at}|{T0}.{call}|support|{agent}|{rest}\n" for at, call, agent, rest in QUEUE_LOG]
    (tmp_path / "queue_log").write_text("".join(reversed(lines) if newest_first else lines))
    ended = run("try", "queue_log", "--no-wait", "--port", "0", TMPDIR=str(tmp_path))
    assert ended.returncode == 0, ended.stderr
    told = ended.stdout
    assert "lines of a queue_log" in ended.stderr
    assert "2010-03-03 14:00 to 2010-03-23 14:00 (UTC), 20 days" in told
    assert "19 payloads gave" in told
    assert "all of the file (window 30d)" in told
    # offered, answered, abandoned, flowed out, timed out, waiting, ASA 60 / 4, p95, (2 - 1) / (4 + 2 - 1), handled
    row = cells(told, "Counted", "phone support")
    assert row[:7] == ["7", "4", "2", "1", "0", "0", "15s"]
    assert row[8:] == ["20%", "4", "0", "1:04"]  # AHT 255 / 4
    assert 29.4 <= float(row[7].removesuffix("s")) <= 30.6
    # 3/4, 3/6, (3 + 1)/6, 3/(6 - 1), (3 + 1)/6, 3/(6 - 1), 3/7, 3/(6 - 1 + 1)
    levels = ["75%", "50%", "66.7%", "60%", "66.7%", "60%*", "42.9%", "50%"]
    assert cells(told, LEVELS, "phone support") == ["20s", *levels]
    # first contacts A, B, G, of which B is repeated; of A and B the week is over
    assert cells(told, CONTACTS, "phone") == ["3", "1", "66.7%", "2", "50%", "0"]
    assert cells(told, CONTACTS, "all of them") == ["3", "1", "66.7%", "2", "50%", "0"]
    assert "known customers: 6; of them on several channels: 0" in told
    place = "queue_log:7" if newest_first else "queue_log:13"
    assert re.search(rf"unknown kind: SURVEY +1 +{place}\b", told)
    assert re.search(r"^wrap-up +.*wrap_up_ms", told, re.MULTILINE)
    assert "http://" not in told
    assert not [each.name for each in tmp_path.iterdir() if each.name != "queue_log"]


def test_a_json_platforms_day_is_told_with_the_settings_of_this_folder(
    run: Run, kfake: EmbeddedBroker, valkey: EmbeddedStore, tmp_path: Path
):
    ours = "5a000000-0000-4000-8000-00000000000"
    (tmp_path / "centralino.toml").write_text(
        f'zone = "Europe/Rome"\n[sources.amazon_connect]\nqueues = {{ "{ours}1" = "support", "{ours}2" = "sales" }}\n'
        '[sources.amazon_connect.questions.csat_score]\nsurvey = "csat"\n'
        '[[queues]]\nchannel = "phone"\nname = "support"\nthreshold_seconds = 12\nservice_level_variant = "strict"\n'
    )
    life_cycle = EXAMPLES / "sources.amazon_connect" / "life_cycle.jsonl"
    ended = run(
        "try", life_cycle, "--no-wait", "--port", "0", "--data", "kept",
        CENTRALINO_REDIS_PASSWORD="of-another-redis", CENTRALINO_APPLY_TOPICS="false",
    )  # fmt: skip
    assert ended.returncode == 0, ended.stderr
    told = ended.stdout
    assert "2026-03-10 10:00 to" in told
    assert "(Europe/Rome)" in told
    # waits 15.25, 10.5, 5, 8, 26 s; handles 339.25, 270, 216, 330, 140.1 s; one left after 8 s; three flowed out
    row = cells(told, "Counted", "phone support")
    assert row[:6] == ["9", "5", "1", "3", "0", "0"]
    assert row[6] in {"12.9s", "13s"}
    assert row[8:] == ["16.7%", "5", "1", "4:19"]
    # 3/5, 3/6, (3 + 1)/6, 3/(6 - 1), 3/6, 3/6, 3/9, 3/(6 + overflow + other)
    levels = ["60%", "50%", "66.7%", "60%", "50%", "50%", "33.3%", "37.5%*"]
    assert cells(told, LEVELS, "phone support") == ["12s", *levels]
    assert cells(told, LEVELS, "phone sales") == ["20s", *["50%"] * 5, "50%*", "50%", "50%"]
    assert cells(told, "Responses", "chat support") == ["1:00", "1", "1", "100%", "55s", "0"]
    assert cells(told, "Responses", "email support") == ["8:00:00", "0", "0", NONE, NONE, "1"]
    assert cells(told, CONTACTS, "email") == ["0", "0", NONE, NONE, NONE, "1"]
    assert "CSAT 100%, mean 5.00 of 5 (answers: 1)" in told
    assert "what was counted is in kept" in ended.stderr
    assert (tmp_path / "kept" / "worker.log").exists()


def test_a_platform_that_tells_no_messages_is_not_shown_as_one_that_nobody_answers(
    run: Run, kfake: EmbeddedBroker, valkey: EmbeddedStore
):
    told = run("try", EXAMPLES / "sources.genesys" / "life_cycle.jsonl", "--no-wait", "--port", "0").stdout
    assert "email 1856a79e" in told
    assert "Responses" not in told
    assert "abandon rate: of answered and abandoned" in told


CALLS = """Call;Skill;Caller;Agent;Start;Wait;End;After;Result
4711;support;+39 06 1234567;anna;02/03/2026 09:00:00;12;02/03/2026 09:05:42;20;ANSWERED
4712;support;+39 333 5550102;;02/03/2026 09:01:00;95;02/03/2026 09:02:35;;ABANDONED
4713;support;anonymous;marco;02/03/2026 09:03:00;25;02/03/2026 09:08:25;0;ANSWERED
4714;sales;+39 02 7654321;;02/03/2026 09:04:10;60;02/03/2026 09:05:10;;TIMEOUT
4715;sales;+44 20 7946 0000;anna;02/03/2026 09:10:00;4;02/03/2026 09:12:04;15;ANSWERED
4716;support;+39 333 5550102;;02/03/2026 09:12:00;3;02/03/2026 09:12:03;;ABANDONED
4717;support;;;yesterday;3;02/03/2026 09:12:03;;ABANDONED
"""
MAPPING = """source = "/cdr/rome"
id = "{Call}"
zone = "Europe/Rome"
time_format = "%d/%m/%Y %H:%M:%S"
[fields]
interaction_id = "{Call}"
channel = "phone"
queue = "{Skill}"
customer_id = { phone = "{Caller}" }
[[event]]
type = "interaction.queued"
time = "{Start}"
[[event]]
type = "interaction.answered"
when = { Result = "ANSWERED" }
time = { from = "{Start}", plus = "{Wait}s" }
agent_id = "{Agent}"
[[event]]
type = "interaction.abandoned"
when = { Result = "ABANDONED" }
time = "{End}"
[[event]]
type = "interaction.flowed_out"
when = { Result = "TIMEOUT" }
time = "{End}"
outcome = "timeout"
[[event]]
type = "interaction.ended"
when = { Result = { not = "ABANDONED" } }
time = "{End}"
[[event]]
type = "interaction.wrapped_up"
when = { Result = "ANSWERED" }
time = { from = "{End}", plus = "{After}s" }
agent_id = "{Agent}"
"""


def test_a_table_with_a_mapping_comes_to_what_its_rows_say(
    run: Run, kfake: EmbeddedBroker, valkey: EmbeddedStore, tmp_path: Path
):
    (tmp_path / "calls.csv").write_text(CALLS)
    (tmp_path / "cdr.toml").write_text(MAPPING)
    ended = run("try", "calls.csv", "--map", "cdr.toml", "--no-wait", "--port", "0", COLUMNS="80")
    assert ended.returncode == 0, ended.stderr
    told = ended.stdout
    assert "calls.csv: by cdr.toml" in told
    assert "7 payloads gave" in told
    # ASA (12 + 25) / 2; abandoned but the one after 3 s: 1 / (2 + 1); AHT (350 + 300) / 2
    row = cells(told, "Counted", "phone support")
    assert [*row[:5], *row[6:]] == ["4", "2", "2", "0", "18.5s", "33.3%", "2", "5:25"]
    row = cells(told, "Counted", "phone sales")
    assert [*row[:5], *row[6:]] == ["2", "1", "0", "1", "4s", "0%", "1", "2:15"]
    levels = ["50%", "25%", "50%", "33.3%", "50%", "33.3%*", "25%", "33.3%"]
    assert cells(told, LEVELS, "phone support") == ["20s", *levels]
    assert cells(told, LEVELS, "phone sales") == ["20s", *["100%"] * 5, "100%*", "50%", "50%"]
    assert cells(told, CONTACTS, "phone") == ["2", "0", "100%", NONE, NONE, "1"]
    assert "Not mapped: 1 of 7 payloads" in told
    assert "calls.csv:8" in told
    assert "does not tell" not in told
    assert all(len(line) <= 80 for line in told.splitlines())


def event(number: int, kind: str, at: str, **data: object) -> str:
    told = {"specversion": "1.0", "id": str(number), "source": "/house", "type": kind, "time": f"2021-05-{at}Z"}
    return json.dumps(told | {"data": data}) + "\n"


def test_a_call_after_a_chat_that_solved_nothing_is_the_chats_whoever_calls(
    run: Run, kfake: EmbeddedBroker, valkey: EmbeddedStore, tmp_path: Path
):
    chat = {"interaction_id": "1", "channel": "chat", "queue": "web", "customer_id": "c-1"}
    call = {"interaction_id": "2", "channel": "phone", "queue": "support", "customer_id": "tel:+39061234567"}
    told = [
        event(1, "interaction.queued", "03T10:00:00", **chat),
        event(2, "interaction.answered", "03T10:00:30", **chat, agent_id="ada"),
        event(3, "interaction.ended", "03T10:05:30", **chat),
        event(4, "interaction.queued", "05T09:00:00", **call),
        event(5, "interaction.answered", "05T09:00:10", **call, agent_id="ben"),
        event(6, "interaction.ended", "05T09:02:10", **call),
        event(7, "customer.identified", "20T00:00:00", customer_id="c-1", aliases=["tel:+39061234567"]),
    ]
    (tmp_path / "told.jsonl").write_text("".join(told))
    ended = run("try", "told.jsonl", "--no-wait", "--port", "0")
    assert ended.returncode == 0, ended.stderr
    assert "(window 30d)" in ended.stdout
    assert cells(ended.stdout, CONTACTS, "chat") == ["1", "1", "0%", "1", "0%", "0"]
    assert cells(ended.stdout, CONTACTS, "phone") == ["0", "0", NONE, "0", NONE, "0"]
    assert cells(ended.stdout, CONTACTS, "all of them") == ["1", "1", "0%", "1", "0%", "0"]
    assert "known customers: 1; of them on several channels: 1 (chat + phone 1)" in ended.stdout


def test_our_own_events_of_a_week_are_counted_to_the_last_one_whoever_is_faster(
    run: Run, kfake: EmbeddedBroker, valkey: EmbeddedStore, tmp_path: Path
):
    simulating = ("--rate", "0.05", "--start", "2020-02-25T20:00:00Z", "--duration", "6d")
    assert run("simulate", "--out", "week.jsonl.gz", *simulating).returncode == 0
    with running_try(tmp_path, "week.jsonl.gz") as (process, said, port):
        until(process, said, "stays until")
        whole, agents = ask(port, "/api/v1/kpis?window=7d&by=")[0], ask(port, "/api/v1/kpis?window=7d&by=agent")
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics", timeout=10) as page:
            assert not re.findall(r'^stream_anomalies_total.*"expired".*', page.read().decode(), re.MULTILINE)
        told = said.read_text()
        process.send_signal(signal.SIGTERM)
        assert process.wait(30) == 0
    assert "week.jsonl.gz: events of Centralino" in told
    assert whole["handled"] == sum(row["handled"] for row in agents) > 1000
    assert whole["handle_ms"] == sum(row["handle_ms"] for row in agents)
    assert int(cells(told, "Counted", "phone support")[0].replace(",", "")) > 100


def test_what_is_kept_is_counted_again_with_what_is_older(
    run: Run, kfake: EmbeddedBroker, valkey: EmbeddedStore, tmp_path: Path
):
    lines = [f"{at}|{T0}.{call}|support|{agent}|{rest}\n" for at, call, agent, rest in QUEUE_LOG]
    (tmp_path / "new").write_text("".join(lines[16:]))
    (tmp_path / "old").write_text("".join(lines[:16]))
    for name, offered in (("new", "1"), ("old", "7"), ("old", "7")):
        ended = run("try", name, "--no-wait", "--port", "0", "--data", "kept", "--host", "pbx")
        assert ended.returncode == 0, ended.stderr
        assert cells(ended.stdout, "Counted", "phone support")[0] == offered


def running(folder: Path) -> list[str]:
    """Commands that work in a folder, or were told it."""
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        try:
            command = (process / "cmdline").read_bytes().replace(b"\0", b" ").decode()
            if str(folder) in f"{(process / 'cwd').readlink()} {command}":
                found.append(command)
        except OSError:
            continue
    return found


@contextmanager
def running_try(folder: Path, *arguments: str | Path) -> Iterator[tuple[subprocess.Popen[bytes], Path, int]]:
    said, port = folder / "said.txt", free_port()
    with said.open("wb") as output:
        process = subprocess.Popen(
            [sys.executable, "-m", "stream.cli", "try", *map(str, arguments), "--port", str(port)],
            stdout=output, stderr=subprocess.STDOUT, env=environment(TMPDIR=str(folder)), cwd=folder,
        )  # fmt: skip
        try:
            yield process, said, port
        finally:
            if process.poll() is None:
                process.terminate()
                process.wait(30)


def wait_until(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 60
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def until(process: subprocess.Popen[bytes], said: Path, words: str) -> None:
    deadline = time.monotonic() + 120
    while words not in said.read_text():
        assert process.poll() is None, said.read_text()
        assert time.monotonic() < deadline, said.read_text()
        time.sleep(0.02)


def ask(port: int, path: str) -> Any:
    with urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=10) as reply:
        return json.load(reply)


@pytest.mark.parametrize("when", ["starting embedded-broker", "starting embedded-store", "starting service", "stays"])
def test_an_interrupt_leaves_nothing_behind(kfake: EmbeddedBroker, valkey: EmbeddedStore, tmp_path: Path, when):
    with running_try(tmp_path, EXAMPLES / "sources.asterisk" / "life_cycle.log") as (process, said, port):
        until(process, said, when)
        if when == "stays":
            told = said.read_text()
            assert f"wallboard  http://127.0.0.1:{port}/ " in told
            explained = re.search(r"explained +(http://\S+)", told)
            for url in (f"http://127.0.0.1:{port}/", explained[1]):
                with urllib.request.urlopen(url, timeout=10) as page:
                    assert page.status == 200
            assert len(running(tmp_path)) >= 5
        process.send_signal(signal.SIGINT)
        assert process.wait(30) == (0 if when == "stays" else 130), said.read_text()
    assert "Traceback" not in said.read_text()
    assert not running(tmp_path)
    assert [each.name for each in tmp_path.iterdir()] == ["said.txt"]


def test_a_port_that_is_taken_gives_way_to_another(
    run: Run, kfake: EmbeddedBroker, valkey: EmbeddedStore, tmp_path: Path
):
    ended = run("try", EXAMPLES / "sources.asterisk" / "life_cycle.log", "--no-wait", "--port", str(kfake.port))
    assert ended.returncode == 0, ended.stderr


@pytest.mark.parametrize(
    ("content", "arguments", "code", "words"),
    [
        (b"", (), 1, "file is empty"),
        (b"", ("--source", "twilio"), 1, "file is empty"),
        (b"name;queue\na;b\n", (), 2, "Seen: lines such as 'name;queue' (1), lines such as 'a;b' (1). Say"),
        (b'{"a": 1}\n{"a": 2}\n', (), 2, "Seen: JSON objects with a (2). Say whose it is with --source (am"),
        (b'{"type": "notification_event"}\n{"event": "message_created"}\n', (), 2, "payloads of several platforms"),
        (b"\x89PNG\r\n\x00\x00", (), 2, "bytes that are no text"),
        (b"x\n", ("--source", "nobody"), 2, "no source 'nobody'"),
        (b"x\n", ("--source", "twilio", "--map", "x.toml"), 2, "not both"),
        (b"x\n", ("--map", "x.toml"), 2, "x.toml: No such file"),
        (b"x\n", ("--source", "asterisk"), 1, "nothing of file could be mapped"),
    ],
)  # fmt: skip
def test_what_cannot_be_read_is_said_with_what_to_do(
    run: Run, kfake: EmbeddedBroker, valkey: EmbeddedStore, tmp_path: Path, content, arguments, code, words
):
    (tmp_path / "file").write_bytes(content)
    ended = run("try", "file", "--no-wait", *arguments)
    assert ended.returncode == code
    assert words in ended.stderr
    assert not running(tmp_path)


def test_a_file_that_is_not_there_or_is_a_pipe_is_said(run: Run):
    assert "nothing.log: No such file" in run("try", "nothing.log").stderr
    assert "try needs a file" in run("try", "-").stderr


def test_a_worker_that_is_killed_is_started_again_and_counts_on(
    run: Run, kfake: EmbeddedBroker, valkey: EmbeddedStore, tmp_path: Path
):
    assert run("simulate", "--out", "day.jsonl", "--rate", "2", "--duration", "2h").returncode == 0
    with running_try(tmp_path, "day.jsonl", "--data", "kept") as (process, said, _):
        until(process, said, "starting service")
        log, lock = tmp_path / "kept" / "worker.log", tmp_path / "kept" / "worker.lock"
        wait_until(lambda: log.exists() and "rebuilt" in log.read_text())
        holder = lock.read_text().split()[0]
        os.kill(int(holder), signal.SIGKILL)
        until(process, said, "stays until")
        wait_until(lambda: (lock.read_text().split() or [holder])[0] != holder)
        process.send_signal(signal.SIGINT)
        assert process.wait(30) == 0
    calmly, figures = run("try", "day.jsonl", "--no-wait", "--port", "0"), slice("Counted", "wallboard")
    counted, again = (told[told.index(figures.start) :] for told in (calmly.stdout, said.read_text()))
    assert again.partition(f"\n{figures.stop}")[0].strip() == counted.strip()


def test_what_ends_by_itself_is_told_with_the_end_of_its_log(tmp_path: Path):
    class Gone:
        name, running, log = "worker", False, tmp_path / "worker.log"

        @staticmethod
        def log_end() -> str:
            return "the last line"

    life = Life(Wanted(tmp_path / "file", None, "", None, None, 0, False))
    life._parts.append(Gone())

    async def forever() -> None:
        while True:
            await asyncio.sleep(1)

    with pytest.raises(Problem, match=r"the worker has ended\. End of its log:\nthe last line"):
        asyncio.run(life._beside(forever()))


def sending(topic: str, at: int) -> Sending:
    return Sending(topic, b"k", b"{}", at)


def test_the_tally_knows_what_became_of_each_payload():
    tally = Tally()
    tally.take("f:1", [sending("interactions.phone", 3 * DAY), sending("interactions.phone", DAY)])
    tally.take("f:2", [sending("customers.events", 0), sending("agents.presence", 4 * DAY)])
    tally.take("f:3", [])
    for number in range(4, 9):
        tally.take(f"f:{number}", Rejected("not_json", f"at {number}"))
    tally.take("f:9", Skipped("SURVEY"))
    tally.take("f:10", Rejected("not_json", "{Start} gives '13/13'"))
    tally.take("f:11", Rejected("not_json", "{Start} gives '14/13'"))
    assert (tally.payloads, tally.mapped, tally.no_matter, tally.events) == (11, 2, 1, 4)
    assert (tally.first_at, tally.last_at) == (DAY, 4 * DAY)
    assert [tally.before(day * DAY) for day in range(1, 5)] == [0, 1, 1, 2]
    faulty, another = tally.lost["not_json", "at …"], tally.lost["not_json", "{Start} gives …"]
    assert (faulty.number, faulty.places, faulty.detail) == (5, ["f:4", "f:5", "f:6"], "at 4")
    assert (another.places, another.detail) == (["f:10", "f:11"], "{Start} gives '13/13'")
    assert tally.lost["unknown kind", "SURVEY"].places == ["f:9"]


def test_the_tally_remembers_no_more_kinds_than_anybody_reads():
    tally = Tally()
    for number in range(1000):
        tally.take("f:1", Skipped(f"kind {number}"))
    assert len(tally.lost) == 201
    assert tally.lost["unknown kind", MORE].number == 800


PHONE, TIMELINE = ShardId("interactions.phone", 0), ShardId("customers.timeline", 0)


@pytest.mark.parametrize(
    ("offsets", "ends", "inputs", "done"),
    [
        ({}, {PHONE: 10}, 0, False),
        ({PHONE: 5}, {PHONE: 10, TIMELINE: 5}, 5, False),
        ({PHONE: 10, TIMELINE: 5}, {PHONE: 10, TIMELINE: 10}, 10, False),
        ({PHONE: 10, TIMELINE: 10}, {PHONE: 10, TIMELINE: 10}, 10, True),
        ({}, {PHONE: 0, TIMELINE: 0}, 0, True),
    ],
)
def test_all_is_counted_when_what_came_of_it_is_counted_too(offsets, ends, inputs, done):
    assert progress(offsets, ends) == (inputs, done)


def test_the_spool_tells_the_oldest_days_first_and_all_that_it_was_given(tmp_path: Path, monkeypatch):
    monkeypatch.setattr(try_spool, "BUFFERED", 1000)
    spool, day = Spool(tmp_path / "spool"), try_spool.DAY_MS
    for number in range(2000):
        at = (9 - number // 200) * day + number * 7919 % 2000
        spool.add(Record(at, "t", None if number % 2 else b"k", b"%d" % number))
    spool.add(Record(8, "t", b"k", None))
    turns = list(spool.turns())
    assert spool.records == 2001
    assert [len(turn) for turn in turns] == [801, 1000, 200]
    told = [record for turn in turns for record in turn]
    assert [record.at for record in told] == sorted(record.at for record in told)
    assert Record(8, "t", b"k", None) in turns[0]
    assert sorted(int(record.value) for record in told if record.value) == list(range(2000))
    spool.close()
    assert not list(tmp_path.iterdir())


def test_the_window_reaches_back_to_the_first_event_in_every_zone():
    rules, noon = Rules(), 20_000 * DAY + DAY // 2
    assert [covering(noon - days * DAY, noon, rules)[0] for days in (0, 0.99, 1, 6.4, 6.6, 29, 89, 364.4, 900)] == [
        "24h", "24h", "7d", "7d", "30d", "30d", "90d", "365d", "365d",
    ]  # fmt: skip
    assert covering(noon - 900 * DAY, noon, rules)[1] == 20_000 * DAY - 364 * DAY
    own = msgspec.structs.replace(rules.queue("phone", None), zone="Pacific/Auckland")
    far = Rules(queues={("phone", "far"): own})
    assert [covering(noon - round(days * DAY), noon, far)[0] for days in (5.9, 6.4)] == ["7d", "30d"]


def figures(**more: object) -> dict[str, object]:
    names = (
        "offered", "answered", "abandoned", "flowed_out", "timed_out", "waiting", "handled", "transferred", "declined",
        "ended", "first_response", "first_response_in_threshold", "closed_unanswered",
    )  # fmt: skip
    nothing = dict.fromkeys(("asa_seconds", "aht_seconds", "abandonment", "response_level", "first_response_seconds"))
    surveys = dict.fromkeys(("csat_answers", "nps_answers", "ces_answers"), 0)
    return {
        **dict.fromkeys(names, 1_234_567), **nothing, "service_level": dict.fromkeys(VARIANTS), "fcr": None,
        "wait_quantile_seconds": {"p95": None}, "customers": surveys, **more,
    }  # fmt: skip


@pytest.mark.parametrize("width", [60, 80, 200])
def test_the_report_fits_any_terminal_and_shows_nothing_as_a_dash(width):
    queues = [
        figures(channel="phone", queue=name, service_level=dict.fromkeys(VARIANTS, 0.9999))
        for name in ("support", "a-very-long-name" * 4, None)
    ]
    names = [("phone", row["queue"]) for row in queues]
    answers = Answers(
        "30d", 5 * DAY, queues, [figures(channel="phone")], figures(),
        dict.fromkeys(names, 20_000), dict.fromkeys(names, "strict"),
    )  # fmt: skip
    tally = Tally()
    tally.take("f:1", [sending("interactions.phone", DAY), sending("interactions.phone", 30 * DAY)])
    tally.take("f:2", Rejected("not_json", "told [red]\x1b[31m it"))
    report = Report(
        Path("f"), "Ours", "UTC", tally, answers, Counter({("chat", "phone"): 2}),
        Counter({"rejected.time_in_future": 3, "anomaly.expired": 2, "anomaly.negative_duration": 9}), None,
    )  # fmt: skip
    console = Console(width=width, force_terminal=False)
    with console.capture() as captured:
        for part in try_report.parts(report, width):
            console.print(part)
    told = captured.get()
    assert all(len(line) <= width for line in told.splitlines())
    assert "1 events lie before 1970-01-06" in told.replace("\n", " ")
    assert "told [red]\\x1b[31m it" in " ".join(told.split())
    assert "3 events were rejected" in told
    assert "2 events were not counted" in told
    assert "negative_duration" not in told
    if width >= 80:
        assert cells(told, CONTACTS, "phone") == [NONE] * 6
        assert "100%*" in cells(told, LEVELS, "phone support")[-1]
