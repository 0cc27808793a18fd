"""`centralino schema register` with a real registry, behind doors, and with what is none."""

from __future__ import annotations

import json
import ssl
import urllib.request
from base64 import b64encode
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import trustme
from jsonschema import Draft7Validator

from schemas.contract.types import HEADERS, PUBLIC_TYPES
from stream.child import free_port
from stream.cli.problem import Problem
from stream.cli.schema_registry import Registry as Client
from stream.cli.schema_registry import subjects
from stream.settings_registry import RegistryAccess
from tests.cli.conftest import Run
from tests.cli.registry_front import Front, always, door
from tests.parts.fixtures import skipping
from tests.parts.registry import Registry
from tests.schemas.contract_told import FILE

SUBJECTS = sum(len(public.topics) for public in PUBLIC_TYPES.values()) - 1
RISK = "customers.insights-customer.at_risk"
JSON = "application/vnd.schemaregistry.v1+json"


@pytest.fixture(scope="module")
def registry(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Registry]:
    with skipping():
        part = Registry(tmp_path_factory.mktemp("registry"))
    part.start()
    try:
        yield part
    finally:
        part.stop()


def ask(registry: Registry, method: str, path: str, body: Any = None) -> Any:
    data = None if body is None else json.dumps(body).encode()
    asked = urllib.request.Request(registry.url + path, method=method, data=data, headers={"Content-Type": JSON})
    with urllib.request.urlopen(asked, timeout=30) as told:
        return json.loads(told.read())


def registered(registry: Registry, subject: str) -> dict[str, Any]:
    told: dict[str, Any] = json.loads(ask(registry, "GET", f"/subjects/{subject}/versions/latest")["schema"])
    return told


def versions(registry: Registry, subject: str) -> list[int]:
    found: list[int] = ask(registry, "GET", f"/subjects/{subject}/versions")
    return found


def test_all_types_are_registered_once_under_topic_and_type(run: Run, registry: Registry) -> None:
    settings = {"CENTRALINO_SCHEMA_REGISTRY_URL": registry.url + "/", "CENTRALINO_TOPIC_PREFIX": "once."}
    first = run("schema", "register", **settings)
    assert (first.returncode, first.stderr) == (0, "")
    assert first.stdout.splitlines()[-1] == f"{SUBJECTS} registered, 0 were there"
    found = [name for name in ask(registry, "GET", "/subjects") if name.startswith("once.")]
    assert sorted(found) == sorted(
        f"once.{topic}-{public.name}"
        for public in PUBLIC_TYPES.values() if public.name != HEADERS
        for topic in public.topics
    )  # fmt: skip
    again = run("schema", "register", **settings)
    assert (again.returncode, again.stdout) == (0, f"0 registered, {SUBJECTS} were there\n")
    schema = registered(registry, f"once.{RISK}")
    Draft7Validator.check_schema(schema)
    event = json.loads(FILE.read_text())["customer.at_risk"]
    assert Draft7Validator(schema).is_valid(event)
    assert not Draft7Validator(schema).is_valid({**event, "data": {**event["data"], "score": "low"}})
    assert schema["title"] == "customer.at_risk"


def earlier(run: Run, registry: Registry, subject: str, field: str, rule: str) -> None:
    """The registry has an earlier version of a type, without one of its fields, and keeps a rule for it."""
    schema = json.loads(run("schema", subject.rpartition("-")[2]).stdout.replace("$defs", "definitions"))
    schema["$schema"] = "http://json-schema.org/draft-07/schema#"
    data = next(part for part in schema["definitions"].values() if field in part["properties"])
    del data["properties"][field]
    ask(registry, "POST", f"/subjects/{subject}/versions", {"schemaType": "JSON", "schema": json.dumps(schema)})
    ask(registry, "PUT", f"/config/{subject}", {"compatibility": rule})


def test_a_new_field_passes_where_the_registry_looks_forward_and_else_its_words_are_told(
    run: Run, registry: Registry
) -> None:
    forward, backward = f"grown.{RISK}", "grown.customers.insights-customer.friction"
    earlier(run, registry, forward, "signal", "FORWARD")
    earlier(run, registry, backward, "again", "BACKWARD")
    settings = {"CENTRALINO_SCHEMA_REGISTRY_URL": registry.url, "CENTRALINO_TOPIC_PREFIX": "grown."}
    told = run("schema", "register", **settings)
    assert told.returncode == 1
    refused, advice = told.stderr.splitlines()
    assert refused.startswith(f"refused     {backward}  BACKWARD: ")
    assert "OBJECT_TYPE_PROPERTY_SCHEMAS_NARROWED" in refused
    assert "1 refused by the registry's own rules" in advice
    assert "--compatibility FORWARD" in advice
    assert told.stdout.splitlines()[-1] == f"{SUBJECTS - 1} registered, 0 were there"
    assert versions(registry, forward) == [1, 2]
    assert "signal" in registered(registry, forward)["definitions"]["AtRiskData"]["properties"]
    assert versions(registry, backward) == [1]
    again = run("schema", "register", "--compatibility", "FORWARD", **settings)
    assert (again.returncode, again.stderr) == (0, "")
    assert again.stdout.splitlines()[-1] == f"1 registered, {SUBJECTS - 1} were there"
    assert versions(registry, backward) == [1, 2]


def test_user_and_password_are_shown_over_a_connection_that_is_trusted(
    run: Run, registry: Registry, tmp_path: Path
) -> None:
    authority = trustme.CA()
    authority.cert_pem.write_to_path(tmp_path / "ca.pem")
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("localhost").configure_cert(tls)
    (tmp_path / "password").write_text("open-sesame\n")
    shown = "Basic " + b64encode(b"ada:open-sesame").decode()
    with Front(door(registry.url, shown), tls) as front:
        settings = {
            "CENTRALINO_SCHEMA_REGISTRY_URL": front.url, "CENTRALINO_SCHEMA_REGISTRY_USER": "ada",
            "CENTRALINO_SCHEMA_REGISTRY_PASSWORD_FILE": str(tmp_path / "password"),
            "CENTRALINO_TOPIC_PREFIX": "door.", "CENTRALINO_SCHEMA_REGISTRY_CAFILE": str(tmp_path / "ca.pem"),
        }  # fmt: skip
        told = run("schema", "register", "--compatibility", "FORWARD", **settings)
        assert (told.returncode, told.stderr) == (0, "")
        assert ask(registry, "GET", f"/config/door.{RISK}") == {"compatibilityLevel": "FORWARD"}
        (tmp_path / "password").write_text("close-sesame")
        wrong = run("schema", "register", **settings)
        assert wrong.returncode == 1
        assert wrong.stderr == (
            f"centralino: the schema registry at {front.url} does not know us: look at schema_registry_user and its"
            " password\n"
        )
        del settings["CENTRALINO_SCHEMA_REGISTRY_CAFILE"]
        strange = run("schema", "register", **settings)
        assert strange.returncode == 1
        assert "is not trusted" in strange.stderr
        assert "set schema_registry_cafile" in strange.stderr
        assert "sesame" not in wrong.stderr + strange.stderr


def test_without_a_registry_it_says_which_setting_it_needs(run: Run) -> None:
    told = run("schema", "register")
    assert (told.returncode, told.stdout) == (2, "")
    assert "schema_registry_url is not set" in told.stderr


def test_a_registry_that_is_away_is_named(run: Run) -> None:
    url = f"http://127.0.0.1:{free_port()}"
    told = run("schema", "register", CENTRALINO_SCHEMA_REGISTRY_URL=url)
    assert told.returncode == 1
    assert told.stderr.startswith(f"centralino: no schema registry answers at {url} (")
    assert "set schema_registry_url" in told.stderr


THERE = b'{"error_code":40401,"message":"Subject not found."}'


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (always(403, b'{"error_code":40301,"message":"User is denied"}'), "the right to read and write subjects"),
        (always(301, b"", Location="https://elsewhere.example"), "has moved to https://elsewhere.example"),
        (always(404, b"<html>Not found</html>"), "is no schema registry with Confluent's API: 404"),
        (always(200, b"<html>Welcome</html>"), "is no schema registry with Confluent's API: 200"),
        (always(200, b"[]"), "without an id"),
        (always(404, THERE), "it has no subjects (Subject not found.)"),
        (always(422, b'{"error_code":42201,"message":"Invalid schema"}'), "takes no such schema: Invalid schema"),
        (always(500, b'{"error_code":50003,"message":"forwarding failed"}'), "failed with 500: forwarding failed"),
        (always(503, b"busy"), "failed with 503: without a word why; run it again"),
        (always(200, b"{}", 0.6), "did not answer within 0.2 s; run it again"),
    ],
    ids=["forbidden", "moved", "not there", "page", "list", "no subjects", "invalid", "failed", "busy", "slow"],
)
def test_an_answer_that_is_of_no_use_is_told_in_a_line(answer: Any, words: str) -> None:
    subject, schema = next(subjects(""))
    with Front(answer) as front:
        access = RegistryAccess(front.url, None, None, None, 0.2 if "0.2 s" in words else 10)
        with Client(access) as client, pytest.raises(Problem) as caught:
            client.register(subject, schema)
    assert words in str(caught.value)
    assert front.url in str(caught.value)
    assert "\n" not in str(caught.value)
