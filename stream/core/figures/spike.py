"""When is a half-hour's count more than chance? Arrivals vary as a Poisson process does: by the root of their mean."""

from __future__ import annotations

from math import sqrt


def is_spike(n: int, usual: float | None, deviations: float, least: int) -> bool:
    """Whether n is more than usual by so many standard deviations, and no fewer than `least`.

    Nothing is a spike while the usual is not known: in the first week.

    >>> is_spike(28, 16.0, 3, 10), is_spike(29, 16.0, 3, 10), is_spike(9, 0.0, 3, 10), is_spike(99, None, 3, 10)
    (False, True, False, False)
    """
    return usual is not None and n >= least and n > usual + deviations * sqrt(usual)
