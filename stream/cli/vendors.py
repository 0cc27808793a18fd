"""Files of vendors' payloads, or of anybody's rows with a mapping, as records: what became of each, with its place."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import partial
from itertools import chain
from typing import TYPE_CHECKING, NamedTuple

from schemas.faults import MAX_AHEAD_MS
from schemas.rejected import Rejected, Skipped
from schemas.sources.conversion import Change, Sending, convert, sending
from schemas.sources.mapped_reading import Unclear, read
from schemas.sources.options import NONE
from schemas.sources.vendors import VENDORS
from stream.cli import options
from stream.cli.pace import now_ms
from stream.cli.payloads import payloads, pieces, queue_log
from stream.cli.problem import Problem
from stream.cli.rows import rows

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from schemas.sources.conversion import Vendor
    from schemas.sources.mapped import Mapping
    from schemas.sources.options import Options
    from stream.cli.lines import Source
    from stream.cli.payloads import Payload

ASTERISK = "asterisk"

Told = list[Sending] | Skipped | Rejected
"""What a payload gives: records to send, maybe none; a kind that is unknown; or why it is at fault."""


class Outcome(NamedTuple):
    """What became of one payload. `place`: where it is, as `calls.jsonl:12`."""

    place: str
    told: Told


def outcomes(source: str | None, mapping: Path | None, host: str | None) -> Callable[[Source], Iterator[Outcome]]:
    """How a file is read: as a vendor's, by its name, or by the mapping in a file. Raises `Problem`."""
    if source is not None and mapping is not None:
        raise Problem("--source or --map, not both: a mapping is for files of no platform that we know", 2)
    if host is not None and source != ASTERISK:
        raise Problem(f"--host goes with --source {ASTERISK}", 2)
    if mapping is not None:
        return partial(by_mapping, mapping=mapping_of(mapping), name=str(mapping))
    if source not in VENDORS:
        raise Problem(f"there is no source {source!r}: choose {', '.join(VENDORS)}", 2)
    return partial(of_vendor, vendor=VENDORS[source], told=options.settings().source(source).options(), host=host)


def of_vendor(source: Source, vendor: Vendor, told: Options, host: str | None = None) -> Iterator[Outcome]:
    """The payloads of a vendor's file. `host`: of Asterisk, which system wrote it; else the instance of the options."""
    memory = None if vendor.memory is None else vendor.memory()

    def settled(each: Sending | Change) -> Sending | None:
        if isinstance(each, Sending):
            return each
        assert memory is not None
        event = memory.take(each)
        return None if event is None else sending(event, NONE)

    latest = now_ms() + MAX_AHEAD_MS
    found: Iterator[Payload] = chain.from_iterable(map(pieces, payloads(source)))
    if vendor.name == ASTERISK:
        found = queue_log(source, host or told.instance or ASTERISK)
    for payload in found:
        try:
            given = convert(vendor, payload.content, told)
            if isinstance(given, Skipped):
                yield Outcome(payload.place, given)
                continue
            made = [record for each in given if (record := settled(each)) is not None]
            yield Outcome(payload.place, _not_ahead(made, latest))
        except Rejected as rejected:
            yield Outcome(payload.place, rejected)


def by_mapping(source: Source, mapping: Mapping, name: str = "the mapping") -> Iterator[Outcome]:
    """The rows of a file. `name`: of the mapping, for messages. Raises `Problem` when the two do not fit."""
    latest = now_ms() + MAX_AHEAD_MS
    for place, row in rows(source, mapping, name):
        try:
            yield Outcome(place, _not_ahead(mapping.convert(row()), latest))
        except Rejected as rejected:
            yield Outcome(place, rejected)


def mapping_of(path: Path) -> Mapping:
    """The mapping in a file. Raises `Problem`."""
    try:
        return read(path.read_text(encoding="utf-8-sig"))
    except Unclear as error:
        raise Problem(f"{path}: {error}", 2) from error
    except UnicodeDecodeError as error:
        raise Problem(f"{path}: it is not text in UTF-8", 2) from error
    except OSError as error:
        raise Problem(f"{path}: {error.strerror or error}", 2) from error


def _not_ahead(given: list[Sending], latest_ms: int) -> list[Sending]:
    for each in given:
        if each.at > latest_ms:
            at = f"{datetime.fromtimestamp(each.at / 1000, UTC):%Y-%m-%d %H:%M:%S}Z"
            raise Rejected("time_in_future", f"it happens at {at}, more than 5 minutes from now: look at its clock")
    return given
