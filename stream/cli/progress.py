"""How far a long command is: a bar on a terminal, a plain line every few seconds elsewhere. On stderr."""

from __future__ import annotations

import time
from contextlib import contextmanager
from typing import TYPE_CHECKING

from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn, TimeRemainingColumn

from stream.cli.console import err

if TYPE_CHECKING:
    from collections.abc import Iterator

PLAIN_SECONDS = 5.0
LOOK_SECONDS = 0.1
GLANCE = 256
"""Lines, or payloads, from one look at the clock to the next."""


class Meter:
    """Counts records. `told` is called with (done, total) in any unit, at most ten times a second."""

    def __init__(self, label: str, total: float | None, bar: Progress | None) -> None:
        self.records = 0
        self._label = label
        self._total = total
        self._bar = bar
        self._task = bar.add_task(label, total=total, records=0, rate="") if bar else None
        self._began = self._looked = self._printed = time.monotonic()

    @property
    def seconds(self) -> float:
        """Since the beginning."""
        return time.monotonic() - self._began

    @property
    def rate(self) -> float:
        """Records a second, since the beginning."""
        return self.records / max(1e-9, self.seconds)

    def due(self) -> bool:
        """Whether it is time to call `show`."""
        now = time.monotonic()
        if now - self._looked < LOOK_SECONDS:
            return False
        self._looked = now
        return True

    def show(self, done: float) -> None:
        """`done` of the total."""
        if self._bar is not None and self._task is not None:
            self._bar.update(self._task, completed=done, records=self.records, rate=f"{self.rate:,.0f}/s")
        elif time.monotonic() - self._printed >= PLAIN_SECONDS:
            self._printed = time.monotonic()
            if self._total and done >= self._total:
                err.print(f"{self._label}: 100%, {self.records:,} records, finishing")
                return
            share = f"{done / self._total:.0%}, " if self._total else ""
            left = f", {self._left(done):.0f} s left" if self._total and done else ""
            err.print(f"{self._label}: {share}{self.records:,} records, {self.rate:,.0f}/s{left}")

    def _left(self, done: float) -> float:
        return (self._total or 0) / done * self.seconds - self.seconds


@contextmanager
def metered(label: str, total: float | None) -> Iterator[Meter]:
    """A meter for the time of the block; `total` None: nobody knows how much there is."""
    if not err.is_terminal:
        yield Meter(label, total, None)
        return
    columns = (
        *((TextColumn("{task.description}"), BarColumn()) if total else (SpinnerColumn(), TextColumn(label))),
        *((TextColumn("{task.percentage:>3.0f}%"),) if total else ()),
        TextColumn("{task.fields[records]:,} records"),
        TextColumn("{task.fields[rate]}"),
        *((TextColumn("left"), TimeRemainingColumn()) if total else ()),
    )
    with Progress(*columns, console=err, transient=True) as bar:
        yield Meter(label, total, bar)
