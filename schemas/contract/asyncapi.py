"""The whole contract as one AsyncAPI 3.0 document: topics, how they are kept and keyed, and what lies in them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from schemas.contract.json_schema import event
from schemas.contract.types import HEADERS, PUBLIC_TYPES, taken, told
from schemas.contract.version import VERSION
from schemas.topics import TOPICS

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from schemas.contract.json_schema import Schema
    from schemas.contract.types import PublicType
    from schemas.topics import TopicSpec

JSON = "application/cloudevents+json"
BYTES = "application/octet-stream"
BINDING = "0.5.0"
REFERENCE = "#/components/schemas/{name}"
DEAD_LETTER, PAYLOAD = "dead-letter", "payload"

HEAD = (
    "Contact-center events in; events to build on out. CloudEvents 1.0 in structured JSON, one a record. Fields that"
    " are not described here, and types that are not, may come at any time: ignore them. Within a major version of this"
    " document there are only additions. A prefix of all topics' names is a setting, empty unless set."
)
WORDS: dict[str, str] = {
    "interactions": "What happens to the interactions of one channel. In any order, and as often as one likes: the same"
    " `source` and `id` count once, a higher `revision` replaces what was told.",
    "agents.presence": "Who of the agents is there.",
    "customers.events": "What customers say and do elsewhere. Who keeps copies of what we tell reads in it who is to be"
    " forgotten.",
    "sources": "A platform's own payloads, byte for byte: docs/sources.md says which, and what becomes of them.",
    "interactions.enriched": "Each interaction event that counts, with what the interaction amounts to by then; closed"
    " interactions as a whole. (`origin`, `id`, `revision`) is told once: dedupe by it. Read it `read_committed`.",
    "customers.insights": "What to know of a customer while it can be acted on. An `id` always says the same: dedupe by"
    " it. Read it `read_committed`.",
    "queues.alerts": "That a queue is at risk, breached, or well again: each once, in order. Read it `read_committed`.",
    "dead-letters": "Records that could not be understood, key and value unchanged, with the reason in the headers.",
}
"""What a topic is for: by its name, or by what stands before the dot."""
_KEYS = {"any": "any: it decides the partition alone", "the original key": "that of the record, or none"}


def document(examples: Mapping[str, Any], partitions: int) -> dict[str, Any]:
    """The document. `examples`: an event by the name of its type; `partitions`: of topics whose row says nothing."""
    specs = [spec for spec in TOPICS.values() if spec.role != "internal"]
    messages: dict[str, Any] = {}
    schemas: dict[str, Schema] = {}
    for public in PUBLIC_TYPES.values():
        schema, parts = event(public, REFERENCE)
        for name, part in {public.name: schema, **parts}.items():
            assert schemas.setdefault(name, part) == part, f"two schemas are called {name}"
        if public.name != HEADERS:
            messages[public.name] = _message(public, schema, examples)
    messages[DEAD_LETTER] = {
        "title": DEAD_LETTER, "summary": "What was not understood.", "contentType": BYTES, "payload": {},
        "headers": {"$ref": REFERENCE.format(name=HEADERS)}, "bindings": _key(TOPICS["dead-letters"]),
        "examples": [{"headers": examples[HEADERS]}],
    }  # fmt: skip
    messages[PAYLOAD] = {"title": PAYLOAD, "summary": "As the platform sent it.", "contentType": BYTES, "payload": {}}
    return {
        "asyncapi": "3.0.0",
        "info": {"title": "Centralino", "version": VERSION, "description": HEAD},
        "defaultContentType": JSON,
        "servers": {"kafka": _server()},
        "channels": {spec.name: _channel(spec, partitions) for spec in specs},
        "operations": {name: each for spec in specs for name, each in _operations(spec)},
        "components": {"messages": messages, "schemas": dict(sorted(schemas.items()))},
    }


def _server() -> dict[str, Any]:
    return {
        "host": "{bootstrap}",
        "protocol": "kafka",
        "description": "The cluster of the setting `kafka_bootstrap_servers`.",
        "variables": {"bootstrap": {"default": "127.0.0.1:9092", "description": "`host:port` of a broker."}},
    }


def _channel(spec: TopicSpec, partitions: int) -> dict[str, Any]:
    policy = {
        "cleanup.policy": spec.config["cleanup.policy"].split(","),
        **{name: int(value) for name, value in spec.config.items() if name != "cleanup.policy"},
    }
    return {
        "address": spec.name,
        "description": WORDS.get(spec.name) or WORDS[spec.name.partition(".")[0]],
        "messages": {name: {"$ref": f"#/components/messages/{name}"} for name in _received(spec) + _sent(spec)},
        "bindings": {
            "kafka": {
                "topic": spec.name,
                "partitions": spec.partitions or partitions,
                "topicConfiguration": policy,
                "bindingVersion": BINDING,
            }
        },
    }


def _operations(spec: TopicSpec) -> Iterator[tuple[str, dict[str, Any]]]:
    for action, names in (("receive", _received(spec)), ("send", _sent(spec))):
        if names:
            yield (
                f"{action}.{spec.name}",
                {
                    "action": action,
                    "channel": {"$ref": f"#/channels/{spec.name}"},
                    "messages": [{"$ref": f"#/channels/{spec.name}/messages/{name}"} for name in names],
                },
            )


def _received(spec: TopicSpec) -> list[str]:
    return [PAYLOAD] if spec.role == "source" else list(taken(spec))


def _sent(spec: TopicSpec) -> list[str]:
    return [DEAD_LETTER if name == HEADERS else name for name in told(spec)]


def _message(public: PublicType, schema: Schema, examples: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "title": public.name,
        "summary": schema["description"],
        "contentType": JSON,
        "payload": {"$ref": REFERENCE.format(name=public.name)},
        "bindings": _key(TOPICS[public.topics[0]]),
        "examples": [{"payload": examples[public.name]}],
    }


def _key(spec: TopicSpec) -> dict[str, Any]:
    words = _KEYS.get(spec.key, f"`{spec.key}`")
    return {"kafka": {"key": {"type": "string", "description": words}, "bindingVersion": BINDING}}
