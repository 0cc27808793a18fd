"""The intake: what a payload becomes, where it goes, and that what was told before is neither lost nor told twice."""

from __future__ import annotations

from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any, cast
from zlib import crc32

import msgspec
import pytest
from aiokafka.partitioner import DefaultPartitioner
from faust.types import TP
from structlog.testing import capture_logs

from agents.intake import Intake, Payload, reader
from agents.outputs import Outputs
from agents.owner import Partitions
from agents.topics import taken_in
from schemas import events as e
from schemas.pseudonyms import Pseudonyms
from schemas.rejected import Rejected, Skipped
from schemas.sources.conversion import Change, Converted, Sending, Vendor
from schemas.sources.options import Options
from schemas.topics import TOPICS
from stream.core.books.cells import encode
from stream.core.stage import Output

AT = 1_700_000_000_000


def state(agent: str, number: int, at: int = AT) -> e.Event:
    return e.AgentStateChanged(
        id=f"{agent}-{number}", source="/toy", specversion="1.0", time=datetime.fromtimestamp(at / 1000, UTC),
        data=e.AgentData(agent_id=agent, presence="available", queues=[str(number)]),
    )  # fmt: skip


class Counted:
    """A memory: how often each agent was told of."""

    def __init__(self) -> None:
        self.seen: dict[str, int] = {}

    def take(self, change: Change) -> e.Event | None:
        if change.place[2] < sum(self.seen.values()):
            return None
        self.seen[change.agent] = self.seen.get(change.agent, 0) + 1
        return state(change.agent, self.seen[change.agent], change.at)

    def load(self, blob: bytes | None) -> None:
        self.seen = {} if blob is None else msgspec.msgpack.decode(blob, type=dict[str, int])

    def dump(self) -> bytes:
        return msgspec.msgpack.encode(self.seen)


def toy(payload: bytes, options: Options) -> Converted:
    match msgspec.json.decode(payload):
        case "unknown":
            return Skipped("unknown")
        case "nothing":
            return []
        case "wrong":
            raise Rejected("invalid_field", "wrong")
        case {"customer": customer}:
            data = e.IdentifiedData(customer_id=customer, aliases=["tel:+391", "tel:+392"])
            at = datetime.fromtimestamp(AT / 1000, UTC)
            return [e.Identified(id="i", source="/toy", specversion="1.0", time=at, data=data)]
        case {"at": at}:
            return [state("anna", 1, at)]
    raise AssertionError(payload)


TOY = Vendor(name="asterisk", title="Toy", convert=toy, memory=Counted)
READ: Any = reader(TOY, Options(agents={"anna": "a1"}, queues={"1": "support"}))


def changed(agent: str, place: int) -> Payload:
    return Payload(AT, [Change(AT, ("host", "file", place), agent, None, "PAUSE", "")])


def test_a_payload_becomes_records_with_our_names_for_the_topic_where_they_belong() -> None:
    payload = READ(None, b'{"at":1700000000000}', AT)
    assert payload.at == AT
    (record,) = payload.told
    assert (record.topic, record.key, record.at) == ("agents.presence", b"a1", AT)
    assert msgspec.json.decode(record.value)["data"]["queues"] == ["support"]


@pytest.mark.parametrize(("payload", "kind"), [(b'"unknown"', "unknown"), (b'"nothing"', "asterisk")])
def test_what_gives_nothing_is_skipped(payload: bytes, kind: str) -> None:
    assert READ(None, payload, AT) == Skipped(kind)


def test_a_kind_that_is_not_known_is_named_in_the_log_once() -> None:
    read: Any = reader(msgspec.structs.replace(TOY, convert=lambda *_: Skipped("k" * 300)), Options())
    with capture_logs() as logs:
        assert [read(None, b"1", AT) for _ in range(3)] == [Skipped("k" * 100)] * 3
    assert [(each["vendor"], each["kind"]) for each in logs] == [("asterisk", "k" * 100)]


def test_a_list_of_payloads_gives_what_each_gives_and_none_of_it_when_one_is_at_fault() -> None:
    payload = READ(None, b'["nothing",{"at":1700000000000},"unknown",{"at":1700000001000}]', AT)
    assert [each.at for each in payload.told] == [AT, AT + 1000]
    with pytest.raises(Rejected, match="wrong"):
        READ(None, b'[{"at":1700000000000},"wrong"]', AT)


def test_an_event_of_the_records_future_is_rejected() -> None:
    assert READ(None, b'{"at":1700000000000}', AT - 300_000).at == AT
    with pytest.raises(Rejected, match="time_in_future"):
        READ(None, b'{"at":1700000000000}', AT - 300_001)


def test_with_a_key_no_name_of_a_customer_is_sent() -> None:
    pseudonyms = Pseudonyms(b"a secret of the house")
    read: Any = reader(TOY, Options(), pseudonyms.of)
    (record,) = read(None, b'{"customer":"anna"}', AT).told
    assert record.key == pseudonyms.of("anna").encode()
    data = msgspec.json.decode(record.value)["data"]
    wanted = [pseudonyms.of(alias) for alias in ("tel:+391", "tel:+392")]
    assert data == {"customer_id": pseudonyms.of("anna"), "aliases": wanted}


def sends(books: Intake, *payloads: Payload) -> list[str]:
    books.outputs.clear()
    books.apply(list(enumerate(payloads)))
    return [msgspec.json.decode(output.value)["id"] for output in books.outputs]


def test_what_was_told_before_is_loaded_first_written_with_the_offset_and_given_up_with_the_batch() -> None:
    books = Intake(Counted)
    books.open(0, None)
    assert books.ask(["any key"]) == ["memory"]
    books.learn(["memory"], [None])
    assert books.ask(["any key"]) == []
    assert sends(books, changed("anna", 0), changed("anna", 1)) == ["anna-1", "anna-2"]
    name, blob = books.writes().states
    assert name == "memory"
    assert isinstance(blob, bytes)
    books.committed()
    assert books.writes().states == []
    assert sends(books, changed("anna", 2)) == ["anna-3"]
    books.drop()
    assert books.ask([]) == ["memory"]
    books.learn(["memory"], [blob])
    assert sends(books, changed("anna", 1)) == []  # told again
    assert sends(books, changed("anna", 2)) == ["anna-3"]  # the same once more, under the same id


def test_a_vendor_without_a_memory_loads_and_writes_nothing_but_counts() -> None:
    books = Intake(None)
    books.open(0, None)
    assert books.ask(["any key"]) == []
    books.apply([(7, Payload(AT, [Sending("interactions.phone", b"i1", b"{}", AT)]))])
    assert books.outputs == [Output("interactions.phone", b"i1", b"{}")]
    writes = books.writes()
    assert (writes.states, writes.stream_time, writes.counts) == ([], AT, encode({"applied": 1}))


def test_a_rebuild_goes_on_behind_what_was_taken_in_and_makes_a_memory_anew_without_a_word() -> None:
    assert Intake(None).go_on(3, 7) == 7
    books = Intake(Counted)
    books.open(0, None)
    assert books.go_on(1, 2) == 1
    books.learn(["memory"], [None])
    books.apply([(1, changed("anna", 0)), (2, changed("anna", 1))])
    assert [msgspec.json.decode(output.value)["id"] for output in books.outputs] == ["anna-2"]


def test_the_group_hears_nothing_less_while_payloads_are_read_again_so_that_who_is_stopped_then_knows_it() -> None:
    owner = Partitions.__new__(Partitions)
    again, others = TP("sources.asterisk", 0), TP("interactions.phone", 0)
    owner._taken_in = {again: 7}
    owner.owned = {tp: cast("Any", SimpleNamespace(shard=SimpleNamespace(offset=3))) for tp in (again, others)}
    assert owner.applied() == {again: 7, others: 3}
    owner.owned[again].shard.offset = 9
    assert owner.applied() == {again: 9, others: 3}


def test_payloads_have_been_taken_in_only_where_the_group_has_read_all_input_topics() -> None:
    inputs = [TP(spec.named("x."), 0) for spec in TOPICS.values() if spec.role == "in"]
    payloads = TP("x.sources.twilio", 1)
    offsets = {**dict.fromkeys(inputs, 0), payloads: 5, TP("x.customers.timeline", 0): 3}
    assert taken_in(offsets, "x.") == {payloads: 5}
    assert taken_in(offsets, "y.") == {}
    for each in inputs:
        assert taken_in({tp: offset for tp, offset in offsets.items() if tp != each}, "x.") == {}


@pytest.mark.parametrize("count", [1, 3, 8])
def test_input_topics_are_partitioned_as_kafkas_clients_do_and_our_own_by_crc32(count: int) -> None:
    places = list(range(count))
    for number in range(200):
        key = f"i-{number}".encode()
        as_clients_do = DefaultPartitioner()(key, places, places)
        assert Outputs._place(Output("interactions.phone", key, b""), count) == as_clients_do
        assert Outputs._place(Output("customers.timeline", key, b""), count) == crc32(key) % count
