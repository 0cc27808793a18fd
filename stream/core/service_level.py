"""Service level, in all its variants: one queue, one day, up to five points apart by choice of formula.

Let A be answered, A<= answered within the threshold, B abandoned, B<= abandoned within the threshold, s
short-abandoned, F flowed out. Boundary: a wait equal to the threshold is in it. Each is a ratio in [0, 1], None when
nothing counts. Sources: ICMI (B. Cleveland, "Call Center Management on Fast Forward") for the first five, whose worked
day is the doctest of each (A 1000, A<= 860, B 60, B<= 20, s 10); vendors where named.
"""

from __future__ import annotations

from collections.abc import Callable

from schemas.events import FLOW_OUTCOMES
from stream.core.measures import CODES, FLOW_CODES, Cell

DEFAULT_VARIANT = "short_abandons_excluded"
FORCED_OUTCOMES = ("timeout", "full", "no_agents", "overflow", "other")

_A, _IN, _B = CODES["answered"], CODES["in_threshold"], CODES["abandoned"]
_B_IN, _SHORT = CODES["abandoned_in_threshold"], CODES["short_abandoned"]
_F, _TIMED_OUT = CODES["flowed_out"], CODES["timed_out"]
_FORCED = tuple(FLOW_CODES[outcome] for outcome in FLOW_OUTCOMES if outcome in FORCED_OUTCOMES)

_ICMI_DAY: Cell = {_A: 1000, _IN: 860, _B: 60, _B_IN: 20, _SHORT: 10}


def ratio(numerator: int, denominator: int) -> float | None:
    """A share or a mean; None when there is nothing to divide by, never 0 or 1.

    >>> ratio(1, 4), ratio(0, 0) is None
    (0.25, True)
    """
    return numerator / denominator if denominator > 0 else None


def forced_out(cell: Cell) -> int:
    """Segments that the queue, not the customer, ended unanswered: forced flow-outs and time-outs. A count.

    >>> forced_out({FLOW_CODES["full"]: 2, FLOW_CODES["callback"]: 5, CODES["timed_out"]: 1})
    3
    """
    get = cell.get
    return get(_TIMED_OUT, 0) + sum(get(code, 0) for code in _FORCED)


def answered_only(cell: Cell) -> float | None:
    """A<= / A. Leaves out everyone who was not answered. Source: ICMI 2; Asterisk, Dynamics.

    >>> round(answered_only(_ICMI_DAY) or 0, 4)
    0.86
    """
    return ratio(cell.get(_IN, 0), cell.get(_A, 0))


def abandons_negative(cell: Cell) -> float | None:
    """A<= / (A + B). Every abandon is a miss. Leaves out flow-outs. Source: ICMI 3; Cisco "negative".

    >>> round(abandons_negative(_ICMI_DAY) or 0, 4)
    0.8113
    """
    return ratio(cell.get(_IN, 0), cell.get(_A, 0) + cell.get(_B, 0))


def abandons_positive(cell: Cell) -> float | None:
    """(A<= + B<=) / (A + B). An abandon within the threshold is a success. Source: ICMI 1; Cisco "positive".

    >>> round(abandons_positive(_ICMI_DAY) or 0, 4)
    0.8302
    """
    return ratio(cell.get(_IN, 0) + cell.get(_B_IN, 0), cell.get(_A, 0) + cell.get(_B, 0))


def early_abandons_excluded(cell: Cell) -> float | None:
    """A<= / (A + B - B<=). Leaves out abandons within the threshold. Source: ICMI 4; Cisco "ignored".

    >>> round(early_abandons_excluded(_ICMI_DAY) or 0, 4)
    0.8269
    """
    return ratio(cell.get(_IN, 0), cell.get(_A, 0) + cell.get(_B, 0) - cell.get(_B_IN, 0))


def short_abandons_credited(cell: Cell) -> float | None:
    """(A<= + s) / (A + B). A short abandon is a success. Leaves out flow-outs. Source: ICMI 5.

    >>> round(short_abandons_credited(_ICMI_DAY) or 0, 4)
    0.8208
    """
    return ratio(cell.get(_IN, 0) + cell.get(_SHORT, 0), cell.get(_A, 0) + cell.get(_B, 0))


def short_abandons_excluded(cell: Cell) -> float | None:
    """A<= / (A + B - s), the default. Leaves out short abandons and flow-outs. Source: Talkdesk; Genesys Cloud.

    >>> round(short_abandons_excluded(_ICMI_DAY) or 0, 4)
    0.819
    """
    return ratio(cell.get(_IN, 0), cell.get(_A, 0) + cell.get(_B, 0) - cell.get(_SHORT, 0))


def with_flowouts(cell: Cell) -> float | None:
    """A<= / (A + B + F). Whatever left the queue unanswered is a miss. Source: Genesys, Vonage defaults.

    >>> round(with_flowouts({**_ICMI_DAY, _F: 40}) or 0, 4)
    0.7818
    """
    return ratio(cell.get(_IN, 0), cell.get(_A, 0) + cell.get(_B, 0) + cell.get(_F, 0))


def strict(cell: Cell) -> float | None:
    """A<= / (A + B - s + forced flow-outs + timed out). Leaves out short abandons and chosen ways out. Source: ours.

    >>> round(strict({**_ICMI_DAY, FLOW_CODES["full"]: 10, FLOW_CODES["callback"]: 90}) or 0, 4)
    0.8113
    """
    return ratio(cell.get(_IN, 0), cell.get(_A, 0) + cell.get(_B, 0) - cell.get(_SHORT, 0) + forced_out(cell))


VARIANTS: dict[str, Callable[[Cell], float | None]] = {
    formula.__name__: formula
    for formula in (
        answered_only, abandons_negative, abandons_positive, early_abandons_excluded, short_abandons_credited,
        short_abandons_excluded, with_flowouts, strict,
    )
}  # fmt: skip


def service_level_live(cell: Cell, past_threshold: int) -> float | None:
    """A<= / (A + B - s + P), P: segments that wait past the threshold now: a miss shows at second T. A ratio.

    Leaves out what the default variant leaves out. Source: Cisco ICM, "service level event" at the threshold.

    >>> service_level_live({_A: 8, _IN: 8}, 2), service_level_live({}, 1), service_level_live({}, 0) is None
    (0.8, 0.0, True)
    """
    return ratio(cell.get(_IN, 0), cell.get(_A, 0) + cell.get(_B, 0) - cell.get(_SHORT, 0) + past_threshold)
