"""Works of the demo beside one another: tasks that end together, and what must be done in a thread."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

from stream.child import PartFailed
from stream.cli.problem import Problem

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Coroutine


async def together(*works: Coroutine[Any, Any, None]) -> None:
    """All of them at the same time; when one fails the others are cancelled, and waited for."""
    tasks = [asyncio.create_task(work) for work in works]
    try:
        done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_EXCEPTION)
        for task in done:
            task.result()
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def in_thread(act: Callable[[], object]) -> None:
    """Does it in a thread; when cancelled, not before the thread has ended. A part that fails is a `Problem`."""
    acting: Awaitable[object] = asyncio.ensure_future(asyncio.to_thread(act))
    try:
        await asyncio.shield(acting)
    except PartFailed as error:
        raise Problem(str(error)) from error
    except asyncio.CancelledError:
        await asyncio.gather(acting, return_exceptions=True)
        raise
