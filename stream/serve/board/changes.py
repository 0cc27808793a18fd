"""The wallboard as all viewers see it: made once for all of them, encoded once, and what of it is new."""

from __future__ import annotations

import asyncio
import time
from collections import deque
from collections.abc import AsyncIterator, Callable
from typing import TYPE_CHECKING, Any

import orjson

from stream.serve.alerts.mirror import Queue
from stream.serve.board import overall
from stream.serve.board.rows import Rows
from stream.serve.past import text

if TYPE_CHECKING:
    from stream.serve.view import View

LEAST_SECONDS, A_VIEWER_SECONDS, SHARE = 0.1, 0.001, 0.2
"""Between two changes that are told, at least: in any case, a viewer, and so that looking takes no larger share."""
TIME_SECONDS, LOOK_SECONDS = 1.0, 0.02
"""Between two looks for what time alone changes, and between two at the snapshot's version."""
REMEMBERED = 32
"""Changes that a slow viewer may be behind; one who is further behind gets the board anew."""
_PIECE_SECONDS = 0.005
_RETRY = b"retry: 2000\n"


def _event(name: bytes, data: bytes) -> bytes:
    return b"event: " + name + b"\ndata: " + data + b"\n\n"


class Board:
    """The board of a view. It is worked on only while somebody watches."""

    def __init__(self, view: View, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._view, self._monotonic = view, monotonic
        self._rows = Rows(view)
        self._queues: dict[Queue, bytes] = {}
        self._others: dict[str, bytes] = {}
        self._head: dict[str, Any] = {}
        self._number = 0
        self._told: deque[bytes] = deque(maxlen=REMEMBERED)
        self._whole: bytes | None = None
        self._new = asyncio.Event()
        self._viewers, self._ended = 0, False
        self._task: asyncio.Task[None] | None = None

    async def watch(self) -> AsyncIterator[bytes]:
        """The events of one viewer, from the whole board on. Who cannot follow gets it whole again."""
        self._viewers += 1
        if self._task is None:
            self._number, self._task = 0, asyncio.create_task(self._work())
        try:
            while not self._number and not self._ended:
                await self._wait(self._new)
            seen = self._number
            if seen:
                yield self._board()
            while not self._ended:
                new = self._new
                if seen == self._number:
                    await self._wait(new)
                elif self._number - seen > len(self._told):
                    seen = self._number
                    yield self._board()
                else:
                    seen += 1
                    yield self._told[len(self._told) - 1 - (self._number - seen)]
        finally:
            self._viewers -= 1
            if not self._viewers and self._task is not None:
                self._task.cancel()
                self._task = None

    def end(self) -> None:
        """Let all viewers go: the service ends."""
        self._ended = True
        self._tell()

    async def _wait(self, new: asyncio.Event) -> None:
        """Until something is told. Raises what ended the work."""
        assert self._task is not None
        if self._task.done():
            self._task.result()
        await new.wait()

    def _board(self) -> bytes:
        if self._whole is None:
            queues = b'"queues":[' + b",".join(self._queues.values()) + b"]"
            parts = [orjson.dumps(self._head)[1:-1], *self._others.values(), queues]
            self._whole = _RETRY + _event(b"board", b"{" + b",".join(parts) + b"}")
        return self._whole

    async def _work(self) -> None:
        try:
            due_at = looked_at = self._monotonic() - TIME_SECONDS
            version: tuple[int, ...] = ()
            while True:
                now, present = self._monotonic(), self._version()
                if now >= due_at and (present != version or now - looked_at >= TIME_SECONDS):
                    version, looked_at = present, now
                    if await self.look(present):
                        due_at = now + self._pause(self._monotonic() - now)
                await asyncio.sleep(LOOK_SECONDS)
        finally:
            self._tell()

    def _pause(self, took: float) -> float:
        """Seconds from a change that is told to the next one, when looking takes so long."""
        return max(LEAST_SECONDS, A_VIEWER_SECONDS * self._viewers, took / SHARE)

    def _version(self) -> tuple[int, int]:
        return self._view.snapshot.version, self._view.sla.version

    async def look(self, version: tuple[int, int]) -> bool:
        """Make everything anew, and tell what is new; whether anything was."""
        view = self._view
        now, queues = view.now(), {}
        rows = self._rows.each(now) if view.loaded else iter(())
        since = self._monotonic()
        for queue, row in rows:
            queues[queue] = row
            if self._monotonic() - since > _PIECE_SECONDS:
                await asyncio.sleep(0)
                since = self._monotonic()
        others = {name: orjson.dumps({name: value})[1:-1] for name, value in overall.of(view, now).items()}
        changed = [row for queue, row in queues.items() if self._queues.get(queue) != row]
        gone = [queue for queue in self._queues if queue not in queues]
        differ = [encoded for name, encoded in others.items() if self._others.get(name) != encoded]
        head = {"at": text(now), "version": sum(version), "input_age_seconds": overall.input_ages(view, now)}
        if self._number and not (changed or gone or differ or sum(version) != self._head["version"]):
            return False
        self._queues, self._others, self._head, self._whole = queues, others, head, None
        parts = [orjson.dumps(head)[1:-1], *differ]
        if changed:
            parts.append(b'"queues":[' + b",".join(changed) + b"]")
        if gone:
            parts.append(b'"gone":' + orjson.dumps(gone))
        self._told.append(_event(b"change", b"{" + b",".join(parts) + b"}"))
        self._number += 1
        self._tell()
        return True

    def _tell(self) -> None:
        self._new.set()
        self._new = asyncio.Event()
