"""Figures of agents' time: pure functions of the times of levels (ms) in a window. An empty denominator gives None."""

from __future__ import annotations

from collections.abc import Mapping

from stream.core.figures.service_level import ratio

_EXAMPLE = {"sessions": 27_500_000, "engaged": 23_400_000, "idle": 1_600_000}


def occupancy(times: Mapping[str, int]) -> float | None:
    """Occupancy: the share of their working time in which agents had work.

    Engaged is an agent with at least one open session, from the answer to the end of the wrap-up or its cap. Time is
    split at the window's edges, so half a call in the window is half a call. On one channel: available are those who
    have slots on it; over all: those who have slots on any live one.

    Formula: engaged time / (engaged time + available time).
    Unit: ratio.
    Leaves out: ringing, which is neither; email and social; time not ready or unknown without work.
    Source: Amazon Connect.
    Elsewhere: Amazon Connect takes an agent in an error state as idle. There, as here, one chat occupies an agent as
    much as three do: how many there are at once is the concurrency.

    >>> occupancy(_EXAMPLE)
    0.936
    """
    return ratio(times.get("engaged", 0), times.get("engaged", 0) + times.get("idle", 0))


def concurrency(times: Mapping[str, int]) -> float | None:
    """Concurrency: how many sessions an agent who has any has at once.

    A session lasts from the answer to the end of the wrap-up or its cap. Giving each of n open sessions 1/n of every
    instant adds up to the engaged time.

    Formula: time of all sessions / time with at least one session.
    Unit: ratio, 1 or more.
    Leaves out: ringing; email and social.
    Source: the usual recipe of workforce planners for chats.
    Elsewhere: a competing recipe divides the time with any chat by the number of chats, and the result by the
    concurrency: it divides twice.

    >>> concurrency(_EXAMPLE)
    1.1752136752136753
    """
    return ratio(times.get("sessions", 0), times.get("engaged", 0))
