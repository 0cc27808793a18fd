"""Real events fit the schemas of their types, and what the codec refuses does not."""

from __future__ import annotations

import random
from pathlib import Path
from typing import Any, get_args

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from schemas import catalogue
from schemas.alerts import Alert
from schemas.codec import decode
from schemas.contract.json_schema import DIALECT, document
from schemas.contract.types import HEADERS, OURS, PUBLIC_TYPES
from schemas.enriched import ENRICHED_TYPES
from schemas.insights import Insight
from schemas.rejected import Rejected
from schemas.topics import TOPICS
from stream.cli import app
from tests.schemas.contract_checks import faults
from tests.schemas.contract_told import FILE, Shards, text, told_downstream
from tests.schemas.records import Example, examples

ACCEPTED = [each for each in examples("accepted") if TOPICS[each.topic].role == "in"]
OUTSIDE = {"too_large", "not_json", "wrong_topic", "time_in_future"}
"""Reasons that are about more than an event's own content."""


def test_the_contract_has_every_type_that_others_send_or_read() -> None:
    inputs = {name for name, public in PUBLIC_TYPES.items() if public.direction == "in"}
    assert inputs == set(catalogue.INPUT_TYPES) - OURS
    told = {catalogue.wire_name(kind) for kind in (*get_args(Insight), *get_args(Alert))}
    assert set(PUBLIC_TYPES) - inputs == {*ENRICHED_TYPES, *told, "reason_spike", "customer.forgotten", HEADERS}


@pytest.mark.parametrize("name", PUBLIC_TYPES)
def test_each_schema_is_one_of_2020_12_and_stands_alone(name: str) -> None:
    schema = document(PUBLIC_TYPES[name])
    Draft202012Validator.check_schema(schema)
    assert (schema["$schema"], schema["$id"]) == (DIALECT, f"urn:centralino:contract:1:{name}")
    assert schema["title"] == name
    assert all(part["description"] for part in (schema, *schema.get("$defs", {}).values()))
    refers = {found["$ref"] for found in nodes(schema) if "$ref" in found}
    assert refers == {f"#/$defs/{part}" for part in schema.get("$defs", {})}


@pytest.mark.parametrize("name", PUBLIC_TYPES)
def test_instants_have_a_format_nothing_of_ours_is_null_and_more_fields_may_come(name: str) -> None:
    schema = document(PUBLIC_TYPES[name])
    for struct in (schema, *schema.get("$defs", {}).values()):
        assert struct["additionalProperties"] is True
        for field, told in struct["properties"].items():
            if field.endswith("_at") or field in {"time", "at", "since", "until"}:
                assert told == {"type": "string", "format": "date-time"}, f"{struct['title']}.{field}"
            if PUBLIC_TYPES[name].direction == "out":
                assert "null" not in told.get("type", ())
                assert "anyOf" not in told


@pytest.mark.parametrize("example", ACCEPTED, ids=str)
def test_a_golden_event_fits(example: Example) -> None:
    event = msgspec.json.decode(example.value)
    if event["type"] == "interaction.forgotten":
        assert event["type"] not in PUBLIC_TYPES
    elif event["type"] == "customer.forgotten":
        assert faults(event["type"], event | {"source": "centralino forget"}) == []
    else:
        assert faults(event["type"], event) == []


@pytest.mark.parametrize("example", [each for each in examples("rejected") if each.reason not in OUTSIDE], ids=str)
def test_a_golden_event_that_is_rejected_does_not_fit(example: Example) -> None:
    event = msgspec.json.decode(example.value)
    name = event.get("type") if isinstance(event, dict) else None
    if "record key" in example.detail or "has no key" in example.detail:
        assert faults(name, event) == []
    else:
        assert faults(name if name in PUBLIC_TYPES else "interaction.queued", event)


def test_what_is_told_downstream_fits_and_each_type_is_among_it() -> None:
    seen = set()
    for topic, event in told_downstream():
        name = HEADERS if topic == "dead-letters" else event["type"]
        assert topic in PUBLIC_TYPES[name].topics
        assert faults(name, event) == [], event
        seen.add(name)
    assert seen == {name for name, public in PUBLIC_TYPES.items() if public.direction == "out"}


def test_a_simulated_day_and_what_is_told_of_it_fit(tmp_path: Path) -> None:
    path, shards = tmp_path / "day.jsonl", Shards()
    app(["simulate", "--out", str(path), "--events", "2000", "--seed", "7", "--start", "2026-03-02T09:00:00Z"],
        standalone_mode=False)  # fmt: skip
    for line in path.read_bytes().splitlines():
        record = msgspec.json.decode(line)
        assert faults(record["value"]["type"], record["value"]) == []
        shards.take(record["topic"], record["key"].encode(), msgspec.json.encode(record["value"]))
    assert len(shards.told) > 900
    for _, event in shards.told:
        assert faults(event["type"], event) == [], event


@pytest.mark.parametrize("path", ["data", "id", "time", "specversion", "type", "source", "data.interaction_id"])
@pytest.mark.parametrize("name", ["enriched.interaction.closed", "customer.friction", "interaction.answered"])
def test_what_lacks_a_field_that_is_promised_does_not_fit(name: str, path: str) -> None:
    event = msgspec.json.decode(FILE.read_bytes())[name]
    assert faults(name, event) == []
    *before, last = path.split(".")
    holder = event
    for each in before:
        holder = holder[each]
    if name == "customer.friction" and path == "data.interaction_id":
        path, last = "data.why", "why"
    del holder[last]
    assert [each for each in faults(name, event) if f"'{last}' is a required property" in each]


@pytest.mark.parametrize(
    ("name", "path", "value"),
    [
        ("enriched.interaction.answered", "data.sla.state", "fine"),
        ("enriched.interaction.answered", "data.measures.wait_ms", "12"),
        ("enriched.interaction.answered", "source", "somebody"),
        ("enriched.interaction.closed", "data.ended_at", "2026-03-02 at nine"),
        ("enriched.interaction.closed", "data.segments", {}),
        ("customer.context", "type", "customer.friction"),
        ("customer.friction", "data.channel", None),
        ("queue.sla.breached", "data.previous", "worse"),
        ("queue.sla.breached", "data.drivers.agents_staffed", 1.5),
        ("reason_spike", "data.starts_at", 17),
        (HEADERS, "offset", 12),
    ],
)
def test_what_says_something_else_than_it_should_does_not_fit(name: str, path: str, value: Any) -> None:
    event = msgspec.json.decode(FILE.read_bytes())[name]
    holder, (*before, last) = event, path.split(".")
    for each in before:
        holder = holder[each]
    holder[last] = value
    assert [each for each in faults(name, event) if each.startswith(f"$.{path}:")]


def test_a_value_that_may_be_added_to_a_list_of_ours_fits_and_a_longer_list_of_a_source_does_not() -> None:
    told = msgspec.json.decode(FILE.read_bytes())
    friction, flowed_out = told["customer.friction"], told["interaction.flowed_out"]
    friction["data"]["why"] = flowed_out["data"]["outcome"] = "something new"
    assert faults("customer.friction", friction) == []
    assert faults("interaction.flowed_out", flowed_out)


VALUES: list[Any] = [
    None, "", "x", "x" * 128, "x" * 129, 0, 1, -1, 5, 11, 10**12, 10**12 + 1, 2**53, 2**63 - 1, 2**64, 1.5, True, False,
    [], ["x"], [""], {}, {"k": "v"}, {"k": None}, {"k": 1}, "phone", "inbound", "customer", "nps", "available", "1.0",
    "2026-03-02T08:00:00Z", "2026-03-02T08:00:00.5+01:00", "2026-03-02T08:00:00", "2026-03-02",
]  # fmt: skip


@settings(max_examples=600)
@given(st.randoms(use_true_random=False))
def test_the_codec_and_the_schema_refuse_the_same(draw: random.Random) -> None:
    example = draw.choice([each for each in ACCEPTED if msgspec.json.decode(each.value)["type"] not in OURS])
    event = msgspec.json.decode(example.value)
    holder = draw.choice([event, event["data"], event["data"]])
    struct = PUBLIC_TYPES[event["type"]].struct
    known = catalogue.fields_of(struct if holder is event else catalogue.data_of(struct))  # type: ignore[arg-type]
    field = draw.choice([each.name for each in known if each.name != "data"])
    if draw.random() < 0.1:
        holder.pop(field, None)
    else:
        holder[field] = draw.choice(VALUES)
    spec, data = TOPICS[example.topic], event["data"]
    owner = data.get(catalogue.ENTITY_ID[spec.family])
    key = owner.encode() if isinstance(owner, str) else b"x"
    try:
        decode(spec, key, msgspec.json.encode(event), -1)
        refused = False
    except Rejected as rejected:
        refused = rejected.reason != "wrong_topic"
    assert bool(faults(event["type"], event)) == refused, event


def test_the_examples_of_the_contract_are_what_our_code_tells_of_the_story() -> None:
    assert FILE.read_text() == text(), "run `python -m tests.schemas.contract_told`"


def nodes(schema: Any) -> list[dict[str, Any]]:
    """All objects of a document."""
    if isinstance(schema, list):
        return [found for each in schema for found in nodes(each)]
    if not isinstance(schema, dict):
        return []
    return [schema, *(found for each in schema.values() for found in nodes(each))]
