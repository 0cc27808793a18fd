"""All subscriptions of the service: who follows which topic, who has which lane, who may come in."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine, Iterator
from contextlib import contextmanager
from functools import partial
from typing import TYPE_CHECKING, Any

import structlog

from stream.serve.background import end
from stream.serve.subscription.catch_up import CatchUp, Turns
from stream.serve.subscription.follower import Follower
from stream.serve.subscription.lane import Cursor, Lane
from stream.serve.subscription.token import Tokens

if TYPE_CHECKING:
    from stream.serve.subscription.catalogue import Positions
    from stream.serve.subscription.counts import Counts
    from stream.serve.subscription.selection import Selection
    from stream.settings import Settings

LINGER_SECONDS = 10.0
"""So long the newest events are kept when the last subscriber has gone: who was cut off comes back to them."""
_log = structlog.get_logger()


class Hub:
    """`tokens` and `counts` of this service; `close` ends what runs."""

    def __init__(self, settings: Settings, counts: Counts) -> None:
        self.counts, self.tokens = counts, Tokens(settings.topic_prefix)
        self._settings = settings
        self._turns = Turns()
        self._lanes: dict[tuple[str, ...], Lane] = {}
        self._followers: dict[str, tuple[Follower, asyncio.Task[None]]] = {}
        self._catching_up: set[CatchUp] = set()
        self._tasks: set[asyncio.Task[Any]] = set()
        self._closed = False

    @contextmanager
    def cursor(self, topics: tuple[str, ...]) -> Iterator[Cursor]:
        """A subscriber's place in the lane of these topics. It is followed as long as somebody is in the block."""
        lane = self._lanes.get(topics)
        if lane is None:
            lane = self._lanes[topics] = Lane(topics, self.tokens)
            lane.ended = self._closed
            for topic in topics:
                self._follower(topic).introduce(lane)
        cursor = Cursor(lane)
        lane.cursors.add(cursor)
        try:
            yield cursor
        finally:
            lane.cursors.remove(cursor)
            if not lane.cursors and not self._closed:
                asyncio.get_running_loop().call_later(LINGER_SECONDS, self._sweep, lane)

    @contextmanager
    def catch_up(self, cursor: Cursor, selection: Selection, known: Positions) -> Iterator[CatchUp]:
        """A reader of what a subscriber has missed. It runs until it has joined or the block ends."""
        found = CatchUp(self._settings, self._turns, cursor, selection, self.counts, known)
        self._catching_up.add(found)
        task = self._run(found.run())
        task.add_done_callback(partial(_seen, found))
        try:
            yield found
        finally:
            self._catching_up.remove(found)
            if not task.done():
                self._run(end([task]))

    def leave(self) -> None:
        """Let all subscribers go: the service ends."""
        self._closed = True
        for lane in self._lanes.values():
            lane.ended = True
            lane.tell()
        for each in self._catching_up:
            each.end()

    async def close(self) -> None:
        """End what runs."""
        self.leave()
        await end([*self._tasks])

    def _follower(self, topic: str) -> Follower:
        known = self._followers.get(topic)
        if known is None or known[1].done():
            follower = Follower(self._settings, topic, self._lanes.values)
            known = self._followers[topic] = follower, self._run(follower.run())
            known[1].add_done_callback(partial(self._failed, topic))
        return known[0]

    def _failed(self, topic: str, task: asyncio.Task[None]) -> None:
        """Let those go who would wait for a follower that has ended: they come back, and get another."""
        if self._followers.get(topic, (None, None))[1] is not task or self._closed:
            return
        _log.error("a follower has failed", topic=topic, exc_info=None if task.cancelled() else task.exception())
        del self._followers[topic]
        for lane in [lane for lane in self._lanes.values() if topic in lane.topics]:
            del self._lanes[lane.topics]
            lane.ended = True
            lane.tell()

    def _sweep(self, lane: Lane) -> None:
        """Let go of a lane that nobody is in, and of who follows for it alone."""
        if lane.cursors or self._lanes.get(lane.topics) is not lane:
            return
        del self._lanes[lane.topics]
        followed = {topic for each in self._lanes for topic in each}
        for topic in lane.topics:
            if topic not in followed:
                _, task = self._followers.pop(topic, (None, None))
                if task is not None:
                    self._run(end([task]))

    def _run(self, work: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task


def _seen(catch_up: CatchUp, task: asyncio.Task[None]) -> None:
    """Let a subscriber go whose reader has failed: it comes back with its id."""
    if not task.cancelled() and (error := task.exception()) is not None:
        _log.error("a reader of the past has failed", exc_info=error)
    catch_up.end()
