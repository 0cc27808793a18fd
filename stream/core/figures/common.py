"""Every figure once: a pure function of a summed cell. Service level, outcomes and quantiles have modules of their own.

Units are in the names; a rate is a ratio in [0, 1]. An empty denominator gives None: no value, never 0 or 1. Sums come
first and divisions last, so a figure of several queues weighs each by its volume.
"""

from __future__ import annotations

from stream.core.figures.service_level import forced_out, ratio, share
from stream.core.measures import CODES, Cell

_C = CODES
_EXAMPLE: Cell = {
    _C["offered"]: 10, _C["answered"]: 8, _C["abandoned"]: 2, _C["short_abandoned"]: 1, _C["wait_ms"]: 96_000,
    _C["handled"]: 8, _C["handle_ms"]: 2_400_000, _C["transferred"]: 2, _C["held"]: 1, _C["first_response"]: 4,
    _C["first_response_in_threshold"]: 3, _C["first_response_ms"]: 240_000, _C["next_response"]: 2,
    _C["next_response_ms"]: 60_000, _C["resolution"]: 2, _C["resolution_ms"]: 7_200_000,
}  # fmt: skip


def _mean_seconds(cell: Cell, total_ms: str, count: str) -> float | None:
    mean = ratio(cell.get(_C[total_ms], 0), cell.get(_C[count], 0))
    return None if mean is None else mean / 1000


def asa_seconds(cell: Cell) -> float | None:
    """Average speed of answer: how long those waited in the queue whom an agent answered, ring included.

    Formula: wait of answered segments / answered segments.
    Unit: seconds.
    Leaves out: the waits that nobody answered, and segments that never entered a queue.
    Source: Amazon Connect, ICMI.
    Elsewhere: Twilio also has one from the task's creation, which every transfer makes longer. Talkdesk takes all
    inbound calls, answered or not. Zendesk Talk stops at the first agent. Asterisk's hold time is a moving average of
    whole seconds.

    >>> asa_seconds(_EXAMPLE)
    12.0
    """
    return _mean_seconds(cell, "wait_ms", "answered")


def aht_seconds(cell: Cell) -> float | None:
    """Average handle time: an agent's work on a segment: talk, hold and wrap-up.

    Formula: (talk + hold + wrap-up) / handled segments; what a source reports as the whole work replaces the sum.
    Unit: seconds.
    Leaves out: ring; on email and social holds, since a parked thread is nobody's work; wrap-up beyond its cap.
    Source: Amazon Connect, Dynamics 365.
    Elsewhere: Genesys Cloud adds dialing and contacting, of outbound work. Amazon Connect has a second one that takes
    in custom states of the agent. Both Connect and Dynamics 365 count each segment, as we do: one interaction may count
    twice.

    >>> aht_seconds(_EXAMPLE)
    300.0
    """
    return _mean_seconds(cell, "handle_ms", "handled")


def abandonment(cell: Cell) -> float | None:
    """Abandonment: the share that gave up waiting, of those who were answered or gave up.

    Formula: (B - s) / (A + B - s).
    Unit: ratio.
    Leaves out: short abandons, flow-outs and time-outs.
    Source: Google CCAI.
    Elsewhere: Genesys Cloud divides by all offered, Amazon Connect by all queued. For Talkdesk, as here, it is an
    abandon to hang up while an agent's phone rings.

    >>> round(abandonment(_EXAMPLE) or 0, 4)
    0.1111
    """
    lost = cell.get(_C["abandoned"], 0) - cell.get(_C["short_abandoned"], 0)
    return ratio(lost, cell.get(_C["answered"], 0) + lost)


def forced_out_rate(cell: Cell) -> float | None:
    """Forced out: the share of the offered that the center, not the customer, put out of the queue unanswered.

    Formula: (forced flow-outs + timed out) / offered; forced: timeout, full, no_agents, overflow, other.
    Unit: ratio.
    Leaves out: the ways out that customers chose or a rule meant for them: voicemail, callback, bot, closed.
    Source: ours: a queue that dumps its callers must not look good.
    Elsewhere: Genesys Cloud has one count of all flow-outs. Wazo tells its ways out apart, in counts.

    >>> forced_out_rate({**_EXAMPLE, _C["timed_out"]: 2})
    0.2
    """
    return ratio(forced_out(cell), cell.get(_C["offered"], 0))


def response_level(cell: Cell) -> float | None:
    """Response level: the share of first responses that came in time: the service level of email and social.

    Formula: first responses within the threshold / first responses.
    Unit: ratio.
    Leaves out: threads without a response, until it comes; replies after the first one. Time counts in business hours
    where the queue has a calendar.
    Source: ours, after the first-response targets of Zendesk and Zammad.
    Elsewhere: Zammad stops the clock while a ticket is pending or closed, and may find it overdue at once when it is
    opened again.

    >>> response_level(_EXAMPLE)
    0.75
    """
    return share(cell, "first_response_in_threshold", "first_response")


def response_level_live(cell: Cell, overdue: int) -> float | None:
    """Live response level: the response level, in which a thread past its threshold is a miss already.

    Formula: first responses within the threshold / (first responses + overdue), overdue: threads past the threshold
    without one now.
    Unit: ratio.
    Leaves out: threads that wait and are still in time; replies after the first one.
    Source: ours, after Cisco ICM's service-level event.
    Elsewhere: Zendesk tells each breach as an event. Zammad warns some 15 minutes before one.

    >>> response_level_live(_EXAMPLE, 1), response_level_live({}, 2), response_level_live({}, 0) is None
    (0.6, 0.0, True)
    """
    responses = cell.get(_C["first_response"], 0)
    return ratio(cell.get(_C["first_response_in_threshold"], 0), responses + overdue)


def transfer_rate(cell: Cell) -> float | None:
    """Transfer rate: the share of handled segments that their agent passed on.

    Formula: handled segments ended by their own transfer / handled segments.
    Unit: ratio.
    Leaves out: consultations after which the agent stays on.
    Source: ours.
    Elsewhere: Talkdesk keeps transfers in counters of their own. Google CCAI has two counts of a queue, with and
    without what was transferred to it.

    >>> transfer_rate(_EXAMPLE)
    0.25
    """
    return share(cell, "transferred", "handled")


def hold_rate(cell: Cell) -> float | None:
    """Hold rate: the share of handled segments in which the customer was on hold.

    Formula: handled segments with at least one hold / handled segments.
    Unit: ratio.
    Leaves out: how often and how long: one hold or five are one segment.
    Source: ours.
    Elsewhere: Amazon Connect gives an average hold of those who were on hold, and a newer one of all. Genesys Cloud
    shows no hold for email.

    >>> hold_rate(_EXAMPLE)
    0.125
    """
    return share(cell, "held", "handled")


def first_response_seconds(cell: Cell) -> float | None:
    """Mean first response: from the start to an agent's first public message ever, elapsed time.

    Formula: elapsed time of first responses / first responses.
    Unit: seconds.
    Leaves out: bots, private notes, outbound threads. The clock starts at the start, a bot's hand-off or a reopening,
    the latest before the reply.
    Source: Zendesk, Chatwoot.
    Elsewhere: Chatwoot credits who wrote the message, not to whom the thread is assigned. Talkdesk calls it the wait of
    digital channels.

    >>> first_response_seconds(_EXAMPLE)
    60.0
    """
    return _mean_seconds(cell, "first_response_ms", "first_response")


def next_response_seconds(cell: Cell) -> float | None:
    """Mean next response: from the oldest unanswered message of the customer to an agent's public reply.

    Formula: elapsed time of next responses / next responses.
    Unit: seconds.
    Leaves out: the first response. Several messages without an answer are one clock; the thread's end stops it.
    Source: Zendesk.
    Elsewhere: users of Chatwoot have found the clock running on after a thread was resolved.

    >>> next_response_seconds(_EXAMPLE)
    30.0
    """
    return _mean_seconds(cell, "next_response_ms", "next_response")


def resolution_seconds(cell: Cell) -> float | None:
    """Mean resolution: from the start, or the latest reopening, to the closing, elapsed time.

    Formula: elapsed time of resolutions / resolutions; each end that closes a thread is one.
    Unit: seconds.
    Leaves out: threads that are still open.
    Source: ours.
    Elsewhere: Chatwoot measures each resolution from the creation. Rasayel counts the latest closing alone. Zendesk's
    requester wait stops while a ticket is pending.

    >>> resolution_seconds(_EXAMPLE)
    3600.0
    """
    return _mean_seconds(cell, "resolution_ms", "resolution")
