"""Every figure once: a pure function of a summed cell. Service level and quantiles have modules of their own.

Units are in the names; a rate is a ratio in [0, 1]. An empty denominator gives None: no value, never 0 or 1. Sums come
first and divisions last, so a figure of several queues weighs each by its volume.
"""

from __future__ import annotations

from stream.core.measures import CODES, Cell
from stream.core.service_level import forced_out, ratio

_C = CODES
_EXAMPLE: Cell = {
    _C["offered"]: 10, _C["answered"]: 8, _C["in_threshold"]: 6, _C["abandoned"]: 2, _C["short_abandoned"]: 1,
    _C["wait_ms"]: 96_000, _C["handled"]: 8, _C["handle_ms"]: 2_400_000, _C["transferred"]: 2, _C["held"]: 1,
    _C["ended"]: 10, _C["reopened"]: 1, _C["first_response"]: 4, _C["first_response_in_threshold"]: 3,
    _C["first_response_ms"]: 240_000, _C["next_response"]: 2, _C["next_response_ms"]: 60_000, _C["resolution"]: 2,
    _C["resolution_ms"]: 7_200_000, _C["first_contacts"]: 5, _C["resolved_contacts"]: 4, _C["repeated_contacts"]: 1,
    _C["resolved_known"]: 8, _C["resolved"]: 6, _C["bot_interactions"]: 5, _C["bot_contained"]: 2,
    _C["identified"]: 20, _C["repeats"]: 3,
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


def response_level_live(cell: Cell, overdue: int) -> float | None:
    """First responses within the threshold / (first responses + threads past it without one now). A ratio.

    `overdue`: threads whose first response is outstanding past its threshold: a miss shows when it is one, not when the
    reply comes. Leaves out next responses. Business time where the queue has a calendar. Source: ours, after Cisco ICM.

    >>> response_level_live(_EXAMPLE, 1), response_level_live({}, 2), response_level_live({}, 0) is None
    (0.6, 0.0, True)
    """
    responses = cell.get(_C["first_response"], 0)
    return ratio(cell.get(_C["first_response_in_threshold"], 0), responses + overdue)


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


def resolution_rate(cell: Cell) -> float | None:
    """Closings that said `resolved` true / closings that said whether the matter was resolved.

    Leaves out closings that said nothing. Source: Salesforce, Dynamics 365.

    >>> resolution_rate(_EXAMPLE)
    0.75
    """
    return _share(cell, "resolved", "resolved_known")


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


def containment(cell: Cell) -> float | None:
    """Ended by a bot, no agent's segment, no other interaction of the customer in 24 h / interactions that met a bot.

    Leaves out interactions without a customer, `bot_unidentified`: nobody can say whether they came back. Source:
    Google CCAI.

    >>> containment(_EXAMPLE)
    0.4
    """
    return _share(cell, "bot_contained", "bot_interactions")


def repeat_inflow(cell: Cell) -> float | None:
    """Inbound interactions that are repeats / inbound with a customer, at their start: the live sister of FCR.

    Leaves out interactions without a customer. Source: ours, after SQM.

    >>> repeat_inflow(_EXAMPLE)
    0.15
    """
    return _share(cell, "repeats", "identified")
