"""A schema registry that speaks Confluent's API: what is there, what is added, and what it has against it.

Subjects are named by Confluent's TopicRecordNameStrategy: `<topic>-<type>`, the topic with its prefix.
"""

from __future__ import annotations

import json
import ssl
from base64 import b64encode
from contextlib import suppress
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from typing import TYPE_CHECKING, Any, Literal, NamedTuple, Self
from urllib.parse import quote, urlsplit

from schemas.contract.json_schema import older
from schemas.contract.types import HEADERS, PUBLIC_TYPES
from schemas.topics import TOPICS
from stream.cli.problem import Problem

if TYPE_CHECKING:
    from collections.abc import Iterator

    from stream.settings_registry import RegistryAccess

Level = Literal["BACKWARD", "BACKWARD_TRANSITIVE", "FORWARD", "FORWARD_TRANSITIVE", "FULL", "FULL_TRANSITIVE", "NONE"]
_TYPE = "application/vnd.schemaregistry.v1+json"
_NOT_FOUND, _CONFLICT = 404, 409
_NOT_THERE = frozenset({40401, 40402, 40403, 40408})
"""The registry's own codes for no such subject, version, schema or rule."""
_SHORT = 300


class Registered(NamedTuple):
    """`new`: it was not there before."""

    id: int
    new: bool


class Incompatible(Exception):
    """The registry keeps a rule of its own for the subject, and the schema does not: the message has its words."""


def subjects(prefix: str) -> Iterator[tuple[str, dict[str, Any]]]:
    """What is to be registered: each type under each of its topics. Headers have no subject."""
    for public in PUBLIC_TYPES.values():
        if public.name != HEADERS:
            schema = older(public)
            for topic in public.topics:
                yield f"{TOPICS[topic].named(prefix)}-{public.name}", schema


class Registry:
    """One registry, over one connection. Everything but `Incompatible` is raised as `Problem`."""

    def __init__(self, access: RegistryAccess) -> None:
        self._access = access
        parts = urlsplit(access.url)
        self._path = parts.path
        host, seconds = parts.hostname or "", access.timeout_seconds
        self._connection = (
            HTTPConnection(host, parts.port, timeout=seconds)
            if access.tls is None
            else HTTPSConnection(host, parts.port, timeout=seconds, context=access.tls)
        )
        self._headers = {"Accept": _TYPE, "Content-Type": _TYPE}
        if access.user is not None:
            shown = b64encode(f"{access.user}:{access.password}".encode()).decode()
            self._headers["Authorization"] = f"Basic {shown}"

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._connection.close()

    def register(self, subject: str, schema: dict[str, Any]) -> Registered:
        """Add a schema to a subject, unless it is there. Raises `Incompatible`."""
        path, body = f"/subjects/{quote(subject, safe='')}", {"schemaType": "JSON", "schema": json.dumps(schema)}
        status, found = self._ask("POST", path, body)
        if status != _NOT_FOUND:
            return Registered(self._id(found), new=False)
        status, found = self._ask("POST", f"{path}/versions", body)
        if status == _CONFLICT:
            raise Incompatible(_words(found))
        if status == _NOT_FOUND:
            raise Problem(self._strange(f"it has no subjects ({_words(found)})"))
        return Registered(self._id(found), new=True)

    def compatibility(self, subject: str) -> str:
        """The rule that the registry keeps for a subject; empty: it does not say."""
        status, found = self._ask("GET", f"/config/{quote(subject, safe='')}?defaultToGlobal=true")
        if status == _NOT_FOUND:
            _, found = self._ask("GET", "/config")
        return str(found.get("compatibilityLevel", "")) if isinstance(found, dict) else ""

    def keep(self, subject: str, level: Level) -> bool:
        """Set that rule; False: there is no such subject yet."""
        status, _ = self._ask("PUT", f"/config/{quote(subject, safe='')}", {"compatibility": level})
        return status != _NOT_FOUND

    def _ask(self, method: str, path: str, body: Any = None) -> tuple[int, Any]:
        """Status and JSON of an answer; of what is no success only 404 and 409."""
        url, told = self._access.url, None if body is None else json.dumps(body).encode()
        try:
            self._connection.request(method, self._path + path, told, self._headers)
            answer = self._connection.getresponse()
            status, raw, elsewhere = answer.status, answer.read(), answer.getheader("Location")
        except ssl.SSLCertVerificationError as error:
            self._connection.close()
            raise Problem(
                f"the certificate of the schema registry at {url} is not trusted: {error.verify_message};"
                " set schema_registry_cafile"
            ) from error
        except TimeoutError as error:
            self._connection.close()
            seconds = f"{self._access.timeout_seconds:g}"
            raise Problem(f"the schema registry at {url} did not answer within {seconds} s; run it again") from error
        except (OSError, HTTPException) as error:
            self._connection.close()
            raise Problem(
                f"no schema registry answers at {url} ({_short(str(error) or type(error).__name__)}): start it, or set"
                " schema_registry_url"
            ) from error
        found = None
        with suppress(ValueError):
            found = json.loads(raw)
        self._judge(status, found, elsewhere)
        return status, found

    def _judge(self, status: int, found: Any, elsewhere: str | None) -> None:
        """Raises `Problem` for an answer that nothing can be done with."""
        url = self._access.url
        match status:
            case 401:
                raise Problem(
                    f"the schema registry at {url} does not know us: look at schema_registry_user and its password"
                )
            case 403:
                raise Problem(
                    f"the schema registry at {url} does not let us: the user needs the right to read and write subjects"
                )
            case 422:
                raise Problem(f"the schema registry at {url} takes no such schema: {_words(found)}")
        if 300 <= status < 400:
            raise Problem(f"the schema registry at {url} has moved to {elsewhere}: set schema_registry_url to that")
        if status >= 400 and status not in (_NOT_FOUND, _CONFLICT):
            raise Problem(f"the schema registry at {url} failed with {status}: {_words(found)}; run it again")
        if found is None or (status == _NOT_FOUND and _code(found) not in _NOT_THERE):
            raise Problem(self._strange(f"{status}, and not as a registry says it"))

    def _id(self, found: Any) -> int:
        told = found.get("id") if isinstance(found, dict) else None
        if not isinstance(told, int):
            raise Problem(self._strange("without an id"))
        return told

    def _strange(self, answer: str) -> str:
        return (
            f"what answers at {self._access.url} is no schema registry with Confluent's API: {answer}; some have it at"
            " a path, as in http://host:8080/apis/ccompat/v7"
        )


def _code(found: Any) -> Any:
    return found.get("error_code") if isinstance(found, dict) else None


def _words(found: Any) -> str:
    return _short(str(found.get("message", "")) if isinstance(found, dict) else "") or "without a word why"


def _short(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= _SHORT else line[: _SHORT - 1] + "…"
