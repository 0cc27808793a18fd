"""Payloads are read leniently as to spelling and strictly as to meaning: the traps that platforms have laid so far."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.rejected import REASONS, Rejected
from schemas.sources.payload import MAX_BYTES, MAX_TEXT, Node, as_instant, read

ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)
READERS = (
    "raw", "text", "words", "needed", "flag", "number", "whole", "duration_ms", "instant", "epoch", "node", "nodes",
    "embedded",
)  # fmt: skip


def of(value: Any, name: str = "x") -> Node:
    """A payload of one field."""
    return Node({name: value})


def utc(*parts: int) -> datetime:
    return datetime(*parts, tzinfo=UTC)  # type: ignore[misc,arg-type]


def at_fault(read_: Any, *names: str, **more: Any) -> str:
    """The detail of why a field is refused."""
    with pytest.raises(Rejected) as caught:
        read_(*names, **more)
    assert caught.value.reason == "invalid_field"
    return caught.value.detail


def refusal(read_: Any, told: Any) -> Rejected | None:
    """Why something is not read; None when it is."""
    try:
        read_(told)
    except Rejected as rejected:
        return rejected
    return None


# The payload as a whole


@pytest.mark.parametrize(
    ("payload", "reason"),
    [
        (b"", "not_json"), (b"{", "not_json"), (b'{"a": NaN}', "not_json"), (b"a=1&b=2", "not_json"),
        (b'{"a": "\xff"}', "not_json"), (b'"{}"', "not_an_event"), (b"[]", "not_an_event"), (b"null", "not_an_event"),
        (b"12", "not_an_event"), (b'{"a": "%s"}' % (b"x" * MAX_BYTES), "too_large"),
        (b'{"a":' * 1000 + b"1" + b"}" * 1000, "not_json"),
    ],
    ids=range(11),
)  # fmt: skip
def test_a_payload_is_one_json_object(payload: bytes, reason: str) -> None:
    with pytest.raises(Rejected) as caught:
        read(payload)
    assert (caught.value.reason, bool(caught.value.detail)) == (reason, True)


def test_a_payload_may_have_blanks_around_it_and_huge_numbers_in_it() -> None:
    assert read(b' \n{"a": 1, "b": 123456789012345678901234567890}\r\n').text("a") == "1"


# Missing, null and empty


@pytest.mark.parametrize("nothing", [None, "", "  ", "\t\n"])
def test_null_and_empty_and_missing_are_the_same(nothing: str | None) -> None:
    for node in (of(nothing), Node({})):
        assert node.raw("x") is None
        assert node.text("x") is None
        assert node.words("x") == ""
        assert node.flag("x") is None
        assert node.number("x") is None
        assert node.whole("x") is None
        assert node.duration_ms("x") is None
        assert node.instant("x") is None
        assert node.epoch("x") is None
        assert not node.node("x")
        assert node.nodes("x") == []
        assert not node.embedded("x")
        with pytest.raises(Rejected, match="missing_field: x is missing"):
            node.needed("x")


def test_zero_and_false_are_not_nothing() -> None:
    assert (of(0).text("x"), of(0).number("x"), of(0).duration_ms("x")) == ("0", 0, 0)
    assert of(False).flag("x") is False
    assert of([]).raw("x") == []


def test_the_first_name_that_is_there_counts_and_dots_lead_inwards() -> None:
    node = Node({"a": None, "b": {"c": {"d": 7}, "e": ""}, "f": "last"})
    assert node.text("a", "b.e", "b.c.d", "f") == "7"
    assert node.text("a.b", "b.c.d.e", "f.g") is None
    assert "a" in node
    assert "z" not in node
    with pytest.raises(Rejected, match=r"a or b\.e is missing"):
        node.needed("a", "b.e")


def test_a_fault_names_the_place_from_the_top_of_the_payload() -> None:
    node = Node({"list": [{"inner": {"at": "then"}}]})
    detail = at_fault(node.nodes("list")[0].node("inner").instant, "at")
    assert detail.startswith("list[0].inner.at is 'then'")
    assert str(node.node("list").missing("x")).startswith("missing_field: list.x")
    assert node.invalid("list", "a word").detail == "list is a list: it must be a word"


# Keys


def test_names_are_the_same_in_any_case_where_that_is_asked_for() -> None:
    node = Node({"AgentInfo": {"agentArn": "a", "LIST": [{"Name": 1}]}, "eventTYPE": "X"}).in_any_case()
    assert node.text("agentinfo.AGENTARN") == "a"
    assert node.node("AGENTINFO").text("AgentArn") == "a"
    assert node.nodes("agentInfo.list")[0].text("nAmE") == "1"
    assert "EVENTTYPE" in node
    assert Node({"EventType": 1}).text("eventType") is None


def test_a_name_with_a_colon_is_a_name() -> None:
    assert Node({"tags": {"aws:connect:instanceId": "i"}}).text("tags.aws:connect:instanceId") == "i"


# Texts, flags and numbers


@pytest.mark.parametrize(
    ("told", "text"),
    [
        ("a", "a"), (" a b ", "a b"), (12, "12"), (12.5, "12.5"), (8469000000000000001, "8469000000000000001"),
        ("0012", "0012"),
    ],
)  # fmt: skip
def test_ids_are_texts_whether_they_come_as_numbers_or_not(told: Any, text: str) -> None:
    assert of(told).text("x") == text


@pytest.mark.parametrize("told", [True, {"a": 1}, [1], "x" * (MAX_TEXT + 1)])
def test_what_is_no_text_is_refused(told: Any) -> None:
    assert "it must be a text" in at_fault(of(told).text, "x")


def test_words_of_people_are_cut_and_never_refused() -> None:
    assert of("x" * 5000).words("x") == "x" * MAX_TEXT
    assert of({"a": 1}).words("x") == ""
    assert of(12).words("x") == ""


@pytest.mark.parametrize(("told", "flag"), [(True, True), ("true", True), (" False ", False), ("TRUE", True)])
def test_a_flag_may_be_a_text(told: Any, flag: bool) -> None:
    assert of(told).flag("x") is flag


@pytest.mark.parametrize("told", [1, 0, "yes", "1", [True], {}])
def test_what_is_no_flag_is_refused(told: Any) -> None:
    assert "true or false" in at_fault(of(told).flag, "x")


@pytest.mark.parametrize(("told", "number"), [(7, 7), ("7", 7), (" -7 ", -7), ("7.25", 7.25), (7.5, 7.5), ("007", 7)])
def test_a_number_may_be_a_text(told: Any, number: float) -> None:
    assert of(told).number("x") == number


@pytest.mark.parametrize(
    "told",
    [True, "seven", "7,5", "1e9", "0x7", "\u0667", "NaN", float("inf"), float("nan"), 2**64, "9" * 30, [7], {"a": 7}],
)
def test_what_is_no_number_is_refused(told: Any) -> None:
    for reader in ("number", "whole", "duration_ms"):
        assert "it must be" in at_fault(getattr(of(told), reader), "x")


def test_a_fraction_is_no_whole_number() -> None:
    assert (of(7.0).whole("x"), of("7.0").whole("x"), type(of("7.0").whole("x"))) == (7, 7, int)
    assert "whole" in at_fault(of(7.5).whole, "x")


def test_lengths_are_in_the_unit_of_the_field_and_never_below_zero() -> None:
    assert of("12").duration_ms("x") == 12_000
    assert of(0.0345).duration_ms("x") == 34
    assert of(12).duration_ms("x", unit=1) == 12
    assert of(-3).duration_ms("x") == 0
    assert of(2**62).duration_ms("x") == 10**12


# Instants


@pytest.mark.parametrize(
    ("told", "instant"),
    [
        ("2026-05-25T14:28:00.120Z", utc(2026, 5, 25, 14, 28, 0, 120_000)),
        ("2026-05-25T14:28:00Z", utc(2026, 5, 25, 14, 28)),
        ("2026-05-25 14:28:00", utc(2026, 5, 25, 14, 28)),
        ("2026-05-25t14:28:00z", utc(2026, 5, 25, 14, 28)),
        ("2026-05-25T14:28:00,5Z", utc(2026, 5, 25, 14, 28, 0, 500_000)),
        ("2026-05-25T16:28:00+02:00", utc(2026, 5, 25, 14, 28)),
        ("2026-05-25T16:28:00 +0200", utc(2026, 5, 25, 14, 28)),
        ("2026-05-25T09:58:00-04:30", utc(2026, 5, 25, 14, 28)),
        ("2026-05-25T14:28:00.123456789Z", utc(2026, 5, 25, 14, 28, 0, 123_456)),
        ("2026-05-25T14:28:00.999999999Z", utc(2026, 5, 25, 14, 28, 0, 999_999)),
        ("2026-5-5T4:28:00.1Z", utc(2026, 5, 5, 4, 28, 0, 100_000)),
        (" 2026-05-25T14:28:00Z ", utc(2026, 5, 25, 14, 28)),
    ],
)
def test_instants_in_iso_8601_are_read_as_platforms_write_them(told: str, instant: datetime) -> None:
    assert of(told).instant("x") == instant
    assert as_instant(told, "x") == instant
    assert of(told).instant("x").tzinfo is UTC  # type: ignore[union-attr]


@pytest.mark.parametrize("told", ["1970-01-01T00:00:00.001Z", "0001-01-01T00:00:00Z", "1970-12-31T23:59:59.999Z"])
def test_an_instant_before_1971_has_not_come(told: str) -> None:
    assert of(told).instant("x") is None


@pytest.mark.parametrize(
    "told",
    [
        "yesterday", "2026-05-25", "2026-13-25T14:28:00Z", "2026-02-30T14:28:00Z", "2026-05-25T24:28:00Z",
        "2026-05-25T14:28:60Z", "2026-05-25T14:28Z", "2026-05-25T14:28:00+99:99", "0001-01-01T00:00:00+10:00",
        "9999-12-31T23:59:59-10:00", "2026-05-25T14:28:00Z and more", "\u0662\u0660\u0662\u0666-05-25T14:28:00Z",
        1_780_000_000, 1.5,
        True, ["2026-05-25T14:28:00Z"], {"a": 1},
    ],
)  # fmt: skip
def test_what_is_no_instant_is_refused_since_no_other_would_be_right(told: Any) -> None:
    assert "ISO 8601" in at_fault(of(told).instant, "x")


@pytest.mark.parametrize(
    ("told", "unit", "instant"),
    [
        (1_780_000_000, 1, utc(2026, 5, 28, 20, 26, 40)),
        ("1780000000", 1, utc(2026, 5, 28, 20, 26, 40)),
        (1_780_000_000.230474, 1, utc(2026, 5, 28, 20, 26, 40, 230_474)),
        ("1780000000.230474", 1, utc(2026, 5, 28, 20, 26, 40, 230_474)),
        (1_780_000_000_123, 1000, utc(2026, 5, 28, 20, 26, 40, 123_000)),
        ("1780000000123", 1000, utc(2026, 5, 28, 20, 26, 40, 123_000)),
        (1_780_000_000, 1000, None),
        (0, 1, None),
        (1, 1000, None),
    ],
)
def test_instants_since_1970_are_in_the_unit_of_the_field_whatever_they_look_like(
    told: Any, unit: int, instant: datetime | None
) -> None:
    assert of(told).epoch("x", unit=unit) == instant


def test_milliseconds_in_a_field_of_seconds_are_refused_and_not_guessed() -> None:
    assert "seconds since 1970" in at_fault(of(1_780_000_000_123).epoch, "x")
    assert "milliseconds since 1970" in at_fault(of(1_780_000_000_123_456).epoch, "x", unit=1000)
    assert "since 1970" in at_fault(of(-1).epoch, "x")
    assert "since 1970" in at_fault(of(253_402_300_799.99999).epoch, "x")
    assert "since 1970" in at_fault(of(2**62).epoch, "x", unit=1000)
    assert "a number" in at_fault(of("2026-05-25T14:28:00Z").epoch, "x")


def test_an_instant_on_the_last_day_that_there_is_is_refused_since_nothing_can_be_reckoned_from_it() -> None:
    assert "ISO 8601" in at_fault(of("9999-12-31T00:00:00Z").instant, "x")
    assert "ISO 8601" in at_fault(of("9999-12-30T23:59:59-01:00").instant, "x")
    assert "since 1970" in at_fault(of(253_402_214_400).epoch, "x")
    assert of("9999-12-30T23:59:59Z").instant("x") == of(253_402_214_399).epoch("x") == utc(9999, 12, 30, 23, 59, 59)


@given(st.datetimes(min_value=datetime(1971, 1, 2), max_value=datetime(9999, 12, 30)))  # noqa: DTZ001
def test_any_instant_comes_back_however_it_is_written(naive: datetime) -> None:
    at = naive.replace(tzinfo=UTC)
    assert of(at.isoformat()).instant("x") == at
    assert of((at + timedelta(hours=1)).replace(tzinfo=None).isoformat() + "+01:00").instant("x") == at
    since = (at - utc(1970, 1, 1)) // timedelta(milliseconds=1)
    assert of(str(since)).epoch("x", unit=1000) == at.replace(microsecond=at.microsecond // 1000 * 1000)


# What lies inside


def test_an_object_may_come_as_a_list_and_a_list_as_an_object() -> None:
    assert Node({"x": [{"a": 1}, {"a": 2}]}).node("x").text("a") == "1"
    assert [each.text("a") for each in Node({"x": {"a": 1}}).nodes("x")] == ["1"]
    assert [each.text("a") for each in Node({"x": [{"a": 1}, None, "no", 3, {"a": 2}]}).nodes("x")] == ["1", "2"]
    for odd in ("text", 7, True, ["text"]):
        assert not Node({"x": odd}).node("x")
        assert Node({"x": odd}).nodes("x") == []


def test_json_inside_a_text_is_an_object_too() -> None:
    assert of('{"from": "+1555"}').embedded("x").text("from") == "+1555"
    assert of({"from": "+1555"}).embedded("x").text("from") == "+1555"
    assert of('{"a": "no"}').embedded("x").path == "x"
    for odd in ("[1]", "7", "null", 7, None, []):
        assert not of(odd).embedded("x")
    assert "JSON" in at_fault(of("{not json").embedded, "x")
    assert "JSON" in at_fault(of('{"a": "\ud800"}').embedded, "x")


def test_the_fields_of_a_node_can_be_gone_through() -> None:
    assert list(Node({"b": 1, "a": 2})) == ["b", "a"]
    assert list(Node({"B": 1}).in_any_case()) == ["b"]


@given(ANYTHING, st.sampled_from(READERS), st.booleans())
def test_whatever_a_field_holds_it_is_read_or_refused_with_a_reason(value: Any, reader: str, any_case: bool) -> None:
    node = of({"Y": value}).in_any_case() if any_case else of({"y": value})
    for read_, name in ((getattr(node, reader), "x.y"), (getattr(node.node("x"), reader), "y")):
        refused = refusal(read_, name)
        assert refused is None or (refused.reason in REASONS and refused.detail.startswith("x.y ")), refused
        assert len(str(refused)) < 250


@given(st.binary(max_size=60) | ANYTHING.map(lambda told: json.dumps(told).encode(errors="replace")))
def test_whatever_the_bytes_are_a_payload_is_read_or_refused(payload: bytes) -> None:
    refused = refusal(read, payload)
    assert refused is None or refused.reason in {"not_json", "not_an_event"}
