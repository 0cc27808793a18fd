"""Vendors' own payloads in `schemas/examples/sources.<vendor>/`, and the events that they are known to give."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import msgspec

from schemas.rejected import Skipped
from schemas.sources.conversion import Change, Memory, Sending, Vendor, convert, sending
from schemas.sources.options import NONE, Options
from schemas.sources.vendors import VENDORS

FOLDER = Path(__file__).parents[2] / "schemas" / "examples"
GOLDEN = ".events.jsonl"
OPTIONS = "options.json"


@dataclass(frozen=True)
class PayloadFile:
    """A file of payloads. `folder`: empty, or rejected, or skipped."""

    vendor: Vendor
    folder: str
    path: Path

    @property
    def golden(self) -> Path:
        """Where its events are."""
        return self.path.with_name(self.path.name + GOLDEN)

    @property
    def reason(self) -> str:
        """Of a rejected one: why."""
        return self.path.name.partition(".")[0]

    def payloads(self) -> list[bytes]:
        """As they would arrive: of `.json` the whole file is one, of all others each line."""
        told = self.path.read_bytes()
        return [told] if self.path.suffix == ".json" else told.removesuffix(b"\n").split(b"\n")

    def __str__(self) -> str:
        return str(self.path.relative_to(FOLDER))


def folder_of(vendor: Vendor) -> Path:
    """Where a vendor's payloads are."""
    return FOLDER / vendor.topic


def files(vendor: Vendor, folder: str = "") -> list[PayloadFile]:
    """A vendor's files of payloads, in the order of their names."""
    return [
        PayloadFile(vendor, folder, path)
        for path in sorted((folder_of(vendor) / folder).glob("*"))
        if path.is_file() and path.name != OPTIONS and not path.name.endswith(GOLDEN)
    ]


def all_files(folder: str = "") -> Iterator[PayloadFile]:
    """Those of all vendors."""
    for vendor in VENDORS.values():
        yield from files(vendor, folder)


def options_of(vendor: Vendor) -> Options:
    """What is set where a vendor's examples are taken: its `options.json`, as `[sources.<vendor>]` would say it."""
    path = folder_of(vendor) / OPTIONS
    return msgspec.json.decode(path.read_bytes(), type=Options) if path.exists() else NONE


class Taker:
    """Takes a vendor's payloads one after the other, as the intake does."""

    def __init__(self, vendor: Vendor, options: Options | None = None) -> None:
        self._vendor = vendor
        self._options = options_of(vendor) if options is None else options
        self._memory: Memory | None = None if vendor.memory is None else vendor.memory()
        if self._memory is not None:
            self._memory.load(None)

    def take(self, payload: bytes) -> list[Sending] | Skipped:
        """The records that a payload gives. Raises `Rejected`."""
        told = convert(self._vendor, payload, self._options)
        if isinstance(told, Skipped):
            return told
        found = (self._settled(each) for each in told)
        return [each for each in found if each is not None]

    def take_all(self, payloads: Iterable[bytes]) -> list[Sending]:
        """The records that payloads give, in their order. Raises `Rejected`."""
        found: list[Sending] = []
        for payload in payloads:
            told = self.take(payload)
            found += [] if isinstance(told, Skipped) else told
        return found

    def _settled(self, told: Sending | Change) -> Sending | None:
        if isinstance(told, Sending):
            return told
        assert self._memory is not None, f"{self._vendor.name} gives changes and has no memory"
        event = self._memory.take(told)
        return None if event is None else sending(event, NONE)


def events_of(file: PayloadFile) -> list[Sending]:
    """All that a file's payloads give, in their order. Raises `Rejected`."""
    return Taker(file.vendor).take_all(file.payloads())
