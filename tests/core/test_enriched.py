"""What services hear of each event, worked out by hand: about which segment, with which measures, how it stands."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from schemas.codec import decode
from schemas.topics import TOPICS
from stream.core.books.ledger import Ledger
from stream.core.interactions.closed import LARGEST
from stream.core.interactions.interaction import Interactions
from stream.core.rules import DAY, QueueRules, Rules
from tests.core import by_hand_enriched, by_hand_enriched_threads
from tests.core.by_hand import History, steps
from tests.core.enriched_words import decoded, enriched, read, told, words
from tests.core.memory_shard import MemoryShard
from tests.core.test_by_hand import rules
from tests.core.test_interaction import events

TABLES = by_hand_enriched.TABLES | by_hand_enriched_threads.TABLES


@pytest.mark.parametrize("name", TABLES)
def test_of_each_event_is_told_what_was_worked_out_by_hand(name: str) -> None:
    channel, table, thresholds, hours = TABLES[name]
    told_of, wanted = read(table)
    history = History(channel, told_of, "", thresholds=thresholds, hours=hours)
    records = events(steps(history))
    for cut, limit in ((1, 1000), (100, 1000), (2, 0), (1, 0)):
        assert [words(output) for output in told(channel, rules(history), records, cut=cut, limit=limit)] == wanted


def record(kind: str, at: str, name: str, revision: int = 0, **data: object) -> Any:
    """An event of a call, decoded."""
    value = {
        "specversion": "1.0", "id": name, "source": "/switch", "type": f"interaction.{kind}", "time": at,
        "revision": revision, "data": {"interaction_id": "i", "channel": "phone", **data}, "unknown": 1,
    }  # fmt: skip
    return decode(TOPICS["interactions.phone"], b"i", msgspec.json.encode(value), 2**60)


QUEUED = record(
    "queued", "2026-03-02T11:00:00.123456+01:00", 'q"1', revision=7, queue="q\u00e9", customer_id="c", extra=1
)
ENDED = record(
    "ended", "2026-03-02T10:00:01Z", "e", by="agent", resolved=None, attributes={"a": "b", "c": None}, queue=""
)


def test_what_was_sent_is_told_as_it_was_sent_and_what_we_add_behind_it() -> None:
    rules = Rules(queues={("phone", "q\u00e9"): QueueRules(threshold_ms=1000, target=0.95)})
    heard = told("phone", rules, [QUEUED, ENDED])
    assert [output.key for output in heard] == [b"c", b"c", b"c"]
    assert heard[0].value.decode() == (
        '{"type":"enriched.interaction.queued","id":"q\\"1","source":"centralino","subject":"c","origin":"/switch",'
        '"specversion":"1.0","time":"2026-03-02T11:00:00.123456+01:00","revision":0,'
        '"data":{"interaction_id":"i","channel":"phone","queue":"q\u00e9","customer_id":"c",'
        '"segment":0,"segment_queue":"q\u00e9",'
        '"measures":{"segments":1,"handled":0,"transferred":0,"wait_ms":0,"talk_ms":0,"hold_ms":0,"wrap_up_ms":0,'
        '"handle_ms":0},"sla":{"threshold_ms":1000,"target":0.95,"state":"ok"},"revision":0}}'
    )
    ended = decoded(heard[1])["data"]
    assert ended == {
        "interaction_id": "i", "channel": "phone", "by": "agent", "attributes": {"a": "b", "c": None},
        "segment": 0, "segment_queue": "q\u00e9", "measures": {**decoded(heard[0])["data"]["measures"], "wait_ms": 877},
        "sla": {"threshold_ms": 1000, "target": 0.95, "state": "ok"}, "revision": 1,
    }  # fmt: skip
    assert heard[2].value.decode() == (
        '{"type":"enriched.interaction.closed","id":"closed/phone/i","source":"centralino","subject":"c","specversion":"1.0",'
        '"time":"2026-03-02T10:00:01Z","revision":1,"data":{"channel":"phone","interaction_id":"i",'
        '"direction":"inbound","started_at":"2026-03-02T10:00:00.123000Z","ended_at":"2026-03-02T10:00:01Z",'
        '"closings":1,"reopened":0,"outcome":"flowed_out","bot":false,"contained":false,'
        '"segments":[{"number":0,"outcome":"flowed_out","queue":"q\u00e9",'
        '"queued_at":"2026-03-02T10:00:00.123000Z","left_at":"2026-03-02T10:00:01Z","flowed_out_by":"other",'
        '"wait_ms":877}],"measures":{"segments":1,"handled":0,"transferred":0,"wait_ms":877,"talk_ms":0,"hold_ms":0,'
        '"wrap_up_ms":0,"handle_ms":0},"sla":{"threshold_ms":1000,"target":0.95,"state":"ok"},"customer_id":"c",'
        '"revision":1}}'
    )


def forgotten() -> list[Any]:
    """A call is closed, its customer is forgotten, and is named again."""
    return [
        record("answered", "2026-03-02T10:00:00Z", "a", agent_id="anna", customer_id="c"),
        record("ended", "2026-03-02T10:01:00Z", "e"),
        record("forgotten", "2026-03-02T11:00:00Z", "f", customer_id="c"),
        record("updated", "2026-03-02T12:00:00Z", "u", customer_id="c"),
        record("ended", "2026-03-02T10:01:00Z", "e", revision=1, customer_id="c"),
        record("wrapped_up", "2026-03-02T10:01:30Z", "w", agent_id="anna", customer_id="d", reason="r"),
    ]  # fmt: skip


@pytest.mark.parametrize("limit", [0, 100])
def test_who_is_forgotten_is_not_named_again(limit: int) -> None:
    heard = told("phone", Rules(), forgotten(), limit=limit)
    named = [(decoded(output)["revision"], output.key, b'"customer_id"' in output.value) for output in heard]
    assert named == [
        (0, b"c", True), (1, b"c", False), (1, b"c", True), (3, b"i", False), (4, b"i", False), (5, b"i", False),
        (5, b"i", False),
    ]  # fmt: skip
    assert [decoded(output)["type"].rpartition(".")[2] for output in heard] == [
        "answered", "ended", "closed", "updated", "ended", "wrapped_up", "closed",
    ]  # fmt: skip


def test_what_is_not_applied_is_not_told() -> None:
    rules = Rules(max_events=2)
    calls = [
        record("started", "2026-03-02T10:00:00Z", "s"),
        record("started", "2026-03-02T10:00:00Z", "s"),
        record("queued", "2026-03-02T10:00:00Z", "q"),
        record("offered", "2026-03-02T10:00:00Z", "o", agent_id="anna"),
    ]
    assert [decoded(output)["revision"] for output in told("phone", rules, calls)] == [0, 2]
    old = record("started", "2026-02-01T10:00:00Z", "s", interaction_id="i")
    ledger, shard = Ledger(Interactions(Rules(), "phone", enriched=True), lambda _: "UTC"), MemoryShard()
    ledger.stream_time = old.at + 4 * DAY
    shard.fold(ledger, [(0, old)])
    assert ledger.counts == {"skipped": 1, "anomaly.expired": 1, "late": 1}
    assert shard.outputs == []


def test_of_more_segments_than_a_record_can_hold_the_latest_are_told() -> None:
    queue = "q" * 1000
    calls = [
        *(record("queued", f"2026-03-02T10:{n // 60:02}:{n % 60:02}Z", f"{n}", queue=queue) for n in range(1000)),
        record("abandoned", "2026-03-02T11:00:00Z", "e", reason="r" * 200_000),
    ]  # fmt: skip
    heard = told("phone", Rules(), calls, cut=5000)[-1]
    whole = decoded(heard)["data"]
    assert len(heard.value) <= LARGEST + 1000
    assert whole["measures"]["segments"] == 1000
    assert whole["segments_left_out"] == 1000 - len(whole["segments"]) == 500
    assert [segment["number"] for segment in whole["segments"]] == list(range(500, 1000))
    huge = [record("answered", f"2026-03-02T10:00:0{n}Z", f"{n}", agent_id=f"{n}" * 250_000) for n in range(4)]
    last = decoded(told("phone", Rules(), [*huge, record("ended", "2026-03-02T11:00:00Z", "e")])[-1])["data"]
    assert ([segment["number"] for segment in last["segments"]], last["segments_left_out"]) == ([2, 3], 2)


def test_without_being_asked_for_nothing_is_enriched() -> None:
    ledger, shard = Ledger(Interactions(Rules(), "phone"), lambda _: "UTC"), MemoryShard()
    shard.fold(ledger, [(0, QUEUED), (1, ENDED)])
    assert shard.outputs
    assert enriched(shard.outputs) == []
