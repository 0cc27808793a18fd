"""Files of records: JSON Lines, plain or gzipped, of {topic, key, timestamp_ms, value} or of bare events."""

from __future__ import annotations

import gzip
import io
import sys
import zlib
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, NamedTuple, cast

import msgspec

from schemas.events import Instant
from schemas.topics import TOPICS
from stream.cli.problem import Problem

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

STDIO = Path("-")
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
GZIP = b"\x1f\x8b"
LONGEST_TEXT = 1024 * 1024
PEEKED = 1024
MOST_BYTES = 256 * 1024 * 1024
"""Of a file, at once: a line, or a document that goes over several."""
SPLIT = "write one payload a line, as `jq -c` does"
SOURCE_ROLES = ("in", "source")
ID_FIELDS = {
    "interactions": "interaction_id",
    "agents": "agent_id",
    "customers": "customer_id",
}


class Line(NamedTuple):
    """A record to send. `key` None: no key; `timestamp_ms` None: the time of sending."""

    topic: str
    key: bytes | None
    value: bytes | None
    timestamp_ms: int | None


class Raw(NamedTuple):
    """A line of a file: its number from 1, where it begins in the unpacked bytes, its bytes with the line end."""

    number: int
    offset: int
    content: bytes


class _Written(msgspec.Struct):
    topic: str | None = None
    key: str | None = None
    timestamp_ms: int | None = None
    value: msgspec.Raw = msgspec.Raw(b"")
    specversion: str | None = None
    type: str | None = None
    time: msgspec.Raw = msgspec.Raw(b"")
    data: msgspec.Raw = msgspec.Raw(b"")


_read_line = msgspec.json.Decoder(_Written).decode
_read_instant = msgspec.json.Decoder(Instant).decode
_read_fields = msgspec.json.Decoder(dict[str, Any]).decode
_read_any = msgspec.json.Decoder().decode
_encode = msgspec.json.Encoder().encode


class Source:
    """An open file: its lines, and how far reading has come."""

    def __init__(self, path: Path, raw: io.BufferedReader, stream: io.BufferedReader | gzip.GzipFile) -> None:
        self.name = "stdin" if path == STDIO else str(path)
        self.size = path.stat().st_size if path.is_file() else None  # of a pipe nobody knows
        self._raw = raw
        self._stream = stream

    @property
    def position(self) -> int:
        """Bytes of the file (as it lies on the disk) that were read."""
        return self._raw.tell() if self.size is not None else 0

    def lines(self) -> Iterator[Raw]:
        """Each line that is not blank. Raises `Problem` on a damaged file."""
        number = offset = 0
        try:
            for number, line in enumerate(iter(partial(self._stream.readline, MOST_BYTES), b""), 1):
                if len(line) == MOST_BYTES:
                    raise Problem(f"{self.name}:{number}: a line of {MOST_BYTES >> 20} MiB or more: {SPLIT}")
                if not line.isspace():
                    yield Raw(number, offset, line)
                offset += len(line)
        except (OSError, EOFError, zlib.error) as error:
            raise Problem(f"{self.name}:{number + 1}: cannot be read: {error}") from error

    def rest(self) -> bytes:
        """All that is left to read. Raises `Problem` when that is too much for once, or on a damaged file."""
        try:
            found = self._stream.read(MOST_BYTES)
        except (OSError, EOFError, zlib.error) as error:
            raise Problem(f"{self.name}: cannot be read: {error}") from error
        if len(found) == MOST_BYTES:
            raise Problem(f"{self.name}: a JSON document of {MOST_BYTES >> 20} MiB or more: {SPLIT}")
        return found

    def text(self, encoding: str) -> Iterator[str]:
        """The lines as text, with their ends; what is none in the encoding becomes lone surrogates. Raises `Problem`.

        A line of more than `LONGEST_TEXT` characters comes in pieces.
        """
        number = 0
        text = io.TextIOWrapper(cast("IO[bytes]", self._stream), encoding, "surrogateescape", newline="")
        try:
            for line in iter(partial(text.readline, LONGEST_TEXT), ""):
                number += 1
                yield line
        except UnicodeError as error:
            raise Problem(f"{self.name}:{number + 1}: it is not text in {encoding}: {error}") from error
        except (OSError, EOFError, zlib.error) as error:
            raise Problem(f"{self.name}:{number + 1}: cannot be read: {error}") from error
        finally:
            with suppress(ValueError):  # it is closed already
                text.detach()

    def peek(self) -> bytes:
        """How it begins."""
        try:
            return self._stream.peek(PEEKED)[:PEEKED]
        except (OSError, EOFError, zlib.error) as error:
            raise Problem(f"{self.name}: cannot be read: {error}") from error

    def records(self, read: Callable[[bytes], Line]) -> Iterator[Line]:
        """Each line through `read`; raises `Problem` with file and line."""
        for line in self.lines():
            try:
                yield read(line.content)
            except ValueError as error:
                raise Problem(f"{self.name}:{line.number}: {error}") from error


@contextmanager
def opened(path: Path) -> Iterator[Source]:
    """Opens a file (`-`: stdin) for reading, through gzip when its content is. Raises `Problem`."""
    try:
        raw = _stdin() if path == STDIO else path.open("rb")
        zipped = raw.peek(2)[:2] == GZIP
    except OSError as error:
        raise Problem(f"{path}: {error.strerror or error}") from error
    with raw:
        yield Source(path, raw, gzip.GzipFile(fileobj=raw) if zipped else raw)


def _stdin() -> io.BufferedReader:
    if getattr(sys.stdin, "buffer", None) is None:
        raise Problem("stdin is closed: there is nothing to read")
    return cast("io.BufferedReader", sys.stdin.buffer)


@contextmanager
def created(path: Path) -> Iterator[IO[bytes]]:
    """Opens a file (`-`: stdout) for writing; gzipped when its name ends in .gz. Raises `Problem`."""
    if path == STDIO:
        yield sys.stdout.buffer
        sys.stdout.buffer.flush()
        return
    try:
        raw = path.open("wb")
    except OSError as error:
        raise Problem(f"{path}: {error.strerror or error}") from error
    with raw:
        if path.suffix == ".gz":
            with gzip.GzipFile(filename="", fileobj=raw, mode="wb", compresslevel=3, mtime=0) as packed:
                yield cast("IO[bytes]", packed)
        else:
            yield raw


def written(topic: str, key: bytes, value: bytes, timestamp_ms: int) -> bytes:
    """A record as a line. `key` and topic need no escaping: they are ours."""
    return b'{"topic":"%b","key":"%b","timestamp_ms":%d,"value":%b}\n' % (topic.encode(), key, timestamp_ms, value)


def read_record(line: bytes) -> Line:
    """One JSON line → record. A value that is a JSON string stands for its own bytes; `null` for a tombstone.

    Raises ValueError with the reason. What the *event* is worth is the worker's business: it is sent as it is.
    """
    try:
        told = _read_line(line)
    except msgspec.ValidationError as error:
        raise ValueError(f"not a record: {error}") from error
    except msgspec.DecodeError as error:
        raise ValueError(f"not JSON: {error}") from error
    if told.topic is None:
        return _bare(told, line)
    if told.topic not in TOPICS or TOPICS[told.topic].role not in SOURCE_ROLES:
        raise ValueError(f"no input topic is called {told.topic!r}")
    if not told.value:
        raise ValueError("the record has no value")
    value = bytes(told.value)
    content: bytes | None = value
    if value.startswith(b'"'):
        content = str(_read_any(value)).encode()
    elif value == b"null":
        content = None
    return Line(told.topic, None if told.key is None else told.key.encode(), content, told.timestamp_ms)


def _bare(told: _Written, line: bytes) -> Line:
    """An event without a record around it: its topic and key follow from its type and data, its time is its own."""
    if told.specversion is None or told.type is None:
        raise ValueError("neither a record (topic, value) nor an event (specversion, type)")
    try:
        data = _read_fields(told.data)
        at_ms = (_read_instant(told.time) - EPOCH) // timedelta(milliseconds=1)
    except (msgspec.DecodeError, ValueError) as error:
        raise ValueError(f"an event without a usable time or data: {error}") from error
    family = told.type.partition(".")[0] + "s"
    topic = f"interactions.{data.get('channel')}" if family == "interactions" else _FAMILY_TOPIC.get(family, "")
    if topic not in TOPICS:
        raise ValueError(f"no topic takes events of type {told.type!r} and channel {data.get('channel')!r}")
    key = data.get(ID_FIELDS[family])
    return Line(topic, None if key is None else str(key).encode(), line.strip(), at_ms)


_FAMILY_TOPIC = {"agents": "agents.presence", "customers": "customers.events"}
