"""Which file of a log is read, and which one next."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from stream.cli.problem import Problem
from stream.cli.tail_files import DAMAGED, Head, Lines, LogFile

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from stream.cli.tail_state import Position


class Follower:
    """The lines of a log from a position on (None: from the start of the file that has its name now), and so forth.

    `said` gets what a person should know: what is waited for, which file is next, what is missing.
    """

    def __init__(
        self, path: Path, position: Position | None, said: Callable[[str], None], own: tuple[Path, ...] = ()
    ) -> None:
        self._path = path
        self._said = said
        self._own = {path.name, *(each.name for each in own)}
        self._now: LogFile | None = None
        self._last: Head | None = None
        self._past: list[LogFile] = []
        self._waiting = self._turned = False
        if position is not None:
            self._resume(position)

    def read(self) -> Lines | None:
        """The next lines; None when there are none yet. Raises `Problem` when the file cannot be read."""
        try:
            while self._past or self._now is not None or self._open():
                found = self._finished(self._past[0]) if self._past else self._followed()
                if found is not None or not self._turned:
                    return found
        except OSError as error:
            raise Problem(f"{self._path}: it cannot be read: {error.strerror or error}") from error
        return None

    def close(self) -> None:
        """No more of it."""
        for file in (*self._past, self._now):
            if file is not None:
                file.close()

    def _finished(self, file: LogFile) -> Lines | None:
        try:
            found = file.take()
        except DAMAGED as error:
            self._said(f"{file.path}: it is damaged behind byte {file.offset:,}, and left there: {error}")
            found = None
        if found is None:
            self._past.pop(0).close()
        self._turned = True
        return found

    def _followed(self) -> Lines | None:
        file = self._now
        assert file is not None
        assert file.head is not None
        self._turned = True
        if file.cut():
            self._copied(file, file.head)
            return None
        found = file.take()
        if found is not None:
            return found
        new = self._replacing(file)
        self._turned = new is not None
        if new is not None and new.head == file.head:
            new.go_to(file.offset)
            file.close()
            self._now = new
        elif new is not None:
            new.close()
            file.final = True
            self._past, self._now = [file], None
        return None

    def _open(self) -> bool:
        """Open what has the log's name now; False while there is none, or its first line is not there yet."""
        try:
            file = LogFile(self._path)
        except FileNotFoundError as error:
            if not self._path.parent.is_dir():
                raise Problem(f"{self._path.parent}: there is no such folder") from error
            if not self._waiting:
                self._said(f"{self._path}: not there yet, waiting for it")
                self._waiting = True
            return False
        except OSError as error:
            raise Problem(f"{self._path}: {error.strerror or error}") from error
        if file.head is None:
            file.close()
            return False
        if self._last is not None:
            self._past += self._between(self._last, file.head)
        self._now, self._last, self._waiting = file, file.head, False
        return True

    def _replacing(self, file: LogFile) -> LogFile | None:
        """Another file that has the log's name now, and is written to: whoever writes has let go of the old one."""
        try:
            if os.stat(self._path).st_ino == file.inode:  # noqa: PTH116 - a path may be gone
                return None
            new = LogFile(self._path)
        except OSError:
            return None
        if new.head is not None and (new.head != file.head or new.size() > file.offset):
            return new
        new.close()
        return None

    def _copied(self, file: LogFile, head: Head) -> None:
        """The file was cut: what was written before that may be in a copy."""
        if file.same_head():
            raise self._edited(file.path, file.size(), file.offset)
        copy = self._found(head, file.inode)
        file.close()
        self._past, self._now = [], None
        if copy is None or not self._go_to(copy, file.offset):
            self._said(f"{self._path}: it was cut, and no copy of it lies beside: lines may be missing")
        else:
            copy.final = True
            self._past = [copy]

    def _resume(self, position: Position) -> None:
        head = self._last = Head(position.file, position.first_at)
        file = self._found(head, position.inode)
        if file is not None and not file.zipped and (size := file.size()) < position.offset:
            file.close()
            raise self._edited(file.path, size, position.offset)
        if file is None or not self._go_to(file, position.offset):
            self._said(
                f"{self._path}: the file that was read last is neither here nor beside it: lines behind its byte"
                f" {position.offset:,} may be missing"
            )
        elif file.zipped:
            self._past = [file]
        else:
            self._now = file

    def _go_to(self, file: LogFile, offset: int) -> bool:
        try:
            file.go_to(offset)
        except DAMAGED:
            file.close()
            return False
        return True

    def _edited(self, path: Path, size: int, offset: int) -> Problem:
        return Problem(
            f"{path}: it begins as before, and of its {size:,} bytes {offset:,} were sent: somebody has edited it;"
            " restore it, or remove the state to send it anew under another --host"
        )

    def _found(self, head: Head, inode: int) -> LogFile | None:
        """The file that begins so: the one with the inode, else the log itself, else the longest of those beside it."""
        found = []
        for file in self._beside(self._path, *self._siblings()):
            if file.head == head:
                found.append(file)
            else:
                file.close()
        found.sort(key=lambda file: (file.inode == inode, file.path == self._path, not file.zipped, file.size()))
        for file in found[:-1]:
            file.close()
        return found[-1] if found else None

    def _between(self, last: Head, now: Head) -> list[LogFile]:
        """The files that were begun after the one and are not the other, oldest first."""
        found: dict[Head, LogFile] = {}
        for file in self._beside(*self._siblings()):
            new = file.head
            if new is None or new in {last, now, *found} or not new.first_at or new.first_at < last.first_at:
                file.close()
            else:
                found[new] = file
        for file in found.values():
            file.final = True
            self._said(f"{file.path}: sending it first")
        return [found[each] for each in sorted(found, key=lambda each: each.first_at)]

    def _siblings(self) -> list[Path]:
        beside = self._path.parent.glob(f"{self._path.name}*")
        return sorted(path for path in beside if path.name not in self._own)

    def _beside(self, *paths: Path) -> Iterator[LogFile]:
        for path in paths:
            try:
                yield LogFile(path)
            except DAMAGED:
                continue
