"""The rows of a file that a mapping is for, each with its place: CSV with a header, or JSON in all its shapes."""

from __future__ import annotations

import csv
from functools import partial
from itertools import chain
from typing import TYPE_CHECKING, Any

import msgspec

from schemas.faults import parsed
from schemas.rejected import Rejected
from schemas.sources.mapped_row import Row
from schemas.sources.payload import MAX_BYTES
from stream.cli.payloads import BOM, UTF_16, Payload, payloads
from stream.cli.problem import Problem
from stream.cli.report import say

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from schemas.sources.mapped import Layout, Mapping
    from stream.cli.lines import Source

    Placed = tuple[str, Callable[[], Row]]

DELIMITERS = ",;\t|"
SHOWN_COLUMNS = 40

_read_object = msgspec.json.Decoder(dict[str, msgspec.Raw]).decode
_read_list = msgspec.json.Decoder(list[msgspec.Raw]).decode


def rows(source: Source, mapping: Mapping, name: str) -> Iterator[Placed]:
    """Each row with its place; to be called, since it raises `Rejected` when the row is at fault.

    `name`: of the mapping. Raises `Problem` for a column that the mapping names and the file has not.
    """
    kind = mapping.layout.kind
    if kind is None:
        begins = source.peek().removeprefix(BOM).lstrip()[:1]
        kind = "json" if begins in {b"{", b"["} else "csv"
    return _of_json(source, mapping, name) if kind == "json" else _of_csv(source, mapping, name)


def _of_csv(source: Source, mapping: Mapping, name: str) -> Iterator[Placed]:
    layout = mapping.layout
    if source.peek().startswith(UTF_16) and "16" not in layout.encoding:
        raise Problem(f'{source.name}: it is in UTF-16: write encoding = "utf-16" in {name}', 2)
    lines = source.text(layout.encoding)
    first = next(lines, "")
    reader = csv.reader(chain((first,), lines), delimiter=layout.delimiter or max(DELIMITERS, key=first.count))
    header: list[str] | None = None
    line = 1
    while True:
        place = f"{source.name}:{line}"
        try:
            record = next(reader, None)
        except csv.Error as error:
            yield place, partial(_fault, Rejected("invalid_field", f"{error}: is a quote left open?"))
        else:
            if record is None:
                break
            if header is None:
                header = [each.strip() for each in record]
                _fits(header, mapping, source.name, name)
            elif any(record):
                yield place, partial(_row, header, record, layout)
        line = reader.line_num + 1
    if header is None:
        _fits([], mapping, source.name, name)


def _fault(rejected: Rejected) -> Row:
    raise rejected


def _row(header: list[str], record: list[str], layout: Layout) -> Row:
    if len(record) != len(header):
        raise Rejected("invalid_field", f"{len(record)} columns: the header has {len(header)}")
    try:
        "".join(record).encode()
    except UnicodeEncodeError:
        told = f"it is not text in {layout.encoding.removesuffix('-sig')}"
        raise Rejected("invalid_field", f'{told}: set another encoding in the mapping, as "cp1252"') from None
    return Row(dict(zip(header, record, strict=True)), layout.empty)


def _fits(header: list[str], mapping: Mapping, file: str, name: str) -> None:
    if not any(header):
        raise Problem(f"{file}: it has no header: its first line must name its columns")
    there = _listed(header)
    for column in sorted(mapping.names):
        if column not in header:
            raise Problem(f"{name}: there is no column {column!r} in {file}: there are {there}", 2)
        if header.count(column) > 1:
            raise Problem(f"{name}: the column {column!r} is in {file} more than once: give it another name there", 2)
    _braced(header, mapping, name)


def _braced(columns: list[str], mapping: Mapping, name: str) -> None:
    for place, told in mapping.constants:
        if told in columns:
            raise Problem(
                f'{name}: {place} is the text {told!r}, which is a column too: write "{{{told}}}" for what is in it,'
                f' or {{ value = "{told}" }}',
                2,
            )


def _of_json(source: Source, mapping: Mapping, name: str) -> Iterator[Placed]:
    unseen, there = set(mapping.names), dict[str, None]()

    def row(content: bytes) -> Row:
        told = parsed(content, MAX_BYTES)
        if not isinstance(told, dict):
            raise Rejected("not_an_event", "a row must be a JSON object")
        found = Row(told, mapping.layout.empty)
        if unseen:
            if not there:
                _braced(list(told), mapping, name)
            unseen.difference_update([each for each in unseen if each in found])
            if len(there) < SHOWN_COLUMNS:
                there.update(dict.fromkeys(told))
        return found

    for payload in payloads(source):
        try:
            nested = _nested(payload, mapping.layout.rows)
        except Rejected as rejected:
            yield payload.place, partial(_fault, rejected)
        else:
            for each in nested:
                yield each.place, partial(row, each.content)
    if unseen and there:
        missing = ", ".join(repr(each) for each in sorted(unseen))
        say(f"{name}: no row of {source.name} has {missing}: they have {_listed(list(there))}")


def _nested(payload: Payload, path: str | None) -> Iterable[Payload]:
    """The payload; or, of one that holds rows in a list, each of these. Raises `Rejected`."""
    if path is None:
        return (payload,)
    content: Any = payload.content
    try:
        for part in path.split("."):
            content = _read_object(content).get(part, b"null")
        items = _read_list(content)
    except (msgspec.DecodeError, ValueError, RecursionError):
        raise Rejected("missing_field", f"there is no list {path!r} in it: look at rows in the mapping") from None
    return (Payload(f"{payload.place}.{path}[{number}]", bytes(item)) for number, item in enumerate(items))


def _listed(columns: list[str]) -> str:
    named = [repr(each) for each in columns if each]
    return ", ".join(named[:SHOWN_COLUMNS]) + (", …" if len(named) > SHOWN_COLUMNS else "")
