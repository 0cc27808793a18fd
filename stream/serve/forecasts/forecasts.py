"""The forecasts of all live queues, made anew every few seconds, and compared with what came.

A forecast is of the share of callers who are answered in time, of all who are answered or hang up. Until there are
enough comparisons its error is None; a queue whose error is above the setting shows none.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any, NoReturn

import structlog
from redis.exceptions import RedisError

from stream.core.figures.service_level import abandons_negative
from stream.core.forecast.fit import Fit
from stream.core.forecast.forecast import Forecast, Measured, forecast, season
from stream.core.measures import CODES
from stream.core.rules import MINUTE
from stream.core.scope import scope as scope_of
from stream.core.times.window import Span
from stream.core.times.zones import HALF_HOUR_MS
from stream.serve.forecasts.measuring import LOOK_BACK_MS, Lacking, Queue, measured
from stream.serve.forecasts.usual_arrivals import Usual, UsualArrivals
from stream.state.half_hours import TooMany

if TYPE_CHECKING:
    from stream.serve.view import View

HORIZONS = (15, 30)
"""Minutes."""
_EVERY_SECONDS, _STEP_MS, _LATE_MS, _FEWEST = 5.0, 5 * MINUTE, 30_000, 5
_log = structlog.get_logger()
Row = dict[str, Any]


class Forecasts:
    """`rows`: by queue, horizon (minutes, as text) -> forecast; None: not to be shown. `why_not`: by queue then."""

    def __init__(self, view: View) -> None:
        self._view = view
        self._usual = UsualArrivals(view)
        self._fits: dict[tuple[Queue, int], Fit] = {}
        self.rows: dict[Queue, dict[str, Row] | None] = {}
        self.why_not: dict[Queue, str] = {}
        self.version = 0

    async def run(self) -> NoReturn:
        """Look again and again, until cancelled."""
        while True:
            if self._view.loaded:
                await self.look()
            await asyncio.sleep(_EVERY_SECONDS)

    async def look(self) -> None:
        """Make all forecasts, a queue at a time, and let others go on in between."""
        view, now = self._view, self._view.now()
        found = measured(view.snapshot, view.rules, now)
        usual: dict[Queue, Usual] = {}
        try:
            usual = await self._usual.around([queue for queue, of in found.items() if isinstance(of, Measured)], now)
        except (RedisError, OSError, TooMany) as error:
            _log.warning("forecasts without what is usual", error=str(error))
        rows: dict[Queue, dict[str, Row] | None] = {}
        why_not: dict[Queue, str] = {}
        for queue, of in found.items():
            self._compare(queue, now)
            rows[queue] = None
            if isinstance(of, Lacking):
                why_not[queue] = of.why
            else:
                foreseen = self._queue(queue, of, usual.get(queue, {}), now)
                errors = [row["error"] for row in foreseen.values() if row["error"] is not None]
                if errors and max(errors) > view.settings.forecast_worst_error:
                    why_not[queue] = "poor_fit"
                else:
                    rows[queue] = foreseen
            await asyncio.sleep(0)
        if rows != self.rows:
            self.version += 1
        self.rows, self.why_not = rows, why_not

    def _queue(self, queue: Queue, of: Measured, usual: Usual, now: int) -> dict[str, Row]:
        rows = {}
        for horizon in HORIZONS:
            until = now + horizon * MINUTE
            factor = season(usual, now - LOOK_BACK_MS, now, until, HALF_HOUR_MS)
            found = forecast(of, horizon * 60, factor)
            fit = self._fits.setdefault((queue, horizon), Fit())
            fit.promise(now // _STEP_MS * _STEP_MS, found.service_level)
            rows[str(horizon)] = _row(found, of, horizon, fit)
        return rows

    def _compare(self, queue: Queue, now: int) -> None:
        own = self._view.rules.queue(*queue)
        scope = scope_of(queue[0], inbound=True, queue=queue[1])
        for horizon in HORIZONS:
            fit, length = self._fits.get((queue, horizon)), horizon * MINUTE
            for since in fit.due(now - length - _LATE_MS) if fit else ():
                span = Span("m", since // 1000, (since + length - _STEP_MS) // 1000)
                cell = self._view.snapshot.cell(scope, span, own.zone)
                enough = cell.get(CODES["answered"], 0) + cell.get(CODES["abandoned"], 0) >= _FEWEST
                assert fit is not None
                fit.compare(since, abandons_negative(cell) if enough else None)


def _row(found: Forecast, of: Measured, horizon: int, fit: Fit) -> Row:
    return {
        "service_level": round(found.service_level, 4),
        "wait_seconds": None if found.wait_s is None else round(found.wait_s, 1),
        "agents_short": found.agents_short,
        "agents": round(found.agents, 2),
        "arrivals": round(found.arrivals * horizon * 60, 1),
        "aht_seconds": round(of.work_s, 1),
        "patience_seconds": None if of.patience_s is None else round(of.patience_s, 1),
        "target": of.target,
        "error": None if fit.error is None else round(fit.error, 4),
        "comparisons": fit.comparisons,
    }
