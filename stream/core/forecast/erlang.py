"""Queues in the long run: random arrivals, random work, agents, and callers who hang up at random (Erlang A).

`arrivals`: a second. `work_s`: mean of an interaction, in seconds. `agents` may be a fraction: what lies between two
whole numbers is drawn as a straight line. `patience_s`: mean time after which a caller hangs up, None: never
(Erlang C), and then a queue with more work than agents never ends.

Source: C. Palm, 1943, for impatient callers; A. K. Erlang, 1917, for patient ones. The sums over the Beta distribution
follow from a waiting time being a sum of exponential steps whose rates rise by one patience each.
"""

from __future__ import annotations

import math
from typing import NamedTuple

MOST_AGENTS = 5000
MOST_PATIENT_S = 4 * 3600.0
"""Where there is more work than agents: whoever is more patient waits for as good as ever, and for as many sums."""
_NEGLIGIBLE, _LARGE = 1e-12, 1e100


class Outlook(NamedTuple):
    """`service_level`: share of all callers who are answered in time; `wait_s`: mean wait of the answered, None: never
    answered; `abandoned`: share who hang up.
    """

    service_level: float
    wait_s: float | None
    abandoned: float


_LOST = Outlook(0.0, None, 1.0)


def outlook(arrivals: float, work_s: float, agents: float, threshold_s: float, patience_s: float | None) -> Outlook:
    """What callers meet with in the long run. Raises ValueError for numbers that are none of a queue.

    >>> calm = outlook(100 / 1800, 180, 14, 20, None)
    >>> round(calm.service_level, 3), round(calm.wait_s, 1)
    (0.888, 7.8)
    """
    if not (arrivals >= 0 and work_s > 0 and 0 <= agents <= MOST_AGENTS and threshold_s >= 0):
        raise ValueError(f"no queue: {arrivals} arrivals a second, work of {work_s} s, {agents} agents")
    if patience_s is not None and patience_s <= 0:
        raise ValueError(f"patience: {patience_s} s; callers without a limit have None")
    lower = math.floor(agents)
    found = _whole(arrivals, work_s, lower, threshold_s, patience_s)
    share = agents - lower
    return found if share == 0 else _between(found, _whole(arrivals, work_s, lower + 1, threshold_s, patience_s), share)


def agents_needed(arrivals: float, work_s: float, threshold_s: float, patience_s: float | None, target: float) -> int:
    """The fewest agents with whom the service level reaches the target. Raises ValueError beyond `MOST_AGENTS`, and for
    a target that no number reaches: that all are answered in time.

    >>> agents_needed(100 / 1800, 180, 20, None, 0.8), agents_needed(0, 180, 20, None, 0.8)
    (14, 0)
    """
    if target >= 1 and arrivals > 0:
        raise ValueError("no number of agents answers all in time")
    few = max(math.floor(target * arrivals * work_s) - 1, -1)  # so few cannot answer that many at all
    many, further = few + 1, 1
    while many > MOST_AGENTS or _whole(arrivals, work_s, many, threshold_s, patience_s).service_level < target:
        if many >= MOST_AGENTS:
            raise ValueError(f"more than {MOST_AGENTS} agents are needed for {arrivals * work_s:.0f} erlangs")
        few, many, further = many, min(many + further, MOST_AGENTS), further * 2
    while many - few > 1:
        middle = (few + many) // 2
        if _whole(arrivals, work_s, middle, threshold_s, patience_s).service_level < target:
            few = middle
        else:
            many = middle
    return many


def _between(lower: Outlook, upper: Outlook, share: float) -> Outlook:
    if upper.wait_s is None:
        return lower
    level = lower.service_level + share * (upper.service_level - lower.service_level)
    wait = upper.wait_s if lower.wait_s is None else lower.wait_s + share * (upper.wait_s - lower.wait_s)
    return Outlook(level, wait, lower.abandoned + share * (upper.abandoned - lower.abandoned))


def _whole(arrivals: float, work_s: float, agents: int, threshold_s: float, patience_s: float | None) -> Outlook:
    if arrivals == 0:
        return Outlook(1.0, 0.0, 0.0)
    if agents == 0:
        return _LOST
    if patience_s is None:
        return _patient(arrivals * work_s, work_s, agents, threshold_s)
    return _impatient(arrivals, work_s, agents, threshold_s, patience_s)


def _all_busy(erlangs: float, agents: int) -> float:
    """Erlang B: the share of callers who would meet no free agent if nobody could wait."""
    blocked = 1.0
    for n in range(1, agents + 1):
        blocked = erlangs * blocked / (n + erlangs * blocked)
    return blocked


def _patient(erlangs: float, work_s: float, agents: int, threshold_s: float) -> Outlook:
    if erlangs >= agents:
        return Outlook(0.0, None, 0.0)
    blocked = _all_busy(erlangs, agents)
    waits = agents * blocked / (agents - erlangs * (1 - blocked))
    spare = agents - erlangs
    return Outlook(1 - waits * math.exp(-spare * threshold_s / work_s), waits * work_s / spare, 0.0)


def _impatient(arrivals: float, work_s: float, agents: int, threshold_s: float, patience_s: float) -> Outlook:
    """Sums over `ahead`, how many stand in the queue when a caller comes.

    The wait that the caller would have is a sum of exponential steps; e to the minus that wait over the patience is
    Beta(c, ahead + 1) with c = agents x patience / work, so that the share who stay until then, and stay no longer than
    the threshold, are values of the Beta distribution, each got from the one before.
    """
    if arrivals * work_s > agents:
        patience_s = min(patience_s, MOST_PATIENT_S)
    c = agents * patience_s / work_s
    log_cut = -threshold_s / patience_s
    log_above = math.log(-math.expm1(log_cut)) if log_cut else -math.inf
    log_term, below = (c + 1) * log_cut, math.exp((c + 1) * log_cut)
    weight = queued = _all_busy(arrivals * work_s, agents)
    free = 1 - weight
    served = in_time = waited = harmonic = 0.0
    ahead = 0
    while weight > _NEGLIGIBLE * (free + queued) or ahead < arrivals * patience_s - c:
        stays = c / (c + ahead + 1)
        harmonic += 1 / (c + 1 + ahead)
        served += weight * stays
        in_time += weight * stays * (1 - below)
        waited += weight * stays * harmonic * patience_s
        log_term += log_above + math.log((c + 1 + ahead) / (ahead + 1))
        below = min(below + math.exp(log_term), 1.0)
        ahead += 1
        weight *= arrivals / (agents / work_s + ahead / patience_s)
        queued += weight
        if queued > _LARGE:
            weight, queued, free, served, in_time, waited = (
                each / _LARGE for each in (weight, queued, free, served, in_time, waited)
            )
    answered = free + served
    every = free + queued
    return Outlook((free + in_time) / every, waited / answered, 1 - answered / every)
