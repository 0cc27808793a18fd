"""A folder that one server works in: locked for as long as that lives, even past the death of its parent.

The lock says who holds it, and whose child that is: what a dead parent left running is ended.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import signal
import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path


class PartFailed(RuntimeError):
    """A server did not start, did not answer, or may not use its folder. The message says what to do."""


def locked(folder: Path, name: str, seconds: float) -> int:
    """A descriptor for the server to inherit: the lock ends with the last process that has it.

    Waits so long at most for one whose parent is dead: it is asked to end, killed after half of the time. Raises
    PartFailed.
    """
    lock = os.open(folder / f"{name}.lock", os.O_RDWR | os.O_CREAT, 0o600)
    deadline = time.monotonic() + seconds
    while True:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            holder, parent = ([*os.pread(lock, 64, 0).split(), b"0", b"0"])[:2]
            if _alive(int(parent)) or time.monotonic() > deadline:
                os.close(lock)
                raise PartFailed(
                    f"{folder} is in use by {name}, process {int(holder)}: stop it or take another folder"
                ) from None
            patient = deadline - time.monotonic() > seconds / 2
            _end(int(holder), signal.SIGTERM if patient else signal.SIGKILL)
            time.sleep(0.05)
        else:
            os.ftruncate(lock, 0)
            return lock


def until_released(folder: Path, name: str, seconds: float) -> None:
    """The server's own children, killed with it, let go of the folder a moment later."""
    deadline = time.monotonic() + seconds
    with (folder / f"{name}.lock").open("rb") as lock:
        while time.monotonic() < deadline:
            with contextlib.suppress(BlockingIOError):
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                return
            time.sleep(0.01)


def _alive(process_id: int) -> bool:
    try:
        os.kill(process_id, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return process_id != 0


def _end(process_id: int, number: signal.Signals) -> None:
    if process_id:
        with contextlib.suppress(ProcessLookupError):
            os.kill(process_id, number)
