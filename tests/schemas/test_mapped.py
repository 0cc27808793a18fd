"""Mappings: what a row gives, and what is said of a mapping that cannot be used."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from schemas.rejected import Rejected
from schemas.sources.mapped import Mapping
from schemas.sources.mapped_reading import Unclear, read
from schemas.sources.mapped_row import Row

ROW = {
    "Call": "17", "Date": "02/03/2026", "Clock": "09:00:00", "Wait": "12", "Ring": "0:08", "Queue": " support ",
    "Caller": "+39 06 1234567", "Mail": "Anna@Example.org", "Agent": "anna", "Result": "OK", "None": "", "Nine": "9",
    "Yes": "yes", "Dash": "-",
}  # fmt: skip
HEAD = 'source = "/cdr/test"\nid = "{Call}"\nzone = "Europe/Rome"\ntime_format = "%d/%m/%Y %H:%M:%S"\n'
EVENT = """
[[event]]
type = "interaction.TYPE"
time = "{Date} {Clock}"
interaction_id = "{Call}"
channel = "phone"
"""


def mapping(more: str = "", kind: str = "queued", head: str = HEAD) -> Mapping:
    return read(head + EVENT.replace("TYPE", kind) + more)


def event(more: str, kind: str = "queued", row: dict[str, Any] = ROW, head: str = HEAD) -> dict[str, Any]:
    (made,) = mapping(more, kind, head).convert(Row(row, frozenset({"-"})))
    return msgspec.json.decode(made.value)


@pytest.mark.parametrize(
    ("written", "kind", "wanted"),
    [
        ('queue = "{Queue}"', "queued", "support"),
        ('queue = "x-{Queue}/{Nine}"', "queued", "x-support/9"),
        ('queue = "{None}"', "queued", None),
        ('queue = "x-{None}"', "queued", None),
        ('queue = "{Dash}"', "queued", None),
        ('queue = ""', "queued", None),
        ('queue = "fixed"', "queued", "fixed"),
        ('queue = { value = "{odd}" }', "queued", "{odd}"),
        ('queue = { from = "{Queue}" }', "queued", "support"),
        ('queue = { from = "{Queue}", table = { support = "help" } }', "queued", "help"),
        ('queue = { from = "{Agent}", table = { support = "help" } }', "queued", "anna"),
        ('queue = { from = "{Queue}", table = "queues" }\n[tables.queues]\nsupport = "aid"', "queued", "aid"),
        ('customer_id = { phone = "{Caller}" }', "queued", "tel:+39061234567"),
        ('customer_id = { phone = "{Agent}" }', "queued", None),
        ('customer_id = { phone = "{Caller}", country = "44" }', "queued", "tel:+39061234567"),
        ('customer_id = { phone = "06 {Wait}345", country = "+39" }', "queued", "tel:+390612345"),
        ('customer_id = { phone = "030 {Wait}345", country = "49", trunk = "0" }', "queued", "tel:+493012345"),
        ('customer_id = { phone = "10{Wait}", country = "39" }', "queued", "tel:1012"),
        ('customer_id = { email = "{Mail}" }', "queued", "mailto:anna@example.org"),
        ('attributes = { a = "{Agent}", b = "c", d = "{None}" }', "queued", {"a": "anna", "b": "c"}),
        ('hold_ms = "{Wait}s"', "ended", 12_000),
        ('hold_ms = "{Wait}"', "ended", 12),
        ('hold_ms = "{Ring}"', "ended", 8_000),
        ("hold_ms = 5", "ended", 5),
        ('hold_ms = "2m"', "ended", 120_000),
        ('resolved = "{Yes}"', "ended", True),
        ("resolved = false", "ended", False),
        ('resolved = { from = "{Result}", table = { OK = true } }', "ended", True),
        ('by = "agent"', "ended", "agent"),
    ],
)
def test_a_field_is_what_is_written_for_it(written: str, kind: str, wanted: Any) -> None:
    assert event(written, kind)["data"].get(written.split(" ", maxsplit=1)[0]) == wanted


@pytest.mark.parametrize(
    ("written", "wanted"),
    [
        ('"{Date} {Clock}"', "2026-03-02T08:00:00Z"),
        ('{ from = "{Date} {Clock}", plus = "{Wait}s" }', "2026-03-02T08:00:12Z"),
        ('{ from = "{Date} {Clock}", plus = ["{Wait}s", "{Ring}"] }', "2026-03-02T08:00:20Z"),
        ('{ from = "{Date} {Clock}", minus = "{Wait}ms" }', "2026-03-02T07:59:59.988000Z"),
        ('{ from = "{Date} {Clock}", zone = "America/New_York" }', "2026-03-02T14:00:00Z"),
        ('{ from = "{Date}", format = "%d/%m/%Y" }', "2026-03-01T23:00:00Z"),
        ('{ from = "2026-03-02T09:00:0{Nine}Z", format = "iso" }', "2026-03-02T09:00:09Z"),
        ('{ from = "2026-07-02 09:00:0{Nine}", format = "iso" }', "2026-07-02T07:00:09Z"),
        ('{ from = "2026-07-02 09:00:0{Nine} UTC", format = "iso" }', "2026-07-02T09:00:09Z"),
        ('{ from = "2026-07-02 09:00:0{Nine} +0200", format = "iso" }', "2026-07-02T07:00:09Z"),
        ('{ from = "2026-07-02T09:00:0{Nine}.500000999 -03:30", format = "iso" }', "2026-07-02T12:30:09.500000Z"),
        ('{ from = "177244200{Nine}", format = "epoch" }', "2026-03-02T09:00:09Z"),
        ('{ from = "177244200{Nine}.5", format = "epoch" }', "2026-03-02T09:00:09.500000Z"),
        ('{ from = "177244200000{Nine}", format = "epoch_ms" }', "2026-03-02T09:00:00.009000Z"),
        ('{ from = "25/10/2026 02:30:0{Nine}" }', "2026-10-25T00:30:09Z"),
        ('{ from = "29/03/2026 02:30:0{Nine}" }', "2026-03-29T01:30:09Z"),
    ],
)
def test_a_time_is_read_in_its_format_and_zone(written: str, wanted: str) -> None:
    content = HEAD + EVENT.replace("TYPE", "queued").replace('"{Date} {Clock}"', written)
    (made,) = read(content).convert(Row(ROW))
    told = msgspec.json.decode(made.value)
    assert told["time"] == wanted
    assert made.at == msgspec.convert(wanted, type=__import__("datetime").datetime).timestamp() * 1000


@pytest.mark.parametrize("clock", ["", "-"])
def test_an_event_whose_time_is_empty_is_not_told(clock: str) -> None:
    assert mapping().convert(Row({**ROW, "Clock": clock}, frozenset({"-"}))) == []


@pytest.mark.parametrize(("layout", "told"), [("iso", "0000-00-00 00:00:00"), ("epoch", "0"), ("iso", "1970-01-01")])
def test_a_time_of_nothing_but_zeros_is_none(layout: str, told: str) -> None:
    head = HEAD.replace("%d/%m/%Y %H:%M:%S", layout)
    made = read(head + EVENT.replace("TYPE", "queued").replace("{Date} {Clock}", "{Date}"))
    assert made.convert(Row({**ROW, "Date": told})) == []


def test_an_empty_length_makes_a_time_empty() -> None:
    content = EVENT.replace('"{Date} {Clock}"', '{ from = "{Date} {Clock}", plus = ["{Wait}s", "{None}s"] }')
    assert read(HEAD + content.replace("TYPE", "queued")).convert(Row(ROW)) == []


@pytest.mark.parametrize(
    ("when", "told"),
    [
        ('{ Result = "OK" }', True),
        ('{ Result = "KO" }', False),
        ('{ Result = ["KO", "OK"] }', True),
        ('{ Result = { not = "OK" } }', False),
        ('{ Result = { not = ["KO", ""] } }', True),
        ('{ None = "" }', True),
        ('{ None = { not = "" } }', False),
        ('{ Nine = 9, Result = "OK" }', True),
        ('{ Nine = 9, Result = "KO" }', False),
        ("{}", True),
    ],
)
def test_an_event_is_told_when_all_conditions_hold(when: str, told: bool) -> None:
    assert bool(mapping(f"when = {when}").convert(Row(ROW))) is told
    assert bool(mapping(head=f"when = {when}\n{HEAD}").convert(Row(ROW))) is told


def test_fields_of_all_events_give_way_to_an_events_own() -> None:
    content = (
        HEAD + '[fields]\nqueue = "{Queue}"\nagent_id = "{Agent}"\nscore = 4\nsurvey = "csat"\ncustomer_id = "c"\n'
    )
    survey = '[[event]]\ntype = "customer.survey_answered"\ntime = "{Date} {Clock}"\ncustomer_id = "d"'
    made = read(content + EVENT.replace("TYPE", "answered") + 'queue = ""\n' + survey).convert(Row(ROW))
    first, second = (msgspec.json.decode(each.value)["data"] for each in made)
    assert first == {"interaction_id": "17", "channel": "phone", "agent_id": "anna", "customer_id": "c"}
    assert second == {"customer_id": "d", "survey": "csat", "score": 4}
    assert [each.topic for each in made] == ["interactions.phone", "customers.events"]
    assert [each.key for each in made] == [b"17", b"d"]


def test_a_customers_aliases_and_an_agents_queues_are_lists_of_what_is_there() -> None:
    content = HEAD + (
        '[[event]]\ntype = "customer.identified"\ntime = "{Date} {Clock}"\ncustomer_id = "c"\n'
        'aliases = [{ phone = "{Caller}" }, { email = "{None}" }, "crm:{Call}"]\n'
        '[[event]]\ntype = "agent.state_changed"\ntime = "{Date} {Clock}"\nagent_id = "{Agent}"\n'
        'presence = "available"\nqueues = "{Queue}"\nslots = { chat = "{Nine}" }\n'
    )
    customer, agent = read(content).convert(Row(ROW))
    assert msgspec.json.decode(customer.value)["data"]["aliases"] == ["tel:+39061234567", "crm:17"]
    assert msgspec.json.decode(agent.value)["data"]["queues"] == ["support"]
    assert msgspec.json.decode(agent.value)["data"]["slots"] == {"chat": 9}
    assert agent.topic == "agents.presence"


def test_ids_are_the_rows_and_tell_its_events_apart() -> None:
    content = HEAD + EVENT.replace("TYPE", "held") + EVENT.replace("TYPE", "resumed") + EVENT.replace("TYPE", "held")
    ids = [msgspec.json.decode(each.value)["id"] for each in read(content).convert(Row(ROW))]
    assert ids == ["17:held", "17:resumed", "17:held.2"]


def test_without_an_id_all_of_the_row_is_its_name_whatever_the_order_of_its_columns() -> None:
    made = mapping(head=HEAD.replace('id = "{Call}"', ""))
    again, other = dict(reversed(ROW.items())), {**ROW, "Wait": "13"}
    first, second, third = (msgspec.json.decode(made.convert(Row(row))[0].value)["id"] for row in (ROW, again, other))
    assert first == second != third


def test_a_revision_is_told_of_the_event_itself() -> None:
    assert event('revision = "{Nine}"')["revision"] == 9
    assert "revision" not in event('revision = "{None}"')
    again = event("", head=HEAD + "[fields]\nrevision = 2\n")
    assert (again["id"], again["revision"]) == ("17:queued", 2)


def test_a_json_row_is_read_by_paths() -> None:
    row = {"call": {"id": 17, "ok": True, "legs": [{"queue": "a"}, {"queue": "b"}]}, "at": 1772442000.25, "a.b": "c"}
    content = 'source = "/x"\n' + EVENT.replace("{Date} {Clock}", "{at}").replace("{Call}", "{call.id}")
    content = (
        content.replace("TYPE", "queued") + 'queue = "{call.legs.1.queue}"\nreason = "{a.b}"\nwhen = {"call.ok" = true}'
    )
    (made,) = read(content.replace('source = "/x"', 'source = "/x"\ntime_format = "epoch"')).convert(Row(row))
    told = msgspec.json.decode(made.value)
    assert told["data"] == {"interaction_id": "17", "channel": "phone", "queue": "b", "reason": "c"}
    assert told["time"] == "2026-03-02T09:00:00.250000Z"


@pytest.mark.parametrize(
    ("change", "reason", "detail"),
    [
        ({"Date": "2026-03-02"}, "invalid_field", "interaction.ended: {Clock} and {Date} give '2026-03-02 09:00:00'"),
        ({"Call": ""}, "missing_field", "id: Call is empty"),
        ({"Call": "x" * 200}, "invalid_field", "data.interaction_id is"),
        ({"Wait": "soon"}, "invalid_field", "{Wait} gives 'soons': it must be a length"),
        ({"Yes": "maybe"}, "invalid_field", "{Yes} gives 'maybe': it must be true or false"),
        ({"Result": "WHO"}, "invalid_field", 'data.by is "WHO": it must be one of agent, bot, customer, system'),
        ({"Queue": ["a"]}, "invalid_field", "Queue is a list: name what is in it"),
        ({"Queue": "\ud800"}, "invalid_field", "the row has what no event can have"),
    ],
)
def test_a_row_at_fault_says_which_event_and_column(change: dict[str, Any], reason: str, detail: str) -> None:
    more = (
        'queue = "{Queue}"\nhold_ms = "{Wait}s"\nresolved = "{Yes}"\nby = { from = "{Result}", table = { OK = "bot" } }'
    )
    with pytest.raises(Rejected) as raised:
        mapping(more, "ended").convert(Row({**ROW, **change}))
    assert raised.value.reason == reason
    assert detail in raised.value.detail


def test_a_length_without_a_unit_says_how_to_write_it() -> None:
    content = EVENT.replace('"{Date} {Clock}"', '{ from = "{Date} {Clock}", plus = "{Wait}" }').replace(
        "TYPE", "queued"
    )
    with pytest.raises(Rejected, match=r'as in "\{Wait\}s"'):
        read(HEAD + content).convert(Row(ROW))


def test_a_row_gives_all_of_its_events_or_none() -> None:
    content = HEAD + EVENT.replace("TYPE", "queued") + EVENT.replace("TYPE", "ended") + 'by = "{Agent}"'
    with pytest.raises(Rejected, match=r"interaction\.ended: data\.by"):
        read(content).convert(Row(ROW))


Q = "event 1 (interaction.queued): "  # fmt: skip


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("", "source is missing"),
        ("x =", "it is not TOML"),
        ('source = "/x"', "there is no [[event]]"),
        ('source = ""\n[[event]]', "source: Expected `str` of length >= 1"),
        ('source = "/x"\nevent = 5', "event: Expected `array`, got `int`"),
        ('sauce = "/x"', "at the top: there is no 'sauce': did you mean 'source'?"),
        ('source = "/x"\n[[event]]\ntype = "interaction.quued"', "event 1: type is 'interaction.quued': did you mean"),
        ('source = "/x"\n[[event]]\ntype = "interaction.forgotten"', "event 1: type is 'interaction.forgotten'"),
        ('source = "/x"\n[[event]]\ntype = ["a"]', "event 1: type is ['a']"),
        (HEAD.replace("Rome", "Roma") + "[[event]]", "zone is 'Europe/Roma'"),
        (HEAD.replace("/Rome", "") + "[[event]]", "zone is 'Europe'"),
        (HEAD.replace("%Y", "") + "[[event]]", "a format without a year"),
        (HEAD.replace("%Y", "%Q") + "[[event]]", "no format of times"),
        (HEAD.replace("%d/%m/%Y %H:%M:%S", "soon") + "[[event]]", "it must be one of iso, epoch, epoch_ms"),
        ('delimiter = "ab"\n' + HEAD + EVENT, "delimiter is 'ab'"),
        ('encoding = "morse"\n' + HEAD + EVENT, "encoding is 'morse'"),
        ('encoding = "base64"\n' + HEAD + EVENT, "encoding is 'base64'"),
        ('format = "xml"\n' + HEAD + EVENT, "format is 'xml'"),
        (HEAD.replace("{Call}", "call") + EVENT, "id: 'call' is the same for every row"),
        (HEAD.replace("{Call}", "{}") + EVENT, "no column between the braces"),
        (HEAD + '[fields]\nqeue = "a"\n' + EVENT, "fields: there is no 'qeue': did you mean 'queue'?"),
        (HEAD + "[tables.x]\na = []\n" + EVENT, "tables.x: a is []"),
        (HEAD + EVENT + 'qeue = "a"', Q + "there is no 'qeue': did you mean 'queue'?"),
        (HEAD + EVENT + 'queue = "{a"', Q + "queue is '{a': a column stands in braces"),
        (HEAD + EVENT + "queue = { from = 5 }", Q + "queue is {'from': 5}: write"),
        (HEAD + EVENT + 'queue = { from = "a" }', Q + "queue is 'a': no column is in it"),
        (HEAD + EVENT + 'queue = { from = "{a}", tabel = {} }', Q + "queue is {'from'"),
        (HEAD + EVENT + 'queue = { from = "{a}", table = "t" }', Q + "queue is 't': there is no [tables.t]"),
        (HEAD + EVENT + 'customer_id = { phone = "{a}", country = "IT" }', Q + "customer_id is {'phone': '{a}', 'coun"),
        (HEAD + EVENT + 'customer_id = { phone = "{a}", trunk = "0" }', Q + "customer_id is {'phone': '{a}', 'trunk"),
        (HEAD + EVENT + 'queue = ["a"]', Q + "queue is ['a']: write"),
        (HEAD + EVENT + 'attributes = "a"', Q + "attributes is 'a': write"),
        (HEAD + EVENT + "attributes = { a = 5 }", Q + "attributes is 5: it must be an object, each value a string"),
        (HEAD + EVENT + 'direction = "in"', Q + "direction is 'in': it must be one of inbound, outbound"),
        (HEAD + EVENT + 'direction = { from = "{a}", table = { i = "in" } }', Q + "direction is {'i': 'in'}"),
        (HEAD + EVENT + "revision = 1.5", Q + "revision is 1.5: it must be an integer"),
        (HEAD + EVENT + "when = 5", Q + "when is 5"),
        (HEAD + EVENT + "when = { a = [] }", Q + "when: a is []"),
        (HEAD + EVENT + "when = { a = { is = 5 } }", Q + "when: a is {'is': 5}"),
        (HEAD + EVENT.replace('"{Date} {Clock}"', "5"), Q + "time is 5: write"),
        (HEAD + EVENT.replace('"{Date} {Clock}"', '"now"'), Q + "time is 'now' for every row"),
        (HEAD + EVENT.replace('"{Date} {Clock}"', '{ from = "{a}", pluss = "{b}" }'), Q + "time: there is no 'pluss'"),
        (HEAD + EVENT.replace('"{Date} {Clock}"', '{ from = "{a}", plus = 5 }'), Q + "time: plus is 5"),
        (HEAD + EVENT.replace('"{Date} {Clock}"', '{ from = "{a}", zone = 5 }'), Q + "time: zone is 5"),
        (HEAD + EVENT.replace('"{Date} {Clock}"', '{ from = "{a}", format = 5 }'), Q + "time: format is 5"),
        (HEAD.replace('zone = "Europe/Rome"', "") + EVENT, "names no zone"),
        (HEAD + EVENT.replace('time = "{Date} {Clock}"', ""), Q + "time is missing"),
        (HEAD + EVENT.replace('channel = "phone"', ""), Q + "channel is missing: interaction.queued needs it, one of"),
        (HEAD + EVENT.replace('channel = "phone"', 'channel = "fax"'), Q + "channel is 'fax': it must be one of chat"),
        (HEAD + EVENT.replace('channel = "phone"', 'channel = ""'), Q + "channel is missing"),
    ],
)
def test_a_mapping_that_cannot_be_used_names_table_and_key(content: str, said: str) -> None:
    with pytest.raises(Unclear) as raised:
        read(content.replace("TYPE", "queued"))
    assert said in str(raised.value)
    assert "\n" not in str(raised.value)


def test_an_answered_event_must_say_by_whom() -> None:
    with pytest.raises(Unclear, match=r"event 1 \(interaction\.answered\): agent_id is missing"):
        mapping(kind="answered")


def test_what_a_mapping_speaks_of_is_known_and_what_may_be_meant_as_a_column() -> None:
    made = mapping('queue = "Queue"\nattributes = { a = "b{Agent}" }\nwhen = { Result = "OK" }\nrevision = "{Nine}"')
    assert made.names == {"Call", "Date", "Clock", "Agent", "Result", "Nine"}
    assert made.constants == (("event 1 (interaction.queued): queue", "Queue"),)
