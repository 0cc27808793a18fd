"""Payloads of a file, each with its place: one a line, or one JSON document, several, or a list of them.

Lines are read one by one, however large the file; a document that goes over several lines is read at once.
"""

from __future__ import annotations

import json
import re
from contextlib import suppress
from itertools import chain
from typing import TYPE_CHECKING, NamedTuple

import msgspec

from schemas.sources.asterisk_lines import generation, wrapped
from schemas.sources.payload import MAX_BYTES
from stream.cli.problem import Problem

if TYPE_CHECKING:
    from collections.abc import Iterator

    from stream.cli.lines import Source

BOM = b"\xef\xbb\xbf"
UTF_16 = (b"\xff\xfe", b"\xfe\xff")
PAGES = ("conversations", "satisfaction_ratings", "data")
"""What the list of payloads is called in a page that a platform's API answers."""

_read_list = msgspec.json.Decoder(list[msgspec.Raw]).decode
_read_fields = msgspec.json.Decoder(dict[str, msgspec.Raw]).decode
_read_one = msgspec.json.Decoder(msgspec.Raw).decode
_BLANKS = re.compile(r"\S|$")
_encode = msgspec.json.Encoder().encode
_scan = json.JSONDecoder().raw_decode


class Payload(NamedTuple):
    """A payload, and where it is: `calls.jsonl:12`, or of a list `calls.json[0]`."""

    place: str
    content: bytes


def payloads(source: Source) -> Iterator[Payload]:
    """The payloads of a file, in its order. Raises `Problem` where it cannot be read.

    A file whose first line opens a JSON object or list and breaks off behind `{`, `[`, `:` or `,` is read as documents,
    any other line by line. Of a list each item is a payload.
    """
    lines = source.lines()
    first = next(lines, None)
    if first is None:
        return
    if first.content.startswith(UTF_16):
        raise Problem(f"{source.name}: it is in UTF-16: write it in UTF-8")
    first = first._replace(content=first.content.removeprefix(BOM))
    if _goes_on(first.content):
        yield from _documents(source.name, first.content + source.rest(), first.number)
        return
    for line in chain((first,), lines):
        yield from _items(f"{source.name}:{line.number}", line.content.strip())


def pieces(payload: Payload) -> Iterator[Payload]:
    """The payload; or, of a page that is too large to be one, a page for each that is listed in it."""
    fields: dict[str, msgspec.Raw] = {}
    if len(payload.content) > MAX_BYTES:
        with suppress(msgspec.DecodeError, ValueError, RecursionError):
            fields = _read_fields(payload.content)
    for name in PAGES:
        if bytes(fields.get(name, b"")).startswith(b"["):
            for number, item in enumerate(_read_list(fields[name])):
                page = fields | {name: msgspec.Raw(b"[" + bytes(item) + b"]")}
                yield Payload(f"{payload.place}.{name}[{number}]", _encode(page))
            return
    yield payload


def queue_log(source: Source, host: str) -> Iterator[Payload]:
    """The lines of an Asterisk `queue_log`, as payloads: each told with the host, the file and the byte that it has.

    The file is known by its first line, so that it has the same name wherever it is read. A line that is JSON is a
    payload already.
    """
    name: str | None = None
    for line in source.lines():
        if line.content.lstrip().startswith(b"{"):
            yield Payload(f"{source.name}:{line.number}", line.content.strip())
            continue
        name = name or generation(line.content)
        yield Payload(f"{source.name}:{line.number}", wrapped(host, name, line.offset, line.content))


def _goes_on(line: bytes) -> bool:
    line = line.strip()
    return line.startswith((b"{", b"[")) and line.endswith((b"{", b"[", b":", b","))


def _documents(name: str, content: bytes, first: int) -> Iterator[Payload]:
    try:
        whole = bytes(_read_one(content))
    except (msgspec.DecodeError, ValueError, RecursionError):
        yield from _one_after_another(name, content, first)
    else:
        yield from _items(name, whole)


def _one_after_another(name: str, content: bytes, first: int) -> Iterator[Payload]:
    line, counted, at = first, 0, 0
    try:
        text = content.decode().strip()
        while at < len(text):
            _, end = _scan(text, at)
            line, counted = line + text.count("\n", counted, at), at
            yield from _items(f"{name}:{line}", text[at:end].encode())
            found = _BLANKS.search(text, end)
            at = found.start() if found else len(text)
    except (ValueError, RecursionError) as error:
        raise Problem(f"{name}: neither JSON Lines nor a JSON document: {error}") from error


def _items(place: str, content: bytes) -> Iterator[Payload]:
    """A payload; or, of a list, each of its items."""
    if content.startswith(b"["):
        try:
            items = _read_list(content)
        except (msgspec.DecodeError, ValueError, RecursionError):
            pass
        else:
            yield from (Payload(f"{place}[{number}]", bytes(item)) for number, item in enumerate(items))
            return
    yield Payload(place, content)
