"""What the service does, once, about its memory when all is read: what is there then, stays."""

from __future__ import annotations

import gc
from ctypes import CDLL

_GARBAGE = 200_000, 20, 100
"""When garbage is looked for: a scrape of a thousand queues makes 100,000 tuples, none of them garbage."""

_M_MMAP_THRESHOLD, _BIG_BYTES = -3, 262_144
"""From so many bytes on, a block is one of its own, such as a family's text. Untold, glibc raises this to 32 MB."""


def keep_what_is_there() -> None:
    """Look for no garbage in what is there, seldom in what comes; give back what was only needed until now.

    To look through a snapshot of half a million cells would stop everybody for a tenth of a second. What strings have
    left free while they grew, glibc gives back when it is told to, and big blocks whenever they are free; other
    libraries have no such calls.
    """
    gc.freeze()
    gc.set_threshold(*_GARBAGE)
    libc = CDLL(None)
    if hasattr(libc, "malloc_trim"):
        libc.mallopt(_M_MMAP_THRESHOLD, _BIG_BYTES)
        libc.malloc_trim(0)
