"""Payloads of a file, in all the shapes in which people have them, each with its place."""

from __future__ import annotations

import gzip
import json
import subprocess
import sys
from pathlib import Path

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from stream.cli import lines
from stream.cli.lines import opened
from stream.cli.payloads import Payload, payloads, pieces, queue_log
from stream.cli.problem import Problem
from tests.cli.conftest import ROOT

FORM = b"EventType=task.created&Sid=EV1&TaskAttributes=%7B%22a%22%3A+1%7D"


def found(path: Path, content: bytes) -> list[tuple[str, bytes]]:
    path.write_bytes(content)
    with opened(path) as source:
        return [(each.place.removeprefix(str(path)), each.content) for each in payloads(source)]


@pytest.mark.parametrize(
    ("content", "wanted"),
    [
        (b"", []),
        (b"\n \n", []),
        (b'{"a":1}\n\n {"b":2} \r\n{"c":3}', [(":1", b'{"a":1}'), (":3", b'{"b":2}'), (":4", b'{"c":3}')]),
        (b'{"a":1}\n{"b":\n{"c":3}\n', [(":1", b'{"a":1}'), (":2", b'{"b":'), (":3", b'{"c":3}')]),
        (b'{"a": "cut\n{"b":2}\n', [(":1", b'{"a": "cut'), (":2", b'{"b":2}')]),
        (b"\xef\xbb\xbf" + b'{"a":1}\n', [(":1", b'{"a":1}')]),
        (b'[{"a":1},[2]]\n{"b":2}\n[]\n', [(":1[0]", b'{"a":1}'), (":1[1]", b"[2]"), (":2", b'{"b":2}')]),
        (b'[{"a":1}, {"b"\n', [(":1", b'[{"a":1}, {"b"')]),
        (b'{\n "a": [\n  1]\n}\n', [("", b'{\n "a": [\n  1]\n}')]),
        (b'\n{ "a": 1,\n "b": 2}', [("", b'{ "a": 1,\n "b": 2}')]),
        (b'[\n {"a": 1},\n {"b": 2.50}\n]', [("[0]", b'{"a": 1}'), ("[1]", b'{"b": 2.50}')]),
        (b'[\n {\n  "a": 1\n }\n]', [("[0]", b'{\n  "a": 1\n }')]),
        (b"[\n]\n", []),
        (b'{\n"a": 1\n}\n\n{\n"b": "\xc3\xa9"\n}\n', [(":1", b'{\n"a": 1\n}'), (":5", b'{\n"b": "\xc3\xa9"\n}')]),
        (b'\n[\n{"a": 1}\n]\n{"b":2}\n', [(":2[0]", b'{"a": 1}'), (":5", b'{"b":2}')]),
        (FORM + b"\n" + FORM + b"\n", [(":1", FORM), (":2", FORM)]),
        (b"\xff\x00\n{}\n", [(":1", b"\xff\x00"), (":2", b"{}")]),
    ],
)  # fmt: skip
def test_each_payload_is_found_with_its_place(tmp_path: Path, content: bytes, wanted: list[tuple[str, bytes]]) -> None:
    assert found(tmp_path / "file", content) == wanted
    assert found(tmp_path / "file.gz", gzip.compress(content)) == wanted


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b'{\n "a": 1,\n', "neither JSON Lines nor a JSON document"),
        (b"[\n" * 100_000, "neither JSON Lines nor a JSON document"),
        (b'{\n "a": \xff\n}', "neither JSON Lines nor a JSON document"),
        ('{"a":1}\n'.encode("utf-16"), "it is in UTF-16"),
        (gzip.compress(b'{\n "a": 1}' * 1000, mtime=0)[:-30], "cannot be read"),
        (gzip.compress(b"x", mtime=0)[:12] + b"\xff" * 40, "cannot be read"),
    ],
)
def test_a_file_that_is_nothing_of_that_is_a_problem(tmp_path: Path, content: bytes, said: str) -> None:
    with pytest.raises(Problem, match=said):
        found(tmp_path / "file", content)


def test_a_page_that_is_too_large_for_one_payload_is_a_page_for_each_that_it_lists() -> None:
    small = Payload("f", b'{"conversations": [1, 2]}')
    record = Payload("f", b'{"participants": [%b1]}' % (b"1, " * 400_000))
    cut = Payload("f", b'{"data": [%b' % (b"1, " * 400_000))
    page = b'{"totalHits": 2, "conversations": [{"id": "a"}, {"id": "%b"}]}' % (b"b" * 1_100_000)
    assert [list(pieces(each)) for each in (small, record, cut)] == [[small], [record], [cut]]
    first, second = pieces(Payload("f", page))
    assert first == ("f.conversations[0]", b'{"totalHits":2,"conversations":[{"id": "a"}]}')
    assert second.place == "f.conversations[1]"


def test_what_is_too_large_for_once_says_how_to_write_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lines, "MOST_BYTES", 1000)
    with pytest.raises(Problem, match="a JSON document of 0 MiB or more: write one payload a line, as `jq -c` does"):
        found(tmp_path / "file", b"{\n" + b" " * 1000 + b"}")
    with pytest.raises(Problem, match="file:2: a line of 0 MiB or more: write one payload a line"):
        found(tmp_path / "file", b'{"a":1}\n' + b" " * 1001)


def test_lines_are_read_one_by_one_however_large_the_file(tmp_path: Path) -> None:
    path = tmp_path / "large.jsonl"
    line = json.dumps({"text": "x" * 1000}) + "\n"
    with path.open("w") as file:
        file.writelines(line for _ in range(200_000))
    program = (
        "import resource, sys\nfrom pathlib import Path\nfrom stream.cli.lines import opened\n"
        "from stream.cli.payloads import payloads\n"
        "before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss\n"
        "with opened(Path(sys.argv[1])) as source: print(sum(1 for _ in payloads(source)))\n"
        "print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before)\n"
    )
    told = subprocess.run(
        [sys.executable, "-c", program, path], cwd=ROOT, capture_output=True, text=True, check=True, timeout=60
    )
    number, kilobytes = map(int, told.stdout.split())
    assert number == 200_000
    assert kilobytes < 20_000


def test_lines_of_a_queue_log_say_host_file_and_byte(tmp_path: Path) -> None:
    path, moved = tmp_path / "queue_log", tmp_path / "queue_log.1"
    content = b"1|NONE|NONE|NONE|QUEUESTART|\n\n2|1.1|q|\xff|CONNECT|1\r\n"
    for each in (path, moved):
        each.write_bytes(content)
    with opened(path) as source, opened(moved) as renamed:
        first, second = queue_log(source, "pbx-1")
        again = [each.content for each in queue_log(renamed, "pbx-1")]
    assert [first.content, second.content] == again
    assert [first.place, second.place] == [f"{path}:1", f"{path}:3"]
    told = msgspec.json.decode(second.content)
    assert told | {"file": ""} == {"host": "pbx-1", "file": "", "offset": 30, "line": "2|1.1|q|\ufffd|CONNECT|1"}
    assert msgspec.json.decode(first.content)["file"] == told["file"]


def test_a_line_of_a_queue_log_that_is_a_payload_already_stays(tmp_path: Path) -> None:
    path = tmp_path / "shipped"
    path.write_bytes(b'{"host":"a","line":"1|NONE|NONE|NONE|QUEUESTART|"}\n')
    with opened(path) as source:
        assert list(queue_log(source, "b")) == [Payload(f"{path}:1", path.read_bytes().strip())]


PIECES = st.sampled_from(
    [b"{", b"[", b"}", b"]", b",", b":", b'"', b"\n", b" ", b"1", b'{"a":1}', b"\xff", b"\xef\xbb\xbf", b"a=1&b"]
)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.one_of(PIECES, st.binary(max_size=3)), max_size=20).map(b"".join))
def test_whatever_is_in_a_file_it_is_payloads_or_a_problem(tmp_path: Path, content: bytes) -> None:
    try:
        told = found(tmp_path / "file", content)
    except Problem as problem:
        told = [(str(problem), b"")]
    assert all("\n" not in place for place, _ in told)
