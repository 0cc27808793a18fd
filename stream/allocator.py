"""What glibc is told about a process's memory; other libraries have no such calls."""

from __future__ import annotations

import asyncio
from ctypes import CDLL

_M_MMAP_THRESHOLD, _BIG_BYTES = -3, 262_144
"""From so many bytes on, a block is one of its own. Untold, glibc raises this to 32 MB."""
_M_ARENA_MAX, _ARENAS = -8, 2
"""Whatever the number of threads: what one has freed is of no use to another arena's."""
_EVERY_SECONDS = 10.0
"""Between two times that free pages are given back."""


def give_back_big_blocks() -> None:
    """What is fetched, sent or shown at once is given back once it is free, in whatever order. At a process's start."""
    libc = CDLL(None)
    if hasattr(libc, "malloc_trim"):
        libc.mallopt(_M_MMAP_THRESHOLD, _BIG_BYTES)
        libc.mallopt(_M_ARENA_MAX, _ARENAS)


def give_back_all() -> None:
    """And what is free elsewhere, by whole pages."""
    libc = CDLL(None)
    if hasattr(libc, "malloc_trim"):
        libc.malloc_trim(0)


async def giving_back() -> None:
    """The same from time to time, until cancelled: what batches leave free lies between what stays, and adds up.

    100 MB take 20 ms.
    """
    while True:
        await asyncio.sleep(_EVERY_SECONDS)
        give_back_all()
