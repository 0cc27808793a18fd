"""What the service does, once, about its memory when all is read: what is there then, stays."""

from __future__ import annotations

import gc

from stream.allocator import give_back_all, give_back_big_blocks

_GARBAGE = 200_000, 20, 100
"""When garbage is looked for: a scrape of a thousand queues makes 100,000 tuples, none of them garbage."""


def keep_what_is_there() -> None:
    """Look for no garbage in what is there, seldom in what comes; give back what was only needed until now.

    To look through a snapshot of half a million cells would stop everybody for a tenth of a second. What strings have
    left free while they grew, glibc gives back when it is told to, and big blocks whenever they are free.
    """
    gc.freeze()
    gc.set_threshold(*_GARBAGE)
    give_back_big_blocks()
    give_back_all()
