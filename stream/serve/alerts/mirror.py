"""What has been decided of each queue, as all show it: metrics, the page, the API. Nobody judges on their own."""

from __future__ import annotations

from collections.abc import Callable

from stream.core.sla.state import Standing

Queue = tuple[str, str]
"""Channel and name."""


class Mirror:
    """The states of queues, who has muted and who has acknowledged them; empty until somebody has decided.

    `now`: in ms, so that a mute that is over is none. `version` rises with every change.
    """

    def __init__(self, now: Callable[[], int]) -> None:
        self._now = now
        self.version = 0
        self._standings: dict[Queue, Standing] = {}
        self._mutes: dict[Queue, int] = {}
        self._acknowledged: dict[Queue, str] = {}

    def standing(self, channel: str, queue: str) -> Standing | None:
        """The state of a queue and since when; None: nobody has decided yet."""
        return self._standings.get((channel, queue))

    def muted_until(self, channel: str, queue: str) -> int | None:
        """Until when (ms) nothing is told of it; None: it is not muted."""
        until = self._mutes.get((channel, queue))
        return until if until is not None and until > self._now() else None

    def acknowledged(self, channel: str, queue: str) -> str | None:
        """Who looks after it until it has recovered; None: nobody."""
        return self._acknowledged.get((channel, queue))
