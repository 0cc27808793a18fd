"""What readers see of an interaction that is not over: who waits, in which queue or for whose answer, until when."""

from __future__ import annotations

from stream.core.interactions.life import Life
from stream.core.interactions.thread import Thread
from stream.core.open_row import Open
from stream.core.times.calendar import due_at as open_due_at


def row(life: Life, due_at: int | None) -> Open:
    """Of an interaction that is neither closed nor timed out. `due_at`: when silence will end it, None never."""
    waiting, on = life.waiting, life.on
    queue = life.last_queue() if waiting is None else waiting.queue
    scope = life.scope(queue)
    connected = None if on is None or due_at is None else life.scope(on.queue)
    queued_at = None if waiting is None else waiting.queued_at
    if life.thread is None:
        return Open(scope, queued_at, due_at, connected, life.started_at)
    asked_at, answer_due_at, first = asked(life, life.thread)
    return Open(scope, queued_at, due_at, connected, life.started_at, asked_at, answer_due_at, first)


def asked(life: Life, thread: Thread) -> tuple[int | None, int | None, bool]:
    """Since when the customer of a thread waits for an agent's response, when that is due, whether it is the first.

    While a bot has spoken and nobody has taken over, the customer waits for no agent.
    """
    if thread.bot_spoke and life.waiting is None and life.on is None:
        return None, None, False
    asked_at, first = thread.asked(life.inbound)
    if asked_at is None:
        return None, None, False
    own = life.rules.queue(life.channel, life.last_queue())
    return asked_at, open_due_at(own.calendar, asked_at, own.threshold_ms), first
