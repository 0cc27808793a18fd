"""What the service does beside answering. A part that fails ends the service: nobody would do its work, or see that."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Collection, Coroutine
from contextlib import asynccontextmanager
from functools import partial
from typing import Any

import structlog

_AGAIN_SECONDS = 5.0
"""Longer than any part takes to close what it has open: a second cancellation would leave that half closed."""
_log = structlog.get_logger()
Failed = Callable[[BaseException], None]


def nobody(_: BaseException) -> None:
    """Whom nothing is told: the log has it."""


@asynccontextmanager
async def running(parts: dict[str, Coroutine[Any, Any, Any]], failed: Failed) -> AsyncIterator[None]:
    """Run the parts, by name, until the block ends. `failed` is told of each that raises."""
    tasks = [asyncio.create_task(part, name=name) for name, part in parts.items()]
    for task in tasks:
        task.add_done_callback(partial(_look, failed))
    try:
        yield
    finally:
        await end(tasks)


async def end(tasks: Collection[asyncio.Task[Any]]) -> None:
    """Cancel tasks until all have ended, with whatever: a client may take a cancellation for an error of its own."""
    pending = set(tasks)
    while pending:
        for task in pending:
            task.cancel()
        _, pending = await asyncio.wait(pending, timeout=_AGAIN_SECONDS)
    await asyncio.gather(*tasks, return_exceptions=True)


def _look(failed: Failed, task: asyncio.Task[Any]) -> None:
    if not task.cancelled() and (error := task.exception()) is not None:
        _log.error("a part of the service has failed", part=task.get_name(), exc_info=error)
        failed(error)
