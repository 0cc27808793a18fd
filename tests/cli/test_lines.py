"""Files of records: what is read from a line, and what is said of one that cannot be read."""

from __future__ import annotations

import gzip
from pathlib import Path

import pytest

from stream.cli.lines import Line, opened, read_record, written
from stream.cli.problem import Problem

EVENT = (
    b'{"specversion":"1.0","id":"1","source":"/a","type":"interaction.started","time":"2026-03-02T15:00:00.1239Z",'
    b'"data":{"interaction_id":"p-1","channel":"phone"}}'
)


def test_what_is_written_is_read_again_byte_by_byte() -> None:
    line = written("interactions.phone", b"p-1", EVENT, 1_772_463_600_150)
    assert read_record(line) == Line("interactions.phone", b"p-1", EVENT, 1_772_463_600_150)


def test_a_bare_event_finds_its_topic_key_and_time() -> None:
    assert read_record(EVENT + b"\n") == Line("interactions.phone", b"p-1", EVENT, 1_772_463_600_123)


@pytest.mark.parametrize(
    ("line", "value"),
    [
        (b'{"topic":"interactions.chat","key":null,"value":"not \\u00e9 json"}', "not é json".encode()),
        (b'{"topic":"interactions.chat","value":null}', None),
        (b'{"topic":"interactions.chat","value":[ 1,  2 ]}', b"[ 1,  2 ]"),
    ],
)
def test_a_value_may_be_anything_for_the_worker_judges_events(line: bytes, value: bytes | None) -> None:
    assert read_record(line).value == value


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        (b"{", "not JSON"),
        (b"[]", "not a record"),
        (b"{}", "neither a record"),
        (b'{"topic":"interactions.fax","value":{}}', "no input topic is called 'interactions.fax'"),
        (b'{"topic":"dead-letters","value":{}}', "no input topic"),
        (b'{"topic":"interactions.chat"}', "no value"),
        (b'{"specversion":"1.0","type":"interaction.started"}', "without a usable time or data"),
        (EVENT.replace(b'"phone"', b'"fax"'), "no topic takes events of type"),
        (EVENT.replace(b'{"interaction_id":"p-1","channel":"phone"}', b"[]"), "without a usable time or data"),
        (EVENT.replace(b"interaction.started", b"weather.changed"), "no topic takes events of type"),
    ],
)
def test_a_line_that_cannot_be_sent_says_why(line: bytes, reason: str) -> None:
    with pytest.raises(ValueError, match=reason):
        read_record(line)


@pytest.mark.parametrize("name", ["day.jsonl", "day.jsonl.gz"])
def test_a_bad_line_is_named_with_its_file_packed_or_not(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    content = EVENT + b"\n\n" + EVENT + b"\n{\n"
    path.write_bytes(gzip.compress(content) if name.endswith("gz") else content)
    with opened(path) as source:
        records = source.records(read_record)
        assert next(records) == next(records)
        with pytest.raises(Problem, match=rf"{name}:4: not JSON"):
            next(records)


def test_a_damaged_archive_is_a_problem_of_the_file(tmp_path: Path) -> None:
    path = tmp_path / "day.jsonl.gz"
    path.write_bytes(gzip.compress(EVENT + b"\n")[:-9])
    with opened(path) as source, pytest.raises(Problem, match="cannot be read"):
        list(source.records(read_record))
