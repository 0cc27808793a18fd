"""The forecast of one queue: what its arrivals, work, agents and patience make of the next minutes."""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import NamedTuple

from stream.core.forecast.erlang import MOST_AGENTS, agents_needed, outlook
from stream.core.forecast.staff import Staff

WORST_RATIO = 3.0
"""The usual makes of arrivals so many times more or less, at most."""
FEWEST_USUAL = 10
HALF_LIFE_S = 900.0
"""A rush is half over after so long."""
SURE, ENOUGH = 2.5, 20
"""Standard deviations beyond which, and arrivals from which on, some minutes are unlike the half-hour."""


class Measured(NamedTuple):
    """What was measured of a queue. `arrivals`: a second, over the last half-hour, and by how much they are more in the
    last minutes (`rush`); `work_s`: average handle time.

    `patience_s`: of those who wait, None: nobody has hung up. `overdue`: who waits past the threshold now.
    """

    arrivals: float
    work_s: float
    patience_s: float | None
    staff: Staff
    threshold_s: float
    target: float
    rush: float = 0.0
    overdue: int = 0


class Forecast(NamedTuple):
    """`arrivals`: expected a second. `agents`: those of the queue, shared ones in parts; `agents_short`: how many more
    are needed for the target, 0 when it is reached, None: nobody can say.
    """

    arrivals: float
    service_level: float
    wait_s: float | None
    agents: float
    agents_short: float | None


def forecast(measured: Measured, horizon_s: float, factor: float = 1.0) -> Forecast:
    """What is to come until the horizon when arrivals are `factor` times those measured.

    A rush fades, by half in `HALF_LIFE_S`. Who is overdue now must be served as well, as if they came in that time.

    >>> calls = Measured(100 / 1800, 180, None, Staff(12, 12), 20, 0.8)
    >>> round(forecast(calls, 900).service_level, 2), forecast(calls, 900).agents_short
    (0.64, 2.0)
    """
    coming = max(measured.arrivals + measured.rush * fading(horizon_s), 0.0)
    arrivals = coming * factor + measured.overdue / horizon_s
    found = outlook(arrivals, measured.work_s, min(measured.staff.servers, MOST_AGENTS),
                    measured.threshold_s, measured.patience_s)  # fmt: skip
    slots = measured.staff.servers / measured.staff.agents if measured.staff.agents else 1.0
    short: float | None = 0.0
    if found.service_level < measured.target:
        try:
            needed = agents_needed(
                arrivals, measured.work_s, measured.threshold_s, measured.patience_s, measured.target
            )
        except ValueError:
            short = None
        else:
            short = math.ceil(10 * max(needed - measured.staff.servers, 0) / slots) / 10
    return Forecast(arrivals, found.service_level, found.wait_s, measured.staff.agents, short)


def fading(horizon_s: float) -> float:
    """What is left on the average, until the horizon, of what is half over after `HALF_LIFE_S`.

    >>> round(fading(900), 3), round(fading(1800), 3)
    (0.721, 0.541)
    """
    half_lives = horizon_s / HALF_LIFE_S
    return float((1 - 0.5**half_lives) / (math.log(2) * half_lives))


def rush_of(arrivals: float, lately: Iterable[tuple[int, float]]) -> float:
    """How many more come a second than `arrivals`, by the first of (arrivals, seconds) that is no mere chance.

    >>> round(rush_of(0.1, [(29, 300), (90, 600)]), 3), round(rush_of(0.1, [(60, 300)]), 3), rush_of(0.1, [(40, 300)])
    (0.05, 0.1, 0.0)
    """
    for n, seconds in lately:
        expected = arrivals * seconds
        if max(n, expected) >= ENOUGH and abs(n - expected) > SURE * math.sqrt(expected):
            return n / seconds - arrivals
    return 0.0


def patience_s(abandoned: int, waited_ms: int) -> float | None:
    """Mean patience, if hanging up is as likely at any moment: all time waited by all, by those who hung up.

    >>> patience_s(5, 600_000), patience_s(0, 600_000)
    (120.0, None)
    """
    return waited_ms / 1000 / abandoned if abandoned and waited_ms else None


def season(usual: dict[int, float | None], since_ms: int, now_ms: int, until_ms: int, step_ms: int) -> float:
    """How many times as much usually comes from now until `until` as came since `since`, by the time of day.

    `usual`: start of a half-hour (ms) -> what usually comes in it. 1 where that is unknown or too little to say.

    >>> season({0: 30, 1800_000: 60}, 0, 1800_000, 3600_000, 1800_000)
    2.0
    """
    before, after = _expected(usual, since_ms, now_ms, step_ms), _expected(usual, now_ms, until_ms, step_ms)
    if before is None or after is None or before < FEWEST_USUAL:
        return 1.0
    ratio = (after / (until_ms - now_ms)) / (before / (now_ms - since_ms))
    return min(max(ratio, 1 / WORST_RATIO), WORST_RATIO)


def _expected(usual: dict[int, float | None], since_ms: int, until_ms: int, step_ms: int) -> float | None:
    total = 0.0
    for start, n in usual.items():
        overlap = min(start + step_ms, until_ms) - max(start, since_ms)
        if overlap > 0:
            if n is None:
                return None
            total += n * overlap / step_ms
    return total if usual else None
