"""The demo's customers: the past hour in a few seconds, then life at the clock's pace; goes on where it was.

A simulation is a function of its seed and start, so a demo that is started again runs the same one from its start,
leaves out what was sent, catches up, and goes on. After a long pause it begins anew, and closes what was left open.
"""

from __future__ import annotations

import asyncio
from collections import Counter, deque
from typing import TYPE_CHECKING

import msgspec

from stream.cli.pace import Pace, now_ms
from stream.simulator import ENDS, Simulation, script
from stream.simulator.journal import instant

if TYPE_CHECKING:
    from pathlib import Path

    from stream.cli.feed import Feed
    from stream.simulator import Record

PAST_MS = 3_600_000
LONG_PAUSE_MS = 6 * 3_600_000
MARGIN_MS = 5_000
STORY_AFTER_MS = 45_000
SAVE_MS = 2_000
GLANCE_SECONDS = 0.2
LATELY = 300
MET = ("interaction.started", "customer.touched", "customer.purchased")


class Begun(msgspec.Struct):
    """What is kept of a demo: its simulation, how far it was sent, what is open: id → (channel, queue waited in).

    `story_ms`: when its story begins, None: it has none.
    """

    seed: int
    rate: float
    start_ms: int
    sent_until_ms: int = 0
    open: dict[str, tuple[str, str]] = {}
    story_ms: int | None = None


class _Said(msgspec.Struct):
    interaction_id: str = ""
    channel: str = ""
    queue: str = ""
    customer_id: str = ""


class _Told(msgspec.Struct):
    type: str
    data: _Said


_read = msgspec.json.Decoder(_Told).decode


class Customers:
    """Feeds the demo. `past`: share of the past that is sent; `live`: all of it; `sent`: records, by this process.

    `lately`: the last records sent. `busiest`: who has met us most often so far, empty before anybody has. With `story`
    one is told from `STORY_AFTER_MS` on, `script` has its chapters; one that is over begins again with the next demo.
    """

    def __init__(self, path: Path, rate: float, seed: int = 1, *, story: bool = False) -> None:
        self.sent = 0
        self.live = False
        self.past = 0.0
        self.lately: deque[Record] = deque(maxlen=LATELY)
        self.busiest = ""
        self.script: list[str] = []
        self._met: Counter[str] = Counter()
        self._path = path
        self._asked = (seed, rate)
        self._story = story
        self._begun = Begun(seed, rate, 0)
        self._saved_ms = 0

    async def run(self, feed: Feed) -> None:
        """Sends until cancelled."""
        await self._begin(feed)
        begun = self._begun
        self.script = [] if begun.story_ms is None else script(begun.story_ms)
        simulation = Simulation(begun.seed, begun.start_ms, begun.rate, story_ms=begun.story_ms)
        from_ms = begun.sent_until_ms - MARGIN_MS
        pace = Pace(now_ms(), 1.0)
        for batch in simulation.batches():
            for group in _by_glance([record for record in batch if record.at_ms > from_ms]):
                at_ms = group[-1].at_ms
                if at_ms > now_ms():
                    if not self.live:
                        await self._acknowledged(feed, at_ms - 1)
                        self.live = True
                    await pace.wait(at_ms)
                await self._send(feed, group)
            if not self.live:
                self.past = (simulation.now_ms - begun.start_ms) / max(1, now_ms() - begun.start_ms)
                await asyncio.sleep(0)

    async def _begin(self, feed: Feed) -> None:
        known = self._load()
        now = now_ms()
        if known is not None and now - known.start_ms <= LONG_PAUSE_MS and self._as_asked(known, now):
            self._begun = known
            return
        seed, rate = self._asked
        start_ms = now - PAST_MS
        if known is not None:
            start_ms = max(start_ms, known.sent_until_ms + 1000)
            await self._close(feed, known)
        story_ms = now // 1000 * 1000 + STORY_AFTER_MS if self._story else None
        self._begun = Begun(seed, rate, start_ms // 1000 * 1000, start_ms, story_ms=story_ms)
        self._save()

    def _as_asked(self, known: Begun, now: int) -> bool:
        told = known.story_ms is None or now < known.story_ms + int(ENDS * 1000)
        return (known.seed, known.rate) == self._asked and (known.story_ms is not None) == self._story and told

    async def _close(self, feed: Feed, known: Begun) -> None:
        """Whoever still waited or talked when the demo of long ago was stopped has gone home."""
        time = instant(known.sent_until_ms + 1)
        for name, (channel, queue) in known.open.items():
            for kind, said in (("flowed_out", {"queue": queue, "outcome": "closed"}), ("ended", {"by": "system"})):
                if kind == "flowed_out" and not queue:
                    continue
                value = msgspec.json.encode(
                    {
                        "specversion": "1.0",
                        "id": f"{name}-{kind}",
                        "source": "/demo",
                        "type": f"interaction.{kind}",
                        "time": time,
                        "data": {"interaction_id": name, "channel": channel, **said},
                    }
                )
                await feed.add(f"interactions.{channel}", name.encode(), value, known.sent_until_ms + 1)
        await feed.flush()

    async def _send(self, feed: Feed, group: list[Record]) -> None:
        for record in group:
            await feed.add(record.topic, record.key, record.value, record.timestamp_ms)
            if record.topic != "agents.presence":
                self._note(record.value)
        self.sent += len(group)
        self.lately.extend(group)
        if self.live:
            await self._acknowledged(feed, group[-1].at_ms)

    async def _acknowledged(self, feed: Feed, at_ms: int) -> None:
        await feed.flush()
        self._begun.sent_until_ms = at_ms
        if at_ms - self._saved_ms >= SAVE_MS:
            self._saved_ms = at_ms
            self._save()

    def _note(self, value: bytes) -> None:
        """Keeps the list of what is open, and where it waits; and who has met us how often."""
        told = _read(value)
        said, kind, is_open = told.data, told.type, self._begun.open
        if said.customer_id and kind in MET:
            self._met[said.customer_id] += 1
            if self._met[said.customer_id] > self._met[self.busiest]:
                self.busiest = said.customer_id
        if kind in ("interaction.ended", "interaction.abandoned"):
            is_open.pop(said.interaction_id, None)
        elif kind in ("interaction.started", "interaction.answered", "interaction.reopened"):
            is_open[said.interaction_id] = (said.channel, "")
        elif kind == "interaction.queued":
            is_open[said.interaction_id] = (said.channel, said.queue)

    def _load(self) -> Begun | None:
        try:
            return msgspec.json.decode(self._path.read_bytes(), type=Begun)
        except (FileNotFoundError, msgspec.DecodeError):
            return None

    def _save(self) -> None:
        fresh = self._path.with_suffix(".new")
        fresh.write_bytes(msgspec.json.encode(self._begun))
        fresh.replace(self._path)


def _by_glance(records: list[Record]) -> list[list[Record]]:
    """Records in groups that a person would see at once."""
    groups: list[list[Record]] = []
    for record in records:
        if not groups or record.at_ms - groups[-1][0].at_ms > GLANCE_SECONDS * 1000:
            groups.append([])
        groups[-1].append(record)
    return groups
