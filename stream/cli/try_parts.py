"""Worker and service as children of `centralino try`: with the settings of this folder, at the time of the events."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from stream.cli.demo_parts import Service, Worker
from stream.cli.demo_tasks import in_thread

if TYPE_CHECKING:
    from collections.abc import Sequence

RESTARTS = 3


class Recount(Worker):
    """Counts all that the log has; with the settings of this folder."""

    arguments: tuple[str, ...] = ("worker", "--rebuild")
    _restarts = RESTARTS

    async def goes_on(self) -> bool:
        """Starts it again where it ended, as who watches a worker does: a machine that is busy lets it end.

        False: that was often enough.
        """
        self.arguments = ("worker",)
        self._restarts -= 1
        if self._restarts >= 0:
            await in_thread(self.restart)
        return self._restarts >= 0

    def command(self) -> Sequence[str]:
        """Without the modules of this folder, whatever lies in it."""
        return _safely(super().command())

    @property
    def works_in(self) -> Path:
        """Where centralino.toml is."""
        return Path.cwd()


class OurService(Service):
    """With the settings of this folder."""

    def command(self) -> Sequence[str]:
        """As above."""
        return _safely(super().command())

    @property
    def works_in(self) -> Path:
        """As above."""
        return Path.cwd()


def _safely(command: Sequence[str]) -> Sequence[str]:
    python, *arguments = command
    return [python, "-P", *arguments]
