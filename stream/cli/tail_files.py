"""Files of a log that a system writes one after the other, under one name: every line once, in the order of writing.

A file that is renamed is read to its end before the next one; so are those that came and went while nobody looked, as
long as they lie beside it (`queue_log.1`, `queue_log-20260302.gz`). One that is copied and cut is read on in the copy.
"""

from __future__ import annotations

import gzip
import os
import zlib
from typing import IO, TYPE_CHECKING, NamedTuple

from schemas.sources.asterisk_lines import generation
from stream.cli.lines import GZIP

if TYPE_CHECKING:
    from pathlib import Path

CHUNK_BYTES = 64 * 1024
"""How much is read at once, and how long a line may be: a longer one is cut."""
DAMAGED = (OSError, EOFError, zlib.error)


class Head(NamedTuple):
    """What tells a file from others: a hash of its first line, and when that was written (epoch s)."""

    file: str
    first_at: int


class Lines(NamedTuple):
    """Lines that were read, each with the byte where it begins; and of which file, read how far."""

    head: Head
    inode: int
    lines: list[tuple[int, bytes]]
    offset: int


def head_of(content: bytes) -> Head | None:
    """The head of a file that begins so; None while its first line is not all there, or no line of a log."""
    begin = 0
    while begin < len(content):
        end = content.find(b"\n", begin) + 1
        if not end and len(content) < CHUNK_BYTES:
            return None
        line = content[begin : end or len(content)]
        if not line.isspace():
            told = line.partition(b"|")[0]
            return Head(generation(line), int(told) if told.isdigit() and len(told) < 12 else 0)
        begin += len(line)
    return None


class LogFile:
    """One open file. `final`: nobody writes to it any longer, so that its last line needs no end."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._raw: IO[bytes] = path.open("rb", buffering=0)
        self._fd = self._raw.fileno()
        self.inode = os.fstat(self._fd).st_ino
        self.offset = 0
        self._rest = b""
        try:
            self.zipped = os.pread(self._fd, 2, 0) == GZIP
            self._unpacked = gzip.GzipFile(fileobj=self._raw) if self.zipped else None
            self.final = self.zipped
            self.head = head_of(self._begin())
        except DAMAGED:
            self.close()
            raise

    def close(self) -> None:
        """No more of it."""
        self._raw.close()

    def go_to(self, offset: int) -> None:
        """Read on from a byte."""
        (self._unpacked or self._raw).seek(offset)
        self.offset, self._rest = offset, b""

    def size(self) -> int:
        """How many bytes it has where it lies, packed ones if it is zipped."""
        return os.fstat(self._fd).st_size

    def cut(self) -> bool:
        """Whether it is another file than the one that was begun: emptied, or emptied and written anew."""
        if self.final:
            return False
        size = self.size()
        read = self.offset + len(self._rest)
        return size < read or (size > read and not self.same_head())

    def same_head(self) -> bool:
        """Whether it begins as it did."""
        return head_of(self._begin()) == self.head

    def take(self) -> Lines | None:
        """The next lines that are all there; None when there are none (yet)."""
        assert self.head is not None
        while True:
            data = self._raw.read(CHUNK_BYTES) if self._unpacked is None else self._unpacked.read1(CHUNK_BYTES)
            self._rest += data
            end = self._rest.rfind(b"\n") + 1
            if not end and (len(self._rest) >= CHUNK_BYTES or (self.final and not data)):
                end = len(self._rest)
            if end:
                break
            if not data or not self.final:
                return None
        text, self._rest = self._rest[:end], self._rest[end:]
        found, at = [], self.offset
        for line in _lines(text):
            if not line.isspace():
                found.append((at, line))
            at += len(line)
        self.offset = at
        return Lines(self.head, self.inode, found, at)

    def _begin(self) -> bytes:
        if self._unpacked is None:
            return os.pread(self._fd, CHUNK_BYTES, 0)
        begin = b""
        while len(begin) < CHUNK_BYTES and not head_of(begin) and (line := self._unpacked.readline(CHUNK_BYTES)):
            begin += line
        self._unpacked.seek(0)
        return begin


def _lines(text: bytes) -> list[bytes]:
    lines = text.split(b"\n")
    return [line + b"\n" for line in lines[:-1]] + ([lines[-1]] if lines[-1] else [])
