"""A line of Asterisk's `queue_log`: found in its payload, and taken apart.

A payload is the bare line, or JSON of whoever ships log files: `{host, file, offset, line}` as `centralino tail` and
`replay` send it, `message` with `log.offset` (Filebeat), `message` with `offset` (Vector), `log` (Fluent Bit).
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import NamedTuple

import msgspec
import xxhash

from schemas.rejected import Rejected
from schemas.sources.options import Options
from schemas.sources.payload import MAX_BYTES, Node, read

MAX_OFFSET = 2**53
_FIELDS = "epoch|uniqueid|queue|agent|EVENT|…"
_TEXTS = ("line", "message", "log")
_NOTHING = frozenset({"", "NONE"})
_LAST_SECOND = 253_402_300_799
_MAX_NAME = 128
_encode = msgspec.json.Encoder().encode


class Line(NamedTuple):
    """A parsed line. `at` is UTC; `call`, `queue` and `agent` are None where the log says NONE or nothing.

    `host`: the system that wrote it, None while nobody says. `file`: which of its files, by `generation`; empty where
    that is not told, or only by a name that the next file will have too. `offset`: the byte where it begins, None where
    it is not told. `digest`: of the line and its offset.
    """

    at: datetime
    call: str | None
    queue: str | None
    agent: str | None
    kind: str
    parameters: tuple[str, ...]
    host: str | None
    file: str
    offset: int | None
    digest: str

    def parameter(self, place: int) -> str:
        """A parameter by its place, negative from the right; empty when it is not there."""
        try:
            return self.parameters[place]
        except IndexError:
            return ""

    def seconds(self, place: int) -> int | None:
        """A parameter that is a length in whole seconds; None when it is none."""
        told = self.parameter(place)
        return int(told) if told.isascii() and told.isdigit() and len(told) < 10 else None


def source_of(host: str) -> str:
    """Whose events they are: of a host, empty where nobody says which."""
    return f"/asterisk/{host}" if host else "/asterisk"


def generation(first_line: bytes) -> str:
    """What tells a file from those that the same system writes under the same name: it stays when it is renamed."""
    return xxhash.xxh3_64_hexdigest(first_line.rstrip())


def wrapped(host: str, file: str, offset: int, line: bytes) -> bytes:
    """A line as a payload that says where it comes from. `file`: see `generation`."""
    text = line.decode(errors="replace").rstrip("\r\n")
    return _encode({"host": host, "file": file, "offset": offset, "line": text})


def parse(payload: bytes, options: Options) -> Line | None:
    """The line of a payload; None of a blank one. Raises `Rejected` for what is no line of a queue_log."""
    if payload.lstrip()[:1] == b"{":
        return _shipped(read(payload), options)
    if len(payload) > MAX_BYTES:
        raise Rejected("too_large", f"{len(payload)} bytes: a payload is at most {MAX_BYTES}")
    return _taken_apart(payload.decode(errors="replace"), options.instance, "", None)


def _shipped(payload: Node, options: Options) -> Line | None:
    told = [payload.raw(name) for name in _TEXTS if name in payload]
    text = next((each for each in told if isinstance(each, str)), None)
    if text is None:
        if None in told:
            return None
        raise payload.missing(*_TEXTS)
    host = payload.text(*(("host.name",) if isinstance(payload.raw("host"), dict) else ("host", "hostname")))
    ours = isinstance(payload.raw("line"), str)
    offset = payload.whole("offset", "log.offset")
    if offset is not None and not 0 <= offset <= MAX_OFFSET:
        raise payload.invalid("offset" if payload.raw("offset") is not None else "log.offset", "a byte of a file")
    if len(host or "") > _MAX_NAME:
        raise payload.invalid("host", f"a name of at most {_MAX_NAME} characters")
    file = (payload.text("file") or "") if ours and offset is not None else ""
    text = text.encode(errors="replace").decode(errors="replace")
    return _taken_apart(text, (host or "").encode(errors="replace").decode() or options.instance, file, offset)


def _taken_apart(text: str, host: str | None, file: str, offset: int | None) -> Line | None:
    text = text.strip("\r\n")
    if not text or text.isspace():
        return None
    fields = text.split("|")
    if len(fields) < 5 or not fields[4]:
        raise Rejected("not_an_event", f"{_shown(text)} is no line of a queue_log: it must be {_FIELDS}")
    digest = xxhash.xxh3_64_hexdigest((text if offset is None else f"{offset} {text}").encode())
    call, queue, agent = (None if field in _NOTHING else field for field in fields[1:4])
    kind = fields[4]
    for name, told in (("uniqueid", call), ("queue", queue), ("agent", agent), ("file", file)):
        if len(told or "") > _MAX_NAME:
            raise Rejected(
                "invalid_field", f"{name} is {_shown(told or '')}: it must be at most {_MAX_NAME} characters"
            )
    return Line(_instant(fields[0]), call, queue, agent, kind, tuple(fields[5:]), host, _plain(file), offset, digest)


def _instant(told: str) -> datetime:
    if not (told.isascii() and told.isdigit()) or len(told) > 12 or int(told) > _LAST_SECOND:
        raise Rejected("invalid_field", f"the time is {_shown(told)}: it must be whole seconds since 1970")
    return datetime.fromtimestamp(int(told), UTC)


def _plain(text: str) -> str:
    return text.encode(errors="replace").decode()


def _shown(text: str) -> str:
    shown = repr(text)
    return shown if len(shown) <= 60 else shown[:59] + "…"
