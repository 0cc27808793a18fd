"""Every figure once: a pure function of a summed cell. Service level has a module of its own.

Units are in the names; a rate is a ratio in [0, 1]. An empty denominator gives None: no value, never 0 or 1. Sums come
first and divisions last, so a figure of several queues weighs each by its volume.
"""

from __future__ import annotations

from stream.core.measures import CODES, HANDLE_BINS, RESPONSE_BINS, WAIT_BINS, Cell
from stream.core.service_level import forced_out, ratio
from stream.core.sketch import quantile

QUANTILES = {"p50": 0.5, "p90": 0.9, "p95": 0.95, "p99": 0.99}
_BINS = 1000

_C = CODES
_EXAMPLE: Cell = {
    _C["offered"]: 10, _C["answered"]: 8, _C["in_threshold"]: 6, _C["abandoned"]: 2, _C["short_abandoned"]: 1,
    _C["wait_ms"]: 96_000, _C["handled"]: 8, _C["handle_ms"]: 2_400_000, _C["transferred"]: 2, _C["held"]: 1,
    _C["ended"]: 10, _C["reopened"]: 1, _C["first_response"]: 4, _C["first_response_in_threshold"]: 3,
    _C["first_response_ms"]: 240_000, _C["next_response"]: 2, _C["next_response_ms"]: 60_000, _C["resolution"]: 2,
    _C["resolution_ms"]: 7_200_000, _C["first_contacts"]: 5, _C["resolved_contacts"]: 4, _C["repeated_contacts"]: 1,
}  # fmt: skip


def _mean_seconds(cell: Cell, total_ms: str, count: str) -> float | None:
    mean = ratio(cell.get(_C[total_ms], 0), cell.get(_C[count], 0))
    return None if mean is None else mean / 1000


def _share(cell: Cell, part: str, whole: str) -> float | None:
    return ratio(cell.get(_C[part], 0), cell.get(_C[whole], 0))


def asa_seconds(cell: Cell) -> float | None:
    """Average speed of answer: wait of answered segments / answered. Seconds; ring included.

    Leaves out the waits that nobody answered and segments that never entered a queue. Source: Amazon Connect, ICMI.

    >>> asa_seconds(_EXAMPLE)
    12.0
    """
    return _mean_seconds(cell, "wait_ms", "answered")


def aht_seconds(cell: Cell) -> float | None:
    """Average handle time: (talk + hold + wrap-up) / handled segments. Seconds; each at the end of the agent's part.

    Leaves out ring, and holds on email and social (a parked thread is nobody's work). Source: Amazon Connect, Genesys.

    >>> aht_seconds(_EXAMPLE)
    300.0
    """
    return _mean_seconds(cell, "handle_ms", "handled")


def abandonment(cell: Cell) -> float | None:
    """(B - s) / (A + B - s): abandoned without the short ones, of those and the answered.

    Leaves out short abandons, flow-outs and time-outs. Source: Google CCAI, ICMI.

    >>> round(abandonment(_EXAMPLE) or 0, 4)
    0.1111
    """
    lost = cell.get(_C["abandoned"], 0) - cell.get(_C["short_abandoned"], 0)
    return ratio(lost, cell.get(_C["answered"], 0) + lost)


def forced_out_rate(cell: Cell) -> float | None:
    """(Forced flow-outs + timed out) / offered: a queue that dumps its callers does not look good.

    Leaves out chosen ways out: voicemail, callback, bot, closed. Source: ours.

    >>> forced_out_rate({**_EXAMPLE, _C["timed_out"]: 2})
    0.2
    """
    return ratio(forced_out(cell), cell.get(_C["offered"], 0))


def response_level(cell: Cell) -> float | None:
    """First responses within the threshold / first responses: the service level of email and social.

    Leaves out threads without a response. Business time where the queue has a calendar. Source: ours, after Zendesk.

    >>> response_level(_EXAMPLE)
    0.75
    """
    return _share(cell, "first_response_in_threshold", "first_response")


def transfer_rate(cell: Cell) -> float | None:
    """Handled segments that ended by their own transfer / handled. Source: Genesys.

    >>> transfer_rate(_EXAMPLE)
    0.25
    """
    return _share(cell, "transferred", "handled")


def hold_rate(cell: Cell) -> float | None:
    """Handled segments with at least one hold / handled. Source: Amazon Connect.

    >>> hold_rate(_EXAMPLE)
    0.125
    """
    return _share(cell, "held", "handled")


def reopen_rate(cell: Cell) -> float | None:
    """Reopenings of closed interactions / closings, each when it happens. Source: Zendesk.

    >>> reopen_rate(_EXAMPLE)
    0.1
    """
    return _share(cell, "reopened", "ended")


def first_response_seconds(cell: Cell) -> float | None:
    """Mean elapsed time to an agent's first public message ever. Leaves out bots and private notes. Source: Zendesk.

    >>> first_response_seconds(_EXAMPLE)
    60.0
    """
    return _mean_seconds(cell, "first_response_ms", "first_response")


def next_response_seconds(cell: Cell) -> float | None:
    """Mean elapsed time from the oldest unanswered customer message to an agent's reply. Source: Intercom.

    >>> next_response_seconds(_EXAMPLE)
    30.0
    """
    return _mean_seconds(cell, "next_response_ms", "next_response")


def resolution_seconds(cell: Cell) -> float | None:
    """Mean elapsed time from the start, or the latest reopening, to each closing. Source: Zendesk.

    >>> resolution_seconds(_EXAMPLE)
    3600.0
    """
    return _mean_seconds(cell, "resolution_ms", "resolution")


def fcr_ratio(cell: Cell) -> float | None:
    """First-contact resolution: first contacts resolved without a repeat on any channel / first contacts.

    Counted in the first contact's channel and period. Leaves out interactions without a customer. Source: SQM.

    >>> fcr_ratio(_EXAMPLE)
    0.8
    """
    return _share(cell, "resolved_contacts", "first_contacts")


def repeat_rate(cell: Cell) -> float | None:
    """First contacts with at least one repeat or reopening in the repeat window / first contacts. Source: SQM.

    >>> repeat_rate(_EXAMPLE)
    0.2
    """
    return _share(cell, "repeated_contacts", "first_contacts")


def quantile_seconds(cell: Cell, base: int) -> dict[str, float | None]:
    """Nearest-rank p50, p90, p95, p99 in seconds of the sketch at `base`, within 2 %. Source: DDSketch.

    >>> from stream.core.sketch import bin_of
    >>> found = quantile_seconds({WAIT_BINS + bin_of(0): 9, WAIT_BINS + bin_of(60_000): 1}, WAIT_BINS)
    >>> found["p90"], abs((found["p95"] or 0) - 60) < 1.2
    (0.0, True)
    """
    bins = {code - base: n for code, n in cell.items() if base <= code < base + _BINS}
    found = {name: quantile(bins, q) for name, q in QUANTILES.items()}
    return {name: None if value is None else value / 1000 for name, value in found.items()}


def wait_quantile_seconds(cell: Cell) -> dict[str, float | None]:
    """Quantiles of the waits of answered segments, in seconds. Leaves out the waits that nobody answered.

    >>> wait_quantile_seconds({})["p50"] is None
    True
    """
    return quantile_seconds(cell, WAIT_BINS)


def handle_quantile_seconds(cell: Cell) -> dict[str, float | None]:
    """Quantiles of the handle times of handled segments, in seconds.

    >>> handle_quantile_seconds({HANDLE_BINS: 1})["p99"]
    0.0
    """
    return quantile_seconds(cell, HANDLE_BINS)


def first_response_quantile_seconds(cell: Cell) -> dict[str, float | None]:
    """Quantiles of the elapsed first responses, in seconds.

    >>> first_response_quantile_seconds({RESPONSE_BINS: 1})["p50"]
    0.0
    """
    return quantile_seconds(cell, RESPONSE_BINS)
