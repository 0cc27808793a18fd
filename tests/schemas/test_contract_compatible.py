"""Within a major version nothing is taken back: what may be changed in the contract, and what may not."""

from __future__ import annotations

import json
from collections.abc import Callable
from copy import deepcopy
from pathlib import Path
from typing import Annotated, Any, Literal

import msgspec
import pytest
from msgspec import Meta, Struct

from checks import contract_page, contract_release, pages
from checks.contract_compatible import breaks
from schemas.contract import json_schema
from schemas.contract.types import PUBLIC_TYPES, PublicType
from schemas.contract.version import VERSION, ordered
from schemas.envelope import Envelope

NOW = contract_page.documents()
Change = Callable[[Any], Any]


def changed(place: str, *changes: Change) -> dict[str, Any]:
    documents = deepcopy(NOW)
    for change in changes:
        change(documents[place])
    return documents


def found(place: str, *changes: Change) -> list[str]:
    return [f"{each.where}: {each.what}" for each in breaks(NOW, changed(place, *changes))]


def data(schema: Any, part: str = "") -> Any:
    return schema["$defs"][part or schema["properties"]["data"]["$ref"].removeprefix("#/$defs/")]


def fields(schema: Any, part: str = "") -> Any:
    return data(schema, part)["properties"]


QUEUED, ENDED = "in/interaction.queued.schema.json", "in/interaction.ended.schema.json"
FLOWED_OUT, RISK = "in/interaction.flowed_out.schema.json", "out/customer.at_risk.schema.json"
CLOSED, BREACHED = "out/enriched.interaction.closed.schema.json", "out/queue.sla.breached.schema.json"

REFUSED: list[tuple[str, Change, str]] = [
    (RISK, lambda s: fields(s).pop("score"), "customer.at_risk (out).data.score: the field is gone"),
    (RISK, lambda s: fields(s)["score"].update(type="string"),
     "customer.at_risk (out).data.score: it was integer and is string"),
    (RISK, lambda s: fields(s)["score"].update(type="number"),
     "customer.at_risk (out).data.score: it was integer and is number"),
    (RISK, lambda s: fields(s)["score"].update(type=["integer", "null"]),
     "customer.at_risk (out).data.score: it was integer and is integer or null"),
    (RISK, lambda s: data(s)["required"].remove("why"), "customer.at_risk (out).data.why: the field may be absent now"),
    (RISK, lambda s: fields(s)["why"]["x-extensible-enum"].remove("detractor"),
     "customer.at_risk (out).data.why: the value detractor is gone"),
    (RISK, lambda s: fields(s)["happened_at"].pop("format"),
     "customer.at_risk (out).data.happened_at: format was date-time and is not set"),
    (RISK, lambda s: fields(s)["customer_id"].update(maxLength=256),
     "customer.at_risk (out).data.customer_id: maxLength was 128 and is 256"),
    (RISK, lambda s: fields(s)["customer_id"].pop("minLength"),
     "customer.at_risk (out).data.customer_id: minLength was 1 and is not set"),
    (RISK, lambda s: s["properties"]["type"].update(const="customer.risk"),
     "customer.at_risk (out).type: the value customer.at_risk is gone"),
    (BREACHED, lambda s: fields(s)["state"]["enum"].append("worse"),
     "queue.sla.breached (out).data.state: the value worse is new, in a list that is closed"),
    (BREACHED, lambda s: fields(s)["state"].update({"x-extensible-enum": fields(s)["state"].pop("enum")}),
     "queue.sla.breached (out).data.state: its list of values was closed and is open"),
    (BREACHED, lambda s: fields(s)["state"].pop("enum"), "queue.sla.breached (out).data.state: any value is told"),
    (BREACHED, lambda s: fields(s, "Drivers")["longest_waiting"].update(items={"type": "string"}),
     "queue.sla.breached (out).data.drivers.longest_waiting[]: it was object and is string"),
    (CLOSED, lambda s: fields(s, "ClosedSegment").pop("wait_ms"),
     "enriched.interaction.closed (out).data.segments[].wait_ms: the field is gone"),
    (CLOSED, lambda s: fields(s, "Measures")["wait_ms"].update(default=0),
     "enriched.interaction.closed (out).data.measures.wait_ms: default was not set and is 0"),
    (QUEUED, lambda s: data(s)["required"].append("queue"),
     "interaction.queued (in).data.queue: the field is required now"),
    (QUEUED, lambda s: fields(s).pop("reason"), "interaction.queued (in).data.reason: the field is gone"),
    (QUEUED, lambda s: fields(s)["reason"].update(type="string"),
     "interaction.queued (in).data.reason: it was null or string and is string"),
    (QUEUED, lambda s: fields(s)["reason"].update(enum=["bill", None]),
     "interaction.queued (in).data.reason: only bill is taken"),
    (QUEUED, lambda s: fields(s)["interaction_id"].update(maxLength=64),
     "interaction.queued (in).data.interaction_id: maxLength was 128 and is 64"),
    (QUEUED, lambda s: fields(s)["queue"].update(minLength=1),
     "interaction.queued (in).data.queue: minLength was not set and is 1"),
    (QUEUED, lambda s: fields(s)["attributes"]["additionalProperties"].update(type="string"),
     "interaction.queued (in).data.attributes.*: it was null or string and is string"),
    (QUEUED, lambda s: s.update(additionalProperties=False),
     "interaction.queued (in): additionalProperties was True and is False"),
    (FLOWED_OUT, lambda s: fields(s)["outcome"]["enum"].remove("voicemail"),
     "interaction.flowed_out (in).data.outcome: the value voicemail is gone"),
    (ENDED, lambda s: fields(s)["hold_ms"].update(maximum=10**6),
     "interaction.ended (in).data.hold_ms: maximum was 1000000000000 and is 1000000"),
    ("in/customer.survey_answered.schema.json", lambda s: data(s)["allOf"].pop(),
     "customer.survey_answered (in).data: allOf was"),
    ("asyncapi.json", lambda s: s["channels"].pop("queues.alerts"), "topic queues.alerts: the topic is gone"),
    ("asyncapi.json", lambda s: s["channels"]["queues.alerts"].update(address="alerts"),
     "topic queues.alerts: it is called alerts now"),
    ("asyncapi.json", lambda s: s["channels"]["customers.insights"]["messages"].pop("reason_spike"),
     "topic customers.insights: reason_spike is not in it any more"),
    ("asyncapi.json", lambda s: s["components"]["messages"]["customer.joined"]["bindings"]["kafka"]["key"].update(
        description="any"), "topic customers.events: the key of customer.joined was `customer_id` and is any"),
]  # fmt: skip


@pytest.mark.parametrize(("place", "change", "line"), REFUSED, ids=[line for *_, line in REFUSED])
def test_what_somebody_relies_on_may_not_change(place: str, change: Change, line: str) -> None:
    first, *_ = found(place, change)
    assert first.startswith(line)


def rename(schema: Any) -> None:
    fields(schema)["rating"] = fields(schema).pop("score")


def test_a_field_that_is_renamed_is_gone() -> None:
    assert found(RISK, rename) == ["customer.at_risk (out).data.score: the field is gone"]


def test_a_type_that_is_renamed_is_gone() -> None:
    documents = deepcopy(NOW)
    documents["out/customer.danger.schema.json"] = documents.pop(RISK)
    assert [tuple(each) for each in breaks(NOW, documents)] == [("customer.at_risk (out)", "the type is gone")]


@pytest.mark.parametrize(
    ("place", "change"),
    [
        (RISK, lambda s: fields(s).update(more={"type": "string"})),
        (RISK, lambda s: (fields(s).update(more={"type": "string"}), data(s)["required"].append("more"))),
        (RISK, lambda s: data(s)["required"].append("score")),
        (RISK, lambda s: fields(s)["why"]["x-extensible-enum"].append("moved away")),
        (RISK, lambda s: fields(s)["customer_id"].update(maxLength=64)),
        (RISK, lambda s: (s.update(description="Other words."), fields(s)["why"].update(description="Why."))),
        (QUEUED, lambda s: fields(s).update(more={"type": ["string", "null"]})),
        (QUEUED, lambda s: fields(s)["interaction_id"].update(maxLength=256)),
        (QUEUED, lambda s: data(s)["required"].remove("channel")),
        (QUEUED, lambda s: fields(s)["channel"].update(type=["string", "null"])),
        (QUEUED, lambda s: fields(s)["channel"].pop("enum")),
        (FLOWED_OUT, lambda s: fields(s)["outcome"]["enum"].append("fax")),
        (ENDED, lambda s: fields(s)["hold_ms"].update(type=["number", "null"])),
        ("asyncapi.json", lambda s: s["channels"]["queues.alerts"]["bindings"]["kafka"].update(partitions=16)),
    ],
)
def test_what_nobody_stumbles_over_may_change(place: str, change: Change) -> None:
    assert changed(place, change) != NOW
    assert found(place, change) == []


class Thing(Struct, kw_only=True, omit_defaults=True):
    """Of a type that is not in the contract."""

    n: int
    words: Annotated[str, Meta(max_length=9)] | None = None
    kind: Literal["a", "b"]


class More(Thing, kw_only=True):
    """The same with a field."""

    more: int | None = None


class Fewer(Struct, kw_only=True, omit_defaults=True):
    """The same without a field."""

    words: Annotated[str, Meta(max_length=9)] | None = None
    kind: Literal["a", "b"]


def of(struct: type[Struct], direction: Literal["in", "out"] = "out") -> dict[str, Any]:
    event = msgspec.defstruct("Happened", [("data", struct)], bases=(Envelope,), tag="thing.happened", kw_only=True,
                              namespace={"__doc__": "It happened."})  # fmt: skip
    return {**NOW, f"{direction}/thing.happened.schema.json": json_schema.document(
        PublicType("thing.happened", event, direction, ("queues.alerts",)))}  # fmt: skip


def test_a_struct_that_loses_a_field_breaks_and_one_that_gains_one_does_not() -> None:
    assert [tuple(each) for each in breaks(of(Thing), of(Fewer))] == [
        ("thing.happened (out).data.n", "the field is gone")
    ]
    assert breaks(of(Thing), of(More)) == []
    assert [tuple(each) for each in breaks(of(Fewer, "in"), of(Thing, "in"))] == [
        ("thing.happened (in).data.n", "the field is required now")
    ]


def test_the_pages_are_stale_when_a_struct_has_another_field(monkeypatch: pytest.MonkeyPatch, capsys: Any) -> None:
    pages.main(["--check"])
    assert "docs/contract" not in capsys.readouterr().out
    old = PUBLIC_TYPES["reason_spike"]
    grown = msgspec.defstruct("SpikeData", [("channel", str | None, None)], kw_only=True, omit_defaults=True,
                              bases=(_data(old.struct),))  # fmt: skip
    event = msgspec.defstruct("ReasonSpike", [("data", grown)], bases=(Envelope,), tag="reason_spike", kw_only=True,
                              namespace={"__doc__": old.struct.__doc__})  # fmt: skip
    monkeypatch.setitem(PUBLIC_TYPES, "reason_spike", PublicType("reason_spike", event, "out", old.topics))
    assert pages.main(["--check"]) == 1
    stale = capsys.readouterr().out
    assert "docs/contract/out/reason_spike.schema.json is not what its source says (schemas)" in stale
    assert "docs/contract/asyncapi.json is not what its source says" in stale
    assert "customer.at_risk" not in stale


def _data(event: Any) -> type[Struct]:
    found: type[Struct] = {field.name: field.type for field in msgspec.structs.fields(event)}["data"]
    return found


def test_the_contract_keeps_what_was_released() -> None:
    assert contract_release.faults(NOW) == []
    assert contract_release.main(["--check"]) == 0
    assert ordered(contract_release.released()[-1]) <= ordered(VERSION)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    assert contract_release.release(NOW, "1.9.0", tmp_path) == []
    assert contract_release.release(NOW, "1.10.0", tmp_path) == []
    return tmp_path


def test_a_release_is_compared_with_by_its_number_and_never_changed(folder: Path) -> None:
    assert contract_release.released(folder) == ["1.9.0", "1.10.0"]
    assert contract_release.read(folder / "1.10.0") == NOW == contract_release.read(folder / "1.9.0")
    assert contract_release.release(NOW, "1.10.0", folder) == []
    documents = changed(RISK, lambda s: fields(s).update(more={"type": "string"}))
    (line,) = contract_release.release(documents, "1.10.0", folder)
    assert line.startswith("1.10.0 is released, and other than this")
    assert json.loads((folder / "1.10.0" / RISK).read_text()) == NOW[RISK]


def test_an_addition_asks_for_a_minor_version_and_words_for_none(folder: Path) -> None:
    documents = changed(RISK, lambda s: fields(s).update(more={"type": "string"}))
    assert contract_release.faults(documents, "1.10.0", folder) == [
        "out/customer.at_risk.schema.json says more than in version 1.10.0: set 1.11.0 in schemas/contract/version.py"
    ]
    assert contract_release.faults(documents, "1.11.0", folder) == []
    reworded = changed(RISK, lambda s: s.update(description="Other words."))
    assert contract_release.faults(reworded, "1.10.0", folder) == []


def test_a_break_is_refused_with_what_to_do_but_in_a_new_major_version(folder: Path) -> None:
    documents = changed(RISK, rename)
    first, advice = contract_release.faults(documents, "1.11.0", folder)
    assert first == "customer.at_risk (out).data.score: the field is gone"
    assert "add what is new beside it" in advice
    assert "2.0.0 in schemas/contract/version.py" in advice
    assert contract_release.release(documents, "1.11.0", folder) == [first, advice]
    assert contract_release.released(folder) == ["1.9.0", "1.10.0"]
    assert contract_release.release(documents, "2.0.0", folder) == []
    (line,) = contract_release.faults(documents, "1.12.0", folder)
    assert "2.0.0 is released" in line


def test_without_a_release_the_check_says_how_to_make_one(tmp_path: Path) -> None:
    (line,) = contract_release.faults(NOW, "1.0.0", tmp_path / "none")
    assert "make contract-release" in line
