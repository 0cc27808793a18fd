"""One reader of the end of a topic, for all who subscribe: it runs while somebody does."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import structlog

from stream.serve.subscription import words
from stream.serve.subscription.event import Event, event_of
from stream.serve.subscription.log import AWAY, Log, Piece
from stream.settings_error import SettingsError

if TYPE_CHECKING:
    from collections.abc import Callable, Collection

    from stream.serve.subscription.lane import Lane
    from stream.settings import Settings

RETRY_SECONDS = 1.0
_PACE_SECONDS, _PACE_LOOK_SECONDS = 0.25, 0.01
_log = structlog.get_logger()


class Follower:
    """`positions`: up to where it has told the topic; None until its end was found."""

    def __init__(self, settings: Settings, topic: str, lanes: Callable[[], Collection[Lane]]) -> None:
        self._settings, self.topic, self._all = settings, topic, lanes
        self.positions: tuple[int, ...] | None = None
        self.waiting: str | None = None

    async def run(self) -> None:
        """Until cancelled. Kafka may be away: it goes on where it was."""
        while True:
            try:
                async with Log.opened(self._settings, (self.topic,)) as log:
                    await self._follow(log)
            except (*AWAY, SettingsError) as error:
                if self.waiting is None:
                    _log.warning("subscribers wait for kafka", topic=self.topic, error=str(error))
                self._say(str(error) or type(error).__name__)
            await asyncio.sleep(RETRY_SECONDS)

    async def _follow(self, log: Log) -> None:
        if self.positions is None:
            self.positions = tuple((await log.ends())[self.topic])
        else:
            found, gaps = await log.mended({self.topic: self.positions})
            self.positions = tuple(found[self.topic])
            if gaps:
                self._append(Event(self.topic, 0, 0, words.gap(gaps)))
        log.start({self.topic: self.positions})
        if self.waiting is not None:
            _log.info("subscribers go on", topic=self.topic)
        self._say(None)
        while True:
            self._tell(await log.read())
            await asyncio.sleep(0)
            await self._pace()

    def _say(self, waiting: str | None) -> None:
        self.waiting = waiting
        for lane in self._lanes():
            self.introduce(lane)
            lane.tell()

    def introduce(self, lane: Lane) -> None:
        """Tell a lane where the topic is."""
        if self.positions is not None:
            lane.move(self.topic, self.positions)
        if self.waiting is None:
            lane.waiting.pop(self.topic, None)
        else:
            lane.waiting[self.topic] = self.waiting

    def _lanes(self) -> list[Lane]:
        return [lane for lane in self._all() if self.topic in lane.topics]

    def _tell(self, pieces: list[Piece]) -> None:
        assert self.positions is not None
        at = [piece.at for piece in pieces]
        if at == list(self.positions):
            return
        told = [*self.positions, *(0 for _ in at[len(self.positions) :])]
        for piece in pieces:
            for record in piece.records:
                event = event_of(self.topic, piece.partition, record.offset, record.value)
                told[piece.partition] = record.offset + 1
                if event is not None:
                    self.positions = tuple(told)
                    self._append(event)
        self.positions = tuple(at)
        for lane in self._lanes():
            lane.move(self.topic, self.positions)
            lane.tell()

    def _append(self, event: Event) -> None:
        assert self.positions is not None
        for lane in self._lanes():
            lane.append(event, self.positions)

    async def _pace(self) -> None:
        """Read no faster than most can take it; but who does not take anything holds nobody up for long."""
        clock = asyncio.get_running_loop().time
        until = clock() + _PACE_SECONDS
        while self._is_too_fast() and clock() < until:  # noqa: ASYNC110 - how far they are is not told
            await asyncio.sleep(_PACE_LOOK_SECONDS)

    def _is_too_fast(self) -> bool:
        lanes = [lane for lane in self._lanes() if lane.cursors]
        far = sum(cursor.far for lane in lanes if lane.crowded for cursor in lane.cursors)
        return far * 2 > sum(len(lane.cursors) for lane in lanes)
