"""How far forecasts were from what came."""

from __future__ import annotations

from collections import deque

REMEMBERED = 16
FEWEST = 3


class Fit:
    """The forecasts of one queue and horizon. Service levels; instants in ms."""

    def __init__(self) -> None:
        self._open: dict[int, float] = {}
        self._errors: deque[float] = deque(maxlen=REMEMBERED)

    def promise(self, since_ms: int, service_level: float) -> None:
        """What the forecast of an instant says; the first word of that instant stands."""
        self._open.setdefault(since_ms, service_level)

    def due(self, until_ms: int) -> list[int]:
        """The instants, up to one, whose forecast nobody has looked at since."""
        return sorted(since for since in self._open if since <= until_ms)

    def compare(self, since_ms: int, service_level: float | None) -> None:
        """What came; None: too little to say."""
        promised = self._open.pop(since_ms)
        if service_level is not None:
            self._errors.append(abs(promised - service_level))

    @property
    def comparisons(self) -> int:
        """How many are remembered."""
        return len(self._errors)

    @property
    def error(self) -> float | None:
        """Mean absolute error; None before there are `FEWEST` comparisons.

        >>> fit = Fit()
        >>> for since in range(3):
        ...     fit.promise(since, 0.9)
        ...     fit.compare(since, 0.7)
        >>> round(fit.error, 3)
        0.2
        """
        return sum(self._errors) / len(self._errors) if len(self._errors) >= FEWEST else None
