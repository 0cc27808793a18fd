"""How far a log has been sent: a small file, replaced whole, only after Kafka has acknowledged."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import msgspec
from msgspec import Struct

from stream.cli.problem import Problem

if TYPE_CHECKING:
    from pathlib import Path


class Position(Struct, frozen=True, kw_only=True):
    """Of a system's log. `file`: which of its files, by a hash of the first line, which tells `first_at` (epoch s).

    `inode`: which of two files that begin alike. `offset`: all before this byte is sent.
    """

    host: str
    log: str
    file: str
    first_at: int
    inode: int
    offset: int


_decode = msgspec.json.Decoder(Position).decode


class State:
    """The file of a position. Every method raises `Problem` when the file cannot be read or written."""

    def __init__(self, path: Path, host: str, log: Path) -> None:
        self._path = path
        self._host, self._log = host, str(log)
        self._new = path.with_name(f"{path.name}.new")

    def load(self) -> Position | None:
        """The position; None when nothing was sent yet. The file can be written, or somebody is told so now."""
        try:
            told = self._path.read_bytes()
        except FileNotFoundError:
            told = None
        except OSError as error:
            raise self._problem("read", error) from error
        position = None if told is None else self._position(told)
        self._write(told or b"")
        self._new.unlink(missing_ok=True)
        return position

    def save(self, position: Position) -> None:
        """Replace what is there, at once or not at all."""
        self._write(msgspec.json.encode(position) + b"\n")
        try:
            self._new.replace(self._path)
        except OSError as error:
            raise self._problem("written", error) from error

    def _position(self, told: bytes) -> Position:
        try:
            position = _decode(told)
        except msgspec.DecodeError as error:
            raise Problem(
                f"{self._path}: it is no state of ours ({error}): name another file, or remove it to begin anew"
            ) from error
        if (position.host, position.log) != (self._host, self._log):
            raise Problem(
                f"{self._path}: it is of {position.log} of host {position.host}: every log needs a state of its own", 2
            )
        return position

    def _write(self, content: bytes) -> None:
        try:
            with self._new.open("wb") as file:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
        except OSError as error:
            raise self._problem("written", error) from error

    def _problem(self, what: str, error: OSError) -> Problem:
        return Problem(
            f"{self._path}: the state cannot be {what}: {error.strerror or error}; nothing is lost: what was sent since"
            " the last one is sent again, and counts once"
        )
