"""The demo's screen: asks the service every second, draws the table on a terminal, prints lines elsewhere."""

from __future__ import annotations

import asyncio
import json
import time
import urllib.error
from collections import deque
from datetime import datetime
from typing import TYPE_CHECKING, Any

from rich.console import Group
from rich.live import Live
from rich.text import Text

from stream.cli.ask import asked
from stream.cli.console import out
from stream.cli.demo_table import Answers, Heading, journey_of, line, table

if TYPE_CHECKING:
    from rich.console import RenderableType

    from stream.cli.chaos import Chaos
    from stream.cli.demo_feed import Customers
    from stream.settings_access import Credentials

LOOK_SECONDS = 1.0
LINE_SECONDS = 5.0
ANSWER_SECONDS = 3.0
RATE_LOOKS = 10


class Screen:
    """Shows what the service at `url` says, until cancelled; below it what `chaos` says, if there is any."""

    def __init__(
        self, url: str, window: str, customers: Customers, chaos: Chaos | None, credentials: Credentials | None
    ) -> None:
        self._url = url
        self._credentials = credentials
        self._window = window
        self._customers = customers
        self._chaos = chaos
        self._looks: deque[tuple[float, int]] = deque(maxlen=RATE_LOOKS)

    async def run(self) -> None:
        """Draws every second, or prints every five."""
        if out.is_terminal:
            await self._draw()
        else:
            await self._print()

    async def _draw(self) -> None:
        with Live(console=out, screen=True, auto_refresh=False) as live:
            while True:
                answers, heading = await self._look()
                live.update(self._view(answers, heading), refresh=True)
                await asyncio.sleep(LOOK_SECONDS)

    async def _print(self) -> None:
        out.print(
            f"look at {self._url} and {self._url}/metrics and"
            f" {self._url}/api/v1/kpis?window={self._window}&by=channel,queue",
            soft_wrap=True,
        )
        said = False
        while True:
            answers, heading = await self._look()
            if not (said or heading.stale):
                said = True
                for chapter in self._customers.script:
                    out.print(chapter, soft_wrap=True)
                out.print(f"look at a customer: {journey_of(heading)}", soft_wrap=True)
            out.print(
                line(answers, heading) if answers and not heading.stale else f"{heading.clock} {heading.stale}",
                soft_wrap=True,
            )
            if self._chaos:
                out.print(self._chaos.line(), soft_wrap=True)
            await asyncio.sleep(LINE_SECONDS)

    def _view(self, answers: Answers | None, heading: Heading) -> RenderableType:
        below: list[RenderableType] = ["", *self._customers.script] if self._customers.script else []
        below += ["", *self._chaos.lines()] if self._chaos else []
        if answers is None:
            nothing = f"Centralino  {self._url}\n\n{heading.stale or 'the service has nothing to show yet'}"
            return Group(Text(nothing, no_wrap=True, overflow="ellipsis"), *below)
        return Group(table(answers, heading, out.width, out.height - len(below)), *below)

    async def _look(self) -> tuple[Answers | None, Heading]:
        answers: Answers | None = None
        stale = "" if self._customers.live else f"filling in the past: {min(1.0, self._customers.past):.0%}"
        try:
            answers = await asyncio.to_thread(self._ask)
        except (urllib.error.URLError, OSError, ValueError) as error:
            stale = f"the service does not answer: {error}"
        now = time.monotonic()
        if self._customers.live:
            self._looks.append((now, self._customers.sent))
        since, before = self._looks[0] if self._looks else (now, self._customers.sent)
        seconds, sent = now - since, self._customers.sent - before
        clock = f"{datetime.now().astimezone():%H:%M:%S}"
        rate = sent / max(seconds, 1e-9)
        heading = Heading(self._url, self._window, clock, self._customers.sent, rate, stale, self._customers.busiest)
        return answers, heading

    def _ask(self) -> Answers:
        queues = self._get(f"/api/v1/kpis?window={self._window}&by=channel,queue")
        whole = self._get(f"/api/v1/kpis?window={self._window}&by=")
        channels = self._get("/api/v1/kpis?window=7d&by=channel")
        targets = {(each["channel"], each["queue"]): each["target"] for each in self._get("/api/v1/queues")}
        return Answers(queues, channels, whole[0], targets)

    def _get(self, path: str) -> Any:
        return json.loads(asked(self._url + path, self._credentials, ANSWER_SECONDS))
