"""Files of anybody's rows, by a mapping: CSV and JSON in the shapes that people have; what is said of the others."""

from __future__ import annotations

import gzip
import json
import re
from datetime import datetime
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from schemas.rejected import REASONS, Rejected
from schemas.sources.mapped_reading import read
from stream.cli import lines
from stream.cli.lines import opened
from stream.cli.problem import Problem
from stream.cli.vendors import Told, by_mapping
from tests.cli.conftest import ROOT, Run, everything
from tests.parts.fixtures import Broker

PAGE = (ROOT / "docs" / "mapping.md").read_text()
BLOCKS = dict(reversed(re.findall(r"```(\w+)\n(.*?)```", PAGE, re.DOTALL)))
MAPPING = """
[[event]]
type = "interaction.started"
time = "{at}"
interaction_id = "{id}"
channel = "{channel}"
"""
HEAD = 'source = "/x"\nzone = "UTC"\n'
JSON = b'{"id":"a","at":"2026-03-02T09:00:00","channel":"chat"}'
ROW = b"id,at,channel\na,2026-03-02T09:00:00,phone\n"


def found(path: Path, content: bytes, mapping: str = "", events: str = MAPPING) -> dict[str, Told]:
    path.write_bytes(content)
    with opened(path) as source:
        told = by_mapping(source, read(HEAD + mapping + events), "map.toml")
        return {each.place.removeprefix(str(path)): each.told for each in told}


def ids(told: dict[str, Told]) -> dict[str, str]:
    """Of each row the interaction, or the reason."""
    return {
        place: each.reason if isinstance(each, Rejected) else ",".join(made.key.decode() for made in each)
        for place, each in told.items()
        if isinstance(each, Rejected | list)
    }


async def test_the_page_is_what_the_commands_do(run: Run, kfake: Broker, topic_prefix: str, tmp_path: Path) -> None:
    """Its file, its mapping and its events, as they stand there."""
    (tmp_path / "calls.csv").write_text(BLOCKS["csv"])
    (tmp_path / "cdr.toml").write_text(BLOCKS["toml"])
    for command in re.findall(r"^centralino (.*?)  ", BLOCKS["text"], re.MULTILINE):
        ended = run(
            *command.split(), KAFKA_BOOTSTRAP_SERVERS=kfake.address, CENTRALINO_TOPIC_PREFIX=topic_prefix,
        )  # fmt: skip
        assert ended.returncode == 0, ended.stderr
        if command.startswith("convert"):
            events = ended.stdout
    assert events.startswith(BLOCKS["json"])
    assert f"the file gives {events.count(chr(10))}." in PAGE
    arrived = (await everything(kfake.address, topic_prefix))["interactions.phone"]
    assert sorted(each.value for each in arrived) == sorted(events.encode().splitlines())
    assert all(_at(each.value) == each.timestamp for each in arrived)


def test_the_pages_survey_is_what_convert_does(run: Run, tmp_path: Path) -> None:
    blocks = re.findall(r"```(?:json|toml)\n(.*?)```", PAGE, re.DOTALL)
    answers, mapping, events = blocks[2:5]
    (tmp_path / "answers.json").write_text(answers)
    (tmp_path / "survey.toml").write_text(mapping)
    ended = run("convert", "--map", "survey.toml", "answers.json")
    assert ended.stdout == events
    assert ended.stderr == "answers.json: 2 rows: 1 event, 1 without an event\n"


def _at(value: bytes) -> float:
    return datetime.fromisoformat(json.loads(value)["time"]).timestamp() * 1000


@pytest.mark.parametrize(
    ("content", "mapping", "wanted"),
    [
        (ROW, "", {":2": "a"}),
        (ROW.replace(b"\n", b"\r\n"), "", {":2": "a"}),
        (ROW.replace(b",", b";"), "", {":2": "a"}),
        (ROW.replace(b",", b"\t"), "", {":2": "a"}),
        (ROW.replace(b",", b"|"), "", {":2": "a"}),
        (ROW.replace(b",", b"~"), 'delimiter = "~"\n', {":2": "a"}),
        (b"\xef\xbb\xbf" + ROW, "", {":2": "a"}),
        (b"\xef\xbb\xbf" + ROW, 'encoding = "UTF8"\n', {":2": "a"}),
        (ROW.decode().encode("utf-16"), 'encoding = "utf-16"\n', {":2": "a"}),
        (ROW.replace(b"a,2", b"\xe9,2"), 'encoding = "latin-1"\n', {":2": "é"}),
        (ROW.replace(b"a,2", b"\xe9,2") + ROW[14:], "", {":2": "invalid_field", ":3": "a"}),
        (ROW.replace(b"channel\n", b" channel , more\n").replace(b"phone", b"phone,"), "", {":2": "a"}),
        (ROW + b"\n,,\nb,2026-03-02T09:00:00,chat", "", {":2": "a", ":5": "b"}),
        (ROW + b"b,2026-03-02T09:00:00\nc,2026-03-02T09:00:00,chat,x\n", "",
         {":2": "a", ":3": "invalid_field", ":4": "invalid_field"}),
        (ROW.replace(b"a,2", b'"a\n""b""\nc",2') + ROW[14:], "", {":2": 'a\n"b"\nc', ":5": "a"}),
        (b'"i\nd",at,channel\n' + ROW[14:], "", {":3": "a"}),
        (ROW.replace(b"2026-03-02T09:00:00", b""), "", {":2": ""}),
        (ROW.replace(b"phone", b"fax"), "", {":2": "invalid_field"}),
        (ROW + b'"b,2026-03-02T09:00:00,chat\n' + b"x\n" * 70_000, "", {":2": "a", ":3": "invalid_field"}),
        (b"id,at,channel\n", "", {}),
        (JSON + b"\n[]\n5\n", "", {":1": "a", ":3": "not_an_event"}),
        (b'[{"id":1,"at":"2026-03-02T09:00:00","channel":"chat"}, 5]', "", {":1[0]": "1", ":1[1]": "not_an_event"}),
        (b'{\n"id":true,"at":"2026-03-02T09:00:00","channel":"chat"}', "", {"": "true"}),
        (b"5\n" + JSON, 'format = "json"\n', {":1": "not_an_event", ":2": "a"}),
        (b'{"d":{"r":[' + JSON + b']}}\n{"d":5}\n{"d":{"r":{}}}\n[5]', 'rows = "d.r"\n',
         {":1.d.r[0]": "a", ":2": "missing_field", ":3": "missing_field", ":4[0]": "missing_field"}),
    ],
)  # fmt: skip
def test_rows_are_found_with_their_places(tmp_path: Path, content: bytes, mapping: str, wanted: dict[str, str]) -> None:
    events = MAPPING.replace("{id}", "{i\nd}") if content.startswith(b'"i') else MAPPING
    events = events.replace('"{i\nd}"', '"""{i\nd}"""')
    told = ids(found(tmp_path / "file", content, mapping, events))
    assert {place: told[place] for place in list(told)[: len(wanted)]} == wanted
    assert set(list(told.values())[len(wanted) :]) <= {"invalid_field"}
    assert ids(found(tmp_path / "file.gz", gzip.compress(content), mapping, events)) == told


@pytest.mark.parametrize(
    ("content", "mapping", "said"),
    [
        (b"", "", "it has no header"),
        (b"\n" + ROW, "", "it has no header"),
        (ROW.replace(b"id,", b"Id,"), "", "map.toml: there is no column 'id' in .*: there are 'Id', 'at', 'channel'"),
        (b"id," + ROW.replace(b"a,2", b"a,a,2"), "", "map.toml: the column 'id' is in .* more than once"),
        (ROW, 'fields = { queue = "at" }\n', "map.toml: fields: queue is the text 'at', which is a column too"),
        (b'{"at":"5"}\n', 'fields = { queue = "at" }\n', "fields: queue is the text 'at', which is a column too"),
        (ROW.decode().encode("utf-16"), "", 'it is in UTF-16: write encoding = "utf-16" in map.toml'),
        (ROW.decode().encode("utf-16")[:-1], 'encoding = "utf-16"\n', "it is not text in utf-16"),
        (gzip.compress(ROW * 9, mtime=0)[:-9], "", "cannot be read"),
        (gzip.compress(ROW, mtime=0)[:12] + b"\xff" * 40, "", "cannot be read"),
    ],
)
def test_a_file_that_does_not_fit_its_mapping_is_a_problem(
    tmp_path: Path, content: bytes, mapping: str, said: str
) -> None:
    with pytest.raises(Problem, match=said):
        found(tmp_path / "file", content, mapping)


def test_a_closed_list_may_have_a_word_that_is_a_column_too(tmp_path: Path) -> None:
    content = ROW.replace(b",channel", b",phone")
    assert ids(found(tmp_path / "file", content, "", MAPPING.replace("{channel}", "phone"))) == {":2": "a"}


def test_words_that_mean_nothing_are_named_at_the_top(tmp_path: Path) -> None:
    told = found(tmp_path / "file", ROW.replace(b"a,2", b"NULL,2"), 'id = "{at}"\nempty = ["NULL"]\n')
    assert ids(told) == {":2": "missing_field"}


def test_a_path_that_no_row_has_is_noted_at_the_end(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    content = b'{"id":"a","at":"2026-03-02T09:00:00","channel":"chat","more":{"x":5}}\n'
    found(tmp_path / "file", content, 'fields = { queue = "{more.y}", reason = "{more.x}" }\n')
    said = " ".join(capsys.readouterr().err.split())
    assert said.startswith("map.toml: no row of ")
    assert said.endswith("has 'more.y': they have 'id', 'at', 'channel', 'more'")


def test_lines_without_end_are_read_in_pieces(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lines, "LONGEST_TEXT", 1000)
    told = ids(found(tmp_path / "file", ROW + b"x" * 5000 + b"\n" + ROW[14:]))
    assert next(iter(told.items())) == (":2", "a")
    assert set(told.values()) == {"a", "invalid_field"}


def test_what_is_rejected_has_its_line_and_column_and_the_rest_is_there(run: Run, tmp_path: Path) -> None:
    """What a person sees whose export has a day that is none, a row cut short, a clock ahead."""
    text = BLOCKS["csv"].replace("4712", "4712;x").replace("02/03/2026 09:03:00", "32/03/2026 09:03:00")
    (tmp_path / "calls.csv").write_text(text.replace("02/03/2026 09:10:00", "02/03/2999 09:10:00"))
    (tmp_path / "cdr.toml").write_text(BLOCKS["toml"])
    ended = run("convert", "--map", "cdr.toml", "calls.csv")
    assert ended.returncode == 1
    wrong, ahead = "{Start} gives '32/03/2026 09:03:00'", "more than 5 minutes from now: look at its clock"
    assert ended.stderr.splitlines() == [
        "calls.csv:3: invalid_field: 11 columns: the header has 10",
        f"calls.csv:4: invalid_field: interaction.started: {wrong}: it must be a time in %d/%m/%Y %H:%M:%S",
        f"calls.csv:6: time_in_future: it happens at 2999-03-02 08:10:00Z, {ahead}",
        "calls.csv: 6 rows: 12 events, 3 rejected",
    ]
    assert ended.stdout.count("\n") == 12


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.data())
def test_whatever_is_in_a_file_it_is_events_reasons_or_a_problem(tmp_path: Path, data: st.DataObject) -> None:
    content = bytearray(
        data.draw(st.sampled_from([ROW * 3, ROW.replace(b",", b";") + b'"', (JSON + b"\n") * 3, b"[\n]", b""]))
    )
    for _ in range(data.draw(st.integers(0, 5))):
        start = data.draw(st.integers(0, len(content)))
        piece = st.sampled_from(
            [b"", b'"', b"\n", b"\0", b"\r", b"\xff", b"{", b"[", b",", b"\xef\xbb\xbf", b"[[[", b"}"]
        )
        content[start : start + data.draw(st.integers(0, 3))] = data.draw(st.one_of(piece, st.binary(max_size=4)))
    mapping = data.draw(
        st.sampled_from(["", 'encoding = "utf-16"\n', 'encoding = "utf-7"\n', 'rows = "a"\n', 'format = "csv"\n'])
    )
    packed = data.draw(st.booleans())
    try:
        told = found(
            tmp_path / "file", gzip.compress(content)[: data.draw(st.integers(0, 200))] if packed else content, mapping
        )
    except Problem as problem:
        told = {str(problem): []}
    for place, each in told.items():
        assert "\n" not in place.replace(str(tmp_path), "")
        assert isinstance(each, list) or (isinstance(each, Rejected) and each.reason in REASONS)
