"""What a cell counts: small integer codes, so that cells merge by addition and subtract by the difference.

A *cell* is a sparse map code -> integer of one (ring, bucket, scope); absent means 0. Everything a cell holds adds up.
Wire keys of the API are the names here. Codes are stored: never renumber, only append.
"""

from __future__ import annotations

from schemas.events import DECLINE_RESULTS, FLOW_OUTCOMES

Cell = dict[int, int]

NAMES: tuple[str, ...] = (
    "",  # 0 is not used
    "offered", "answered", "in_threshold", "abandoned", "short_abandoned", "abandoned_in_threshold", "flowed_out",
    "timed_out", "timed_out_connected", "wait_ms", "handled", "talk_ms", "hold_ms", "wrap_up_ms", "handle_ms",
    "transferred", "held", "declined", "ended", "reopened", "closed_unanswered",
    "first_response", "first_response_in_threshold", "first_response_ms", "first_response_business_ms",
    "next_response", "next_response_ms", "next_response_business_ms",
    "resolution", "resolution_ms", "resolution_business_ms",
    # of interactions, not segments: scope without a queue
    "interactions_offered", "interactions_answered", "interactions_lost",
    # of issues (FCR): scope without a queue
    "first_contacts", "resolved_contacts", "repeated_contacts", "unidentified",
    "flow_wait_ms", "abandon_wait_ms",
    # of interactions: scope of the channel
    "interactions_started", "bot_interactions", "bot_contained", "bot_unidentified",
    # inbound with a customer, and those of them that are repeats: at their start, scope of the channel
    "identified", "repeats",
    # closings that said whether the matter was resolved, and those that said yes: scope of the queue, of the agent
    "resolved_known", "resolved",
    # agents' time, as levels: changes of a level, and Σ change · instant (ms); see `levels`
    "sessions", "sessions_moment", "engaged", "engaged_moment", "idle", "idle_moment",
    "staffed", "staffed_moment", "not_ready", "not_ready_moment",
    # what customers tell: scope of the channel, else of all; surveys also beside it, of the queue and of the agent
    "nps_answers", "nps_promoters", "nps_detractors", "csat_answers", "csat_satisfied", "csat_sum", "csat_squares",
    "ces_answers", "ces_sum", "ces_squares", "complaints", "public_complaints",
    "reviews", "reviews_sum", "reviews_squares", "bad_reviews",
    # of customers: scope of all channels. `members`, `buyers`, `repeat_buyers`: changes of a level
    "members", "customers_joined", "customers_left", "left_early", "orders", "orders_returned", "order_amount",
    "buyers", "repeat_buyers",
    # repeats by the queue of the contact that did not resolve the matter; then journeys: how often
    "repeats_caused", "touches", "transitions", "frictions", "touches_waited", "journeys", "journeys_broken",
    # of a window, found by its reader: members at its start, at its end, and all the way
    "customers_at_start", "customers_at_end", "customers_kept",
)  # fmt: skip
CODES: dict[str, int] = {name: code for code, name in enumerate(NAMES) if name}

FLOWED_OUT_BY = 512  # + position in FLOW_OUTCOMES
DECLINED_BY = 528  # + position in DECLINE_RESULTS; DECLINED_BY + 15: no result was told
DECLINED_UNTOLD = DECLINED_BY + 15
WAIT_BINS = 1000  # + sketch bin: waits of answered segments
HANDLE_BINS = 2000  # + sketch bin: handle of handled segments
RESPONSE_BINS = 3000  # + sketch bin: elapsed first responses
TOUCHED_AS = 544  # + position in TOUCH_OUTCOMES
GAP_BINS = 5000  # + sketch bin: gaps between touchpoints
WAIT_BOUNDS = 4000  # + position in the histogram's bounds (classic buckets), same population as WAIT_BINS
HANDLE_BOUNDS = 4100
JOINED_IN = 10**10
"""+ the number, since 1970, of the ten seconds in which a customer who now leaves had joined: who joins and leaves in
one window is none of those that it began with."""

LEVELS = ("sessions", "engaged", "idle", "staffed", "not_ready")
"""Levels of agents' time. `sessions`: open segments and wrap-ups; `engaged`: agents with at least one; `idle`: agents
available on a live channel and neither engaged nor ringing; `staffed`: logged in and heard of; `not_ready`: so, and
neither engaged nor ringing. A level's time in a window is an integral of its changes (`level` + `_moment`), so cells
still only add."""

FLOW_CODES: dict[str, int] = {outcome: FLOWED_OUT_BY + i for i, outcome in enumerate(FLOW_OUTCOMES)}
DECLINE_CODES: dict[str | None, int] = {
    None: DECLINED_UNTOLD,
    **{result: DECLINED_BY + i for i, result in enumerate(DECLINE_RESULTS)},
}

TOUCH_OUTCOMES = (
    "other", "untold", "open", "answered", "abandoned", "flowed_out", "contained", "unanswered", "bought", "returned",
    "completed", "failed", "cancelled", "late", "paid", "unpaid",
)  # fmt: skip
"""How a touchpoint ended: an interaction (`open`: not yet), an order, and the words of `customer.touched` that are told
apart; all others are `other`."""
TOUCH_CODES: dict[str, int] = {outcome: TOUCHED_AS + i for i, outcome in enumerate(TOUCH_OUTCOMES)}


def is_bin(code: int) -> bool:
    """Whether a code is a sketch bin: of these no totals are kept.

    >>> is_bin(CODES["handled"]), is_bin(HANDLE_BINS + 7), is_bin(HANDLE_BOUNDS + 7), is_bin(GAP_BINS)
    (False, True, False, True)
    """
    return code >= WAIT_BINS and (code < WAIT_BOUNDS or code >= GAP_BINS)


def add(into: Cell, other: Cell, sign: int = 1) -> None:
    """Add `other` (times `sign`) into `into`; what becomes 0 disappears.

    >>> cell = {1: 2, 3: 1}; add(cell, {1: 1, 3: 1}, -1); cell
    {1: 1}
    """
    get = into.get
    for code, n in other.items():
        value = get(code, 0) + n * sign
        if value:
            into[code] = value
        else:
            into.pop(code, None)
