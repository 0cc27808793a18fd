"""The AsyncAPI document is one, by AsyncAPI's own parser, and says of topics what their table says."""

from __future__ import annotations

from collections.abc import Callable
from copy import deepcopy
from typing import Any

import msgspec
import pytest

from checks.contract_page import ASYNCAPI, FOLDER
from schemas.contract.types import HEADERS, PUBLIC_TYPES
from schemas.contract.version import VERSION
from schemas.topics import SOURCES, TOPICS
from tests.parts.asyncapi import Validated, validated
from tests.parts.fixtures import skipping
from tests.schemas.contract_checks import faults

DOCUMENT = msgspec.json.decode((FOLDER / ASYNCAPI).read_bytes())


FAULTY: list[tuple[Callable[[Any], Any], str]] = [
    (lambda d: d.pop("info"), "info"),
    (lambda d: d["channels"]["queues.alerts"].update(adress="x"), "adress"),
    (
        lambda d: d["channels"]["queues.alerts"]["messages"].update(more={"$ref": "#/components/messages/x"}),
        "messages/x",
    ),
    (lambda d: d["operations"]["send.queues.alerts"].update(action="publish"), "action"),
    (lambda d: d["components"]["schemas"]["SpikeData"]["properties"]["usual"].update(type="float"), "usual/type"),
]


@pytest.fixture(scope="module")
def all_validated() -> list[Validated]:
    """The document, and faulty ones."""
    documents = [deepcopy(DOCUMENT) for _ in range(len(FAULTY) + 1)]
    for (change, _), document in zip(FAULTY, documents[1:], strict=True):
        change(document)
    with skipping():
        return validated(*documents)


def test_the_document_is_valid_and_has_every_public_topic_with_its_types(all_validated: list[Validated]) -> None:
    whole = all_validated[0]
    assert whole.faults == []
    public = {spec.name: spec.role for spec in TOPICS.values() if spec.role != "internal"}
    assert {topic["address"]: topic["actions"] for topic in whole.topics} == {
        name: ["send"] if role == "out" else ["receive"] for name, role in public.items()
    } | {"customers.events": ["receive", "send"]}
    for topic in whole.topics:
        types = [each.name for each in PUBLIC_TYPES.values() if topic["address"] in each.topics]
        if topic["address"].removeprefix("sources.") in SOURCES:
            assert topic["messages"] == ["payload"]
        else:
            assert topic["messages"] == (["dead-letter"] if types == [HEADERS] else types)


@pytest.mark.parametrize("number", range(len(FAULTY)), ids=[fault for _, fault in FAULTY])
def test_a_document_with_a_fault_is_not(number: int, all_validated: list[Validated]) -> None:
    told = all_validated[number + 1]
    assert [each for each in told.faults if FAULTY[number][1] in each], told.faults


def test_topics_are_bound_as_their_table_says() -> None:
    for name, channel in DOCUMENT["channels"].items():
        binding, spec = channel["bindings"]["kafka"], TOPICS[name]
        assert channel["address"] == binding["topic"] == name
        assert binding["partitions"] == 8
        told = {key: ",".join(each) if isinstance(each, list) else str(each)
                for key, each in binding["topicConfiguration"].items()}  # fmt: skip
        assert told == spec.config
        assert channel["description"]


def test_messages_say_how_they_are_keyed_and_show_an_event_that_fits() -> None:
    messages = DOCUMENT["components"]["messages"]
    assert set(messages) == {*PUBLIC_TYPES} - {HEADERS} | {"dead-letter", "payload"}
    for name, public in PUBLIC_TYPES.items():
        message = messages["dead-letter" if name == HEADERS else name]
        (example,) = message["examples"]
        assert faults(name, example["headers" if name == HEADERS else "payload"]) == []
        key = message["bindings"]["kafka"]["key"]["description"]
        assert key == ("that of the record, or none" if name == HEADERS else f"`{TOPICS[public.topics[0]].key}`")
        assert message["contentType"] == (
            "application/octet-stream" if name == HEADERS else "application/cloudevents+json"
        )


def test_the_document_has_the_version_and_no_address_but_this_machines() -> None:
    assert (DOCUMENT["asyncapi"], DOCUMENT["info"]["version"]) == ("3.0.0", VERSION)
    (server,) = DOCUMENT["servers"].values()
    assert (server["host"], server["protocol"]) == ("{bootstrap}", "kafka")
    assert server["variables"]["bootstrap"]["default"] == "127.0.0.1:9092"
