"""`centralino convert`, and `replay --source`: what a person and a pipe get of a platform's payloads."""

from __future__ import annotations

import gzip
import json
import subprocess
import sys
from pathlib import Path

import msgspec
import pytest

from schemas.rejected import Rejected, Skipped
from schemas.sources.conversion import Change, Sending, convert
from schemas.sources.options import NONE
from schemas.sources.vendors import VENDORS
from stream.cli.lines import opened
from stream.cli.pace import now_ms
from stream.cli.report import LISTED, Report
from stream.cli.vendors import Outcome, of_vendor
from tests.cli.conftest import ROOT, Run, environment, everything
from tests.parts.fixtures import Broker
from tests.schemas.payloads import options_of

EXAMPLES = ROOT / "schemas" / "examples"
LOG = """\
1767139200|1767139200.1|support|NONE|ENTERQUEUE||+390551234567|1
1767139205|1767139200.1|support|PJSIP/100|CONNECT|5|1767139205.2|4
1767139206|NONE|NONE|NONE|CONFIGRELOAD|
1767139265|1767139200.1|support|PJSIP/100|COMPLETECALLER|5|60|1
1767139266|1767139200.1|support|NONE|SURVEY|5
"""
NEEDED = "epoch|uniqueid|queue|agent|EVENT|…"


def test_events_go_to_stdout_one_a_line_and_what_gives_none_to_stderr(run: Run, tmp_path: Path) -> None:
    (tmp_path / "queue_log").write_text(LOG + "what is this\n" + LOG.replace("17671392", "17671391"))
    ended = run("convert", "--source", "asterisk", "queue_log")
    lines = ended.stdout.splitlines()
    kinds = [json.loads(line)["type"].partition(".")[2] for line in lines]
    assert kinds == ["started", "updated", "queued", "answered", "ended"] * 2
    assert ended.stderr.splitlines() == [
        f"queue_log:6: not_an_event: 'what is this' is no line of a queue_log: it must be {NEEDED}",
        "queue_log: skipped, of kinds that have no event: SURVEY 2",
        "queue_log: 11 payloads: 10 events, 1 rejected, 2 skipped, 2 without an event",
    ]
    assert ended.returncode == 1
    (tmp_path / "queue_log").write_text(LOG)
    assert run("convert", "--source", "asterisk", "queue_log").returncode == 0


def test_what_comes_out_is_what_the_adapter_makes_and_can_be_replayed(run: Run, tmp_path: Path) -> None:
    path = EXAMPLES / "sources.twilio" / "life_cycle.txt"
    printed = subprocess.run(
        [sys.executable, "-m", "stream.cli", "convert", "--source", "twilio", path],
        env=environment(), cwd=tmp_path, capture_output=True, check=False,
    )  # fmt: skip
    assert printed.stderr.decode().count("payloads:") == 1
    wanted = []
    for payload in path.read_bytes().splitlines():
        made = convert(VENDORS["twilio"], payload, NONE)
        wanted += [] if isinstance(made, Skipped) else [each.value for each in made if isinstance(each, Sending)]
    assert printed.stdout.splitlines() == wanted
    assert len(wanted) > 10
    (tmp_path / "events.jsonl").write_bytes(printed.stdout)
    assert f"{len(wanted):,} records of events.jsonl read" in run("replay", "--check", "events.jsonl").stderr


def test_the_settings_of_a_platform_hold_and_a_packed_file_comes_through_a_pipe(tmp_path: Path) -> None:
    (tmp_path / "centralino.toml").write_text('[sources.asterisk]\ninstance = "rome"\nqueues = { support = "help" }\n')
    ended = subprocess.run(
        [sys.executable, "-m", "stream.cli", "convert", "--source", "asterisk", "-"],
        input=gzip.compress(LOG.encode()), env=environment(), cwd=tmp_path, capture_output=True, check=True,
    )  # fmt: skip
    events = [json.loads(line) for line in ended.stdout.splitlines()]
    assert {event["source"] for event in events} == {"/asterisk/rome"}
    assert {event["data"].get("queue") for event in events} == {None, "help"}
    assert ended.stderr.startswith(b"stdin: skipped, of kinds that have no event: SURVEY 1")


def test_a_pipe_is_read_as_a_file_is_and_a_closed_stdin_is_said(tmp_path: Path) -> None:
    def centralino(command: str) -> tuple[str, int]:
        ended = subprocess.run(
            ["bash", "-c", f"{sys.executable} -m stream.cli {command}"], env=environment(), cwd=tmp_path,
            input=LOG.encode(), capture_output=True, check=False,
        )  # fmt: skip
        return ended.stderr.decode().splitlines()[-1], ended.returncode

    said = "5 payloads: 5 events, 1 skipped, 1 without an event"
    assert centralino("replay --check --source asterisk /dev/stdin") == (f"/dev/stdin: {said}", 0)
    assert centralino("replay --check --source asterisk -") == (f"stdin: {said}", 0)
    assert centralino("convert --source asterisk <(gzip)")[0].endswith(said)
    assert centralino("convert --source asterisk - <&-") == ("centralino: stdin is closed: there is nothing to read", 1)


def test_a_reader_that_has_enough_ends_it_quietly(tmp_path: Path) -> None:
    (tmp_path / "queue_log").write_text(LOG * 5000)
    command = f"{sys.executable} -m stream.cli convert --source asterisk queue_log | head -n 1; exit ${{PIPESTATUS[0]}}"
    ended = subprocess.run(["bash", "-c", command], env=environment(), cwd=tmp_path, capture_output=True, check=False)
    assert ended.stdout.count(b"\n") == 1
    assert ended.stderr == b""
    assert ended.returncode == 0


@pytest.mark.parametrize(
    ("where", "said"),
    [
        (">/dev/full", "stdout: cannot be written: No space left on device"),
        (">&-", "stdout is closed: there is nowhere to write"),
    ],
)
def test_events_that_cannot_be_written_are_said_in_a_line(tmp_path: Path, where: str, said: str) -> None:
    (tmp_path / "queue_log").write_text(LOG)
    command = f"{sys.executable} -m stream.cli convert --source asterisk queue_log {where}"
    ended = subprocess.run(["bash", "-c", command], env=environment(), cwd=tmp_path, capture_output=True, check=False)
    assert ended.stderr.decode() == f"centralino: {said}\n"
    assert ended.returncode == 1


def test_a_file_of_many_faults_lists_the_first_and_counts_the_rest(run: Run, tmp_path: Path) -> None:
    (tmp_path / "bad.jsonl").write_text("no\n" * 30 + '{"a":"\x1b[2J"}\n' + LOG)
    ended = run("convert", "--source", "asterisk", "bad.jsonl")
    lines = ended.stderr.splitlines()
    assert [line.partition(": ")[0] for line in lines[:LISTED]] == [f"bad.jsonl:{n}" for n in range(1, LISTED + 1)]
    assert lines[LISTED].startswith("… and 11 more rejected; in all not_an_event 30, ")
    assert "\x1b" not in ended.stderr
    assert ended.stdout.count("\n") == 5


def test_what_a_terminal_would_act_on_is_made_visible(capsys: pytest.CaptureFixture[str]) -> None:
    report = Report()
    told = [Outcome("f:1", Rejected("bug", "\x1b[2J" + "x" * 1000)), Outcome("f:2", Skipped("\x07kind\u202e"))]
    assert list(report.take(told)) == [[], []]
    report.close("f")
    said = capsys.readouterr().err
    assert "f:1: bug: \\x1b[2Jxxx" in said
    assert max(map(len, said.splitlines())) == 300
    assert "\\x07kind\\x202e 1" in said


def test_kinds_without_end_are_counted_together() -> None:
    report = Report()
    list(report.take(Outcome(f"f:{n}", Skipped(f"kind{n}")) for n in range(1000)))
    assert len(report.skipped) == 201
    assert report.skipped.total() == 1000


def test_what_lies_in_the_future_is_rejected(tmp_path: Path) -> None:
    soon, later = now_ms() // 1000 + 200, now_ms() // 1000 + 400
    path = tmp_path / "queue_log"
    path.write_text(f"{soon}|{soon}.1|q|NONE|ENTERQUEUE||1|1\n{later}|{later}.1|q|NONE|ENTERQUEUE||1|1\n")
    with opened(path) as source:
        first, second = of_vendor(source, VENDORS["asterisk"], NONE)
    assert isinstance(first.told, list)
    assert isinstance(second.told, Rejected)
    assert second.told.reason == "time_in_future"


DAYS = sorted(EXAMPLES.glob("sources.*/life_cycle.*.events.jsonl"))


@pytest.mark.parametrize("golden", DAYS, ids=lambda path: path.parent.name)
def test_a_day_of_every_platform_is_read_as_a_file_as_its_examples_say(golden: Path) -> None:
    """The same bytes as the examples' own test has them, through the command's room."""
    vendor = VENDORS[golden.parent.name.removeprefix("sources.")]
    report = Report()
    with opened(golden.with_name(golden.name.removesuffix(".events.jsonl"))) as source:
        read = of_vendor(source, vendor, options_of(vendor))
        made = [each.value for sendings in report.take(read) for each in sendings]
    assert not report.rejected
    if vendor.name != "asterisk":  # its file is known by its first line, its examples by a word
        assert made == golden.read_bytes().splitlines()
    assert len(made) > 10


def test_an_agents_changes_are_settled_in_the_order_of_the_file(tmp_path: Path) -> None:
    path = tmp_path / "queue_log"
    path.write_text(
        "1767139200|MANAGER|sales|Ann|ADDMEMBER|\n1767139201|MANAGER|help|Ann|ADDMEMBER|\n"
        "1767139202|NONE|help|Ann|PAUSE|lunch\n1767139203|NONE|sales|Ann|PAUSE|lunch\n"
    )
    with opened(path) as source:
        made = [each for outcome in of_vendor(source, VENDORS["asterisk"], NONE) for each in outcome.told]
    told = [msgspec.json.decode(each.value)["data"] for each in made]
    assert [each["presence"] for each in told] == ["available", "available", "available", "not_ready"][-len(told) :]
    assert told[-1]["presence"] == "not_ready"
    assert not any(isinstance(each, Change) for each in made)


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (["convert", "calls"], 2, "say what the file is: --source (amazon_connect, asterisk"),
        (["convert", "calls", "--source", "fax"], 2, "there is no source 'fax': choose amazon_connect"),
        (["convert", "calls", "--source", "twilio", "--map", "m.toml"], 2, "--source or --map, not both"),
        (["convert", "calls", "--source", "twilio", "--host", "a"], 2, "--host goes with --source asterisk"),
        (["replay", "calls", "--host", "a"], 2, "--host goes with --source asterisk"),
        (["convert", "nowhere", "--source", "twilio"], 1, "nowhere: No such file"),
        (["convert", ".", "--source", "twilio"], 1, "Is a directory"),
        (["convert", "calls", "--map", "nowhere.toml"], 2, "nowhere.toml: No such file"),
        (["convert", "calls", "--map", "bad.toml"], 2, "bad.toml: source is missing"),
        (["convert", "calls", "--map", "latin.toml"], 2, "latin.toml: it is not text in UTF-8"),
        (["replay", "calls", "--map", "bad.toml", "--check"], 2, "bad.toml: source is missing"),
    ],
)
def test_what_cannot_be_done_is_said_in_one_line(
    run: Run, tmp_path: Path, arguments: list[str], code: int, said: str
) -> None:
    (tmp_path / "calls").write_text("a,b\n1,2\n")
    (tmp_path / "bad.toml").write_text("")
    (tmp_path / "latin.toml").write_bytes(b"# \xe9")
    ended = run(*arguments)
    assert ended.stderr.startswith("centralino: ")
    assert len(ended.stderr.splitlines()) == 1
    assert said in ended.stderr
    assert ended.returncode == code


async def test_a_replay_sends_all_but_what_is_rejected_at_the_time_it_happened(
    run: Run, kfake: Broker, topic_prefix: str, tmp_path: Path
) -> None:
    settings = {"KAFKA_BOOTSTRAP_SERVERS": kfake.address, "CENTRALINO_TOPIC_PREFIX": topic_prefix}
    path = EXAMPLES / "sources.twilio" / "life_cycle.txt"
    (tmp_path / "calls.txt").write_bytes(b"EventType=task.created&Sid=EV1\n" + path.read_bytes())
    checked = run("replay", "--check", "--source", "twilio", "calls.txt", **settings)
    assert checked.returncode == 1
    sent = run("replay", "--source", "twilio", "calls.txt", **settings)
    assert sent.returncode == 1
    assert "calls.txt:1: missing_field" in sent.stderr
    with opened(path) as source:
        wanted = [each for outcome in of_vendor(source, VENDORS["twilio"], NONE) for each in _records(outcome)]
    assert f"{len(wanted)} records of calls.txt to {kfake.address}" in sent.stderr
    arrived = [
        (topic, record.key, record.value, record.timestamp)
        for topic, records in (await everything(kfake.address, topic_prefix)).items()
        for record in records
    ]
    assert sorted(arrived) == sorted(map(tuple, wanted))


def _records(outcome: Outcome) -> list[Sending]:
    return outcome.told if isinstance(outcome.told, list) else []
