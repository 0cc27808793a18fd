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


def ratio(numerator: float, denominator: int) -> float | None:
    """A share or a mean; None when there is nothing to divide by, never 0 or 1.

    >>> ratio(1, 4), ratio(0, 0) is None
    (0.25, True)
    """
    return numerator / denominator if denominator > 0 else None


def share(cell: Cell, part: str, whole: str) -> float | None:
    """One measure of another; None when there is nothing to divide by.

    >>> share(_ICMI_DAY, "in_threshold", "answered")
    0.86
    """
    return ratio(cell.get(CODES[part], 0), cell.get(CODES[whole], 0))


def forced_out(cell: Cell) -> int:
    """Segments that the queue, not the customer, ended unanswered: forced flow-outs and time-outs. A count.

    >>> forced_out({FLOW_CODES["full"]: 2, FLOW_CODES["callback"]: 5, CODES["timed_out"]: 1})
    3
    """
    get = cell.get
    return get(_TIMED_OUT, 0) + sum(get(code, 0) for code in _FORCED)


def answered_only(cell: Cell) -> float | None:
    """Answered only: of those who were answered, the share that was answered in time.

    Formula: A<= / A.
    Unit: ratio.
    Leaves out: everyone who was not answered, so it may look best on the worst day.
    Source: ICMI 2, whose author advises against it.
    Elsewhere: Asterisk's first service level, Wazo and Dynamics 365 count so. Where no threshold is set, Asterisk takes
    0 seconds and Dynamics counts everything as in time.

    >>> round(answered_only(_ICMI_DAY) or 0, 4)
    0.86
    """
    return ratio(cell.get(_IN, 0), cell.get(_A, 0))


def abandons_negative(cell: Cell) -> float | None:
    """Abandons negative: every abandon is a miss, however early.

    Formula: A<= / (A + B).
    Unit: ratio.
    Leaves out: flow-outs and time-outs.
    Source: ICMI 3; Cisco "negative".
    Elsewhere: Genesys Cloud comes to this with its switches for abandons and short abandons on.

    >>> round(abandons_negative(_ICMI_DAY) or 0, 4)
    0.8113
    """
    return ratio(cell.get(_IN, 0), cell.get(_A, 0) + cell.get(_B, 0))


def abandons_positive(cell: Cell) -> float | None:
    """Abandons positive: whoever gave up within the threshold counts as served in time.

    Formula: (A<= + B<=) / (A + B).
    Unit: ratio.
    Leaves out: flow-outs and time-outs.
    Source: ICMI 1; Cisco "positive".
    Elsewhere: Asterisk's second service level is this. Amazon Connect takes whatever left the queue within the
    threshold, callbacks too, of all that was queued.

    >>> round(abandons_positive(_ICMI_DAY) or 0, 4)
    0.8302
    """
    return ratio(cell.get(_IN, 0) + cell.get(_B_IN, 0), cell.get(_A, 0) + cell.get(_B, 0))


def early_abandons_excluded(cell: Cell) -> float | None:
    """Early abandons excluded: giving up within the threshold says nothing, later it is a miss.

    Formula: A<= / (A + B - B<=).
    Unit: ratio.
    Leaves out: abandons within the threshold, flow-outs and time-outs.
    Source: ICMI 4; Cisco "ignored".
    Elsewhere: XCALLY and Bright Pattern count so.

    >>> round(early_abandons_excluded(_ICMI_DAY) or 0, 4)
    0.8269
    """
    return ratio(cell.get(_IN, 0), cell.get(_A, 0) + cell.get(_B, 0) - cell.get(_B_IN, 0))


def short_abandons_credited(cell: Cell) -> float | None:
    """Short abandons credited: whoever hung up at once counts as served in time.

    Formula: (A<= + s) / (A + B).
    Unit: ratio.
    Leaves out: flow-outs and time-outs.
    Source: ICMI 5.
    Elsewhere: no product that we have read counts so.

    >>> round(short_abandons_credited(_ICMI_DAY) or 0, 4)
    0.8208
    """
    return ratio(cell.get(_IN, 0) + cell.get(_SHORT, 0), cell.get(_A, 0) + cell.get(_B, 0))


def short_abandons_excluded(cell: Cell) -> float | None:
    """Short abandons excluded: who hung up at once was no customer lost, every other abandon is a miss.

    Formula: A<= / (A + B - s), the default.
    Unit: ratio.
    Leaves out: short abandons, flow-outs and time-outs.
    Source: Talkdesk.
    Elsewhere: Genesys Cloud comes to this with its switch for short abandons off. An abandon exactly at the short
    threshold is short here and for Mitel, and not for Dynamics 365, which shows nothing while no such threshold is set.

    >>> round(short_abandons_excluded(_ICMI_DAY) or 0, 4)
    0.819
    """
    return ratio(cell.get(_IN, 0), cell.get(_A, 0) + cell.get(_B, 0) - cell.get(_SHORT, 0))


def with_flowouts(cell: Cell) -> float | None:
    """With flow-outs: whatever left the queue unanswered is a miss.

    Formula: A<= / (A + B + F).
    Unit: ratio.
    Leaves out: time-outs.
    Source: Genesys Cloud and Vonage, by default.
    Elsewhere: Genesys Cloud has switches for flow-outs, abandons and short abandons, and shows the past by the new
    formula when one is turned. Here all formulas are there at once.

    >>> round(with_flowouts({**_ICMI_DAY, _F: 40}) or 0, 4)
    0.7818
    """
    return ratio(cell.get(_IN, 0), cell.get(_A, 0) + cell.get(_B, 0) + cell.get(_F, 0))


def strict(cell: Cell) -> float | None:
    """Strict: the default, and what the center itself put out of the queue is a miss too.

    Formula: A<= / (A + B - s + forced flow-outs + timed out); forced: timeout, full, no_agents, overflow, other.
    Unit: ratio.
    Leaves out: short abandons and the ways out that customers chose: voicemail, callback, bot, closed.
    Source: ours.
    Elsewhere: Dynamics 365 keeps what the system ended, and overflow, out of its abandons, so that they show nowhere.

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
    """Live service level: the default formula, in which whoever waits past the threshold now is a miss already. A miss
    shows when the threshold is over, not when the wait ends.

    Formula: A<= / (A + B - s + P), P: segments that wait past the threshold now.
    Unit: ratio.
    Leaves out: short abandons, flow-outs and time-outs; those who wait and are still in time.
    Source: Cisco ICM, whose service-level event is the answer, the abandon or the threshold, whichever comes first.
    Elsewhere: Asterisk counts a call when the agent's part ends, Amazon Connect when the contact does: until then a
    miss does not show. AltiGen has a live one of those who wait now alone.

    >>> service_level_live({_A: 8, _IN: 8}, 2), service_level_live({}, 1), service_level_live({}, 0) is None
    (0.8, 0.0, True)
    """
    return ratio(cell.get(_IN, 0), cell.get(_A, 0) + cell.get(_B, 0) - cell.get(_SHORT, 0) + past_threshold)
