"""Damaged mappings and rows: events that their topics take, a reason, or what is wrong with the mapping; never more."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from schemas.codec import decode
from schemas.rejected import REASONS, Rejected
from schemas.sources.conversion import Sending
from schemas.sources.mapped import Mapping
from schemas.sources.mapped_reading import Unclear, read
from schemas.sources.mapped_row import Row
from schemas.topics import TOPICS

PAGE = (Path(__file__).parents[2] / "docs" / "mapping.md").read_text()
MAPPING = re.findall(r"```toml\n(.*?)```", PAGE, re.DOTALL)[0]
HEADER, *LINES = re.findall(r"```csv\n(.*?)```", PAGE, re.DOTALL)[0].splitlines()
COLUMNS = HEADER.split(";")
ROWS = [dict(zip(COLUMNS, line.split(";"), strict=True)) for line in LINES]
EVERYTHING = """
[[event]]
type = "customer.survey_answered"
time = { from = "{Start}", plus = ["{Wait}", "{Hold}ms"], minus = "{After call}s", format = "iso", zone = "UTC" }
survey = { from = "{Skill}", table = { support = "nps", sales = "csat" } }
score = "{Hold}"
resolved = "{Result}"
revision = "{Wait}"

[[event]]
type = "agent.state_changed"
time = { from = "{Start}", format = "epoch_ms" }
agent_id = "{Agent}"
presence = { from = "{Result}", table = { ANSWERED = "available" } }
queues = ["{Skill}", "x-{Caller}"]
slots = { phone = "{Wait}" }

[[event]]
type = "interaction.updated"
time = { from = "{Start.0.at}", format = "epoch" }
attributes = { a = "{Caller.name}", b = "{Skill}" }
"""
NEEDED = ('customer_id = "c"', "", 'interaction_id = "{Caller}"\nchannel = "chat"')
WORDS = (
    '"', "{", "}", "[", "]", "[[event]]", "\n", "=", "{Start}", "''", "5", "true", "1979-05-27T07:32:00Z", "[fields]",
    "[tables.t]", 'table = "t"', "from", "plus", "minus", "%H", "%s", "%", "zone", "value", "\\u0000", "\x7f", "nan",
    'time_format = "iso"', 'empty = ["-"]', 'rows = "a"', "when = {}", "revision = 99999999999999999999",
)  # fmt: skip
TEXTS = st.one_of(
    st.sampled_from([
        "", "0", "-", "-1", "1e5", "NaN", "9" * 30, "9" * 400, "45s", "1:99", "99:99:99", "true", "{Start}", "\ud800",
        "0000-00-00", "9999-12-31T23:59:59-14:00", "0001-01-01T00:00:00+14:00", "2026-03-02T09:00:00", "253402300800",
        "999999999999d", "x" * 300_000, "1772442000", "٣", "02/03/2026 09:00:00", "31/12/9999 23:59:59",
    ]),
    st.text(max_size=30),
    st.datetimes().map(str),
    st.floats().map(str),
)  # fmt: skip
VALUES = st.recursive(
    st.one_of(TEXTS, st.none(), st.booleans(), st.integers(), st.floats()),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(TEXTS, inner, max_size=3)),
    max_leaves=6,
)
FAR = datetime(9999, 1, 1, tzinfo=UTC).timestamp() * 1000


def converted(mapping: Mapping, row: dict[str, object]) -> list[Sending] | Rejected:
    try:
        return mapping.convert(Row(row, mapping.layout.empty))
    except Rejected as rejected:
        return rejected


def taken_in(content: str) -> Mapping | None:
    """None of a mapping that says what is wrong with it."""
    try:
        return read(content)
    except Unclear as unclear:
        return None if str(unclear) else read(content)


def check(mapping: Mapping, row: dict[str, object]) -> None:
    made = converted(mapping, row)
    if isinstance(made, Rejected):
        assert made.reason in REASONS
        assert made.detail
        return
    for each in made:
        again = decode(TOPICS[each.topic], each.key, each.value, 2**62)
        assert again.at == each.at
        assert 0 < each.at < FAR + 400 * 86_400_000
    assert made == converted(mapping, row)


@given(st.sampled_from(ROWS), st.dictionaries(st.sampled_from(COLUMNS), VALUES, max_size=4), st.booleans())
def test_whatever_stands_in_a_row_gives_events_or_a_reason(row, changes, named):
    content = MAPPING if named else MAPPING.replace('id = "{Call ID}"', "")
    check(read(content + EVERYTHING), {**row, **changes})
    for single, needed in zip(EVERYTHING.split("[[event]]")[1:], NEEDED, strict=True):
        check(read(f'source = "/x"\n[[event]]{single}{needed}'), {**row, **changes})


@given(st.data())
def test_whatever_is_written_is_a_mapping_or_says_what_is_wrong(data):
    content = MAPPING + EVERYTHING
    for _ in range(data.draw(st.integers(1, 4))):
        start = data.draw(st.integers(0, len(content)))
        end = start + data.draw(st.sampled_from([0, 0, 1, 2, 8, 40]))
        content = content[:start] + data.draw(st.one_of(st.sampled_from(WORDS), st.text(max_size=3))) + content[end:]
    mapping = taken_in(content)
    for row in ROWS if mapping is not None else ():
        check(mapping, row)


KEYS = st.sampled_from([
    "source", "id", "zone", "time_format", "when", "empty", "rows", "format", "encoding", "delimiter", "fields",
    "tables",
])  # fmt: skip
LITERALS = st.recursive(
    st.sampled_from(
        ['""', '"a"', '"{a}"', "5", "-1.5", "true", "1979-05-27", "07:32:00", "inf", '"{Start}"', "[]", "{}"]
    ),
    lambda inner: st.one_of(
        st.lists(inner, max_size=2).map(lambda each: f"[{', '.join(each)}]"),
        st.tuples(st.sampled_from(["from", "value", "table", "plus", "phone", "not", "a"]), inner).map(
            lambda each: f"{{ {each[0]} = {each[1]} }}"
        ),
    ),
    max_leaves=4,
)
EVENT_KEYS = st.sampled_from(
    ["time", "when", "queue", "hold_ms", "resolved", "by", "attributes", "revision", "channel"]
)


@given(st.dictionaries(KEYS, LITERALS, max_size=3), st.dictionaries(EVENT_KEYS, LITERALS, max_size=3))
def test_every_key_with_every_kind_of_value_is_read_or_named(top, own):
    head = {"source": '"/x"', "zone": '"UTC"', **top}
    event = {
        "type": '"interaction.ended"',
        "time": '"{Start}"',
        "interaction_id": '"{Call ID}"',
        "channel": '"chat"',
        **own,
    }
    content = "\n".join(f"{name} = {told}" for name, told in head.items()) + "\n[[event]]\n"
    content += "\n".join(f"{name} = {told}" for name, told in event.items())
    mapping = taken_in(content)
    for row in ROWS if mapping is not None else ():
        check(mapping, {**row, "Start": "2026-03-02T09:00:00", "a": "5"})
